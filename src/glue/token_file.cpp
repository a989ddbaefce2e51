#include "token_file.h"

#include <optional>

#include "cram/base/error.h"

#include "file_shape.h"
#include "json_text.h"
#include "lines.h"

namespace cram::glue {
namespace {

using nlohmann::json;

// The columns of a line: between tabs, or else between blanks.
std::vector<std::string> columns_of(std::string_view line) {
  const bool tabs = line.find('\t') != std::string_view::npos;
  std::vector<std::string> columns;
  std::size_t begin = 0;
  while (begin <= line.size()) {
    const std::size_t end = std::min(line.find(tabs ? '\t' : ' ', begin), line.size());
    if (tabs || end > begin) columns.emplace_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return columns;
}

class ConllReader {
 public:
  explicit ConllReader(const std::filesystem::path& path) : lines_(path) {}

  std::vector<Sentence> read() {
    while (const auto line = lines_.next()) {
      if (line->find_first_not_of(" \t") == std::string_view::npos) {
        end_sentence();
      } else {
        add_word(columns_of(*line));
      }
    }
    end_sentence();
    return std::move(sentences_);
  }

 private:
  void add_word(const std::vector<std::string>& columns) {
    if (width_ == 0) width_ = columns.size();
    if (columns.size() != width_) {
      throw lines_.error("expected " + std::to_string(width_) +
                         " columns as on the first line, found " + std::to_string(columns.size()));
    }
    if (columns.front().empty() || columns.back().empty()) {
      throw lines_.error("a word and its label were expected",
                         "a word stands in the first column, its label in the last");
    }
    if (sentence_.words.empty()) sentence_.line = lines_.number();
    sentence_.words.push_back(columns.front());
    if (width_ > 1) sentence_.labels.push_back(columns.back());
  }

  // CoNLL-2003 puts a sentence of this one word before each document.
  void end_sentence() {
    const bool keep = !sentence_.words.empty() && sentence_.words.front() != "-DOCSTART-";
    if (keep) sentences_.push_back(std::move(sentence_));
    sentence_ = {};
  }

  Lines lines_;
  std::size_t width_ = 0;
  Sentence sentence_;
  std::vector<Sentence> sentences_;
};

const json* find_member(const json& object, std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    const auto found = object.find(name);
    if (found != object.end()) return &*found;
  }
  return nullptr;
}

const json* find_words(const json& object) { return find_member(object, {"words", "tokens"}); }

std::vector<std::string> texts_of(const json& list, const std::string& what, const Lines& lines) {
  const auto refuse = [&](const std::string& found) {
    throw lines.error(what + ": " + found + " where texts were expected");
  };
  if (!list.is_array()) refuse(kind_of(list));
  std::vector<std::string> texts;
  for (const json& item : list) {
    if (!item.is_string()) refuse(kind_of(item));
    texts.push_back(item.get<std::string>());
    if (texts.back().empty()) refuse("an empty text");
  }
  return texts;
}

Sentence sentence_of(const json& object, const Lines& lines) {
  Sentence sentence{.words = {}, .labels = {}, .line = lines.number()};
  const json* const words = find_words(object);
  if (words == nullptr) {
    throw lines.error("no list of words",
                      "words stand in \"words\" or \"tokens\"; their labels, which are texts, "
                      "in \"labels\", \"tags\" or \"ner_tags\"");
  }
  sentence.words = texts_of(*words, "words", lines);
  if (sentence.words.empty()) throw lines.error("a sentence without words");
  const json* const labels = find_member(object, {"labels", "tags", "ner_tags"});
  if (labels == nullptr || labels->is_null()) return sentence;
  sentence.labels = texts_of(*labels, "labels", lines);
  if (sentence.labels.size() != sentence.words.size()) {
    throw lines.error("words: " + std::to_string(sentence.words.size()) +
                      ", but labels: " + std::to_string(sentence.labels.size()));
  }
  return sentence;
}

std::vector<Sentence> read_objects(const std::filesystem::path& path) {
  Lines lines(path);
  std::vector<Sentence> sentences;
  while (const auto object = next_object(lines)) sentences.push_back(sentence_of(*object, lines));
  return sentences;
}

}  // namespace

std::vector<Sentence> read_sentences(const std::filesystem::path& path) {
  auto sentences =
      shape_of(path) == FileShape::kJsonl ? read_objects(path) : ConllReader(path).read();
  if (sentences.empty()) throw Error(ErrorCode::kData, path.string() + " has no sentences");
  return sentences;
}

bool holds_words(const std::filesystem::path& path) {
  Lines lines(path);
  const auto object = next_object(lines);
  const json* const words = object ? find_words(*object) : nullptr;
  return words != nullptr && words->is_array();
}

}  // namespace cram::glue
