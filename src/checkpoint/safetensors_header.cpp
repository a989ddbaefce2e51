#include "safetensors_header.h"

#include <algorithm>
#include <array>
#include <limits>

#include "cram/base/error.h"

#include "strict_json.h"

namespace cram::checkpoint {

namespace {

using nlohmann::json;

constexpr std::string_view kMetadataKey = "__metadata__";
constexpr std::size_t kMaxNameBytes = 1024;
constexpr std::size_t kMaxDimensions = 64;  // as in ATen's iterators

struct TypeName {
  std::string_view name;
  at::ScalarType type;
};
constexpr std::array<TypeName, 10> kTypes = {{{"F64", at::kDouble},
                                              {"F32", at::kFloat},
                                              {"F16", at::kHalf},
                                              {"BF16", at::kBFloat16},
                                              {"I64", at::kLong},
                                              {"I32", at::kInt},
                                              {"I16", at::kShort},
                                              {"I8", at::kChar},
                                              {"U8", at::kByte},
                                              {"BOOL", at::kBool}}};

// Where a problem is: model.safetensors: tensor "a.b"
std::string place(const std::string& file, const std::string& tensor) {
  return file + ": tensor " + printable(tensor);
}

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Error(ErrorCode::kData, where + ": " + what);
}

at::ScalarType parse_type(const json& value, const std::string& where) {
  if (!value.is_string()) refuse(where, "dtype is not a string");
  for (const auto& [name, type] : kTypes) {
    if (value == name) return type;
  }
  refuse(where, "unknown dtype " + printable(value.get<std::string>()));
}

std::vector<std::int64_t> parse_shape(const json& value, const std::string& where) {
  if (!value.is_array()) refuse(where, "shape is not a list");
  if (value.size() > kMaxDimensions) refuse(where, "shape has too many dimensions");
  std::vector<std::int64_t> shape;
  for (const json& size : value) {
    if (!size.is_number_unsigned() ||
        size.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
      refuse(where, "shape has an entry that is not a size");
    }
    shape.push_back(size.get<std::int64_t>());
  }
  return shape;
}

// Also refuses sizes that overflow beside a size of 0: strides are computed from them.
std::uint64_t bytes_of(const TensorEntry& entry, const std::string& where) {
  std::int64_t bytes = static_cast<std::int64_t>(at::elementSize(entry.type));
  bool empty = false;
  for (const std::int64_t size : entry.shape) {
    if (size == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(bytes, size, &bytes)) {
      refuse(where, "shape is larger than any file");
    }
  }
  return empty ? 0 : static_cast<std::uint64_t>(bytes);
}

TensorEntry parse_entry(const std::string& name, const json& value, const std::string& where) {
  if (!value.is_object()) refuse(where, "not an object");
  for (const char* key : {"dtype", "shape", "data_offsets"}) {
    if (!value.contains(key)) refuse(where, std::string("no ") + key);
  }
  if (value.size() != 3) refuse(where, "keys besides dtype, shape and data_offsets");
  TensorEntry entry{.name = name,
                    .type = parse_type(value["dtype"], where),
                    .shape = parse_shape(value["shape"], where)};
  const json& offsets = value["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned()) {
    refuse(where, "data_offsets are not two byte counts");
  }
  entry.begin = offsets[0].get<std::uint64_t>();
  entry.end = offsets[1].get<std::uint64_t>();
  if (entry.end < entry.begin || entry.end - entry.begin != bytes_of(entry, where)) {
    refuse(where, "data_offsets do not fit dtype and shape");
  }
  return entry;
}

Metadata parse_metadata(const json& value, const std::string& file) {
  if (!value.is_object()) refuse(file, "__metadata__ is not an object");
  Metadata metadata;
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) refuse(file, "__metadata__ holds something besides strings");
    metadata[key] = text.get<std::string>();
  }
  return metadata;
}

void check_coverage(std::vector<TensorEntry>& entries, std::uint64_t data_bytes,
                    const std::string& file) {
  std::sort(entries.begin(), entries.end(), [](const TensorEntry& a, const TensorEntry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t covered = 0;
  for (const TensorEntry& entry : entries) {
    if (entry.begin != covered) {
      refuse(place(file, entry.name), "its data overlaps another's or leaves a hole");
    }
    covered = entry.end;
  }
  if (covered != data_bytes) {
    refuse(file, "holds " + std::to_string(data_bytes) + " bytes of data where its header names " +
                     std::to_string(covered));
  }
}

}  // namespace

std::string render_header(const SafetensorsHeader& header, const std::string& file) {
  nlohmann::ordered_json root;
  root[std::string(kMetadataKey)] = header.metadata;
  for (const TensorEntry& entry : header.entries) {
    const auto* type = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& known) {
      return known.type == entry.type;
    });
    if (type == kTypes.end() || entry.name.size() > kMaxNameBytes || root.contains(entry.name)) {
      throw Error(ErrorCode::kInternal,
                  place(file, entry.name) + ": its type or name cannot be stored");
    }
    root[entry.name] = {
        {"dtype", type->name}, {"shape", entry.shape}, {"data_offsets", {entry.begin, entry.end}}};
  }
  try {
    std::string text = root.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    return text;
  } catch (const json::exception&) {
    throw Error(ErrorCode::kInternal, file + ": a name in it is not UTF-8");
  }
}

SafetensorsHeader parse_header(std::string_view text, std::uint64_t data_bytes,
                               const std::string& file) {
  if (!text.starts_with('{')) refuse(file, "its header is not a JSON object");
  const json root = parse_strict_json(text, 3, file);
  SafetensorsHeader header;
  for (const auto& [name, value] : root.items()) {
    if (name == kMetadataKey) {
      header.metadata = parse_metadata(value, file);
      continue;
    }
    if (name.size() > kMaxNameBytes) refuse(place(file, name), "its name is too long");
    header.entries.push_back(parse_entry(name, value, place(file, name)));
  }
  check_coverage(header.entries, data_bytes, file);
  return header;
}

}  // namespace cram::checkpoint
