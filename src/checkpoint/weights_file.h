// The weights of a model folder: one safetensors file, or shards of it with an index beside them.
//
// The index is Hugging Face's: {"weight_map": {tensor: name of the shard}}. It is believed no more
// than the shards: their names are plain names of files in the folder, and each shard holds exactly
// the tensors that the map places there.
#pragma once

#include <filesystem>

#include "cram/checkpoint/safetensors.h"

namespace cram::checkpoint {

// model.safetensors or, without one, model.safetensors.index.json. Throws Error{kData} for a folder
// that has its weights in another format alone; the hint says how to convert them.
[[nodiscard]] std::filesystem::path find_weights(const std::filesystem::path& folder);

// Whether it finds any.
[[nodiscard]] bool holds_weights(const std::filesystem::path& folder);

// All tensors of what find_weights found, their numbers finite. Throws Error{kData} naming the file
// at fault.
[[nodiscard]] NamedTensors read_weights(const std::filesystem::path& file);

}  // namespace cram::checkpoint
