#include "cram/train/state_codec.h"

#include <nlohmann/json.hpp>

#include "cram/base/error.h"
#include "cram/base/log.h"

namespace cram::train {

std::string encode_scalars(const SavedScalars& scalars) {
  const Position& position = scalars.position;
  return nlohmann::ordered_json{{"step", position.step},
                                {"sequences", position.sequences},
                                {"tokens", position.tokens},
                                {"seconds", position.spent.count()},
                                {"validated_share", scalars.validated_share},
                                {"skipped_updates", scalars.skipped_updates},
                                {"environment", nlohmann::json::parse(scalars.environment)}}
      .dump();
}

SavedScalars decode_scalars(const std::string& json) {
  try {
    const nlohmann::json values = nlohmann::json::parse(json);
    return {{values.at("step"), values.at("sequences"), values.at("tokens"),
             Seconds(values.at("seconds").get<double>())},
            values.at("validated_share"),
            values.at("skipped_updates"),
            values.at("environment").dump()};
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kData,
                std::string("the checkpoint's training state cannot be read: ") + error.what());
  }
}

std::string environment_differences(const std::string& before, const std::string& now) {
  const nlohmann::json old_values = nlohmann::json::parse(before);
  const nlohmann::json new_values = nlohmann::json::parse(now);
  std::string text;
  for (const auto& [key, value] : new_values.items()) {
    const nlohmann::json old_value = old_values.value(key, nlohmann::json("unknown"));
    if (old_value == value) continue;
    text += (text.empty() ? "" : ", ") + key + " " + old_value.dump() + " -> " + value.dump();
  }
  return text;
}

void warn_of_other_environment(const std::string& before, const std::string& now) {
  const std::string changes = environment_differences(before, now);
  if (changes.empty()) return;
  log::warning("going on, but not bit for bit as without the interruption: " + changes);
}

std::string environment_value(const std::string& environment, const std::string& key) {
  const nlohmann::json values = nlohmann::json::parse(environment);
  return values.contains(key) ? values.at(key).dump() : "";
}

}  // namespace cram::train
