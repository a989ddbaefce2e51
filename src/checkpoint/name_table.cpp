#include "name_table.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <vector>

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include "cram/base/error.h"
#include "cram/model/size.h"

#include "folder_files.h"
#include "strict_json.h"

namespace cram::checkpoint {

namespace {

// One of our tensors and the equal pieces that it is stacked of.
struct Correspondence {
  std::string ours;
  std::vector<std::string> theirs;
  std::vector<Axis> shape;  // of all the pieces
  const Part* part;
};

std::string numbered(std::string name, std::int64_t layer) {
  if (const auto star = name.find('*'); star != name.npos) {
    name.replace(star, 1, std::to_string(layer));
  }
  return name;
}

bool has_bias(PartKind kind) {
  return kind == PartKind::kDense || kind == PartKind::kNorm || kind == PartKind::kBias;
}

void add_tensors(std::vector<Correspondence>& all, const Part& part, std::int64_t layer) {
  using enum PartKind;
  const auto add = [&](const char* ours, const char* theirs, std::vector<Axis> shape) {
    Correspondence tensor{numbered(part.ours, layer) + ours, {}, std::move(shape), &part};
    for (const auto& name : part.theirs) tensor.theirs.push_back(numbered(name, layer) + theirs);
    all.push_back(std::move(tensor));
  };
  const PartKind kind = part.kind;
  if (kind == kTable) add("", ".weight", {part.rows, part.columns});
  if (kind == kMatrix || kind == kDense) add(".weight", ".weight", {part.rows, part.columns});
  if (kind == kGain || kind == kNorm) add(".gain", ".weight", {part.rows});
  if (has_bias(kind)) add(".bias", ".bias", {part.rows});
  if (kind == kScalar) add("", "", {&Sizes::one});
}

std::vector<Correspondence> correspondences(const Parts& parts, std::int64_t layers) {
  const auto is_numbered = [](const Part& part) { return part.ours.find('*') != part.ours.npos; };
  std::vector<Correspondence> all;
  for (const Part& part : parts) {
    if (!is_numbered(part)) add_tensors(all, part, 0);
  }
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    for (const Part& part : parts) {
      if (is_numbered(part) && layer >= part.first_layer) add_tensors(all, part, layer);
    }
  }
  return all;
}

using TensorMap = std::map<std::string, at::Tensor>;

at::Tensor swap_halves(const at::Tensor& tensor) {
  const auto halves = tensor.chunk(2);
  return at::cat({halves[1], halves[0]});
}

// Rows that are `inner` groups in each of `outer`, as `outer` groups in each of `inner`.
at::Tensor regroup(const at::Tensor& tensor, std::int64_t outer, std::int64_t inner) {
  return tensor.unflatten(0, {outer, inner, -1}).transpose(0, 1).flatten(0, 2);
}

constexpr std::int64_t kQueryKeyValue = 3;

at::Tensor as_ours(const Part& part, const at::Tensor& theirs) {
  if (part.kind == PartKind::kScalar) return theirs.view({1, 1});
  if (part.heads > 0) return regroup(theirs, part.heads, kQueryKeyValue);
  return part.swaps_halves ? swap_halves(theirs) : theirs;
}

at::Tensor as_theirs(const Part& part, const at::Tensor& ours) {
  if (part.kind == PartKind::kScalar) return ours.view({1});
  if (part.heads > 0) return regroup(ours, kQueryKeyValue, part.heads);
  return part.swaps_halves ? swap_halves(ours) : ours;
}

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
  TheirTensors(const NameTable& table, const NamedTensors& weights, const Sizes& sizes,
               std::string where)
      : table_(table), sizes_(sizes), where_(std::move(where)) {
    for (const auto& [name, tensor] : weights) {
      const std::string full = full_name(name);
      const auto starts = [&](const std::string& start) { return full.starts_with(start); };
      if (std::any_of(table.ignored.begin(), table.ignored.end(), starts)) continue;
      if (!tensors_.emplace(full, tensor).second) {
        throw Error(ErrorCode::kData, where_ + ": holds " + printable(full) + " twice");
      }
    }
    for (const auto& [repeat, name] : table.repeats) fold(repeat, name);
    for (const auto& [name, value] : table.constants) pass_over_constant(name, value);
  }

  // Unless they are given, as many as the first tensor of `parts` has rows.
  void find_outputs(const Parts& parts) {
    if (parts.empty() || sizes_.outputs != 0) return;
    const auto found = tensors_.find(correspondences(parts, 0).front().theirs.front());
    if (found == tensors_.end() || found->second.dim() == 0) return;
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
    for (const Correspondence& tensor : correspondences(parts, sizes_.layers)) {
      std::vector<at::Tensor> pieces;
      for (const auto& name : tensor.theirs) pieces.push_back(take_piece(tensor, name));
      const at::Tensor whole = pieces.size() == 1 ? pieces.front() : at::cat(pieces);
      result.emplace_back(tensor.ours, as_ours(*tensor.part, whole));
    }
  }

