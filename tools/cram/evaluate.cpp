// cram evaluate: held-out masked-LM loss and accuracy of a model on any text.
#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cram/base/units.h"
#include "cram/train/text_score.h"

#include "command.h"

namespace cram::tool {
namespace {

struct Options {
  std::string checkpoint;
  train::TextScoreOptions text;
  recipe::Device device;
  bool json = false;
};

int run(const Options& options) {
  const train::LoadedModel model = train::load_model(options.checkpoint, options.device, {});
  const train::Score score = train::score_text(model, options.text);
  if (options.json) {
    std::cout << nlohmann::ordered_json{{"loss", score.loss},
                                        {"perplexity", std::exp(score.loss)},
                                        {"accuracy", score.accuracy},
                                        {"masked_tokens", score.masked_tokens},
                                        {"sequences", score.sequences}}
                     .dump()
              << '\n';
    return 0;
  }
  std::printf("loss        %.4f nats a masked token\n", score.loss);
  std::printf("perplexity  %.2f\n", std::exp(score.loss));
  std::printf("accuracy    %.2f %%\n", 100 * score.accuracy);
  std::printf("on          %s masked tokens of %s sequences\n",
              format_count(score.masked_tokens).c_str(), format_count(score.sequences).c_str());
  return 0;
}

}  // namespace

void add_evaluate(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "evaluate", "Score a model on text it has not seen: masked-LM loss, perplexity, accuracy.");
  auto options = std::make_shared<Options>();
  command->add_option("--checkpoint", options->checkpoint, "A run folder or a model folder")
      ->required();
  command
      ->add_option("--text", options->text.sources,
                   "Files, folders or globs (.txt, .jsonl, .parquet, compressed or not)")
      ->required();
  command->add_option("--text-field", options->text.text_field,
                      "Field of .jsonl objects and column of .parquet tables that holds the text");
  command->add_option("--masking-rate", options->text.masking_rate, "Share of masked tokens")
      ->check(CLI::Range(0.001, 0.999) & !CLI::IsMember({"nan", "-nan"}, CLI::ignore_case))
      ->capture_default_str();
  command->add_option("--tokens", options->text.max_tokens, "Stop after so many tokens")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_device_option(*command, options->device);
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace cram::tool
