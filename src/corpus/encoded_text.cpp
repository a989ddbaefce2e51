#include "encoded_text.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace cram::corpus {
namespace {

using Narrow = std::uint16_t;  // most vocabularies fit

void put(ByteWriter& writer, const EncodedText::Part& part) {
  const bool narrow = std::all_of(part.tokens.begin(), part.tokens.end(), [](TokenId token) {
    return token <= std::numeric_limits<Narrow>::max();
  });
  writer.put(narrow);
  if (narrow) {
    writer.put_list(std::vector<Narrow>(part.tokens.begin(), part.tokens.end()));
  } else {
    writer.put_list(part.tokens);
  }
  writer.put(part.documents);
}

EncodedText::Part get_part(ByteReader& reader) {
  EncodedText::Part part;
  if (reader.get<bool>()) {
    const auto tokens = reader.get_list<Narrow>();
    part.tokens.assign(tokens.begin(), tokens.end());
  } else {
    part.tokens = reader.get_list<TokenId>();
  }
  part.documents = reader.get<std::int64_t>();
  return part;
}

void append(EncodedText::Part& part, const EncodedText::Part& next) {
  part.tokens.insert(part.tokens.end(), next.tokens.begin(), next.tokens.end());
  part.documents += next.documents;
}

}  // namespace

EncodedText::EncodedText(ByteReader& reader) {
  training = get_part(reader);
  held_out = get_part(reader);
  sources = reader.get_list<Source>();
  files = reader.get_list<FileStart>();
  dropped.resize(reader.get<std::uint64_t>());
  for (Dropped& one : dropped) {
    one.source = reader.get<std::size_t>();
    one.document = Excerpt(reader);
    one.detail = reader.get_text();
  }
  statistics = TextStatistics::from_numbers(reader.get_list<std::int64_t>());
  unknown_tokens = reader.get<std::int64_t>();
  empty_documents = reader.get<std::int64_t>();
  cleaned_documents = reader.get<std::int64_t>();
}

void EncodedText::put_into(ByteWriter& writer) const {
  put(writer, training);
  put(writer, held_out);
  writer.put_list(sources);
  writer.put_list(files);
  writer.put(static_cast<std::uint64_t>(dropped.size()));
  for (const Dropped& one : dropped) {
    writer.put(one.source);
    one.document.put_into(writer);
    writer.put_text(one.detail);
  }
  writer.put_list(statistics.to_numbers());
  writer.put(unknown_tokens);
  writer.put(empty_documents);
  writer.put(cleaned_documents);
}

void EncodedText::append(EncodedText next) {
  for (const FileStart& start : next.files) {
    if (!files.empty() && files.back().file == start.file) continue;
    files.push_back({.file = start.file, .token = training.tokens.size() + start.token});
  }
  corpus::append(training, next.training);
  corpus::append(held_out, next.held_out);
  for (std::size_t i = 0; i < next.sources.size(); ++i) {
    source(i).packed += next.sources[i].packed;
    source(i).tokens += next.sources[i].tokens;
  }
  std::move(next.dropped.begin(), next.dropped.end(), std::back_inserter(dropped));
  statistics += next.statistics;
  unknown_tokens += next.unknown_tokens;
  empty_documents += next.empty_documents;
  cleaned_documents += next.cleaned_documents;
}

}  // namespace cram::corpus
