// Drops documents whose words were all there before, in the same order.
#pragma once

#include <memory>

#include "cram/selection/rule.h"

namespace cram::selection {

// Compares 128-bit hashes (XXH3) of the normalised words; of a document without any word, of its
// text. Two different ones of a billion documents share a hash with a probability of 1e-21.
// Memory: 20 to 30 bytes for each document kept. Of documents foreseen: 3.2 bytes each, 256 MiB
// together at most, and those 20 to 30 bytes only for each of which there are others, and for one
// in a hundred of the rest.
class ExactDuplicates final : public DuplicateRule {
 public:
  ExactDuplicates();
  ~ExactDuplicates() override;

  [[nodiscard]] std::string name() const override { return "exact duplicate"; }
  [[nodiscard]] Fingerprint fingerprint(const Document& document) const override;
  void expect(std::int64_t documents) override;
  void foresee(const Fingerprint& fingerprint) override;
  [[nodiscard]] std::optional<Drop> judge(const Fingerprint& fingerprint) override;

 private:
  struct Seen;
  std::unique_ptr<Seen> seen_;
};

}  // namespace cram::selection
