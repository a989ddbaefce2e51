// Whole columns of a Parquet table, for tables that fit into memory.
//
// A table is one file or several, its parts in order. Columns are those at the top level, one value
// a row. Without Parquet in this program (see can_read_parquet) every call is an Error{kData}.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cram::text {

using ParquetParts = std::vector<std::filesystem::path>;

// Whether the first part has the column.
[[nodiscard]] bool has_parquet_column(const ParquetParts& table, const std::string& column);

// The columns that read_parquet_texts() reads.
[[nodiscard]] std::vector<std::string> parquet_text_columns(const ParquetParts& table);

// Valid UTF-8. Throws Error{kData}, naming file and row, for a missing column, one that does not
// hold text, a null, malformed UTF-8 and damaged pages.
[[nodiscard]] std::vector<std::string> read_parquet_texts(const ParquetParts& table,
                                                          const std::string& column);

// Integers, floating-point numbers and booleans (0 and 1); NaN for a null. Throws likewise.
[[nodiscard]] std::vector<double> read_parquet_numbers(const ParquetParts& table,
                                                       const std::string& column);

}  // namespace cram::text
