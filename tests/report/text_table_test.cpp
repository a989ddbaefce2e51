#include "cram/report/text_table.h"

#include <gtest/gtest.h>

namespace cram::report {
namespace {

TEST(TextTable, AlignsColumnsAndEndsLinesClean) {
  EXPECT_EQ(text_table({{"name", "loss", "note"}, {"a", "4.5", ""}, {"longer", "12", "far"}}),
            "name    loss  note\n"
            "a       4.5\n"
            "longer  12    far\n");
}

TEST(TextTable, OfNoRowsIsEmpty) { EXPECT_EQ(text_table({}), ""); }

}  // namespace
}  // namespace cram::report
