#include "cram/study/text_score.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "recorded.h"
#include "run_folders.h"

namespace cram::study {
namespace {

using Json = nlohmann::ordered_json;

TextScore score_in(const Json& json) {
  TextScore score;
  json.at("loss").get_to(score.loss);
  json.at("bits_per_byte").get_to(score.bits_per_byte);
  json.at("accuracy").get_to(score.accuracy);
  json.at("masked_tokens").get_to(score.masked_tokens);
  json.at("sequences").get_to(score.sequences);
  json.at("sources").get_to(score.sources);
  json.at("held_out_only").get_to(score.held_out_only);
  json.at("masking_rate").get_to(score.masking_rate);
  json.at("bytes").get_to(score.bytes);
  json.at("text").get_to(score.text);
  score.model = json.value("model", "");
  return score;
}

}  // namespace

std::string to_json(const TextScore& score) {
  Json json{{"loss", score.loss},
            {"perplexity", std::exp(score.loss)},
            {"bits_per_byte", score.bits_per_byte},
            {"accuracy", score.accuracy},
            {"masked_tokens", score.masked_tokens},
            {"sequences", score.sequences},
            {"sources", score.sources},
            {"held_out_only", score.held_out_only},
            {"masking_rate", score.masking_rate},
            {"bytes", score.bytes},
            {"text", score.text}};
  if (!score.model.empty()) json["model"] = score.model;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

TextScore parse_text_score(const std::string& json, const std::string& where) {
  try {
    return score_in(Json::parse(json));
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::kData, where + ": damaged, " + error.what(),
                "remove it, and the same command makes it again");
  }
}

std::optional<TextScore> read_text_score(const recipe::Study& study, const recipe::StudyRun& run) {
  const std::filesystem::path file = text_score_file(run);
  if (!std::filesystem::exists(file)) return std::nullopt;
  TextScore score = parse_text_score(read_file(file), file.string());
  const bool holds =
      score.held_out_only && score.sources == study.text && is_of_model(score.model, run);
  return holds ? std::optional(std::move(score)) : std::nullopt;
}

}  // namespace cram::study
