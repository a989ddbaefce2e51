// cram: trains an encoder language model from raw text within a budget.
#include "program.h"

int main(int argc, char** argv) {
  using namespace cram::tool;
  return run_program(
      {"cram", "Trains a BERT-like language model from raw text within a fixed time.",
       [](CLI::App& app, Action& action) {
         app.require_subcommand(1);
         for (const auto add : {add_pretrain, add_prepare, add_finetune, add_predict, add_evaluate,
                                add_fill_mask, add_study, add_plan, add_export, add_import,
                                add_tokenize, add_corpus, add_recipe, add_report, add_doctor}) {
           add(app, action);
         }
       }},
      argc, argv);
}
