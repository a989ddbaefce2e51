// The normalisation rules inside a SentencePiece model: a Darts-clone double array over UTF-8,
// whose values point into a table of NUL-terminated replacements.
#pragma once

#include <string>
#include <string_view>

namespace cram::tokenizer {

// SentencePiece follows these rules without looking: an index outside the arrays would be read as
// it stands. Throws Error{kData}, with `name` in it, unless every walk that any text can take stays
// inside. An empty map is fine.
void check_charsmap(std::string_view charsmap, const std::string& name);

}  // namespace cram::tokenizer
