// cram finetune: a pretrained model on labelled tasks, and how well it does.
#include "command.h"

namespace cram::tool {

void add_finetune(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "finetune",
      "Fine-tune a pretrained model on GLUE, or on your own labelled data, with several seeds, "
      "and\n"
      "print a table. The same command goes on with a run that was interrupted.");
  add_finetune_options(*command, action);
}

}  // namespace cram::tool
