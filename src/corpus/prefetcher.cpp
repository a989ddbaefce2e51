#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "cram/base/error.h"
#include "cram/corpus/batches.h"

namespace cram::corpus {

struct BatchPrefetcher::Impl {
  using Outcome = std::variant<MaskedBatch, std::exception_ptr>;

  Impl(const BatchMaker& batch_maker, int batches_ahead)
      : maker(batch_maker), depth(static_cast<std::size_t>(batches_ahead > 0 ? batches_ahead : 1)) {
    thread = std::thread([this] { run(); });
  }

  void run() {
    while (const std::optional<BatchRequest> request = take()) {
      Outcome outcome = make(*request);
      const std::lock_guard lock(mutex);
      outcomes.push_back(std::move(outcome));
      changed.notify_all();
    }
  }

  // The next request, once there is room for its batch; nothing when all is over.
  std::optional<BatchRequest> take() {
    std::unique_lock lock(mutex);
    changed.wait(lock,
                 [this] { return stopping || (!requests.empty() && outcomes.size() < depth); });
    if (stopping) return std::nullopt;
    const BatchRequest request = requests.front();
    requests.pop_front();
    return request;
  }

  [[nodiscard]] Outcome make(const BatchRequest& request) const {
    try {
      return maker.make(request.start, request.count, request.masking_rate);
    } catch (...) {
      return std::current_exception();
    }
  }

  const BatchMaker& maker;
  const std::size_t depth;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<BatchRequest> requests;
  std::deque<Outcome> outcomes;
  std::size_t open = 0;  // requests that next() has not answered
  bool stopping = false;
  std::thread thread;
};

BatchPrefetcher::BatchPrefetcher(const BatchMaker& maker, int depth)
    : impl_(std::make_unique<Impl>(maker, depth)) {}

BatchPrefetcher::~BatchPrefetcher() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->changed.notify_all();
  }
  impl_->thread.join();
}

void BatchPrefetcher::request(const BatchRequest& request) {
  const std::lock_guard lock(impl_->mutex);
  impl_->requests.push_back(request);
  ++impl_->open;
  impl_->changed.notify_all();
}

MaskedBatch BatchPrefetcher::next() {
  std::unique_lock lock(impl_->mutex);
  if (impl_->open == 0) throw Error(ErrorCode::kInternal, "no batch was requested");
  impl_->changed.wait(lock, [this] { return !impl_->outcomes.empty(); });
  Impl::Outcome outcome = std::move(impl_->outcomes.front());
  impl_->outcomes.pop_front();
  --impl_->open;
  impl_->changed.notify_all();
  if (const auto* error = std::get_if<std::exception_ptr>(&outcome)) std::rethrow_exception(*error);
  return std::get<MaskedBatch>(std::move(outcome));
}

}  // namespace cram::corpus
