#include "sentencepiece_trainer.h"

#include <stdexcept>
#include <unordered_map>

#include <sentencepiece_trainer.h>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"

#include "child_process.h"
#include "memory_file.h"
#include "sentence_sample.h"
#include "sentencepiece_log.h"
#include "sentencepiece_rules.h"

namespace cram::tokenizer {
namespace {

constexpr std::size_t kMaxSampleBytes = std::size_t{256} << 20;
// Sums over threads are rounded in the order of the threads, so their number is part of the result.
constexpr const char* kThreads = "8";

using Arguments = std::unordered_map<std::string, std::string>;

class SampleIterator final : public sentencepiece::SentenceIterator {
 public:
  explicit SampleIterator(const std::vector<std::string>& sentences) : sentences_(sentences) {}
  [[nodiscard]] bool done() const override { return at_ == sentences_.size(); }
  void Next() override { ++at_; }
  [[nodiscard]] const std::string& value() const override { return sentences_[at_]; }
  [[nodiscard]] sentencepiece::util::Status status() const override { return {}; }

 private:
  const std::vector<std::string>& sentences_;
  std::size_t at_ = 0;
};

Arguments trainer_arguments(const TrainOptions& options, const SentencePieceRules& rules,
                            const MemoryFile& table) {
  Arguments arguments = {
      {"model_type", options.algorithm == Algorithm::kBpe ? "bpe" : "unigram"},
      {"vocab_size", std::to_string(options.vocab_size)},
      {"num_threads", kThreads},
      {"minloglevel", "2"},
      {"max_sentence_length", std::to_string(SentenceSample::kMaxSentenceBytes)},
      {"pad_id", "0"},
      {"pad_piece", "[PAD]"},
      {"unk_id", "1"},
      {"unk_piece", "[UNK]"},
      {"bos_id", "2"},
      {"bos_piece", "[CLS]"},
      {"eos_id", "3"},
      {"eos_piece", "[SEP]"},
      {"control_symbols", "[MASK]"},  // unlike user-defined ones, text cannot spell them
  };
  if (rules.table.empty()) {
    arguments["normalization_rule_name"] = rules.name;
  } else {
    arguments["normalization_rule_tsv"] = table.path();
  }
  return arguments;
}

// The trainer's messages begin with a place in its source and the check that failed:
// "trainer_interface.cc(656) [(a) == (b)] Vocabulary size too high (8000). Please …".
std::string reason_in(const std::string& log) {
  const std::size_t last = log.find_last_not_of(" \r\n");
  if (last == log.npos) return "no reason given";
  const std::size_t line = log.rfind('\n', last);
  std::string reason = log.substr(line == log.npos ? 0 : line + 1, last);
  reason.erase(reason.find_last_not_of(" \r\n") + 1);
  const std::size_t check = reason.rfind("] ");
  return check == reason.npos ? reason : reason.substr(check + 2);
}

SentenceSample take_sample(const TextSource& source) {
  SentenceSample sample(kMaxSampleBytes);
  while (const auto document = source()) {
    interrupt::throw_if_stopped();
    sample.add(*document);
  }
  return sample;
}

}  // namespace

std::string train_sentencepiece(const TrainOptions& options, const TextSource& source) {
  const SentenceSample sample = take_sample(source);
  if (sample.sentences().empty()) throw Error(ErrorCode::kData, "no text to train a tokenizer on");
  const SentencePieceRules rules = sentencepiece_rules(options.normalization);
  const MemoryFile table;
  table.write(rules.table);
  const Arguments arguments = trainer_arguments(options, rules, table);
  const ChildResult result = run_in_child([&] {
    SampleIterator sentences(sample.sentences());
    std::string model;
    const auto status = sentencepiece::SentencePieceTrainer::Train(arguments, &sentences, &model);
    if (!status.ok()) throw std::runtime_error(status.error_message());
    return model;
  });
  if (result.end == ChildResult::End::kReturned) return result.output;
  if (result.end == ChildResult::End::kKilled) {
    throw Error(ErrorCode::kOutOfMemory,
                "the SentencePiece trainer was ended by signal " + std::to_string(result.signal),
                "it may have needed more memory than there is: lower tokenizer.train_bytes");
  }
  throw Error(ErrorCode::kData, "the SentencePiece trainer failed: " + reason_in(result.log),
              "change tokenizer.vocab_size or give more text");
}

}  // namespace cram::tokenizer
