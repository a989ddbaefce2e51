// cram tokenize: text from standard input or files to tokens, a line each.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"
#include "cram/text/utf8.h"
#include "cram/tokenizer/tokenizer.h"

#include "command.h"

namespace cram::tool {
namespace {

struct Options {
  std::string tokenizer;
  std::vector<std::string> files;
  tokenizer::Normalization normalization;
  bool ids = false;
};

void tokenize(std::istream& input, const tokenizer::Tokenizer& tokenizer, bool ids) {
  for (std::string line; std::cout && std::getline(input, line);) {
    std::string separator;
    for (const tokenizer::TokenId id : tokenizer.encode(text::repair_utf8(line))) {
      std::cout << separator << (ids ? std::to_string(id) : std::string(tokenizer.token(id)));
      separator = " ";
    }
    std::cout << '\n';
  }
}

int run(const Options& options) {
  interrupt::restore_default_handlers();
  const auto tokenizer = tokenizer::load_tokenizer(options.tokenizer, options.normalization);
  if (options.files.empty()) tokenize(std::cin, *tokenizer, options.ids);
  for (const std::string& name : options.files) {
    std::ifstream file(name);
    if (!file || std::filesystem::is_directory(name))
      throw Error(ErrorCode::kData, name + ": cannot be opened");
    tokenize(file, *tokenizer, options.ids);
  }
  return 0;
}

}  // namespace

void add_tokenize(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("tokenize", "Print the tokens of text, line by line, as words or ids.");
  auto options = std::make_shared<Options>();
  command
      ->add_option("-t,--tokenizer", options->tokenizer,
                   "vocab.txt, tokenizer.json, a SentencePiece .model, or a folder with one")
      ->required();
  command->add_flag("--ids", options->ids, "Print ids");
  command->add_flag_function(
      "--cased",
      [options](std::int64_t) {
        options->normalization = {false, false, false};
      },
      "With a vocab.txt: keep upper case and accents");
  command->add_option("files", options->files, "Text files; standard input when there are none");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace cram::tool
