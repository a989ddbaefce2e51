// The other commands, and what a user gets to see when something is wrong.
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workspace.h"

namespace cram::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

TEST(Help, IsEnoughToNeedNoManual) {
  const Workspace workspace;
  const Finished general = workspace.run(Workspace::command({"--help"}));
  EXPECT_EQ(general.exit_code, 0);
  EXPECT_THAT(general.output,
              AllOf(HasSubstr("pretrain"), HasSubstr("fill-mask"), HasSubstr("Exit codes")));
  const Finished pretrain = workspace.run(Workspace::command({"pretrain", "--help"}));
  EXPECT_EQ(pretrain.exit_code, 0);
  EXPECT_THAT(pretrain.output, AllOf(HasSubstr("--dry-run"), HasSubstr("masking_rate"),
                                     HasSubstr("learning_rate"), HasSubstr("Exit codes")));
}

TEST(Quiet, IsTakenByEverySubcommand) {
  const Workspace workspace;
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"pretrain"},
                                             {"prepare"},
                                             {"finetune"},
                                             {"predict"},
                                             {"evaluate"},
                                             {"fill-mask"},
                                             {"tokenize"},
                                             {"corpus", "stat"},
                                             {"recipe", "check"},
                                             {"report"},
                                             {"doctor"}}) {
    std::vector<std::string> help = command;
    help.insert(help.end(), {"--quiet", "--help"});
    const Finished result = workspace.run(Workspace::command(help));
    EXPECT_EQ(result.exit_code, 0) << command.front();
    EXPECT_THAT(result.output, HasSubstr("--quiet")) << command.front();
  }
  const Finished own = workspace.run({GLUE_FINETUNE_BINARY, "--help", "-q"});
  EXPECT_EQ(own.exit_code, 0);
}

TEST(Usage, EndsWithTwo) {
  const Workspace workspace;
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"fly"},
        {"pretrain"},
        {"pretrain", "--config"},
        {"pretrain", "--config", "recipe.yaml", "--no-such-flag"},
        {"pretrain", "--config", "recipe.yaml", "--json"},
        {"doctor", "--device", "gpu"},
        {"evaluate", "--checkpoint", "x", "--text", "text.txt", "--masking-rate", "nan"},
        {"evaluate", "--checkpoint", "x", "--text", "text.txt", "--bytes", "some"},
        {"fill-mask", "--checkpoint", "x", "--top", "0", "[MASK]"}}) {
    const Finished result = workspace.run(Workspace::command(arguments));
    EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(arguments);
    EXPECT_FALSE(result.errors.empty());
  }
}

TEST(Paths, ThatCannotBeLookedAtAreBadData) {
  const Workspace workspace;
  std::filesystem::create_symlink("loop", workspace.folder / "loop");
  for (const std::string& path : {std::string("loop"), std::string(300, 'a')}) {
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"fill-mask", "--checkpoint", path, "[MASK]"},
             {"import", path, "--output", "out"},
             {"export", "--checkpoint", path, "--output", "out"},
             {"pretrain", "--config", "recipe.yaml", "model.from=" + path}}) {
      const Finished result = workspace.run(Workspace::command(command));
      EXPECT_EQ(result.exit_code, 3) << command.front() << result.errors;
      EXPECT_THAT(result.errors, AllOf(HasSubstr(path), Not(HasSubstr("defect"))))
          << command.front();
    }
  }
}

