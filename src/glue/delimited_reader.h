// Rows of fields with a character between them: .tsv and .csv.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lines.h"

namespace cram::glue {

enum class Quoting {
  kNone,         // quote marks are text, as in GLUE's own files
  kWholeFields,  // a field that stands in quote marks, doubled inside, is taken out of them; any
                 // other quote mark is text
  kRfc4180,      // a field that begins with a quote mark goes on to its partner, over lines as well
};

struct Dialect {
  char delimiter = '\t';
  Quoting quoting = Quoting::kNone;
};

class DelimitedReader {
 public:
  DelimitedReader(const std::filesystem::path& path, Dialect dialect)
      : lines_(path), dialect_(dialect) {}

  // Goes on to the next row that is not blank; false at the end. Throws Error{kData}.
  bool next();
  // Of the row: at least one.
  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }

  [[nodiscard]] const std::string& path() const { return lines_.path(); }
  // The line on which the row begins; 0 before the first.
  [[nodiscard]] std::int64_t line() const { return line_; }
  // Error{kData} that names the row's place.
  [[nodiscard]] Error error(const std::string& what, const std::string& hint = "") const {
    return error_at(lines_.path(), line_, what, hint);
  }

 private:
  [[nodiscard]] std::size_t take_field(std::size_t begin);
  [[nodiscard]] bool is_quoted(std::size_t begin, std::size_t end) const;
  [[nodiscard]] std::size_t closing_quote(std::size_t from);
  [[nodiscard]] bool add_line();

  Lines lines_;
  Dialect dialect_;
  std::int64_t line_ = 0;
  std::string row_;  // with the line ends inside quoted fields
  std::vector<std::string> fields_;
};

}  // namespace cram::glue
