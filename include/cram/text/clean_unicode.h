// Text without what nobody sees: one way to write each character, and one kind of space.
#pragma once

#include <string>
#include <string_view>

namespace cram::text {

// Valid UTF-8 to valid UTF-8:
// - out go control and format characters but tab, line feed and the joiners U+200C and U+200D, such
//   as soft hyphens, zero-width spaces, marks of direction and byte-order marks; and code points
//   for private use and without a meaning;
// - spaces of all widths become a space, separators of lines and paragraphs a line feed;
// - what is left is composed (Unicode's normalisation form C).
// Cleaning twice changes nothing more.
[[nodiscard]] std::string clean_unicode(std::string_view text);

}  // namespace cram::text
