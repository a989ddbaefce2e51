// Counts what the rules left out, and keeps a few samples of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cram/corpus/selection_report.h"
#include "cram/selection/rule.h"
#include "cram/text/sources.h"

#include "byte_stream.h"

namespace cram::corpus {

// What a sample needs of a text.
struct Excerpt {
  Excerpt() = default;
  explicit Excerpt(std::string_view text);
  explicit Excerpt(ByteReader& reader);
  void put_into(ByteWriter& writer) const;

  std::int64_t bytes = 0;  // of all the text
  std::uint64_t hash = 0;  // likewise
  std::string beginning;   // on one line
};

// Samples are chosen by the hashes of texts: from all over, and the same in every run. Used by one
// thread at a time.
class DropTally {
 public:
  DropTally(const std::vector<std::string>& rules, std::size_t sources);

  // A document that goes.
  void add(const selection::Drop& drop, std::size_t source, const Excerpt& document);
  // What is cut out of one that stays.
  void add_cut(const selection::Drop& drop, std::size_t source, const Excerpt& cut);
  // In the order of the rules' names.
  [[nodiscard]] std::vector<RuleReport> reports() const;

 private:
  struct Sample {
    std::uint64_t hash = 0;  // of the text: the smallest ones stay
    DropSample sample;
  };
  struct Rule {
    std::string name;
    std::vector<Amount> dropped;
    std::vector<Sample> samples;  // by their hashes
  };

  void add(const selection::Drop& drop, std::size_t source, const Amount& amount,
           const Excerpt& excerpt);
  static void offer(std::vector<Sample>& samples, const Excerpt& excerpt,
                    const std::string& detail);

  std::vector<Rule> rules_;
};

// A report on the sources that `files` come from, still without numbers. `names` may be empty.
[[nodiscard]] std::vector<SourceReport> name_sources(const std::vector<std::string>& names,
                                                     const std::vector<text::SourceFile>& files);

}  // namespace cram::corpus
