#include "bert_names.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include <ATen/ops/cat.h>

#include "cram/base/error.h"

#include "strict_json.h"

namespace cram::checkpoint {

namespace {

// A dimension of a tensor.
using Axis = std::int64_t BertSizes::*;
constexpr Axis kHidden = &BertSizes::hidden, kInner = &BertSizes::inner,
               kOutputs = &BertSizes::outputs;
constexpr Axis kVocabulary = &BertSizes::vocabulary;
constexpr Axis kPositions = &BertSizes::positions, kSegments = &BertSizes::segments;

enum class Kind { kTable, kDense, kNorm, kBias };

// A part of the model by our name, and those that it is made of, stacked, by theirs. "*" in a name
// is the number of a layer.
struct Part {
  std::string ours;
  std::vector<std::string> theirs;
  Kind kind = Kind::kDense;
  Axis rows = kHidden, columns = kHidden;
};
using Parts = std::vector<Part>;

// How a family of models names its tensors.
struct NameTable {
  std::string prefix;                    // files of the base model alone lack it
  std::vector<std::string> base_starts;  // of the base model's names, behind the prefix
  Parts encoder, masked_lm, pooler, labels, spans;
  std::vector<std::pair<std::string, std::string>> endings;  // of old files, and what replaced them
  std::vector<std::pair<std::string, std::string>> repeats;  // and the tensors that they repeat
  std::vector<std::string> ignored;                          // starts of names
};

const NameTable& bert() {
  using enum Kind;
  static const std::string tables = "bert.embeddings.", layer = "bert.encoder.layer.*.";
  static const std::string self = layer + "attention.self.", head = "cls.predictions.transform.";
  static const NameTable table = {
      .prefix = "bert.",
      .base_starts = {"embeddings.", "encoder.", "pooler."},
      .encoder =
          {{"embeddings.token", {tables + "word_embeddings"}, kTable, kVocabulary},
           {"embeddings.position", {tables + "position_embeddings"}, kTable, kPositions},
           {"embeddings.segment", {tables + "token_type_embeddings"}, kTable, kSegments},
           {"embeddings.norm", {tables + "LayerNorm"}, kNorm},
           {"layers.*.attention.qkv", {self + "query", self + "key", self + "value"}},
           {"layers.*.attention.output", {layer + "attention.output.dense"}},
           {"layers.*.attention.norm", {layer + "attention.output.LayerNorm"}, kNorm},
           {"layers.*.feed_forward.input", {layer + "intermediate.dense"}, kDense, kInner},
           {"layers.*.feed_forward.output", {layer + "output.dense"}, kDense, kHidden, kInner},
           {"layers.*.feed_forward.norm", {layer + "output.LayerNorm"}, kNorm}},
      .masked_lm = {{"head.transform", {head + "dense"}},
                    {"head.norm", {head + "LayerNorm"}, kNorm},
                    {"head.decoder", {"cls.predictions"}, kBias, kVocabulary}},
      .pooler = {{"task.pooler", {"bert.pooler.dense"}}},
      .labels = {{"task.classifier", {"classifier"}, kDense, kOutputs}},
      .spans = {{"task.classifier", {"qa_outputs"}, kDense, kOutputs}},
      .endings = {{"LayerNorm.gamma", "LayerNorm.weight"}, {"LayerNorm.beta", "LayerNorm.bias"}},
      .repeats = {{"cls.predictions.decoder.bias", "cls.predictions.bias"}},
      .ignored = {tables + "position_ids", tables + "token_type_ids",
                  "cls.predictions.decoder.weight", "cls.seq_relationship."}};
  return table;
}

// One of our tensors and the ones that it is made of.
struct Correspondence {
  std::string ours;
  std::vector<std::string> theirs;
  std::vector<Axis> shape;  // of each of theirs
};

std::string numbered(std::string name, std::int64_t layer) {
  if (const auto star = name.find('*'); star != name.npos) {
    name.replace(star, 1, std::to_string(layer));
  }
  return name;
}

void add_tensors(std::vector<Correspondence>& all, const Part& part, std::int64_t layer) {
  const auto add = [&](const char* ours, const char* theirs, std::vector<Axis> shape) {
    Correspondence tensor{numbered(part.ours, layer) + ours, {}, std::move(shape)};
    for (const auto& name : part.theirs) tensor.theirs.push_back(numbered(name, layer) + theirs);
    all.push_back(std::move(tensor));
  };
  if (part.kind == Kind::kTable) add("", ".weight", {part.rows, part.columns});
  if (part.kind == Kind::kDense) add(".weight", ".weight", {part.rows, part.columns});
  if (part.kind == Kind::kNorm) add(".gain", ".weight", {part.rows});
  if (part.kind != Kind::kTable) add(".bias", ".bias", {part.rows});
}

std::vector<Correspondence> correspondences(const Parts& parts, std::int64_t layers) {
  const auto is_numbered = [](const Part& part) { return part.ours.find('*') != part.ours.npos; };
  std::vector<Correspondence> all;
  for (const Part& part : parts) {
    if (!is_numbered(part)) add_tensors(all, part, 0);
  }
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    for (const Part& part : parts) {
      if (is_numbered(part)) add_tensors(all, part, layer);
    }
  }
  return all;
}

using TensorMap = std::map<std::string, at::Tensor>;

// Takes the tensor out of the map.
at::Tensor take(TensorMap& tensors, const std::string& name, const std::string& where) {
  const auto node = tensors.extract(name);
  if (node.empty()) throw Error(ErrorCode::kData, where + ": " + name + " is missing");
  return node.mapped();
}

// A tensor of their file in fp32, once it is what it should be.
at::Tensor checked(const at::Tensor& tensor, const std::vector<std::int64_t>& shape,
                   const std::string& where) {
  if (tensor.sizes() != at::IntArrayRef(shape)) {
    std::ostringstream text;
    text << where << " has an unexpected shape: " << tensor.sizes() << " instead of "
         << at::IntArrayRef(shape);
    throw Error(ErrorCode::kData, text.str());
  }
  if (!tensor.is_floating_point()) {
    throw Error(ErrorCode::kData,
                where + " holds " + c10::toString(tensor.scalar_type()) + " numbers",
                "quantised models cannot be read");
  }
  return tensor.to(at::kFloat);
}

// The tensors of a file by the names of the table.
class TheirTensors {
 public:
  TheirTensors(const NamedTensors& weights, const BertSizes& sizes, std::string where)
      : sizes_(sizes), where_(std::move(where)) {
    for (const auto& [name, tensor] : weights) {
      const std::string full = full_name(name);
      const auto starts = [&](const std::string& start) { return full.starts_with(start); };
      if (std::any_of(bert().ignored.begin(), bert().ignored.end(), starts)) continue;
      if (!tensors_.emplace(full, tensor).second) {
        throw Error(ErrorCode::kData, where_ + ": holds " + printable(full) + " twice");
      }
    }
    for (const auto& [repeat, name] : bert().repeats) {
      if (auto node = tensors_.extract(repeat); !node.empty()) {
        tensors_.emplace(name, node.mapped());
      }
    }
  }

