// How the work on a long text is cut up, so that processes can share it and a kill costs little.
#pragma once

#include <cstdint>

#include "cram/base/part.h"

namespace cram::corpus {

// None of it changes a byte of the result.
struct PieceOptions {
  Part part;                                            // with which this process begins
  std::uint64_t piece_bytes = std::uint64_t{64} << 20;  // of files, at least: taken on at a time
  std::int64_t chunk_bytes = std::int64_t{32} << 20;    // of text: secured at a time
};

}  // namespace cram::corpus
