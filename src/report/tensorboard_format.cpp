#include "tensorboard_format.h"

#include <array>
#include <bit>
#include <cstddef>

namespace cram::report {
namespace {

constexpr std::uint32_t kCastagnoli = 0x82f63b78;  // reflected

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kCastagnoli : 0);
    table[byte] = value;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

std::uint32_t crc32c(std::string_view data) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : data)
    crc = (crc >> 8) ^ kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

// A checksum stored beside its data is masked, so that a checksum over both is not constant.
std::uint32_t masked_crc32c(std::string_view data) {
  return std::rotr(crc32c(data), 15) + 0xa282ead8;
}

template <class Unsigned>
std::string little_endian(Unsigned value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(value); ++i) {
    bytes += static_cast<char>((value >> (8 * i)) & 0xff);
  }
  return bytes;
}

std::string framed(std::string_view payload) {
  const std::string length = little_endian(static_cast<std::uint64_t>(payload.size()));
  std::string frame = length + little_endian(masked_crc32c(length));
  frame += payload;
  return frame + little_endian(masked_crc32c(payload));
}

// Protocol buffers: a field is its number and wire type, then the value.
enum class Wire : std::uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7f) | 0x80);
  return bytes + static_cast<char>(value);
}

std::string key(std::uint32_t field, Wire wire) {
  return varint(field << 3 | static_cast<std::uint32_t>(wire));
}

std::string bytes_field(std::uint32_t field, std::string_view value) {
  std::string text = key(field, Wire::kBytes) + varint(value.size());
  text += value;
  return text;
}

std::string event_start(double wall_time, std::int64_t step) {
  return key(1, Wire::kFixed64) + little_endian(std::bit_cast<std::uint64_t>(wall_time)) +
         key(2, Wire::kVarint) + varint(static_cast<std::uint64_t>(step));
}

}  // namespace

std::string version_record(double wall_time) {
  return framed(event_start(wall_time, 0) + bytes_field(3, "brain.Event:2"));
}

std::string scalars_record(double wall_time, std::int64_t step, std::span<const Scalar> scalars) {
  std::string summary;
  for (const Scalar& scalar : scalars) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(scalar.value));
    summary +=
        bytes_field(1, bytes_field(1, scalar.tag) + key(2, Wire::kFixed32) + little_endian(bits));
  }
  return framed(event_start(wall_time, step) + bytes_field(5, summary));
}

std::string restart_record(double wall_time, std::int64_t step) {
  constexpr std::uint64_t kStart = 1;  // SessionLog.SessionStatus
  return framed(event_start(wall_time, step) +
                bytes_field(7, key(1, Wire::kVarint) + varint(kStart)));
}

}  // namespace cram::report
