// cram predict: what a fine-tuned model says of texts.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/finetune/loaded_task_model.h"
#include "cram/finetune/prediction_lines.h"
#include "cram/glue/labelled_file.h"
#include "cram/text/utf8.h"

#include "command.h"

namespace cram::tool {
namespace {

struct Options {
  std::string checkpoint;
  std::string task;
  std::vector<std::string> texts;
  std::optional<std::string> second;
  std::string input;
  glue::Columns columns;
  std::string output;
  recipe::Device device;
};

bool is_of_texts(const glue::DataSet& data) {
  return data.problem == glue::Problem::kClassification ||
         data.problem == glue::Problem::kRegression;
}

glue::Split read_file_examples(const Options& options, const glue::DataSet& data) {
  const bool names_columns = !options.columns.first.empty() || !options.columns.second.empty();
  if (names_columns && !is_of_texts(data)) {
    throw Error(ErrorCode::kUsage, "columns are named, but files for " + data.name + " have none");
  }
  glue::DataSet read = glue::read_unlabelled_file(options.input, data.problem, options.columns);
  if (read.pairs == data.pairs) return std::move(read.test.front());
  throw Error(ErrorCode::kData,
              options.input + ": " + (read.pairs ? "pairs of texts" : "single texts") +
                  ", but the model of " + data.name + " reads " +
                  (data.pairs ? "pairs" : "single ones"),
              data.pairs ? "--first-column and --second-column name the columns of a pair"
                         : "--first-column alone names the column of the text");
}

void check_second(const Options& options, const glue::DataSet& data) {
  const bool span = data.problem == glue::Problem::kSpan;
  const bool wanted = data.pairs || span;
  if (wanted == options.second.has_value()) return;
  const std::string what = span         ? "answers from a context"
                           : data.pairs ? "reads pairs of texts"
                                        : "reads single texts";
  throw Error(ErrorCode::kUsage, "the model of " + data.name + " " + what,
              span     ? "give the context with --second"
              : wanted ? "give the second text with --second"
                       : "leave out --second");
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  if (words.empty()) throw Error(ErrorCode::kUsage, "--text holds no words");
  return words;
}

glue::Split read_text_examples(const Options& options, const glue::DataSet& data) {
  check_second(options, data);
  glue::Split split{"test", {}};
  for (const std::string& given : options.texts) {
    const std::string text = text::repair_utf8(given);
    glue::Example& example = split.examples.emplace_back();
    if (data.problem == glue::Problem::kTokenLabels) {
      example.words = words_of(text);
    } else {
      example.first = text;
      example.second = text::repair_utf8(options.second.value_or(""));
    }
  }
  return split;
}

// A regular file appears whole or not at all; a pipe or a device is written to as it is.
void write_lines(const std::string& output, const std::string& lines) {
  namespace fs = std::filesystem;
  const fs::path path = fs::is_symlink(output) ? fs::weakly_canonical(output) : fs::path(output);
  if (!fs::exists(path) || fs::is_regular_file(path)) return write_file_atomic(path, lines);
  std::ofstream stream(path);
  if (!(stream << lines).flush()) {
    throw Error(ErrorCode::kStorage, output + ": cannot be written");
  }
}

int run(const Options& options) {
  const auto folder = finetune::find_task_model(options.checkpoint, options.task);
  const finetune::LoadedTaskModel model = finetune::load_task_model(folder, options.device, {});
  const glue::DataSet data = model.data();
  const glue::Split split =
      options.input.empty() ? read_text_examples(options, data) : read_file_examples(options, data);
  const std::string lines =
      finetune::prediction_lines(finetune::predict_split(model, split, data), split, data);
  if (options.output.empty()) {
    std::cout << lines;
  } else {
    write_lines(options.output, lines);
  }
  return 0;
}

}  // namespace

void add_predict(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "predict", "Predict with a fine-tuned model: one JSON object a line, for each example.");
  auto options = std::make_shared<Options>();
  command
      ->add_option("--checkpoint", options->checkpoint,
                   "The run folder of `cram finetune`, or the model folder of one task in it")
      ->required();
  command->add_option("--task", options->task, "Which of the run's tasks");
  auto* input = command->add_option_group("input", "What to predict");
  auto* text = input->add_option("--text", options->texts,
                                 "A text; repeatable. Of span models: the question; of models of "
                                 "words: split at white space");
  text->allow_extra_args(false);
  auto* file = input->add_option("--input", options->input,
                                 "A file in one of the formats that `cram finetune --train` reads");
  input->require_option(1);
  command
      ->add_option("--second", options->second,
                   "With --text: the second text. Of span models: the context")
      ->needs(text);
  command
      ->add_option("--first-column", options->columns.first, "Column or field of the (first) text")
      ->needs(file);
  command
      ->add_option("--second-column", options->columns.second, "Column or field of the second text")
      ->needs(file);
  command->add_option("--output", options->output, "Write there instead of standard output");
  add_device_option(*command, options->device);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace cram::tool
