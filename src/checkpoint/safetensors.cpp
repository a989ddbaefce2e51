#include "cram/checkpoint/safetensors.h"

#include <algorithm>
#include <array>

#include <ATen/ops/empty.h>

#include "cram/base/error.h"

#include "input_file.h"
#include "safetensors_header.h"
#include "safetensors_writer.h"

namespace cram::checkpoint {

namespace {

// The length of the header as it stands at the start of a file.
using LengthBytes = std::array<unsigned char, 8>;

LengthBytes encode_length(std::uint64_t length) {
  LengthBytes bytes{};
  for (auto& byte : bytes) {
    byte = static_cast<unsigned char>(length & 0xff);
    length >>= 8;
  }
  return bytes;
}

std::uint64_t decode_length(const LengthBytes& bytes) {
  std::uint64_t length = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) length = length << 8 | bytes[i];
  return length;
}

at::Tensor read_tensor(const InputFile& file, std::uint64_t data_start, const TensorEntry& entry,
                       const std::string& path) {
  at::Tensor tensor = at::empty(entry.shape, entry.type);
  file.read(data_start + entry.begin, tensor.data_ptr(), tensor.nbytes());
  if (entry.type == at::kBool) {
    // Any other byte in a bool is undefined behaviour further on.
    const auto* bytes = static_cast<const unsigned char*>(tensor.data_ptr());
    if (std::any_of(bytes, bytes + tensor.nbytes(), [](unsigned char byte) { return byte > 1; })) {
      throw Error(ErrorCode::kData, path + ": a BOOL tensor holds bytes besides 0 and 1");
    }
  }
  return tensor;
}

struct PlacedHeader {
  SafetensorsHeader header;
  std::uint64_t data_start;  // in the file
};

PlacedHeader read_header(const InputFile& file, const std::filesystem::path& path) {
  LengthBytes length_bytes{};
  if (file.size() < length_bytes.size()) {
    throw Error(ErrorCode::kData, path.string() + ": too short for a safetensors file");
  }
  file.read(0, length_bytes.data(), length_bytes.size());
  const std::uint64_t length = decode_length(length_bytes);
  if (length > std::min(kMaxHeaderBytes, file.size() - length_bytes.size())) {
    throw Error(ErrorCode::kData,
                path.string() + ": its header of " + std::to_string(length) +
                    " bytes is longer than it may be",
                "not a safetensors file, or one that was cut off");
  }
  std::string json(length, '\0');
  file.read(length_bytes.size(), json.data(), length);
  const std::uint64_t data_start = length_bytes.size() + length;
  return {parse_header(json, file.size() - data_start, path.string()), data_start};
}

}  // namespace

FileRecord write_safetensors_recorded(const std::filesystem::path& path,
                                      const NamedTensors& tensors, const Metadata& metadata) {
  SafetensorsHeader header{.entries = {}, .metadata = metadata};
  header.metadata["format"] = "pt";
  std::uint64_t end = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::uint64_t begin = end;
    end += tensor.nbytes();
    header.entries.push_back({name, tensor.scalar_type(), tensor.sizes().vec(), begin, end});
  }
  const std::string json = render_header(header, path.string());
  ChecksumWriter writer(path);
  const LengthBytes length = encode_length(json.size());
  writer.write(length.data(), length.size());
  writer.write(json);
  for (const auto& entry : tensors) {
    const at::Tensor tensor = entry.second.detach().cpu().contiguous();
    writer.write(tensor.const_data_ptr(), tensor.nbytes());
  }
  return writer.close();
}

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       const Metadata& metadata) {
  (void)write_safetensors_recorded(path, tensors, metadata);
}

Safetensors read_safetensors(const std::filesystem::path& path) {
  const InputFile file(path);
  const auto [header, data_start] = read_header(file, path);
  Safetensors result{.tensors = {}, .metadata = header.metadata};
  for (const TensorEntry& entry : header.entries) {
    result.tensors[entry.name] = read_tensor(file, data_start, entry, path.string());
  }
  return result;
}

Metadata read_metadata(const std::filesystem::path& path) {
  return read_header(InputFile(path), path).header.metadata;
}

}  // namespace cram::checkpoint
