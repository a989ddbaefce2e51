#include "cram/text/document.h"

#include <utility>

#include "cram/base/error.h"

#include "cleaned_reader.h"
#include "joined_reader.h"
#include "jsonl_reader.h"
#include "parquet_reader.h"
#include "txt_reader.h"

namespace cram::text {
namespace {

constexpr std::int64_t kLongestCharacter = 4;

std::unique_ptr<DocumentReader> open_records(const SourceFile& file, const FileFormat& format,
                                             const ReadOptions& options, BadRecords& bad) {
  switch (format.kind) {
    case FileKind::kTxt:
      return std::make_unique<TxtReader>(file.path, format.compression, options, bad);
    case FileKind::kJsonl:
      return std::make_unique<JsonlReader>(file.path, format.compression, options, bad);
    case FileKind::kParquet:
      break;
  }
  return open_parquet(file.path, options, bad);
}

}  // namespace

std::unique_ptr<DocumentReader> open_documents(const SourceFile& file, const ReadOptions& options,
                                               BadRecords& bad) {
  if (options.max_document_bytes < kLongestCharacter) {
    throw Error(ErrorCode::kUsage, "max_document_bytes is " +
                                       std::to_string(options.max_document_bytes) +
                                       ", but must be at least 4");
  }
  const auto format = format_of(file.path);
  if (!format) {
    throw Error(ErrorCode::kData, file.path.string() + ": unknown format",
                "read are " + known_formats());
  }
  auto records = open_records(file, *format, options, bad);
  if (options.clean_unicode) records = std::make_unique<CleanedReader>(std::move(records));
  const std::int64_t join =
      file.source < options.join_records.size() ? options.join_records[file.source] : 1;
  if (join <= 1) return records;
  return std::make_unique<JoinedReader>(std::move(records), join, options.max_document_bytes);
}

}  // namespace cram::text
