// cram recipe: check, show, compare recipes, and describe what may stand in them.
#include <iostream>
#include <memory>
#include <string>

#include "cram/recipe/load.h"

#include "command.h"

namespace cram::tool {
namespace {

using recipe::Purpose;

// What the subcommands are asked about; each uses its part.
struct Question {
  Purpose purpose = Purpose::kPretraining;
  RecipeArguments arguments;
  std::string left, right;
};

void check(const Question& question) {
  (void)question.arguments.load(question.purpose);
  std::cout << question.arguments.file << ": good\n";
}

void show(const Question& question) {
  std::cout << recipe::to_yaml(question.arguments.load(question.purpose));
}

void diff(const Question& question) {
  const recipe::Recipe left = RecipeArguments{question.left, {}}.load(question.purpose);
  const recipe::Recipe right = RecipeArguments{question.right, {}}.load(question.purpose);
  for (const recipe::Difference& difference : recipe::differences(left, right)) {
    std::cout << difference.key << ": " << difference.left << " -> " << difference.right << '\n';
  }
}

void print_schema(const Question& question) { std::cout << recipe::json_schema(question.purpose); }

void print_template(const Question& question) {
  std::cout << recipe::template_yaml(question.purpose);
}

void print_keys(const Question& question) { std::cout << recipe::help_text(question.purpose); }

class Subcommands {
 public:
  Subcommands(CLI::App& parent, Action& action) : parent_(parent), action_(action) {}

  CLI::App& add(const std::string& name, const std::string& description,
                void (*answer)(const Question& question)) {
    CLI::App* command = parent_.add_subcommand(name, description);
    command->add_flag_callback(
        "--finetune", [question = question_] { question->purpose = Purpose::kFineTuning; },
        "Speak of recipes for fine-tuning");
    command->callback([question = question_, answer, &action = action_] {
      action = [question, answer] {
        answer(*question);
        return 0;
      };
    });
    return *command;
  }

  // What the arguments of any subcommand are read into; there is only one of them on a command
  // line.
  [[nodiscard]] Question& question() { return *question_; }

 private:
  CLI::App& parent_;
  Action& action_;
  std::shared_ptr<Question> question_ = std::make_shared<Question>();
};

}  // namespace

void add_recipe(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("recipe", "Check, show, compare and describe recipes.");
  command->require_subcommand(1);
  Subcommands subcommands(*command, action);
  Question& question = subcommands.question();
  question.arguments.add_to(
      subcommands.add("check", "Report everything that is wrong with a recipe.", check));
  question.arguments.add_to(
      subcommands.add("show", "Print the recipe with base: and key=value resolved.", show));
  subcommands.add("schema", "Print the JSON Schema, for completion in editors.", print_schema);
  subcommands.add("template", "Print every key with its default and what it means.",
                  print_template);
  subcommands.add("keys", "Print every key with type, default and range.", print_keys);
  CLI::App& differ = subcommands.add("diff", "Print the keys in which two recipes differ.", diff);
  differ.add_option("left", question.left)->required();
  differ.add_option("right", question.right)->required();
}

}  // namespace cram::tool
