#include "cram/report/html_page.h"

#include "page_style.h"

namespace cram::report {

std::string html_section(const std::string& title, const std::string& body) {
  return body.empty() ? "" : "<h2>" + html_text(title) + "</h2>\n" + body;
}

std::string html_page(const std::string& title, const std::string& lead, const std::string& body) {
  const std::string name = html_text(title);
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
      name + "</title>\n<style>";
  html += kPageStyle;
  html += "</style>\n</head>\n<body>\n<h1>" + name + "</h1>\n<p class=\"lead\">" + html_text(lead) +
          "</p>\n";
  return html + body + "</body>\n</html>\n";
}

}  // namespace cram::report
