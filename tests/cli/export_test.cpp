// `cram export` and `cram import` as their users meet them, and the model cards that they pass on.
#include <csignal>
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workspace.h"

namespace cram::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> kBert = {"model.norm_position=post",     "model.gated=false",
                                        "model.attention_bias=true",    "model.positions=learned",
                                        "model.feed_forward_bias=true", "model.segments=2",
                                        "model.final_norm=false",       "model.head_transform=bert",
                                        "model.decoder_bias=true",      "budget.steps=2"};

Finished export_run(const Workspace& workspace, const std::string& output,
                    const std::string& source = "runs/tiny") {
  return workspace.run(Workspace::command({"export", "--checkpoint", source, "--output", output}));
}

TEST(Export, WritesTheModelOfARunWithItsCard) {
  const Workspace workspace;
  const auto pretrain = Workspace::pretrain({"budget.steps=2", "precision.compute=fp32"});
  ASSERT_EQ(workspace.run(pretrain).exit_code, 0);
  const std::string card = workspace.file("runs/tiny/model/README.md");
  EXPECT_THAT(card, AllOf(HasSubstr("# tiny\n"), HasSubstr("| pretraining text | text.txt |"),
                          HasSubstr("| updates | 2 |"), HasSubstr("| precision | Float |"),
                          HasSubstr("| held-out loss | ")));
  const Finished result = export_run(workspace, "deep/out/");
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, AllOf(HasSubstr("2 of width 32"), HasSubstr("WordPiece"),
                                   HasSubstr("no class of transformers")));
  for (const char* name :
       {"config.json", "recipe.yaml", "README.md", "tokenizer.json", "vocab.txt"}) {
    EXPECT_EQ(workspace.file(std::string("deep/out/") + name),
              workspace.file(std::string("runs/tiny/model/") + name))
        << name;
  }
  EXPECT_EQ(export_run(workspace, "deep/out").exit_code, 0) << "replaces a model folder";
  const auto best_guess = [&](const std::string& folder) {
    const auto command =
        Workspace::command({"fill-mask", "--checkpoint", folder, "--json", "The [MASK] dog."});
    return nlohmann::json::parse(workspace.run(command).output).at("masks").at(0).at(0);
  };
  const auto ours = best_guess("runs/tiny"), exported = best_guess("deep/out");
  EXPECT_EQ(exported.at("token"), ours.at("token"));
  // Each command measures which precision is the faster one: they may differ.
  EXPECT_NEAR(exported.at("probability").get<double>(), ours.at("probability").get<double>(), 1e-4);
}

TEST(Export, WritesTheNewestCheckpointOfAnUnfinishedRun) {
  const Workspace workspace;
  Process process(Workspace::pretrain({"budget.steps=100000"}),
                  {.folder = workspace.folder.path(), .file_size_limit = {}});
  ASSERT_TRUE(workspace.wait_until_trained(process));
  process.signal(SIGTERM);
  ASSERT_EQ(process.wait().exit_code, 128 + SIGTERM);
  const Finished result = export_run(workspace, "out");
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(workspace.file("out/README.md"),
              AllOf(HasSubstr("| budget spent | 0.0 % |"),
                    HasSubstr("| pretraining budget | 100,000"), Not(HasSubstr("held-out loss"))));
  EXPECT_EQ(
      workspace.run(Workspace::command({"fill-mask", "--checkpoint", "out", "a [MASK]"})).exit_code,
      0);
  std::filesystem::remove_all(workspace.folder / "data");
  const Finished lost = export_run(workspace, "out");
  EXPECT_EQ(lost.exit_code, 3);
  EXPECT_THAT(lost.errors, HasSubstr("tokenizer of the run"));
}

TEST(Export, WritesTheWeightsThatTheRecipeSays) {
  const Workspace workspace;
  const auto train = [&](const std::string& name, std::vector<std::string> settings) {
    settings.insert(settings.end(), {"name=" + name, "budget.steps=6"});
    const Finished result = workspace.run(Workspace::pretrain(settings));
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return workspace.file("runs/" + name + "/model/model.safetensors");
  };
  const std::string plain = train("plain", {});
  EXPECT_EQ(train("raw", {"averaging.type=ema"}), plain);
  for (const char* type : {"ema", "latest"}) {
    const std::string name = std::string("mean-") + type;
    const std::string mean =
        train(name, {std::string("averaging.type=") + type, "averaging.exported=average"});
    EXPECT_NE(mean, plain);
    // The checkpoint has the average, too.
    std::filesystem::remove_all(workspace.folder / ("runs/" + name + "/model"));
    const Finished exported = export_run(workspace, "out-" + name, "runs/" + name);
    ASSERT_EQ(exported.exit_code, 0) << exported.errors;
    EXPECT_EQ(workspace.file("out-" + name + "/model.safetensors"), mean);
    EXPECT_THAT(workspace.file("out-" + name + "/README.md"), HasSubstr("| weights | averaged"));
  }
}

