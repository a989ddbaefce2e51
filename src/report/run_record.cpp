#include "cram/report/run_record.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "cram/base/file.h"

#include "event_json.h"

namespace cram::report {
namespace {

constexpr int kDeepest = 32;  // levels of nesting; deeper ones would overflow the stack elsewhere

// Reads one member; false when it is there but cannot be such a number.
bool read_number(const Json& value, double& member) {
  if (!value.is_number()) return false;
  member = value.get<double>();
  return true;
}

bool read_number(const Json& value, std::int64_t& member) {
  if (!value.is_number_integer()) return false;
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > kLargest) return false;
  member = value.get<std::int64_t>();
  return member >= 0;
}

bool read_number(const Json& value, std::optional<double>& member) {
  return read_number(value, member.emplace());
}

void set_unknown(std::optional<double>& member) { member.reset(); }
void set_unknown(double& member) { member = std::numeric_limits<double>::quiet_NaN(); }
void set_unknown(std::int64_t& member) { member = 0; }

template <class Record>
std::optional<Record> read_members(const Json& json) {
  Record record;
  bool is_good = true;
  for_each_member(record, [&](const char* name, auto& member) {
    const auto value = json.find(name);
    if (value == json.end() || value->is_null()) return set_unknown(member);
    is_good = is_good && read_number(*value, member);
  });
  return is_good ? std::optional(record) : std::nullopt;
}

// Drops what a resumed run does again, then adds the record.
template <class Record>
bool add_in_order(const Json& json, std::vector<Record>& records) {
  const std::optional<Record> record = read_members<Record>(json);
  if (!record) return false;
  while (!records.empty() && records.back().step >= record->step) records.pop_back();
  records.push_back(*record);
  return true;
}

std::string text_member(const Json& json, const char* name) {
  const auto value = json.find(name);
  return value != json.end() && value->is_string() ? value->get<std::string>() : "";
}

bool add_event(Json json, RunRecord& run) {
  const std::string kind = text_member(json, "event");
  const std::string time = text_member(json, "time");
  if (kind.empty()) return false;
  if (run.first_time.empty()) run.first_time = time;
  run.last_time = time;
  if (kind == "progress") return add_in_order(json, run.progress);
  if (kind == "validation") return add_in_order(json, run.validations);
  json.erase("event");
  json.erase("time");
  run.notes.push_back({time, kind, dump_line(json)});
  return true;
}

Json parse_line(std::string_view line) {
  bool too_deep = false;
  const auto watch_depth = [&](int depth, Json::parse_event_t, const Json&) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  Json json = Json::parse(line, watch_depth, /*allow_exceptions=*/false);
  return too_deep ? Json(Json::value_t::discarded) : json;
}

}  // namespace

RunRecord read_run_record(const std::filesystem::path& events_file) {
  const std::string content = read_file(events_file);
  RunRecord run;
  for (std::string_view rest = content; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.empty()) continue;
    Json json = parse_line(line);
    if (!json.is_object() || !add_event(std::move(json), run)) ++run.damaged_lines;
  }
  return run;
}

}  // namespace cram::report
