// How a family of models in Hugging Face's transformers (4 and 5) names and cuts the weights that
// an encoder of ours has, and the way there and back.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cram/checkpoint/safetensors.h"
#include "cram/recipe/recipe.h"

namespace cram::checkpoint {

// What decides the shapes.
struct Sizes {
  // Of a model of this recipe with so many tokens. Its tables of positions and segments are as
  // long as the recipe says.
  static Sizes of(const recipe::Recipe& recipe, std::int64_t vocabulary);

  std::int64_t layers = 0, hidden = 0, inner = 0;
  std::int64_t embedding = 0;  // columns of the tables
  std::int64_t qkv = 0;        // rows of queries, keys and values together
  std::int64_t first = 0;      // rows of the feed-forward's first matrix: with a gate, two of inner
  std::int64_t vocabulary = 0, positions = 0, segments = 0;  // rows of the tables
  std::int64_t outputs = 0;                                  // of a task; 0: as the file has them
  std::int64_t one = 1;
};

// A dimension of a tensor.
using Axis = std::int64_t Sizes::*;

// Which tensors a part has: a table ".weight"; a matrix ".weight", a dense layer its bias as well;
// a gain ".gain", by their name ".weight", a norm its bias as well; a bias is alone. A scalar has
// the names as they are, and is [1, 1] here and [1] there.
enum class PartKind { kTable, kMatrix, kDense, kGain, kNorm, kBias, kScalar };

// A part of the model by our name, and the equal pieces that it is stacked of, by theirs. "*" in a
// name is the number of a layer.
struct Part {
  std::string ours;
  std::vector<std::string> theirs;
  PartKind kind = PartKind::kDense;
  Axis rows = &Sizes::hidden, columns = &Sizes::hidden;
  std::int64_t first_layer = 0;  // layers before it lack the part
  std::int64_t unused_rows = 0;  // before those that we have
  bool swaps_halves = false;     // of the rows: their first half is our second
  std::int64_t heads = 0;  // each with its query, key and value together; 0: all queries first
};
using Parts = std::vector<Part>;

struct NameTable {
  std::string prefix = {};                    // files of the base model alone lack it
  std::vector<std::string> base_starts = {};  // of the base model's names, behind the prefix
  Parts encoder = {};
  // Each is there as a whole or not at all. The last two make a task's outputs.
  Parts masked_lm = {}, pooler = {}, labels = {}, spans = {};
  std::vector<std::pair<std::string, std::string>> endings = {};  // of other files, and ours here
  std::vector<std::pair<std::string, std::string>> repeats = {};  // and the tensors they must equal
  std::vector<std::string> ignored = {};                          // starts of names
  // Starts of names of heads whose other layers have the names of the masked-LM head's.
  std::vector<std::string> namesakes = {};
  bool writes_repeats = false;  // for a class that would draw what a file lacks
  NamedTensors constants = {};  // that a class keeps with its weights; a file may lack them
};

enum class TaskOutputs { kLabels, kSpans };

// `weights` are those of an encoder and of any heads that the table has. Rows that we lack are
// zero. Tensors that the table ignores, such as a decoder tied to the token table, are left out.
[[nodiscard]] NamedTensors to_their_names(const NameTable& table, const NamedTensors& weights,
                                          std::int64_t layers,
                                          TaskOutputs outputs = TaskOutputs::kLabels);

struct OurTensors {
  NamedTensors weights;
  std::vector<std::string> left_out;  // their names of what is no part of the encoder, nor known
};

// The inverse, in fp32: the encoder and each head that is there. Throws Error{kData}, naming
// `where` and the tensor, for one that is missing, unknown within the base model, of another shape
// or not of floating-point numbers, and for a constant of another value.
[[nodiscard]] OurTensors from_their_names(const NameTable& table, const NamedTensors& weights,
                                          const Sizes& sizes, const std::string& where);

}  // namespace cram::checkpoint
