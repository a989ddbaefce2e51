// Text without what nobody sees: one way to write each character, and one kind of space.
#pragma once

#include <string>
#include <string_view>

namespace cram::text {

// Valid UTF-8 to valid UTF-8:
// - out go control and format characters that nobody sees, such as soft hyphens, zero-width spaces,
//   marks of direction and byte-order marks, but for tabs and the joiners U+200C and U+200D; and
//   code points for private use and without a meaning;
// - spaces of all widths and separators of fields become a space, ends of lines, paragraphs and
//   pages a line feed;
// - what is left is composed (Unicode's normalisation form C).
// Cleaning twice changes nothing more.
[[nodiscard]] std::string clean_unicode(std::string_view text);

}  // namespace cram::text
