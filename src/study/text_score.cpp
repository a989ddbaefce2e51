#include "text_score.h"

#include <nlohmann/json.hpp>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "recorded.h"
#include "run_folders.h"

namespace cram::study {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::optional<TextScore> score_in(const Json& record, const std::vector<std::string>& text,
                                  const recipe::StudyRun& run) {
  const bool holds = record.at("held_out_only").get<bool>() && record.at("text") == Json(text) &&
                     is_of_model(record.at("model").get<std::string>(), run);
  if (!holds) return std::nullopt;
  return TextScore{record.at("loss").get<double>(), record.at("bits_per_byte").get<double>()};
}

}  // namespace

std::optional<TextScore> read_text_score(const std::vector<std::string>& text,
                                         const recipe::StudyRun& run) {
  const fs::path file = text_score_file(run);
  if (!fs::exists(file)) return std::nullopt;
  try {
    return score_in(Json::parse(read_file(file)), text, run);
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::kData, file.string() + ": damaged, " + error.what(),
                "remove it, and the same command makes it again");
  }
}

}  // namespace cram::study
