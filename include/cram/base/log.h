// What a person reads on standard error. Thread-safe. Results that scripts read go to standard
// output through the programs, never through here.
#pragma once

#include <string_view>

namespace cram::log {

enum class Level { kQuiet, kWarning, kInfo };

// The least severe level that is still printed; kInfo at the start.
void set_level(Level level);

void info(std::string_view message);
void warning(std::string_view message);

// A line that replaces itself on a terminal and is an ordinary line elsewhere. An empty text
// removes it. Other messages are printed above it.
void progress(std::string_view text);

// True when standard error is a terminal: progress lines redraw, else callers should print rarely.
[[nodiscard]] bool is_terminal();
// True when colours are wanted: a terminal, and NO_COLOR is not set.
[[nodiscard]] bool use_color();

}  // namespace cram::log
