// glue-finetune: what `cram finetune` does, as a program of its own.
#include "program.h"

int main(int argc, char** argv) {
  return cram::tool::run_program(
      {"glue-finetune", "Fine-tunes a pretrained encoder on GLUE, or on your own labelled data.",
       cram::tool::add_finetune_options},
      argc, argv);
}
