#include "word_steps.h"

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

WordSteps::Kind WordSteps::kind_for_bert(char32_t code) {
  if (is_white_space(code)) return Kind::kDropped;
  return is_punctuation(code) ? Kind::kApart : Kind::kWord;
}

WordSteps::Kind WordSteps::kind_for_whitespace(char32_t code) {
  if (is_word_character(code)) return Kind::kWord;
  return is_white_space(code) ? Kind::kDropped : Kind::kOther;
}

WordSteps::Kind WordSteps::read_behavior(const json& part, const std::string& name) {
  const std::string behavior = json_string(part, "behavior", "Isolated", name);
  if (behavior == "Isolated") return Kind::kApart;
  if (behavior == "Removed") return Kind::kDropped;
  if (behavior == "Contiguous") return Kind::kOther;
  throw_unsupported(name, "behavior " + behavior + " of Punctuation");
}

WordSteps::Step WordSteps::read_step(const json& part, const std::string& name) {
  const auto make = [](bool (*is_meant)(char32_t), Kind kind) -> Step {
    return [is_meant, kind](char32_t code) { return is_meant(code) ? kind : Kind::kWord; };
  };
  const std::string type = json_type(part, name);
  if (type == "BertPreTokenizer") return kind_for_bert;
  if (type == "Whitespace") return kind_for_whitespace;
  if (type == "WhitespaceSplit") return make(is_white_space, Kind::kDropped);
  if (type == "Punctuation") return make(is_punctuation, read_behavior(part, name));
  if (type == "Digits") {
    const bool apart = json_bool(part, "individual_digits", false, name);
    return make(is_numeric, apart ? Kind::kApart : Kind::kOther);
  }
  throw_unsupported(name, "pre_tokenizer " + type);
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
