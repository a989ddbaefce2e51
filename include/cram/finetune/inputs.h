// Examples as a model reads them: token ids in the frame of BERT,
//   [CLS] first [SEP]   or   [CLS] first [SEP] second [SEP],
// with two [SEP] between the texts where the tokenizer's file says so, as RoBERTa's does, and
// with what is to be learned beside them.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "cram/glue/example.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::finetune {

// Tokens without a label: special ones, all but the first of a word, words of unknown label.
inline constexpr std::int64_t kNoLabel = -100;

using tokenizer::ByteRange;

struct Input {
  std::vector<tokenizer::TokenId> ids = {};
  std::int64_t second = 0;   // where the second segment begins; the length where there is none
  std::int64_t example = 0;  // whose input it is, in its split

  double target = std::numeric_limits<double>::quiet_NaN();  // classification, regression
  // Token labels: for each token the number of the word that begins there, or -1, and the label of
  // that word, or kNoLabel.
  std::vector<std::int64_t> words = {}, labels = {};
  // Span: the first and last token of the answer; both 0, the [CLS], where this input has none.
  std::int64_t answer_begin = 0, answer_end = 0;
  // Span: for each token of the second segment, the last [SEP] aside, its place in the context.
  std::vector<ByteRange> places = {};

  [[nodiscard]] std::int64_t length() const { return static_cast<std::int64_t>(ids.size()); }
  bool operator==(const Input&) const = default;
};

struct FramingOptions {
  std::int64_t max_length = 128;  // tokens, at least 8
  bool second_separator = false;  // a lone text ends with two [SEP]
};

// The inputs of a split of `data`, in its order: one for each example; of questions about a context
// that does not fit, several, whose windows overlap by half (an answer that does not fit into a
// window is none there). Of longer pairs the longer text loses tokens first, as Hugging Face's
// "longest_first"; other texts lose their end.
// Words are encoded one by one, those of a context as Tokenizer::encode_words does it, so that
// tokens belong to one word. Throws Interrupted when a signal asks to stop.
[[nodiscard]] std::vector<Input> make_inputs(const glue::Split& split, const glue::DataSet& data,
                                             const tokenizer::Tokenizer& tokenizer,
                                             const FramingOptions& options);

}  // namespace cram::finetune
