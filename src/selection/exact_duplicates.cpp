#include "cram/selection/exact_duplicates.h"

#include <xxhash.h>

#include "probe_table.h"
#include "recurring_keys.h"

namespace cram::selection {
namespace {

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  [[nodiscard]] std::uint64_t key() const { return low; }
  bool operator==(const Hash128&) const = default;
};

std::uint32_t lower(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t upper(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }
std::uint64_t join(std::uint32_t lower, std::uint32_t upper) {
  return std::uint64_t{upper} << 32 | lower;
}

}  // namespace

struct ExactDuplicates::Seen {
  ProbeTable<Hash128> table;
  std::optional<RecurringKeys> recurring;  // nothing is foreseen
};

ExactDuplicates::ExactDuplicates() : seen_(std::make_unique<Seen>()) {}
ExactDuplicates::~ExactDuplicates() = default;

DuplicateRule::Fingerprint ExactDuplicates::fingerprint(const Document& document) const {
  const std::string_view text = document.words.size() == 0 ? document.text : document.words.text();
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  const std::uint64_t low = hash.low64 | 1;  // nothing hashes to an empty slot
  return {lower(low), upper(low), lower(hash.high64), upper(hash.high64)};
}

void ExactDuplicates::expect(std::int64_t documents) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;
  seen_->recurring.emplace(static_cast<std::uint64_t>(documents), kMostBytes);
}

void ExactDuplicates::foresee(const Fingerprint& fingerprint) {
  seen_->recurring->add(join(fingerprint[0], fingerprint[1]));
}

std::optional<Drop> ExactDuplicates::judge(const Fingerprint& fingerprint) {
  const Hash128 hash = {.low = join(fingerprint[0], fingerprint[1]),
                        .high = join(fingerprint[2], fingerprint[3])};
  if (seen_->recurring && !seen_->recurring->may_recur(hash.low)) return std::nullopt;
  if (seen_->table.find(hash.low, [&](const Hash128& seen) { return seen.high == hash.high; })) {
    return Drop{.rule = name(), .detail = ""};
  }
  seen_->table.insert(hash);
  return std::nullopt;
}

}  // namespace cram::selection
