#!/usr/bin/env bash
# Checks cram on this machine's NVIDIA GPU: what it finds, the tests that need a GPU, and for each
# main recipe tokens/s, share of the GPU's matrix-multiply speed and memory.
#
# usage: scripts/gpu-check.sh                                  build here, then check
#        scripts/gpu-check.sh --bundle FOLDER                  only build, for another machine
#        FOLDER/scripts/gpu-check.sh --prebuilt FOLDER [--torch TORCH]
#
#   --bundle FOLDER     puts into FOLDER all that the check needs but LibTorch and the driver; needs
#                       nvcc, no GPU
#   --prebuilt FOLDER   checks such a folder, without network, compiler or packages
#   --torch TORCH       the LibTorch 2.11 there (default: .deps/torch/torch, or that of python3)
#
# Ends with one JSON object a recipe. Fails when anything did.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

RECIPES=(crammed-bert crammed-bert-v1 bert-base-24h izsak-bert-large-24h modern-bert cram pocket)
TEST_PROGRAMS=(train_tests finetune_tests) # the same small runs on a CPU and on a GPU
GPU_TESTS='*/Cuda'

bundle() {
  local folder=$1 build=$ROOT/build/gpu
  command -v nvcc >/dev/null || [[ -x /usr/local/cuda/bin/nvcc ]] ||
    die "no nvcc, so there is no CUDA plug-in to check" "install the CUDA 13 toolkit"
  "$ROOT/scripts/setup.sh"
  # Arrow is larger than all the rest, and Parquet is no matter of the GPU.
  "$ROOT/scripts/build.sh" --into "$build" --targets cram cram_cuda "${TEST_PROGRAMS[@]}" -- \
    -DCRAM_WITH_PARQUET=OFF -DCRAM_WITH_CUDA=ON
  rm -rf "$folder"
  "$ROOT/scripts/bundle.sh" "$folder" "$build"/bin/{cram,libcram_cuda.so} \
    "${TEST_PROGRAMS[@]/#/$build/tests/}"
  mkdir -p "$folder/scripts"
  cp -r "$ROOT/configs" "$folder/"
  cp "$ROOT"/scripts/{gpu-check,common}.sh "$folder/scripts/"
  say "$folder is ready ($(du -sh "$folder" | cut -f1))"
}

# The folder of LibTorch: the one given, the project's, or that of Python.
find_torch() {
  local folder
  for folder in "$1" "$DEPS/torch/torch" \
    "$(python3 -c 'import importlib.util as u; print(u.find_spec("torch").submodule_search_locations[0])' \
      2>/dev/null || true)"; do
    if [[ -n $folder && -f $folder/lib/libtorch_cuda.so ]]; then
      echo "$folder"
      return
    fi
  done
  die "no LibTorch with CUDA found" "give its folder: --torch FOLDER"
}

run_tests() {
  local folder=$1 program output passed
  for program in "${TEST_PROGRAMS[@]}"; do
    output=$("$folder/bin/$program" --gtest_filter="$GPU_TESTS" 2>&1) || {
      printf '%s\n' "$output"
      die "$program failed on the GPU"
    }
    passed=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' <<<"$output")
    ((${passed:-0} > 0)) || die "no test of $program ran on the GPU"
    # What each kernel of ours was measured at.
    grep -E ' ms$' <<<"$output" || true
    echo "$program: $passed tests passed on the GPU"
  done
}

# A JSON object for each recipe; a recipe that fails does not keep the others from being measured.
measure() {
  local folder=$1 recipe failed=()
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  echo "The text of a dry run is opened, not read." >text.txt
  for recipe in "${RECIPES[@]}"; do
    say "$recipe" >&2
    "$folder/bin/cram" pretrain --config "$folder/configs/$recipe.yaml" --dry-run --json \
      device.type=cuda data.sources=text.txt | sed "s/^{/{\"recipe\":\"$recipe\",/" ||
      failed+=("$recipe")
  done
  [[ ${#failed[@]} -eq 0 ]] || die "failed: ${failed[*]}"
}

check() {
  local folder torch
  folder=$(realpath "$1")
  torch=$(find_torch "$2")
  # The CUDA run-time library lies beside LibTorch where both are Python packages.
  export LD_LIBRARY_PATH=$folder/lib:$torch/lib:$torch/../nvidia/cu13/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  [[ -n $(nvidia_driver) ]] || die "nvidia-smi finds no GPU here"
  nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader
  "$folder/bin/cram" doctor
  say "tests"
  run_tests "$folder"
  measure "$folder"
}

mode=build folder=$ROOT/build/gpu-check torch=''
while [[ $# -gt 0 ]]; do
  case $1 in
    -h | --help) show_help && exit ;;
    --bundle | --prebuilt | --torch)
      [[ $# -ge 2 ]] || die_usage "$1 needs a folder"
      if [[ $1 == --torch ]]; then torch=$2; else mode=${1#--} folder=$2; fi
      shift
      ;;
    *) die_usage "unknown argument '$1'" ;;
  esac
  shift
done
if [[ $mode == prebuilt ]]; then
  [[ -x $folder/bin/cram ]] || die "$folder: not made by gpu-check.sh --bundle"
else
  bundle "$folder"
fi
[[ $mode == bundle ]] || check "$folder" "$torch"
