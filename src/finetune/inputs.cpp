#include "cram/finetune/inputs.h"

#include <algorithm>
#include <span>

#include "cram/base/interrupt.h"

namespace cram::finetune {
namespace {

using glue::Example;
using glue::Problem;
using tokenizer::TokenId;
using Tokens = std::vector<TokenId>;

// Puts tokens into the frame of the model.
class Framer {
 public:
  Framer(const tokenizer::Tokenizer& tokenizer, const FramingOptions& options)
      : tokenizer_(tokenizer),
        special_(tokenizer.special_tokens()),
        options_(options),
        between_(std::max<std::size_t>(1, static_cast<std::size_t>(tokenizer.framing().between))) {}

  [[nodiscard]] Tokens encode(std::string_view text) const { return tokenizer_.encode(text); }
  [[nodiscard]] tokenizer::PlacedIds encode_words(std::string_view text) const {
    return tokenizer_.encode_words(text);
  }
  // A word of a list, where it stands among others.
  [[nodiscard]] Tokens encode_word(const std::string& word) const {
    return encode(tokenizer_.spaces_begin_words() ? ' ' + word : word);
  }

  // Tokens that fit beside `specials` special ones.
  [[nodiscard]] std::size_t room(std::size_t specials) const {
    return static_cast<std::size_t>(options_.max_length) - specials;
  }

  [[nodiscard]] std::size_t specials_of_one() const { return options_.second_separator ? 3 : 2; }
  [[nodiscard]] std::size_t specials_of_pair() const { return 2 + between_; }

  [[nodiscard]] Input frame(const Tokens& first) const {
    Input input;
    append_first(input, first, 1);
    if (options_.second_separator) input.ids.push_back(special_.sep);
    return input;
  }

  [[nodiscard]] Input frame(const Tokens& first, std::span<const TokenId> second) const {
    Input input;
    append_first(input, first, between_);
    input.ids.insert(input.ids.end(), second.begin(), second.end());
    input.ids.push_back(special_.sep);
    return input;
  }

 private:
  void append_first(Input& input, const Tokens& first, std::size_t separators) const {
    input.ids.push_back(special_.cls);
    input.ids.insert(input.ids.end(), first.begin(), first.end());
    input.ids.insert(input.ids.end(), separators, special_.sep);
    input.second = input.length();
  }

