// cram prepare: text -> tokenizer -> packed shards, and nothing more.
#include "cram/corpus/prepare.h"

#include <cstdio>

#include "cram/base/units.h"
#include "cram/corpus/corpus.h"
#include "cram/train/setup.h"

#include "command.h"

namespace cram::tool {
namespace {

int run(const RecipeArguments& arguments) {
  const recipe::Recipe recipe = arguments.load();
  const corpus::Prepared prepared = corpus::prepare(train::prepare_options(recipe));
  const corpus::Corpus corpus(prepared.corpus_folder);
  const auto print = [&](const char* name, corpus::Split split) {
    std::printf("%s %s documents, %s sequences of %s tokens\n", name,
                format_count(corpus.documents(split)).c_str(),
                format_count(corpus.sequences(split)).c_str(),
                format_count(corpus.sequence_length()).c_str());
  };
  print("training ", corpus::Split::kTraining);
  print("held-out ", corpus::Split::kHeldOut);
  std::printf("tokenizer %s (%s tokens)\n", prepared.tokenizer_folder.c_str(),
              format_count(prepared.tokenizer->vocab_size()).c_str());
  std::printf("corpus    %s\n", prepared.corpus_folder.c_str());
  return 0;
}

}  // namespace

void add_prepare(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "prepare",
      "Make the tokenizer and the packed shards of a recipe, if they are not there yet.");
  auto arguments = std::make_shared<RecipeArguments>();
  arguments->add_to(*command);
  command->callback([arguments, &action] { action = [arguments] { return run(*arguments); }; });
}

}  // namespace cram::tool
