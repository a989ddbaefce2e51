# Initial weights are drawn on all of ATen's threads, for which at::parallel_for needs OpenMP.
set_source_files_properties("${CMAKE_SOURCE_DIR}/src/model/weight_builder.cpp"
                            PROPERTIES COMPILE_OPTIONS "-fopenmp")
