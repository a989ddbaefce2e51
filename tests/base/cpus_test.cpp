#include "cram/base/cpus.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace cram {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

TEST(AvailableCpus, AreSomeOfThoseThatAreAllowed) {
  EXPECT_GE(available_cpus(), 1);
  EXPECT_LE(available_cpus(), static_cast<int>(allowed_cpus().size()));
}

TEST(CpuLists, AreNumbersAndRanges) {
  EXPECT_THAT(parse_cpu_list("0-3,8,10-11\n"), Optional(ElementsAre(0, 1, 2, 3, 8, 10, 11)));
  EXPECT_THAT(parse_cpu_list("5"), Optional(ElementsAre(5)));
  EXPECT_THAT(parse_cpu_list("\n"), Optional(IsEmpty()));
  EXPECT_THAT(parse_cpu_list(""), Optional(IsEmpty()));
}

TEST(CpuLists, AreNothingElse) {
  for (const char* text : {"a", "1,", ",1", "1-", "-1", "3-1", "1--2", "1 2", " 1", "1\n\n", "0x1",
                           "0-4000000000", "99999999999", "65536"}) {
    EXPECT_EQ(parse_cpu_list(text), std::nullopt) << text;
  }
}

class MemoryNodes : public testing::Test {
 protected:
  void write(const std::string& node, const std::string& list) const {
    std::filesystem::create_directories(folder_ / node);
    std::ofstream(folder_ / node / "cpulist") << list;
  }

  test::TempFolder temp_;
  std::filesystem::path folder_ = temp_.path();
};

TEST_F(MemoryNodes, AreInTheOrderOfTheirNumbersAndHaveCpus) {
  write("node10", "6-7\n");
  write("node2", "0,4-5\n");
  write("node3", "\n");  // memory alone
  write("node4", "?\n");
  write("power", "0-9\n");
  std::filesystem::create_directories(folder_ / "node5");
  EXPECT_THAT(memory_node_cpus(folder_), ElementsAre(ElementsAre(0, 4, 5), ElementsAre(6, 7)));
}

TEST_F(MemoryNodes, AreNoneWhereTheMachineDoesNotSay) {
  EXPECT_THAT(memory_node_cpus(folder_), IsEmpty());
  EXPECT_THAT(memory_node_cpus(folder_ / "missing"), IsEmpty());
}

}  // namespace
}  // namespace cram
