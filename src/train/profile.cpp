#include "cram/train/profile.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string_view>

#include <torch/csrc/autograd/profiler_kineto.h>

#include "cram/base/error.h"

namespace cram::train {
namespace {

namespace kineto = torch::autograd::profiler;
using kineto::KinetoEvent;

// Time of each event without that of the events inside it. Events of one thread nest.
class OwnTime {
 public:
  explicit OwnTime(std::vector<const KinetoEvent*> events) : events_(std::move(events)) {
    std::stable_sort(events_.begin(), events_.end(), [](const auto* a, const auto* b) {
      if (a->startNs() != b->startNs()) return a->startNs() < b->startNs();
      return a->durationNs() > b->durationNs();
    });
  }

  void add_to(std::map<std::string, ProfileRow>& rows) const {
    std::vector<const KinetoEvent*> open;
    for (const KinetoEvent* event : events_) {
      while (!open.empty() && open.back()->endNs() <= event->startNs()) open.pop_back();
      const double ms = static_cast<double>(event->durationNs()) / 1e6;
      if (!open.empty()) rows[open.back()->name()].milliseconds -= ms;
      ProfileRow& row = rows[event->name()];
      row.name = event->name();
      row.calls += 1;
      row.milliseconds += ms;
      open.push_back(event);
    }
  }

 private:
  std::vector<const KinetoEvent*> events_;
};

std::vector<ProfileRow> rows_of(const std::vector<KinetoEvent>& events, c10::DeviceType device) {
  // Kernels of a GPU run one after the other in a stream, operations of a CPU in a thread.
  std::map<std::uint64_t, std::vector<const KinetoEvent*>> lanes;
  for (const KinetoEvent& event : events) {
    if (event.deviceType() != device || event.durationNs() == 0) continue;
    const bool cpu = device == c10::DeviceType::CPU;
    lanes[cpu ? event.startThreadId() : static_cast<std::uint64_t>(event.deviceResourceId())]
        .push_back(&event);
  }
  std::map<std::string, ProfileRow> by_name;
  for (auto& [lane, in_lane] : lanes) OwnTime(std::move(in_lane)).add_to(by_name);
  std::vector<ProfileRow> rows;
  for (auto& [name, row] : by_name) rows.push_back(std::move(row));
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.milliseconds > b.milliseconds; });
  return rows;
}

double total(const std::vector<ProfileRow>& rows, std::size_t first) {
  double sum = 0;
  for (std::size_t i = first; i < rows.size(); ++i) sum += rows[i].milliseconds;
  return sum;
}

std::string line(const ProfileRow& row, double all) {
  constexpr std::size_t kWidth = 72;
  std::string name = display_name(row.name);
  if (name.size() > kWidth) name = name.substr(0, kWidth - 3) + "...";
  char text[160];
  std::snprintf(text, sizeof(text), "%10.3f ms %5.1f %% %7lld  %s\n", row.milliseconds,
                all > 0 ? 100 * row.milliseconds / all : 0.0, static_cast<long long>(row.calls),
                name.c_str());
  return text;
}

}  // namespace

std::string display_name(const std::string& recorded) {
  constexpr std::string_view kNode = "torch::autograd::CppNode<";
  if (!recorded.starts_with(kNode) || !recorded.ends_with('>')) return recorded;
  const std::string node = recorded.substr(kNode.size(), recorded.size() - kNode.size() - 1);
  const std::size_t last = node.rfind("::");
  return (last == std::string::npos ? node : node.substr(last + 2)) + " backward";
}

std::vector<ProfileRow> profile(const std::function<void()>& work, const c10::Device& device,
                                const std::filesystem::path& trace) {
  std::set<kineto::ActivityType> activities{kineto::ActivityType::CPU};
  if (device.is_cuda()) activities.insert(kineto::ActivityType::CUDA);
  const kineto::ProfilerConfig config(kineto::ProfilerState::KINETO);
  // Its own log would speak of GPUs that are not there.
  setenv("KINETO_LOG_LEVEL", "99", /*overwrite=*/0);
  kineto::prepareProfiler(config, activities);
  kineto::enableProfiler(
      config, activities,
      {at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION, at::RecordScope::USER_SCOPE});
  try {
    work();
  } catch (...) {
    (void)kineto::disableProfiler();
    throw;
  }
  const auto result = kineto::disableProfiler();
  std::error_code none;
  std::filesystem::remove(trace, none);
  result->save(trace.string());
  if (!std::filesystem::exists(trace)) {
    throw Error(ErrorCode::kStorage, trace.string() + ": the trace could not be written",
                "give --profile a file in a folder that exists and can be written to");
  }
  return rows_of(result->events(), device.type());
}

std::string to_text(const std::vector<ProfileRow>& rows, std::size_t most) {
  const double all = total(rows, 0);
  const std::size_t shown = std::min(most, rows.size());
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) text += line(rows[i], all);
  if (shown < rows.size()) {
    ProfileRow rest{std::to_string(rows.size() - shown) + " others", 0, total(rows, shown)};
    for (std::size_t i = shown; i < rows.size(); ++i) rest.calls += rows[i].calls;
    text += line(rest, all);
  }
  return text;
}

}  // namespace cram::train
