// read -> work in parallel -> write, in the order of reading and in bounded memory.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace cram {

// CPUs this process may run on (affinity mask and control-group quota), at least 1.
[[nodiscard]] int available_cpus();

namespace internal {

// The shared state of one run_ordered_pipeline call.
template <class Item, class Result, class Read, class Work>
class OrderedPipeline {
 public:
  OrderedPipeline(int threads, Read& read, Work& work)
      : limit_(4 * static_cast<std::uint64_t>(threads)), read_(read), work_(work) {
    // Reading is uneven: one more keeps all the others at work while one waits for its turn.
    const int workers = threads > 1 ? threads + 1 : 1;
    workers_.reserve(static_cast<std::size_t>(workers));
    for (int i = 0; i < workers; ++i) workers_.emplace_back([this] { run_worker(); });
  }

  ~OrderedPipeline() {
    stop();
    for (std::thread& worker : workers_) worker.join();
  }

  // The next result in reading order; empty at the end. Rethrows what a worker threw.
  std::optional<Result> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
      return error_ || done_.contains(written_) || (ended_ && written_ == taken_);
    });
    if (error_) std::rethrow_exception(error_);
    auto found = done_.find(written_);
    if (found == done_.end()) return std::nullopt;
    std::optional<Result> result(std::move(found->second));
    done_.erase(found);
    ++written_;
    changed_.notify_all();
    return result;
  }

 private:
  void stop() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  void run_worker() {
    try {
      while (auto item = take()) finish(item->first, work_(std::move(item->second)));
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      ended_ = true;
      changed_.notify_all();
    }
  }

  // Reading happens under a lock of its own, so that one slow read does not hold up the others.
  std::optional<std::pair<std::uint64_t, Item>> take() {
    const std::lock_guard reading(read_mutex_);
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ended_ || taken_ - written_ < limit_; });
      if (ended_) return std::nullopt;
    }
    std::optional<Item> item = read_();
    const std::lock_guard lock(mutex_);
    if (!item) {
      ended_ = true;
      changed_.notify_all();
      return std::nullopt;
    }
    return std::pair(taken_++, std::move(*item));
  }

  void finish(std::uint64_t number, Result result) {
    const std::lock_guard lock(mutex_);
    done_.emplace(number, std::move(result));
    changed_.notify_all();
  }

  const std::uint64_t limit_;
  Read& read_;
  Work& work_;
  std::mutex read_mutex_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, Result> done_;
  std::uint64_t taken_ = 0;
  std::uint64_t written_ = 0;
  bool ended_ = false;
  std::exception_ptr error_;
  std::vector<std::thread> workers_;
};

}  // namespace internal

// Calls `read()`, which returns std::optional<Item> (empty at the end), on one thread at a time,
// `work(Item)` on `threads` threads (one more where they are several), and `write(Result)` on the calling thread in the order of
// reading. At most 4 * threads items are under way. The first exception of any of the three stops
// the pipeline and is rethrown here after all threads have ended.
template <class Read, class Work, class Write>
void run_ordered_pipeline(int threads, Read read, Work work, Write write) {
  using Item = typename std::invoke_result_t<Read&>::value_type;
  using Result = std::invoke_result_t<Work&, Item>;
  internal::OrderedPipeline<Item, Result, Read, Work> pipeline(threads, read, work);
  while (std::optional<Result> result = pipeline.next()) write(std::move(*result));
}

}  // namespace cram
