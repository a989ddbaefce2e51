// What was wrong in the input, counted by kind, with the first places. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cram::text {

// Copies share their counts.
class BadRecords {
 public:
  enum class Kind {
    kInvalidUtf8,   // malformed UTF-8 or a lone surrogate; replaced by U+FFFD, the text is kept
    kNulCharacter,  // U+0000 in the text; replaced likewise
    kBrokenJson,    // a line that is not one JSON object, or names the text field twice
    kMissingField,  // no text field, or its value is no string
    kDamagedFile,   // the rest of a compressed file, or of a row group, that does not decode
    kTooLong,       // a JSON line over its limit
  };
  static constexpr int kKinds = 6;
  // All that was counted, to be kept elsewhere.
  struct Counts {
    std::int64_t good = 0;
    std::int64_t skipped_short = 0;
    struct OfKind {
      std::int64_t count = 0;
      std::vector<std::string> places;  // the first few, with what was wrong there
    };
    std::array<OfKind, kKinds> bad;
  };

  // check_early() says nothing before this many records.
  static constexpr std::int64_t kEarlyRecords = 1000;

  // `place` is "file:line" or "file:row N". Control characters in either text become '?', and long
  // texts are shortened: both may come from hostile input.
  void add(Kind kind, const std::string& place, const std::string& detail);
  void count_good(std::int64_t records = 1);
  // Skipped because they were too short; neither good nor bad.
  void count_short(std::int64_t records = 1);
  // One of which it turns out later that it is too short: it was counted as good.
  void recount_as_short();

  // What was counted elsewhere, as if it came now.
  void add(const Counts& counts);
  [[nodiscard]] Counts counts() const;

  [[nodiscard]] std::int64_t bad() const;
  [[nodiscard]] std::int64_t bad(Kind kind) const;
  [[nodiscard]] std::int64_t good() const;
  [[nodiscard]] std::int64_t skipped_short() const;
  // "3 bad records of 1,234: broken JSON 2 (a.jsonl:17: …; b.jsonl:9: …), invalid UTF-8 1 (…)" with
  // up to three places a kind; empty when none is bad.
  [[nodiscard]] std::string summary() const;

  // Throws Error{kData} when more than `share` of all records (and more than none) are bad.
  void check(double share) const;
  // The same once kEarlyRecords were seen: for a reading loop, which must not stop because the
  // first of many records is bad, nor read for hours what will be refused.
  // Where the records are from a part of the text alone, `read` of all of it, there must be too
  // many of them even if no other is bad.
  void check_early(double share, double read = 1) const;

 private:
  struct State;
  static std::shared_ptr<State> make_state();
  std::shared_ptr<State> state_ = make_state();
};

}  // namespace cram::text
