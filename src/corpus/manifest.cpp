#include "cram/corpus/manifest.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"

namespace cram::corpus {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "cram corpus";
constexpr int kVersion = 2;
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 28;

json split_to_json(const SplitSummary& split) {
  return {{"documents", split.documents}, {"sequences", split.sequences}, {"shards", split.shards}};
}

json text_to_json(const TextSummary& text) {
  return {{"bytes", text.bytes},
          {"tokens", text.tokens},
          {"unknown_tokens", text.unknown_tokens},
          {"empty_documents", text.empty_documents},
          {"cleaned_documents", text.cleaned_documents},
          {"short_records", text.short_records},
          {"good_records", text.good_records},
          {"bad_records", text.bad_records},
          {"bad_summary", text.bad_summary}};
}

// The keys of an object are sorted, so equal content gives equal text.
std::string checksum_of(const json& content) {
  return hex64(hash64(content.dump(-1, ' ', false, json::error_handler_t::replace)));
}

std::int64_t count_at(const json& object, const char* name) {
  const auto value = object.at(name).get<std::int64_t>();
  if (value < 0) throw std::domain_error(std::string(name) + " is negative");
  return value;
}

SplitSummary split_from_json(const json& object) {
  SplitSummary split;
  split.documents = count_at(object, "documents");
  split.sequences = count_at(object, "sequences");
  split.shards = object.at("shards").get<std::vector<std::int64_t>>();
  std::int64_t rest = split.sequences;
  for (const std::int64_t sequences : split.shards) {
    if (sequences < 1 || sequences > rest) throw std::domain_error("shards do not add up");
    rest -= sequences;
  }
  if (rest != 0 || split.shards.empty()) throw std::domain_error("shards do not add up");
  return split;
}

TextSummary text_from_json(const json& object) {
  return {.bytes = count_at(object, "bytes"),
          .tokens = count_at(object, "tokens"),
          .unknown_tokens = count_at(object, "unknown_tokens"),
          .empty_documents = count_at(object, "empty_documents"),
          .cleaned_documents = count_at(object, "cleaned_documents"),
          .short_records = count_at(object, "short_records"),
          .good_records = count_at(object, "good_records"),
          .bad_records = count_at(object, "bad_records"),
          .bad_summary = object.at("bad_summary").get<std::string>()};
}

std::vector<std::int64_t> file_starts_from_json(const json& list, std::int64_t sequences) {
  auto starts = list.get<std::vector<std::int64_t>>();
  const bool ascending = std::is_sorted(starts.begin(), starts.end());
  if (!ascending || starts.empty() || starts.front() != 0 || starts.back() > sequences) {
    throw std::domain_error("the files do not follow one another");
  }
  return starts;
}

Manifest from_json(json content) {
  if (content.at("format") != kFormat) throw std::domain_error("not a corpus");
  if (content.at("version") != kVersion) {
    throw std::domain_error("version " + content.at("version").dump() + ", this cram reads " +
                            std::to_string(kVersion));
  }
  const auto checksum = content.at("checksum").get<std::string>();
  content.erase("checksum");
  if (checksum != checksum_of(content)) throw std::domain_error("changed since it was written");
  Manifest manifest;
  manifest.made_from = content.at("made_from").dump();
  manifest.layout = {
      .corpus_key = hash64(manifest.made_from),
      .vocab_size = static_cast<std::uint64_t>(count_at(content, "vocab_size")),
      .sequence_length = static_cast<std::uint64_t>(count_at(content, "sequence_length"))};
  manifest.training = split_from_json(content.at("training"));
  manifest.held_out = split_from_json(content.at("held_out"));
  manifest.text = text_from_json(content.at("text"));
  manifest.file_starts =
      file_starts_from_json(content.at("file_starts"), manifest.training.sequences);
  return manifest;
}

}  // namespace

std::string Manifest::key() const { return hex64(layout.corpus_key); }

void Manifest::write(const std::filesystem::path& folder) const {
  json content = {{"format", kFormat},
                  {"version", kVersion},
                  {"key", key()},
                  {"made_from", json::parse(made_from)},
                  {"vocab_size", layout.vocab_size},
                  {"sequence_length", layout.sequence_length},
                  {"training", split_to_json(training)},
                  {"held_out", split_to_json(held_out)},
                  {"file_starts", file_starts},
                  {"text", text_to_json(text)}};
  content["checksum"] = checksum_of(content);
  write_file_atomic(folder / kFileName,
                    content.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

Manifest Manifest::read(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kFileName;
  const std::string content = read_file(file, kMaxBytes);
  try {
    return from_json(json::parse(content));
  } catch (const std::exception& error) {  // json's own, and the ones above
    throw Error(ErrorCode::kData, file.string() + ": " + error.what(),
                "remove its folder and run again to pack the text anew");
  }
}

}  // namespace cram::corpus