TEST(Export, TouchesNoFolderThatIsNoModel) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain({"budget.steps=2"})).exit_code, 0);
  for (const char* output : {".", "runs", "runs/tiny", "runs/tiny/model", "text.txt"}) {
    const Finished result = export_run(workspace, output);
    EXPECT_EQ(result.exit_code, 2) << output;
    const auto whole = std::filesystem::weakly_canonical(workspace.folder / output);
    EXPECT_THAT(result.errors, HasSubstr(whole.string()));
  }
  EXPECT_THAT(export_run(workspace, "").errors, HasSubstr("--output names no folder"));
  make_folders(workspace.folder / "project");
  write_file_atomic(workspace.folder / "project/config.json", "{}");
  EXPECT_EQ(export_run(workspace, "project").exit_code, 2) << "of another kind of program";
  EXPECT_TRUE(workspace.has("runs/tiny/model/model.safetensors"));
  EXPECT_EQ(export_run(workspace, "out", "nowhere").exit_code, 3);
  EXPECT_FALSE(workspace.has("out"));
}

TEST(Export, SetsAsideWhatWouldNotBeTheSameAgain) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain({"budget.steps=2"})).exit_code, 0);
  const Finished first = export_run(workspace, "out"), again = export_run(workspace, "out");
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  ASSERT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_FALSE(workspace.has("out.1")) << "nothing was lost";
  const std::string config = workspace.file("out/config.json");
  int number = 0;
  for (const char* name :
       {"README.md", "config.json", "modules.json", "2_Dense/model.safetensors", ".git/HEAD"}) {
    const auto file = workspace.folder / "out" / name;
    make_folders(file.parent_path());
    write_file_atomic(file, "mine");
    const Finished result = export_run(workspace, "out");
    ASSERT_EQ(result.exit_code, 0) << result.errors;
    const std::string aside = "out." + std::to_string(++number);
    EXPECT_THAT(result.errors, AllOf(HasSubstr("out: the old folder is now "), HasSubstr(aside)));
    EXPECT_EQ(workspace.file(aside + "/" + name), "mine");
    EXPECT_EQ(workspace.file("out/config.json"), config);
    EXPECT_EQ(workspace.file("out/README.md"), workspace.file("runs/tiny/model/README.md"));
  }
}

TEST(Export, ReplacesNoModelThatCramDidNotWrite) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain({"budget.steps=2"})).exit_code, 0);
  const auto theirs = workspace.folder / "theirs";
  std::filesystem::copy(workspace.folder / "runs/tiny/model", theirs);
  replace_in_file(theirs / "model.safetensors", "\"cram\"", "\"else\"");
  write_file_atomic(theirs / "README.md", "mine");
  const Finished result = export_run(workspace, "theirs");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("theirs: holds something else"));
  EXPECT_EQ(workspace.file("theirs/README.md"), "mine");
}

TEST(Export, PutsNothingWhereARunKeepsItsOwn) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain({"budget.steps=2"})).exit_code, 0);
  ASSERT_EQ(workspace.run(Workspace::pretrain({"budget.steps=2", "name=other"})).exit_code, 0);
  const std::string before = workspace.file("runs/other/model/README.md");
  const auto other = workspace.folder / "runs/other";
  const auto expect_refused = [&](const std::string& output) {
    const Finished result = export_run(workspace, output);
    EXPECT_EQ(result.exit_code, 2) << output;
    EXPECT_THAT(result.errors, HasSubstr("belongs to the run " + other.string())) << output;
  };
  expect_refused("runs/other/model");
  EXPECT_EQ(workspace.file("runs/other/model/README.md"), before);
  for (const char* own : {"tokenizer", "checkpoints/x", "model/x", "recipe.yaml/x"}) {
    expect_refused("runs/other/" + std::string(own));
  }
  EXPECT_EQ(export_run(workspace, "runs/tiny/model/x").exit_code, 2);
  EXPECT_EQ(export_run(workspace, "runs/other/exported").exit_code, 0);
  expect_refused("runs/other/exported");
  for (const char* lost : {"run.lock", "model"}) {
    std::filesystem::remove_all(other / lost);
    expect_refused("runs/other/model");
  }
  const Finished inside =
      test::run(Workspace::command({"export", "--checkpoint", "../tiny", "--output", "model"}),
                {.folder = other, .file_size_limit = {}});
  EXPECT_EQ(inside.exit_code, 2);
  EXPECT_THAT(inside.errors, HasSubstr("belongs to the run " + other.string()));
}

