// write_safetensors for callers that keep a record of what was written.
#pragma once

#include "cram/checkpoint/safetensors.h"

#include "checksum_writer.h"

namespace cram::checkpoint {

FileRecord write_safetensors_recorded(const std::filesystem::path& path,
                                      const NamedTensors& tensors, const Metadata& metadata);

}  // namespace cram::checkpoint
