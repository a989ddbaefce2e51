#include <algorithm>
#include <cstddef>

#include "cram/base/units.h"
#include "cram/report/html_page.h"

namespace cram::report {
namespace {

std::string cell(const std::string& text, bool is_head) {
  const std::string name = is_head ? "th" : "td";
  return "<" + name + ">" + html_text(text) + "</" + name + ">";
}

}  // namespace

std::string html_table(const TableRow& heads, const std::vector<TableRow>& rows) {
  if (rows.empty()) return "";
  std::string html = "<div class=\"wide\"><table>\n";
  if (!heads.empty()) {
    html += "<tr>";
    for (const std::string& head : heads) html += cell(head, true);
    html += "</tr>\n";
  }
  for (const TableRow& row : rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) html += cell(row[i], heads.empty() && i == 0);
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string html_bars(const std::vector<HtmlBar>& bars) {
  if (bars.empty()) return "";
  std::int64_t largest = 1;
  for (const HtmlBar& bar : bars) largest = std::max(largest, bar.count);
  std::string html = "<div class=\"wide\"><table class=\"bars\">\n";
  for (const HtmlBar& bar : bars) {
    const double share = static_cast<double>(bar.count) / static_cast<double>(largest);
    html += "<tr>" + cell(bar.label, true) + cell(format_count(bar.count), false) +
            "<td><div style=\"--share: " + format_fixed(share, 4) + "\"></div></td></tr>\n";
  }
  return html + "</table></div>\n";
}

}  // namespace cram::report
