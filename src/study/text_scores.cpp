#include "text_scores.h"

#include "cram/base/file.h"

#include "recorded.h"
#include "run_folders.h"

namespace cram::study {

std::optional<TextScore> read_text_score(const recipe::Study& study, const recipe::StudyRun& run) {
  const std::filesystem::path file = text_score_file(run);
  if (!std::filesystem::exists(file)) return std::nullopt;
  TextScore score = parse_text_score(read_file(file), file.string());
  const bool holds =
      score.held_out_only && score.sources == study.text && is_of_model(score.model_hash, run);
  return holds ? std::optional(std::move(score)) : std::nullopt;
}

}  // namespace cram::study
