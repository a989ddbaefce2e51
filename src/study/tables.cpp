#include "cram/study/tables.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "cram/report/text_table.h"

#include "rows.h"

namespace cram::study {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json spread_json(const Spread& spread) {
  return {{"median", number(spread.median)},
          {"smallest", number(spread.smallest)},
          {"largest", number(spread.largest)}};
}

Json variant_json(const VariantResult& variant) {
  Json json{{"variant", variant.variant}, {"planned", variant.planned}, {"seeds", variant.seeds}};
  if (variant.seeds.empty()) return json;
  json["loss"] = spread_json(variant.loss);
  json["accuracy"] = spread_json(variant.accuracy);
  json["tokens"] = number(variant.tokens);
  json["tokens_per_second"] = number(variant.tokens_per_second);
  if (variant.text_loss) json["text_loss"] = spread_json(*variant.text_loss);
  if (variant.text_bits_per_byte) {
    json["text_bits_per_byte"] = spread_json(*variant.text_bits_per_byte);
  }
  if (variant.glue_mean) json["glue_mean"] = spread_json(*variant.glue_mean);
  if (variant.seconds_to_target) {
    json["seconds_to_target"] = *variant.seconds_to_target;
    json["tokens_to_target"] = *variant.tokens_to_target;
  }
  return json;
}

Json run_json(const RunResult& run) {
  Json curve = Json::array();
  for (const report::Validation& at : run.curve) {
    curve.push_back({{"seconds", number(at.seconds)},
                     {"tokens", at.tokens},
                     {"loss", number(at.loss)},
                     {"accuracy", number(at.accuracy)}});
  }
  Json json{{"variant", run.variant},         {"seed", run.seed},
            {"state", name(run.state)},       {"tokens", run.tokens},
            {"seconds", number(run.seconds)}, {"tokens_per_second", number(run.tokens_per_second)},
            {"curve", std::move(curve)}};
  if (run.text_score) {
    json["text_loss"] = number(run.text_score->loss);
    json["text_bits_per_byte"] = number(run.text_score->bits_per_byte);
    json["text_hash"] = run.text_score->text_hash;
  }
  if (run.glue_mean) json["glue_mean"] = number(*run.glue_mean);
  return json;
}

}  // namespace

std::string to_text(const Comparison& comparison) {
  std::vector<Row> rows = variant_rows(comparison);
  rows.insert(rows.begin(), variant_heads(comparison));
  std::string text = report::text_table(rows);
  for (const std::string& line : lines_below(comparison)) text += line + "\n";
  return text;
}

std::string to_markdown(const Comparison& comparison) {
  const auto line = [](const Row& row) {
    std::string text = "|";
    for (const std::string& cell : row) text += " " + cell + " |";
    return text + "\n";
  };
  const Row heads = variant_heads(comparison);
  std::string text = line(heads) + line(Row(heads.size(), "---"));
  for (const Row& row : variant_rows(comparison)) text += line(row);
  for (const std::string& below : lines_below(comparison)) text += "\n" + below + "\n";
  return text;
}

std::string to_json(const recipe::Study& study, const Comparison& comparison,
                    const std::vector<RunResult>& runs) {
  Json json{{"study", study.name},
            {"target_loss", comparison.target_loss ? Json(*comparison.target_loss) : Json()},
            {"variants", Json::array()},
            {"runs", Json::array()}};
  for (const auto& variant : comparison.variants) json["variants"].push_back(variant_json(variant));
  for (const RunResult& run : runs) json["runs"].push_back(run_json(run));
  return json.dump(2) + "\n";
}

}  // namespace cram::study
