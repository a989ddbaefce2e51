#include "cram/selection/near_duplicates.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "cram/base/hash.h"
#include "cram/base/units.h"

#include "min_hash.h"
#include "probe_table.h"

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

class NearDuplicates::Index {
 public:
  explicit Index(const MinHashOptions& options)
      : bands_(static_cast<std::size_t>(options.bands)),
        rows_(static_cast<std::size_t>(options.rows)),
        min_hash_(bands_ * rows_),
        enough_(least_agreement(options.similarity)) {}

  [[nodiscard]] Fingerprint signature(const Words& words) const {
    if (words.size() == 0) return {};
    const NgramLength length(std::min(kShingleWords, words.size()));
    std::vector<std::uint32_t> shingles(words.size() - length.words() + 1);
    for (std::size_t i = 0; i < shingles.size(); ++i) {
      shingles[i] = static_cast<std::uint32_t>(words.hash(i, length) >> 32);
    }
    return min_hash_.signature(shingles);
  }

  // The estimated similarity to the first kept document found that is similar enough; 0 for none.
  [[nodiscard]] double find_similar(const Fingerprint& signature) const {
    for (std::size_t band = 0; band < bands_; ++band) {
      std::size_t agreed = 0;
      const auto is_similar = [&](const Band& candidate) {
        agreed = agreement(signature, candidate.number - 1);
        return agreed >= enough_;
      };
      if (table_.find(tag_of(signature, band), is_similar)) return similarity(agreed);
    }
    return 0;
  }

  void add(const Fingerprint& signature) {
    keep_signature(signature);
    const auto number = static_cast<std::uint32_t>(++kept_);
    for (std::size_t band = 0; band < bands_; ++band) {
      insert({.tag = tag_of(signature, band), .number = number});
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

  [[nodiscard]] std::uint32_t tag_of(const Fingerprint& signature, std::size_t band) const {
    const std::span rows = std::span(signature).subspan(band * rows_, rows_);
    return static_cast<std::uint32_t>(mix(hash64(rows.data(), rows.size_bytes()) + band) >> 32);
  }

  // Eight bits that hang on all of the value's.
  [[nodiscard]] static std::uint8_t eight_bits(std::uint32_t value) {
    return static_cast<std::uint8_t>((value * 0x9E3779B1U) >> 24);
  }

  void keep_signature(const Fingerprint& signature) {
    if (kept_ % kSignaturesOfBlock == 0) {
      blocks_.emplace_back().reserve(kSignaturesOfBlock * signature.size());
    }
    for (const std::uint32_t value : signature) blocks_.back().push_back(eight_bits(value));
  }

  // Places in which the signature agrees with that of a kept document.
  [[nodiscard]] std::size_t agreement(const Fingerprint& signature, std::size_t kept) const {
    const std::uint8_t* other =
        &blocks_[kept / kSignaturesOfBlock][kept % kSignaturesOfBlock * signature.size()];
    std::size_t agreed = 0;
    for (std::size_t i = 0; i < signature.size(); ++i) {
      agreed += eight_bits(signature[i]) == other[i] ? 1 : 0;
    }
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
  std::size_t kept_ = 0;
  ProbeTable<Band> table_;
  std::vector<std::vector<std::uint8_t>> blocks_;  // the signatures, eight bits of each value
};

NearDuplicates::NearDuplicates(const MinHashOptions& options)
    : index_(std::make_unique<Index>(options)) {}
NearDuplicates::~NearDuplicates() = default;

DuplicateRule::Fingerprint NearDuplicates::fingerprint(const Document& document) const {
  return index_->signature(document.words);
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
