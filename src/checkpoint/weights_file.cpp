#include "weights_file.h"

#include <cmath>
#include <iterator>
#include <map>
#include <set>

#include <ATen/ops/aminmax.h>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "folder_files.h"
#include "json_object.h"
#include "strict_json.h"

namespace cram::checkpoint {

namespace {

namespace fs = std::filesystem;

constexpr const char* kIndexFile = "model.safetensors.index.json";
constexpr std::uint64_t kMaxIndexBytes = 1 << 24;

constexpr const char* kPickled = "which may hold any program, is not read";
constexpr const char* kForeign = "the weights of another library, is not read";
constexpr const char* kFromPickle =
    "convert them once, with Python in that folder:\n"
    "  import glob, torch; from safetensors.torch import save_file\n"
    "  save_file({k: v.clone().contiguous() for f in glob.glob('pytorch_model*.bin')\n"
    "    for k, v in torch.load(f, weights_only=True).items()}, 'model.safetensors')";
constexpr const char* kFromTensorFlow =
    "convert them once, with Python, transformers 4 and TensorFlow in that folder:\n"
    "  import transformers; name = transformers.AutoConfig.from_pretrained('.').architectures[0]\n"
    "  getattr(transformers, name).from_pretrained('.', from_tf=True).save_pretrained('.')";
constexpr const char* kFromFlax =
    "convert them once, with Python, transformers 4 and Flax in that folder:\n"
    "  import transformers; name = transformers.AutoConfig.from_pretrained('.').architectures[0]\n"
    "  getattr(transformers, name).from_pretrained('.', from_flax=True).save_pretrained('.')";

struct OtherFormat {
  const char *file, *why, *hint;
};
constexpr OtherFormat kOtherFormats[] = {
    {"pytorch_model.bin", kPickled, kFromPickle},
    {"pytorch_model.bin.index.json", kPickled, kFromPickle},
    {"tf_model.h5", kForeign, kFromTensorFlow},
    {"flax_model.msgpack", kForeign, kFromFlax},
};

// The tensors that each shard should hold.
using Shards = std::map<std::string, std::set<std::string>>;

Shards read_index(const fs::path& file) {
  const std::string where = file.string();
  const nlohmann::json index = parse_strict_json(read_file(file, kMaxIndexBytes), 16, where);
  Shards shards;
  for (const auto& [tensor, shard] : JsonObject(index, where).text_map("weight_map")) {
    if (!shard.ends_with(".safetensors") || !is_plain_name(shard)) {
      throw Error(ErrorCode::kData, where + ": " + printable(tensor) + " stands in " +
                                        printable(shard) + ", which is no name of a shard");
    }
    shards[shard].insert(tensor);
  }
  if (shards.empty()) throw Error(ErrorCode::kData, where + ": 'weight_map' is empty");
  return shards;
}

// In fp32, in which all models here compute.
void check_finite(const at::Tensor& tensor, const std::string& name, const fs::path& file) {
  if (!tensor.is_floating_point() || tensor.numel() == 0) return;
  const auto [least, most] = at::aminmax(tensor.to(at::kFloat));
  if (std::isfinite(least.item<float>()) && std::isfinite(most.item<float>())) return;
  throw Error(ErrorCode::kData,
              file.string() + ": " + printable(name) + " holds a number that is not finite in fp32",
              "the training that wrote it diverged, or the file is damaged");
}

NamedTensors read_tensors(const fs::path& file) {
  Safetensors whole = read_safetensors(file);
  for (const auto& [name, tensor] : whole.tensors) check_finite(tensor, name, file);
  return {std::make_move_iterator(whole.tensors.begin()),
          std::make_move_iterator(whole.tensors.end())};
}

void read_shard(const fs::path& file, std::set<std::string> wanted, NamedTensors& weights) {
  for (auto& [name, tensor] : read_tensors(file)) {
    if (wanted.erase(name) == 0) {
      throw Error(ErrorCode::kData, file.string() + ": holds " + printable(name) + ", which " +
                                        kIndexFile + " does not place there");
    }
    weights.emplace_back(name, std::move(tensor));
  }
  if (wanted.empty()) return;
  throw Error(ErrorCode::kData, file.string() + ": holds no " + printable(*wanted.begin()) +
                                    ", which " + kIndexFile + " places there");
}

NamedTensors read_shards(const fs::path& index) {
  NamedTensors weights;
  for (const auto& [shard, tensors] : read_index(index)) {
    read_shard(index.parent_path() / shard, tensors, weights);
  }
  return weights;
}

}  // namespace

bool holds_weights(const fs::path& folder) {
  return fs::exists(folder / kWeightsFile) || fs::exists(folder / kIndexFile);
}

fs::path find_weights(const fs::path& folder) {
  const fs::path file = folder / kWeightsFile;
  if (fs::exists(file)) return file;
  if (fs::exists(folder / kIndexFile)) return folder / kIndexFile;
  for (const OtherFormat& other : kOtherFormats) {
    if (!fs::exists(folder / other.file)) continue;
    throw Error(ErrorCode::kData, file.string() + ": missing, and " + other.file + ", " + other.why,
                other.hint);
  }
  return file;
}

NamedTensors read_weights(const fs::path& file) {
  return file.filename() == kIndexFile ? read_shards(file) : read_tensors(file);
}

}  // namespace cram::checkpoint
