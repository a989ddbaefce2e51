// The cache: a folder of results, each in a folder of its own that counts only once its last file
// is there. One process makes a result while others that want it wait.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace cram::corpus {

// What the Error says that `inspect` throws; empty when it throws none.
[[nodiscard]] std::string problem_of(const std::function<void()>& inspect);

class CacheEntry {
 public:
  // Throws Error when a complete entry cannot be used.
  using Inspect = std::function<void()>;
  using Fill = std::function<void(const std::filesystem::path&)>;
  using IsComplete = std::function<bool()>;
  using Share = std::function<void(const IsComplete&)>;

  // `last_file` is the file that the maker of the entry writes last, atomically.
  CacheEntry(std::filesystem::path cache, const std::string& name, std::string last_file);

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] bool complete() const;

  // Unless the entry is complete and in order, has `fill` make it in an empty folder. Nothing
  // stays of an attempt that throws. Returns whether there was something to do.
  bool make(const Inspect& inspect, const Fill& fill) const;

  // The same, but before one process fills it all of them work at once: `share` does the part of
  // the work that processes share, and may end as soon as the entry is complete.
  bool make_together(const Inspect& inspect, const Share& share, const Fill& fill) const;

  // Removes what an ended process left unfinished, unless another process is making it right now.
  void remove_if_abandoned() const;

 private:
  [[nodiscard]] std::filesystem::path lock_file() const;
  void remove() const;

  std::filesystem::path folder_;
  std::string last_file_;
};

}  // namespace cram::corpus
