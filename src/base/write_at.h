// Bytes to a place in an open file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cram {

// All of them, however often the system takes but a part. Returns an error's number, or 0.
[[nodiscard]] int write_at(int fd, std::uint64_t offset, std::span<const std::byte> bytes);

}  // namespace cram
