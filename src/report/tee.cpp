#include <exception>
#include <utility>

#include "cram/report/events.h"

namespace cram::report {
namespace {

class Tee final : public EventSink {
 public:
  explicit Tee(std::vector<std::unique_ptr<EventSink>> sinks) : sinks_(std::move(sinks)) {}

  void record(const Event& event) override {
    std::exception_ptr first;
    for (const auto& sink : sinks_) {
      try {
        sink->record(event);
      } catch (...) {
        if (!first) first = std::current_exception();
      }
    }
    if (first) std::rethrow_exception(first);
  }

 private:
  std::vector<std::unique_ptr<EventSink>> sinks_;
};

}  // namespace

std::unique_ptr<EventSink> make_tee(std::vector<std::unique_ptr<EventSink>> sinks) {
  return std::make_unique<Tee>(std::move(sinks));
}

}  // namespace cram::report
