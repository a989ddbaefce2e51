// Events as JSON objects, there and back. The names of the members are those of the structs.
#pragma once

#include <nlohmann/json.hpp>
#include <type_traits>

#include "cram/report/events.h"

namespace cram::report {

using Json = nlohmann::ordered_json;

// Calls visit("name", member) for each member, so that writing and reading share one list. Members
// that are optional are written where they are set.
template <class Record, class Visitor>
void for_each_member(Record& record, const Visitor& visit) {
  visit("step", record.step);
  visit("tokens", record.tokens);
  visit("seconds", record.seconds);
  visit("budget_share", record.budget_share);
  visit("loss", record.loss);
  if constexpr (std::is_same_v<std::remove_const_t<Record>, Progress>) {
    visit("seconds_left", record.seconds_left);
    visit("learning_rate", record.learning_rate);
    visit("gradient_norm", record.gradient_norm);
    visit("masking_rate", record.masking_rate);
    visit("batch_size", record.batch_size);
    visit("tokens_per_second", record.tokens_per_second);
    visit("gemm_share", record.gemm_share);
    visit("skipped_updates", record.skipped_updates);
  } else {
    visit("accuracy", record.accuracy);
    visit("masked_tokens", record.masked_tokens);
    visit("average_loss", record.average_loss);
    visit("average_accuracy", record.average_accuracy);
  }
}

// The details of a note. Throws Error{kInternal} when they are not a JSON object.
[[nodiscard]] Json note_details(const Note& note);

// "event", "time", then the members.
[[nodiscard]] Json event_to_json(const Event& event, double unix_time);

// One line of text, whatever bytes the strings hold.
[[nodiscard]] std::string dump_line(const Json& json);

}  // namespace cram::report
