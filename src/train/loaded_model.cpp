#include "cram/train/loaded_model.h"

#include "cram/base/error.h"
#include "cram/checkpoint/restore.h"
#include "cram/train/run_folder.h"

namespace cram::train {
namespace {

namespace fs = std::filesystem;

// Rows of a pass when precision is measured for predicting.
constexpr std::int64_t kTokens = 4096;

}  // namespace

fs::path find_model_folder(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    throw Error(ErrorCode::kData, folder.string() + ": no such run or model folder");
  }
  const RunPaths run{folder};
  if (fs::exists(run.model())) return run.model();
  if (fs::exists(run.checkpoints())) {
    throw Error(ErrorCode::kData,
                folder.string() + ": the run is not finished, it has no model/ yet",
                "`cram pretrain` with its recipe takes it to its end; `cram export` makes a model "
                "folder of its newest checkpoint");
  }
  return folder;
}

void check_whole(const checkpoint::ModelFolder& folder, const std::string& where) {
  const model::MaskedLanguageModel model(
      folder.recipe.model, {folder.recipe.sequence.length, folder.tokenizer->vocab_size()}, {},
      folder.recipe.seed);
  checkpoint::restore_masked_lm(folder, checkpoint::masters(model.weights()), where);
}

LoadedModel load_model(const fs::path& folder, const recipe::Device& device,
                       const recipe::Precision& precision) {
  const fs::path source = find_model_folder(folder);
  const checkpoint::ModelFolder read = checkpoint::read_model_folder(source);
  const checkpoint::NamedTensors weights = checkpoint::masked_lm_weights(read, source.string());
  LoadedModel loaded{read.recipe, read.tokenizer, nullptr};
  const DeviceChoice where = choose_device(device);
  const PrecisionChoice type =
      choose_precision(precision, loaded.recipe.model, kTokens, where.device);
  loaded.model = std::make_unique<model::MaskedLanguageModel>(
      loaded.recipe.model,
      model::Shape{loaded.recipe.sequence.length, loaded.tokenizer->vocab_size()},
      placement_of(where, type), loaded.recipe.seed);
  checkpoint::restore(weights, checkpoint::masters(loaded.model->weights()), source.string());
  ops::refresh_compute_copies(loaded.model->weights());
  return loaded;
}

}  // namespace cram::train
