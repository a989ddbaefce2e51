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

// Takes the repeats in a document, once they are known.
class DocumentCutter {
 public:
  DocumentCutter(KeptDocumentsWriter& kept, DropTally& tally, CutSpansWriter& cuts)
      : kept_(kept), tally_(tally), cuts_(cuts) {}

  void cut(std::string_view text, std::int64_t number, std::size_t source,
           const std::vector<CutSpan>& spans) {
    const std::uint64_t bytes = count_bytes(spans);
    if (bytes > 0 && is_blank_without(text, spans)) {
      kept_.drop(number);
      tally_.add({kNothingLeft, format_size(bytes) + " stood before"}, source, Excerpt(text));
      return;
    }
    for (CutSpan span : spans) {
      const std::uint64_t size = span.end - span.begin;
      tally_.add_cut({kCut, format_size(size)}, source, Excerpt(text.substr(span.begin, size)));
      span.document = number;
      cuts_.add(span);
    }
  }

 private:
  KeptDocumentsWriter& kept_;
  DropTally& tally_;
  CutSpansWriter& cuts_;
};

}  // namespace

RepeatCutter::RepeatCutter(const std::vector<text::SourceFile>& files, const KeptDocuments& kept,
                           std::string_view text)
    : files_(files), kept_(kept), text_(text) {}

std::vector<std::string> RepeatCutter::names() { return {kCut, kNothingLeft}; }

void RepeatCutter::cut(const selection::RepeatOptions& options, KeptDocumentsWriter& kept,
                       DropTally& tally, CutSpansWriter& cuts) {
  DocumentCutter cutter(kept, tally, cuts);
  std::vector<Span> repeats;  // of the document
  const auto cut_document = [&] {
    if (repeats.empty()) return;
    const std::string_view text = text_.substr(document_.begin, document_.end - document_.begin);
    cutter.cut(text, document_.number, files_[document_.file].source,
               whole_characters(text, document_.begin, repeats));
    repeats.clear();
  };
  ProgressLine progress("looking for text that stood before", text_.size());
  selection::find_repeats(
      text_, options,
      [&](const Span& repeat) {
        if (repeat.begin > document_.end || document_.number < 0) {
          cut_document();
          go_to(repeat.begin);
        }
        repeats.push_back(repeat);
      },
      [&](double share) {
        const double bytes = share * static_cast<double>(text_.size());
        progress.update(static_cast<std::uint64_t>(bytes), static_cast<std::int64_t>(bytes));
      });
  cut_document();
}

void RepeatCutter::go_to(std::uint64_t place) {
  do {
    next();
  } while (place > document_.end);
}

void RepeatCutter::next() {
  do {
    ++document_.number;
  } while (!kept_.keeps(document_.number));
  while (document_.number >= kept_.start_of_file(document_.file + 1)) ++document_.file;
  document_.begin = document_.end + 1;
  document_.end = text_.find(selection::kDocumentEnd, document_.begin);
}

}  // namespace cram::corpus
