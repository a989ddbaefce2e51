#include "json_text.h"

#include <set>
#include <vector>

#include "cram/text/printable.h"

#include "lines.h"

namespace cram::glue {
namespace {

using nlohmann::json;

constexpr int kDeepest = 256;

// Finds what the library lets pass: names that come twice, and nesting without end.
class Inspector {
 public:
  // Returns whether to keep the value.
  bool see(int depth, json::parse_event_t event, const json& parsed) {
    if (depth > kDeepest && defect_.empty()) defect_ = "broken JSON: nested too deep";
    see_name(event, parsed);
    return depth <= kDeepest;
  }
  [[nodiscard]] const std::string& defect() const { return defect_; }

 private:
  void see_name(json::parse_event_t event, const json& parsed) {
    if (event == json::parse_event_t::object_start) open_.emplace_back();
    if (event == json::parse_event_t::object_end) open_.pop_back();
    if (event != json::parse_event_t::key) return;
    if (!open_.back().insert(parsed.get<std::string>()).second && defect_.empty()) {
      defect_ = "the name " + shown(parsed.get<std::string>()) + " stands twice in an object";
    }
  }

  std::vector<std::set<std::string>> open_;  // the names in each object that is being read
  std::string defect_;
};

}  // namespace

JsonText parse_json(std::string_view text) {
  Inspector inspector;
  try {
    json value = json::parse(text, [&](int depth, json::parse_event_t event, json& parsed) {
      return inspector.see(depth, event, parsed);
    });
    return {.value = std::move(value), .defect = inspector.defect()};
  } catch (const json::exception& error) {
    // Without the library's number of the error.
    const std::string what = error.what();
    const std::size_t end = what.find("] ");
    return {.value = nullptr,
            .defect = "broken JSON: " +
                      text::printable(end == std::string::npos ? what : what.substr(end + 2), 200)};
  }
}

std::string kind_of(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "an array";
    case json::value_t::string:
      return "a text";
    case json::value_t::boolean:
      return "a boolean";
    default:
      return "a number";
  }
}

}  // namespace cram::glue
