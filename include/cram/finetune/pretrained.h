// The model that fine-tuning starts from, loaded once for all tasks and seeds.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cram/checkpoint/safetensors.h"
#include "cram/model/task_model.h"
#include "cram/recipe/recipe.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::finetune {

// Whether to start from the weights of a checkpoint, or from fresh ones of the same model: the
// floor that a pretrained model must beat.
enum class Start { kPretrained, kUntrained };

struct Pretrained {
  std::filesystem::path folder;
  recipe::Recipe recipe;  // of its pretraining
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
  std::optional<std::int64_t> max_tokens = {};  // as checkpoint::ModelFolder has it
  std::int64_t vocab_size = 0;                  // rows of the token table
  checkpoint::NamedTensors encoder;    // by the names of model::TaskModel; empty: untrained
  checkpoint::NamedTensors task_head;  // of an earlier task or a BERT's pooler, "task.…"
  std::string fingerprint;             // of all that determines what comes of it
};

// A run folder, a model folder of ours or of Hugging Face's BERT. Throws Error{kData}.
[[nodiscard]] Pretrained load_pretrained(const std::filesystem::path& folder, Start start);

// A model for a task that starts there. The pooler of the checkpoint is taken over where it has the
// size of the head's inner layer; everything else of the head is drawn by `seed`. Dropout is that
// of `tuning`. Throws Error{kUsage} when the model has fewer positions than tuning.max_length.
[[nodiscard]] std::unique_ptr<model::TaskModel> make_task_model(const Pretrained& pretrained,
                                                                const model::TaskHead& head,
                                                                const recipe::FineTuning& tuning,
                                                                const model::Placement& placement,
                                                                std::uint64_t seed);

}  // namespace cram::finetune
