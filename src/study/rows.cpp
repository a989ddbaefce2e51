#include "rows.h"

#include "cram/base/units.h"

namespace cram::study {
namespace {

using Row = std::vector<std::string>;

std::string time_to_target(const VariantResult& variant) {
  return variant.seconds_to_target ? format_clock(Seconds(*variant.seconds_to_target))
                                   : "not reached";
}

// "61.20 (60.80 to 61.90)", in units that a number holds `scale` of.
std::string spread_text(const std::optional<Spread>& spread, double scale, int decimals) {
  if (!spread) return "";
  const auto text = [&](double number) { return format_fixed(scale * number, decimals); };
  return text(spread->median) + " (" + text(spread->smallest) + " to " + text(spread->largest) +
         ")";
}

Row row_of(const VariantResult& variant) {
  const std::string seeds =
      std::to_string(variant.seeds.size()) + " of " + std::to_string(variant.planned);
  if (variant.seeds.empty()) return {variant.variant, seeds, "", "", "", "", "", ""};
  const auto& [median, smallest, largest] = variant.loss;
  return {variant.variant,
          seeds,
          format_fixed(median, 4),
          format_fixed(smallest, 4) + " to " + format_fixed(largest, 4),
          format_fixed(100 * variant.accuracy.median, 2) + " %",
          time_to_target(variant),
          format_short(variant.tokens),
          format_short(variant.tokens_per_second)};
}

}  // namespace

std::vector<std::string> variant_heads(const Comparison& comparison) {
  Row heads = {"variant",  "seeds",  "held-out loss", "min to max",
               "accuracy", "target", "tokens",        "tokens/s"};
  if (comparison.is_scored_on_text) {
    heads.emplace_back("loss on text");
    heads.emplace_back("bits/byte");
  }
  if (comparison.is_fine_tuned) heads.emplace_back("GLUE mean");
  return heads;
}

std::vector<std::vector<std::string>> variant_rows(const Comparison& comparison) {
  std::vector<Row> rows;
  for (const VariantResult& variant : comparison.variants) {
    rows.push_back(row_of(variant));
    if (comparison.is_scored_on_text) {
      rows.back().push_back(spread_text(variant.text_loss, 1, 4));
      rows.back().push_back(spread_text(variant.text_bits_per_byte, 1, 4));
    }
    if (comparison.is_fine_tuned) rows.back().push_back(spread_text(variant.glue_mean, 100, 2));
  }
  return rows;
}

std::vector<std::string> lines_below(const Comparison& comparison) {
  std::vector<std::string> lines = {
      comparison.target_loss ? "target: held-out loss " + format_fixed(*comparison.target_loss, 4)
                             : "no run of the first variant is finished, so there is no target"};
  if (comparison.has_different_texts) {
    lines.emplace_back(
        "models were scored on different texts, which do not compare; without the study's folder "
        "text/ the same command scores them all again");
  }
  return lines;
}

const char* name(RunState state) {
  switch (state) {
    case RunState::kNotStarted:
      return "not started";
    case RunState::kUnfinished:
      return "unfinished";
    case RunState::kFinished:
      return "finished";
  }
  return "";
}

}  // namespace cram::study
