#include "cram/corpus/sequence_order.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/hash.h"

namespace cram::corpus {
namespace {

// Before the numbers; all in the byte order of the machine, which a cache does not leave.
struct Header {
  std::uint64_t checksum = 0;  // of the numbers
  std::uint64_t count = 0;
};

std::uint32_t number_at(std::span<const std::byte> bytes, std::uint64_t place) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + sizeof(Header) + place * sizeof number, sizeof number);
  return number;
}

// How many numbers a sound file holds; 0 where it is not sound.
std::uint64_t count_numbers(std::span<const std::byte> bytes, std::int64_t sequences) {
  Header header;
  if (bytes.size() < sizeof header) return 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const std::size_t rest = bytes.size() - sizeof header;
  if (rest % sizeof(std::uint32_t) != 0 || header.count != rest / sizeof(std::uint32_t)) return 0;
  if (header.checksum != hash64(bytes.data() + sizeof header, rest)) return 0;
  for (std::uint64_t place = 0; place < header.count; ++place) {
    if (number_at(bytes, place) >= sequences) return 0;
  }
  return header.count;
}

}  // namespace

void SequenceList::write(const std::filesystem::path& folder,
                         const std::vector<std::uint32_t>& numbers) {
  const std::string_view content(reinterpret_cast<const char*>(numbers.data()),
                                 numbers.size() * sizeof(std::uint32_t));
  const Header header = {.checksum = hash64(content), .count = numbers.size()};
  std::string file(sizeof header, '\0');
  std::memcpy(file.data(), &header, sizeof header);
  write_file_atomic(folder / kFileName, file.append(content));
}

SequenceList::SequenceList(const std::filesystem::path& folder, std::int64_t sequences)
    : file_(folder / kFileName), size_(count_numbers(file_.bytes(), sequences)) {
  if (size_ > 0) return;
  throw Error(ErrorCode::kData, (folder / kFileName).string() + ": damaged",
              "remove its folder and run again to make it anew");
}

std::uint32_t SequenceList::operator[](std::uint64_t place) const {
  return number_at(file_.bytes(), place);
}

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
