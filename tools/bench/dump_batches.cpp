// dump_batches: the tokens and masks that `cram pretrain` trains on and is scored on, as plain
// arrays for programs in other languages. peer_data.py describes and reads the files.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/interrupt.h"
#include "cram/corpus/masking.h"
#include "cram/corpus/prepare.h"
#include "cram/recipe/load.h"
#include "cram/train/setup.h"
#include "cram/train/start.h"

#include "run_tool.h"

namespace cram::bench {
namespace {

// Sequences that are masked at a time.
constexpr std::int64_t kChunk = 1024;

struct Arguments {
  std::string recipe_file;
  std::vector<std::string> overrides;
  std::filesystem::path output;
  std::int64_t training_tokens = std::int64_t{1} << 28;
};

class U16Writer {
 public:
  explicit U16Writer(const std::filesystem::path& path) : file_(path) {}

  void write(std::int64_t value) {
    const auto number = static_cast<std::uint16_t>(value);
    const char bytes[] = {static_cast<char>(number & 0xFFU), static_cast<char>(number >> 8U)};
    file_.write(bytes, sizeof bytes);
  }
  void write(const std::vector<std::int64_t>& values) {
    for (const std::int64_t value : values) write(value);
  }
  void close() { file_.close(); }

 private:
  FileWriter file_;
};

// The ids before they were masked.
std::vector<std::int64_t> unmasked(const corpus::MaskedBatch& batch) {
  std::vector<std::int64_t> ids = batch.ids;
  for (std::size_t i = 0; i < batch.positions.size(); ++i) {
    ids[static_cast<std::size_t>(batch.positions[i])] = batch.targets[i];
  }
  return ids;
}

std::int64_t sequences_of(std::int64_t tokens, const corpus::Corpus& corpus, corpus::Split split) {
  return std::clamp<std::int64_t>(tokens / corpus.sequence_length(), 1, corpus.sequences(split));
}

void dump_training(const train::Data& data, std::int64_t sequences, double masking_rate,
                   const std::filesystem::path& folder) {
  U16Writer tokens(folder / "train.u16");
  for (std::int64_t start = 0; start < sequences; start += kChunk) {
    const std::int64_t count = std::min(kChunk, sequences - start);
    tokens.write(unmasked(data.training->make(start, count, masking_rate)));
  }
  tokens.close();
}

void dump_held_out(const train::Data& data, std::int64_t sequences, double masking_rate,
                   const std::filesystem::path& folder) {
  U16Writer tokens(folder / "heldout.u16");
  U16Writer masks(folder / "heldout_masks.bin");
  for (std::int64_t start = 0; start < sequences; start += kChunk) {
    const std::int64_t count = std::min(kChunk, sequences - start);
    const corpus::MaskedBatch batch = data.held_out->make_in_file_order(start, count, masking_rate);
    tokens.write(unmasked(batch));
    for (const std::int64_t position : batch.positions) {
      masks.write(position % batch.length);
      masks.write(batch.ids[static_cast<std::size_t>(position)]);
    }
  }
  tokens.close();
  masks.close();
}

std::string describe(const train::Data& data, double masking_rate) {
  const tokenizer::Tokenizer& tokenizer = *data.prepared.tokenizer;
  std::vector<tokenizer::TokenId> special;
  for (std::int64_t id = 0; id < tokenizer.vocab_size(); ++id) {
    if (tokenizer.is_special(static_cast<tokenizer::TokenId>(id))) {
      special.push_back(static_cast<tokenizer::TokenId>(id));
    }
  }
  const std::int64_t length = data.corpus->sequence_length();
  const nlohmann::ordered_json meta = {
      {"sequence_length", length},
      {"vocab_size", tokenizer.vocab_size()},
      {"mask_id", tokenizer.special_tokens().mask},
      {"special_ids", special},
      {"masked_per_sequence", corpus::Masking::count(masking_rate, length)}};
  return meta.dump(2) + "\n";
}

void run(const Arguments& arguments) {
  const recipe::Recipe recipe = recipe::load(arguments.recipe_file, arguments.overrides,
                                             recipe::Purpose::kPretraining, train::start_model);
  const train::Data data =
      train::open_data(recipe, corpus::prepare(train::prepare_options(recipe)));
  if (data.corpus->vocab_size() > 1 << 16) {
    throw Error(ErrorCode::kUsage, "ids of this vocabulary do not fit into 16 bits");
  }
  const std::int64_t training =
      sequences_of(arguments.training_tokens, *data.corpus, corpus::Split::kTraining);
  const std::int64_t held_out =
      sequences_of(recipe.validation.tokens, *data.corpus, corpus::Split::kHeldOut);
  replace_folder_atomic(arguments.output, [&](const std::filesystem::path& folder) {
    dump_training(data, training, recipe.objective.masking_rate, folder);
    dump_held_out(data, held_out, recipe.validation.masking_rate, folder);
    write_file_atomic(folder / "meta.json", describe(data, recipe.validation.masking_rate));
  });
}

}  // namespace
}  // namespace cram::bench

int main(int argc, char** argv) {
  cram::bench::Arguments arguments;
  CLI::App app("Writes the tokens and masks of a recipe as plain arrays.", "dump_batches");
  app.add_option("--config", arguments.recipe_file, "The recipe")->required();
  app.add_option("--output", arguments.output, "The folder to write")->required();
  app.add_option("--training-tokens", arguments.training_tokens, "At most so many (268435456)");
  app.add_option("overrides", arguments.overrides, "section.key=value")->allow_extra_args();
  CLI11_PARSE(app, argc, argv);
  cram::interrupt::install_handlers();
  return cram::bench::run_tool([&] { cram::bench::run(arguments); });
}
