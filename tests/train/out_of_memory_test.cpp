#include "cram/train/out_of_memory.h"

#include <new>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <ATen/ATen.h>

namespace cram::train {
namespace {

bool runs_out(const std::string& message) {
  try {
    TORCH_CHECK(false, message);
  } catch (const c10::Error& error) {
    return is_out_of_memory(error);
  }
  return false;
}

TEST(OutOfMemory, IsWhatAllocatorsThrow) {
  EXPECT_TRUE(is_out_of_memory(std::bad_alloc()));
  try {
    (void)at::empty({1LL << 60});
    FAIL() << "there is no such machine";
  } catch (const std::exception& error) {
    EXPECT_TRUE(is_out_of_memory(error)) << error.what();
  }
}

// As LibTorch 2.11 said on an H200 of which another program left 1 and 1.6 GB.
TEST(OutOfMemory, IsWhatLibrariesSayThatFindNoRoomForThemselves) {
  EXPECT_TRUE(
      runs_out("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"));
  EXPECT_TRUE(
      runs_out("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR\nException raised from createCuDNNHandle "
               "at /pytorch/aten/src/ATen/cudnn/Handle.cpp:11 (most recent call first):"));
  EXPECT_TRUE(runs_out("CUDA error: out of memory"));
}

TEST(OutOfMemory, IsNoOtherError) {
  EXPECT_FALSE(runs_out("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR"));
  EXPECT_FALSE(runs_out("CUDA error: an illegal memory access was encountered"));
  EXPECT_FALSE(is_out_of_memory(std::runtime_error("index out of range")));
}

}  // namespace
}  // namespace cram::train
