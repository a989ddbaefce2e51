// cram fill-mask: guesses for the blanks of a sentence.
#include "cram/train/fill_mask.h"

#include <array>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cram/text/printable.h"
#include "cram/text/utf8.h"

#include "command.h"

namespace cram::tool {
namespace {

constexpr std::size_t kWidest = 100;  // bytes of a token

using Guesses = std::vector<std::vector<train::Guess>>;

struct Options {
  std::string checkpoint;
  std::vector<std::string> texts;
  recipe::Device device;
  int top = 5;
  bool json = false;
};

void print_json(const std::string& text, const Guesses& guesses) {
  nlohmann::ordered_json masks = nlohmann::json::array();
  for (const auto& row : guesses) {
    nlohmann::ordered_json list = nlohmann::json::array();
    for (const train::Guess& guess : row) {
      list.push_back(
          {{"id", guess.id}, {"token", guess.token}, {"probability", guess.probability}});
    }
    masks.push_back(std::move(list));
  }
  std::cout << nlohmann::ordered_json{{"text", text}, {"masks", masks}}.dump() << '\n';
}

void print_lines(const std::string& text, const Guesses& guesses) {
  std::cout << text << '\n';
  for (const auto& row : guesses) {
    std::string line = " ";
    for (const train::Guess& guess : row) {
      std::array<char, 16> percent{};
      std::snprintf(percent.data(), percent.size(), " %.1f %%", 100 * guess.probability);
      line += guess.token.starts_with(' ') ? "" : " ";
      line += text::printable(guess.token, kWidest) + percent.data() + " ";
    }
    std::cout << line << '\n';
  }
}

int run(const Options& options) {
  // A few sentences take no time: what counts is that others compute the same.
  const recipe::Precision precision{.compute = recipe::PrecisionType::kFp32};
  const train::LoadedModel model = train::load_model(options.checkpoint, options.device, precision);
  for (const std::string& given : options.texts) {
    const std::string text = text::repair_utf8(given);
    const Guesses guesses = train::fill_masks(model, text, options.top);
    options.json ? print_json(text, guesses) : print_lines(text, guesses);
  }
  return 0;
}

// The sentences after the first. Throws what CLI11 would of an option that there is not.
void add_others(const CLI::App& command, std::vector<std::string>& texts) {
  for (const std::string& other : command.remaining()) {
    if (other.starts_with('-')) throw CLI::ExtrasError({other});
    texts.push_back(other);
  }
}

}  // namespace

void add_fill_mask(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("fill-mask", "Guess the [MASK] words of a sentence with a model.");
  auto options = std::make_shared<Options>();
  command->add_option("--checkpoint", options->checkpoint, "A run folder or a model folder")
      ->required();
  command
      ->add_option(
          "text", options->texts,
          "A sentence with one or more [MASK], or the model's own name of it; others follow")
      ->required()
      ->allow_extra_args(false);  // else "[MASK] is [MASK]" is taken for a list in brackets …
  command->allow_extras();        // … so that the other sentences are what is left over
  command->add_option("--top", options->top, "Guesses for each")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  add_device_option(*command, options->device);
  command->add_flag("--json", options->json, "Print one JSON object a sentence");
  command->callback([command, options, &action] {
    add_others(*command, options->texts);
    action = [options] { return run(*options); };
  });
}

}  // namespace cram::tool
