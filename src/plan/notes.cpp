#include "notes.h"

#include <algorithm>

#include "cram/base/units.h"

namespace cram::plan {
namespace {

std::string times(double factor) { return format_factor(factor) + " times"; }

std::string stretch(const Reach& reach) {
  std::string text;
  if (is_stretch(reach.tokens)) text = times(reach.tokens) + " in tokens";
  if (is_stretch(reach.size))
    text += (text.empty() ? "" : " and ") + times(reach.size) + " in size";
  if (text.empty()) return "The best run lies within the sizes and tokens that were studied.";
  return "The best run lies beyond all that was studied: " + text +
         ". The range knows how much runs differ, but not whether the law still holds there, and "
         "even where it does, ranges of nine to twelve runs hold but 70 to 80 % of them so far "
         "out.";
}

std::string about_shape(const Evidence& evidence, const PlannedRun& best) {
  double narrowest = evidence.laws.front().narrowest, widest = evidence.laws.front().widest;
  for (const Law& law : evidence.laws) {
    narrowest = std::min(narrowest, law.narrowest);
    widest = std::max(widest, law.widest);
  }
  std::string text =
      "A law goes by the number of parameters: between models of one size speed alone decides. "
      "Studied were widths of " +
      format_fixed(narrowest, 0) + " to " + format_fixed(widest, 0) + " times the layers";
  const double shape = aspect(best.candidate.recipe.model);
  return text +
         (is_stretch(best.reach.shape) ? ", the best run has " + format_fixed(shape, 0) : "") + ".";
}

std::string about_plateau(const Evidence& evidence) {
  std::size_t on_plateau = 0, runs = 0;
  for (const Law& law : evidence.laws) {
    on_plateau += law.on_plateau;
    runs += law.forecast.points().size();
  }
  if (on_plateau == 0) return "";
  return "Warning: " + std::to_string(on_plateau) + " of the " + std::to_string(runs) +
         " runs end with less than 20 % of masked tokens right. Such runs are still on the plateau "
         "on which training begins: the law misses that the loss falls fast behind it.";
}

bool have_one(const Evidence& evidence, std::int64_t Kind::*number) {
  return std::all_of(evidence.laws.begin(), evidence.laws.end(), [&](const Law& law) {
    return law.kind.*number == evidence.laws.front().kind.*number;
  });
}

std::string about_kinds(const Evidence& evidence) {
  const Kind& kind = evidence.laws.front().kind;
  std::vector<std::string> fixed;
  if (have_one(evidence, &Kind::batch)) fixed.push_back("batches of " + std::to_string(kind.batch));
  if (have_one(evidence, &Kind::vocabulary)) {
    fixed.push_back("a vocabulary of " + std::to_string(kind.vocabulary));
  }
  if (fixed.empty()) return "Each batch and vocabulary has a law of its own runs.";
  return "All runs studied have " + fixed.front() + (fixed.size() > 1 ? " and " + fixed[1] : "") +
         ": what others would do is not known, so the plan keeps " +
         (fixed.size() > 1 ? "both." : "it.");
}

// Where all others that were tried are on one side of it.
std::string about_edge(const Plan& plan, const PlannedRun& best) {
  const auto width = [](const PlannedRun& run) { return run.candidate.recipe.model.hidden_size; };
  const auto [least, most] = std::minmax_element(
      plan.runs.begin(), plan.runs.end(),
      [&](const auto& left, const auto& right) { return width(left) < width(right); });
  if (width(*least) == width(*most)) return "";
  if (width(best) == width(*most))
    return "The best is the widest that was tried: look beyond it with --width.";
  if (width(best) == width(*least))
    return "The best is the narrowest that was tried: look below it with --width.";
  return "";
}

std::string about_text(const PlannedRun& best) {
  const auto once = static_cast<double>(best.trial.training_tokens);
  if (once == 0 || best.tokens <= once) return "";
  return "The best run sees the text " + times(best.tokens / once) +
         "; from repeated text models learn less than a law of fresh text says.";
}

// As a shell reads it back.
std::string quoted(const std::string& word) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_-./=,:+@%").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

}  // namespace

bool is_stretch(double factor) { return factor >= 1.05; }

std::string format_factor(double factor) { return format_fixed(factor, factor < 10 ? 1 : 0); }

std::vector<std::string> notes_of(const Shown& shown) {
  const PlannedRun& best = shown.plan.runs.front();
  std::vector<std::string> notes = {about_plateau(shown.evidence),     stretch(best.reach),
                                    about_shape(shown.evidence, best), about_kinds(shown.evidence),
                                    about_edge(shown.plan, best),      about_text(best)};
  if (shown.plan.is_per_byte) {
    notes.emplace_back(
        "Between vocabularies losses are compared per byte of text. A mask on a longer token hides "
        "more, so this is a comparison of models in different games.");
  }
  notes.emplace_back(
      "Speeds were measured once, for some seconds: what else the machine did is in them, and not "
      "in "
      "the ranges. Learning rates are the recipe's for every size.");
  std::erase(notes, "");
  return notes;
}

std::string command_of(const Base& base, const Candidate& candidate) {
  std::string command = "cram pretrain --config " + quoted(base.file.string());
  for (const std::string& setting : candidate.settings) command += " " + quoted(setting);
  return command;
}

}  // namespace cram::plan
