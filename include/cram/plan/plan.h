// Which model to train in a given time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cram/plan/candidate.h"
#include "cram/plan/evidence.h"
#include "cram/plan/trial.h"

namespace cram::plan {

// How many times beyond the nearest of what was studied something lies; 1: within.
struct Reach {
  double size = 1, tokens = 1, shape = 1;
};

struct PlannedRun {
  Candidate candidate;
  Trial trial;
  double parameters = 0;  // without embeddings
  double tokens = 0;      // that the budget sees
  study::Interval loss;   // nats a masked token, at the end
  std::optional<double> loss_per_byte;
  double best_share = 0;  // of the resampled laws, those by which this run is the best
  Reach reach;
};

struct SkippedRun {
  Candidate candidate;
  std::string reason;
};

struct Plan {
  Seconds budget{0};
  // What the runs are ordered by: with several vocabularies it is the loss per byte of text, as a
  // token is another thing in each.
  bool is_per_byte = false;
  std::vector<PlannedRun> runs;  // best first
  std::vector<SkippedRun> skipped;
};

// Tries each candidate out, says on the log how that goes, and asks its law for the loss. Throws
// Error{kOutOfMemory} when none fits on this machine, and Error{kData} when vocabularies are to be
// compared and the corpus of one is gone from the cache, so that nobody knows its bytes.
[[nodiscard]] Plan make_plan(Seconds budget, const std::vector<Candidate>& candidates,
                             const TryOut& try_out);

}  // namespace cram::plan
