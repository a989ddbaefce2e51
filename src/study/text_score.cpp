#include "cram/study/text_score.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "cram/base/error.h"

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
  json.at("text_hash").get_to(score.text_hash);
  score.model_hash = json.value("model_hash", "");
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
            {"text_hash", score.text_hash}};
  if (!score.model_hash.empty()) json["model_hash"] = score.model_hash;
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

}  // namespace cram::study
