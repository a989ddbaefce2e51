#include "bert_names.h"

#include <map>
#include <vector>

#include <ATen/ops/cat.h>

#include "cram/base/error.h"

#include "strict_json.h"

namespace cram::checkpoint {

namespace {

// One of our tensors and the ones that it is made of, stacked along the first dimension.
struct Correspondence {
  std::string ours;
  std::vector<std::string> theirs;
};

void add_layer(std::vector<Correspondence>& names, std::int64_t layer) {
  const std::string ours = "layers." + std::to_string(layer) + ".";
  const std::string theirs = "bert.encoder.layer." + std::to_string(layer) + ".";
  for (const std::string part : {"weight", "bias"}) {
    const std::string self = theirs + "attention.self.";
    names.push_back({ours + "attention.qkv." + part,
                     {self + "query." + part, self + "key." + part, self + "value." + part}});
    names.push_back(
        {ours + "attention.output." + part, {theirs + "attention.output.dense." + part}});
    names.push_back({ours + "feed_forward.input." + part, {theirs + "intermediate.dense." + part}});
    names.push_back({ours + "feed_forward.output." + part, {theirs + "output.dense." + part}});
    const std::string norm_part = part == "weight" ? "gain" : "bias";
    names.push_back(
        {ours + "attention.norm." + norm_part, {theirs + "attention.output.LayerNorm." + part}});
    names.push_back(
        {ours + "feed_forward.norm." + norm_part, {theirs + "output.LayerNorm." + part}});
  }
}

std::vector<Correspondence> correspondences(std::int64_t layers) {
  const std::string embeddings = "bert.embeddings.", head = "cls.predictions.";
  std::vector<Correspondence> names = {
      {"embeddings.token", {embeddings + "word_embeddings.weight"}},
      {"embeddings.position", {embeddings + "position_embeddings.weight"}},
      {"embeddings.segment", {embeddings + "token_type_embeddings.weight"}},
      {"embeddings.norm.gain", {embeddings + "LayerNorm.weight"}},
      {"embeddings.norm.bias", {embeddings + "LayerNorm.bias"}},
  };
  for (std::int64_t layer = 0; layer < layers; ++layer) add_layer(names, layer);
  names.push_back({"head.transform.weight", {head + "transform.dense.weight"}});
  names.push_back({"head.transform.bias", {head + "transform.dense.bias"}});
  names.push_back({"head.norm.gain", {head + "transform.LayerNorm.weight"}});
  names.push_back({"head.norm.bias", {head + "transform.LayerNorm.bias"}});
  names.push_back({"head.decoder.bias", {head + "bias"}});
  return names;
}

using TensorMap = std::map<std::string, at::Tensor>;

// Takes the tensor out of the map.
at::Tensor take(TensorMap& tensors, const std::string& name, const std::string& where) {
  const auto node = tensors.extract(name);
  if (node.empty()) throw Error(ErrorCode::kData, where + ": " + name + " is missing");
  return node.mapped();
}

at::Tensor join(const std::vector<at::Tensor>& parts, const std::string& where) {
  for (const auto& part : parts) {
    if (part.dim() < 1 || part.sizes() != parts.front().sizes()) {
      throw Error(ErrorCode::kData, where + " has an unexpected shape");
    }
  }
  return parts.size() == 1 ? parts.front() : at::cat(parts);
}

}  // namespace

NamedTensors to_bert_names(const NamedTensors& weights, std::int64_t layers) {
  TensorMap ours(weights.begin(), weights.end());
  NamedTensors result;
  for (const auto& [name, theirs] : correspondences(layers)) {
    const auto count = static_cast<std::int64_t>(theirs.size());
    const auto parts = take(ours, name, "the model").chunk(count);
    for (std::size_t i = 0; i < theirs.size(); ++i) result.emplace_back(theirs[i], parts[i]);
  }
  return result;
}

NamedTensors from_bert_names(const NamedTensors& weights, std::int64_t layers,
                             const std::string& where) {
  TensorMap theirs(weights.begin(), weights.end());
  for (const char* tied : {"cls.predictions.decoder.weight", "cls.predictions.decoder.bias"}) {
    theirs.erase(tied);
  }
  NamedTensors result;
  for (const auto& [name, parts] : correspondences(layers)) {
    std::vector<at::Tensor> tensors;
    for (const auto& part : parts) tensors.push_back(take(theirs, part, where));
    result.emplace_back(name, join(tensors, where + ": " + parts.front()));
  }
  if (!theirs.empty()) {
    throw Error(ErrorCode::kData,
                where + ": tensor " + printable(theirs.begin()->first) + " is not known");
  }
  return result;
}

}  // namespace cram::checkpoint
