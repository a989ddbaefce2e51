#include "piecework.h"

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/units.h"

namespace cram::corpus {

void require_room(const std::filesystem::path& folder, std::uint64_t needed, std::uint64_t there,
                  const std::string& purpose) {
  const std::uint64_t free = free_disk_bytes(folder);
  if (needed <= free + there) return;
  throw Error(ErrorCode::kStorage,
              folder.string() + ": " + purpose + ", about " +
                  format_bytes(static_cast<std::int64_t>(needed - there)) +
                  " are needed, the disk has " + format_bytes(static_cast<std::int64_t>(free)) +
                  " left",
              "free some space or set data.cache to a folder on another disk");
}

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
