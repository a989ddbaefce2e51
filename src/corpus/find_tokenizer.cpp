#include "cram/corpus/find_tokenizer.h"

#include <nlohmann/json.hpp>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"
#include "cram/corpus/manifest.h"

#include "identity.h"

namespace cram::corpus {
namespace {

namespace fs = std::filesystem;
using TokenizerPtr = std::shared_ptr<const tokenizer::Tokenizer>;

// Of a folder that holds no tokenizer that can be used, nothing is known.
TokenizerPtr try_load(const fs::path& folder) {
  try {
    return tokenizer::load_tokenizer(folder, {});
  } catch (const Error&) {
    return nullptr;
  }
}

std::string fingerprint_of(const fs::path& corpus_folder) {
  const auto made_from = nlohmann::json::parse(Manifest::read(corpus_folder).made_from);
  return made_from.value("tokenizer", "");
}

}  // namespace

bool is_packed_with(const fs::path& corpus_folder, const tokenizer::Tokenizer& tokenizer) {
  return fingerprint_of(corpus_folder) == hex64(tokenizer.fingerprint());
}

TokenizerPtr find_tokenizer(const fs::path& corpus_folder) {
  const std::string fingerprint = fingerprint_of(corpus_folder);
  std::error_code ignored;
  const fs::path cache = fs::canonical(corpus_folder, ignored).parent_path();
  for (const fs::directory_entry& item : fs::directory_iterator(cache, ignored)) {
    if (!item.path().filename().string().starts_with(kTokenizerPrefix)) continue;
    const TokenizerPtr tokenizer = try_load(item.path());
    if (tokenizer && hex64(tokenizer->fingerprint()) == fingerprint) return tokenizer;
  }
  return nullptr;
}

}  // namespace cram::corpus
