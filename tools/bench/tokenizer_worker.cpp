// WordPiece on one thread, a pass for each request: documents that were read before are cut into
// ids, or a vocabulary is learned from them.
//
// Requests: "dump FILE" (the documents, each followed by a NUL), "load FILE" (a vocab.txt to cut
// with), "encode FILE" ("-" or a file for the ids, uint32), "train FILE" (the vocabulary, a token a
// line). Each answer is a line of JSON.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cram/base/clock.h"
#include "cram/base/file.h"
#include "cram/text/document.h"
#include "cram/tokenizer/train.h"

#include "run_tool.h"

namespace cram::bench {
namespace {

using nlohmann::json;

// As much of the sources as `most_bytes` allows, in whole documents.
std::vector<std::string> read_documents(const std::vector<std::string>& sources,
                                        std::uint64_t most_bytes) {
  std::vector<std::string> documents;
  text::BadRecords bad;
  std::uint64_t bytes = 0;
  for (const text::SourceFile& file : text::find_sources(sources)) {
    const auto reader = text::open_documents(file, {}, bad);
    while (std::optional<text::Document> document = reader->next()) {
      bytes += document->text.size();
      if (bytes > most_bytes) return documents;
      documents.push_back(std::move(document->text));
    }
  }
  return documents;
}

class Worker {
 public:
  Worker(std::vector<std::string> documents, std::int64_t vocab_size)
      : documents_(std::move(documents)), vocab_size_(vocab_size) {
    for (const std::string& document : documents_) bytes_ += document.size();
  }

  [[nodiscard]] json facts() const {
    return {{"documents", documents_.size()}, {"bytes", bytes_}, {"vocab_size", vocab_size_}};
  }

  void dump(const std::string& path) const {
    FileWriter file(path);
    for (const std::string& document : documents_)
      file.write(document.c_str(), document.size() + 1);
    file.close();
  }

  void load(const std::string& path) { tokenizer_ = tokenizer::load_tokenizer(path, {}); }

  [[nodiscard]] json encode(const std::string& path) const {
    std::vector<tokenizer::TokenId> ids;
    const Seconds start = clock_.now();
    for (const std::string& document : documents_) tokenizer_->encode(document, ids);
    const double seconds = (clock_.now() - start).count();
    if (path != "-") {
      FileWriter file(path);
      file.write(ids.data(), ids.size() * sizeof(ids[0]));
      file.close();
    }
    return {{"seconds", seconds}, {"tokens", ids.size()}};
  }

  [[nodiscard]] json train(const std::string& path) const {
    std::size_t next = 0;
    const Seconds start = clock_.now();
    const auto trained = tokenizer::train_tokenizer({.vocab_size = vocab_size_, .threads = 1},
                                                    [&]() -> std::optional<std::string> {
                                                      if (next == documents_.size())
                                                        return std::nullopt;
                                                      return documents_[next++];
                                                    });
    const double seconds = (clock_.now() - start).count();
    std::string tokens;
    for (std::int64_t id = 0; id < trained->vocab_size(); ++id) {
      tokens += std::string(trained->token(static_cast<tokenizer::TokenId>(id))) + "\n";
    }
    write_file_atomic(path, tokens);
    return {{"seconds", seconds}, {"tokens", trained->vocab_size()}};
  }

 private:
  std::vector<std::string> documents_;
  std::uint64_t bytes_ = 0;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_;
  std::int64_t vocab_size_;
  MonotonicClock clock_;
};

void serve(Worker& worker) {
  std::cout << worker.facts().dump() << std::endl;
  for (std::string command, path; std::cin >> command >> std::ws && std::getline(std::cin, path);) {
    json answer = json::object();
    if (command == "dump") {
      worker.dump(path);
    } else if (command == "load") {
      worker.load(path);
    } else if (command == "encode") {
      answer = worker.encode(path);
    } else if (command == "train") {
      answer = worker.train(path);
    } else {
      throw Error(ErrorCode::kUsage, "unknown command '" + command + "'");
    }
    std::cout << answer.dump() << std::endl;
  }
}

}  // namespace
}  // namespace cram::bench

int main(int argc, char** argv) {
  std::vector<std::string> sources;
  std::uint64_t bytes = 0;
  std::int64_t vocab_size = 0;
  CLI::App app("WordPiece on one thread, by request.", "tokenizer_worker");
  app.add_option("--text", sources, "Files, folders and globs of text")->required();
  app.add_option("--bytes", bytes, "How much of it")->required();
  app.add_option("--vocab-size", vocab_size, "Tokens to learn")->required();
  CLI11_PARSE(app, argc, argv);
  return cram::bench::run_tool([&] {
    cram::bench::Worker worker(cram::bench::read_documents(sources, bytes), vocab_size);
    cram::bench::serve(worker);
  });
}
