// One text field out of one JSON object, in a single pass and without building the object.
//
// A general JSON parser refuses, or silently accepts, what corpora hold: lone surrogate escapes,
// NaN, duplicate keys. This one checks the whole grammar (RFC 8259), decodes only the wanted field
// and says what it met. It does not check UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace cram::text {

struct JsonField {
  enum class Status {
    kText,    // `text` is the field's value
    kAbsent,  // a sound object without the field, or the field is no string; `detail` says which
    kBroken,  // not one JSON object; `detail` says what and where
  };
  Status status = Status::kBroken;
  std::string text;
  std::string detail;
  // The field held surrogate escapes without a partner; each became U+FFFD.
  bool lone_surrogates = false;
};

// Deeper nesting is refused as broken.
inline constexpr int kMaxJsonDepth = 256;

// Reads the member called `field` at the top level of `object`. White space may surround the
// object. NaN, Infinity and -Infinity count as numbers, since widespread writers emit them. Naming
// the field twice is broken; other duplicates are not looked at.
[[nodiscard]] JsonField read_json_field(std::string_view object, std::string_view field);

}  // namespace cram::text
