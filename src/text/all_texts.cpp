#include "cram/text/all_texts.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "cram/base/error.h"
#include "cram/text/line_reader.h"
#include "cram/text/parquet_table.h"
#include "cram/text/utf8.h"

#include "file_search.h"
#include "lower_case.h"

namespace cram::text {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::array<std::string_view, 6> kEndings = {".tsv",   ".csv",  ".txt",
                                                      ".jsonl", ".json", ".parquet"};

// The ending of a file's name, without its compression; empty where it is none of the above.
std::string_view ending_of(const fs::path& path) {
  const std::string name = lower_case(packed_name(path).name);
  const auto fits = [&](std::string_view ending) { return name.ends_with(ending); };
  const auto* const found = std::find_if(kEndings.begin(), kEndings.end(), fits);
  return found == kEndings.end() ? std::string_view() : *found;
}

bool is_example_file(const fs::path& path) { return !ending_of(path).empty(); }

// Collects the texts of files.
class Texts {
 public:
  void read(const fs::path& path) {
    const std::string_view ending = ending_of(path);
    if (ending == ".parquet") return read_parquet(path);
    if (ending == ".jsonl" || ending == ".json") return read_json(path);
    for_each_line(path,
                  [&](std::string_view line) { ending == ".csv" ? add(line) : add_fields(line); });
  }

  [[nodiscard]] std::vector<std::string> take() { return std::move(texts_); }

 private:
  void add(std::string_view text) {
    if (!text.empty()) texts_.push_back(repair_utf8(text));
  }

  void add_fields(std::string_view line) {
    for (std::size_t start = 0; start <= line.size();) {
      const std::size_t end = std::min(line.find('\t', start), line.size());
      add(line.substr(start, end - start));
      start = end + 1;
    }
  }

  void add_strings(const json& value) {
    if (value.is_string()) return add(value.get_ref<const std::string&>());
    for (const json& item : value) {
      if (item.is_structured() || item.is_string()) add_strings(item);
    }
  }

  void read_parquet(const fs::path& path) {
    for (const std::string& column : parquet_text_columns({path})) {
      for (const std::string& text : read_parquet_texts({path}, column)) add(text);
    }
  }

  // One value, or one a line.
  void read_json(const fs::path& path) {
    std::string all;
    for_each_line(path, [&](std::string_view line) { all.append(line) += '\n'; });
    all = repair_utf8(all);
    if (const json whole = parse(all); !whole.is_discarded()) return add_strings(whole);
    std::int64_t number = 0;
    for (std::size_t start = 0; start < all.size();) {
      const std::size_t end = all.find('\n', start);
      const std::string_view line = std::string_view(all).substr(start, end - start);
      start = end + 1;
      ++number;
      if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
      const json value = parse(line);
      if (value.is_discarded()) {
        throw Error(ErrorCode::kData, path.string() + ":" + std::to_string(number) +
                                          ": neither this line nor the whole file is JSON");
      }
      add_strings(value);
    }
  }

  static json parse(std::string_view text) { return json::parse(text, nullptr, false); }

  template <class Take>
  static void for_each_line(const fs::path& path, const Take& take) {
    LineReader reader(open_bytes(path, packed_name(path).compression), path.string(),
                      std::numeric_limits<std::uint32_t>::max());
    while (const auto line = reader.next()) take(line->text);
    if (!reader.damage().empty()) {
      throw Error(ErrorCode::kData, path.string() + ": " + reader.damage(),
                  "download or write it again");
    }
  }

  std::vector<std::string> texts_;
};

}  // namespace

std::vector<SourceFile> find_example_files(const std::vector<std::string>& paths) {
  return find_files(paths, is_example_file,
                    ".tsv, .csv, .txt, .jsonl and .json, each also with .gz, .bz2, .xz or .zst, "
                    "and .parquet");
}

std::vector<std::string> read_all_texts(const std::vector<SourceFile>& files) {
  Texts texts;
  for (const SourceFile& file : files) texts.read(file.path);
  return texts.take();
}

}  // namespace cram::text
