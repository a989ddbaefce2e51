// Protocol-buffer messages, read field by field without a schema and written piece by piece.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cram::tokenizer {

struct ProtoField {
  enum class Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
  std::uint32_t number;
  Wire wire;
  std::uint64_t value;     // of a varint or of a fixed field
  std::string_view bytes;  // of a length-delimited field
  std::string_view whole;  // the field as it stands in the message, tag included
};

// The fields of one message, in order.
class ProtoReader {
 public:
  // `name` is the file in error messages.
  ProtoReader(std::string_view message, const std::string& name) : rest_(message), name_(name) {}

  // The next field; nothing at the end. Throws Error{kData} for what is no protocol buffer.
  std::optional<ProtoField> next();

 private:
  std::uint64_t read_varint();
  std::uint64_t read_fixed(std::size_t bytes);
  std::string_view read_bytes(std::uint64_t size);
  [[noreturn]] void throw_broken() const;

  std::string_view rest_;
  const std::string& name_;
};

void append_varint_field(std::uint32_t number, std::uint64_t value, std::string& message);
void append_float_field(std::uint32_t number, float value, std::string& message);
void append_bytes_field(std::uint32_t number, std::string_view bytes, std::string& message);

}  // namespace cram::tokenizer
