// Finding duplicates on one thread, a pass for each request.
//
// usage: selection_worker DOCUMENTS
//
// DOCUMENTS holds texts, each followed by a NUL. Requests: "exact FILE" and "near FILE", the rules
// of cram/selection/ as `cram prepare` applies them; FILE gets the numbers of the documents that
// go, a line each ("-": nothing is written). Each answer is a line of JSON.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cram/base/clock.h"
#include "cram/base/file.h"
#include "cram/selection/exact_duplicates.h"
#include "cram/selection/near_duplicates.h"

#include "run_tool.h"

namespace cram::bench {
namespace {

using nlohmann::json;

std::vector<std::string> read_documents(const std::string& path) {
  const std::string all = read_file(path);
  std::vector<std::string> documents;
  for (std::size_t start = 0; start < all.size(); start += documents.back().size() + 1) {
    documents.emplace_back(all.c_str() + start);
  }
  return documents;
}

json find(selection::DuplicateRule& rule, const std::vector<std::string>& documents,
          const std::string& path) {
  const MonotonicClock clock;
  std::string dropped;
  std::int64_t count = 0;
  const Seconds start = clock.now();
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (!rule.judge(rule.fingerprint(selection::Document(documents[i])))) continue;
    dropped += std::to_string(i) + "\n";
    ++count;
  }
  const double seconds = (clock.now() - start).count();
  if (path != "-") write_file_atomic(path, dropped);
  return {{"seconds", seconds}, {"dropped", count}};
}

json answer(const std::string& command, const std::vector<std::string>& documents,
            const std::string& path) {
  if (command == "exact") {
    selection::ExactDuplicates rule;
    return find(rule, documents, path);
  }
  if (command == "near") {
    selection::NearDuplicates rule({});
    return find(rule, documents, path);
  }
  throw Error(ErrorCode::kUsage, "unknown command '" + command + "'");
}

void serve(const std::vector<std::string>& documents) {
  std::cout << json{{"documents", documents.size()}}.dump() << std::endl;
  for (std::string command, path; std::cin >> command >> std::ws && std::getline(std::cin, path);) {
    std::cout << answer(command, documents, path).dump() << std::endl;
  }
}

}  // namespace
}  // namespace cram::bench

int main(int argc, char** argv) {
  std::string documents;
  CLI::App app("Finding duplicates on one thread, by request.", "selection_worker");
  app.add_option("documents", documents, "Texts, each followed by a NUL")->required();
  CLI11_PARSE(app, argc, argv);
  return cram::bench::run_tool([&] { cram::bench::serve(cram::bench::read_documents(documents)); });
}