  const tokenizer::Tokenizer& tokenizer_;
  tokenizer::SpecialTokens special_;
  FramingOptions options_;
  std::size_t between_;  // separators between the texts of a pair
};

// Cuts the longer of the two until both fit into `room` tokens.
void cut_longest_first(Tokens& first, Tokens& second, std::size_t room) {
  if (first.size() + second.size() <= room) return;
  Tokens& longer = first.size() > second.size() ? first : second;
  Tokens& shorter = first.size() > second.size() ? second : first;
  if (2 * shorter.size() > room) shorter.resize(room / 2);
  longer.resize(room - shorter.size());
}

Input make_text_input(const Example& example, bool pair, const Framer& framer) {
  Tokens first = framer.encode(example.first);
  Input input;
  if (pair) {
    Tokens second = framer.encode(example.second);
    cut_longest_first(first, second, framer.room(framer.specials_of_pair()));
    input = framer.frame(first, second);
  } else {
    first.resize(std::min(first.size(), framer.room(framer.specials_of_one())));
    input = framer.frame(first);
  }
  input.target = example.target;
  return input;
}

Input make_word_input(const Example& example, const Framer& framer) {
  const std::size_t room = framer.room(framer.specials_of_one());
  Tokens tokens;
  std::vector<std::size_t> begins;  // of the words, in tokens
  for (std::size_t i = 0; i < example.words.size() && tokens.size() < room; ++i) {
    begins.push_back(tokens.size());
    const Tokens word = framer.encode_word(example.words[i]);
    tokens.insert(tokens.end(), word.begin(), word.end());
  }
  begins.push_back(tokens.size());
  tokens.resize(std::min(tokens.size(), room));
  Input input = framer.frame(tokens);
  input.words.assign(input.ids.size(), -1);
  input.labels.assign(input.ids.size(), kNoLabel);
  for (std::size_t i = 0; i + 1 < begins.size(); ++i) {
    // A word without a token, such as a stray control character, has no place for its label.
    if (begins[i] == begins[i + 1]) continue;
    input.words[1 + begins[i]] = static_cast<std::int64_t>(i);
    if (i < example.word_labels.size()) input.labels[1 + begins[i]] = example.word_labels[i];
  }
  return input;
}

// Where an answer stands, without the white space around it, which no token covers.
ByteRange place_of(const glue::Answer& answer) {
  const ByteRange inner = tokenizer::trimmed(answer.text, {0, answer.text.size()});
  return {answer.begin + inner.begin, answer.begin + inner.end};
}

// The tokens [first, last] whose places cover the answer, or nothing where it is not all there.
void set_answer(const Example& example, Input& input) {
  if (example.answers.empty()) return;
  const ByteRange answer = place_of(example.answers.front());
  if (answer.begin == answer.end) return;
  const auto& places = input.places;
  const auto covers_begin = [&](const ByteRange& place) { return place.end > answer.begin; };
  const auto first = std::find_if(places.begin(), places.end(), covers_begin);
  const auto covers_end = [&](const ByteRange& place) { return place.end >= answer.end; };
  const auto last_word = std::find_if(first, places.end(), covers_end);
  if (first == places.end() || last_word == places.end() || first->begin > answer.begin) return;
  auto last = last_word;
  while (last + 1 != places.end() && *(last + 1) == *last_word) ++last;
  input.answer_begin = input.second + (first - places.begin());
  input.answer_end = input.second + (last - places.begin());
}

void add_question_inputs(const Example& example, const Framer& framer, std::vector<Input>& inputs) {
  Tokens question = framer.encode(example.first);
  // A question may take half of the room.
  question.resize(std::min(question.size(), framer.room(framer.specials_of_pair()) / 2));
  const tokenizer::PlacedIds context = framer.encode_words(example.second);
  const std::size_t window = framer.room(framer.specials_of_pair()) - question.size();
  for (std::size_t begin = 0;; begin += window / 2) {
    const std::size_t size = std::min(window, context.ids.size() - begin);
    Input input = framer.frame(question, std::span(context.ids).subspan(begin, size));
    const auto places = context.places.begin() + static_cast<std::ptrdiff_t>(begin);
    input.places.assign(places, places + static_cast<std::ptrdiff_t>(size));
    set_answer(example, input);
    inputs.push_back(std::move(input));
    if (begin + size == context.ids.size()) return;
  }
}

}  // namespace

std::vector<Input> make_inputs(const glue::Split& split, const glue::DataSet& data,
                               const tokenizer::Tokenizer& tokenizer,
                               const FramingOptions& options) {
  constexpr std::size_t kStopInterval = 1000;  // examples
  const Framer framer(tokenizer, options);
  std::vector<Input> inputs;
  inputs.reserve(split.examples.size());
  for (std::size_t i = 0; i < split.examples.size(); ++i) {
    if (i % kStopInterval == 0) interrupt::throw_if_stopped();
    const Example& example = split.examples[i];
    const std::size_t before = inputs.size();
    if (data.problem == Problem::kSpan) {
      add_question_inputs(example, framer, inputs);
    } else if (data.problem == Problem::kTokenLabels) {
      inputs.push_back(make_word_input(example, framer));
    } else {
      inputs.push_back(make_text_input(example, data.pairs, framer));
    }
    for (std::size_t j = before; j < inputs.size(); ++j) {
      inputs[j].example = static_cast<std::int64_t>(i);
    }
  }
  return inputs;
}

}  // namespace cram::finetune
