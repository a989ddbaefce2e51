#include "normalizer_steps.h"

#include <algorithm>
#include <memory>

#include "cram/base/error.h"

#include "character.h"
#include "json_file.h"
#include "nfc.h"
#include "replacement.h"
#include "utf8.h"

namespace cram::tokenizer {
namespace {

using nlohmann::json;

std::u32string lowered(const std::u32string& text) {
  std::u32string lower;
  for (const char32_t code : text) append_lower(code, lower);
  return lower;
}

std::u32string without_marks(std::u32string text) {
  std::erase_if(text, is_mark);
  return text;
}

std::u32string stripped(std::u32string_view text, bool left, bool right) {
  while (left && !text.empty() && is_white_space(text.front())) text.remove_prefix(1);
  while (right && !text.empty() && is_white_space(text.back())) text.remove_suffix(1);
  return std::u32string(text);
}

// Appends one step, or those of a Sequence.
class Reader {
 public:
  Reader(const std::string& name, NormalizerSteps& result) : name_(name), result_(result) {}

  void read(const json& part) {
    const std::string type = json_type(part, name_);
    if (type == "Sequence") {
      for (const json& step : json_array(part, "normalizers", name_)) read(step);
    } else if (type == "BertNormalizer") {
      read_bert(part);
    } else if (type == "Replace") {
      add([how = Replacement(part, name_)](const std::u32string& text) { return how.apply(text); });
    } else if (type == "Strip") {
      add([left = json_bool(part, "strip_left", true, name_),
           right = json_bool(part, "strip_right", true, name_)](const std::u32string& text) {
        return stripped(text, left, right);
      });
    } else if (type != "null") {
      read_plain(type);
    }
  }

 private:
  void add(std::function<std::u32string(std::u32string)> step) {
    result_.steps.push_back(std::move(step));
  }

  void read_bert(const json& part) {
    const BertNormalization how = read_bert_normalizer(part, name_);
    result_.summary.lowercase |= how.lowercase;
    result_.summary.strip_accents |= how.strip_accents;
    result_.summary.split_chinese |= how.split_chinese;
    result_.summary.clean_text |= how.clean_text;
    add([how](const std::u32string& text) { return normalize(text, how); });
  }

  // A step without settings.
  void read_plain(const std::string& type) {
    if (type == "Lowercase") {
      result_.summary.lowercase = true;
      add(lowered);
    } else if (type == "StripAccents") {
      result_.summary.strip_accents = true;
      add(without_marks);
    } else if (type == "NFD") {
      add(canonical_decomposition);
    } else if (type == "NFKD") {
      add(compatibility_decomposition);
    } else if (type == "NFC" || type == "NFKC") {
      if (type == "NFKC") add(compatibility_decomposition);
      add([nfc = std::make_shared<const Nfc>()](const std::u32string& text) {
        std::string buffer;
        return code_points(nfc->normalize(utf8_of(text), buffer));
      });
    } else {
      throw Error(ErrorCode::kData, name_ + ": unsupported normalizer " + type,
                  "cram reads WordPiece tokenizers with BertNormalizer, NFC, NFD, NFKC, NFKD, "
                  "Lowercase, StripAccents, Strip, Replace and Sequences of them");
    }
  }

  const std::string& name_;
  NormalizerSteps& result_;
};

}  // namespace

std::u32string NormalizerSteps::apply(std::u32string text) const {
  for (const auto& step : steps) text = step(std::move(text));
  return text;
}

NormalizerSteps read_normalizer_steps(const json& part, const std::string& name) {
  NormalizerSteps result{
      .steps = {},
      .summary = {
          .clean_text = false, .split_chinese = false, .strip_accents = false, .lowercase = false}};
  Reader(name, result).read(part);
  return result;
}

BertNormalization read_bert_normalizer(const json& part, const std::string& name) {
  BertNormalization how;
  how.clean_text = json_bool(part, "clean_text", true, name);
  how.split_chinese = json_bool(part, "handle_chinese_chars", true, name);
  how.lowercase = json_bool(part, "lowercase", true, name);
  how.strip_accents = json_bool(part, "strip_accents", how.lowercase, name);
  return how;
}

}  // namespace cram::tokenizer
