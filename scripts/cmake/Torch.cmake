# cram::torch, LibTorch for the CPU, straight from a PyPI wheel or a LibTorch folder.
#
# Not TorchConfig.cmake: from a CUDA wheel it insists on the CUDA toolkit at configure time.
# libtorch_cuda.so is loaded by the CUDA plug-in when a CUDA device is chosen.
find_file(CRAM_TORCH_HEADER torch/torch.h NO_DEFAULT_PATH
          PATHS "${CRAM_TORCH_DIR}/include/torch/csrc/api/include" "${CRAM_TORCH_DIR}/include")
find_library(CRAM_TORCH_CPU torch_cpu NO_DEFAULT_PATH PATHS "${CRAM_TORCH_DIR}/lib")
find_library(CRAM_C10 c10 NO_DEFAULT_PATH PATHS "${CRAM_TORCH_DIR}/lib")
if(NOT CRAM_TORCH_HEADER OR NOT CRAM_TORCH_CPU OR NOT CRAM_C10)
  message(FATAL_ERROR "No LibTorch in ${CRAM_TORCH_DIR}. Run scripts/setup.sh, "
                      "or give its folder: -DCRAM_TORCH_DIR=/path/to/torch")
endif()
add_library(cram_torch INTERFACE)
target_include_directories(cram_torch SYSTEM INTERFACE
  "${CRAM_TORCH_DIR}/include" "${CRAM_TORCH_DIR}/include/torch/csrc/api/include")
target_link_libraries(cram_torch INTERFACE "${CRAM_TORCH_CPU}" "${CRAM_C10}")
target_link_options(cram_torch INTERFACE "-Wl,--allow-shlib-undefined")
add_library(cram::torch ALIAS cram_torch)
