#include "table_reader.h"

#include <algorithm>

namespace cram::glue {
namespace {

void check_names(const DelimitedReader& header) {
  std::vector<std::string> sorted = header.fields();
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) throw header.error("two columns are called " + shown(*twice));
}

}  // namespace

TableReader::TableReader(const std::filesystem::path& path, const TableForm& form)
    : rows_(path, form.dialect),
      names_(form.names),
      quoting_(form.dialect.quoting),
      misfits_(form.misfits) {
  if (!names_.empty()) return;
  if (!rows_.next()) {
    throw Error(ErrorCode::kData, rows_.path() + " is empty",
                "its first line must name the columns");
  }
  check_names(rows_);
  names_ = rows_.fields();
}

std::optional<std::size_t> TableReader::find(const std::vector<std::string>& names) const {
  for (const std::string& name : names) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found != names_.end()) return static_cast<std::size_t>(found - names_.begin());
  }
  return std::nullopt;
}

std::size_t TableReader::column(const std::vector<std::string>& names) const {
  if (const auto found = find(names)) return *found;
  throw Error(ErrorCode::kData, path() + " has no column called " + any_of(names),
              "its columns are " + all_of(names_));
}

bool TableReader::next() {
  while (rows_.next()) {
    if (rows_.fields().size() == names_.size()) return true;
    if (misfits_ == Misfits::kRefuse) refuse_misfit();
    if (skipped_++ == 0) first_skipped_ = line();
  }
  return false;
}

void TableReader::refuse_misfit() const {
  const std::size_t count = rows_.fields().size();
  throw error(std::to_string(count) + (count == 1 ? " field" : " fields") + " where " +
                  std::to_string(names_.size()) + " were expected",
              quoting_ == Quoting::kWholeFields
                  ? "fields with tabs stand in quote marks; fields with line ends need a .csv file"
                  : "");
}

}  // namespace cram::glue