  // Of heads that we have no names for. What is left of the base model would change its function.
  [[nodiscard]] std::vector<std::string> names_of_the_rest() const {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors_) {
      if (name.starts_with(table_.prefix)) {
        throw Error(ErrorCode::kData, where_ + ": tensor " + printable(name) + " is not known");
      }
      names.push_back(name);
    }
    return names;
  }

  // Whether the masked-LM head's names are those of another head here.
  [[nodiscard]] bool holds_namesake() const {
    return std::any_of(table_.namesakes.begin(), table_.namesakes.end(), [&](const auto& start) {
      const auto found = tensors_.lower_bound(start);
      return found != tensors_.end() && found->first.starts_with(start);
    });
  }

 private:
  [[nodiscard]] std::string full_name(std::string name) const {
    for (const auto& [old, ending] : table_.endings) {
      if (name.ends_with(old)) name.replace(name.size() - old.size(), old.size(), ending);
    }
    for (const auto& start : table_.base_starts) {
      if (name.starts_with(start)) return table_.prefix + name;
    }
    return name;
  }

  // One weight that is in the file by two names is one here.
  void fold(const std::string& repeat, const std::string& name) {
    auto node = tensors_.extract(repeat);
    if (node.empty()) return;
    const auto [place, is_new] = tensors_.try_emplace(name, node.mapped());
    const at::Tensor &one = place->second, &other = node.mapped();
    if (is_new || (one.scalar_type() == other.scalar_type() && one.equal(other))) return;
    throw Error(ErrorCode::kData, where_ + ": " + repeat + " is not the same as " + name,
                "the model predicts with a table or a bias of its own; those that can be read have "
                "one of each, and the table is the one that embeds the tokens");
  }

  void pass_over_constant(const std::string& name, const at::Tensor& value) {
    constexpr double kRounding = 1e-2;  // of bf16
    const auto node = tensors_.extract(name);
    if (node.empty()) return;
    const at::Tensor found = checked(node.mapped(), value.sizes().vec(), where_ + ": " + name);
    if (found.allclose(value, kRounding)) return;
    throw Error(ErrorCode::kData, where_ + ": " + name + " has another value than in any " +
                                      "model that can be computed");
  }

  at::Tensor take_piece(const Correspondence& tensor, const std::string& name) {
    const std::int64_t unused_rows = tensor.part->unused_rows;
    std::vector<std::int64_t> shape;
    for (const Axis axis : tensor.shape) shape.push_back(sizes_.*axis);
    shape.front() = shape.front() / static_cast<std::int64_t>(tensor.theirs.size()) + unused_rows;
    const at::Tensor whole = checked(take(tensors_, name, where_), shape, where_ + ": " + name);
    if (unused_rows == 0) return whole;
    return whole.narrow(0, unused_rows, shape.front() - unused_rows).clone();
  }

  const NameTable& table_;
  Sizes sizes_;
  std::string where_;
  TensorMap tensors_;
};

void append_their_pieces(NamedTensors& result, const Correspondence& tensor,
                         const at::Tensor& ours) {
  const at::Tensor whole = as_theirs(*tensor.part, ours);
  const std::int64_t unused_rows = tensor.part->unused_rows;
  const auto pieces = whole.chunk(static_cast<std::int64_t>(tensor.theirs.size()));
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    at::Tensor piece = pieces[i];
    if (unused_rows > 0) {
      std::vector<std::int64_t> shape = piece.sizes().vec();
      shape.front() = unused_rows;
      piece = at::cat({at::zeros(shape, piece.options()), piece});
    }
    result.emplace_back(tensor.theirs[i], piece);
  }
}

void append_repeats_and_constants(NamedTensors& result, const NameTable& table) {
  const TensorMap written(result.begin(), result.end());
  for (const auto& [repeat, name] : table.repeats) {
    if (table.writes_repeats) result.emplace_back(repeat, written.at(name));
  }
  result.insert(result.end(), table.constants.begin(), table.constants.end());
}

}  // namespace

Sizes Sizes::of(const recipe::Recipe& recipe, std::int64_t vocabulary) {
  const recipe::Model& model = recipe.model;
  return {.layers = model.layers,
          .hidden = model.hidden_size,
          .inner = model.intermediate_size,
          .embedding = model::embedding_width(model),
          .qkv = 3 * model.hidden_size,
          .first = model.intermediate_size * (model.gated ? 2 : 1),
          .vocabulary = vocabulary,
          .positions = most_positions(recipe),
          .segments = model.segments};
}

NamedTensors to_their_names(const NameTable& table, const NamedTensors& weights,
                            std::int64_t layers, TaskOutputs outputs) {
  TensorMap ours(weights.begin(), weights.end());
  NamedTensors result;
  const auto move = [&](const Parts& parts) {
    for (const Correspondence& tensor : correspondences(parts, layers)) {
      append_their_pieces(result, tensor, take(ours, tensor.ours, "the model"));
    }
  };
  move(table.encoder);
  for (const Parts* head : {&table.masked_lm, &table.pooler,
                            outputs == TaskOutputs::kSpans ? &table.spans : &table.labels}) {
    if (head->empty()) continue;
    if (ours.contains(correspondences(*head, 0).front().ours)) move(*head);
  }
  if (!ours.empty()) {
    throw Error(ErrorCode::kInternal, "a model of this family has no " + ours.begin()->first);
  }
  append_repeats_and_constants(result, table);
  return result;
}

OurTensors from_their_names(const NameTable& table, const NamedTensors& weights, const Sizes& sizes,
                            const std::string& where) {
  TheirTensors theirs(table, weights, sizes, where);
  NamedTensors result;
  theirs.move_to(result, table.encoder);
  for (const Parts* head : {&table.masked_lm, &table.pooler}) {
    if (head == &table.masked_lm && theirs.holds_namesake()) continue;
    if (theirs.has_any(*head)) theirs.move_to(result, *head);
  }
  const Parts& outputs = theirs.has_any(table.labels) ? table.labels : table.spans;
  theirs.find_outputs(outputs);
  if (theirs.has_any(outputs)) theirs.move_to(result, outputs);
  return {.weights = std::move(result), .left_out = theirs.names_of_the_rest()};
}

}  // namespace cram::checkpoint
