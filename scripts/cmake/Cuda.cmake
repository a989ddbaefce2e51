# libcram_cuda.so, the CUDA plug-in, where nvcc is found. It lies beside the executable, which loads
# it when a CUDA device is wanted.
include(CheckLanguage)
if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX} AND EXISTS /usr/local/cuda/bin/nvcc)
  set(CMAKE_CUDA_COMPILER /usr/local/cuda/bin/nvcc)
endif()
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(STATUS "No nvcc: building without the CUDA plug-in")
  return()
endif()
# Turing to Blackwell; the last one also as PTX, for what comes after.
set(CMAKE_CUDA_ARCHITECTURES "75-real;80-real;86-real;89-real;90-real;100-real;120" CACHE STRING
    "GPU architectures of the CUDA plug-in")
enable_language(CUDA)
set(CMAKE_CUDA_STANDARD 20)
# CMake before 3.26 does not know how nvcc is told so.
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
endif()
# The run-time library that LibTorch brings.
set(CMAKE_CUDA_RUNTIME_LIBRARY Shared)

find_library(CRAM_TORCH_CUDA torch_cuda NO_DEFAULT_PATH PATHS "${CRAM_TORCH_DIR}/lib")
find_library(CRAM_C10_CUDA c10_cuda NO_DEFAULT_PATH PATHS "${CRAM_TORCH_DIR}/lib")
if(NOT CRAM_TORCH_CUDA OR NOT CRAM_C10_CUDA)
  message(STATUS "LibTorch is without CUDA: building without the CUDA plug-in")
  return()
endif()

file(GLOB cuda_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/cuda/*.cpp"
                                         "${CMAKE_SOURCE_DIR}/src/cuda/*.cu")
add_library(cram_cuda SHARED ${cuda_sources})
set_target_properties(cram_cuda PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
target_include_directories(cram_cuda PRIVATE "${CMAKE_SOURCE_DIR}/include")
target_include_directories(cram_cuda SYSTEM PRIVATE ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
target_link_libraries(cram_cuda PRIVATE cram::torch)
# --no-as-needed: nothing calls into torch_cuda, loading it is the point. Its own libraries may be
# missing where it is only built.
target_link_options(cram_cuda PRIVATE "-Wl,--no-as-needed" "${CRAM_TORCH_CUDA}" "${CRAM_C10_CUDA}"
                                      "-Wl,--as-needed" "-Wl,--allow-shlib-undefined")
