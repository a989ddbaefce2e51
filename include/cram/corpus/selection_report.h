// selection.json: how much text of each source was read, left out by which rule, and packed.
//
// It lies beside the packed text and, with all but what packing adds, beside the files of
// kept_documents.h. Nothing but people needs it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cram::corpus {

struct Amount {
  std::int64_t documents = 0;
  std::int64_t bytes = 0;  // of text, UTF-8

  Amount& operator+=(const Amount& other) {
    documents += other.documents;
    bytes += other.bytes;
    return *this;
  }
  bool operator==(const Amount&) const = default;
};

struct DropSample {
  std::string text;    // its beginning, on one line
  std::string detail;  // what the rule found
  bool operator==(const DropSample&) const = default;
};

struct RuleReport {
  std::string name;
  std::vector<Amount> dropped;      // of each source; of what is cut out, bytes alone
  std::vector<DropSample> samples;  // a few, drawn evenly

  [[nodiscard]] Amount all_dropped() const;
  bool operator==(const RuleReport&) const = default;
};

struct SourceReport {
  std::string name;
  Amount read;
  Amount packed;            // what was left over
  std::int64_t tokens = 0;  // of it
  bool operator==(const SourceReport&) const = default;
};

struct SelectionReport {
  static constexpr const char* kFileName = "selection.json";

  std::vector<SourceReport> sources;  // in the order of the recipe
  std::vector<RuleReport> rules;      // in the order in which they were asked

  [[nodiscard]] Amount read() const;
  [[nodiscard]] Amount packed() const;
  // Read and not left out.
  [[nodiscard]] Amount kept() const;

  // Durably, and whole or not at all.
  void write(const std::filesystem::path& folder) const;
  // Throws Error{kData} unless the file is there and sound.
  [[nodiscard]] static SelectionReport read_from(const std::filesystem::path& folder);
  bool operator==(const SelectionReport&) const = default;
};

}  // namespace cram::corpus
