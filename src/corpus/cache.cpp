#include "cache.h"

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/interrupt.h"
#include "cram/base/log.h"

namespace cram::corpus {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<FileLock> wait_for_lock(const fs::path& file) {
  for (bool told = false;; told = true) {
    interrupt::throw_if_stopped();
    try {
      return std::make_unique<FileLock>(file);
    } catch (const FileLock::InUse& in_use) {
      if (!told) log::info(std::string("waiting: ") + in_use.what());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace

std::string problem_of(const std::function<void()>& inspect) {
  try {
    inspect();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

CacheEntry::CacheEntry(fs::path cache, const std::string& name, std::string last_file)
    : folder_(std::move(cache) / name), last_file_(std::move(last_file)) {}

bool CacheEntry::complete() const {
  std::error_code ignored;
  return fs::is_regular_file(folder_ / last_file_, ignored);
}

bool CacheEntry::make(const Inspect& inspect, const Fill& fill) const {
  // Without the lock: a finished cache may be read-only.
  if (complete() && problem_of(inspect).empty()) return false;
  make_folders(folder_.parent_path());
  const std::unique_ptr<FileLock> lock = wait_for_lock(lock_file());
  if (complete()) {
    const std::string problem = problem_of(inspect);
    if (problem.empty()) return false;
    log::warning(problem + "; making it anew");
  }
  remove();
  try {
    make_folders(folder_);
    fill(folder_);
  } catch (...) {
    remove();
    throw;
  }
  return true;
}

bool CacheEntry::make_together(const Inspect& inspect, const Share& share, const Fill& fill) const {
  if (!complete()) {
    make_folders(folder_.parent_path());
    share([this] { return complete(); });
  }
  return make(inspect, fill);
}

void CacheEntry::remove_if_abandoned() const {
  // Whoever makes an entry locks it first: without a lock, the folder is somebody else's.
  if (complete() || !fs::exists(folder_) || !fs::exists(lock_file())) return;
  try {
    const FileLock lock(lock_file());
    if (!complete()) remove();
  } catch (const FileLock::InUse&) {
    // Not abandoned.
  }
}

// Stays for ever: to remove a lock is to let two processes hold it.
fs::path CacheEntry::lock_file() const {
  return folder_.parent_path() / ("." + folder_.filename().string() + ".lock");
}

// The last file goes first: a half-removed entry is not complete.
void CacheEntry::remove() const {
  std::error_code ignored;
  fs::remove(folder_ / last_file_, ignored);
  fs::remove_all(folder_, ignored);
}

}  // namespace cram::corpus
