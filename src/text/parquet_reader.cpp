#include "parquet_reader.h"

#ifdef CRAM_WITH_PARQUET

#include <string>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"
#include "cram/text/printable.h"

#include "document_queue.h"
#include "parquet_file.h"

namespace cram::text {
namespace {

using Kind = BadRecords::Kind;

int find_text_column(const ParquetFile& file, const std::string& name) {
  const std::optional<int> column = file.find_column(name);
  if (!column) {
    throw Error(ErrorCode::kData, file.path() + " has no column \"" + name + "\"",
                "name one of these with data.text_field: " + printable(file.column_names(), 500));
  }
  if (!holds_text(file.column(*column))) {
    throw Error(ErrorCode::kData, file.path() + ": the column \"" + name + "\" does not hold text",
                "name another with data.text_field");
  }
  return *column;
}

class ParquetReader final : public DocumentReader {
 public:
  ParquetReader(const std::filesystem::path& path, const ReadOptions& options, BadRecords& bad);

  std::optional<Document> next() override;
  [[nodiscard]] std::uint64_t bytes_read() const override;

 private:
  void read_row();
  [[nodiscard]] bool read_batch();
  [[nodiscard]] bool has_rows();
  void fill_batch();
  void lose_row_group(const std::string& why);

  ParquetFile file_;
  int text_column_;

  int group_ = -1;
  std::int64_t group_end_ = 0;                     // the first row after it
  std::int64_t row_ = 0;                           // the next to take
  std::shared_ptr<parquet::ColumnReader> column_;  // the text of the row group
  ParquetBatch<parquet::ByteArrayType> batch_;

  DocumentQueue queue_;
};

ParquetReader::ParquetReader(const std::filesystem::path& path, const ReadOptions& options,
                             BadRecords& bad)
    : file_(path),
      text_column_(find_text_column(file_, options.text_field)),
      queue_(options, file_.path(), "row ", bad) {}

std::optional<Document> ParquetReader::next() {
  while (true) {
    if (auto document = queue_.next()) return document;
    if (batch_.empty() && !read_batch()) return std::nullopt;
    read_row();
  }
}

void ParquetReader::read_row() {
  const parquet::ByteArray* const value = batch_.take();
  ++row_;
  if (value == nullptr) return queue_.refuse(Kind::kMissingField, row_, "the text is null");
  queue_.put(to_string(*value), row_);
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
  while (row_ == group_end_) {
    if (group_ + 1 == file_.groups()) return false;
    group_end_ += file_.rows_of(++group_);
    column_.reset();
  }
  return true;
}

void ParquetReader::fill_batch() {
  batch_.clear();
  if (!column_) column_ = file_.open_column(group_, text_column_);
  batch_.fill(*column_, group_end_ - row_);
}

void ParquetReader::lose_row_group(const std::string& why) {
  queue_.refuse(Kind::kDamagedFile, row_ + 1,
                std::to_string(group_end_ - row_) + " rows lost: " + why);
  row_ = group_end_;
}

std::uint64_t ParquetReader::bytes_read() const {
  if (file_.rows() == 0) return file_.bytes();
  return static_cast<std::uint64_t>(static_cast<double>(file_.bytes()) * static_cast<double>(row_) /
                                    static_cast<double>(file_.rows()));
}

}  // namespace

bool can_read_parquet() { return true; }

std::unique_ptr<DocumentReader> open_parquet(const std::filesystem::path& path,
                                             const ReadOptions& options, BadRecords& bad) {
  return std::make_unique<ParquetReader>(path, options, bad);
}

}  // namespace cram::text

#else

#include "parquet_file.h"

namespace cram::text {

bool can_read_parquet() { return false; }

std::unique_ptr<DocumentReader> open_parquet(const std::filesystem::path& path, const ReadOptions&,
                                             BadRecords&) {
  refuse_parquet(path);
}

}  // namespace cram::text

#endif
