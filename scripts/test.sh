#!/usr/bin/env bash
# Sets up what the tests need, builds, and runs them all. Ends with ctest's summary.
#
# usage: scripts/test.sh [--label LABEL] [CTEST-ARGUMENT...]
#
#   --label unit      only tests with this label: unit (fast, no LibTorch), torch, cli, style
#   -R 'report/.*'    whatever else ctest understands
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

arguments=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --label)
      [[ $# -ge 2 ]] || die_usage "--label needs a label"
      arguments+=(-L "^$2\$")
      shift
      ;;
    -h | --help) show_help && exit ;;
    *) arguments+=("$1") ;;
  esac
  shift
done

"$ROOT/scripts/setup.sh" --tests
"$ROOT/scripts/build.sh"
say "testing"
CRAM_PYTHON=$DEPS/python/bin/python ctest --test-dir "$ROOT/build" --parallel "$(nproc)" \
  --output-on-failure --no-tests=error "${arguments[@]}"
