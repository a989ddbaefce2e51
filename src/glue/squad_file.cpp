#include "squad_file.h"

#include <optional>
#include <set>

#include "cram/base/error.h"
#include "cram/text/byte_source.h"
#include "cram/text/printable.h"
#include "cram/text/sources.h"

#include "json_text.h"
#include "lines.h"

namespace cram::glue {
namespace {

using nlohmann::json;

constexpr std::size_t kLargestFile = std::size_t{1} << 30;
constexpr std::size_t kPiece = 1 << 20;

std::string read_whole(const std::filesystem::path& path) {
  const auto source = text::open_bytes(path, text::packed_name(path).compression);
  std::string content;
  std::size_t got = 0;
  do {
    const std::size_t size = content.size();
    if (size > kLargestFile) throw Error(ErrorCode::kData, path.string() + " is over 1 GiB large");
    content.resize(size + kPiece);
    got = source->read(content.data() + size, kPiece);
    content.resize(size + got);
  } while (got > 0);
  if (!source->damage().empty()) {
    throw Error(ErrorCode::kData,
                path.string() + ": the file is damaged: " + text::printable(source->damage()),
                "download or write it again");
  }
  return content;
}

// The byte at which the code point number `index` begins; nothing beyond the end.
std::optional<std::size_t> byte_of(std::string_view text, std::uint64_t index) {
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return index == 0 ? std::optional(at) : std::nullopt;
}

class SquadReader {
 public:
  SquadReader(const std::filesystem::path& path, Answers answers)
      : path_(path.string()), answers_(answers) {}

  std::vector<Example> read(const json& file) {
    for (const json& article : list(file, "data")) {
      for (const json& paragraph : list(article, "paragraphs")) {
        const std::string& context = string(paragraph, "context");
        for (const json& question : list(paragraph, "qas")) add(question, context);
      }
    }
    return std::move(examples_);
  }

 private:
  void add(const json& question, const std::string& context) {
    Example example;
    example.id = string(question, "id");
    example.first = string(question, "question");
    example.second = context;
    place_ = "question " + shown(example.id) + ": ";
    if (!ids_.insert(example.id).second) refuse("the id comes twice");
    example.answers = answers_of(question, context);
    place_.clear();
    examples_.push_back(std::move(example));
  }

  [[nodiscard]] std::vector<Answer> answers_of(const json& question,
                                               const std::string& context) const {
    const bool impossible = is_impossible(question);
    if (!question.contains("answers") && (impossible || answers_ == Answers::kOptional)) return {};
    std::vector<Answer> answers;
    for (const json& answer : list(question, "answers")) {
      answers.push_back(answer_of(answer, context));
    }
    if (impossible && !answers.empty()) refuse("has answers, yet \"is_impossible\" is true");
    if (!impossible && answers.empty() && answers_ == Answers::kNeeded) {
      refuse("has no answer, yet \"is_impossible\" is not true");
    }
    return answers;
  }

  [[nodiscard]] bool is_impossible(const json& question) const {
    const auto found = question.find("is_impossible");
    if (found == question.end()) return false;
    if (!found->is_boolean()) refuse("\"is_impossible\" is " + kind_of(*found));
    return found->get<bool>();
  }

  [[nodiscard]] Answer answer_of(const json& answer, const std::string& context) const {
    Answer result{.text = string(answer, "text"), .begin = 0};
    const json& start = member(answer, "answer_start");
    if (!start.is_number_unsigned()) refuse("\"answer_start\" is no place in a text");
    const auto begin = byte_of(context, start.get<std::uint64_t>());
    if (result.text.empty()) refuse("an empty answer");
    if (!begin || context.compare(*begin, result.text.size(), result.text) != 0) {
      refuse("the answer " + shown(result.text) + " does not stand at character " + start.dump() +
             " of the context");
    }
    result.begin = *begin;
    return result;
  }

  [[nodiscard]] const json& member(const json& object, const char* name) const {
    if (!object.is_object()) refuse(kind_of(object) + " where an object was expected");
    const auto found = object.find(name);
    if (found == object.end()) refuse("no \"" + std::string(name) + "\"");
    return *found;
  }

  [[nodiscard]] const json& list(const json& object, const char* name) const {
    const json& value = member(object, name);
    if (!value.is_array()) {
      refuse("\"" + std::string(name) + "\" is " + kind_of(value) + ", not an array");
    }
    return value;
  }

  [[nodiscard]] const std::string& string(const json& object, const char* name) const {
    const json& value = member(object, name);
    if (!value.is_string()) {
      refuse("\"" + std::string(name) + "\" is " + kind_of(value) + ", not a text");
    }
    return value.get_ref<const std::string&>();
  }

  [[noreturn]] void refuse(const std::string& what) const {
    const std::string after = place_.empty() && !examples_.empty()
                                  ? "after question " + shown(examples_.back().id) + ": "
                                  : place_;
    throw Error(ErrorCode::kData, path_ + ": " + after + what,
                "the layout of SQuAD is expected: data, paragraphs, context and qas; id, question "
                "and answers; text and answer_start");
  }

  std::string path_;
  Answers answers_;
  std::string place_;  // what is being read, once it has a name
  std::set<std::string> ids_;
  std::vector<Example> examples_;
};

}  // namespace

std::vector<Example> read_squad(const std::filesystem::path& path, Answers answers) {
  const JsonText file = parse_json(read_whole(path));
  if (!file.defect.empty()) throw Error(ErrorCode::kData, path.string() + ": " + file.defect);
  auto examples = SquadReader(path, answers).read(file.value);
  if (examples.empty()) throw Error(ErrorCode::kData, path.string() + " has no questions");
  return examples;
}

}  // namespace cram::glue
