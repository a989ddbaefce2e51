// result.json of a job: its scores, and what its model gets wrong.
#pragma once

#include <filesystem>
#include <optional>

#include "cram/finetune/job.h"

namespace cram::finetune {

// Durably, and whole or not at all.
void write_job_result(const std::filesystem::path& file, const JobResult& result);
// Nothing where there is no such file. Throws Error{kData} when it is damaged.
[[nodiscard]] std::optional<JobResult> read_job_result(const std::filesystem::path& file);

}  // namespace cram::finetune
