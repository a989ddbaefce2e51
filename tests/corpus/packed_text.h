// Small corpora for tests, packed from documents with the fake tokenizer.
#pragma once

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cram/base/file.h"
#include "cram/corpus/pack.h"
#include "cram/corpus/prepare.h"

#include "corpus/fake_tokenizer.h"
#include "support/temp_folder.h"

namespace cram::test {

// Documents of letters and spaces that differ from one another.
inline std::vector<std::string> make_documents(int count) {
  std::vector<std::string> documents;
  for (int i = 0; i < count; ++i) {
    std::string text = "Document " + std::to_string(i) + " says";
    for (int word = 0; word < 3 + i % 11; ++word) text += " word" + std::to_string(word * i % 17);
    documents.push_back(text + ".");
  }
  return documents;
}

// One document a paragraph.
inline void write_txt(const std::filesystem::path& file,
                      const std::vector<std::string>& documents) {
  std::ofstream out(file);
  for (const std::string& document : documents) out << document << "\n\n";
}

inline std::vector<text::SourceFile> sources(const std::vector<std::filesystem::path>& files) {
  std::vector<text::SourceFile> result;
  for (const auto& file : files) result.push_back(text::source_file(file));
  return result;
}

// A vocabulary for WordPiece of small letters and digits, each alone and as a part of a word.
inline void write_letter_vocabulary(const std::filesystem::path& file) {
  std::ofstream vocabulary(file);
  for (const char* special : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "."}) {
    vocabulary << special << "\n";
  }
  for (const std::string letters = "abcdefghijklmnopqrstuvwxyz0123456789"; const char c : letters) {
    vocabulary << c << "\n##" << c << "\n";
  }
}

// Every file of a folder by name.
inline std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& item : std::filesystem::directory_iterator(folder)) {
    files[item.path().filename().string()] = read_file(item.path());
  }
  return files;
}

// Of two preparations in different caches.
inline void expect_same_bytes(const corpus::Prepared& first, const corpus::Prepared& second) {
  EXPECT_EQ(first.corpus_folder.filename(), second.corpus_folder.filename());
  EXPECT_EQ(contents(first.corpus_folder), contents(second.corpus_folder));
  EXPECT_EQ(contents(first.tokenizer_folder), contents(second.tokenizer_folder));
}

// A corpus of `documents` in a temporary folder.
class PackedText {
 public:
  explicit PackedText(const std::vector<std::string>& documents,
                      const corpus::PackOptions& options = default_options()) {
    write_txt(folder_ / "text.txt", documents);
    make_folders(folder());
    manifest = corpus::pack(sources({folder_ / "text.txt"}), tokenizer, options, folder());
  }

  static corpus::PackOptions default_options() {
    corpus::PackOptions options;
    options.sequence_length = 32;
    options.held_out_share = 0.2;
    return options;
  }

  [[nodiscard]] std::filesystem::path folder() const { return folder_ / "corpus"; }
  [[nodiscard]] std::filesystem::path text_file() const { return folder_ / "text.txt"; }

  FakeTokenizer tokenizer;
  corpus::Manifest manifest;

 private:
  TempFolder folder_;
};

// All sequences of a split, joined.
inline std::vector<corpus::TokenId> read_all(const corpus::Corpus& corpus, corpus::Split split) {
  const auto length = static_cast<std::size_t>(corpus.sequence_length());
  std::vector<corpus::TokenId> all(static_cast<std::size_t>(corpus.sequences(split)) * length);
  for (std::size_t i = 0; i * length < all.size(); ++i) {
    corpus.read(split, static_cast<std::int64_t>(i), std::span(all).subspan(i * length, length));
  }
  return all;
}

}  // namespace cram::test
