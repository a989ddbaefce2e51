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

ExaminedText::ExaminedText(ByteReader& reader) : documents_(reader.get<std::uint64_t>()) {
  for (ExaminedDocument& document : documents_) {
    document.file = reader.get<std::size_t>();
    document.source = reader.get<std::size_t>();
    document.excerpt = Excerpt(reader);
    document.examined = get_examined(reader);
  }
}

void ExaminedText::put_into(ByteWriter& writer) const {
  writer.put(static_cast<std::uint64_t>(documents_.size()));
  for (const ExaminedDocument& document : documents_) {
    writer.put(document.file);
    writer.put(document.source);
    document.excerpt.put_into(writer);
    put(writer, document.examined);
  }
}

void ExaminedText::add(ExaminedDocument document) {
  std::size_t bytes = sizeof document + document.excerpt.beginning.size();
  for (const auto& fingerprint : document.examined.fingerprints) {
    bytes += sizeof fingerprint + fingerprint.size() * sizeof fingerprint[0];
  }
  bytes_ += static_cast<std::int64_t>(bytes);
  documents_.push_back(std::move(document));
}

void ExaminedText::append(ExaminedText next) {
  std::move(next.documents_.begin(), next.documents_.end(), std::back_inserter(documents_));
  bytes_ += next.bytes_;
}

ExaminedText examine(const Selector& selector, const DocumentBatch& batch) {
  ExaminedText result;
  for (const SourcedDocument& document : batch.documents) {
    ExaminedDocument one;
    one.file = document.file;
    one.source = document.source;
    one.examined = selector.examine(document.text);
    const bool may_go = one.examined.drop || !one.examined.fingerprints.empty();
    if (may_go) one.excerpt = Excerpt(document.text);
    one.excerpt.bytes = std::ssize(document.text);
    result.add(std::move(one));
  }
  return result;
}

}  // namespace cram::corpus
