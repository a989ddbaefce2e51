#include <utility>

#include "cram/base/error.h"
#include "cram/base/log.h"
#include "cram/report/events.h"

namespace cram::report {
namespace {

class PatientSink final : public EventSink {
 public:
  explicit PatientSink(std::unique_ptr<EventSink> sink) : sink_(std::move(sink)) {}

  void record(const Event& event) override {
    try {
      sink_->record(event);
      failing_ = false;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kStorage) throw;
      if (!failing_) log::warning(std::string(error.what()) + "; records are lost until it works");
      failing_ = true;
    }
  }

 private:
  std::unique_ptr<EventSink> sink_;
  bool failing_ = false;
};

}  // namespace

std::unique_ptr<EventSink> make_patient(std::unique_ptr<EventSink> sink) {
  return std::make_unique<PatientSink>(std::move(sink));
}

}  // namespace cram::report
