// What a model is fine-tuned on: texts with what is to be said of them.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace cram::glue {

// What is asked of a model. The first two are asked of one text or of a pair of texts.
enum class Problem {
  kClassification,  // one of several labels
  kRegression,      // a score
  kTokenLabels,     // a label for each word
  kSpan,            // the part of a text that answers a question, or that there is none
};

// Where an answer stands: bytes [begin, end) of the context.
struct Answer {
  std::string text;
  std::size_t begin = 0;
  bool operator==(const Answer&) const = default;
};

// Which members are filled depends on the problem. All text is valid UTF-8.
struct Example {
  std::string id = {};  // as prediction files call it

  std::string first = {};   // classification, regression: the text; span: the question
  std::string second = {};  // the second text, if the data set has pairs; span: the context
  // The number of the label or the score; NaN where it is not known, as in test sets.
  double target = std::numeric_limits<double>::quiet_NaN();

  std::vector<std::string> words = {};  // token labels
  std::vector<int> word_labels = {};    // as many, or none where they are not known

  // Span: those that people gave; none: the context has no answer.
  std::vector<Answer> answers = {};
};

struct Split {
  std::string name = {};  // "train", "dev", "dev-mismatched", "test", …
  std::vector<Example> examples = {};
};

struct DataSet {
  std::string name = {};  // "mnli", or the stem of the user's file
  Problem problem = Problem::kClassification;
  bool pairs = false;                    // classification, regression: whether examples are pairs
  std::vector<std::string> labels = {};  // by number; empty for regression and span
  Split train = {};
  std::vector<Split> dev = {};          // with labels; the first one decides
  std::vector<Split> test = {};         // mostly without
  std::vector<std::string> notes = {};  // what a person should know, such as missing rows
};

}  // namespace cram::glue