TEST(Export, RefusesALinkThatLeadsToNoFolder) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain({"budget.steps=2"})).exit_code, 0);
  std::filesystem::create_symlink("nowhere", workspace.folder / "broken");
  std::filesystem::create_symlink("loop", workspace.folder / "loop");
  for (const char* link : {"broken", "loop", "broken/"}) {
    const Finished result = export_run(workspace, link);
    EXPECT_EQ(result.exit_code, 2) << result.errors;
    EXPECT_THAT(result.errors, HasSubstr("is there already, and no folder"));
  }
}

TEST(Export, SaysThatARunHasSavedNothingYet) {
  const Workspace workspace;
  make_folders(workspace.folder / "runs/empty");
  write_file_atomic(workspace.folder / "runs/empty/recipe.yaml", workspace.file("recipe.yaml"));
  write_file_atomic(workspace.folder / "runs/empty/run.lock", "1");
  const Finished result = export_run(workspace, "out", "runs/empty");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, HasSubstr("runs/empty: the run has no checkpoint yet"));
}

TEST(Import, TakesTheModulesOfSentenceTransformersAlong) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain(kBert)).exit_code, 0);
  const auto source = workspace.folder / "runs/tiny/model";
  const auto import = [&] {
    return workspace.run(Workspace::command({"import", "runs/tiny/model", "--output", "out"}));
  };
  make_folders(source / "1_Pooling");
  write_file_atomic(source / "1_Pooling/config.json", "{\"pooling_mode_mean_tokens\": true}");
  write_file_atomic(source / "sentence_bert_config.json", "{\"max_seq_length\": 16}");
  const auto write_modules = [&](const std::string& path) {
    write_file_atomic(source / "modules.json",
                      R"([{"idx": 0, "path": ""}, {"idx": 1, "path": ")" + path + "\"}]");
  };
  write_modules("1_Pooling");
  for (int time = 0; time < 2; ++time) {
    const Finished result = import();
    ASSERT_EQ(result.exit_code, 0) << result.errors;
    for (const char* name :
         {"modules.json", "sentence_bert_config.json", "1_Pooling/config.json"}) {
      EXPECT_EQ(workspace.file(std::string("out/") + name),
                workspace.file(std::string("runs/tiny/model/") + name));
    }
  }
  std::filesystem::create_directory_symlink("/etc", source / "2_Dense.v1");
  write_modules("2_Dense.v1/");
  const Finished linked = import();
  EXPECT_EQ(linked.exit_code, 0) << linked.errors;
  EXPECT_THAT(linked.errors, HasSubstr("2_Dense.v1: is left out"));
  EXPECT_FALSE(workspace.has("out/2_Dense.v1"));
  make_folders(source / "task.json");
  for (const char* elsewhere : {"..", "/tmp", "1_Pooling/..", "a/b", "task.json"}) {
    write_modules(elsewhere);
    const Finished refused = import();
    EXPECT_EQ(refused.exit_code, 3) << elsewhere;
    EXPECT_THAT(refused.errors, HasSubstr("no name of a folder"));
  }
}

TEST(Import, LeavesACardThatIsNoFileBehind) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain(kBert)).exit_code, 0);
  const auto card = workspace.folder / "runs/tiny/model/README.md";
  std::filesystem::remove(card);
  make_folders(card);
  const Finished result =
      workspace.run(Workspace::command({"import", "runs/tiny/model", "--output", "out"}));
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("README.md: is left out"));
  EXPECT_THAT(workspace.file("out/README.md"), HasSubstr("# tiny"));
}

TEST(Import, ChecksAFolderAndKeepsItsCard) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain(kBert)).exit_code, 0);
  const auto import = [&] {
    return workspace.run(Workspace::command({"import", "runs/tiny/model", "--output", "imported"}));
  };
  std::filesystem::remove(workspace.folder / "runs/tiny/model/recipe.yaml");
  write_file_atomic(workspace.folder / "runs/tiny/model/README.md", "---\nlicense: mit\n---\n");
  const Finished result = import();
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("BertForMaskedLM"), HasSubstr("masked tokens"),
                    HasSubstr("AutoModelForMaskedLM.from_pretrained(\"imported\")")));
  EXPECT_EQ(workspace.file("imported/README.md"), "---\nlicense: mit\n---\n");
  EXPECT_EQ(workspace.file("imported/config.json"), workspace.file("runs/tiny/model/config.json"));

  std::filesystem::resize_file(workspace.folder / "runs/tiny/model/model.safetensors", 2000);
  const Finished damaged = import();
  EXPECT_EQ(damaged.exit_code, 3);
  EXPECT_THAT(damaged.errors, HasSubstr("model.safetensors"));
  EXPECT_TRUE(workspace.has("imported/model.safetensors")) << "what was there stays";
}

