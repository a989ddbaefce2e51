#include "drop_tally.h"

#include <algorithm>

#include "cram/base/hash.h"
#include "cram/text/printable.h"

#include "document_stream.h"

namespace cram::corpus {
namespace {

constexpr std::size_t kSamples = 5;
constexpr std::size_t kSampleBytes = 240;

// The beginning of a text, on one line.
std::string first_of(std::string_view text) {
  std::string start(text.substr(0, 2 * kSampleBytes));
  std::replace_if(
      start.begin(), start.end(), [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
  return text::printable(start, kSampleBytes);
}

}  // namespace

Excerpt::Excerpt(std::string_view text)
    : bytes(static_cast<std::int64_t>(text.size())),
      hash(hash64(text)),
      beginning(first_of(text)) {}

Excerpt::Excerpt(ByteReader& reader)
    : bytes(reader.get<std::int64_t>()),
      hash(reader.get<std::uint64_t>()),
      beginning(reader.get_text()) {}

void Excerpt::put_into(ByteWriter& writer) const {
  writer.put(bytes);
  writer.put(hash);
  writer.put_text(beginning);
}

DropTally::DropTally(const std::vector<std::string>& rules, std::size_t sources) {
  for (const std::string& name : rules) {
    rules_.push_back({.name = name, .dropped = std::vector<Amount>(sources), .samples = {}});
  }
}

void DropTally::add(const selection::Drop& drop, std::size_t source, const Excerpt& document) {
  add(drop, source, {.documents = 1, .bytes = document.bytes}, document);
}

void DropTally::add_cut(const selection::Drop& drop, std::size_t source, const Excerpt& cut) {
  add(drop, source, {.documents = 0, .bytes = cut.bytes}, cut);
}

void DropTally::add(const selection::Drop& drop, std::size_t source, const Amount& amount,
                    const Excerpt& excerpt) {
  const auto rule = std::find_if(rules_.begin(), rules_.end(),
                                 [&](const Rule& known) { return known.name == drop.rule; });
  rule->dropped.at(source) += amount;
  offer(rule->samples, excerpt, drop.detail);
}

void DropTally::offer(std::vector<Sample>& samples, const Excerpt& excerpt,
                      const std::string& detail) {
  const auto place = std::lower_bound(samples.begin(), samples.end(), excerpt.hash,
                                      [](const Sample& a, std::uint64_t b) { return a.hash < b; });
  // Of equal texts one is enough to see.
  if (place == samples.end() ? samples.size() == kSamples : place->hash == excerpt.hash) return;
  samples.insert(place, {.hash = excerpt.hash,
                         .sample = {.text = excerpt.beginning,
                                    .detail = text::printable(detail, kSampleBytes)}});
  if (samples.size() > kSamples) samples.pop_back();
}

std::vector<RuleReport> DropTally::reports() const {
  std::vector<RuleReport> reports;
  for (const Rule& rule : rules_) {
    RuleReport& report = reports.emplace_back();
    report.name = rule.name;
    report.dropped = rule.dropped;
    for (const Sample& sample : rule.samples) report.samples.push_back(sample.sample);
  }
  return reports;
}

std::vector<SourceReport> name_sources(const std::vector<std::string>& names,
                                       const std::vector<text::SourceFile>& files) {
  std::vector<SourceReport> sources(count_sources(files));
  for (std::size_t i = 0; i < sources.size() && i < names.size(); ++i) sources[i].name = names[i];
  return sources;
}

}  // namespace cram::corpus
