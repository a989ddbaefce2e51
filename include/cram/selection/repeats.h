// Finds the text that stood before, byte for byte: what Lee et al. 2022, "Deduplicating training
// data makes language models better" (arXiv 2107.06499, section 4.1), call ExactSubstr.
//
// They sort all suffixes of the text. To know which k bytes stood before takes less: a table of
// them by their hashes, which is asked in reading order. Of most places it is clear without that
// nothing repeats there, by a filter of the few runs of half the length that stand for longer ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace cram::selection {

// Bytes of a text, `end` excluded.
struct Span {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool operator==(const Span&) const = default;
};

// Stands after each document; no UTF-8 holds it.
inline constexpr char kDocumentEnd = '\xFF';

struct RepeatOptions {
  std::size_t bytes = 75;                       // of the shortest repeat, at least 1
  std::int64_t memory = std::int64_t{2} << 30;  // of the tables of all threads together
  int threads = 1;                              // at least 1
  std::filesystem::path scratch_folder = std::filesystem::temp_directory_path();
};

// Calls `take` with all runs of `bytes` bytes within a document that stood before, there or in an
// earlier document, and ended before they begin; those that touch are one span. In their order, on
// the calling thread.
//
// Each byte in a span stands, with the same bytes around it, in an earlier place that is in none:
// without the spans nothing is lost but repetition. Bytes are compared, a hash alone convicts
// nothing, and neither memory nor threads change the result.
//
// The work is cut into passes so that the tables take no more than about `memory`. For a single
// pass they take some 22 / `bytes` bytes a byte of text; with less, each pass reads all the text
// twice. Sets of places stand in scratch memory, half as large as the text together, for which the
// scratch folder must have room. The text is read all over: where it is a file mapped into memory
// that does not fit there, the disk should be fast.
//
// Calls `on_part` on the calling thread with the share that is done. Throws Interrupted when the
// process is asked to stop, and Error{kStorage} when there is no room.
void find_repeats(
    std::string_view text, const RepeatOptions& options,
    const std::function<void(const Span& span)>& take,
    const std::function<void(double share)>& on_part = [](double) {});

}  // namespace cram::selection
