// The folder of a model: model.safetensors, config.json, recipe.yaml, the tokenizer and README.md.
//
// A recipe that a class of Hugging Face's transformers computes (BERT's, DistilBERT's,
// ModernBERT's) gives a folder that this class loads as it is; any other gives one with
// "model_type": "cram" and our own names of the weights. Folders that other programs wrote, without
// a recipe.yaml, are read as well: src/checkpoint/FORMAT.md lists the families.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cram/checkpoint/model_card.h"
#include "cram/checkpoint/safetensors.h"
#include "cram/ops/weight.h"
#include "cram/recipe/recipe.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::checkpoint {

// True when transformers' BertForMaskedLM computes the same function.
[[nodiscard]] bool is_original_bert(const recipe::Model& model);

// Replaces `folder`, whole or not at all, and returns the model card that stands in it. `weights`
// are those of a model of this recipe, `training` is what the card says of how it came to be. A
// recipe that read_model_folder made of a config.json is not written: config.json says all of it.
ModelCard write_model_folder(const std::filesystem::path& folder, const recipe::Recipe& recipe,
                             const ops::WeightList& weights, const tokenizer::Tokenizer& tokenizer,
                             const Facts& training = {});

// What read_model_folder found. Whatever wrote the folder:
// - `weights` holds every weight of the encoder of a model of `recipe` ("embeddings.…", "layers.…",
//   "final_norm.…") with sequences of recipe.sequence.length and tokenizer->vocab_size() tokens.
// - Of the masked-LM head ("head.…") it holds all weights or none.
// - It may hold weights of heads for tasks, of both layers or of one: "task.pooler.weight" and
//   ".bias" (the first of them, in BERT also pretrained), "task.classifier.weight" and ".bias".
// A BERT's weights are fp32, of the shapes that the recipe gives; those of "model_type": "cram" are
// as they are in the file, and restore() judges their names and shapes.
//
// A folder without recipe.yaml comes with a recipe of its own making: `model`, `sequence` (length:
// all positions there are; [CLS] and [SEP] where the tokenizer file puts them) and `tokenizer` say
// what the files do, `data.sources` is empty, and everything else is at its default. It need not be
// a recipe that recipe::load() accepts: model.segments is 1 where the table has one row. Rows of
// the token table beyond the tokenizer's last token are cut off, which the log says; there are no
// more of them than it takes to make their number round.
struct ModelFolder {
  recipe::Recipe recipe;
  NamedTensors weights;  // by our names
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
  std::vector<std::string> left_out = {};  // by their names: heads that nothing here computes with
  // Of a text, by the tokenizer's own file; empty: as many as there are positions.
  std::optional<std::int64_t> max_tokens = {};
};

// A model folder without its weights.
struct ModelDescription {
  recipe::Recipe recipe;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
  std::int64_t vocab_size = 0;  // rows of the token table
};

// The same of what read_model_folder found: with a masked-LM head or without, and with a pooler.
ModelCard write_model_folder(const std::filesystem::path& folder, const ModelFolder& model,
                             const Facts& training = {});

// Reads what write_model_folder or write_task_folder wrote, and Hugging Face's folders:
// config.json, model.safetensors (or its shards), and tokenizer.json or vocab.txt. Throws
// Error{kData}, naming the file at fault.
[[nodiscard]] ModelFolder read_model_folder(const std::filesystem::path& folder);

// What read_model_folder would say of the model. Reads all files but those of the weights, and
// throws as it does.
[[nodiscard]] ModelDescription describe_model_folder(const std::filesystem::path& folder);

// Whether it looks like one that read_model_folder reads. Reads nothing.
[[nodiscard]] bool is_model_folder(const std::filesystem::path& folder);

// Whether the masked-LM head is there, or needs no weights of its own.
[[nodiscard]] bool predicts_masked_tokens(const ModelFolder& folder);

// Takes out the outputs of a task that the model was fine-tuned for, "task.classifier.…", whose
// labels do not come with them. Names on the log what is left out, also by read_model_folder.
void leave_task_out(ModelFolder& folder, const std::string& where);

// Copies the weights into `live`, those of a MaskedLanguageModel of the recipe: the encoder's and,
// where it is there, the masked-LM head's; else that of `live` stays. What belongs to a task is
// passed over. Throws as restore() does, with `where` in the message.
void restore_masked_lm(const ModelFolder& folder, NamedTensors live, const std::string& where);

// Those of the weights that a MaskedLanguageModel of the recipe has. Throws Error{kData}, with
// `where` in it, when the masked-LM head is not among them.
[[nodiscard]] NamedTensors masked_lm_weights(const ModelFolder& folder, const std::string& where);

}  // namespace cram::checkpoint
