// The keys at the top level, and the budget.
#include "section_builder.h"

namespace cram::recipe {
namespace {

// Ten years: longer ones are slips of the pen.
constexpr double kLongestRun = 10 * 365 * 86400.0;

bool is_folder_name(std::string_view text) {
  if (text.size() > 128 || text.front() == '.' || text.front() == '-') return false;
  return text.find_first_of("/\\") == std::string_view::npos && text.front() != ' ' &&
         text.back() != ' ';
}

constexpr TextForm kFolderName = {"a folder name without '/' that does not start with '.' or '-'",
                                  "^[^./\\\\ -]([^/\\\\]{0,126}[^/\\\\ ])?$", is_folder_name};

}  // namespace

std::vector<Section> run_sections(Purpose purpose) {
  const bool pretraining = purpose == Purpose::kPretraining;
  Section top =
      SectionBuilder<Recipe>("", {}, "the run", Decides::kNothing)
          .add("name", &Recipe::name, text_like(kFolderName),
               "names the run: its folder is runs_folder/name")
          .add("runs_folder", &Recipe::runs_folder, text(),
               "folder of all runs; paths in a recipe are relative to the working folder")
          .add("seed", &Recipe::seed, count(0),
               pretraining ? "decides initial weights, order and masks; held-out documents and "
                             "their masks are the same for all"
                           : "of the first time that a task is done: decides the weights of its "
                             "head, order and dropout")
          .deciding(pretraining ? Decides::kState : Decides::kResult)
          .build();
  if (!pretraining) return {std::move(top)};
  Section budget =
      SectionBuilder<Budget>("budget", {&Recipe::budget},
                             "how long to train: exactly one of the three; learning rate, batch "
                             "size and masking rate follow the share of it that is spent")
          .add("time", &Budget::time, duration(Range::between(1, kLongestRun)),
               "training time, cumulative over restarts; preparing text is not counted")
          .add("steps", &Budget::steps, count(1), "optimizer updates; repeatable to the byte")
          .add("tokens", &Budget::tokens, count(1), "input tokens, such as 500M")
          .build();
  return {std::move(top), std::move(budget)};
}

}  // namespace cram::recipe
