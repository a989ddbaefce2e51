// A preparation with rules, of sources that are added one by one.
#pragma once

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cram/corpus/prepare.h"
#include "cram/corpus/selection_report.h"

#include "corpus/packed_text.h"

namespace cram::test {

class SelectionTest : public testing::Test {
 protected:
  SelectionTest() {
    write_letter_vocabulary(folder_ / "vocab.txt");
    options_.cache = folder_ / "cache";
    options_.tokenizer_file = folder_ / "vocab.txt";
    options_.sequence_length = 16;
    options_.held_out_share = 0.2;
  }

  // One more source.
  void add_source(const std::vector<std::string>& documents) {
    const std::filesystem::path file =
        folder_ / ("source" + std::to_string(options_.sources.size()) + ".txt");
    write_txt(file, documents);
    options_.sources.push_back(file.string());
  }

  // Everything in the packed text, as letters.
  [[nodiscard]] static std::string packed_text(const corpus::Prepared& prepared) {
    const corpus::Corpus corpus(prepared.corpus_folder);
    return prepared.tokenizer->decode(read_all(corpus, corpus::Split::kTraining)) + "\n" +
           prepared.tokenizer->decode(read_all(corpus, corpus::Split::kHeldOut));
  }

  TempFolder folder_;
  corpus::PrepareOptions options_;
};

inline std::vector<std::string> with(std::vector<std::string> documents,
                                     const std::string& document) {
  documents.insert(documents.begin() + static_cast<std::ptrdiff_t>(documents.size() / 2), document);
  return documents;
}

inline const corpus::RuleReport& rule_of(const corpus::SelectionReport& report,
                                         const std::string& name) {
  const auto found =
      std::find_if(report.rules.begin(), report.rules.end(),
                   [&](const corpus::RuleReport& rule) { return rule.name == name; });
  if (found == report.rules.end()) throw std::out_of_range(name);
  return *found;
}

}  // namespace cram::test
