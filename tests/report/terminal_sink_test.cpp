#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include "cram/base/error.h"
#include "cram/report/events.h"

#include "sample_events.h"

namespace cram::report {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string piped(const std::vector<Event>& events) {
  testing::internal::CaptureStderr();
  {
    const auto sink = make_terminal_sink();
    for (const Event& event : events) sink->record(event);
  }
  return testing::internal::GetCapturedStderr();
}

// Standard error is a terminal of the given width for as long as this lives.
class FakeTerminal {
 public:
  explicit FakeTerminal(unsigned short columns) : saved_(dup(STDERR_FILENO)) {
    const winsize size{24, columns, 0, 0};
    int slave = -1;
    if (openpty(&master_, &slave, nullptr, nullptr, &size) != 0) throw std::runtime_error("no pty");
    dup2(slave, STDERR_FILENO);
    close(slave);
  }
  ~FakeTerminal() {
    restore();
    close(master_);
  }

  // What was shown; standard error is what it was before from here on.
  std::string take_output() {
    std::string output;
    std::array<char, 4096> buffer{};
    restore();
    for (ssize_t n; (n = read(master_, buffer.data(), buffer.size())) > 0;) {
      output.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return output;
  }

 private:
  void restore() {
    if (saved_ < 0) return;
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    saved_ = -1;
  }

  int master_ = -1;
  int saved_;
};

Progress at(double seconds, double share) {
  Progress progress = sample_progress();
  progress.seconds = seconds;
  progress.budget_share = share;
  return progress;
}

TEST(TerminalSink, PrintsPlainLinesWhenPiped) {
  const std::string text = piped({sample_progress(), sample_validation(),
                                  Note{"checkpoint", R"({"message": "saved step 1,234"})"}});
  EXPECT_THAT(text, AllOf(HasSubstr("loss 3.2143"), HasSubstr("batch 1,536\n"),
                          HasSubstr("held-out loss 3.1415, accuracy 42.42% (step 1,200, "
                                    "12 M tokens)\n"),
                          HasSubstr("checkpoint: saved step 1,234\n")));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("\033")), Not(HasSubstr("\r"))));
}

TEST(TerminalSink, PrintsWhatWasMeasuredOfAveragedWeights) {
  EXPECT_THAT(piped({sample_validation_of_both()}),
              HasSubstr("held-out loss 3.1415, accuracy 42.42%, averaged weights loss 3.0125, "
                        "accuracy 43.75% (step 1,200, 12 M tokens)\n"));
}

TEST(TerminalSink, IsRareButNotSilentWhenPiped) {
  std::vector<Event> fast, slow;
  for (int second = 0; second < 100; ++second) {
    fast.push_back(at(second, second / 100.0));
    slow.push_back(at(second, second / 100'000.0));
  }
  const auto lines = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines(piped(fast)), 10);
  EXPECT_EQ(lines(piped(slow)), 2);
}

TEST(TerminalSink, ShowsProgressAfterTheClockWentBack) {
  EXPECT_THAT(piped({at(1000, 0.5), at(400, 0.2)}), HasSubstr(" 20.0%"));
}

TEST(TerminalSink, ListsDetailsThatHaveNoMessage) {
  EXPECT_EQ(piped({Note{"started", R"({"device": "cpu", "threads": 2})"}, Note{"finished", "{}"}}),
            "started: device cpu, threads 2\nfinished\n");
}

TEST(TerminalSink, ShowsWarningsAsWarnings) {
  EXPECT_EQ(piped({Note{"warning", R"({"message": "disk nearly full"})"}}),
            "warning: disk nearly full\n");
}

TEST(TerminalSink, LetsNoControlBytesThrough) {
  const std::string text = piped({Note{"odd\033[31m", R"({"message": "a\u001b[2Jb\nc"})"},
                                  Note{"odd", R"({"na\u001bme": "\u0007", "list": ["\u001b"]})"}});
  EXPECT_THAT(text, Not(HasSubstr("\033")));
  EXPECT_THAT(text, HasSubstr("a [2Jb c\n"));
}

TEST(TerminalSink, RefusesDetailsThatAreNoObject) {
  EXPECT_THROW(make_terminal_sink()->record(Note{"odd", "{"}), Error);
}

TEST(TerminalSink, RedrawsOneLineOnATerminal) {
  unsetenv("NO_COLOR");
  FakeTerminal terminal(80);
  {
    const auto sink = make_terminal_sink();
    sink->record(at(10, 0.1));
    sink->record(at(10.05, 0.11));
    sink->record(at(11, 0.2));
    sink->record(sample_validation());
  }
  const std::string text = terminal.take_output();
  EXPECT_THAT(text, StartsWith(" 10.0% | "));
  EXPECT_THAT(text, HasSubstr("\r\033[K 20.0% | "));
  EXPECT_THAT(text, Not(HasSubstr(" 11.0%"))) << "two redraws within a tenth of a second";
  EXPECT_THAT(text, HasSubstr("\033[1mheld-out loss 3.1415"));
  EXPECT_EQ(text.substr(text.size() - 4), "\r\033[K") << "the line is left behind at the end";
}

TEST(TerminalSink, HonoursNoColor) {
  setenv("NO_COLOR", "1", 1);
  FakeTerminal terminal(80);
  make_terminal_sink()->record(sample_validation());
  const std::string text = terminal.take_output();
  unsetenv("NO_COLOR");
  EXPECT_EQ(text, "held-out loss 3.1415, accuracy 42.42% (step 1,200, 12 M tokens)\r\n");
}

TEST(TerminalSink, FitsTheLineIntoTheTerminal) {
  for (const unsigned short columns : {20, 60, 130, 300}) {
    FakeTerminal terminal(columns);
    const auto sink = make_terminal_sink();
    sink->record(sample_progress());
    const std::string text = terminal.take_output();
    EXPECT_FALSE(text.empty());
    EXPECT_LT(text.size(), columns);
  }
}

}  // namespace
}  // namespace cram::report
