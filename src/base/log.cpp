#include "cram/base/log.h"

#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cram::log {
namespace {

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::kQuiet:
      return spdlog::level::off;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kInfo:
      return spdlog::level::info;
  }
  return spdlog::level::info;
}

// Standard error shared by messages and the progress line. The one object of the program that
// everything may reach: a log that had to be passed along would stand in every signature.
class Terminal {
 public:
  Terminal() : logger_("cram", std::make_shared<spdlog::sinks::stderr_sink_st>()) {
    logger_.set_level(spdlog::level::info);
  }

  void set_level(Level level) {
    const std::lock_guard lock(mutex_);
    logger_.set_level(spdlog_level(level));
  }

  void message(spdlog::level::level_enum level, std::string_view text) {
    const std::lock_guard lock(mutex_);
    if (!logger_.should_log(level)) return;
    erase_progress();
    logger_.set_pattern(pattern(level));
    logger_.log(level, text);
    logger_.flush();
    draw_progress();
  }

  void progress(std::string_view text) {
    const std::lock_guard lock(mutex_);
    if (!logger_.should_log(spdlog::level::info)) return;
    if (is_terminal()) {
      erase_progress();
      progress_ = text;
      draw_progress();
    } else if (!text.empty()) {
      logger_.set_pattern("%v");
      logger_.log(spdlog::level::info, text);
      logger_.flush();
    }
  }

 private:
  static std::string pattern(spdlog::level::level_enum level) {
    if (level == spdlog::level::warn)
      return use_color() ? "\033[33mwarning:\033[0m %v" : "warning: %v";
    return "%v";
  }

  static void put(std::string_view text) {
    // A terminal that has gone away is no reason to stop a run.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  }

  void erase_progress() {
    if (!progress_.empty()) put("\r\033[K");
  }

  void draw_progress() {
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    const std::size_t width = known ? size.ws_col - 1U : 79U;
    if (!progress_.empty()) put(std::string_view(progress_).substr(0, width));
  }

  std::mutex mutex_;
  spdlog::logger logger_;
  std::string progress_;
};

Terminal& terminal() {
  static Terminal instance;
  return instance;
}

}  // namespace

void set_level(Level level) { terminal().set_level(level); }
void info(std::string_view message) { terminal().message(spdlog::level::info, message); }
void warning(std::string_view message) { terminal().message(spdlog::level::warn, message); }
void progress(std::string_view text) { terminal().progress(text); }

bool is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

bool use_color() {
  const char* no_color = std::getenv("NO_COLOR");
  return is_terminal() && (no_color == nullptr || *no_color == '\0');
}

}  // namespace cram::log
