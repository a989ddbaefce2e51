// Collects what a run reports.
#pragma once

#include <vector>

#include "cram/report/events.h"

namespace cram::test {

class EventLog : public report::EventSink {
 public:
  void record(const report::Event& event) override { events.push_back(event); }
  template <class Kind>
  [[nodiscard]] std::vector<Kind> of() const {
    std::vector<Kind> found;
    for (const report::Event& event : events) {
      if (const auto* match = std::get_if<Kind>(&event)) found.push_back(*match);
    }
    return found;
  }

  std::vector<report::Event> events;
};

}  // namespace cram::test
