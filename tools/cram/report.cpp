// cram report: write the HTML page of a run anew, also while it is still running.
#include <filesystem>
#include <iostream>

#include "cram/base/error.h"
#include "cram/report/events.h"

#include "command.h"

namespace cram::tool {
namespace {

// The page of a fine-tuning run is another one, of scores.
void refuse_finetuning_run(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / "run.json")) return;
  throw Error(ErrorCode::kUsage, folder.string() + " is a run of `cram finetune`",
              "its report.html is there already; the same `cram finetune` command renews it");
}

}  // namespace

void add_report(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("report", "Write report.html of a run folder.");
  auto folder = std::make_shared<std::string>();
  command->add_option("run", *folder, "The run folder")->required();
  command->callback([folder, &action] {
    action = [folder] {
      refuse_finetuning_run(*folder);
      report::write_html_report(*folder);
      std::cout << *folder << "/report.html\n";
      return 0;
    };
  });
}

}  // namespace cram::tool