TEST(Output, ThatIsCutShortIsAnError) {
  const Workspace workspace;
  const std::string program = CRAM_BINARY;
  write_file_atomic(workspace.folder / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n");
  for (const char* arguments : {" recipe schema", " tokenize -t vocab.txt text.txt"}) {
    const Finished result = workspace.run({"/bin/sh", "-c", program + arguments + " >/dev/full"});
    EXPECT_EQ(result.exit_code, 6) << arguments << result.errors;
    EXPECT_THAT(result.errors, HasSubstr("standard output"));
  }
}

// The reader is gone before the program starts, so that no buffer holds what it writes.
TEST(Output, ThatNobodyReadsAnyMoreEndsQuietly) {
  const Workspace workspace;
  write_file_atomic(workspace.folder / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n");
  for (const char* arguments : {" recipe schema", " tokenize -t vocab.txt text.txt"}) {
    std::filesystem::remove(workspace.folder / "gone");
    const std::string wait = "while [ ! -e gone ]; do sleep 0.02; done; ";
    const Finished result = workspace.run({"/bin/sh", "-c",
                                           "{ " + wait + CRAM_BINARY + arguments +
                                               "; echo $? >code; } | { exec <&-; >gone; }; "
                                               "while [ ! -s code ]; do sleep 0.02; done"});
    EXPECT_EQ(workspace.file("code"), "0\n") << arguments;
    EXPECT_EQ(result.errors, "") << arguments;
    std::filesystem::remove(workspace.folder / "code");
  }
}

TEST(Recipe, ReportsAllProblemsAtOnceWithTheirPlaces) {
  const Workspace workspace;
  write_file_atomic(workspace.folder / "bad.yaml",
                    "budget: {time: 20}\nmodle: {layers: 2}\nmodel:\n  layers: many\n");
  const Finished result =
      workspace.run(Workspace::command({"recipe", "check", "--config", "bad.yaml", "seeed=3"}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors,
              AllOf(HasSubstr("bad.yaml:1:"), HasSubstr("bad.yaml:2:1"), HasSubstr("model"),
                    HasSubstr("bad.yaml:4:"), HasSubstr("argument 'seeed=3'"), HasSubstr("seed")));
}

TEST(Recipe, ShowsWhatItResolvesTo) {
  const Workspace workspace;
  const Finished shown = workspace.run(
      Workspace::command({"recipe", "show", "--config", "recipe.yaml", "model.layers=7"}));
  ASSERT_EQ(shown.exit_code, 0) << shown.errors;
  write_file_atomic(workspace.folder / "shown.yaml", shown.output);
  const Finished difference =
      workspace.run(Workspace::command({"recipe", "diff", "recipe.yaml", "shown.yaml"}));
  EXPECT_EQ(difference.output, "model.layers: 2 -> 7\n");
}

TEST(Recipe, HasASchemaForEditors) {
  const Workspace workspace;
  const Finished schema = workspace.run(Workspace::command({"recipe", "schema"}));
  ASSERT_EQ(schema.exit_code, 0);
  EXPECT_TRUE(nlohmann::json::parse(schema.output).at("properties").contains("budget"));
}

TEST(Recipe, HasATemplateThatLoads) {
  const Workspace workspace;
  const Finished text = workspace.run(Workspace::command({"recipe", "template"}));
  write_file_atomic(workspace.folder / "template.yaml", text.output);
  const Finished checked =
      workspace.run(Workspace::command({"recipe", "check", "--config", "template.yaml"}));
  EXPECT_EQ(checked.exit_code, 0) << checked.errors;
}

TEST(DryRun, TellsWhatTheBudgetBuysAndLeavesNoRun) {
  const Workspace workspace;
  const Finished result = workspace.run(Workspace::pretrain({"--dry-run", "--json"}));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto report = nlohmann::json::parse(result.output);
  EXPECT_EQ(report.at("budget_tokens"), 40 * 16 * 32);
  EXPECT_GT(report.at("tokens_per_second"), 0);
  EXPECT_GT(report.at("parameters"), 10'000);
  EXPECT_GT(report.at("free_disk_bytes"), report.at("checkpoint_bytes"));
  EXPECT_EQ(report.at("prepared"), false);
  EXPECT_FALSE(workspace.has("runs/tiny"));
}

TEST(DryRun, CountsTheWeightsThatAreAveraged) {
  const Workspace workspace;
  const auto report = [&](const std::vector<std::string>& settings) {
    std::vector<std::string> arguments = {"--dry-run", "--json"};
    arguments.insert(arguments.end(), settings.begin(), settings.end());
    return nlohmann::json::parse(workspace.run(Workspace::pretrain(arguments)).output);
  };
  const auto plain = report({}), three = report({"averaging.type=latest", "averaging.count=3"});
  const auto weights = 4 * plain.at("parameters").get<std::int64_t>();
  EXPECT_EQ(three.at("checkpoint_bytes").get<std::int64_t>() -
                plain.at("checkpoint_bytes").get<std::int64_t>(),
            3 * weights + 8);  // and a counter
}

TEST(DryRun, CountsTheTextOfAnEpoch) {
  const Workspace workspace;
  const auto tokens = [&](const std::string& epochs) {
    const auto prepare = Workspace::command({"prepare", "--config", "recipe.yaml", epochs});
    EXPECT_EQ(workspace.run(prepare).exit_code, 0);
    const Finished dry = workspace.run(Workspace::pretrain({"--dry-run", "--json", epochs}));
    return nlohmann::json::parse(dry.output).at("training_tokens").get<std::int64_t>();
  };
  EXPECT_EQ(tokens("data.epochs=[2]"), 2 * tokens("data.epochs=[1]"));
}

TEST(DryRun, MakesTheChecksOfTheRealRun) {
  const Workspace workspace;
  const Finished missing =
      workspace.run(Workspace::pretrain({"--dry-run", "data.sources=nowhere"}));
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.errors, HasSubstr("nowhere"));
  EXPECT_EQ(workspace.run(Workspace::pretrain({"--dry-run", "device.type=cuda:99"})).exit_code, 2);
}

TEST(DryRun, ProfilesAnUpdate) {
  const Workspace workspace;
  // Large enough that what is looked for takes its time, whatever else the machine does.
  const Finished result = workspace.run(Workspace::pretrain(
      {"--dry-run", "--profile", "trace.json", "model.layers=8", "tokenizer.vocab_size=8000"}));
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, AllOf(HasSubstr(" tokens/s"), HasSubstr("cram::linear"),
                                   HasSubstr("LossFunction backward")));
  EXPECT_TRUE(workspace.has("trace.json"));
  EXPECT_EQ(workspace.run(Workspace::pretrain({"--profile", "trace.json"})).exit_code, 2)
      << "a real run is not profiled";
  const Finished nowhere =
      workspace.run(Workspace::pretrain({"--dry-run", "--profile", "missing/trace.json"}));
  EXPECT_EQ(nowhere.exit_code, 6);
  EXPECT_THAT(nowhere.errors, HasSubstr("missing/trace.json: the trace could not be written"));
}

TEST(Prepare, MakesTheCorpusAndSaysWhereItIs) {
  const Workspace workspace;
  const auto command = Workspace::command({"prepare", "--config", "recipe.yaml"});
  const Finished first = workspace.run(command);
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  EXPECT_THAT(first.output, AllOf(HasSubstr("training"), HasSubstr("held-out")));
  EXPECT_EQ(workspace.run(command).output, first.output);
}

TEST(Prepare, TellsWhatItLeftOut) {
  const Workspace workspace;
  const std::string text = workspace.file("text.txt");
  write_file_atomic(workspace.folder / "test.tsv",
                    "1\t" + text.substr(0, text.find("\n\n")) + "\n");
  const auto command =
      Workspace::command({"prepare", "--config", "recipe.yaml", "selection.exact_duplicates=true",
                          "selection.decontaminate=test.tsv", "data.sources=[text.txt, more.txt]"});
  write_file_atomic(workspace.folder / "more.txt", text);
  const Finished result = workspace.run(command);
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, ContainsRegex("- contamination +2 .*0.25 %"));
  EXPECT_THAT(result.output, ContainsRegex("- exact duplicate +399 "));
  EXPECT_THAT(result.output, ContainsRegex("of more.txt +0 "));
  EXPECT_THAT(result.output, HasSubstr("corpus.html"));
  EXPECT_EQ(workspace.run(command).output, result.output);
}

TEST(Prepare, EndsWithThreeWhenTheTextIsUnusable) {
  const Workspace workspace;
  write_file_atomic(workspace.folder / "broken.jsonl", "{\"text\": 1}\nnot json\n");
  const Finished result = workspace.run(
      Workspace::command({"prepare", "--config", "recipe.yaml", "data.sources=broken.jsonl"}));
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, HasSubstr("broken.jsonl"));
}

