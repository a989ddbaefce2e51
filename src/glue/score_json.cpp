#include <cstddef>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "cram/base/error.h"
#include "cram/glue/score_table.h"

#include "score_rows.h"

namespace cram::glue {
namespace {

using nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr const char* kSeedFormat = "cram seed score";
constexpr const char* kTableFormat = "cram task scores";
constexpr int kVersion = 1;

// The writer of the library turns NaN into null.
OrderedJson splits_json(const SeedScore& seed) {
  OrderedJson splits = OrderedJson::array();
  for (const SplitScore& score : seed.splits) {
    OrderedJson metrics = OrderedJson::array();
    for (const Measured& measured : score.metrics) {
      metrics.push_back({{"metric", name(measured.metric)}, {"value", measured.value}});
    }
    splits.push_back({{"split", score.split}, {"metrics", metrics}});
  }
  return splits;
}

OrderedJson spreads_json(const TaskScores& task) {
  OrderedJson spreads = OrderedJson::array();
  for (const std::string& split : splits_of(task)) {
    for (const Metric metric : metrics_of(task, split)) {
      const Spread range = spread(task, split, metric);
      spreads.push_back({{"split", split},
                         {"metric", name(metric)},
                         {"median", range.median},
                         {"smallest", range.smallest},
                         {"largest", range.largest}});
    }
  }
  return spreads;
}

OrderedJson seed_json(const SeedScore& seed) {
  return {{"seed", seed.seed},
          {"seconds", seed.seconds},
          {"examples", seed.examples},
          {"tokens", seed.tokens},
          {"splits", splits_json(seed)}};
}

OrderedJson task_json(const TaskScores& task) {
  OrderedJson seeds = OrderedJson::array();
  for (const SeedScore& seed : task.seeds) seeds.push_back(seed_json(seed));
  return {{"task", task.task},
          {"title", task.title},
          {"spreads", spreads_json(task)},
          {"seeds", seeds}};
}

// What the file is, before what is in it.
OrderedJson headed(const char* format, const OrderedJson& content) {
  OrderedJson whole = {{"format", format}, {"version", kVersion}};
  whole.update(content);
  return whole;
}

std::string dump(const OrderedJson& value) {
  return value.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

[[noreturn]] void refuse(const std::string& what) { throw std::domain_error(what); }

// An object with exactly these members.
void require_members(const json& value, std::initializer_list<const char*> names) {
  if (!value.is_object()) refuse("something else where an object belongs");
  for (const char* member : names) {
    if (!value.contains(member)) refuse("no '" + std::string(member) + "'");
  }
  if (value.size() != names.size()) refuse("an unknown member");
}

const json& array_at(const json& object, const char* member) {
  const json& value = object.at(member);
  if (!value.is_array()) refuse("'" + std::string(member) + "' is no array");
  return value;
}

std::string text_at(const json& object, const char* member) {
  const json& value = object.at(member);
  if (!value.is_string()) refuse("'" + std::string(member) + "' is no text");
  return value.get<std::string>();
}

double number_at(const json& object, const char* member) {
  const json& value = object.at(member);
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!value.is_number()) refuse("'" + std::string(member) + "' is no number");
  return value.get<double>();
}

std::int64_t whole_at(const json& object, const char* member) {
  const json& value = object.at(member);
  const bool is_whole =
      value.is_number_integer() &&
      (!value.is_number_unsigned() ||
       value.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
  if (!is_whole) refuse("'" + std::string(member) + "' is no whole number");
  return value.get<std::int64_t>();
}

Measured measured_from(const json& value) {
  require_members(value, {"metric", "value"});
  const std::optional<Metric> metric = find_metric(text_at(value, "metric"));
  if (!metric) refuse("an unknown metric");
  return {*metric, number_at(value, "value")};
}

SplitScore split_from(const json& value) {
  require_members(value, {"split", "metrics"});
  SplitScore score{.split = text_at(value, "split"), .metrics = {}};
  for (const json& metric : array_at(value, "metrics")) {
    score.metrics.push_back(measured_from(metric));
  }
  return score;
}

SeedScore seed_from(const json& value) {
  require_members(value, {"seed", "seconds", "examples", "tokens", "splits"});
  SeedScore score{.seed = whole_at(value, "seed"),
                  .seconds = number_at(value, "seconds"),
                  .examples = whole_at(value, "examples"),
                  .tokens = whole_at(value, "tokens"),
                  .splits = {}};
  for (const json& split : array_at(value, "splits")) score.splits.push_back(split_from(split));
  return score;
}

TaskScores task_from(const json& value) {
  require_members(value, {"task", "title", "spreads", "seeds"});
  TaskScores task{.task = text_at(value, "task"), .title = text_at(value, "title"), .seeds = {}};
  for (const json& seed : array_at(value, "seeds")) task.seeds.push_back(seed_from(seed));
  return task;
}

std::size_t count_members(const json& value) {
  std::size_t count = value.is_object() ? value.size() : 0;
  if (value.is_structured()) {
    for (const json& part : value) count += count_members(part);
  }
  return count;
}

// The parser keeps one of several members of the same name, so more keys than members tell that
// there were some.
json parse_once(const std::string& text) {
  constexpr int kDepth = 12;
  // The parser would take a NUL for the end of the text.
  if (text.find('\0') != std::string::npos) refuse("not valid JSON");
  std::size_t keys = 0;
  json value;
  try {
    value = json::parse(text, [&](int depth, json::parse_event_t event, const json&) {
      if (depth > kDepth) refuse("nested too deeply");
      if (event == json::parse_event_t::key) ++keys;
      return true;
    });
  } catch (const json::exception&) {
    // Without the parser's message, which quotes the text and so need not be printable.
    refuse("not valid JSON");
  }
  if (count_members(value) != keys) refuse("a repeated member");
  return value;
}

// What stands behind the head that headed() writes.
json content_of(const std::string& text, const char* format, const char* what) {
  json value = parse_once(text);
  if (!value.is_object()) refuse("something else where an object belongs");
  for (const char* member : {"format", "version"}) {
    if (!value.contains(member)) refuse("no '" + std::string(member) + "'");
  }
  if (text_at(value, "format") != format) refuse("not the " + std::string(what));
  if (whole_at(value, "version") != kVersion) {
    refuse("version " + std::to_string(whole_at(value, "version")) + ", this cram reads " +
           std::to_string(kVersion));
  }
  value.erase("format");
  value.erase("version");
  return value;
}

}  // namespace

std::string to_json(const std::vector<TaskScores>& tasks) {
  OrderedJson list = OrderedJson::array();
  for (const TaskScores& task : tasks) list.push_back(task_json(task));
  const GlueMean mean = glue_mean(tasks);
  return dump(
      headed(kTableFormat,
             {{"tasks", list}, {"glue_mean", {{"mean", mean.mean}, {"missing", mean.missing}}}}));
}

std::vector<TaskScores> parse_task_scores(const std::string& text, const std::string& where) {
  try {
    const json table = content_of(text, kTableFormat, "scores of tasks");
    require_members(table, {"tasks", "glue_mean"});
    std::vector<TaskScores> tasks;
    for (const json& task : array_at(table, "tasks")) tasks.push_back(task_from(task));
    return tasks;
  } catch (const std::domain_error& error) {
    throw Error(ErrorCode::kData, where + ": " + error.what(),
                "remove the file: `cram finetune` makes it anew of the seeds that are done");
  }
}

std::string to_json(const SeedScore& score) { return dump(headed(kSeedFormat, seed_json(score))); }

SeedScore parse_seed_score(const std::string& text, const std::string& where) {
  try {
    return seed_from(content_of(text, kSeedFormat, "score of a seed"));
  } catch (const std::domain_error& error) {
    throw Error(ErrorCode::kData, where + ": " + error.what(),
                "remove the file to fine-tune with this seed again");
  }
}

}  // namespace cram::glue
