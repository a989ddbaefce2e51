#include "kept_text.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <optional>
#include <span>

#include "cram/base/pipeline.h"
#include "cram/corpus/progress.h"
#include "cram/selection/repeats.h"

#include "document_stream.h"

namespace cram::corpus {
namespace {

std::uint64_t sum(const std::vector<std::uint64_t>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

// Tells of all threads' work.
class SharedProgress {
 public:
  explicit SharedProgress(std::uint64_t bytes) : line_("collecting what is kept", bytes) {}

  void add(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    done_ += bytes;
    line_.update(done_, static_cast<std::int64_t>(done_));
  }

 private:
  std::mutex mutex_;
  ProgressLine line_;
  std::uint64_t done_ = 0;
};

// Puts documents one behind the other into a part of the memory, which they fill.
class Collector {
 public:
  Collector(ScratchMemory& memory, std::uint64_t begin, std::uint64_t bytes,
            SharedProgress& progress)
      : memory_(memory), at_(begin), end_(begin + bytes), progress_(progress) {}

  void add(std::string_view text) {
    if (buffer_.size() + text.size() >= kBufferBytes) flush();
    buffer_ += text;
    buffer_ += selection::kDocumentEnd;
  }
  void close() {
    flush();
    if (at_ != end_) refuse_changed_text();
  }

 private:
  static constexpr std::size_t kBufferBytes = 1 << 20;

  void flush() {
    if (buffer_.size() > end_ - at_) refuse_changed_text();
    memory_.write(at_, std::as_bytes(std::span(buffer_)));
    progress_.add(buffer_.size());
    at_ += buffer_.size();
    buffer_.clear();
  }

  ScratchMemory& memory_;
  std::uint64_t at_;
  std::uint64_t end_;
  SharedProgress& progress_;
  std::string buffer_;
};

}  // namespace

KeptText::KeptText(const KeptTextOptions& options)
    : memory_(sum(options.bytes_of_file), options.folder) {
  struct Task {
    std::size_t file = 0;
    std::uint64_t begin = 0;
  };
  SharedProgress progress(memory_.bytes().size());
  run_ordered_pipeline(
      options.threads,
      [&, next = Task()]() mutable -> std::optional<Task> {
        if (next.file == options.files.size()) return std::nullopt;
        const Task task = next;
        next.begin += options.bytes_of_file[next.file++];
        return task;
      },
      [&](const Task& task) {
        text::BadRecords known;
        DocumentStream stream(options.files, {.begin = task.file, .end = task.file + 1},
                              options.read, known, options.kept);
        Collector collector(memory_, task.begin, options.bytes_of_file[task.file], progress);
        while (const std::optional<SourcedDocument> document = stream.next()) {
          collector.add(document->text);
        }
        collector.close();
        return true;
      },
      [](bool) {});
  refuse_if_changed(options.files, {.begin = 0, .end = options.files.size()});
}

std::string_view KeptText::text() const {
  return {reinterpret_cast<const char*>(memory_.bytes().data()), memory_.bytes().size()};
}

}  // namespace cram::corpus
