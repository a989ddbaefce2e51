// The last step of every reader: the text of one record becomes the documents that it holds, cut,
// checked, repaired and counted as document.h says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cram/text/bad_records.h"
#include "cram/text/document.h"

namespace cram::text {

// True for text that is empty or all ASCII white space.
[[nodiscard]] bool is_blank(std::string_view text);

// Where to cut a text longer than `max_bytes` >= 4: after the last white space in the final quarter
// of its first `max_bytes`, else between two characters.
[[nodiscard]] std::size_t cut_position(std::string_view text, std::size_t max_bytes);

class DocumentQueue {
 public:
  // Places read "<file>:<unit><number>": `unit` is "" for lines and "row " for rows.
  DocumentQueue(const ReadOptions& options, std::string file, std::string unit, BadRecords& bad);

  // Takes the text of a record, once next() has run dry. A `defect` that was repaired already makes
  // its first document a bad record.
  void put(std::string text, std::int64_t number, std::string defect = "");
  // Counts a record of which no text can be used.
  void refuse(BadRecords::Kind kind, std::int64_t number, const std::string& detail);
  // The next document of the record, then nothing.
  std::optional<Document> next();

  [[nodiscard]] std::size_t max_bytes() const { return max_bytes_; }

 private:
  [[nodiscard]] std::string take_piece();
  void repair(std::string& text);

  std::size_t min_bytes_;
  std::size_t max_bytes_;
  std::string file_;
  std::string unit_;
  BadRecords* bad_;

  bool holds_record_ = false;
  std::string text_;
  std::size_t taken_ = 0;  // bytes of text_ that next() has returned
  std::int64_t number_ = 0;
  std::string defect_;
};

}  // namespace cram::text
