#include "parquet_reader.h"

#ifdef CRAM_WITH_PARQUET

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <arrow/io/file.h>
#include <arrow/memory_pool.h>
#include <parquet/api/reader.h>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"

#include "document_queue.h"
#include "file_handle.h"
#include "printable.h"

namespace cram::text {
namespace {

using Kind = BadRecords::Kind;

// Pages say how large they are when unpacked: believed up to here, for all of one file.
constexpr std::int64_t kMaxMemory = std::int64_t{1} << 30;
constexpr std::int64_t kMaxRows = std::int64_t{1} << 48;
constexpr std::int64_t kBatchRows = 256;

// A column of Unicode or untyped bytes, one value a row.
bool holds_text(const parquet::ColumnDescriptor& column) {
  const auto& type = *column.logical_type();
  return column.physical_type() == parquet::Type::BYTE_ARRAY &&
         column.max_repetition_level() == 0 &&
         (type.is_string() || type.is_none() || type.is_JSON() || type.is_enum());
}

int find_text_column(const parquet::SchemaDescriptor& schema, const std::string& name,
                     const std::string& path) {
  std::string names;
  for (int i = 0; i < schema.num_columns(); ++i) {
    const std::string column = schema.Column(i)->path()->ToDotString();
    names += (i == 0 ? "" : ", ") + column;
    if (column != name) continue;
    if (holds_text(*schema.Column(i))) return i;
    throw Error(ErrorCode::kData, path + ": the column \"" + name + "\" does not hold text",
                "name another with data.text_field");
  }
  throw Error(ErrorCode::kData, path + " has no column \"" + name + "\"",
              "name one of these with data.text_field: " + printable(names, 500));
}

// Reads the low-level column, not Arrow tables: values stay in the page that holds them, and pages
// are unpacked one after the other, so memory does not grow with the row group. All the ways to
// declare text (string, large string, dictionary) are the same there.
class ParquetReader final : public DocumentReader {
 public:
  ParquetReader(const std::filesystem::path& path, const ReadOptions& options, BadRecords& bad);

  std::optional<Document> next() override;
  [[nodiscard]] std::uint64_t bytes_read() const override;

 private:
  void open(FileHandle file, const std::string& text_field);
  void read_row();
  [[nodiscard]] bool read_batch();
  [[nodiscard]] bool has_rows();
  void fill_batch();
  void lose_row_group(const std::string& why);

  std::string path_;
  std::uint64_t bytes_ = 0;
  arrow::ProxyMemoryPool counted_{arrow::default_memory_pool()};
  arrow::CappedMemoryPool memory_{&counted_, kMaxMemory};
  std::unique_ptr<parquet::ParquetFileReader> file_;
  int text_column_ = 0;
  std::int64_t rows_ = 0;

  int group_ = -1;
  std::int64_t group_end_ = 0;                     // the first row after it
  std::int64_t row_ = 0;                           // the next to take
  std::shared_ptr<parquet::ColumnReader> column_;  // the text of the row group

  // Rows of the group that were read; the values of those that are not null point into its page.
  std::array<std::int16_t, kBatchRows> levels_{};
  std::array<parquet::ByteArray, kBatchRows> values_{};
  std::size_t batch_rows_ = 0;
  std::size_t batch_row_ = 0;
  std::size_t batch_value_ = 0;

