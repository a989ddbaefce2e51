#include "cram/train/out_of_memory.h"

#include <new>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <ATen/ops/empty.h>
#include <c10/util/Exception.h>

namespace cram::train {
namespace {

bool runs_out(const std::string& message) {
  return is_out_of_memory(c10::Error(c10::SourceLocation{}, message));
}

TEST(OutOfMemory, IsWhatAllocatorsThrow) {
  EXPECT_TRUE(is_out_of_memory(std::bad_alloc()));
  EXPECT_TRUE(is_out_of_memory(c10::OutOfMemoryError(c10::SourceLocation{}, "on a GPU")));
}

TEST(OutOfMemory, IsWhatTheAllocatorOfLibTorchSays) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer ends the process at such an allocation";
#endif
  try {
    (void)at::empty({1LL << 60});
    FAIL() << "there is no such machine";
  } catch (const std::exception& error) {
    EXPECT_TRUE(is_out_of_memory(error)) << error.what();
  }
}

// The first two are what LibTorch 2.11 said on an H200 of which another program left 1 and 1.6 GB.
TEST(OutOfMemory, IsWhatLibrariesSayThatCannotAllocateTheirOwn) {
  EXPECT_TRUE(
      runs_out("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"));
  EXPECT_TRUE(
      runs_out("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR\nException raised from createCuDNNHandle "
               "at /pytorch/aten/src/ATen/cudnn/Handle.cpp:11 (most recent call first):"));
  EXPECT_TRUE(runs_out("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"));
  EXPECT_TRUE(runs_out("CUDA error: out of memory"));
}

TEST(OutOfMemory, IsNoOtherError) {
  EXPECT_FALSE(runs_out("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR"));
  EXPECT_FALSE(
      runs_out("cuDNN error: CUDNN_STATUS_NOT_INITIALIZED\nraised from createCuDNNHandle"));
  EXPECT_FALSE(runs_out("CUDA error: CUBLAS_STATUS_NOT_INITIALIZED"));
  EXPECT_FALSE(runs_out("CUDA error: an illegal memory access was encountered"));
  EXPECT_FALSE(is_out_of_memory(std::runtime_error("index out of range")));
}

TEST(OutOfMemory, SaysWhatRanOutInOneLine) {
  EXPECT_EQ(first_line(c10::Error(c10::SourceLocation{}, "CUDA error: out of memory\nmore")),
            "CUDA error: out of memory");
  EXPECT_EQ(first_line(std::bad_alloc()), "std::bad_alloc");
}

TEST(OutOfMemory, MayBeMendedByRecomputingWhatIsKept) {
  EXPECT_EQ(what_needs_less_memory("a smaller model", {}),
            "choose a smaller model, or device.recompute_activations=true");
  EXPECT_EQ(what_needs_less_memory("a smaller model", {.recompute_activations = true}),
            "choose a smaller model");
}

}  // namespace
}  // namespace cram::train
