#include "cram/selection/language.h"

#include <algorithm>
#include <array>
#include <cstdio>  // for CLD2's header

#include <cld2/public/compact_lang_det.h>

#include "cram/base/error.h"
#include "cram/text/utf8.h"

namespace cram::selection {
namespace {

constexpr std::size_t kPieces = 8;
constexpr std::size_t kPieceBytes = 256;
constexpr int kMost = 50;  // percent

// What CLD2 says: of the languages that have most of the letters, in percent of these.
struct Detected {
  std::array<CLD2::Language, 3> languages{};
  std::array<int, 3> percent{};
  int letters = 0;  // bytes of them
  bool sure = false;
};

Detected detect(std::string_view text) {
  Detected found;
  CLD2::ExtDetectLanguageSummary(text.data(), static_cast<int>(text.size()), true,
                                 found.languages.data(), found.percent.data(), &found.letters,
                                 &found.sure);
  return found;
}

// Pieces of the text from its beginning to its end; whole characters.
std::string pieces_of(std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < kPieces; ++i) {
    const std::size_t last = text.size() - kPieceBytes;  // where the last piece begins
    const std::size_t begin = text::utf8_boundary(text, i * last / (kPieces - 1));
    const std::size_t end = text::utf8_boundary(text, begin + kPieceBytes);
    all.append(text.substr(begin, end - begin));
    all += '\n';
  }
  return all;
}

Detected detect_in_pieces(std::string_view text) {
  if (text.size() <= kPieces * kPieceBytes) return detect(text);
  return detect(pieces_of(text));
}

// "de 97 %, en 2 %"
std::string describe(const Detected& found) {
  std::string text;
  for (std::size_t i = 0; i < found.languages.size() && found.percent[i] > 0; ++i) {
    text += (text.empty() ? "" : ", ") + std::string(CLD2::LanguageCode(found.languages[i])) + " " +
            std::to_string(found.percent[i]) + " %";
  }
  return text;
}

int number_of(const std::string& code) {
  const CLD2::Language language = CLD2::GetLanguageFromName(code.c_str());
  if (language != CLD2::UNKNOWN_LANGUAGE && language != CLD2::TG_UNKNOWN_LANGUAGE) return language;
  throw Error(ErrorCode::kUsage,
              "selection.languages: no language that CLD2 knows is '" + code + "'",
              "give codes of ISO 639-1, such as en or de, of three letters where that has none, or "
              "zh-Hant");
}

}  // namespace

Language::Language(const std::vector<std::string>& codes) {
  for (const std::string& code : codes) wanted_.push_back(number_of(code));
}

bool Language::wants(int language) const {
  return std::find(wanted_.begin(), wanted_.end(), language) != wanted_.end();
}

std::optional<Drop> Language::judge(const Document& document) const {
  const Detected found = detect_in_pieces(document.text);
  if (found.letters < kFewestLetters) return std::nullopt;
  int wanted = 0;
  for (std::size_t i = 0; i < found.languages.size(); ++i) {
    if (wants(found.languages[i])) wanted += found.percent[i];
  }
  if (wanted >= kMost) return std::nullopt;
  return Drop{found.sure ? "language: another" : "language: unknown", describe(found)};
}

}  // namespace cram::selection
