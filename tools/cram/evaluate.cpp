// cram evaluate: masked-LM loss and accuracy of a model on any text.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "cram/base/file.h"
#include "cram/base/hash.h"
#include "cram/base/units.h"
#include "cram/glue/run_identity.h"
#include "cram/study/text_score.h"
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

study::TextScore score(const Options& options) {
  // Always in the same type, so that scores of several machines compare.
  const train::LoadedModel model = train::load_model(options.checkpoint, options.device,
                                                     {.compute = recipe::PrecisionType::kFp32});
  const train::TextScore text = train::score_text(model, options.text);
  return {.loss = text.score.loss,
          .bits_per_byte = text.bits_per_byte,
          .accuracy = text.score.accuracy,
          .masked_tokens = text.score.masked_tokens,
          .sequences = text.score.sequences,
          .sources = options.text.sources,
          .held_out_only = options.text.held_out_only,
          .masking_rate = options.text.masking_rate,
          .bytes = text.bytes,
          .text_hash = hex64(text.text_hash)};
}

void print(const study::TextScore& score) {
  std::printf("loss        %.4f nats a masked token, %.4f bits a byte\n", score.loss,
              score.bits_per_byte);
  std::printf("perplexity  %.2f\n", std::exp(score.loss));
  std::printf("accuracy    %.2f %%\n", 100 * score.accuracy);
  std::printf("on          %s masked tokens of %s sequences, %s of text\n",
              format_count(score.masked_tokens).c_str(), format_count(score.sequences).c_str(),
              format_bytes(score.bytes).c_str());
}

// With the hash of the model, taken before that is read for the score.
void write(const Options& options, study::TextScore score, std::string model) {
  score.model_hash = std::move(model);
  write_file_atomic(options.output, to_json(score) + "\n");
}

int run(const Options& options) {
  std::string model;
  if (!options.output.empty()) {
    model = glue::hash_of_model(train::find_model_folder(options.checkpoint));
    make_folders(std::filesystem::absolute(options.output).parent_path());
  }
  const study::TextScore found = score(options);
  if (!options.output.empty()) write(options, found, model);
  if (options.json) {
    std::cout << to_json(found) << '\n';
  } else {
    print(found);
  }
  return 0;
}

std::int64_t read_bytes(const std::string& text) {
  const auto bytes = parse_bytes(text);
  if (bytes && *bytes > 0) return *bytes;
  throw CLI::ValidationError("--bytes", "'" + text + "' is no size such as 4MiB");
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
  command->add_option_function<std::string>(
      "--bytes", [options](const std::string& text) { options->text.max_bytes = read_bytes(text); },
      "Of text, whole documents, an equal part of each of --text (" +
          format_bytes(options->text.max_bytes) + ")");
  add_device_option(*command, options->device);
  command->add_flag("--json", options->json, "Print one JSON object");
  command->add_option("--output", options->output,
                      "Also write that object, with a hash of the model, to this file");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace cram::tool
