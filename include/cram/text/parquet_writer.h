// Rows of text to a Parquet file, for programs that read such: Spark, Ray, datatrove, DuckDB,
// pandas.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace cram::text {

// Columns of text, none of which may be null, compressed by zstd. The file is readable after
// close(). Used by one thread at a time; memory is that of one row group, some 64 MiB.
class ParquetWriter {
 public:
  // Throws Error{kStorage} when the file cannot be made, Error{kUsage} when this program was built
  // without Parquet.
  ParquetWriter(const std::filesystem::path& path, const std::vector<std::string>& columns);
  ~ParquetWriter();
  ParquetWriter(const ParquetWriter&) = delete;
  ParquetWriter& operator=(const ParquetWriter&) = delete;

  // As many values as columns, each valid UTF-8 below 1 GiB. Throws Error{kStorage} when the disk
  // does not take them.
  void add(const std::vector<std::string>& row);
  // Of the values given so far.
  [[nodiscard]] std::uint64_t bytes() const;
  // Writes what is left, durably. To be called once.
  void close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cram::text
