// read -> work in parallel -> write, in the order of reading and in bounded memory.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
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

namespace internal {

// The shared state of one run_ordered_pipeline call.
template <class Item, class Result, class Read, class Work>
class OrderedPipeline {
 public:
  OrderedPipeline(int threads, Read& read, Work& work)
      : limit_(8 * static_cast<std::uint64_t>(threads) + 16), read_(read), work_(work) {
    // Reading is uneven: a thread of its own gets ahead.
    try {
      threads_.reserve(static_cast<std::size_t>(threads) + 1);
      threads_.emplace_back([this] { guard([this] { read_ahead(); }); });
      for (int i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { guard([this] { work_off(); }); });
      }
    } catch (...) {  // the system gives no more threads
      end();
      throw;
    }
  }

  ~OrderedPipeline() { end(); }

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
  using Numbered = std::pair<std::uint64_t, Item>;

  void end() {
    stop(nullptr);
    for (std::thread& thread : threads_) thread.join();
  }

  void stop(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    ended_ = true;
    stopped_ = true;
    changed_.notify_all();
  }

  // What a thread runs.
  template <class Action>
  void guard(const Action& action) {
    try {
      action();
    } catch (...) {
      stop(std::current_exception());
    }
  }

  void read_ahead() {
    while (std::optional<Numbered> item = read()) {
      const std::lock_guard lock(mutex_);
      ready_.push_back(std::move(*item));
      changed_.notify_all();
    }
  }

  void work_off() {
    while (std::optional<Numbered> item = take())
      finish(item->first, work_(std::move(item->second)));
  }

  std::optional<Numbered> read() {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ended_ || taken_ - written_ < limit_; });
      if (ended_) return std::nullopt;
    }
    std::optional<Item> item = read_();
    const std::lock_guard lock(mutex_);
    if (item) return Numbered(taken_++, std::move(*item));
    ended_ = true;
    changed_.notify_all();
    return std::nullopt;
  }

  std::optional<Numbered> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopped_ || ended_ || !ready_.empty(); });
    if (stopped_ || ready_.empty()) return std::nullopt;
    std::optional<Numbered> item(std::move(ready_.front()));
    ready_.pop_front();
    return item;
  }

  void finish(std::uint64_t number, Result result) {
    const std::lock_guard lock(mutex_);
    done_.emplace(number, std::move(result));
    changed_.notify_all();
  }

  const std::uint64_t limit_;
  Read& read_;
  Work& work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Numbered> ready_;  // read, and not yet worked on
  std::map<std::uint64_t, Result> done_;
  std::uint64_t taken_ = 0;  // that were read
  std::uint64_t written_ = 0;
  bool ended_ = false;    // no more are read
  bool stopped_ = false;  // no more are worked on
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

}  // namespace internal

// Calls `read()`, which returns std::optional<Item> (empty at the end), `work(Item)` on `threads`
// threads, and `write(Result)` on the calling thread in the order of reading. With one thread that
// is the calling one, with more another one reads, and at most 8 * threads + 16 items wait or
// are worked on, so that reading and writing may take their time now and then. The first exception
// of any of the three stops the pipeline and is rethrown here after all threads have ended.
template <class Read, class Work, class Write>
void run_ordered_pipeline(int threads, Read read, Work work, Write write) {
  using Item = typename std::invoke_result_t<Read&>::value_type;
  using Result = std::invoke_result_t<Work&, Item>;
  if (threads <= 1) {
    while (std::optional<Item> item = read()) write(work(std::move(*item)));
    return;
  }
  internal::OrderedPipeline<Item, Result, Read, Work> pipeline(threads, read, work);
  while (std::optional<Result> result = pipeline.next()) write(std::move(*result));
}

}  // namespace cram
