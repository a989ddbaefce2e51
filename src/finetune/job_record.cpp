#include "job_record.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "cram/base/error.h"
#include "cram/base/file.h"

namespace cram::finetune {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const glue::WorstError& error) {
  Json json = {{"first", error.first},
               {"second", error.second},
               {"truth", error.truth},
               {"predicted", error.predicted}};
  if (!std::isnan(error.confidence)) json["confidence"] = error.confidence;
  return json;
}

glue::WorstError parse_error(const Json& json) {
  return {json.at("first"), json.at("second"), json.at("truth"), json.at("predicted"),
          json.contains("confidence") ? json.at("confidence").get<double>() : std::nan("")};
}

}  // namespace

void write_job_result(const std::filesystem::path& file, const JobResult& result) {
  Json errors = Json::array();
  for (const glue::WorstError& error : result.errors) errors.push_back(to_json(error));
  const Json json = {{"score", Json::parse(glue::to_json(result.score))},
                     {"confusion", result.confusion},
                     {"errors", errors}};
  write_file_atomic(file, json.dump(1) + "\n");
}

std::optional<JobResult> read_job_result(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return std::nullopt;
  try {
    const Json json = Json::parse(read_file(file));
    JobResult result;
    result.score = glue::parse_seed_score(json.at("score").dump(), file.string());
    result.confusion = json.at("confusion").get<glue::Confusion>();
    for (const Json& error : json.at("errors")) result.errors.push_back(parse_error(error));
    return result;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kData, file.string() + ": damaged, " + error.what(),
                "without the file the job is done again");
  }
}

}  // namespace cram::finetune
