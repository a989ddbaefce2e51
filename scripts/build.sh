#!/usr/bin/env bash
# Configures and builds cram. What setup.sh fetches must be there.
#
# usage: scripts/build.sh [--into FOLDER] [--targets TARGET... --] [CMAKE-OPTION...]
#
#   --into FOLDER         the build folder (build)
#   --targets TARGET...   build only these
#   -DCRAM_TORCH_DIR=/opt/libtorch     another LibTorch
#   -DCRAM_WITH_PARQUET=OFF            without Arrow
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

MEMORY_A_JOB=$((2 * 1024 * 1024)) # in KiB: what compiling against LibTorch's headers takes

# As many compilers at once as there are cores, but no more than fit into memory.
jobs() {
  local cores available fitting
  cores=$(nproc)
  available=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
  fitting=$((available / MEMORY_A_JOB))
  echo $((fitting < 1 ? 1 : fitting < cores ? fitting : cores))
}

folder=$ROOT/build
options=(-G Ninja -DCMAKE_BUILD_TYPE=Release)
! command -v ccache >/dev/null || options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
# Ubuntu 22.04's own compiler is too old; setup.sh installs a newer one beside it.
if [[ $(g++ -dumpversion) -lt 12 ]] && command -v g++-12 >/dev/null; then
  options+=(-DCMAKE_CXX_COMPILER=g++-12)
fi
targets=(all)
while [[ $# -gt 0 ]]; do
  case $1 in
    -h | --help) show_help && exit ;;
    --into)
      [[ $# -ge 2 ]] || die_usage "--into needs a folder"
      folder=$2
      shift
      ;;
    --targets)
      targets=()
      while shift && [[ $# -gt 0 && $1 != -- ]]; do targets+=("$1"); done
      [[ ${#targets[@]} -gt 0 && $# -gt 0 ]] || die_usage "--targets needs targets, then --"
      ;;
    -D*) options+=("$1") ;;
    *) die_usage "unknown argument '$1'" ;;
  esac
  shift
done

mkdir -p "$folder"
say "configuring"
cmake -S "$ROOT" -B "$folder" "${options[@]}" >"$folder/configure.log" 2>&1 || {
  tail -n 40 "$folder/configure.log" >&2
  die "cmake failed; all it said is in $folder/configure.log" \
    "scripts/setup.sh fetches what is needed"
}
say "building with $(jobs) jobs"
cmake --build "$folder" --parallel "$(jobs)" --target "${targets[@]}"
