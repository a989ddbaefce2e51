#include "cram/corpus/corpus_page.h"

#include <algorithm>
#include <utility>

#include "cram/base/file.h"
#include "cram/base/units.h"
#include "cram/report/html_page.h"

namespace cram::corpus {
namespace {

using report::html_section;
using report::html_table;
using report::html_text;
using report::TableRow;

std::string percent(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return "";
  return format_fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole), 2) + " %";
}

std::string bytes_per_token(std::int64_t bytes, std::int64_t tokens) {
  if (tokens == 0) return "";
  return format_fixed(static_cast<double>(bytes) / static_cast<double>(tokens), 2);
}

TableRow source_row(const SourceReport& source) {
  return {source.name,
          format_count(source.read.documents),
          format_bytes(source.read.bytes),
          format_count(source.packed.documents),
          percent(source.packed.documents, source.read.documents),
          format_bytes(source.packed.bytes),
          format_count(source.tokens),
          bytes_per_token(source.packed.bytes, source.tokens)};
}

std::string sources_table(const SelectionReport& report) {
  std::vector<TableRow> rows;
  SourceReport all = {.name = "all", .read = report.read(), .packed = report.packed()};
  for (const SourceReport& source : report.sources) {
    rows.push_back(source_row(source));
    all.tokens += source.tokens;
  }
  if (rows.size() > 1) rows.push_back(source_row(all));
  return html_table({"source", "documents read", "text read", "documents packed", "share",
                     "text packed", "tokens", "bytes a token"},
                    rows);
}

// With a column for each source where there are several.
std::string rules_table(const SelectionReport& report) {
  TableRow heads = {"rule", "documents left out", "share", "text"};
  const bool several = report.sources.size() > 1;
  for (const SourceReport& source : report.sources) {
    if (several) heads.push_back("of " + source.name);
  }
  std::vector<TableRow> rows;
  for (const RuleReport& rule : report.rules) {
    const Amount dropped = rule.all_dropped();
    TableRow& row = rows.emplace_back();
    row = {rule.name, format_count(dropped.documents),
           percent(dropped.documents, report.read().documents), format_bytes(dropped.bytes)};
    for (const Amount& of_source : rule.dropped) {
      if (several) row.push_back(format_count(of_source.documents));
    }
  }
  return html_table(heads, rows);
}

std::string samples(const SelectionReport& report) {
  std::string html;
  for (const RuleReport& rule : report.rules) {
    if (rule.samples.empty()) continue;
    std::vector<TableRow> rows;
    for (const DropSample& sample : rule.samples) rows.push_back({sample.detail, sample.text});
    html += "<h3>" + html_text(rule.name) + "</h3>" +
            html_table({"found", "beginning of the text"}, rows);
  }
  return html;
}

TableRow split_row(const char* name, const SplitSummary& split, std::int64_t sequence_length) {
  return {name, format_count(split.documents), format_count(split.sequences),
          format_count(split.sequences * sequence_length)};
}

std::string splits_table(const Manifest& manifest) {
  const auto length = static_cast<std::int64_t>(manifest.layout.sequence_length);
  return html_table({"split", "documents", "sequences of " + format_count(length), "tokens"},
                    {split_row("training", manifest.training, length),
                     split_row("held-out", manifest.held_out, length)});
}

std::string reading_table(const TextSummary& text) {
  std::vector<TableRow> rows = {
      {"[UNK]", percent(text.unknown_tokens, text.tokens) + " of the tokens"},
      {"cleaned of what nobody sees", format_count(text.cleaned_documents)},
      {"left out as too short", format_count(text.short_records)},
      {"left out without a token", format_count(text.empty_documents)}};
  if (!text.bad_summary.empty()) rows.push_back({"repaired or unreadable", text.bad_summary});
  return html_table({}, rows);
}

using report::HtmlBar;

// Without the empty ends.
std::string histogram(std::vector<HtmlBar> bars) {
  const auto filled = [](const HtmlBar& bar) { return bar.count > 0; };
  bars.erase(bars.begin(), std::find_if(bars.begin(), bars.end(), filled));
  while (!bars.empty() && !filled(bars.back())) bars.pop_back();
  return report::html_bars(bars);
}

std::string lengths_histogram(const TextStatistics& statistics) {
  std::vector<HtmlBar> bars;
  for (std::size_t k = 0; k < TextStatistics::kLengths; ++k) {
    bars.push_back({"from " + format_count(std::int64_t{1} << k), statistics.lengths()[k]});
  }
  return histogram(std::move(bars));
}

std::string fertilities_histogram(const TextStatistics& statistics) {
  std::vector<HtmlBar> bars;
  for (std::size_t k = 0; k < TextStatistics::kFertilities; ++k) {
    bars.push_back(
        {"from " + format_fixed(1 + static_cast<double>(k) / 10, 1), statistics.fertilities()[k]});
  }
  return histogram(std::move(bars));
}

std::string vocabulary_table(const Manifest& manifest, const TextStatistics& statistics) {
  const auto size = static_cast<std::int64_t>(manifest.layout.vocab_size);
  std::vector<TableRow> rows;
  for (const std::int64_t times : {1, 10, 100, 1000}) {
    const std::int64_t tokens = statistics.tokens_that_occur(times);
    rows.push_back({format_count(times) + (times == 1 ? " time" : " times"), format_count(tokens),
                    percent(tokens, size)});
  }
  return html_table({"occur at least", "tokens", "of the vocabulary"}, rows);
}

std::string times_table(const std::vector<StageTime>& stages) {
  std::vector<TableRow> rows;
  for (const StageTime& stage : stages) rows.push_back({stage.name, format_clock(stage.time)});
  return html_table({}, rows);
}

std::string lead(const Manifest& manifest, const SelectionReport& report) {
  return format_count(report.packed().documents) + " of " + format_count(report.read().documents) +
         " documents, " + format_short(static_cast<double>(manifest.text.tokens)) +
         " tokens, corpus " + manifest.key();
}

}  // namespace

std::string render_corpus_page(const Manifest& manifest, const SelectionReport& report,
                               const TextStatistics& statistics,
                               const std::vector<StageTime>& stages) {
  return report::html_page(
      "Corpus", lead(manifest, report),
      html_section("Sources", sources_table(report)) +
          html_section("What was left out", rules_table(report)) +
          html_section("Samples of it", samples(report)) +
          html_section("What was packed", splits_table(manifest)) +
          html_section("Documents by tokens", lengths_histogram(statistics)) +
          html_section("Documents by tokens a word", fertilities_histogram(statistics)) +
          html_section("Vocabulary", vocabulary_table(manifest, statistics)) +
          html_section("Reading", reading_table(manifest.text)) +
          html_section("Time", times_table(stages)));
}

std::filesystem::path write_corpus_page(const Prepared& prepared) {
  const std::filesystem::path& folder = prepared.corpus_folder;
  const std::filesystem::path page = folder / "corpus.html";
  if (prepared.stages.empty() && std::filesystem::exists(page)) return page;
  write_file_atomic(page,
                    render_corpus_page(Manifest::read(folder), SelectionReport::read_from(folder),
                                       TextStatistics::read_from(folder), prepared.stages));
  return page;
}

}  // namespace cram::corpus
