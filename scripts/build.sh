#!/usr/bin/env bash
# Configures and builds cram in build/. What setup.sh fetches must be there.
#
# usage: scripts/build.sh [CMAKE-OPTION...]
#
#   scripts/build.sh -DCRAM_TORCH_DIR=/opt/libtorch     another LibTorch
#   scripts/build.sh -DCRAM_WITH_PARQUET=OFF            without Arrow
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

BUILD=$ROOT/build
MEMORY_A_JOB=$((2 * 1024 * 1024)) # in KiB: what compiling against LibTorch's headers takes

[[ ${1:-} != -h && ${1:-} != --help ]] || { show_help && exit; }

# As many compilers at once as there are cores, but no more than fit into memory.
jobs() {
  local cores available fitting
  cores=$(nproc)
  available=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
  fitting=$((available / MEMORY_A_JOB))
  echo $((fitting < 1 ? 1 : fitting < cores ? fitting : cores))
}

options=(-G Ninja -DCMAKE_BUILD_TYPE=Release)
! command -v ccache >/dev/null || options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)

mkdir -p "$BUILD"
say "configuring"
cmake -S "$ROOT" -B "$BUILD" "${options[@]}" "$@" >"$BUILD/configure.log" 2>&1 || {
  tail -n 40 "$BUILD/configure.log" >&2
  die "cmake failed; all it said is in build/configure.log" "scripts/setup.sh fetches what is needed"
}
say "building with $(jobs) jobs"
cmake --build "$BUILD" --parallel "$(jobs)"
