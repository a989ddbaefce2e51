# cram::arrow, Arrow and Parquet from the pyarrow wheel (it ships headers but no CMake package).
# Without it the target is empty and Parquet files are refused with a hint.
add_library(cram_arrow INTERFACE)
add_library(cram::arrow ALIAS cram_arrow)
file(GLOB CRAM_ARROW_LIBRARIES "${CRAM_ARROW_DIR}/libarrow.so.*" "${CRAM_ARROW_DIR}/libparquet.so.*")
if(CRAM_WITH_PARQUET AND CRAM_ARROW_LIBRARIES)
  target_include_directories(cram_arrow SYSTEM INTERFACE "${CRAM_ARROW_DIR}/include")
  target_link_libraries(cram_arrow INTERFACE ${CRAM_ARROW_LIBRARIES})
  target_compile_definitions(cram_arrow INTERFACE CRAM_WITH_PARQUET=1)
elseif(CRAM_WITH_PARQUET)
  message(FATAL_ERROR "No Arrow in ${CRAM_ARROW_DIR}. Run scripts/setup.sh, give its folder "
                      "(-DCRAM_ARROW_DIR=) or build without Parquet (-DCRAM_WITH_PARQUET=OFF)")
endif()
