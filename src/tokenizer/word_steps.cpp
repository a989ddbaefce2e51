#include "word_steps.h"

#include <utility>

#include "cram/base/error.h"

#include "character.h"
#include "json_file.h"

namespace cram::tokenizer {
namespace {

using nlohmann::json;

[[noreturn]] void throw_unsupported(const std::string& name, const std::string& what) {
  throw Error(ErrorCode::kData, name + ": unsupported " + what,
              "cram reads WordPiece tokenizers with BertPreTokenizer, Whitespace, WhitespaceSplit, "
              "Punctuation, Digits and Sequences of them");
}

}  // namespace

WordSteps::WordSteps(const json& part, const std::string& name) {
  read(part, name);
  if (steps_.empty()) throw_unsupported(name, "pre_tokenizer without a step");
}

void WordSteps::read(const json& part, const std::string& name) {
  if (json_type(part, name) != "Sequence") {
    steps_.push_back(read_step(part, name));
    return;
  }
  for (const json& step : json_array(part, "pretokenizers", name)) read(step, name);
}

WordSteps::Step WordSteps::read_step(const json& part, const std::string& name) {
  const std::string type = json_type(part, name);
  if (type == "BertPreTokenizer") {
    return [](char32_t code) {
      if (is_white_space(code)) return Kind::kDropped;
      return is_punctuation(code) ? Kind::kApart : Kind::kWord;
    };
  }
  if (type == "Whitespace") {
    return [](char32_t code) {
      if (is_word_character(code)) return Kind::kWord;
      return is_white_space(code) ? Kind::kDropped : Kind::kOther;
    };
  }
  if (type == "WhitespaceSplit") {
    return [](char32_t code) { return is_white_space(code) ? Kind::kDropped : Kind::kWord; };
  }
  if (type == "Digits") {
    const Kind kind =
        json_bool(part, "individual_digits", false, name) ? Kind::kApart : Kind::kOther;
    return [kind](char32_t code) { return is_numeric(code) ? kind : Kind::kWord; };
  }
  if (type != "Punctuation") throw_unsupported(name, "pre_tokenizer " + type);
  const std::string behavior = json_string(part, "behavior", "Isolated", name);
  for (const auto& [word, kind] :
       {std::pair("Isolated", Kind::kApart), std::pair("Removed", Kind::kDropped),
        std::pair("Contiguous", Kind::kOther)}) {
    if (behavior != word) continue;
    return [kind = kind](char32_t code) { return is_punctuation(code) ? kind : Kind::kWord; };
  }
  throw_unsupported(name, "behavior " + behavior + " of Punctuation");
}

std::vector<std::u32string_view> WordSteps::split(std::u32string_view text) const {
  std::vector<std::u32string_view> words = {text};
  for (const Step& step : steps_) {
    std::vector<std::u32string_view> parts;
    for (const std::u32string_view word : words) {
      for (std::size_t begin = 0, end = 0; begin < word.size(); begin = end) {
        const Kind kind = step(word[begin]);
        for (++end; end < word.size() && kind != Kind::kApart && step(word[end]) == kind;) ++end;
        if (kind != Kind::kDropped) parts.push_back(word.substr(begin, end - begin));
      }
    }
    words = std::move(parts);
  }
  return words;
}

}  // namespace cram::tokenizer
