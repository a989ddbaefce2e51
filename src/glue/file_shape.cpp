#include "file_shape.h"

#include <array>
#include <cctype>

#include "cram/text/sources.h"

#include "json_text.h"

namespace cram::glue {
namespace {

struct Ending {
  std::string_view text;
  FileShape shape;
};
constexpr std::array<Ending, 7> kEndings = {{{".tsv", FileShape::kTsv},
                                             {".csv", FileShape::kCsv},
                                             {".jsonl", FileShape::kJsonl},
                                             {".conll", FileShape::kConll},
                                             {".iob", FileShape::kConll},
                                             {".txt", FileShape::kConll},
                                             {".json", FileShape::kSquad}}};

}  // namespace

FileShape shape_of(const std::filesystem::path& path) {
  std::string name = text::packed_name(path).name;
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const Ending& ending : kEndings) {
    if (name.ends_with(ending.text)) return ending.shape;
  }
  throw Error(ErrorCode::kData, path.string() + ": the name does not say what the file is",
              "read are .tsv, .csv and .jsonl; .conll, .iob and .txt (a word a line); .json "
              "(SQuAD's); each also with .gz, .bz2, .xz or .zst");
}

std::optional<nlohmann::json> next_object(Lines& lines) {
  auto line = lines.next();
  while (line && line->find_first_not_of(" \t") == std::string_view::npos) line = lines.next();
  if (!line) return std::nullopt;
  JsonText parsed = parse_json(*line);
  if (parsed.defect.empty() && !parsed.value.is_object()) {
    parsed.defect = kind_of(parsed.value) + " where an object was expected";
  }
  if (!parsed.defect.empty()) {
    throw lines.error(parsed.defect, "each line must be one JSON object");
  }
  return std::move(parsed.value);
}

}  // namespace cram::glue
