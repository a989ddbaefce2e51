#include "piecework.h"

namespace cram::corpus {

void put(ByteWriter& writer, const text::BadRecords::Counts& counts) {
  writer.put(counts.good);
  writer.put(counts.skipped_short);
  for (const auto& kind : counts.bad) {
    writer.put(kind.count);
    writer.put(static_cast<std::uint64_t>(kind.places.size()));
    for (const std::string& place : kind.places) writer.put_text(place);
  }
}

text::BadRecords::Counts get_bad_records(ByteReader& reader) {
  text::BadRecords::Counts counts;
  counts.good = reader.get<std::int64_t>();
  counts.skipped_short = reader.get<std::int64_t>();
  for (auto& kind : counts.bad) {
    kind.count = reader.get<std::int64_t>();
    kind.places.resize(reader.get<std::uint64_t>());
    for (std::string& place : kind.places) place = reader.get_text();
  }
  return counts;
}

}  // namespace cram::corpus
