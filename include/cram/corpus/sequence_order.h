// Which sequence of the training split comes when.
//
// By default each sequence once an epoch, shuffled anew for each. Sources can be shown more or less
// often than that, and sequences in one order for all epochs: as they were read, or by one of the
// curricula of "Cramming" (Geiping & Goldstein 2022, section 4.4).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "cram/base/random.h"

namespace cram::corpus {

// The curricula go by the mean over a sequence of
//   likely     the log-probability of its tokens, each by how frequent it is in the corpus;
//   sentences  the full stops: more of them are shorter sentences;
//   tokens     the length of its tokens as text.
// Sequences that are equal in that stand in an order drawn by chance.
enum class Ordering {
  kShuffled,
  kAsRead,
  kLikelyFirst,
  kUnlikelyFirst,
  kShortSentencesFirst,
  kLongSentencesFirst,
  kShortTokensFirst,
  kLongTokensFirst
};

// The sequences of one epoch in a file, for all orders but the default. Safe to use from many
// threads.
class SequenceList {
 public:
  static constexpr const char* kFileName = "sequences.order";

  // Writes the numbers of sequences, each below 2^32, in the order in which they are to come.
  static void write(const std::filesystem::path& folder, const std::vector<std::uint32_t>& numbers);

  // Throws Error{kData} unless the file is there, as it was written, and names one sequence or more
  // and none but the first `sequences`.
  SequenceList(const std::filesystem::path& folder, std::int64_t sequences);

  [[nodiscard]] std::uint64_t size() const { return numbers_.size(); }
  [[nodiscard]] std::uint32_t operator[](std::uint64_t place) const { return numbers_[place]; }

 private:
  std::vector<std::uint32_t> numbers_;
};

// Immutable and safe to use from many threads.
class SequenceOrder {
 public:
  // Each of so many sequences once, shuffled.
  SequenceOrder(std::int64_t sequences, std::uint64_t seed);
  // Those of the list, in its order or shuffled.
  SequenceOrder(SequenceList list, bool shuffled, std::uint64_t seed);

  // At least 1.
  [[nodiscard]] std::uint64_t sequences_an_epoch() const { return size_; }

  // place -> sequence. Lives as long as its SequenceOrder.
  class Epoch {
   public:
    Epoch(const SequenceOrder& order, std::uint64_t number);
    [[nodiscard]] std::int64_t operator()(std::uint64_t place) const;

   private:
    const SequenceOrder* order_;
    std::optional<Permutation> permutation_;
  };

 private:
  std::optional<SequenceList> list_;
  bool shuffled_;
  std::uint64_t seed_;
  std::uint64_t size_;
};

}  // namespace cram::corpus
