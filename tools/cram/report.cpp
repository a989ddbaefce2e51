// cram report: write the HTML page of a run anew, also while it is still running.
#include <iostream>

#include "cram/report/events.h"

#include "command.h"

namespace cram::tool {

void add_report(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("report", "Write report.html of a run folder.");
  auto folder = std::make_shared<std::string>();
  command->add_option("run", *folder, "The run folder")->required();
  command->callback([folder, &action] {
    action = [folder] {
      report::write_html_report(*folder);
      std::cout << *folder << "/report.html\n";
      return 0;
    };
  });
}

}  // namespace cram::tool
