// Events with every member set to a value of its own.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cram/report/events.h"

namespace cram::report {

inline Progress sample_progress() {
  return {.step = 1234,
          .tokens = 12'345'678,
          .seconds = 2320,
          .budget_share = 0.42,
          .seconds_left = 3080,
          .loss = 3.21434,
          .learning_rate = 4.2e-4,
          .gradient_norm = 1.25,
          .masking_rate = 0.25,
          .batch_size = 1536,
          .tokens_per_second = 10'512,
          .gemm_share = 0.634,
          .skipped_updates = 0};
}

inline Validation sample_validation() {
  return {.step = 1200,
          .tokens = 12'000'000,
          .seconds = 2300,
          .budget_share = 0.415,
          .loss = 3.1415,
          .accuracy = 0.4242,
          .masked_tokens = 150'000};
}

// With weights that are averaged beside the trained ones.
inline Validation sample_validation_of_both() {
  Validation validation = sample_validation();
  validation.average_loss = 3.0125;
  validation.average_accuracy = 0.4375;
  return validation;
}

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

inline std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::istringstream stream(content_of(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace cram::report
