#include "cut_spans.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cram/text/utf8.h"

namespace cram::corpus {
namespace {

bool fits(const CutSpan& span, std::string_view text) {
  return span.begin < span.end && span.end <= text.size() &&
         text::utf8_boundary(text, span.begin) == span.begin &&
         text::utf8_boundary(text, span.end) == span.end;
}

}  // namespace

CutSpans::CutSpans(const std::filesystem::path& folder) : file_(folder / kFileName) {
  const std::string_view bytes = file_->bytes();
  spans_ = {reinterpret_cast<const CutSpan*>(bytes.data()), bytes.size() / sizeof(CutSpan)};
}

bool CutSpans::cut(std::int64_t document, std::string& text) const {
  const auto first = std::lower_bound(
      spans_.begin(), spans_.end(), document,
      [](const CutSpan& span, std::int64_t wanted) { return span.document < wanted; });
  const auto last = std::find_if(first, spans_.end(),
                                 [&](const CutSpan& span) { return span.document != document; });
  if (first == last) return true;
  std::string rest;
  std::uint64_t kept = 0;  // up to here it is decided what stays
  for (auto span = first; span != last; ++span) {
    if (!fits(*span, text)) return false;
    rest.append(text, kept, span->begin - kept);
    kept = span->end;
  }
  rest.append(text, kept);
  text = std::move(rest);
  return true;
}

CutSpansWriter::CutSpansWriter(const std::filesystem::path& folder)
    : file_(folder / CutSpans::kFileName) {}

void CutSpansWriter::add(const CutSpan& span) {
  static_assert(sizeof(CutSpan) == 24, "no padding");
  file_.add({reinterpret_cast<const char*>(&span), sizeof span});
}

}  // namespace cram::corpus
