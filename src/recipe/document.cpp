#include "document.h"

#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "cram/base/error.h"
#include "cram/base/file.h"

namespace cram::recipe {
namespace {

// A recipe needs three levels; the limit keeps recursive walks of the tree shallow.
constexpr std::size_t kMostLevels = 8;

constexpr const char* kNoAliases = "YAML aliases are not allowed; quote text that starts with '*'";

// Builds the tree from the parser's events. yaml-cpp's own tree would expand aliases, may be
// cyclic and keeps the first of two equal keys without a word.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(int source, Problems& problems) : source_(source), problems_(problems) {}

  [[nodiscard]] Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) problems_.add(place(mark), "the recipe, one YAML document, ends here");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add({.type = Node::Type::kNull, .place = place(mark)});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    problems_.add(place(mark), kNoAliases);
    add({.type = Node::Type::kNull, .place = place(mark)});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    add({.type = Node::Type::kScalar,
         .place = place(mark),
         .text = value,
         .in_quotes = tag == "!"});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Type::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Type::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  [[nodiscard]] Place place(const YAML::Mark& mark) const {
    return {source_, mark.line + 1, mark.column + 1};
  }

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) problems_.add(place(mark), "YAML anchors are not allowed");
  }

  // The parser says "?" for no tag and "!" for text in quotes.
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      problems_.add(place(mark), "YAML tags are not allowed; quote text that starts with '!'");
    }
  }

  void open(Node::Type type, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (open_.size() == kMostLevels) throw YAML::ParserException(mark, "nested too deeply");
    open_.push_back({.type = type, .place = place(mark)});
  }

  void close() {
    Node node = std::move(open_.back());
    open_.pop_back();
    add(std::move(node));
  }

  void add(Node node) {
    if (!open_.empty()) {
      open_.back().items.push_back(std::move(node));
    } else if (documents_ == 1) {
      root_ = std::move(node);
    }
  }

  int source_;
  Problems& problems_;
  int documents_ = 0;
  Node root_;
  std::vector<Node> open_;  // lists and maps whose end has not come
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

std::string read_yaml_file(const std::filesystem::path& file, const std::string& what) {
  try {
    return read_file(file, kMostBytes);
  } catch (const Error& error) {
    throw Error(ErrorCode::kUsage, "cannot read the " + what + ": " + error.what(), error.hint());
  }
}

std::optional<Node> read_document(std::string_view yaml, int source, Problems& problems) {
  std::istringstream stream{std::string(yaml)};
  TreeBuilder builder(source, problems);
  try {
    YAML::Parser parser(stream);
    // A second document is one too many. There may be no end to them: the parser does not get past
    // a stray comma.
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& error) {
    // Errors without a place of their own are reported at the start of the text.
    const bool placed = error.mark.line >= 0 && error.mark.column >= 0;
    const Place place = placed ? Place{source, error.mark.line + 1, error.mark.column + 1}
                               : Place{.source = source};
    const bool unknown_alias = error.msg.starts_with(YAML::ErrorMsg::UNKNOWN_ANCHOR);
    problems.add(place, unknown_alias ? kNoAliases : "not valid YAML: " + error.msg);
    return std::nullopt;
  }
  return builder.take();
}

std::optional<Node> read_argument(std::string_view text, int source, Problems& problems) {
  const std::string_view value = trimmed(text);
  const Place place{.source = source};
  if (value.empty() || value == "null" || value == "~") {
    return Node{.type = Node::Type::kNull, .place = place};
  }
  if (value.front() == '[' || value.front() == '"' || value.front() == '\'') {
    return read_document(value, source, problems);
  }
  return Node{.type = Node::Type::kScalar, .place = place, .text = std::string(value)};
}

}  // namespace cram::recipe
