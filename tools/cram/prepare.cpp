// cram prepare: text -> selection -> tokenizer -> packed shards, and nothing more.
#include "cram/corpus/prepare.h"

#include <cstdio>

#include "cram/base/units.h"
#include "cram/corpus/corpus.h"
#include "cram/corpus/corpus_page.h"
#include "cram/corpus/export_documents.h"
#include "cram/corpus/selection_report.h"
#include "cram/train/setup.h"

#include "command.h"
#include "part.h"

namespace cram::tool {
namespace {

void print_row(const std::string& name, const corpus::Amount& amount, const std::string& more) {
  std::printf("%-32s %15s %12s  %s\n", name.c_str(), format_count(amount.documents).c_str(),
              format_bytes(amount.bytes).c_str(), more.c_str());
}

// Of the documents; of the text where it was cut out of documents that stay.
std::string share_of(const corpus::Amount& part, const corpus::Amount& whole) {
  if (whole.documents == 0) return "";
  const bool of_text = part.documents == 0 && part.bytes > 0;
  const auto share = [](std::int64_t some, std::int64_t all) {
    return format_fixed(100.0 * static_cast<double>(some) / static_cast<double>(all), 2) + " %";
  };
  return of_text ? share(part.bytes, whole.bytes) + " of the text"
                 : share(part.documents, whole.documents);
}

// What became of the text, where a rule had a say in it.
void print_selection(const corpus::SelectionReport& report) {
  if (report.rules.empty()) return;
  const corpus::Amount read = report.read();
  std::printf("%-32s %15s %12s\n", "selection", "documents", "text");
  print_row("read", read, "");
  for (const corpus::RuleReport& rule : report.rules) {
    const corpus::Amount dropped = rule.all_dropped();
    print_row("- " + rule.name, dropped, share_of(dropped, read));
  }
  print_row("packed", report.packed(), share_of(report.packed(), read));
  if (report.sources.size() == 1) return;
  for (const corpus::SourceReport& source : report.sources) {
    print_row("  of " + source.name, source.packed, share_of(source.packed, source.read));
  }
}

struct Options {
  RecipeArguments recipe;
  std::string format;  // of the documents to export; empty: none
  std::string part = "1/1";
};

int run(const Options& arguments) {
  const recipe::Recipe recipe = arguments.recipe.load();
  corpus::PrepareOptions options = train::prepare_options(recipe);
  options.pieces.part = read_part(arguments.part);
  const corpus::Prepared prepared = corpus::prepare(options);
  const corpus::Corpus corpus(prepared.corpus_folder);
  print_selection(corpus::SelectionReport::read_from(prepared.corpus_folder));
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
  std::printf("page      %s\n", corpus::write_corpus_page(prepared).c_str());
  if (arguments.format.empty()) return 0;
  const corpus::ExportedDocuments exported = corpus::export_documents(options);
  std::printf("parquet   %s (%s documents in %s files)\n", exported.folder.c_str(),
              format_count(exported.documents).c_str(), format_count(exported.files).c_str());
  return 0;
}

}  // namespace

void add_prepare(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "prepare",
      "Make the tokenizer and the packed shards of a recipe, if they are not there yet.");
  auto options = std::make_shared<Options>();
  options->recipe.add_to(*command);
  command
      ->add_option("--export", options->format,
                   "parquet: also write the documents that stay, whatever max_tokens_per_character "
                   "says, as Parquet files")
      ->check(CLI::IsMember({"parquet"}));
  command->add_option(
      "--part", options->part,
      "With which source files to begin, such as 2/8: for the second of eight\n"
      "machines or of a SLURM array that share data.cache and its locks. Each goes\n"
      "on with files that nobody has begun and ends when all is done (1/1)");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace cram::tool
