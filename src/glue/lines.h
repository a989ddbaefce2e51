// The lines of a text file, packed or not, that must be whole and valid UTF-8.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cram/base/error.h"
#include "cram/text/line_reader.h"

namespace cram::glue {

class Lines {
 public:
  // Throws Error{kData} when the file cannot be opened.
  explicit Lines(const std::filesystem::path& path);

  // The next line without its end, valid until the next call; then nothing. Throws Error{kData} for
  // one that is not UTF-8 or too long, and where the file is damaged.
  std::optional<std::string_view> next();

  // Of the line last returned, from 1.
  [[nodiscard]] std::int64_t number() const { return reader_.number(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  // An error on the line last returned.
  [[nodiscard]] Error error(const std::string& what, const std::string& hint = "") const;

 private:
  std::string path_;
  text::LineReader reader_;
};

// Error{kData} "<path>:<line>: <what>".
[[nodiscard]] Error error_at(const std::string& path, std::int64_t line, const std::string& what,
                             const std::string& hint = "");

// Text from a file as messages show it: in quote marks, on one line, shortened.
[[nodiscard]] std::string shown(std::string_view text);
// "a, b or c"; shortened where there are many.
[[nodiscard]] std::string any_of(const std::vector<std::string>& words);
[[nodiscard]] std::string all_of(const std::vector<std::string>& words);  // "a, b and c"

}  // namespace cram::glue
