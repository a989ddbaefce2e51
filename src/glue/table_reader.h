// Rows of named columns, each with a field for every column.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "delimited_reader.h"

namespace cram::glue {

enum class Misfits { kRefuse, kSkip };

struct TableForm {
  Dialect dialect;
  std::vector<std::string> names;  // of the columns; empty: the first row holds them
  Misfits misfits = Misfits::kRefuse;
};

class TableReader {
 public:
  // Throws Error{kData} for a file without a header line, or one that names a column twice.
  TableReader(const std::filesystem::path& path, const TableForm& form);

  // The first of these columns that there is.
  [[nodiscard]] std::optional<std::size_t> find(const std::vector<std::string>& names) const;
  // The same, or Error{kData} that lists the columns there are.
  [[nodiscard]] std::size_t column(const std::vector<std::string>& names) const;
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  // Goes on to the next row; false at the end. Throws Error{kData} for a row with too many or too
  // few fields, unless such are skipped.
  bool next();
  [[nodiscard]] const std::string& field(std::size_t column) const {
    return rows_.fields()[column];
  }
  // Rows that were skipped, and the line of the first of them.
  [[nodiscard]] std::int64_t skipped() const { return skipped_; }
  [[nodiscard]] std::int64_t first_skipped() const { return first_skipped_; }

  [[nodiscard]] const std::string& path() const { return rows_.path(); }
  [[nodiscard]] std::int64_t line() const { return rows_.line(); }
  [[nodiscard]] Error error(const std::string& what, const std::string& hint = "") const {
    return rows_.error(what, hint);
  }

 private:
  void refuse_misfit() const;

  DelimitedReader rows_;
  std::vector<std::string> names_;
  Quoting quoting_;
  Misfits misfits_;
  std::int64_t skipped_ = 0;
  std::int64_t first_skipped_ = 0;
};

}  // namespace cram::glue
