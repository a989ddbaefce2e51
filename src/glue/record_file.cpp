#include "record_file.h"

#include "cram/base/error.h"

#include "file_shape.h"
#include "json_text.h"
#include "lines.h"
#include "table_reader.h"

namespace cram::glue {
namespace {

using nlohmann::json;

Dialect dialect_of(FileShape shape) {
  return shape == FileShape::kCsv ? Dialect{.delimiter = ',', .quoting = Quoting::kRfc4180}
                                  : Dialect{.delimiter = '\t', .quoting = Quoting::kWholeFields};
}

RecordFile read_table(const std::filesystem::path& path, FileShape shape, const Columns& wanted,
                      LabelColumn label) {
  TableReader table(path, {.dialect = dialect_of(shape), .names = {}});
  RecordFile file{.path = path.string(), .columns = {}, .records = {}};
  file.columns = choose_columns(table.names(), wanted, label, file.path);
  const auto find = [&](const std::string& name) {
    return name.empty() ? std::nullopt : table.find({name});
  };
  const auto first = table.column({file.columns.first});
  const auto second = find(file.columns.second);
  const auto id = find(file.columns.id);
  const auto label_column = find(file.columns.label);
  while (table.next()) {
    Record record;
    record.line = table.line();
    record.first = table.field(first);
    if (second) record.second = table.field(*second);
    record.id = id ? table.field(*id) : std::to_string(file.records.size());
    if (label_column && !table.field(*label_column).empty()) {
      record.label = table.field(*label_column);
    }
    file.records.push_back(std::move(record));
  }
  return file;
}

// The fields of the objects of a .jsonl file.
class ObjectReader {
 public:
  ObjectReader(const std::filesystem::path& path, const Columns& wanted, LabelColumn label)
      : lines_(path), wanted_(wanted), label_(label) {}

  RecordFile read() {
    RecordFile file{.path = lines_.path(), .columns = {}, .records = {}};
    while (auto object = next_object(lines_)) {
      if (file.records.empty()) file.columns = columns_of(*object);
      file.records.push_back(record_of(*object, file));
    }
    return file;
  }

 private:
  [[nodiscard]] Columns columns_of(const json& object) const {
    std::vector<std::string> names;
    for (const auto& member : object.items()) names.push_back(member.key());
    return choose_columns(names, wanted_, label_, lines_.path());
  }

  [[nodiscard]] Record record_of(const json& object, const RecordFile& file) const {
    const Columns& columns = file.columns;
    Record record;
    record.line = lines_.number();
    record.first = text(object, columns.first);
    if (!columns.second.empty()) record.second = text(object, columns.second);
    record.id =
        columns.id.empty() ? std::to_string(file.records.size()) : scalar(object, columns.id);
    if (!columns.label.empty()) {
      std::string label = scalar(object, columns.label);
      if (!label.empty()) record.label = std::move(label);
    }
    return record;
  }

  [[nodiscard]] const json& member(const json& object, const std::string& name) const {
    const auto found = object.find(name);
    if (found != object.end()) return *found;
    throw lines_.error("no member " + shown(name));
  }

  [[nodiscard]] std::string text(const json& object, const std::string& name) const {
    const json& value = member(object, name);
    if (value.is_string()) return value.get<std::string>();
    throw lines_.error(shown(name) + " is " + kind_of(value) + ", not a text");
  }

  // A text, number or boolean as text; null as none.
  [[nodiscard]] std::string scalar(const json& object, const std::string& name) const {
    const json& value = member(object, name);
    if (value.is_string()) return value.get<std::string>();
    if (value.is_null()) return "";
    if (value.is_number() || value.is_boolean()) return value.dump();
    throw lines_.error(shown(name) + " is " + kind_of(value) + ", not a text, number or boolean");
  }

  Lines lines_;
  Columns wanted_;
  LabelColumn label_;
};

}  // namespace

RecordFile read_records(const std::filesystem::path& path, const Columns& wanted,
                        LabelColumn label) {
  const FileShape shape = shape_of(path);
  RecordFile file = shape == FileShape::kJsonl ? ObjectReader(path, wanted, label).read()
                                               : read_table(path, shape, wanted, label);
  if (file.records.empty()) throw Error(ErrorCode::kData, file.path + " has no rows");
  return file;
}

}  // namespace cram::glue
