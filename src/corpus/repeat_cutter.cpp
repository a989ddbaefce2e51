#include "repeat_cutter.h"

#include "cram/base/units.h"
#include "cram/corpus/progress.h"
#include "cram/text/utf8.h"

namespace cram::corpus {
namespace {

using selection::Span;

constexpr const char* kCut = "substring: cut out";
constexpr const char* kNothingLeft = "substring: nothing left";

std::string format_size(std::uint64_t bytes) {
  return format_count(static_cast<std::int64_t>(bytes)) + " bytes";
}

// The whole characters in a document's repeats, which are places in all the text.
std::vector<CutSpan> whole_characters(std::string_view text, std::uint64_t begin_of_text,
                                      std::span<const Span> repeats) {
  std::vector<CutSpan> spans;
  for (const Span& repeat : repeats) {
    std::size_t begin = repeat.begin - begin_of_text;
    const std::size_t end = text::utf8_boundary(text, repeat.end - begin_of_text);
    while (begin < end && text::utf8_boundary(text, begin) != begin) ++begin;
    if (begin < end) spans.push_back({.begin = begin, .end = end});
  }
  return spans;
}

std::uint64_t count_bytes(const std::vector<CutSpan>& spans) {
  std::uint64_t bytes = 0;
  for (const CutSpan& span : spans) bytes += span.end - span.begin;
  return bytes;
}

// What is left of a short document may stand nowhere else: it goes only where nothing is left.
bool is_blank_without(std::string_view text, const std::vector<CutSpan>& spans) {
  constexpr std::string_view kWhite = " \t\n\r\f\v";
  std::size_t at = 0;
  for (const CutSpan& span : spans) {
    if (text.substr(at, span.begin - at).find_first_not_of(kWhite) != std::string_view::npos) {
      return false;
    }
    at = span.end;
  }
  return text.find_first_not_of(kWhite, at) == std::string_view::npos;
}

}  // namespace

RepeatCutter::RepeatCutter(const selection::RepeatOptions& options,
                           const std::filesystem::path& folder)
    : options_(options), file_(folder / "kept.text"), writer_(file_) {}

std::vector<std::string> RepeatCutter::names() { return {kCut, kNothingLeft}; }

void RepeatCutter::add(const SourcedDocument& document) {
  writer_.write(document.text);
  documents_.push_back(
      {.number = document.number, .source = document.source, .end = writer_.bytes_written()});
  writer_.write({&selection::kDocumentEnd, 1});
}

std::vector<CutSpan> RepeatCutter::finish(KeptDocumentsWriter& kept, DropTally& tally) {
  writer_.close();
  const MappedFile file(file_);
  const std::string_view all(reinterpret_cast<const char*>(file.bytes().data()),
                             file.bytes().size());
  const std::vector<Span> repeats = find(all);
  std::vector<CutSpan> cuts;
  auto repeat = repeats.begin();
  std::uint64_t begin = 0;
  for (const Added& document : documents_) {
    const auto first = repeat;
    while (repeat != repeats.end() && repeat->begin < document.end) ++repeat;
    const std::string_view text = all.substr(begin, document.end - begin);
    const std::vector<CutSpan> spans = whole_characters(text, begin, {first, repeat});
    begin = document.end + 1;
    const std::uint64_t bytes = count_bytes(spans);
    if (bytes > 0 && is_blank_without(text, spans)) {
      kept.drop(document.number);
      tally.add({kNothingLeft, format_size(bytes) + " stood before"}, document.source,
                Excerpt(text));
      continue;
    }
    for (CutSpan span : spans) {
      const std::uint64_t size = span.end - span.begin;
      tally.add_cut({kCut, format_size(size)}, document.source,
                    Excerpt(text.substr(span.begin, size)));
      span.document = document.number;
      cuts.push_back(span);
    }
  }
  std::filesystem::remove(file_);
  return cuts;
}

std::vector<Span> RepeatCutter::find(std::string_view text) const {
  ProgressLine progress("looking for text that stood before", text.size());
  return selection::find_repeats(text, options_, [&](double share) {
    const double bytes = share * static_cast<double>(text.size());
    progress.update(static_cast<std::uint64_t>(bytes), static_cast<std::int64_t>(bytes));
  });
}

}  // namespace cram::corpus
