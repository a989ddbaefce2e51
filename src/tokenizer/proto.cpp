#include "proto.h"

#include <bit>

#include "cram/base/error.h"

namespace cram::tokenizer {
namespace {

void append_varint(std::uint64_t value, std::string& message) {
  for (; value >= 0x80; value >>= 7) message += static_cast<char>((value & 0x7F) | 0x80);
  message += static_cast<char>(value);
}

void append_tag(std::uint32_t number, ProtoField::Wire wire, std::string& message) {
  append_varint(std::uint64_t{number} << 3 | static_cast<std::uint64_t>(wire), message);
}

}  // namespace

void ProtoReader::throw_broken() const {
  throw Error(ErrorCode::kData, name_ + ": not a SentencePiece model, or a damaged one");
}

std::uint64_t ProtoReader::read_varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
  throw_broken();
}

std::string_view ProtoReader::read_bytes(std::uint64_t size) {
  if (size > rest_.size()) throw_broken();
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

std::uint64_t ProtoReader::read_fixed(std::size_t bytes) {
  std::uint64_t value = 0;
  unsigned shift = 0;
  for (const char byte : read_bytes(bytes)) {
    value |= std::uint64_t{static_cast<unsigned char>(byte)} << shift;
    shift += 8;
  }
  return value;
}

std::optional<ProtoField> ProtoReader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::string_view start = rest_;
  const std::uint64_t tag = read_varint();
  ProtoField field{
      static_cast<std::uint32_t>(tag >> 3), static_cast<ProtoField::Wire>(tag & 7), 0, {}, {}};
  if (tag >> 32 != 0 || field.number == 0) throw_broken();
  switch (field.wire) {
    case ProtoField::Wire::kVarint:
      field.value = read_varint();
      break;
    case ProtoField::Wire::kFixed64:
      field.value = read_fixed(8);
      break;
    case ProtoField::Wire::kFixed32:
      field.value = read_fixed(4);
      break;
    case ProtoField::Wire::kBytes:
      field.bytes = read_bytes(read_varint());
      break;
    default:
      throw_broken();
  }
  field.whole = start.substr(0, start.size() - rest_.size());
  return field;
}

void append_varint_field(std::uint32_t number, std::uint64_t value, std::string& message) {
  append_tag(number, ProtoField::Wire::kVarint, message);
  append_varint(value, message);
}

void append_float_field(std::uint32_t number, float value, std::string& message) {
  append_tag(number, ProtoField::Wire::kFixed32, message);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (unsigned shift = 0; shift < 32; shift += 8)
    message += static_cast<char>(bits >> shift & 0xFF);
}

void append_bytes_field(std::uint32_t number, std::string_view bytes, std::string& message) {
  append_tag(number, ProtoField::Wire::kBytes, message);
  append_varint(bytes.size(), message);
  message += bytes;
}

}  // namespace cram::tokenizer
