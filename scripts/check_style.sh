#!/usr/bin/env bash
# Checks the house rules that a machine can see, and lists every place that breaks one.
#
# usage: scripts/check_style.sh [FOLDER]
#
# FOLDER is the tree to check (default: this project). Tools that are not installed are named and
# left out: clang-format 14, shellcheck, and lizard (in the Python that CRAM_PYTHON names).
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

LONGEST_SOURCE=400
LONGEST_HEADER=200
LONGEST_FUNCTION=60
MOST_PARAMETERS=5
CLANG_FORMAT=14 # other versions format differently

[[ ${1:-} != -h && ${1:-} != --help ]] || { show_help && exit; }
cd "${1:-$ROOT}"
findings=0

# report RULE: each line of standard input is a place that breaks it.
report() {
  local place
  while IFS= read -r place; do
    printf '%s: %s\n' "$place" "$1"
    findings=$((findings + 1))
  done
}

files() {
  local folders=()
  for folder in src include tools tests; do [[ ! -d $folder ]] || folders+=("$folder"); done
  [[ ${#folders[@]} -gt 0 ]] || die "$PWD: nothing to check"
  find "${folders[@]}" -type f \( "$@" \) | sort
}
headers() { files -name '*.h' -o -name '*.cuh'; }
sources() { files -name '*.cpp' -o -name '*.cu'; }

longer_than() { xargs -r -d '\n' awk -v most="$1" 'FNR == most + 1 { print FILENAME }'; }
# matches PATTERN FILE...: file:line of each match.
matches() { xargs -r -d '\n' grep -nHE "$1" | cut -d: -f1,2 || true; }
outside() { grep -vE "^($1)" || true; }

check_lengths() {
  report "more than $LONGEST_SOURCE lines" < <(sources | longer_than $LONGEST_SOURCE)
  report "more than $LONGEST_HEADER lines" < <(headers | longer_than $LONGEST_HEADER)
}

check_text() {
  report "no #pragma once" < <(headers | xargs -r -d '\n' grep -L '^#pragma once' || true)
  # Spelt so that this script does not find itself.
  local open_ends='\b(TO''DO|FIX''ME|X''XX|HA''CK)\b'
  report "an open end" < <({ headers; sources; files -name '*.py'; find scripts -type f; } \
    2>/dev/null | matches "$open_ends")
  report "a tab" < <({ headers; sources; } | matches $'\t')
}

check_calls() {
  report "only base may know the time of day" < <(sources |
    outside 'src/base/|src/report/wall_time.cpp|tests/|tools/' | matches 'system_clock|[^_]time\(nullptr\)')
  report "library code does not end the process" < <({ headers; sources; } | outside 'tests/|tools/' |
    outside 'src/base/interrupt.cpp' | matches '(^|[^_a-zA-Z:.])(std::)?(_?exit|abort|quick_exit)\(')
  report "library code does not print" < <({ headers; sources; } | outside 'tests/|tools/' |
    matches 'std::c(err|out)|[^fn_a-z]printf\(')
  report "random numbers come from base" < <({ headers; sources; } | outside 'tests/' |
    matches 'std::rand\b|[^_a-z]rand\(\)|random_device')
  report "std::regex is neither fast nor safe" < <({ headers; sources; } | matches 'std::regex')
}

check_format() {
  local formatter
  for formatter in clang-format-$CLANG_FORMAT clang-format; do
    if "$formatter" --version 2>/dev/null | grep -q "version $CLANG_FORMAT\."; then
      report "not formatted as .clang-format says" < <({ headers; sources; } |
        xargs -r -d '\n' "$formatter" --dry-run --Werror 2>&1 | sed -n 's/^\([^: ]*\):[0-9]*:[0-9]*: error:.*/\1/p' | sort -u)
      return
    fi
  done
  printf 'clang-format %s is not installed: the formatting is not checked\n' $CLANG_FORMAT
}

check_functions() {
  local python=${CRAM_PYTHON:-python3}
  if ! "$python" -c 'import lizard' 2>/dev/null; then
    echo 'lizard is not installed: the lengths of functions are not checked'
    return
  fi
  report "too long, or too many parameters" < <({ headers; sources; } | outside 'tests/' |
    xargs -r -d '\n' "$python" -m lizard -L $LONGEST_FUNCTION -a $MOST_PARAMETERS -C 999 -w |
    sed -n 's/^\([^:]*:[0-9]*\): warning: \([^ ]*\) .*/\1 (\2)/p')
}

check_scripts() {
  if ! command -v shellcheck >/dev/null; then
    echo 'shellcheck is not installed: the scripts are not checked'
    return
  fi
  report "shellcheck" < <(find . -path './build*' -prune -o -path ./.deps -prune -o \
    \( -name '*.sh' -o -path ./.ci/run \) -print0 |
    xargs -0r shellcheck -x -f gcc | cut -d: -f1,2,4- || true)
}

check_lengths
check_text
check_calls
check_format
check_functions
check_scripts
[[ $findings == 0 ]] || die "$findings places break a house rule"
