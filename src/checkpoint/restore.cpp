#include "cram/checkpoint/restore.h"

#include <map>
#include <sstream>

#include <ATen/core/grad_mode.h>

#include "cram/base/error.h"

namespace cram::checkpoint {

namespace {

std::string shape_text(const at::Tensor& tensor) {
  std::ostringstream text;
  text << c10::toString(tensor.scalar_type()) << ' ' << tensor.sizes();
  return text.str();
}

// Collects differences and shows the first few.
class Differences {
 public:
  void add(const std::string& text) {
    constexpr int kShown = 3;
    if (++count_ <= kShown) text_ += (text_.empty() ? "" : "; ") + text;
  }
  void throw_if_any(const std::string& where) const {
    if (count_ == 0) return;
    throw Error(ErrorCode::kData,
                where + ": does not fit the model in " + std::to_string(count_) +
                    (count_ == 1 ? " tensor: " : " tensors: ") + text_,
                "use the recipe that the file was made with");
  }

 private:
  int count_ = 0;
  std::string text_;
};

}  // namespace

NamedTensors masters(const ops::WeightList& weights) {
  NamedTensors tensors;
  tensors.reserve(weights.size());
  for (const auto& weight : weights) tensors.emplace_back(weight->name, weight->master);
  return tensors;
}

void restore(const NamedTensors& saved, const NamedTensors& live, const std::string& where) {
  std::map<std::string, at::Tensor> sources(saved.begin(), saved.end());
  Differences differences;
  for (const auto& [name, target] : live) {
    const auto found = sources.find(name);
    if (found == sources.end()) {
      differences.add(name + " is missing");
      continue;
    }
    const at::Tensor& source = found->second;
    const bool same_kind = source.scalar_type() == target.scalar_type() ||
                           (source.is_floating_point() && target.is_floating_point());
    if (source.sizes() != target.sizes() || !same_kind) {
      differences.add(name + " is " + shape_text(source) + " instead of " + shape_text(target));
    }
    sources.erase(found);
  }
  for (const auto& left : sources) differences.add(left.first + " is not known");
  differences.throw_if_any(where);

  const at::NoGradGuard no_grad;
  sources = {saved.begin(), saved.end()};
  for (const auto& [name, target] : live) at::Tensor(target).copy_(sources.at(name));
}

}  // namespace cram::checkpoint
