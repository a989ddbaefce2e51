#include "cram/train/profile.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>

#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>
#include <ATen/record_function.h>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "support/temp_folder.h"

namespace cram::train {
namespace {

using testing::HasSubstr;

const ProfileRow* find(const std::vector<ProfileRow>& rows, const std::string& name) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const ProfileRow& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

class ProfileTest : public testing::Test {
 protected:
  // Three products inside an operation that does nothing else.
  std::vector<ProfileRow> profile_products(const std::filesystem::path& trace) const {
    const at::Tensor x = at::randn({200, 200});
    return profile(
        [&] {
          RECORD_FUNCTION("outer", {});
          for (int i = 0; i < 3; ++i) (void)at::mm(x, x);
        },
        c10::kCPU, trace);
  }

  test::TempFolder folder_;
};

TEST_F(ProfileTest, CountsCallsAndGivesEachOperationItsOwnTime) {
  const auto rows = profile_products(folder_.path() / "trace.json");
  const ProfileRow* mm = find(rows, "aten::mm");
  const ProfileRow* outer = find(rows, "outer");
  ASSERT_NE(mm, nullptr);
  ASSERT_NE(outer, nullptr);
  EXPECT_EQ(mm->calls, 3);
  EXPECT_EQ(outer->calls, 1);
  EXPECT_LT(outer->milliseconds, mm->milliseconds) << "what is inside is not counted twice";
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.milliseconds > b.milliseconds;
  }));
}

TEST_F(ProfileTest, WritesATraceOfChromesFormat) {
  const auto path = folder_.path() / "trace.json";
  (void)profile_products(path);
  const auto trace = nlohmann::json::parse(read_file(path));
  const auto& events = trace.at("traceEvents");
  EXPECT_EQ(std::count_if(events.begin(), events.end(),
                          [](const auto& event) { return event.value("name", "") == "aten::mm"; }),
            3);
}

TEST_F(ProfileTest, IsOverWhenTheWorkFails) {
  const auto path = folder_.path() / "trace.json";
  const auto fail = [] { throw Error(ErrorCode::kInternal, "broken"); };
  EXPECT_THROW((void)profile(fail, c10::kCPU, path), Error);
  EXPECT_NE(find(profile_products(path), "aten::mm"), nullptr);
}

TEST_F(ProfileTest, SaysWhereATraceCannotBeWritten) {
  try {
    (void)profile_products(folder_.path() / "missing" / "trace.json");
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStorage);
    EXPECT_THAT(error.what(), HasSubstr("missing/trace.json"));
  }
}

TEST(ProfileTable, ShowsTheLongestAndTheSumOfTheOthers) {
  const std::vector<ProfileRow> rows = {{"a", 2, 6.0}, {"b", 1, 3.0}, {"c", 4, 0.5}, {"d", 1, 0.5}};
  EXPECT_EQ(to_text(rows, 2),
            "     6.000 ms  60.0 %       2  a\n"
            "     3.000 ms  30.0 %       1  b\n"
            "     1.000 ms  10.0 %       5  2 others\n");
  EXPECT_EQ(to_text({}, 2), "");
}

TEST(ProfileTable, NamesBackwardPassesByTheirOperation) {
  EXPECT_EQ(display_name("torch::autograd::CppNode<cram::ops::(anonymous namespace)::Linear>"),
            "Linear backward");
  EXPECT_EQ(display_name("torch::autograd::CppNode<Foo>"), "Foo backward");
  EXPECT_EQ(display_name("aten::mm"), "aten::mm");
}

}  // namespace
}  // namespace cram::train
