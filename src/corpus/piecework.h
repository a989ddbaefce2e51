// A pass over the text in pieces: reading, work on many threads, and chunks of what came of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cram/base/interrupt.h"
#include "cram/base/pipeline.h"
#include "cram/corpus/piece_options.h"
#include "cram/corpus/progress.h"
#include "cram/text/document.h"

#include "byte_stream.h"
#include "document_stream.h"
#include "piece_folder.h"

namespace cram::corpus {

struct PieceworkOptions {
  std::string label;  // of the progress line
  const std::vector<text::SourceFile>& files;
  const text::ReadOptions& read;
  const KeptDocuments& kept;
  double max_bad_share = 0;
  int threads = 1;
  PieceOptions pieces;
};

// Throws Error{kStorage} where the disk of the folder lacks the room for what is missing of
// `needed` bytes, of which so many are there. `purpose` is for people: "to pack the text".
void require_room(const std::filesystem::path& folder, std::uint64_t needed, std::uint64_t there,
                  const std::string& purpose);

// What was wrong with the text of a piece, as bytes.
void put(ByteWriter& writer, const text::BadRecords::Counts& counts);
[[nodiscard]] text::BadRecords::Counts get_bad_records(ByteReader& reader);

// Result is what comes of some documents: Result{}, append(Result&&) of what comes of those behind
// them, bytes() that it takes, about, put_into(ByteWriter&) and Result(ByteReader&). What the
// options refer to must outlive it.
template <class Result>
class Piecework {
 public:
  // Of the results that go to the folder `target`.
  Piecework(PieceworkOptions options, const std::filesystem::path& target)
      : options_(std::move(options)),
        folder_(target, cut_into_pieces(options_.files, least_piece_bytes())) {}
  Piecework(const Piecework&) = delete;
  Piecework& operator=(const Piecework&) = delete;

  // Has what is damaged made anew: to be called before the pieces that were there are relied on.
  void remove_damaged() const { folder_.remove_damaged(); }

  // Makes what is missing, together with all processes that do the same, and returns when all is
  // there or `is_needless()`. `work` makes a Result of a DocumentBatch.
  template <class Work>
  void make(const Work& work, const std::function<bool()>& is_needless) {
    ProgressLine progress(options_.label, total_bytes(options_.files), bytes_done());
    folder_.make_all(options_.pieces.part, is_needless,
                     [&](std::size_t piece) { make_piece(piece, work, progress); });
    if (is_needless()) folder_.remove();
  }

  // Calls `take(Result)` with all of it in order. Returns what was wrong with the text. Throws
  // Error{kData} where that is no longer what was read.
  template <class Take>
  text::BadRecords read(const Take& take) const {
    refuse_if_changed(options_.files, {.begin = 0, .end = options_.files.size()});
    text::BadRecords bad;
    folder_.read_all([&](const std::string& bytes) {
      ByteReader reader(bytes);
      bad.add(get_bad_records(reader));
      take(Result(reader));
    });
    return bad;
  }

  [[nodiscard]] bool is_done() const { return folder_.is_done(); }
  // Once it is done.
  [[nodiscard]] std::int64_t documents() const { return folder_.documents(); }
  [[nodiscard]] std::uint64_t bytes_on_disk() const { return folder_.bytes(); }
  void remove() const { folder_.remove(); }

 private:
  struct Done {
    Result result;
    std::int64_t documents = 0;
    std::int64_t text_bytes = 0;
    std::uint64_t bytes_read = 0;
  };

  template <class Work>
  void make_piece(std::size_t piece, const Work& work, ProgressLine& progress) {
    text::BadRecords bad;
    DocumentStream stream(options_.files, folder_.pieces()[piece], options_.read, bad,
                          options_.kept);
    const std::uint64_t bytes_before = bytes_done();
    PieceFolder::Progress done = folder_.progress(piece);
    stream.skip(done.documents);
    Result chunk;
    std::int64_t chunk_bytes = 0;
    const auto write_chunk = [&](bool is_last) {
      refuse_if_changed(options_.files, folder_.pieces()[piece]);
      ByteWriter writer;
      // Reading is ahead of the results: only at the end it is known what belongs to them.
      put(writer, is_last ? bad.counts() : text::BadRecords::Counts());
      std::exchange(chunk, Result()).put_into(writer);
      folder_.write(piece, done.chunks++, done.documents, is_last, writer.take());
      chunk_bytes = 0;
    };
    run_ordered_pipeline(
        options_.threads, [&] { return next_batch(stream); },
        [&](DocumentBatch batch) { return do_work(work, std::move(batch)); },
        [&](Done batch) {
          bad.check_early(options_.max_bad_share, part_of_text(batch.bytes_read));
          done.documents += batch.documents;
          chunk_bytes += batch.text_bytes;
          text_bytes_ += batch.text_bytes;
          chunk.append(std::move(batch.result));
          progress.update(bytes_before + batch.bytes_read, text_bytes_);
          // Of very short documents the results may be larger than the text.
          const std::int64_t size = std::max(chunk_bytes, chunk.bytes() / 2);
          if (size >= options_.pieces.chunk_bytes) write_chunk(false);
        });
    write_chunk(true);
  }

  template <class Work>
  static Done do_work(const Work& work, DocumentBatch batch) {
    interrupt::throw_if_stopped();  // much may have been read ahead
    Done done;
    done.documents = std::ssize(batch.documents);
    for (const SourcedDocument& document : batch.documents)
      done.text_bytes += std::ssize(document.text);
    done.bytes_read = batch.bytes_read;
    done.result = work(std::move(batch));
    return done;
  }

  // Many pieces would take long to look at.
  [[nodiscard]] std::uint64_t least_piece_bytes() const {
    constexpr std::uint64_t kMostPieces = 1000;
    return std::max(options_.pieces.piece_bytes, total_bytes(options_.files) / kMostPieces);
  }

  [[nodiscard]] double part_of_text(std::uint64_t bytes_of_files) const {
    return static_cast<double>(bytes_of_files) / static_cast<double>(total_bytes(options_.files));
  }

  // Of the files, by whichever process.
  [[nodiscard]] std::uint64_t bytes_done() const {
    std::uint64_t bytes = 0;
    for (std::size_t piece = 0; piece < folder_.pieces().size(); ++piece) {
      if (!folder_.is_done(piece)) continue;
      const FileRange& range = folder_.pieces()[piece];
      for (std::size_t file = range.begin; file < range.end; ++file) {
        bytes += options_.files[file].bytes;
      }
    }
    return bytes;
  }

  PieceworkOptions options_;
  PieceFolder folder_;
  std::int64_t text_bytes_ = 0;  // that went through here
};

}  // namespace cram::corpus
