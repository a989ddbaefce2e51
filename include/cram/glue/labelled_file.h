// A user's own labelled data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cram/glue/example.h"

namespace cram::glue {

// Which columns (.tsv, .csv: by the header line) or fields (.jsonl) hold what. Empty: the customary
// names are looked for: sentence1 and sentence2, premise and hypothesis, … for pairs; text,
// sentence, question, … for single texts; label, labels, score, …; id, idx, index. Naming `first`
// alone means single texts.
struct Columns {
  std::string first = "", second = "", label = "", id = "";
};

struct LabelledFiles {
  // Paths; each also .gz, .bz2, .xz, .zst; dev and test may be empty.
  std::string train = "", dev = "", test = "";
  // Unset: by the files; among texts a score where all labels are numbers, some of which are not
  // whole or of which there are more than 100 different ones, and no labels are named; else a
  // class.
  std::optional<Problem> problem = std::nullopt;
  Columns columns = {};
  std::vector<std::string> labels = {};  // their order; empty: sorted, numbers by value
  double dev_share = 0.1;                // of the train rows, drawn by `seed`, where dev is empty
  std::uint64_t seed = 0;
};

// Classification and regression: .tsv (tabs; a field that stands in quote marks is taken out of
// them, others are text as they stand), .csv (RFC 4180), .jsonl (one object a line).
// Token labels: .jsonl objects with "words" (or "tokens") and "labels" (or "tags", "ner_tags":
// text), or CoNLL files (.conll, .txt, .iob: a word a line, the label its last column, a blank line
// between sentences).
// Span: SQuAD's .json (versions 1.1 and 2.0).
// The labels are those of the train file: others elsewhere are errors. Only test files may lack
// labels; answers that a test file lacks read as none.
// Throws Error{kData}, naming file and line (or question), for what does not fit; Error{kUsage} for
// options that contradict each other or have no effect on such files.
[[nodiscard]] DataSet read_labelled_files(const LabelledFiles& files);

// The examples of a file to predict, in any of these formats, as the only test split. Labels need
// not be there; those that are must be written as above, but any will do, and they count for
// nothing.
[[nodiscard]] DataSet read_unlabelled_file(const std::string& path, Problem problem,
                                           const Columns& columns);

}  // namespace cram::glue
