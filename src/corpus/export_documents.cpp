#include "cram/corpus/export_documents.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"
#include "cram/corpus/pack.h"
#include "cram/corpus/progress.h"
#include "cram/text/parquet_writer.h"

#include "cache.h"
#include "document_stream.h"
#include "drop_tally.h"
#include "identity.h"
#include "selection_stage.h"

namespace cram::corpus {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Files of limited size, one after the other.
class Parts {
 public:
  explicit Parts(fs::path folder) : folder_(std::move(folder)) {}

  void add(const std::vector<std::string>& row) {
    if (!part_) part_.emplace(folder_ / name(finished_.size()), Columns{"text", "source", "split"});
    part_->add(row);
    if (part_->bytes() >= kPartBytes) finish();
  }

  // The bytes of each.
  const std::vector<std::uintmax_t>& close() {
    if (part_) finish();
    return finished_;
  }

  static std::string name(std::size_t number) {
    std::array<char, 48> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "part-%05zu.parquet", number);
    return buffer.data();
  }

 private:
  using Columns = std::vector<std::string>;
  static constexpr std::uint64_t kPartBytes = std::uint64_t{256} << 20;

  void finish() {
    part_->close();
    part_.reset();
    finished_.push_back(fs::file_size(folder_ / name(finished_.size())));
  }

  fs::path folder_;
  std::optional<text::ParquetWriter> part_;
  std::vector<std::uintmax_t> finished_;
};

void fill(const fs::path& folder, const std::vector<text::SourceFile>& files,
          const fs::path& selection, const PrepareOptions& options) {
  const std::vector<SourceReport> sources = name_sources(options.sources, files);
  text::BadRecords bad;
  const KeptDocuments kept(selection);
  DocumentStream stream(files, options.read, bad, kept);
  ProgressLine progress("exporting", total_bytes(files));
  Parts parts(folder);
  std::int64_t documents = 0;
  std::int64_t bytes = 0;
  while (std::optional<SourcedDocument> document = stream.next()) {
    const bool held_out = is_held_out(document->text, options.held_out_share, options.seed);
    bytes += static_cast<std::int64_t>(document->text.size());
    parts.add({std::move(document->text), sources[document->source].name,
               held_out ? "held-out" : "training"});
    ++documents;
    progress.update(stream.bytes_read(), bytes);
  }
  bad.check(options.max_bad_share);
  refuse_if_changed(files, {.begin = 0, .end = files.size()});
  const json summary = {{"documents", documents}, {"parts", parts.close()}};
  write_file_atomic(folder / kDocumentsLastFile, summary.dump() + "\n");
}

// Throws Error{kData} where parts are missing or of another size.
ExportedDocuments read_summary(const fs::path& folder) {
  const fs::path file = folder / kDocumentsLastFile;
  const char* const hint = "remove its folder and run again to make it anew";
  try {
    const json summary = json::parse(read_file(file));
    const auto parts = summary.at("parts").get<std::vector<std::uintmax_t>>();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      std::error_code missing;
      const fs::path part = folder / Parts::name(i);
      if (fs::file_size(part, missing) == parts[i] && !missing) continue;
      throw Error(ErrorCode::kData, part.string() + ": not as it was written", hint);
    }
    return {folder, summary.at("documents").get<std::int64_t>(), std::ssize(parts)};
  } catch (const json::exception& error) {
    throw Error(ErrorCode::kData, file.string() + ": " + error.what(), hint);
  }
}

}  // namespace

ExportedDocuments export_documents(const PrepareOptions& options) {
  const std::vector<text::SourceFile> files = text::find_sources(options.sources);
  const SelectionStage selection(files, options);
  (void)selection.make();
  const std::string made_from = describe_documents(files, options, selection.folder());
  const CacheEntry entry(options.cache, kDocumentsPrefix + hex64(hash64(made_from)),
                         kDocumentsLastFile);
  (void)entry.make(
      [&] { (void)read_summary(entry.folder()); },
      [&](const fs::path& folder) { fill(folder, files, selection.folder(), options); });
  return read_summary(entry.folder());
}

}  // namespace cram::corpus
