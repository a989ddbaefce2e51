#include "cram/base/hash.h"

#include <xxhash.h>

#include "cram/base/error.h"

namespace cram {

struct Hasher::State {
  State() : xxh(XXH3_createState()) {
    if (xxh == nullptr) throw std::bad_alloc();
    XXH3_64bits_reset(xxh);
  }
  ~State() { XXH3_freeState(xxh); }
  XXH3_state_t* xxh;
};

std::uint64_t hash64(const void* data, std::size_t size) { return XXH3_64bits(data, size); }

std::string hex64(std::uint64_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (auto place = text.rbegin(); place != text.rend(); ++place, value >>= 4) {
    *place = kDigits[value & 15];
  }
  return text;
}

Hasher::Hasher() : state_(std::make_unique<State>()) {}
Hasher::~Hasher() = default;

void Hasher::add(const void* data, std::size_t size) {
  if (size > 0) XXH3_64bits_update(state_->xxh, data, size);
}

std::uint64_t Hasher::value() const { return XXH3_64bits_digest(state_->xxh); }

}  // namespace cram
