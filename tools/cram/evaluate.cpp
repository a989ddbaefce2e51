// cram evaluate: masked-LM loss and accuracy of a model on any text.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cram/base/file.h"
#include "cram/base/units.h"
#include "cram/glue/run_identity.h"
#include "cram/train/text_score.h"

#include "command.h"

namespace cram::tool {
namespace {

struct Options {
  std::string checkpoint;
  train::TextScoreOptions text;
  recipe::Device device;
  bool json = false;
  std::string output;
};

// The score, and of what it is.
std::string to_json(const Options& options, const train::TextScore& text) {
  const train::Score& score = text.score;
  return nlohmann::ordered_json{
      {"loss", score.loss},
      {"perplexity", std::exp(score.loss)},
      {"bits_per_byte", text.bits_per_byte},
      {"accuracy", score.accuracy},
      {"masked_tokens", score.masked_tokens},
      {"sequences", score.sequences},
      {"text", options.text.sources},
      {"held_out_only", options.text.held_out_only},
      {"model", glue::hash_of_model(train::find_model_folder(options.checkpoint))}}
      .dump();
}

void print(const train::TextScore& text) {
  const train::Score& score = text.score;
  std::printf("loss        %.4f nats a masked token\n", score.loss);
  std::printf("perplexity  %.2f\n", std::exp(score.loss));
  std::printf("            %.4f bits a byte of text\n", text.bits_per_byte);
  std::printf("accuracy    %.2f %%\n", 100 * score.accuracy);
  std::printf("on          %s masked tokens of %s sequences\n",
              format_count(score.masked_tokens).c_str(), format_count(score.sequences).c_str());
}

void write(const std::filesystem::path& file, const std::string& content) {
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
  write_file_atomic(file, content);
}

int run(const Options& options) {
  const train::LoadedModel model = train::load_model(options.checkpoint, options.device, {});
  const train::TextScore score = train::score_text(model, options.text);
  if (!options.output.empty()) write(options.output, to_json(options, score) + "\n");
  if (options.json) {
    std::cout << to_json(options, score) << '\n';
  } else {
    print(score);
  }
  return 0;
}

}  // namespace

void add_evaluate(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "evaluate", "Score a model on any text: masked-LM loss, perplexity, accuracy.");
  auto options = std::make_shared<Options>();
  command->add_option("--checkpoint", options->checkpoint, "A run folder or a model folder")
      ->required();
  command
      ->add_option("--text", options->text.sources,
                   "Files, folders or globs (.txt, .jsonl, .parquet, compressed or not)")
      ->required();
  command->add_option("--text-field", options->text.text_field,
                      "Field of .jsonl objects and column of .parquet tables that holds the text");
  command->add_flag("--held-out", options->text.held_out_only,
                    "Only documents of the text that the model's run held out of training");
  command->add_option("--masking-rate", options->text.masking_rate, "Share of masked tokens")
      ->check(CLI::Range(0.001, 0.999) & !CLI::IsMember({"nan", "-nan"}, CLI::ignore_case))
      ->capture_default_str();
  command->add_option("--tokens", options->text.max_tokens, "Stop after so many tokens")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_device_option(*command, options->device);
  command->add_flag("--json", options->json, "Print one JSON object");
  command->add_option("--output", options->output, "Also write that object to this file");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace cram::tool
