#include "word_splitter.h"

namespace cram::tokenizer {

WordSplitter::WordSplitter(const BertNormalization& options)
    : options_(options),
      map_(options),
      lowercase_mask_(options.lowercase ? text::EightBytes::kLowercase : 0) {
  byte_fates_.fill(CharacterFate::kContext);
  for (unsigned char byte = 0; byte < 0x80; ++byte) byte_fates_[byte] = map_[byte].fate;
}

}  // namespace cram::tokenizer
