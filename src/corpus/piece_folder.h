// Work on a long text that survives a kill and that several processes share.
//
// The text is cut into pieces: one large file, or several in a row. A process that works
// on a piece holds its lock, and writes what came of it in chunks, each a file that is there as a
// whole or not at all: a kill loses the chunk in hand. Whoever comes next goes on behind the chunks
// that are there. A piece is done when its last chunk is.
//
// Processes on several machines share a folder as long as its file system has locks for all of
// them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cram/base/part.h"

#include "file_range.h"

namespace cram::corpus {

class PieceFolder {
 public:
  // What is there of a piece.
  struct Progress {
    std::size_t chunks = 0;
    std::int64_t documents = 0;  // that they cover
  };

  // Of the results that go to `target`: the folder beside it with ".pieces" at its end.
  PieceFolder(const std::filesystem::path& target, std::vector<FileRange> pieces);

  [[nodiscard]] const std::vector<FileRange>& pieces() const { return pieces_; }

  // Has `make(piece)` make what is missing, beginning with the first piece of the part, except for
  // what other processes are making, for which it waits. Returns when all pieces are done, or
  // `is_needless()`. Throws Interrupted when the process is asked to stop.
  void make_all(const Part& part, const std::function<bool()>& is_needless,
                const std::function<void(std::size_t piece)>& make) const;

  // Looks whether chunks of pieces that are done are damaged, unless another process is at work on
  // them: these pieces are no longer done.
  void remove_damaged() const;
  // Removes a chunk that is damaged, with those behind it.
  [[nodiscard]] Progress progress(std::size_t piece) const;
  // The next chunk of a piece, so that the piece now covers so many documents.
  void write(std::size_t piece, std::size_t chunk, std::int64_t documents, bool is_last,
             std::string_view bytes) const;
  // The chunks of all pieces in order. Throws Error{kData} where one is missing or damaged, after
  // which its piece is no longer done.
  void read_all(const std::function<void(const std::string& bytes)>& take) const;
  // Whether its last chunk is there.
  [[nodiscard]] bool is_done(std::size_t piece) const;
  [[nodiscard]] bool is_done() const;  // all of them
  // That all pieces cover, once they are done.
  [[nodiscard]] std::int64_t documents() const;

  // Of all that is there.
  [[nodiscard]] std::uint64_t bytes() const;

  // With all that is in it.
  void remove() const;
  // Whether nothing was done in such a folder for a week.
  [[nodiscard]] static bool is_forgotten(const std::filesystem::path& folder);

  static constexpr std::string_view kSuffix = ".pieces";

 private:
  // What came of looking at all pieces once.
  struct Round {
    std::size_t missing = 0;  // when they were looked at
    std::size_t made = 0;     // of those, here or by others
    std::string in_use;       // who makes another one
  };

  [[nodiscard]] Round make_free_ones(std::size_t first, const std::function<bool()>& is_needless,
                                     const std::function<void(std::size_t piece)>& make) const;
  // Its number.
  [[nodiscard]] std::optional<std::size_t> last_chunk(std::size_t piece) const;
  void remove_chunks(std::size_t piece, std::size_t first) const;
  // All of a piece's files begin like this, which says what files of text it is of.
  [[nodiscard]] std::string name_of(std::size_t piece) const;
  [[nodiscard]] std::filesystem::path chunk_file(std::size_t piece, std::size_t chunk,
                                                 bool is_last) const;
  [[nodiscard]] std::filesystem::path lock_file(std::size_t piece) const;

  std::filesystem::path folder_;
  std::vector<FileRange> pieces_;
};

}  // namespace cram::corpus
