// Everything that happens in a run, as one stream of records with several readers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
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
};

struct Validation {
  std::int64_t step = 0;
  std::int64_t tokens = 0;
  double seconds = 0;
  double budget_share = 0;
  double loss = 0;      // nats a masked token
  double accuracy = 0;  // 0 to 1
  std::int64_t masked_tokens = 0;
};

// Anything else that happened: "started", "resumed", "checkpoint", "interrupted", "finished", …
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
// The progress line and plain messages on standard error.
[[nodiscard]] std::unique_ptr<EventSink> make_terminal_sink();
// TensorBoard event files in `folder`.
[[nodiscard]] std::unique_ptr<EventSink> make_tensorboard_sink(const std::filesystem::path& folder);
// Passes each event to all.
[[nodiscard]] std::unique_ptr<EventSink> make_tee(std::vector<std::unique_ptr<EventSink>> sinks);

// report.html from events.jsonl: self-contained, loss and speed curves as inline SVG, the recipe,
// the build, the final numbers.
void write_html_report(const std::filesystem::path& run_folder);

}  // namespace cram::report
