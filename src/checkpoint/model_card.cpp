#include "cram/checkpoint/model_card.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cram/base/units.h"
#include "cram/text/printable.h"

namespace cram::checkpoint {

namespace {

// What a head makes of an encoder.
struct Use {
  const char* suffix;  // of the architecture
  const char* pipeline;
  const char* lead;
  const char* command;  // of cram, with the folder between its two parts
  const char* arguments;
};
constexpr Use kMaskedLm = {"ForMaskedLM", "fill-mask",
                           "An encoder with a head that predicts masked tokens.",
                           "cram fill-mask --checkpoint ", " \"The [MASK] is yours.\""};
constexpr Use kUses[] = {
    kMaskedLm,
    {"ForSequenceClassification", "text-classification",
     "An encoder that was fine-tuned to label or score texts.", "cram predict --checkpoint ",
     " --input FILE"},
    {"ForTokenClassification", "token-classification",
     "An encoder that was fine-tuned to label words.", "cram predict --checkpoint ",
     " --input FILE"},
    {"ForQuestionAnswering", "question-answering",
     "An encoder that was fine-tuned to find answers in texts.", "cram predict --checkpoint ",
     " --input FILE"},
    {"Model", "feature-extraction", "An encoder without a head.", "cram finetune --checkpoint ",
     " --train FILE"},
};

const Use& use_of(const ModelCard& card) {
  if (card.architecture.ends_with("ForPreTraining")) return kMaskedLm;
  const auto* found = std::find_if(std::begin(kUses), std::end(kUses), [&](const Use& use) {
    return card.architecture.ends_with(use.suffix);
  });
  return found == std::end(kUses) ? std::end(kUses)[-1] : *found;
}

std::string auto_class(const ModelCard& card) {
  const std::string suffix = use_of(card).suffix;
  return suffix == "Model" ? "AutoModel" : "AutoModel" + suffix;
}

// Text that Markdown shows as it is, in a heading and in the cell of a table.
std::string markdown_text(const std::string& text) {
  constexpr std::size_t kMostBytes = 500;
  constexpr std::string_view kMarkup = "\\`*_{}[]<>|~&$!#";
  std::string escaped;
  for (const char c : text::printable(text, kMostBytes)) {
    if (kMarkup.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string table(const std::string& heading, const Facts& facts) {
  if (facts.empty()) return "";
  std::string text = "\n## " + heading + "\n\n| | |\n|---|---|\n";
  for (const Fact& fact : facts) {
    text += "| " + markdown_text(fact.name) + " | " + markdown_text(fact.value) + " |\n";
  }
  return text;
}

// `text` as a word of a shell.
std::string shell_word(const std::string& text) {
  constexpr const char* kPlain =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-./+=:,@";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string python_text(const std::string& text) {
  using nlohmann::json;
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string usage(const ModelCard& card) {
  if (!card.stock) {
    return "No class of `transformers` computes this model; cram does:\n\n```sh\n" +
           loading_line(card, "FOLDER") + "\n```\n";
  }
  const std::string name = auto_class(card);
  return "```python\nfrom transformers import " + name +
         ", AutoTokenizer\ntokenizer = AutoTokenizer.from_pretrained(\"FOLDER\")\nmodel = " +
         loading_line(card, "FOLDER") + "\n```\n";
}

std::string budget(const recipe::Budget& budget) {
  if (budget.time) return format_duration(*budget.time);
  if (budget.steps) return format_count(*budget.steps) + " updates";
  if (budget.tokens) return format_count(*budget.tokens) + " tokens";
  return "";
}

std::string joined(const std::vector<std::string>& sources) {
  constexpr std::size_t kMost = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(kMost, sources.size()); ++i) {
    text += (i == 0 ? "" : ", ") + sources[i];
  }
  if (sources.size() <= kMost) return text;
  return text + " and " + format_count(static_cast<std::int64_t>(sources.size() - kMost)) + " more";
}

}  // namespace

std::string render_card(const ModelCard& card) {
  const Use& use = use_of(card);
  return std::string("---\nlibrary_name: ") + (card.stock ? "transformers" : "cram") +
         "\npipeline_tag: " + use.pipeline + "\ntags:\n- cram\n---\n\n# " +
         markdown_text(card.title) + "\n\n" + use.lead + "\n" + table("Model", card.model) +
         table("Training", card.training) + "\n## Use\n\n" + usage(card);
}

std::string loading_line(const ModelCard& card, const std::filesystem::path& folder) {
  if (card.stock) {
    return auto_class(card) + ".from_pretrained(" + python_text(folder.string()) + ")";
  }
  const Use& use = use_of(card);
  return use.command + shell_word(folder.string()) + use.arguments;
}

std::string pretrained_start(const recipe::Recipe& recipe) {
  if (recipe.model.from.empty()) return "";
  return recipe.model.from + ", a pretrained model: outside the rules of cramming";
}

Facts recipe_facts(const recipe::Recipe& recipe) {
  if (recipe.data.sources.empty()) return {};
  Facts facts = {{"pretraining recipe", recipe.name}};
  if (const std::string start = pretrained_start(recipe); !start.empty()) {
    facts.push_back({"started from", start});
  }
  facts.push_back({"pretraining text", joined(recipe.data.sources)});
  if (const std::string text = budget(recipe.budget); !text.empty()) {
    facts.push_back({"pretraining budget", text});
  }
  if (recipe.averaging.exported == recipe::ExportedWeights::kAverage) {
    facts.push_back({"weights", "averaged over the pretraining"});
  }
  return facts;
}

}  // namespace cram::checkpoint