TEST(Tokenize, PrintsTokensAndIds) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain({"budget.steps=1"})).exit_code, 0);
  const auto tokenize = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"tokenize", "--tokenizer", "runs/tiny/model", "line.txt"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return workspace.run(Workspace::command(arguments)).output;
  };
  write_file_atomic(workspace.folder / "line.txt", "The dog sees [MASK].\n");
  EXPECT_THAT(tokenize({}), AllOf(HasSubstr("the dog sees"), Not(HasSubstr("[MASK]"))));
  EXPECT_THAT(tokenize({"--ids"}), testing::MatchesRegex("[0-9 ]+\n"));
}

TEST(Report, KeepsTheOldPageWhenTheRecordIsGone) {
  const Workspace workspace;
  make_folders(workspace.folder / "run");
  write_file_atomic(workspace.folder / "run/events.jsonl", "");
  write_file_atomic(workspace.folder / "run/report.html", "old");
  EXPECT_EQ(workspace.run(Workspace::command({"report", "run"})).exit_code, 3);
  EXPECT_EQ(workspace.file("run/report.html"), "old");
}

TEST(Predicting, RefusesFoldersWithoutAModel) {
  const Workspace workspace;
  const Finished result =
      workspace.run(Workspace::command({"fill-mask", "--checkpoint", ".", "a [MASK]"}));
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, HasSubstr("error: "));
}

TEST(Doctor, SaysWhatWasFound) {
  const Workspace workspace;
  const Finished result = workspace.run(Workspace::command({"doctor"}));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, AllOf(HasSubstr("torch"), HasSubstr("cpu"),
                                   HasSubstr("chosen precision"), HasSubstr("measured")));
}

TEST(Output, IsPlainWhenItIsPiped) {
  const Workspace workspace;
  const Finished result = workspace.run(Workspace::pretrain({"budget.steps=3"}));
  EXPECT_THAT(result.errors, AllOf(Not(HasSubstr("\033")), Not(HasSubstr("\r"))));
  const Finished quiet = workspace.run(Workspace::command(
      {"--quiet", "pretrain", "--config", "recipe.yaml", "name=quiet", "budget.steps=3"}));
  EXPECT_EQ(quiet.errors, "");
  const Finished after = workspace.run(Workspace::pretrain({"name=after", "budget.steps=3", "-q"}));
  EXPECT_EQ(after.errors, "");
}

}  // namespace
}  // namespace cram::test
