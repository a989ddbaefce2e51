#include "event_json.h"

#include "cram/base/error.h"

#include "wall_time.h"

namespace cram::report {
namespace {

template <class Value>
void add(Json& json, const char* name, const Value& value) {
  json[name] = value;
}

void add(Json& json, const char* name, const std::optional<double>& value) {
  if (value) json[name] = *value;
}

template <class Record>
Json members(const Record& record) {
  Json json = Json::object();
  for_each_member(record, [&](const char* name, const auto& value) { add(json, name, value); });
  return json;
}

std::string kind_of(const Progress&) { return "progress"; }
std::string kind_of(const Validation&) { return "validation"; }
std::string kind_of(const Note& note) { return note.kind; }

Json details_of(const Progress& progress) {
  Json json = members(progress);
  if (!progress.task.empty()) {
    json["task"] = progress.task;
    json["seed"] = progress.seed;
  }
  return json;
}
Json details_of(const Validation& validation) { return members(validation); }
Json details_of(const Note& note) { return note_details(note); }

}  // namespace

Json note_details(const Note& note) {
  Json details = Json::parse(note.json, nullptr, /*allow_exceptions=*/false);
  if (!details.is_object()) {
    throw Error(ErrorCode::kInternal, "note '" + note.kind + "': details are not a JSON object");
  }
  return details;
}

Json event_to_json(const Event& event, double unix_time) {
  return std::visit(
      [&](const auto& record) {
        Json json = {{"event", kind_of(record)}, {"time", iso_utc(unix_time)}};
        const Json details = details_of(record);
        for (const auto& [name, value] : details.items()) {
          if (!json.contains(name)) json[name] = value;
        }
        return json;
      },
      event);
}

std::string dump_line(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace cram::report
