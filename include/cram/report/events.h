// Everything that happens in a run, as one stream of records with several readers.
//
// A sink is used by one thread at a time. A number that is not finite may stand in any record: it
// is what a diverged run reports. Sinks throw Error{kStorage} when they cannot write, and are
// still usable afterwards: the next record starts on clean ground.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cram::report {

// A progress record, averaged over the updates since the last one.
struct Progress {
  std::int64_t step = 0;
  std::int64_t tokens = 0;
  double seconds = 0;       // of the budget's clock
  double budget_share = 0;  // spent, 0 to 1
  double seconds_left = 0;  // until the budget is spent
  double loss = 0;
  double learning_rate = 0;
  double gradient_norm = 0;
  double masking_rate = 0;
  std::int64_t batch_size = 0;  // sequences an update
  double tokens_per_second = 0;
  double gemm_share = 0;  // model FLOP/s over the device's measured matrix-multiply speed
  std::int64_t skipped_updates = 0;
  std::string task = {};  // fine-tuning: whose it is; else empty, and the seed counts for nothing
  std::int64_t seed = 0;
};

struct Validation {
  std::int64_t step = 0;
  std::int64_t tokens = 0;
  double seconds = 0;
  double budget_share = 0;
  double loss = 0;      // nats a masked token
  double accuracy = 0;  // 0 to 1
  std::int64_t masked_tokens = 0;
  // Of the averaged weights, where there are such.
  std::optional<double> average_loss = {};
  std::optional<double> average_accuracy = {};
};

// Anything else that happened: "started", "resumed", "checkpoint", "interrupted", "finished", …
// Of "resumed" the "step" is a restart of the curves, of "evaluated" the "metrics", an object of
// numbers, are points at "step" of curves named after "split".
struct Note {
  std::string kind;
  std::string json;  // object with the details, "{}" when there are none
};

using Event = std::variant<Progress, Validation, Note>;

class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void record(const Event& event) = 0;
};

// Appends one JSON object a line, flushed line by line; each has "event" and "time" (UTC, ISO
// 8601). A half-written last line of a killed run is completed with a newline first.
[[nodiscard]] std::unique_ptr<EventSink> make_jsonl_sink(const std::filesystem::path& file);
// The progress line and plain messages on standard error. Where that is no terminal, a progress
// line appears at most every ten seconds and at least every minute of the budget's clock.
[[nodiscard]] std::unique_ptr<EventSink> make_terminal_sink();
// TensorBoard event files in `folder` (created), a new one for each sink.
[[nodiscard]] std::unique_ptr<EventSink> make_tensorboard_sink(const std::filesystem::path& folder);
// Warns, once, when the disk of a sink is full, and goes on: a record is worth less than the run.
[[nodiscard]] std::unique_ptr<EventSink> make_patient(std::unique_ptr<EventSink> sink);
// Passes each event to all, also when one of them throws; then rethrows the first error.
[[nodiscard]] std::unique_ptr<EventSink> make_tee(std::vector<std::unique_ptr<EventSink>> sinks);

// Writes report.html from events.jsonl, recipe.yaml and build.json of a run folder: one page that
// needs nothing else, with curves as inline SVG, the final numbers, the recipe and the build.
// Work that a resumed run did again counts once. Damaged lines are skipped and counted on the page;
// throws Error{kData}, and keeps an older page, when there is no events.jsonl or no record in it.
void write_html_report(const std::filesystem::path& run_folder);

}  // namespace cram::report
