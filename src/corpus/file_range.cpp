#include "file_range.h"

namespace cram::corpus {

std::vector<FileRange> cut_into_pieces(const std::vector<text::SourceFile>& files,
                                       std::uint64_t bytes) {
  std::vector<FileRange> pieces;
  FileRange piece;
  std::uint64_t size = 0;
  for (const text::SourceFile& file : files) {
    ++piece.end;
    size += file.bytes;
    if (size < bytes && piece.end < files.size()) continue;
    pieces.push_back(piece);
    piece.begin = piece.end;
    size = 0;
  }
  return pieces;
}

}  // namespace cram::corpus
