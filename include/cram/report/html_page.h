// Pieces of the pages that cram writes: one file each, without a network, light or dark as the
// reader's system is, on a phone as on a desktop.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cram::report {

// Text made safe to stand in HTML and SVG, in elements and in attributes: escapes markup, drops
// control characters and replaces bytes that are not UTF-8.
[[nodiscard]] std::string html_text(std::string_view text);

using TableRow = std::vector<std::string>;

// A table of texts, which are escaped; an empty string when there are no rows. Without `heads`, the
// first cell of each row is its head.
[[nodiscard]] std::string html_table(const TableRow& heads, const std::vector<TableRow>& rows);

// A count in a histogram, with what is counted.
struct HtmlBar {
  std::string label;
  std::int64_t count = 0;
};

// A table of them, with bars as long as their shares of the largest; empty when there are none.
[[nodiscard]] std::string html_bars(const std::vector<HtmlBar>& bars);

// A heading, which is escaped, and the HTML below it; an empty string when that is empty.
[[nodiscard]] std::string html_section(const std::string& title, const std::string& body);

// A complete page: a title and a line below it, which are escaped, and HTML. The style sheet knows
// what the functions here and svg_chart() return, and these classes: "boxes" for a grid of
// <figure>; "matrix" for a table of counts whose cells are "right" or "wrong" and as strong as
// their custom property --share, 0 to 1; "soft" for what matters less.
[[nodiscard]] std::string html_page(const std::string& title, const std::string& lead,
                                    const std::string& body);

}  // namespace cram::report
