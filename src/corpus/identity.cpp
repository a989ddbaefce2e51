#include "identity.h"

#include <nlohmann/json.hpp>

#include "cram/base/hash.h"
#include "cram/corpus/pack.h"
#include "cram/text/all_texts.h"

namespace cram::corpus {
namespace {

using nlohmann::json;

// To be raised when selecting, packing or sampling changes so that earlier results are no longer
// the same.
constexpr const char* kSelectionFormat = "cram selection 4";
constexpr const char* kCorpusFormat = "cram corpus 1";
constexpr const char* kTokenizerFormat = "cram tokenizer 1";
constexpr const char* kOrderFormat = "cram order 1";
constexpr const char* kDocumentsFormat = "cram documents 1";

// Reading gigabytes for a hash of the content would cost more than it could save.
json describe(const std::vector<text::SourceFile>& files) {
  json all = json::array();
  for (const text::SourceFile& file : files) {
    json description = {file.path.filename().string(), file.bytes, file.changed};
    if (file.source > 0) description.push_back(file.source);
    all.push_back(std::move(description));
  }
  return all;
}

json describe(const text::ReadOptions& read) {
  json description = {
      {"text_field", read.text_field},
      {"txt_documents", read.txt_documents == text::TxtDocuments::kFile ? "file" : "paragraph"},
      {"min_document_bytes", read.min_document_bytes},
      {"max_document_bytes", read.max_document_bytes}};
  if (read.clean_unicode) description["clean_unicode"] = true;
  if (!read.join_records.empty()) description["join_records"] = read.join_records;
  return description;
}

const char* name_of(tokenizer::Algorithm algorithm) {
  switch (algorithm) {
    case tokenizer::Algorithm::kWordPiece:
      return "wordpiece";
    case tokenizer::Algorithm::kUnigram:
      return "unigram";
    case tokenizer::Algorithm::kBpe:
      return "bpe";
  }
  return "";
}

json describe(const selection::QualityLimits& limits) {
  return {limits.min_words,
          limits.max_words,
          limits.min_mean_word_length,
          limits.max_mean_word_length,
          limits.max_symbols,
          limits.max_bullet_lines,
          limits.max_ellipsis_lines,
          limits.min_words_with_letters,
          limits.min_stop_words};
}

json describe(const selection::RepetitionLimits& limits) {
  return {limits.duplicate_lines,
          limits.duplicate_paragraphs,
          limits.characters_in_duplicate_lines,
          limits.characters_in_duplicate_paragraphs,
          limits.most_frequent_ngram,
          limits.duplicate_ngrams};
}

json describe(const selection::MinHashOptions& options) {
  return {options.bands, options.rows, options.similarity};
}

// Rules that are off leave no trace.
json describe(const selection::Rules& rules) {
  json description = json::object();
  if (!rules.languages.empty()) description["languages"] = rules.languages;
  if (rules.quality) description["quality"] = describe(*rules.quality);
  if (rules.repetition) description["repetition"] = describe(*rules.repetition);
  if (!rules.decontaminate.empty()) {
    description["decontaminate"] = describe(text::find_example_files(rules.decontaminate));
    description["decontaminate_words"] = rules.decontaminate_words;
  }
  if (rules.exact_duplicates) description["exact_duplicates"] = true;
  if (rules.near_duplicates) description["near_duplicates"] = describe(*rules.near_duplicates);
  if (rules.repeats) description["substring_bytes"] = rules.repeats->bytes;
  return description;
}

// Without one, results are named as they were before there were selections.
void add_selection(json& description, const std::filesystem::path& folder) {
  if (!folder.empty()) description["selection"] = folder.filename().string();
}

// File names need not be UTF-8.
std::string dump(const json& description) {
  return description.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string describe_corpus(const std::vector<text::SourceFile>& files,
                            const tokenizer::Tokenizer& tokenizer, const PackOptions& options) {
  json description = {{"format", kCorpusFormat},
                      {"files", describe(files)},
                      {"read", describe(options.read)},
                      {"tokenizer", hex64(tokenizer.fingerprint())},
                      {"sequence_length", options.sequence_length},
                      {"separator", options.separator},
                      {"start_token", options.start_token},
                      {"held_out_share", options.held_out_share},
                      {"seed", options.seed}};
  add_selection(description, options.selection);
  if (options.max_tokens_per_character) {
    description["max_tokens_per_character"] = *options.max_tokens_per_character;
  }
  return dump(description);
}

std::string describe_selection(const std::vector<text::SourceFile>& files,
                               const PrepareOptions& options) {
  return dump({{"format", kSelectionFormat},
               {"files", describe(files)},
               {"read", describe(options.read)},
               {"rules", describe(options.rules)}});
}

std::string describe_documents(const std::vector<text::SourceFile>& files,
                               const PrepareOptions& options,
                               const std::filesystem::path& selection) {
  json description = {{"format", kDocumentsFormat},
                      {"files", describe(files)},
                      {"sources", options.sources},
                      {"read", describe(options.read)},
                      {"held_out_share", options.held_out_share},
                      {"seed", options.seed}};
  add_selection(description, selection);
  return dump(description);
}

std::string describe_order(const std::string& corpus_key, const PrepareOptions& options) {
  return dump({{"format", kOrderFormat},
               {"corpus", corpus_key},
               {"ordering", static_cast<int>(options.ordering)},
               {"epochs", options.epochs},
               {"seed", options.order_seed}});
}

std::string describe_given(const tokenizer::Tokenizer& tokenizer) {
  return dump({{"format", kTokenizerFormat}, {"given", hex64(tokenizer.fingerprint())}});
}

std::string describe_training(const std::vector<text::SourceFile>& files,
                              const PrepareOptions& options,
                              const std::filesystem::path& selection) {
  const tokenizer::Normalization& normalization = options.normalization;
  json description = {{"format", kTokenizerFormat},
                      {"files", describe(files)},
                      {"read", describe(options.read)},
                      {"algorithm", name_of(options.train.algorithm)},
                      {"vocab_size", options.train.vocab_size},
                      {"lowercase", normalization.lowercase},
                      {"strip_accents", normalization.strip_accents},
                      {"ascii_only", normalization.ascii_only},
                      {"train_bytes", options.train_bytes},
                      {"held_out_share", options.held_out_share},
                      {"seed", options.seed}};
  add_selection(description, selection);
  return dump(description);
}

}  // namespace cram::corpus
