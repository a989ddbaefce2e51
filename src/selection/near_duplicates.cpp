#include "cram/selection/near_duplicates.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "cram/base/hash.h"
#include "cram/base/units.h"

#include "min_hash.h"
#include "probe_table.h"
#include "recurring_keys.h"

namespace cram::selection {
namespace {

constexpr std::size_t kShingleWords = 5;
constexpr std::size_t kSignaturesOfBlock = 4096;
constexpr double kChance = 1.0 / 256;  // that 8 bits agree of what differs

// A band of a kept document: a part of its hash, and the number of the document.
struct Band {
  std::uint32_t tag = 0;
  std::uint32_t number = 0;  // from 1
  [[nodiscard]] std::uint64_t key() const { return tag; }
  bool operator==(const Band&) const = default;
};

}  // namespace

// What is left of a signature: a tag for each band, and eight bits of each value, four in a number.
class NearDuplicates::Index {
 public:
  explicit Index(const MinHashOptions& options)
      : bands_(static_cast<std::size_t>(options.bands)),
        rows_(static_cast<std::size_t>(options.rows)),
        min_hash_(bands_ * rows_),
        enough_(least_agreement(options.similarity)) {}

  [[nodiscard]] Fingerprint fingerprint(const Words& words) const {
    if (words.size() == 0) return {};
    const NgramLength length(std::min(kShingleWords, words.size()));
    const std::vector<std::uint64_t> hashes = words.hashes(length);
    std::vector<std::uint32_t> shingles(hashes.size());
    std::transform(hashes.begin(), hashes.end(), shingles.begin(),
                   [](std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); });
    const std::vector<std::uint32_t> signature = min_hash_.signature(shingles);
    Fingerprint fingerprint(bands_ + (signature.size() + 3) / 4);
    for (std::size_t band = 0; band < bands_; ++band) fingerprint[band] = tag_of(signature, band);
    auto* bytes = reinterpret_cast<std::uint8_t*>(&fingerprint[bands_]);
    std::transform(signature.begin(), signature.end(), bytes, eight_bits);
    return fingerprint;
  }

  void expect(std::int64_t documents) {
    constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;
    recurring_.emplace(static_cast<std::uint64_t>(documents) * bands_, kMostBytes);
  }

  void foresee(const Fingerprint& fingerprint) {
    for (const std::uint32_t tag : tags_of(fingerprint)) recurring_->add(mix(tag));
  }

  // The estimated similarity to the first kept document found that is similar enough; 0 for none.
  [[nodiscard]] double find_similar(const Fingerprint& fingerprint) const {
    for (const std::uint32_t tag : tags_of(fingerprint)) {
      if (!is_shared(tag)) continue;
      std::size_t agreed = 0;
      const auto is_similar = [&](const Band& candidate) {
        agreed = agreement(fingerprint, candidate.number - 1);
        return agreed >= enough_;
      };
      if (table_.find(tag, is_similar)) return similarity(agreed);
    }
    return 0;
  }

  // Nothing of a document that shares no band with another.
  void add(const Fingerprint& fingerprint) {
    bool kept = false;
    for (const std::uint32_t tag : tags_of(fingerprint)) {
      if (!is_shared(tag)) continue;
      if (!std::exchange(kept, true)) keep_values(fingerprint);
      insert({.tag = tag, .number = static_cast<std::uint32_t>(kept_)});
    }
  }

 private:
  // Bands that very many documents share would make the search long and add nothing: a document
  // similar to a later one of them meets it in other bands, too.
  void insert(const Band& band) {
    constexpr int kMostOfOneTag = 8;
    int others = 0;
    const auto is_crowded = [&](const Band&) { return ++others == kMostOfOneTag; };
    if (!table_.find(band.tag, is_crowded)) table_.insert(band);
  }

  [[nodiscard]] bool is_shared(std::uint32_t tag) const {
    return !recurring_ || recurring_->may_recur(mix(tag));
  }

  [[nodiscard]] std::uint32_t tag_of(const std::vector<std::uint32_t>& signature,
                                     std::size_t band) const {
    const std::span rows = std::span(signature).subspan(band * rows_, rows_);
    return static_cast<std::uint32_t>(mix(hash64(rows.data(), rows.size_bytes()) + band) >> 32);
  }

  // Eight bits that hang on all of the value's.
  [[nodiscard]] static std::uint8_t eight_bits(std::uint32_t value) {
    return static_cast<std::uint8_t>((value * 0x9E3779B1U) >> 24);
  }

  [[nodiscard]] std::span<const std::uint32_t> tags_of(const Fingerprint& fingerprint) const {
    return std::span(fingerprint).first(bands_);
  }
  [[nodiscard]] std::span<const std::uint8_t> values_of(const Fingerprint& fingerprint) const {
    return {reinterpret_cast<const std::uint8_t*>(&fingerprint[bands_]), bands_ * rows_};
  }

  void keep_values(const Fingerprint& fingerprint) {
    const std::span<const std::uint8_t> values = values_of(fingerprint);
    if (kept_ % kSignaturesOfBlock == 0) {
      blocks_.emplace_back().reserve(kSignaturesOfBlock * values.size());
    }
    blocks_.back().insert(blocks_.back().end(), values.begin(), values.end());
    ++kept_;
  }

  // Places in which the values agree with those of a kept document.
  [[nodiscard]] std::size_t agreement(const Fingerprint& fingerprint, std::size_t kept) const {
    const std::span<const std::uint8_t> values = values_of(fingerprint);
    const std::uint8_t* other =
        &blocks_[kept / kSignaturesOfBlock][kept % kSignaturesOfBlock * values.size()];
    std::size_t agreed = 0;
    for (std::size_t i = 0; i < values.size(); ++i) agreed += values[i] == other[i] ? 1 : 0;
    return agreed;
  }

  [[nodiscard]] double similarity(std::size_t agreed) const {
    const double share = static_cast<double>(agreed) / static_cast<double>(bands_ * rows_);
    return (share - kChance) / (1 - kChance);
  }

  [[nodiscard]] std::size_t least_agreement(double least_similarity) const {
    const double share = least_similarity * (1 - kChance) + kChance;
    return static_cast<std::size_t>(std::ceil(share * static_cast<double>(bands_ * rows_) - 1e-9));
  }

  std::size_t bands_;
  std::size_t rows_;
  MinHash min_hash_;
  std::size_t enough_;
  std::size_t kept_ = 0;  // documents
  ProbeTable<Band> table_;
  std::vector<std::vector<std::uint8_t>> blocks_;  // their values
  std::optional<RecurringKeys> recurring_;         // nothing is foreseen
};

NearDuplicates::NearDuplicates(const MinHashOptions& options)
    : index_(std::make_unique<Index>(options)) {}
NearDuplicates::~NearDuplicates() = default;

DuplicateRule::Fingerprint NearDuplicates::fingerprint(const Document& document) const {
  return index_->fingerprint(document.words);
}

void NearDuplicates::expect(std::int64_t documents) { index_->expect(documents); }

void NearDuplicates::foresee(const Fingerprint& fingerprint) {
  if (!fingerprint.empty()) index_->foresee(fingerprint);
}

std::optional<Drop> NearDuplicates::judge(const Fingerprint& fingerprint) {
  if (fingerprint.empty()) return std::nullopt;
  if (const double similarity = index_->find_similar(fingerprint); similarity > 0) {
    return Drop{.rule = name(), .detail = "similarity " + format_fixed(similarity, 2)};
  }
  index_->add(fingerprint);
  return std::nullopt;
}

}  // namespace cram::selection
