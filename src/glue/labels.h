// Labels and scores as they stand in files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cram::glue {

// A whole text that is one finite decimal number: "3", "-0.5", "1e3".
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

// A whole text that is written as a number, but is none to count with: "nan", "-inf", "1e999".
[[nodiscard]] bool is_broken_number(std::string_view text);

[[nodiscard]] std::optional<int> find_label(const std::vector<std::string>& labels,
                                            std::string_view label);

// Each once, sorted: by value where all are numbers, else by byte.
[[nodiscard]] std::vector<std::string> sorted_labels(std::vector<std::string> labels);

}  // namespace cram::glue
