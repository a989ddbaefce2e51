// Numbers, texts and lists of numbers as a row of bytes and back, in the byte order of the machine:
// for files that do not leave it.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cram/base/error.h"

namespace cram::corpus {

class ByteWriter {
 public:
  template <class Number>
  void put(const Number& value) {
    static_assert(std::is_trivially_copyable_v<Number>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put_text(std::string_view text) {
    put(static_cast<std::uint64_t>(text.size()));
    bytes_ += text;
  }
  template <class Number>
  void put_list(const std::vector<Number>& list) {
    static_assert(std::is_trivially_copyable_v<Number>);
    put_text({reinterpret_cast<const char*>(list.data()), list.size() * sizeof(Number)});
  }

  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Gets what was put, in the same order. Throws Error{kInternal} past the end. The bytes must
// outlive it.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <class Number>
  [[nodiscard]] Number get() {
    static_assert(std::is_trivially_copyable_v<Number>);
    Number value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  [[nodiscard]] std::string get_text() { return std::string(take(get<std::uint64_t>())); }
  template <class Number>
  [[nodiscard]] std::vector<Number> get_list() {
    static_assert(std::is_trivially_copyable_v<Number>);
    const std::string_view bytes = take(get<std::uint64_t>());
    std::vector<Number> list(bytes.size() / sizeof(Number));
    if (!list.empty()) std::memcpy(list.data(), bytes.data(), list.size() * sizeof(Number));
    return list;
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size()) throw Error(ErrorCode::kInternal, "a row of bytes ends too early");
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
};

}  // namespace cram::corpus
