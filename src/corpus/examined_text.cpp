#include "examined_text.h"

#include <iterator>
#include <utility>

namespace cram::corpus {
namespace {

using selection::Selector;

void put(ByteWriter& writer, const Selector::Examined& examined) {
  writer.put(examined.drop.has_value());
  if (examined.drop) {
    writer.put_text(examined.drop->rule);
    writer.put_text(examined.drop->detail);
  }
  writer.put(static_cast<std::uint64_t>(examined.fingerprints.size()));
  for (const auto& fingerprint : examined.fingerprints) writer.put_list(fingerprint);
}

Selector::Examined get_examined(ByteReader& reader) {
  Selector::Examined examined;
  if (reader.get<bool>()) {
    examined.drop.emplace();
    examined.drop->rule = reader.get_text();
    examined.drop->detail = reader.get_text();
  }
  examined.fingerprints.resize(reader.get<std::uint64_t>());
  for (auto& fingerprint : examined.fingerprints) fingerprint = reader.get_list<std::uint32_t>();
  return examined;
}

}  // namespace

ExaminedText::ExaminedText(ByteReader& reader) : documents(reader.get<std::uint64_t>()) {
  for (ExaminedDocument& document : documents) {
    document.file = reader.get<std::size_t>();
    document.source = reader.get<std::size_t>();
    document.excerpt = Excerpt(reader);
    document.examined = get_examined(reader);
  }
}

void ExaminedText::put_into(ByteWriter& writer) const {
  writer.put(static_cast<std::uint64_t>(documents.size()));
  for (const ExaminedDocument& document : documents) {
    writer.put(document.file);
    writer.put(document.source);
    document.excerpt.put_into(writer);
    put(writer, document.examined);
  }
}

void ExaminedText::append(ExaminedText next) {
  std::move(next.documents.begin(), next.documents.end(), std::back_inserter(documents));
}

ExaminedText examine(const Selector& selector, const DocumentBatch& batch) {
  ExaminedText result;
  for (const SourcedDocument& document : batch.documents) {
    ExaminedDocument& one = result.documents.emplace_back();
    one.file = document.file;
    one.source = document.source;
    one.examined = selector.examine(document.text);
    const bool may_go = one.examined.drop || !one.examined.fingerprints.empty();
    if (may_go) one.excerpt = Excerpt(document.text);
    one.excerpt.bytes = std::ssize(document.text);
  }
  return result;
}

}  // namespace cram::corpus
