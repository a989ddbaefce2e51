#include "cram/report/events.h"

#include "append_file.h"
#include "event_json.h"
#include "wall_time.h"

namespace cram::report {
namespace {

class JsonlSink final : public EventSink {
 public:
  explicit JsonlSink(const std::filesystem::path& path) : file_(path) {}

  void record(const Event& event) override {
    std::string line = dump_line(event_to_json(event, unix_now())) + "\n";
    // A killed run or a full disk may have left half a line; reading the file tells which.
    if (!at_line_start_ && file_.ends_in_mid_line()) line.insert(0, "\n");
    at_line_start_ = false;
    file_.append(line);
    at_line_start_ = true;
  }

 private:
  AppendFile file_;
  bool at_line_start_ = false;
};

}  // namespace

std::unique_ptr<EventSink> make_jsonl_sink(const std::filesystem::path& file) {
  return std::make_unique<JsonlSink>(file);
}

}  // namespace cram::report
