// cram corpus: looks into packed text.
#include "cram/corpus/corpus.h"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"
#include "cram/base/units.h"
#include "cram/corpus/find_tokenizer.h"
#include "cram/corpus/manifest.h"
#include "cram/corpus/selection_report.h"
#include "cram/corpus/text_statistics.h"

#include "command.h"

namespace cram::tool {
namespace {

namespace fs = std::filesystem;
using corpus::Split;

// More than anybody has: a bound, so that a number out of range is named in few digits.
constexpr std::int64_t kMostSequences = 1'000'000'000'000;

struct ShowOptions {
  std::string folder;
  std::string tokenizer;  // empty: that of the cache
  Split split = Split::kTraining;
  std::int64_t from = 0;
  std::int64_t count = 10;
  bool ids = false;
};

std::string percent(std::int64_t part, std::int64_t whole) {
  const auto all = static_cast<double>(std::max<std::int64_t>(whole, 1));
  return format_fixed(100.0 * static_cast<double>(part) / all, 2) + " %";
}

void print_split(const char* name, const corpus::SplitSummary& split, std::int64_t length) {
  std::printf("%s %15s documents %15s sequences %18s tokens %6zu shards\n", name,
              format_count(split.documents).c_str(), format_count(split.sequences).c_str(),
              format_count(split.sequences * length).c_str(), split.shards.size());
}

// Tokens of the document in the middle, as far as the histogram tells.
std::string median_length(const corpus::TextStatistics& statistics) {
  const auto& lengths = statistics.lengths();
  std::int64_t all = 0;
  for (const std::int64_t documents : lengths) all += documents;
  std::int64_t before = 0;
  std::size_t k = 0;
  while (k + 1 < lengths.size() && 2 * (before + lengths[k]) < all) before += lengths[k++];
  return format_count(std::int64_t{1} << k) + " to " + format_count((std::int64_t{2} << k) - 1);
}

int stat(const fs::path& folder) {
  const corpus::Corpus corpus(folder);
  const corpus::Manifest manifest = corpus::Manifest::read(folder);
  const auto statistics = corpus::TextStatistics::read_from(folder);
  const corpus::TextSummary& text = manifest.text;
  std::printf("corpus    %s\n", manifest.key().c_str());
  print_split("training ", manifest.training, corpus.sequence_length());
  print_split("held-out ", manifest.held_out, corpus.sequence_length());
  for (const auto& source : corpus::SelectionReport::read_from(folder).sources) {
    std::printf("source    %s: %s documents, %s, %s tokens\n", source.name.c_str(),
                format_count(source.packed.documents).c_str(),
                format_bytes(source.packed.bytes).c_str(), format_count(source.tokens).c_str());
  }
  const double bytes = static_cast<double>(text.bytes);
  const auto tokens = static_cast<double>(std::max<std::int64_t>(text.tokens, 1));
  std::printf("text      %s, %s bytes a token, %s [UNK]\n", format_bytes(text.bytes).c_str(),
              format_fixed(bytes / tokens, 2).c_str(),
              percent(text.unknown_tokens, text.tokens).c_str());
  std::printf("documents the middle one has %s tokens\n", median_length(statistics).c_str());
  const std::int64_t used = statistics.tokens_that_occur(1);
  std::printf("vocabulary %s tokens, %s of them used (%s)\n",
              format_count(corpus.vocab_size()).c_str(), format_count(used).c_str(),
              percent(used, corpus.vocab_size()).c_str());
  return 0;
}

int verify(const fs::path& folder) {
  const corpus::Corpus corpus(folder);
  corpus.verify();
  std::printf(
      "%s: %s sequences are whole\n", folder.c_str(),
      format_count(corpus.sequences(Split::kTraining) + corpus.sequences(Split::kHeldOut)).c_str());
  return 0;
}

std::shared_ptr<const tokenizer::Tokenizer> tokenizer_of(const ShowOptions& options) {
  if (options.tokenizer.empty()) {
    if (auto tokenizer = corpus::find_tokenizer(options.folder)) return tokenizer;
    throw Error(ErrorCode::kData, options.folder + ": the tokenizer is not beside the corpus",
                "give it with --tokenizer, or use --ids");
  }
  auto tokenizer = tokenizer::load_tokenizer(options.tokenizer, {});
  if (corpus::is_packed_with(options.folder, *tokenizer)) return tokenizer;
  throw Error(ErrorCode::kData,
              options.tokenizer + ": the corpus was packed with another tokenizer",
              "give the folder of that one, or use --ids");
}

std::string join(const std::vector<corpus::TokenId>& tokens) {
  std::string line;
  for (const corpus::TokenId token : tokens) {
    line += (line.empty() ? "" : " ") + std::to_string(token);
  }
  return line;
}

int show(const ShowOptions& options) {
  const corpus::Corpus corpus(options.folder);
  const std::int64_t all = corpus.sequences(options.split);
  if (options.from >= all) {
    throw Error(ErrorCode::kUsage, "--from " + std::to_string(options.from) + ": there are " +
                                       format_count(all) + " sequences, numbered from 0");
  }
  const auto tokenizer = options.ids ? nullptr : tokenizer_of(options);
  std::vector<corpus::TokenId> tokens(static_cast<std::size_t>(corpus.sequence_length()));
  const std::int64_t end = options.from + std::min(options.count, all - options.from);
  for (std::int64_t i = options.from; i < end && std::cout; ++i) {
    corpus.read(options.split, i, tokens);
    std::cout << i << '\t' << (tokenizer ? tokenizer->decode(tokens) : join(tokens)) << '\n';
  }
  return 0;
}

CLI::App* add_looking(CLI::App& command, const char* name, const char* description,
                      std::string& folder) {
  CLI::App* looking = command.add_subcommand(name, description);
  looking->add_option("corpus", folder, "The folder that `cram prepare` names")->required();
  return looking;
}

void add_show(CLI::App& command, Action& action) {
  const auto options = std::make_shared<ShowOptions>();
  CLI::App* show_command = add_looking(
      command, "show", "Print sequences, a line each, with their numbers.", options->folder);
  show_command->add_flag_function(
      "--held-out", [options](std::int64_t) { options->split = Split::kHeldOut; },
      "Held-out sequences, not those for training");
  show_command->add_option("--from", options->from, "The first sequence")
      ->check(CLI::Range(std::int64_t{0}, kMostSequences));
  show_command->add_option("--count", options->count, "How many")
      ->check(CLI::Range(std::int64_t{1}, kMostSequences));
  show_command->add_flag("--ids", options->ids, "Print ids instead of text");
  show_command->add_option("-t,--tokenizer", options->tokenizer,
                           "Where it is not beside the corpus");
  show_command->callback([options, &action] {
    action = [options] {
      interrupt::restore_default_handlers();
      return show(*options);
    };
  });
}

void add_plain(CLI::App& command, Action& action, const char* name, const char* description,
               int (*look)(const fs::path&)) {
  const auto folder = std::make_shared<std::string>();
  add_looking(command, name, description, *folder)->callback([folder, look, &action] {
    action = [folder, look] {
      interrupt::restore_default_handlers();
      return look(*folder);
    };
  });
}

}  // namespace

void add_corpus(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("corpus", "Look into packed text.");
  command->require_subcommand(1);
  add_plain(*command, action, "stat", "Say how much there is of what.", stat);
  add_show(*command, action);
  add_plain(*command, action, "verify", "Check every sequence against its checksum.", verify);
}

}  // namespace cram::tool
