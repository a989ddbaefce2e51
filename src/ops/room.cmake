# What the ops room needs besides its sources: CPU kernels compiled once for each instruction set
# (chosen at run time), and OpenMP in the one source that spreads work over ATen's threads.
file(GLOB CRAM_OPS_DEVICES CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/ops/cpu/*.cpp"
                                            "${CMAKE_SOURCE_DIR}/src/ops/gpu/*.cpp")
target_sources(cram_ops PRIVATE ${CRAM_OPS_DEVICES})
target_include_directories(cram_ops PRIVATE "${CMAKE_SOURCE_DIR}/src/ops")

# The arithmetic is spelt out in vectors; only contraction to fused multiply-adds is left to the
# compiler. The sources share no inline function with the rest, whatever instructions they use.
set(CRAM_KERNEL_OPTIONS -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math
                        -fno-strict-aliasing -Wno-psabi)
set_source_files_properties("${CMAKE_SOURCE_DIR}/src/ops/cpu/kernels_baseline.cpp"
                            PROPERTIES COMPILE_OPTIONS "${CRAM_KERNEL_OPTIONS}")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(CRAM_AVX2 -mavx2 -mfma -mf16c)
  set(CRAM_AVX512 ${CRAM_AVX2} -mavx512f -mavx512bw -mavx512dq -mavx512vl
                  -mprefer-vector-width=512)
  set_source_files_properties("${CMAKE_SOURCE_DIR}/src/ops/cpu/kernels_avx2.cpp"
    PROPERTIES COMPILE_OPTIONS "${CRAM_KERNEL_OPTIONS};${CRAM_AVX2}")
  set_source_files_properties("${CMAKE_SOURCE_DIR}/src/ops/cpu/kernels_avx512.cpp"
    PROPERTIES COMPILE_OPTIONS "${CRAM_KERNEL_OPTIONS};${CRAM_AVX512}")
  set_source_files_properties("${CMAKE_SOURCE_DIR}/src/ops/cpu/kernels_avx512_bf16.cpp"
    PROPERTIES COMPILE_OPTIONS "${CRAM_KERNEL_OPTIONS};${CRAM_AVX512};-mavx512bf16")
endif()

# OpenMP's run-time library must be the one that LibTorch brings, or there are two thread pools.
set_source_files_properties("${CMAKE_SOURCE_DIR}/src/ops/parallel.cpp"
                            PROPERTIES COMPILE_OPTIONS "-fopenmp")
file(GLOB CRAM_TORCH_GOMP "${CRAM_TORCH_DIR}/lib/libgomp*.so*")
if(CRAM_TORCH_GOMP)
  list(GET CRAM_TORCH_GOMP 0 CRAM_TORCH_GOMP)
  target_link_libraries(cram_ops PRIVATE "${CRAM_TORCH_GOMP}")
else()
  find_package(OpenMP REQUIRED COMPONENTS CXX)
  target_link_libraries(cram_ops PRIVATE ${OpenMP_CXX_LIBRARIES})
endif()
