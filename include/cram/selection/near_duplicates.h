// Drops documents that are almost the same as one kept before, by MinHash and locality-sensitive
// hashing.
//
// The documents are compared as sets of word 5-grams. A signature holds, for each of bands * rows
// hash functions, the smallest hash in the set: two sets agree in each place with a probability of
// their Jaccard similarity s (Broder 1997, "On the resemblance and containment of documents").
// Documents that agree in all rows of a band are candidates: with a probability of
// 1 - (1 - s^rows)^bands. Of a candidate the similarity is then estimated from the places that
// agree, of which 8 bits each are kept (Li & König 2010, "b-bit minwise hashing"), with a standard
// error of sqrt(s (1 - s) / (bands * rows)).
#pragma once

#include <memory>

#include "cram/selection/rule.h"

namespace cram::selection {

struct MinHashOptions {
  std::int64_t bands = 16;
  std::int64_t rows = 6;
  double similarity = 0.75;  // at least this much goes
};

// Memory for each document kept: bands * rows bytes, and 10 to 15 for each band: 260 to 340 bytes
// with the numbers above. Of documents foreseen, only for those and in those bands that others
// share, and for one in a hundred of the rest; besides, 3.2 bytes for each band of all documents,
// 1 GiB at most: enough for 20 million documents with the numbers above.
class NearDuplicates final : public DuplicateRule {
 public:
  explicit NearDuplicates(const MinHashOptions& options);
  ~NearDuplicates() override;

  [[nodiscard]] std::string name() const override { return "near duplicate"; }
  [[nodiscard]] Fingerprint fingerprint(const Document& document) const override;
  void expect(std::int64_t documents) override;
  void foresee(const Fingerprint& fingerprint) override;
  [[nodiscard]] std::optional<Drop> judge(const Fingerprint& fingerprint) override;

 private:
  class Index;
  std::unique_ptr<Index> index_;
};

}  // namespace cram::selection
