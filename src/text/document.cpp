#include "cram/text/document.h"

#include <utility>

#include "cram/base/error.h"

#include "jsonl_reader.h"
#include "parquet_reader.h"
#include "reshaped_reader.h"
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
  Reshaping reshaping = {.clean_unicode = options.clean_unicode,
                         .min_bytes = options.min_document_bytes,
                         .max_bytes = options.max_document_bytes};
  if (file.source < options.join_records.size()) {
    reshaping.join = options.join_records[file.source];
  }
  if (!reshaping.clean_unicode && reshaping.join <= 1) {
    return open_records(file, *format, options, bad);
  }
  ReadOptions of_records = options;
  of_records.min_document_bytes = 1;
  return std::make_unique<ReshapedReader>(open_records(file, *format, of_records, bad), reshaping,
                                          bad);
}

}  // namespace cram::text
