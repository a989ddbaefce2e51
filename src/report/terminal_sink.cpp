#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cram/base/log.h"
#include "cram/base/units.h"
#include "cram/report/events.h"
#include "cram/report/status_line.h"

#include "event_json.h"
#include "wall_time.h"

namespace cram::report {
namespace {

constexpr double kRedrawSeconds = 0.1;
// Lines of a log: not faster than one can read, rarely over a long budget, but never silent.
constexpr double kLineSeconds = 10;
constexpr double kLineShare = 0.005;
constexpr double kSilenceSeconds = 60;

std::size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col - 1U : 79U;
}

// Details come from files and file names: no control byte of theirs may reach the terminal.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : dump_line(value);
}

std::string text_of(const Note& note) {
  const Json details = note_details(note);
  const std::string prefix = note.kind == "warning" ? "" : note.kind + ": ";
  if (const auto message = details.find("message"); message != details.end()) {
    return printable(prefix + text_of(*message));
  }
  std::string list;
  for (const auto& [name, value] : details.items()) {
    list += (list.empty() ? "" : ", ") + name + " " + text_of(value);
  }
  return printable(list.empty() ? note.kind : prefix + list);
}

std::string text_of(double loss, double accuracy) {
  std::array<char, 64> numbers{};
  std::snprintf(numbers.data(), numbers.size(), "loss %.4f, accuracy %.2f%%", loss, accuracy * 100);
  return numbers.data();
}

std::string text_of(const Validation& validation) {
  std::string numbers = text_of(validation.loss, validation.accuracy);
  if (validation.average_loss && validation.average_accuracy) {
    numbers +=
        ", averaged weights " + text_of(*validation.average_loss, *validation.average_accuracy);
  }
  const bool color = log::use_color();
  return std::string(color ? "\033[1m" : "") + "held-out " + numbers + (color ? "\033[0m" : "") +
         " (step " + format_count(validation.step) + ", " +
         format_short(static_cast<double>(validation.tokens)) + " tokens)";
}

class TerminalSink final : public EventSink {
 public:
  ~TerminalSink() override { log::progress(""); }

  void record(const Event& event) override {
    std::visit([this](const auto& record) { show(record); }, event);
  }

 private:
  void show(const Progress& progress) {
    const bool terminal = log::is_terminal();
    if (!(terminal ? is_redraw_due(progress) : is_line_due(progress))) return;
    last_seconds_ = progress.seconds;
    last_share_ = progress.budget_share;
    const std::size_t width = terminal ? terminal_width() : std::numeric_limits<std::size_t>::max();
    log::progress(status_line(progress, {width, terminal, unix_now()}));
  }

  static void show(const Validation& validation) { log::info(text_of(validation)); }

  static void show(const Note& note) {
    if (note.kind == "warning") return log::warning(text_of(note));
    log::info(text_of(note));
  }

  // Also true for the first record and when the budget's clock went back, as after a resume.
  [[nodiscard]] bool is_redraw_due(const Progress& progress) const {
    return !(std::abs(progress.seconds - last_seconds_) < kRedrawSeconds);
  }

  [[nodiscard]] bool is_line_due(const Progress& progress) const {
    const double silence = std::abs(progress.seconds - last_seconds_);
    const bool moved = progress.budget_share - last_share_ >= kLineShare;
    return !(silence < kLineSeconds) && (moved || !(silence < kSilenceSeconds));
  }

  double last_seconds_ = -std::numeric_limits<double>::infinity();
  double last_share_ = 0;
};

}  // namespace

std::unique_ptr<EventSink> make_terminal_sink() { return std::make_unique<TerminalSink>(); }

}  // namespace cram::report