  DocumentQueue queue_;
};

ParquetReader::ParquetReader(const std::filesystem::path& path, const ReadOptions& options,
                             BadRecords& bad)
    : path_(path.string()), queue_(options, path_, "row ", bad) {
  FileHandle file(path);
  bytes_ = file.bytes();
  try {
    open(std::move(file), options.text_field);
  } catch (const parquet::ParquetException& error) {
    throw Error(ErrorCode::kData, path_ + ": not a whole Parquet file: " + printable(error.what()),
                "download or write it again");
  }
}

void ParquetReader::open(FileHandle file, const std::string& text_field) {
  parquet::ReaderProperties properties(&memory_);
  properties.enable_buffered_stream();
  properties.set_page_checksum_verification(true);
  PARQUET_ASSIGN_OR_THROW(auto input, arrow::io::ReadableFile::Open(file.release(), &memory_));
  file_ = parquet::ParquetFileReader::Open(std::move(input), properties);
  const auto metadata = file_->metadata();
  text_column_ = find_text_column(*metadata->schema(), text_field, path_);
  for (int i = 0; i < metadata->num_row_groups(); ++i) {
    const std::int64_t rows = metadata->RowGroup(i)->num_rows();
    if (rows < 0 || rows > kMaxRows - rows_)
      throw parquet::ParquetException("impossible row count");
    rows_ += rows;
  }
}

std::optional<Document> ParquetReader::next() {
  while (true) {
    if (auto document = queue_.next()) return document;
    if (batch_row_ == batch_rows_ && !read_batch()) return std::nullopt;
    read_row();
  }
}

void ParquetReader::read_row() {
  const bool null = levels_[batch_row_++] < column_->descr()->max_definition_level();
  ++row_;
  if (null) return queue_.refuse(Kind::kMissingField, row_, "the text is null");
  const parquet::ByteArray& value = values_[batch_value_++];
  queue_.put(std::string(reinterpret_cast<const char*>(value.ptr), value.len), row_);
}

bool ParquetReader::read_batch() {
  while (has_rows()) {
    interrupt::throw_if_stopped();
    try {
      fill_batch();
      return true;
    } catch (const std::exception& error) {  // Arrow also throws what the standard library does
      lose_row_group(error.what());
    }
  }
  return false;
}

// Goes on to the next row group where one ends.
bool ParquetReader::has_rows() {
  const auto metadata = file_->metadata();
  while (row_ == group_end_) {
    if (group_ + 1 == metadata->num_row_groups()) return false;
    group_end_ += metadata->RowGroup(++group_)->num_rows();
    column_.reset();
  }
  return true;
}

void ParquetReader::fill_batch() {
  batch_rows_ = batch_row_ = batch_value_ = 0;
  if (!column_) column_ = file_->RowGroup(group_)->Column(text_column_);
  levels_.fill(column_->descr()->max_definition_level());  // not written for a required column
  const std::int64_t wanted = std::min(kBatchRows, group_end_ - row_);
  std::int64_t values = 0;
  const std::int64_t rows = static_cast<parquet::ByteArrayReader&>(*column_).ReadBatch(
      wanted, levels_.data(), nullptr, values_.data(), &values);
  const auto full =
      std::count(levels_.begin(), levels_.begin() + rows, column_->descr()->max_definition_level());
  if (rows == 0 || full != values) throw parquet::ParquetException("the column lacks rows");
  batch_rows_ = static_cast<std::size_t>(rows);
}

void ParquetReader::lose_row_group(const std::string& why) {
  queue_.refuse(Kind::kDamagedFile, row_ + 1,
                std::to_string(group_end_ - row_) + " rows lost: " + why);
  row_ = group_end_;
}

std::uint64_t ParquetReader::bytes_read() const {
  if (rows_ == 0) return bytes_;
  return static_cast<std::uint64_t>(static_cast<double>(bytes_) * static_cast<double>(row_) /
                                    static_cast<double>(rows_));
}

}  // namespace

bool can_read_parquet() { return true; }

std::unique_ptr<DocumentReader> open_parquet(const std::filesystem::path& path,
                                             const ReadOptions& options, BadRecords& bad) {
  return std::make_unique<ParquetReader>(path, options, bad);
}

}  // namespace cram::text

#else

#include "cram/base/error.h"

namespace cram::text {

bool can_read_parquet() { return false; }

std::unique_ptr<DocumentReader> open_parquet(const std::filesystem::path& path, const ReadOptions&,
                                             BadRecords&) {
  throw Error(ErrorCode::kData, path.string() + ": this program was built without Parquet",
              "build it with -DCRAM_WITH_PARQUET=ON, or convert the file to .jsonl");
}

}  // namespace cram::text

#endif
