#include "cram/text/parquet_table.h"

#include "parquet_file.h"

#ifdef CRAM_WITH_PARQUET

#include <limits>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"
#include "cram/text/printable.h"
#include "cram/text/utf8.h"

namespace cram::text {
namespace {

[[noreturn]] void refuse(const ParquetFile& file, const std::string& what,
                         const std::string& hint = "") {
  throw Error(ErrorCode::kData, file.path() + ": " + what, hint);
}

int column_of(const ParquetFile& file, const std::string& name) {
  const std::optional<int> column = file.find_column(name);
  if (!column) {
    refuse(file, "no column \"" + name + "\"",
           "the columns are " + printable(file.column_names(), 500));
  }
  return *column;
}

template <typename Type>
void fill(ParquetBatch<Type>& batch, const ParquetFile& file, parquet::ColumnReader& column,
          std::int64_t wanted) {
  interrupt::throw_if_stopped();
  try {
    batch.fill(column, wanted);
  } catch (const std::exception& error) {  // Arrow also throws what the standard library does
    refuse(file, "damaged: " + printable(error.what()), "download or write it again");
  }
}

std::shared_ptr<parquet::ColumnReader> open_column(ParquetFile& file, int group, int column) {
  try {
    return file.open_column(group, column);
  } catch (const std::exception& error) {
    refuse(file, "damaged: " + printable(error.what()), "download or write it again");
  }
}

// Calls `take(value, row)` for each row, counted from 1; the value is null where there is none.
template <typename Type, typename Take>
void for_each_row(ParquetFile& file, int column, const Take& take) {
  ParquetBatch<Type> batch;
  std::int64_t row = 0;
  for (int group = 0; group < file.groups(); ++group) {
    const std::int64_t end = row + file.rows_of(group);
    if (row == end) continue;
    const auto reader = open_column(file, group, column);
    while (row < end) {
      fill(batch, file, *reader, end - row);
      while (!batch.empty()) take(batch.take(), ++row);
    }
  }
}

template <typename Type>
void append_numbers(ParquetFile& file, int column, std::vector<double>& numbers) {
  for_each_row<Type>(file, column, [&](const typename Type::c_type* value, std::int64_t) {
    numbers.push_back(value == nullptr ? std::numeric_limits<double>::quiet_NaN()
                                       : static_cast<double>(*value));
  });
}

void append_numbers(ParquetFile& file, const std::string& name, std::vector<double>& numbers) {
  const int column = column_of(file, name);
  const parquet::ColumnDescriptor& descriptor = file.column(column);
  const auto& logical = *descriptor.logical_type();
  // Dates and decimals are integers by their physical type only.
  const bool plain =
      descriptor.max_repetition_level() == 0 && (logical.is_none() || logical.is_int());
  switch (plain ? descriptor.physical_type() : parquet::Type::UNDEFINED) {
    case parquet::Type::BOOLEAN:
      return append_numbers<parquet::BooleanType>(file, column, numbers);
    case parquet::Type::INT32:
      return append_numbers<parquet::Int32Type>(file, column, numbers);
    case parquet::Type::INT64:
      return append_numbers<parquet::Int64Type>(file, column, numbers);
    case parquet::Type::FLOAT:
      return append_numbers<parquet::FloatType>(file, column, numbers);
    case parquet::Type::DOUBLE:
      return append_numbers<parquet::DoubleType>(file, column, numbers);
    default:
      refuse(file, "the column \"" + name + "\" does not hold numbers");
  }
}

void append_texts(ParquetFile& file, const std::string& name, std::vector<std::string>& texts) {
  const int column = column_of(file, name);
  if (!holds_text(file.column(column))) {
    refuse(file, "the column \"" + name + "\" does not hold text");
  }
  const auto refuse_row = [&](std::int64_t row, const std::string& what) {
    refuse(file, "row " + std::to_string(row) + ": " + name + what);
  };
  for_each_row<parquet::ByteArrayType>(file, column,
                                       [&](const parquet::ByteArray* value, std::int64_t row) {
                                         if (value == nullptr) refuse_row(row, " is null");
                                         texts.push_back(to_string(*value));
                                         if (!is_valid_utf8(texts.back()))
                                           refuse_row(row, " is not valid UTF-8");
                                       });
}

}  // namespace

bool has_parquet_column(const ParquetParts& table, const std::string& column) {
  return !table.empty() && ParquetFile(table.front()).find_column(column).has_value();
}

std::vector<std::string> parquet_text_columns(const ParquetParts& table) {
  return table.empty() ? std::vector<std::string>() : ParquetFile(table.front()).text_columns();
}

std::vector<std::string> read_parquet_texts(const ParquetParts& table, const std::string& column) {
  std::vector<std::string> texts;
  for (const auto& part : table) {
    ParquetFile file(part);
    append_texts(file, column, texts);
  }
  return texts;
}

std::vector<double> read_parquet_numbers(const ParquetParts& table, const std::string& column) {
  std::vector<double> numbers;
  for (const auto& part : table) {
    ParquetFile file(part);
    append_numbers(file, column, numbers);
  }
  return numbers;
}

}  // namespace cram::text

#else

namespace cram::text {

bool has_parquet_column(const ParquetParts& table, const std::string&) {
  refuse_parquet(table.at(0));
}

std::vector<std::string> parquet_text_columns(const ParquetParts& table) {
  refuse_parquet(table.at(0));
}

std::vector<std::string> read_parquet_texts(const ParquetParts& table, const std::string&) {
  refuse_parquet(table.at(0));
}

std::vector<double> read_parquet_numbers(const ParquetParts& table, const std::string&) {
  refuse_parquet(table.at(0));
}

}  // namespace cram::text

#endif
