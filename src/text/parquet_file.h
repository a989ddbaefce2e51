// What the readers of Parquet files share: an open file and its columns, a batch at a time.
//
// They read low-level columns, not Arrow tables: values stay in the page that holds them, and pages
// are unpacked one after the other, so memory does not grow with the row group. All the ways to
// declare text (string, large string, dictionary) are the same there.
#pragma once

#include <filesystem>

#ifdef CRAM_WITH_PARQUET

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/memory_pool.h>
#include <parquet/api/reader.h>

#include "file_handle.h"

namespace cram::text {

class ParquetFile {
 public:
  // Throws Error{kData} for what is no whole Parquet file.
  explicit ParquetFile(const std::filesystem::path& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] int groups() const;
  [[nodiscard]] std::int64_t rows_of(int group) const;

  // By its path in the schema; "a.b" is nested in "a".
  [[nodiscard]] std::optional<int> find_column(const std::string& name) const;
  [[nodiscard]] const parquet::ColumnDescriptor& column(int index) const;
  [[nodiscard]] std::vector<std::string> text_columns() const;
  [[nodiscard]] std::string column_names() const;  // as a list for messages

  // The part of a column that a row group holds. Throws what Arrow throws.
  [[nodiscard]] std::shared_ptr<parquet::ColumnReader> open_column(int group, int column);

 private:
  void open(FileHandle file);

  // Pages say how large they are when unpacked: believed up to here, for all of one file.
  static constexpr std::int64_t kMaxMemory = std::int64_t{1} << 30;

  std::string path_;
  std::uint64_t bytes_ = 0;
  std::int64_t rows_ = 0;
  arrow::ProxyMemoryPool counted_{arrow::default_memory_pool()};
  arrow::CappedMemoryPool memory_{&counted_, kMaxMemory};
  std::unique_ptr<parquet::ParquetFileReader> file_;
};

// A column of Unicode or untyped bytes, one value a row.
[[nodiscard]] bool holds_text(const parquet::ColumnDescriptor& column);

[[nodiscard]] inline std::string to_string(const parquet::ByteArray& value) {
  return {reinterpret_cast<const char*>(value.ptr), value.len};
}

// Some rows of an unnested column. Values may point into the page they are from: they are valid
// until the next fill().
template <typename Type>
class ParquetBatch {
 public:
  using Value = typename Type::c_type;

  // Reads up to `wanted` > 0 of the next rows, one at least; throws what Arrow throws.
  void fill(parquet::ColumnReader& column, std::int64_t wanted) {
    clear();
    full_level_ = column.descr()->max_definition_level();
    levels_.fill(full_level_);  // not written for a required column
    std::int64_t values = 0;
    const std::int64_t rows = static_cast<parquet::TypedColumnReader<Type>&>(column).ReadBatch(
        std::min(wanted, kRows), levels_.data(), nullptr, values_.data(), &values);
    const auto full = std::count(levels_.begin(), levels_.begin() + rows, full_level_);
    if (rows == 0 || full != values) throw parquet::ParquetException("the column lacks rows");
    rows_ = static_cast<std::size_t>(rows);
  }
  void clear() { rows_ = row_ = value_ = 0; }
  [[nodiscard]] bool empty() const { return row_ == rows_; }
  // The value of the next row; null where that has none.
  const Value* take() { return levels_[row_++] < full_level_ ? nullptr : &values_[value_++]; }

 private:
  static constexpr std::int64_t kRows = 256;
  std::array<std::int16_t, kRows> levels_{};
  std::array<Value, kRows> values_{};  // of the rows that have one
  std::int16_t full_level_ = 0;
  std::size_t rows_ = 0;
  std::size_t row_ = 0;
  std::size_t value_ = 0;
};

}  // namespace cram::text

#else

namespace cram::text {

[[noreturn]] void refuse_parquet(const std::filesystem::path& path);

}  // namespace cram::text

#endif
