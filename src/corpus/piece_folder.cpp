#include "piece_folder.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/interrupt.h"
#include "cram/base/log.h"

#include "checked_file.h"

namespace cram::corpus {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kForgottenAfter{7 * 24};

// At least five.
std::string digits(std::size_t value) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%05zu", value);
  return text.data();
}

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

// Nothing where it is damaged.
std::optional<CheckedItems> find_chunk(const fs::path& file) {
  try {
    return read_checked(file);
  } catch (const Error& error) {
    log::warning(error.what());
    return std::nullopt;
  }
}

}  // namespace

PieceFolder::PieceFolder(const fs::path& target, std::vector<FileRange> pieces)
    : folder_(target.string() + std::string(kSuffix)), pieces_(std::move(pieces)) {}

void PieceFolder::make_all(const Part& part, const std::function<bool()>& is_needless,
                           const std::function<void(std::size_t piece)>& make) const {
  const std::size_t first = pieces_.size() * part.number / part.count;
  for (bool told = false;;) {
    const Round round = make_free_ones(first, is_needless, make);
    if (round.missing == 0) return;
    if (round.made > 0) continue;
    if (!std::exchange(told, true)) log::info("waiting: " + round.in_use);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

PieceFolder::Round PieceFolder::make_free_ones(
    std::size_t first, const std::function<bool()>& is_needless,
    const std::function<void(std::size_t piece)>& make) const {
  Round round;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    interrupt::throw_if_stopped();
    const std::size_t piece = (first + i) % pieces_.size();
    if (is_needless()) return {};
    if (is_done(piece)) continue;
    ++round.missing;
    make_folders(folder_);
    try {
      const FileLock lock(lock_file(piece));
      // Another process may have come first, and removed the folder when all was done.
      if (is_needless()) return {};
      if (!is_done(piece)) make(piece);
      ++round.made;
    } catch (const FileLock::InUse& error) {
      round.in_use = error.what();
    } catch (const Error&) {
      // Whoever ended the work, well or not, took the folder away meanwhile.
      if (is_there(folder_)) throw;
      ++round.made;
    }
  }
  return round;
}

void PieceFolder::remove_damaged() const {
  for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
    interrupt::throw_if_stopped();
    if (!is_done(piece)) continue;
    try {
      const FileLock lock(lock_file(piece));
      (void)progress(piece);
    } catch (const Error&) {
      // Another process has it, or took the folder away.
    }
  }
}

PieceFolder::Progress PieceFolder::progress(std::size_t piece) const {
  Progress progress;
  for (;; ++progress.chunks) {
    const bool is_last = is_there(chunk_file(piece, progress.chunks, true));
    const fs::path file = chunk_file(piece, progress.chunks, is_last);
    if (!is_there(file)) return progress;
    const std::optional<CheckedItems> chunk = find_chunk(file);
    if (!chunk) break;
    progress.documents = chunk->count;
  }
  remove_chunks(piece, progress.chunks);
  return progress;
}

void PieceFolder::remove_chunks(std::size_t piece, std::size_t first) const {
  for (std::size_t chunk = first;; ++chunk) {
    const bool removed_last = fs::remove(chunk_file(piece, chunk, true));
    if (!fs::remove(chunk_file(piece, chunk, false)) && !removed_last) return;
  }
}

void PieceFolder::write(std::size_t piece, std::size_t chunk, std::int64_t documents, bool is_last,
                        std::string_view bytes) const {
  write_checked(chunk_file(piece, chunk, is_last), documents, bytes);
}

void PieceFolder::read_all(const std::function<void(const std::string& bytes)>& take) const {
  for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
    for (std::size_t chunk = 0;; ++chunk) {
      interrupt::throw_if_stopped();
      const bool is_last = is_there(chunk_file(piece, chunk, true));
      const fs::path file = chunk_file(piece, chunk, is_last);
      const std::optional<CheckedItems> items = find_chunk(file);
      if (!items) {
        remove_chunks(piece, chunk);
        throw Error(ErrorCode::kData, file.string() + ": damaged, and now removed",
                    "run again to make it anew");
      }
      take(items->bytes);
      if (is_last) break;
    }
  }
}

std::optional<std::size_t> PieceFolder::last_chunk(std::size_t piece) const {
  for (std::size_t chunk = 0;; ++chunk) {
    if (is_there(chunk_file(piece, chunk, true))) return chunk;
    if (!is_there(chunk_file(piece, chunk, false))) return std::nullopt;
  }
}

bool PieceFolder::is_done(std::size_t piece) const { return last_chunk(piece).has_value(); }

bool PieceFolder::is_done() const {
  for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
    if (!is_done(piece)) return false;
  }
  return true;
}

std::int64_t PieceFolder::documents() const {
  std::int64_t documents = 0;
  for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
    documents += count_checked(chunk_file(piece, last_chunk(piece).value_or(0), true));
  }
  return documents;
}

void PieceFolder::remove() const {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::uint64_t PieceFolder::bytes() const {
  std::uint64_t sum = 0;
  std::error_code gone;
  for (const fs::directory_entry& item : fs::directory_iterator(folder_, gone)) {
    const std::uintmax_t bytes = item.file_size(gone);
    if (!gone) sum += bytes;
  }
  return sum;
}

bool PieceFolder::is_forgotten(const fs::path& folder) {
  std::error_code gone;
  const auto last_change = fs::last_write_time(folder, gone);
  return !gone && fs::file_time_type::clock::now() - last_change > kForgottenAfter;
}

std::string PieceFolder::name_of(std::size_t piece) const {
  return digits(pieces_[piece].begin) + "-" + digits(pieces_[piece].end);
}

fs::path PieceFolder::chunk_file(std::size_t piece, std::size_t chunk, bool is_last) const {
  return folder_ / (name_of(piece) + "." + digits(chunk) + (is_last ? ".1.last" : ".1.chunk"));
}

fs::path PieceFolder::lock_file(std::size_t piece) const {
  return folder_ / ("." + name_of(piece) + ".lock");
}

}  // namespace cram::corpus
