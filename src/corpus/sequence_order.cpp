#include "cram/corpus/sequence_order.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "cram/base/error.h"

#include "checked_file.h"

namespace cram::corpus {
namespace {

std::vector<std::uint32_t> read_numbers(const std::filesystem::path& file, std::int64_t sequences) {
  const CheckedItems items = read_checked(file);
  std::vector<std::uint32_t> numbers(items.bytes.size() / sizeof(std::uint32_t));
  std::memcpy(numbers.data(), items.bytes.data(), numbers.size() * sizeof(std::uint32_t));
  const auto is_there = [&](std::uint32_t number) { return number < sequences; };
  const bool fits = !numbers.empty() && items.count == std::ssize(numbers) &&
                    std::all_of(numbers.begin(), numbers.end(), is_there);
  if (fits) return numbers;
  throw Error(ErrorCode::kData, file.string() + ": is of another corpus",
              "remove its folder and run again to make it anew");
}

}  // namespace

void SequenceList::write(const std::filesystem::path& folder,
                         const std::vector<std::uint32_t>& numbers) {
  write_checked(
      folder / kFileName, std::ssize(numbers),
      {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(std::uint32_t)});
}

SequenceList::SequenceList(const std::filesystem::path& folder, std::int64_t sequences)
    : numbers_(read_numbers(folder / kFileName, sequences)) {}

SequenceOrder::SequenceOrder(std::int64_t sequences, std::uint64_t seed)
    : shuffled_(true), seed_(seed), size_(static_cast<std::uint64_t>(sequences)) {}

SequenceOrder::SequenceOrder(SequenceList list, bool shuffled, std::uint64_t seed)
    : list_(std::move(list)), shuffled_(shuffled), seed_(seed), size_(list_->size()) {}

SequenceOrder::Epoch::Epoch(const SequenceOrder& order, std::uint64_t number) : order_(&order) {
  if (order.shuffled_) {
    permutation_.emplace(order.seed_, RandomStream::kOrder, number, order.size_);
  }
}

std::int64_t SequenceOrder::Epoch::operator()(std::uint64_t place) const {
  const std::uint64_t item = permutation_ ? (*permutation_)(place) : place;
  return static_cast<std::int64_t>(order_->list_ ? (*order_->list_)[item] : item);
}

}  // namespace cram::corpus
