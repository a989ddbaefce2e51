#include "sample.h"

#include <utility>

#include "cram/base/random.h"
#include "cram/corpus/pack.h"
#include "cram/corpus/selection_report.h"

#include "probe.h"

namespace cram::corpus {
namespace {

double share_to_draw(const std::vector<text::SourceFile>& files, const PrepareOptions& options,
                     const std::filesystem::path& selection) {
  if (!selection.empty()) {
    const Amount kept = SelectionReport::read_from(selection).kept();
    return static_cast<double>(options.train_bytes) / static_cast<double>(kept.bytes);
  }
  const TextProbe probe = probe_text(files, options.read);
  const double text_bytes = static_cast<double>(probe.text_bytes) *
                            static_cast<double>(total_bytes(files)) /
                            static_cast<double>(probe.file_bytes);
  return static_cast<double>(options.train_bytes) / text_bytes;
}

}  // namespace

TrainingSample::TrainingSample(const std::vector<text::SourceFile>& files,
                               const PrepareOptions& options,
                               const std::filesystem::path& selection)
    : options_(options),
      share_(share_to_draw(files, options, selection)),
      kept_(selection),
      stream_(files, options.read, bad_, kept_),
      progress_(std::in_place, "reading text for the tokenizer", total_bytes(files)) {}

std::optional<std::string> TrainingSample::next() {
  while (progress_ && bytes_ < options_.train_bytes) {
    std::optional<SourcedDocument> document = stream_.next();
    if (!document) break;
    passed_bytes_ += static_cast<std::int64_t>(document->text.size());
    bad_.check_early(options_.max_bad_share);
    progress_->update(stream_.bytes_read(), passed_bytes_);
    if (!draw() || is_held_out(document->text, options_.held_out_share, options_.seed)) continue;
    ++documents_;
    bytes_ += static_cast<std::int64_t>(document->text.size());
    return std::move(document->text);
  }
  progress_.reset();
  bad_.check(options_.max_bad_share);
  return std::nullopt;
}

bool TrainingSample::draw() {
  return Random(options_.seed, RandomStream::kSample, number_++).uniform() < share_;
}

}  // namespace cram::corpus
