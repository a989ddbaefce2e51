#include "cram/finetune/pretrained.h"

#include <algorithm>

#include "cram/base/error.h"
#include "cram/base/hash.h"
#include "cram/checkpoint/model_folder.h"
#include "cram/checkpoint/restore.h"
#include "cram/recipe/load.h"
#include "cram/train/loaded_model.h"

#include "model_shape.h"

namespace cram::finetune {
namespace {

using checkpoint::NamedTensors;

constexpr std::string_view kMaskedHead = "head.";
constexpr std::string_view kTaskHead = model::TaskModel::kHeadPrefix;

const at::Tensor* find(const NamedTensors& tensors, std::string_view name) {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  return found == tensors.end() ? nullptr : &found->second;
}

std::string fingerprint_of(const Pretrained& pretrained) {
  recipe::Recipe shape;
  shape.model = pretrained.recipe.model;
  shape.sequence = pretrained.recipe.sequence;
  Hasher hasher;
  hasher.add(recipe::to_yaml(shape));
  hasher.add(std::to_string(pretrained.vocab_size));
  hasher.add(hex64(pretrained.tokenizer->fingerprint()));
  for (const NamedTensors* part : {&pretrained.encoder, &pretrained.task_head}) {
    for (const auto& [name, tensor] : *part) {
      hasher.add(name);
      const at::Tensor dense = tensor.contiguous();
      hasher.add(dense.const_data_ptr(), dense.nbytes());
    }
  }
  return hex64(hasher.value());
}

// The model's tensors whose names begin with `prefix`, or those whose names do not.
enum class Which { kWith, kWithout };
NamedTensors select(const NamedTensors& tensors, std::string_view prefix, Which which) {
  NamedTensors selected;
  for (const auto& entry : tensors) {
    if (entry.first.starts_with(prefix) == (which == Which::kWith)) selected.push_back(entry);
  }
  return selected;
}

void take_over_pooler(const Pretrained& pretrained, const NamedTensors& live) {
  NamedTensors saved, target;
  for (const char* part : {"task.pooler.weight", "task.pooler.bias"}) {
    const at::Tensor* from = find(pretrained.task_head, part);
    const at::Tensor* to = find(live, part);
    if (from == nullptr || to == nullptr || from->sizes() != to->sizes()) return;
    saved.emplace_back(part, *from);
    target.emplace_back(part, *to);
  }
  checkpoint::restore(saved, target, pretrained.folder.string());
}

}  // namespace

Pretrained load_pretrained(const std::filesystem::path& folder, Start start) {
  const std::filesystem::path source = train::find_model_folder(folder);
  checkpoint::ModelFolder read = checkpoint::read_model_folder(source);
  Pretrained pretrained;
  pretrained.folder = folder;
  pretrained.recipe = std::move(read.recipe);
  pretrained.tokenizer = std::move(read.tokenizer);
  pretrained.max_tokens = read.max_tokens;
  pretrained.vocab_size = token_rows(read.weights, source.string());
  check_vocabulary(*pretrained.tokenizer, pretrained.vocab_size, source.string());
  if (start == Start::kPretrained) {
    checkpoint::leave_task_out(read, source.string());
    pretrained.task_head = select(read.weights, kTaskHead, Which::kWith);
    pretrained.encoder =
        select(select(read.weights, kTaskHead, Which::kWithout), kMaskedHead, Which::kWithout);
  }
  pretrained.fingerprint = fingerprint_of(pretrained);
  return pretrained;
}

std::unique_ptr<model::TaskModel> make_task_model(const Pretrained& pretrained,
                                                  const model::TaskHead& head,
                                                  const recipe::FineTuning& tuning,
                                                  const model::Placement& placement,
                                                  std::uint64_t seed) {
  recipe::Model options = pretrained.recipe.model;
  options.dropout = tuning.dropout;
  options.attention_dropout = tuning.dropout;
  const model::Shape shape = model_shape(pretrained.recipe, pretrained.vocab_size,
                                         tuning.max_length, pretrained.folder.string());
  auto model = std::make_unique<model::TaskModel>(options, shape, head, placement, seed);
  if (pretrained.encoder.empty()) return model;
  const NamedTensors live = checkpoint::masters(model->weights());
  checkpoint::restore(pretrained.encoder, select(live, kTaskHead, Which::kWithout),
                      pretrained.folder.string());
  take_over_pooler(pretrained, live);
  ops::refresh_compute_copies(model->weights());
  return model;
}

}  // namespace cram::finetune
