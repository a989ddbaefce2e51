#include "strict_json.h"

#include <set>
#include <utility>
#include <vector>

#include "cram/base/error.h"

namespace cram::checkpoint {

using nlohmann::json;

namespace {

// Watches the parser from within and keeps the keys of the objects around the current place.
class Guard {
 public:
  Guard(int max_depth, std::string where) : max_depth_(max_depth), where_(std::move(where)) {}

  void see(int depth, json::parse_event_t event, const json& value) {
    using Event = json::parse_event_t;
    if ((event == Event::object_start || event == Event::array_start) && depth >= max_depth_) {
      refuse("nested too deeply");
    }
    if (event == Event::object_start) keys_.emplace_back();
    if (event == Event::object_end) keys_.pop_back();
    if (event == Event::key && !keys_.back().insert(value.get<std::string>()).second) {
      refuse("repeated key " + printable(value.get<std::string>()));
    }
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::kData, where_ + ": " + what);
  }

 private:
  int max_depth_;
  std::string where_;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

std::string printable(const std::string& text) {
  return json(text.substr(0, 80)).dump(-1, ' ', true, json::error_handler_t::replace);
}

json parse_strict_json(std::string_view text, int max_depth, const std::string& where) {
  Guard guard(max_depth, where);
  // The parser would take a NUL for the end of the text.
  if (text.find('\0') != std::string_view::npos) guard.refuse("not valid JSON");
  try {
    return json::parse(text, [&](int depth, json::parse_event_t event, const json& value) {
      guard.see(depth, event, value);
      return true;
    });
  } catch (const json::exception&) {
    // Without the parser's message, which quotes the text and so need not be printable.
    guard.refuse("not valid JSON");
  }
}

}  // namespace cram::checkpoint
