#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include <unistd.h>

#include "cram/base/file.h"
#include "cram/base/host.h"
#include "cram/report/events.h"

#include "append_file.h"
#include "event_json.h"
#include "tensorboard_format.h"
#include "wall_time.h"

namespace cram::report {
namespace {

namespace fs = std::filesystem;

// TensorBoard reads the files of a folder in the order of their names.
fs::path unused_file(const fs::path& folder, double now) {
  const std::string stem = "events.out.tfevents." + std::to_string(static_cast<std::int64_t>(now)) +
                           "." + host_name() + "." + std::to_string(::getpid()) + ".";
  for (int number = 0;; ++number) {
    const fs::path file = folder / (stem + std::to_string(number));
    if (!fs::exists(file)) return file;
  }
}

class TensorboardSink final : public EventSink {
 public:
  explicit TensorboardSink(fs::path folder) : folder_(std::move(folder)) {
    make_folders(folder_);
    open_new_file();
  }

  void record(const Event& event) override {
    std::visit([this](const auto& record) { add(record); }, event);
  }

 private:
  void add(const Progress& progress) {
    const std::array scalars = {
        Scalar{"train/loss", progress.loss},
        Scalar{"train/learning_rate", progress.learning_rate},
        Scalar{"train/gradient_norm", progress.gradient_norm},
        Scalar{"train/masking_rate", progress.masking_rate},
        Scalar{"train/batch_size", static_cast<double>(progress.batch_size)},
        Scalar{"train/skipped_updates", static_cast<double>(progress.skipped_updates)},
        Scalar{"train/tokens", static_cast<double>(progress.tokens)},
        Scalar{"budget/share", progress.budget_share},
        Scalar{"budget/seconds", progress.seconds},
        Scalar{"speed/tokens_per_second", progress.tokens_per_second},
        Scalar{"speed/gemm_share", progress.gemm_share}};
    append(scalars_record(unix_now(), progress.step, scalars));
  }

  void add(const Validation& validation) {
    const std::array scalars = {Scalar{"validation/loss", validation.loss},
                                Scalar{"validation/accuracy", validation.accuracy}};
    append(scalars_record(unix_now(), validation.step, scalars));
    if (!validation.average_loss || !validation.average_accuracy) return;
    const std::array averages = {
        Scalar{"validation/average_loss", *validation.average_loss},
        Scalar{"validation/average_accuracy", *validation.average_accuracy}};
    append(scalars_record(unix_now(), validation.step, averages));
  }

  void add(const Note& note) {
    if (note.kind != "resumed" && note.kind != "evaluated") return;
    const Json details = note_details(note);
    const auto found = details.find("step");
    if (found == details.end() || !found->is_number_integer()) return;
    const auto step = found->get<std::int64_t>();
    if (note.kind == "resumed") return append(restart_record(unix_now(), step));
    for (const auto& [name, value] : details.at("metrics").items()) {
      // JSON has no other way to write a number that is not finite.
      const double score = value.is_null() ? std::nan("") : value.get<double>();
      const std::string tag = details.at("split").get<std::string>() + "/" + name;
      append(scalars_record(unix_now(), step, std::array{Scalar{tag, score}}));
    }
  }

  void open_new_file() {
    const double now = unix_now();
    file_.emplace(unused_file(folder_, now));
    append(version_record(now));
  }

  // Readers stop at a half-written record, so after a failure only a new file can be read.
  void append(const std::string& record) {
    if (!file_) open_new_file();
    try {
      file_->append(record);
    } catch (...) {
      file_.reset();
      throw;
    }
  }

  fs::path folder_;
  std::optional<AppendFile> file_;
};

}  // namespace

std::unique_ptr<EventSink> make_tensorboard_sink(const fs::path& folder) {
  return std::make_unique<TensorboardSink>(folder);
}

}  // namespace cram::report
