#include "parquet_file.h"

#include "cram/base/error.h"

#ifdef CRAM_WITH_PARQUET

#include <arrow/io/file.h>

#include "cram/text/printable.h"

namespace cram::text {
namespace {

constexpr std::int64_t kMaxRows = std::int64_t{1} << 48;

}  // namespace

bool holds_text(const parquet::ColumnDescriptor& column) {
  const auto& type = *column.logical_type();
  return column.physical_type() == parquet::Type::BYTE_ARRAY &&
         column.max_repetition_level() == 0 &&
         (type.is_string() || type.is_none() || type.is_JSON() || type.is_enum());
}

ParquetFile::ParquetFile(const std::filesystem::path& path) : path_(path.string()) {
  FileHandle file(path);
  bytes_ = file.bytes();
  try {
    open(std::move(file));
  } catch (const parquet::ParquetException& error) {
    throw Error(ErrorCode::kData, path_ + ": not a whole Parquet file: " + printable(error.what()),
                "download or write it again");
  }
}

void ParquetFile::open(FileHandle file) {
  parquet::ReaderProperties properties(&memory_);
  properties.enable_buffered_stream();
  properties.set_page_checksum_verification(true);
  PARQUET_ASSIGN_OR_THROW(auto input, arrow::io::ReadableFile::Open(file.release(), &memory_));
  file_ = parquet::ParquetFileReader::Open(std::move(input), properties);
  for (int i = 0; i < groups(); ++i) {
    const std::int64_t rows = rows_of(i);
    if (rows < 0 || rows > kMaxRows - rows_)
      throw parquet::ParquetException("impossible row count");
    rows_ += rows;
  }
}

int ParquetFile::groups() const { return file_->metadata()->num_row_groups(); }

std::int64_t ParquetFile::rows_of(int group) const {
  return file_->metadata()->RowGroup(group)->num_rows();
}

std::optional<int> ParquetFile::find_column(const std::string& name) const {
  const auto& schema = *file_->metadata()->schema();
  for (int i = 0; i < schema.num_columns(); ++i) {
    if (schema.Column(i)->path()->ToDotString() == name) return i;
  }
  return std::nullopt;
}

const parquet::ColumnDescriptor& ParquetFile::column(int index) const {
  return *file_->metadata()->schema()->Column(index);
}

std::vector<std::string> ParquetFile::text_columns() const {
  std::vector<std::string> names;
  for (int i = 0; i < file_->metadata()->schema()->num_columns(); ++i) {
    if (holds_text(column(i))) names.push_back(column(i).path()->ToDotString());
  }
  return names;
}

std::string ParquetFile::column_names() const {
  std::string names;
  for (int i = 0; i < file_->metadata()->schema()->num_columns(); ++i) {
    names += (i == 0 ? "" : ", ") + column(i).path()->ToDotString();
  }
  return names;
}

std::shared_ptr<parquet::ColumnReader> ParquetFile::open_column(int group, int column) {
  return file_->RowGroup(group)->Column(column);
}

}  // namespace cram::text

#else

namespace cram::text {

void refuse_parquet(const std::filesystem::path& path) {
  throw Error(ErrorCode::kData, path.string() + ": this program was built without Parquet",
              "build it with -DCRAM_WITH_PARQUET=ON, or convert the file to .jsonl");
}

}  // namespace cram::text

#endif
