// Fast non-cryptographic hashes (XXH3), for checksums, caches and deduplication.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cram {

[[nodiscard]] std::uint64_t hash64(const void* data, std::size_t size);
[[nodiscard]] inline std::uint64_t hash64(std::string_view text) {
  return hash64(text.data(), text.size());
}

// Sixteen lower-case hexadecimal digits.
[[nodiscard]] std::string hex64(std::uint64_t value);

// The same value as hash64 over all the bytes added, whatever the pieces.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  void add(const void* data, std::size_t size);
  void add(std::string_view text) { add(text.data(), text.size()); }
  [[nodiscard]] std::uint64_t value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cram
