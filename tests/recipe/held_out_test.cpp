#include "cram/recipe/held_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/recipe/load.h"

namespace cram::recipe {
namespace {

using testing::HasSubstr;

Recipe with(const std::vector<std::string>& settings) {
  return parse("budget: {steps: 1}\ndata: {sources: [text]}\n", "test", settings);
}

TEST(HeldOut, IsKnownWhereDocumentsAreThoseOfTheFiles) {
  EXPECT_EQ(held_out_problem(with({})), "");
  EXPECT_EQ(held_out_problem(with({"data.join_records=[1]", "selection.quality=true"})), "");
  for (const char* setting :
       {"data.join_records=[2]", "selection.substring_bytes=75", "model.from=there"}) {
    const std::string key(setting, std::string_view(setting).find('='));
    EXPECT_THAT(held_out_problem(with({setting})), HasSubstr(key));
  }
  Recipe unknown = with({});
  unknown.data.sources.clear();
  EXPECT_THAT(held_out_problem(unknown), HasSubstr("data.sources"));
}

TEST(HeldOut, IsTheSameTextUnlessAKeyOfItDiffers) {
  EXPECT_EQ(text_difference(with({}), with({"tokenizer.vocab_size=100", "seed=3",
                                            "selection.quality=true", "model.layers=2"})),
            "");
  for (const char* setting :
       {"data.held_out_share=0.5", "data.text_field=body", "data.txt_documents=file",
        "data.clean_unicode=true", "data.min_document_bytes=9", "data.max_document_bytes=99",
        "tokenizer.lowercase=false", "tokenizer.strip_accents=false",
        "tokenizer.ascii_only=true"}) {
    const std::string key(setting, std::string_view(setting).find('='));
    EXPECT_EQ(text_difference(with({}), with({setting})), key);
  }
}

}  // namespace
}  // namespace cram::recipe
