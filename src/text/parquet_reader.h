// Documents of a Parquet file: the text column, row by row.
#pragma once

#include <filesystem>
#include <memory>

#include "cram/text/document.h"

namespace cram::text {

[[nodiscard]] std::unique_ptr<DocumentReader> open_parquet(const std::filesystem::path& path,
                                                           const ReadOptions& options,
                                                           BadRecords& bad);

}  // namespace cram::text
