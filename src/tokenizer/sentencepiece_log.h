// SentencePiece reports to standard error on its own. Its public headers lack the switch that its
// library has for that.
#pragma once

namespace sentencepiece::logging {
void SetMinLogLevel(int level);
}

namespace cram::tokenizer {

// Applies to the whole process and is safe from any thread.
inline void silence_sentencepiece() {
  constexpr int kFatal = 3;
  sentencepiece::logging::SetMinLogLevel(kFatal);
}

}  // namespace cram::tokenizer
