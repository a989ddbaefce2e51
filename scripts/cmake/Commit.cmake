# Writes cram_commit.h with the commit that is being built, and touches it only when that changes.
# Run at each build: cmake -DSOURCE=… -DOUTPUT=… -DVERSION=… -P Commit.cmake
execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty --abbrev=12
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit "unknown")
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT
"#pragma once
#define CRAM_COMMIT \"${commit}\"
#define CRAM_VERSION \"${VERSION}\"
")