  // Unless they are given, as many as the first tensor of `parts` has rows.
  void find_outputs(const Parts& parts) {
    const auto found = tensors_.find(correspondences(parts, 0).front().theirs.front());
    if (sizes_.outputs != 0 || found == tensors_.end() || found->second.dim() == 0) return;
    sizes_.outputs = found->second.size(0);
  }

  [[nodiscard]] bool has_any(const Parts& parts) const {
    for (const Correspondence& tensor : correspondences(parts, sizes_.layers)) {
      for (const auto& name : tensor.theirs) {
        if (tensors_.contains(name)) return true;
      }
    }
    return false;
  }

  void move_to(NamedTensors& result, const Parts& parts) {
    for (const auto& [ours, theirs, shape] : correspondences(parts, sizes_.layers)) {
      std::vector<std::int64_t> sizes;
      for (const Axis axis : shape) sizes.push_back(sizes_.*axis);
      std::vector<at::Tensor> pieces;
      for (const auto& name : theirs) {
        pieces.push_back(checked(take(tensors_, name, where_), sizes, where_ + ": " + name));
      }
      result.emplace_back(ours, pieces.size() == 1 ? pieces.front() : at::cat(pieces));
    }
  }

  void refuse_what_is_left() const {
    if (tensors_.empty()) return;
    throw Error(ErrorCode::kData,
                where_ + ": tensor " + printable(tensors_.begin()->first) + " is not known");
  }

 private:
  static std::string full_name(std::string name) {
    for (const auto& [old, ending] : bert().endings) {
      if (name.ends_with(old)) name.replace(name.size() - old.size(), old.size(), ending);
    }
    for (const auto& start : bert().base_starts) {
      if (name.starts_with(start)) return bert().prefix + name;
    }
    return name;
  }

  BertSizes sizes_;
  std::string where_;
  TensorMap tensors_;
};

}  // namespace

NamedTensors to_bert_names(const NamedTensors& weights, std::int64_t layers, BertOutputs outputs) {
  TensorMap ours(weights.begin(), weights.end());
  NamedTensors result;
  const auto move = [&](const Parts& parts) {
    for (const auto& [name, theirs, shape] : correspondences(parts, layers)) {
      const auto pieces =
          take(ours, name, "the model").chunk(static_cast<std::int64_t>(theirs.size()));
      for (std::size_t i = 0; i < theirs.size(); ++i) result.emplace_back(theirs[i], pieces[i]);
    }
  };
  move(bert().encoder);
  for (const Parts* head : {&bert().masked_lm, &bert().pooler,
                            outputs == BertOutputs::kSpans ? &bert().spans : &bert().labels}) {
    if (ours.contains(correspondences(*head, 0).front().ours)) move(*head);
  }
  if (!ours.empty()) {
    throw Error(ErrorCode::kInternal, "an original BERT has no " + ours.begin()->first);
  }
  return result;
}

NamedTensors from_bert_names(const NamedTensors& weights, const BertSizes& sizes,
                             const std::string& where) {
  TheirTensors theirs(weights, sizes, where);
  NamedTensors result;
  theirs.move_to(result, bert().encoder);
  for (const Parts* head : {&bert().masked_lm, &bert().pooler}) {
    if (theirs.has_any(*head)) theirs.move_to(result, *head);
  }
  const Parts& outputs = theirs.has_any(bert().labels) ? bert().labels : bert().spans;
  theirs.find_outputs(outputs);
  if (theirs.has_any(outputs)) theirs.move_to(result, outputs);
  theirs.refuse_what_is_left();
  return result;
}

}  // namespace cram::checkpoint
