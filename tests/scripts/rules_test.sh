#!/usr/bin/env bash
# shellcheck disable=SC2016,SC2317 # stand-ins are written down unexpanded; run_tests finds the tests
#
# scripts/check_layers.py and scripts/check_style.sh find what breaks the rules, and only that.
set -euo pipefail
# shellcheck source=tests/scripts/expect.sh
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

# A small house in order.
house() {
  mkdir -p house/{include/cram,src,tests}/{low,high,tensor} house/tools
  cat >house/CMakeLists.txt <<'END'
cram_room(low LIBRARIES cram::spdlog)
cram_room(high USES low LIBRARIES cram::json)
cram_room(tensor TORCH USES high)
END
  printf '#pragma once\n' >house/include/cram/low/low.h
  printf '#pragma once\n' | tee house/include/cram/high/high.h >house/src/high/private.h
  printf '#include <spdlog/spdlog.h>\n' >house/src/low/low.cpp
  printf '#include <nlohmann/json.hpp>\n\n#include "cram/low/low.h"\n\n#include "private.h"\n' \
    >house/src/high/high.cpp
  printf '#include <ATen/core/Tensor.h>\n\n#include "cram/low/low.h"\n' >house/src/tensor/tensor.cpp
}

# broken FILE LINE: what check_layers says when the line stands in the file.
broken() {
  echo "$2" >>"house/$1"
  run "$tree/scripts/check_layers.py" house
  sed -i '$d' "house/$1"
  expect_status 1
}

test_layers_accept_a_house_in_order() {
  house
  run "$tree/scripts/check_layers.py" house
  expect_status 0
}

test_layers_find_what_is_out_of_order() {
  house
  broken src/low/low.cpp '#include "cram/high/high.h"'
  expect_output 'src/low/low.cpp:2: "cram/high/high.h": low may not know high'
  broken src/high/high.cpp '#include <torch/torch.h>'
  expect_output "high is no torch room"
  broken tests/high/high_test.cpp '#include <ATen/ATen.h>'
  expect_output "high is no torch room"
  broken src/high/high.cpp '#include <spdlog/spdlog.h>'
  expect_output "high does not use cram::spdlog"
  broken include/cram/high/high.h '#include <nlohmann/json.hpp>'
  expect_output "third-party types stay out of public headers"
  broken src/high/high.cpp '#include <CLI/CLI.hpp>'
  expect_output "only tools/ may read the command line"
  broken src/low/low.cpp '#include "private.h"'
  expect_output "neither a public header nor one of the same room"
  broken CMakeLists.txt 'cram_room(last USES tensor)'
  expect_output "last uses tensor, a torch room, but is none"
  broken CMakeLists.txt 'cram_room(last USES beyond)'
  expect_output "last uses beyond, which does not stand above it"
  mkdir house/src/attic
  broken src/attic/old.cpp '#include <vector>'
  expect_output "no cram_room line for 'attic'"
}

test_layers_accept_this_project() {
  run "$SOURCE/scripts/check_layers.py"
  expect_status 0
}

# found FILE TEXT RULE: check_style finds the rule broken when the file holds the text.
found() {
  mkdir -p "$(dirname "house/$1")"
  printf '%b' "$2" >"house/$1"
  run "$tree/scripts/check_style.sh" house
  rm "house/$1"
  expect_status 1
  expect_output "$1"
  expect_output "$3"
}

test_style_accepts_a_house_in_order() {
  house
  run "$tree/scripts/check_style.sh" house
  expect_status 0
}

test_style_finds_what_breaks_a_rule() {
  house
  found src/low/long.cpp "$(printf 'int x%s;\\n' {1..401})" "more than 400 lines"
  found src/low/long.h "#pragma once\n$(printf 'int x%s;\\n' {1..200})" "more than 200 lines"
  found src/low/bare.h 'int x;\n' "no #pragma once"
  found src/low/open.cpp "// TO""DO: later\n" "an open end"
  found src/low/exit.cpp 'void f() { std::exit(1); }\n' "library code does not end the process"
  found src/low/print.cpp 'void f() { std::cerr << 1; }\n' "library code does not print"
  found src/low/time.cpp 'auto t = std::chrono::system_clock::now();\n' "the time of day"
  found src/low/random.cpp 'std::random_device device;\n' "random numbers come from base"
  found src/low/regex.cpp 'std::regex r;\n' "std::regex"
}

test_style_finds_what_tools_find() {
  house
  if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
    found src/low/format.cpp 'int   x;\n' "not formatted as .clang-format says"
  fi
  if command -v shellcheck >/dev/null; then
    # shellcheck disable=SC2016
    found scripts/bad.sh '#!/bin/bash\necho $1\n' "shellcheck"
  fi
  if "${CRAM_PYTHON:-python3}" -c 'import lizard' 2>/dev/null; then
    found src/low/args.cpp 'int f(int a, int b, int c, int d, int e, int g) {\n  return a;\n}\n' \
      "too many parameters"
  fi
}

run_tests
