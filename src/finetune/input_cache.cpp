#include "input_cache.h"

#include <map>
#include <span>
#include <system_error>

#include <unistd.h>

#include <ATen/ops/tensor.h>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"
#include "cram/base/log.h"
#include "cram/checkpoint/safetensors.h"

namespace cram::finetune {
namespace {

namespace fs = std::filesystem;
using Numbers = std::vector<std::int64_t>;

constexpr const char* kChecksum = "checksum";

// Lists of different lengths, one after another, each with its length.
class Lists {
 public:
  void add(std::span<const std::int64_t> list) {
    lengths_.push_back(static_cast<std::int64_t>(list.size()));
    values_.insert(values_.end(), list.begin(), list.end());
  }
  void write(const std::string& name, checkpoint::NamedTensors& tensors) const {
    tensors.emplace_back(name + ".lengths", at::tensor(lengths_, at::kLong));
    tensors.emplace_back(name + ".values", at::tensor(values_, at::kLong));
  }

 private:
  Numbers lengths_, values_;
};

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorCode::kData, what); }

Numbers read_numbers(const checkpoint::Safetensors& file, const std::string& name) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end() || found->second.scalar_type() != at::kLong) {
    fail("no numbers called " + name);
  }
  const at::Tensor values = found->second.contiguous();
  const std::int64_t* data = values.const_data_ptr<std::int64_t>();
  return {data, data + values.numel()};
}

// The lists of one name, read in the order in which they were added.
class ListReader {
 public:
  ListReader(const checkpoint::Safetensors& file, const std::string& name)
      : lengths_(read_numbers(file, name + ".lengths")),
        values_(read_numbers(file, name + ".values")) {}

  [[nodiscard]] std::size_t count() const { return lengths_.size(); }
  [[nodiscard]] std::span<const std::int64_t> next() {
    if (list_ == lengths_.size()) fail("a list is missing");
    const std::int64_t length = lengths_[list_++];
    if (length < 0 || static_cast<std::size_t>(length) > values_.size() - used_) {
      fail("a list is too long");
    }
    const auto list = std::span(values_).subspan(used_, static_cast<std::size_t>(length));
    used_ += list.size();
    return list;
  }

 private:
  Numbers lengths_, values_;
  std::size_t list_ = 0, used_ = 0;
};

// Over names and bytes, in the order of names.
std::string checksum(const std::map<std::string, at::Tensor>& tensors) {
  Hasher hasher;
  for (const auto& [name, tensor] : tensors) {
    hasher.add(name);
    hasher.add(tensor.const_data_ptr(), tensor.nbytes());
  }
  return hex64(hasher.value());
}

void write_inputs(const fs::path& path, const std::vector<Input>& inputs) {
  Lists ids, words, labels, places, numbers;
  std::vector<double> targets;
  for (const Input& input : inputs) {
    ids.add(Numbers(input.ids.begin(), input.ids.end()));
    words.add(input.words);
    labels.add(input.labels);
    Numbers ranges;
    for (const ByteRange& place : input.places) {
      ranges.push_back(static_cast<std::int64_t>(place.begin));
      ranges.push_back(static_cast<std::int64_t>(place.end));
    }
    places.add(ranges);
    numbers.add(Numbers{input.second, input.example, input.answer_begin, input.answer_end});
    targets.push_back(input.target);
  }
  checkpoint::NamedTensors tensors;
  ids.write("ids", tensors);
  words.write("words", tensors);
  labels.write("labels", tensors);
  places.write("places", tensors);
  numbers.write("numbers", tensors);
  tensors.emplace_back("targets", at::tensor(targets, at::kDouble));
  // A name of this process alone: others may tokenise the same split at the same time.
  const fs::path partial = path.string() + ".partial-" + std::to_string(::getpid());
  try {
    checkpoint::write_safetensors(partial, tensors,
                                  {{kChecksum, checksum({tensors.begin(), tensors.end()})}});
    fs::rename(partial, path);
  } catch (...) {
    std::error_code ignored;
    fs::remove(partial, ignored);
    throw;
  }
}

std::vector<Input> read_inputs(const fs::path& path) {
  const checkpoint::Safetensors file = checkpoint::read_safetensors(path);
  const auto expected = file.metadata.find(kChecksum);
  if (expected == file.metadata.end() || expected->second != checksum(file.tensors)) {
    fail("the file is damaged");
  }
  ListReader ids(file, "ids"), words(file, "words"), labels(file, "labels");
  ListReader places(file, "places"), numbers(file, "numbers");
  const at::Tensor targets = file.tensors.at("targets").to(at::kDouble).contiguous();
  if (static_cast<std::size_t>(targets.numel()) != ids.count()) fail("targets are missing");
  std::vector<Input> inputs(ids.count());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Input& input = inputs[i];
    const auto id_list = ids.next(), word_list = words.next(), label_list = labels.next();
    input.ids.assign(id_list.begin(), id_list.end());
    input.words.assign(word_list.begin(), word_list.end());
    input.labels.assign(label_list.begin(), label_list.end());
    const auto ranges = places.next();
    for (std::size_t j = 0; j + 1 < ranges.size(); j += 2) {
      input.places.push_back(
          {static_cast<std::size_t>(ranges[j]), static_cast<std::size_t>(ranges[j + 1])});
    }
    const auto values = numbers.next();
    if (values.size() != 4) fail("numbers are missing");
    input.second = values[0];
    input.example = values[1];
    input.answer_begin = values[2];
    input.answer_end = values[3];
    input.target = targets.const_data_ptr<double>()[i];
  }
  return inputs;
}

}  // namespace

std::vector<Input> cached_inputs(const fs::path& folder, const std::string& key,
                                 const std::function<std::vector<Input>()>& make) {
  const fs::path path = folder / ("inputs-" + key + ".safetensors");
  std::error_code unreadable;
  if (fs::exists(path, unreadable)) {
    try {
      return read_inputs(path);
    } catch (const std::exception& error) {
      log::warning(path.string() + ": made anew, " + error.what());
    }
  }
  std::vector<Input> inputs = make();
  try {
    make_folders(folder);
    write_inputs(path, inputs);
  } catch (const std::exception& error) {
    log::warning(std::string("tokenised data are not cached: ") + error.what());
  }
  return inputs;
}

}  // namespace cram::finetune
