#include "sentence_sample.h"

#include <algorithm>
#include <array>

#include "cram/base/random.h"
#include "cram/text/utf8.h"

namespace cram::tokenizer {
namespace {

// Characters that the trainer reserves for itself: sentences with U+2585 it leaves out, NUL ends
// strings inside it.
std::string without_reserved(std::string_view sentence) {
  constexpr std::string_view kReserved = "\xE2\x96\x85";
  std::string clean(sentence);
  for (std::size_t at = clean.find(kReserved); at != clean.npos; at = clean.find(kReserved, at)) {
    clean.replace(at, kReserved.size(), " ");
  }
  std::replace(clean.begin(), clean.end(), '\0', ' ');
  return clean;
}

// How much of a long line makes a sentence: up to the last space that fits, if there is one.
std::size_t sentence_end(std::string_view line) {
  if (line.size() <= SentenceSample::kMaxSentenceBytes) return line.size();
  const std::size_t space = line.rfind(' ', SentenceSample::kMaxSentenceBytes);
  if (space != line.npos && space > 0) return space;
  return text::utf8_boundary(line, SentenceSample::kMaxSentenceBytes);
}

}  // namespace

void SentenceSample::add(std::string_view document) {
  while (!document.empty()) {
    std::string_view line = document.substr(0, document.find('\n'));
    document.remove_prefix(std::min(line.size() + 1, document.size()));
    while (!line.empty()) {
      const std::size_t end = sentence_end(line);
      add_sentence(line.substr(0, end));
      line.remove_prefix(end);
    }
  }
}

void SentenceSample::add_sentence(std::string_view sentence) {
  const std::uint64_t ticket = Random(0, RandomStream::kSample, seen_++).bits64();
  if (ticket > highest_ticket_ || sentence.find_first_not_of(" \t\r") == sentence.npos) return;
  sentences_.push_back(without_reserved(sentence));
  tickets_.push_back(ticket);
  bytes_ += sentence.size();
  while (bytes_ > max_bytes_) thin_out();
}

void SentenceSample::thin_out() {
  highest_ticket_ /= 2;
  std::size_t kept = 0;
  bytes_ = 0;
  for (std::size_t i = 0; i < sentences_.size(); ++i) {
    if (tickets_[i] > highest_ticket_) continue;
    bytes_ += sentences_[i].size();
    tickets_[kept] = tickets_[i];
    if (kept != i) sentences_[kept] = std::move(sentences_[i]);
    ++kept;
  }
  sentences_.resize(kept);
  tickets_.resize(kept);
}

}  // namespace cram::tokenizer
