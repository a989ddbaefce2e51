#include "probe.h"

#include <algorithm>
#include <utility>

#include "document_stream.h"

namespace cram::corpus {

TextProbe probe_text(const std::vector<text::SourceFile>& files, const text::ReadOptions& options) {
  constexpr std::size_t kFiles = 4;
  constexpr std::uint64_t kTextBytesPerFile = 4 << 20;
  TextProbe probe;
  text::BadRecords ignored;  // The pass over the whole text reports them.
  const std::size_t step = std::max<std::size_t>(1, files.size() / kFiles);
  for (std::size_t i = 0; i < files.size(); i += step) {
    const std::vector<text::SourceFile> one = {files[i]};
    const KeptDocuments everything;
    DocumentStream stream(one, options, ignored, everything);
    const std::uint64_t enough = probe.text_bytes + kTextBytesPerFile;
    while (probe.text_bytes < enough) {
      auto document = stream.next();
      if (!document) break;
      probe.text_bytes += document->text.size();
      probe.texts.push_back(std::move(document->text));
    }
    probe.file_bytes += stream.bytes_read();
  }
  probe.file_bytes = std::max<std::uint64_t>(probe.file_bytes, 1);
  return probe;
}

}  // namespace cram::corpus
