#include "cram/corpus/selection_report.h"

#include <nlohmann/json.hpp>

#include "cram/base/error.h"
#include "cram/base/file.h"

namespace cram::corpus {

using nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Amount, documents, bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DropSample, text, detail)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RuleReport, name, dropped, samples)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SourceReport, name, read, packed, tokens)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SelectionReport, sources, rules)

Amount RuleReport::all_dropped() const {
  Amount sum;
  for (const Amount& amount : dropped) sum += amount;
  return sum;
}

Amount SelectionReport::read() const {
  Amount sum;
  for (const SourceReport& source : sources) sum += source.read;
  return sum;
}

Amount SelectionReport::packed() const {
  Amount sum;
  for (const SourceReport& source : sources) sum += source.packed;
  return sum;
}

Amount SelectionReport::kept() const {
  Amount rest = read();
  for (const RuleReport& rule : rules) {
    const Amount dropped = rule.all_dropped();
    rest.documents -= dropped.documents;
    rest.bytes -= dropped.bytes;
  }
  return rest;
}

void SelectionReport::write(const std::filesystem::path& folder) const {
  write_file_atomic(folder / kFileName,
                    json(*this).dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

SelectionReport SelectionReport::read_from(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kFileName;
  try {
    return json::parse(read_file(file)).get<SelectionReport>();
  } catch (const json::exception& error) {
    throw Error(ErrorCode::kData, file.string() + ": " + error.what(),
                "remove its folder and run again to make it anew");
  }
}

}  // namespace cram::corpus
