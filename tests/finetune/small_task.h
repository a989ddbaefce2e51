// A tiny model and a task that it can learn: is the text about animals or about numbers?
#pragma once

#include <string>
#include <vector>

#include <ATen/Parallel.h>

#include "cram/base/file.h"
#include "cram/base/random.h"
#include "cram/checkpoint/model_folder.h"
#include "cram/glue/example.h"
#include "cram/model/masked_lm.h"
#include "cram/recipe/load.h"
#include "cram/tokenizer/tokenizer.h"

#include "support/temp_folder.h"

namespace cram::finetune::test {

inline const std::vector<std::string>& words() {
  static const std::vector<std::string> list = {
      "cat", "dog",  "horse", "bird", "fish",  "mouse",  // animals
      "one", "two",  "three", "four", "five",  "six",    // numbers
      "the", "sees", "and",   "of",   "small", "with"};
  return list;
}

inline void write_vocabulary(const std::filesystem::path& file) {
  std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (const std::string& word : words()) vocabulary += word + "\n";
  for (const char* piece : {"##s", ".", ",", "?", "'"}) vocabulary += std::string(piece) + "\n";
  write_file_atomic(file, vocabulary);
}

inline std::shared_ptr<const tokenizer::Tokenizer> make_tokenizer(
    const cram::test::TempFolder& folder) {
  write_vocabulary(folder / "vocab.txt");
  return tokenizer::load_tokenizer(folder / "vocab.txt", {});
}

// A text of a few common words around one of an animal (0) or of a number (1).
inline std::string make_text(std::int64_t number, int label) {
  Random random(5, RandomStream::kSample, static_cast<std::uint64_t>(number));
  std::string text;
  const auto common = [&] { return words()[12 + random.below(6)] + " "; };
  for (std::uint32_t i = random.below(4); i > 0; --i) text += common();
  text += words()[static_cast<std::size_t>(6 * label) + random.below(6)] + " ";
  for (std::uint32_t i = random.below(4); i > 0; --i) text += common();
  return text;
}

inline glue::Split make_split(const std::string& name, std::int64_t first, std::int64_t count) {
  glue::Split split{name, {}};
  for (std::int64_t i = first; i < first + count; ++i) {
    const int label = static_cast<int>(i % 2);
    glue::Example example;
    example.first = make_text(i, label);
    example.target = label;
    split.examples.push_back(example);
  }
  return split;
}

inline glue::DataSet make_data() {
  glue::DataSet data;
  data.name = "kinds";
  data.labels = {"animal", "number"};
  data.train = make_split("train", 0, 160);
  data.dev = {make_split("dev", 1000, 40)};
  return data;
}

// The split as a file that users would have.
inline void write_table(const std::filesystem::path& file, const glue::Split& split) {
  std::string text = "text\tlabel\n";
  for (const glue::Example& example : split.examples) {
    text += example.first + "\t" + (example.target == 0 ? "animal" : "number") + "\n";
  }
  write_file_atomic(file, text);
}

inline recipe::Recipe pretraining_recipe(const std::string& positions = "scaled-sinusoidal") {
  return recipe::parse(
      "budget: {steps: 1}\n"
      "data: {sources: [nowhere]}\n"
      "sequence: {length: 16}\n"
      "model: {layers: 2, hidden_size: 16, heads: 2, intermediate_size: 24, positions: " +
          positions + "}\n",
      "small.yaml");
}

// A recipe for fine-tuning whose run is short and repeatable.
inline recipe::Recipe tuning_recipe(const std::filesystem::path& folder,
                                    const std::vector<std::string>& overrides = {}) {
  const std::string yaml = "name: small\nruns_folder: " + (folder / "runs").string() +
                           "\nfinetune: {epochs: 3, seeds: 2, max_length: 16, head_size: 0}\n"
                           "data: {cache: " +
                           (folder / "cache").string() +
                           "}\n"
                           "optimizer: {learning_rate: 3.0e-3}\n"
                           "batch: {size: 16}\n"
                           "precision: {compute: fp32}\n"
                           "device: {type: cpu, threads: 1}\n"
                           "logging: {tensorboard: false}\n";
  return recipe::parse(yaml, "small.yaml", overrides, recipe::Purpose::kFineTuning);
}

// Writes the folder of a pretrained model, with random weights.
inline std::filesystem::path write_model(const cram::test::TempFolder& folder,
                                         const std::string& positions = "scaled-sinusoidal") {
  const recipe::Recipe recipe = pretraining_recipe(positions);
  const auto tokenizer = make_tokenizer(folder);
  const model::MaskedLanguageModel model(recipe.model,
                                         {recipe.sequence.length, tokenizer->vocab_size()}, {}, 3);
  const std::string name = positions == "learned" ? "pretrained-learned" : "pretrained";
  checkpoint::write_model_folder(folder / name, recipe, model.weights(), *tokenizer);
  return folder / name;
}

}  // namespace cram::finetune::test
