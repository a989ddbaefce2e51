// The safetensors format: 8-byte little-endian header length, JSON header, raw data.
//
// The reader believes nothing: every rule of the format's specification is checked before any byte
// of data is used, and a violation is Error{kData} naming the file.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

namespace cram::checkpoint {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;
using Metadata = std::map<std::string, std::string>;

// Writes the tensors in the given order. They may live on any device and need not be contiguous;
// tensors that share storage are written once each. "format": "pt" is added to the metadata.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       const Metadata& metadata = {});

struct Safetensors {
  std::map<std::string, at::Tensor> tensors;  // CPU copies, in the file's types
  Metadata metadata;
};

[[nodiscard]] Safetensors read_safetensors(const std::filesystem::path& path);

// The metadata alone: reads the header and no tensor.
[[nodiscard]] Metadata read_metadata(const std::filesystem::path& path);

}  // namespace cram::checkpoint