TEST(Export, WritesTheModelOfATask) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain({"budget.steps=2"})).exit_code, 0);
  std::string table = "sentence\tlabel\n";
  for (int i = 0; i < 20; ++i)
    table += "The cat sees " + std::to_string(i) + ".\tyes\nA dog.\tno\n";
  write_file_atomic(workspace.folder / "cats.tsv", table);
  const Finished tuned = workspace.run(
      Workspace::command({"finetune", "--checkpoint", "runs/tiny", "--train", "cats.tsv", "--dev",
                          "cats.tsv", "--output", "tuned", "device.type=cpu", "device.threads=1",
                          "precision.compute=fp32", "finetune.epochs=1", "finetune.seeds=1"}));
  ASSERT_EQ(tuned.exit_code, 0) << tuned.errors;
  const std::string card = workspace.file("tuned/cats/model/README.md");
  EXPECT_THAT(card, AllOf(HasSubstr("| labels | "), HasSubstr("| dev accuracy | "),
                          HasSubstr("| fine-tuned from | runs/tiny |"), HasSubstr("| seed | 0 |")));
  const Finished result = export_run(workspace, "out", "tuned");
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  for (const char* name : {"model.safetensors", "config.json", "task.json", "README.md"}) {
    EXPECT_EQ(workspace.file(std::string("out/") + name),
              workspace.file(std::string("tuned/cats/model/") + name))
        << name;
  }
  std::filesystem::remove_all(workspace.folder / "tuned/cats/model");
  for (const char* output : {"tuned/cats/model", "tuned/dogs"}) {
    const Finished refused = export_run(workspace, output);
    EXPECT_EQ(refused.exit_code, 2) << output;
    EXPECT_THAT(refused.errors, HasSubstr("belongs to the run ")) << output;
  }
}

TEST(Import, TakesTheEncoderOfWhatOthersHaveFineTuned) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain(kBert)).exit_code, 0);
  write_file_atomic(workspace.folder / "cats.tsv",
                    "sentence\tlabel\nThe cat sees.\tyes\nA dog.\tno\n");
  const auto finetune = [&](const std::string& checkpoint, const std::string& output) {
    return workspace.run(
        Workspace::command({"finetune", "--checkpoint", checkpoint, "--train", "cats.tsv", "--dev",
                            "cats.tsv", "--output", output, "device.type=cpu", "device.threads=1",
                            "precision.compute=fp32", "finetune.epochs=1", "finetune.seeds=1",
                            "finetune.head_size=0", "finetune.max_length=32"}));
  };
  const Finished tuned = finetune("runs/tiny", "tuned");
  ASSERT_EQ(tuned.exit_code, 0) << tuned.errors;
  // As transformers would have written it.
  std::filesystem::rename(workspace.folder / "tuned/cats/model", workspace.folder / "theirs");
  for (const char* name : {"task.json", "recipe.yaml", "README.md"}) {
    std::filesystem::remove(workspace.folder / "theirs" / name);
  }
  const auto names_what_is_left_out = AllOf(HasSubstr("theirs: weights of its heads for tasks"),
                                            HasSubstr("task.classifier.weight"));

  const Finished imported =
      workspace.run(Workspace::command({"import", "theirs", "--output", "imported"}));
  ASSERT_EQ(imported.exit_code, 0) << imported.errors;
  EXPECT_THAT(imported.output, AllOf(HasSubstr("BertModel"), HasSubstr("pooler")));
  EXPECT_THAT(imported.errors, names_what_is_left_out);

  const Finished again = finetune("theirs", "again");
  ASSERT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_THAT(again.errors, names_what_is_left_out);

  const Finished more =
      workspace.run(Workspace::pretrain({"name=more", "model.from=theirs", "budget.steps=2"}));
  ASSERT_EQ(more.exit_code, 0) << more.errors;
  EXPECT_THAT(more.errors, AllOf(names_what_is_left_out, HasSubstr("a fresh one is trained")));
}

}  // namespace
}  // namespace cram::test
