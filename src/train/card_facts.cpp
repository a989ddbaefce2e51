#include "cram/train/card_facts.h"

#include <nlohmann/json.hpp>

#include "cram/base/units.h"

namespace cram::train {

void add_training_facts(checkpoint::Facts& facts, const Position& position,
                        const std::string& environment) {
  facts.push_back({"updates", format_count(position.step)});
  facts.push_back({"tokens", format_count(position.tokens)});
  facts.push_back({"training time", format_clock(position.spent)});
  const auto values = nlohmann::json::parse(environment);
  for (const char* key : {"device", "precision"}) {
    if (values.contains(key)) facts.push_back({key, values.at(key).get<std::string>()});
  }
}

void add_score(checkpoint::Facts& facts, const Score& score) {
  facts.push_back({"held-out loss", format_fixed(score.loss, 4) + " nats a masked token"});
  facts.push_back({"held-out accuracy", format_fixed(100 * score.accuracy, 2) + " % of " +
                                            format_count(score.masked_tokens) + " masked tokens"});
}

}  // namespace cram::train
