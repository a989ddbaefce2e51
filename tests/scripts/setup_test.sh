#!/usr/bin/env bash
# shellcheck disable=SC2016,SC2317 # stand-ins are written down unexpanded; run_tests finds the tests
#
# scripts/setup.sh with stand-ins for the package managers.
set -euo pipefail
# shellcheck source=tests/scripts/expect.sh
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

setup() { run "$tree/scripts/setup.sh" "$@"; }

test_fetches_the_cpu_libraries_where_there_is_no_gpu() {
  fake_machine
  setup
  expect_status 0
  expect_file "$tree/.deps/torch/.stamp"
  expect_file "$tree/.deps/arrow/.stamp"
  expect_no_file "$tree/.deps/python"
  expect_no_file "$tree/.deps/torch.partial"
  output=$(<"$FAKE_LOG")
  expect_output "--no-deps torch==2.11.0"
  expect_output "nvidia-cuda-runtime=="
  expect_no_output "cudnn"
}

test_fetches_nothing_twice() {
  fake_machine
  setup --tests
  : >"$FAKE_LOG"
  setup --tests
  expect_status 0
  [[ -z $output ]] || fail "expected silence"
  output=$(<"$FAKE_LOG")
  [[ -z $output ]] || fail "expected no call of pip"
}

test_takes_up_an_interrupted_set_up() {
  fake_machine
  FAKE_FAILURE=nvidia-cuda-runtime setup
  expect_status 1
  expect_output "the network is down"
  expect_no_file "$tree/.deps/torch"
  setup
  expect_status 0
  expect_file "$tree/.deps/torch/.stamp"
}

test_does_not_believe_a_folder_without_a_stamp() {
  fake_machine
  mkdir -p "$tree/.deps/torch"
  touch "$tree/.deps/torch/half"
  setup
  expect_file "$tree/.deps/torch/.stamp"
  expect_no_file "$tree/.deps/torch/half"
}

test_fetches_a_changed_version_again() {
  fake_machine
  setup
  : >"$FAKE_LOG"
  sed -i 's/^ARROW=.*/ARROW=pyarrow==99/' "$tree/scripts/setup.sh"
  setup
  output=$(<"$FAKE_LOG")
  expect_output "pyarrow==99"
  expect_no_output "torch=="
}

test_chooses_cuda_by_the_driver() {
  fake_machine
  fake nvidia-smi <<<'echo 590.12.01'
  setup
  output=$(<"$FAKE_LOG")
  expect_output "nvidia-cudnn-cu13=="
  fake nvidia-smi <<<'echo 535.1'
  rm -rf "$tree/.deps"
  : >"$FAKE_LOG"
  setup
  expect_output "the NVIDIA driver is 535, but LibTorch needs 580"
  output=$(<"$FAKE_LOG")
  expect_no_output "cudnn"
}

test_keeps_cuda_libraries_when_the_cpu_would_do() {
  fake_machine
  setup --cuda
  : >"$FAKE_LOG"
  setup --cpu
  output=$(<"$FAKE_LOG")
  [[ -z $output ]] || fail "expected no call of pip"
}

test_makes_a_python_for_tests_and_adds_triton_for_peers_on_a_gpu() {
  fake_machine
  setup --tests
  expect_file "$tree/.deps/python/.stamp"
  setup --peers --cuda
  output=$(<"$FAKE_LOG")
  expect_output "triton=="
}

test_says_how_to_get_packages_without_root() {
  fake_machine
  fake dpkg-query <<<'exit 1'
  fake id <<<'echo 1000'
  fake sudo <<<'exit 1'
  setup
  expect_status 1
  expect_output "error: this needs root: apt-get update"
  expect_output "hint: run it as root or install sudo"
}

test_installs_only_what_is_missing() {
  fake_machine
  fake dpkg-query <<<'shift 3; printf "ii  %s\n" "$@" | grep -vE "cmake|ccache"; exit 1'
  fake id <<<'echo 0'
  fake apt-get <<<'echo "apt-get $*"'
  setup
  expect_status 0
  expect_output "installing 2 packages: ccache cmake"
  expect_output "DPkg::Lock::Timeout=300 ccache cmake"
}

test_refuses_unknown_arguments() {
  for script in setup build quickstart quickstart_text gpu-check; do
    run "$tree/scripts/$script.sh" --nonsense
    expect_status 2
    expect_output "error: "
    expect_output "hint: "
  done
  run "$tree/scripts/test.sh" --label
  expect_status 2
}

test_explains_itself() {
  for script in setup build test quickstart quickstart_text gpu-check bundle check_style bench; do
    run "$tree/scripts/$script.sh" --help
    expect_status 0
    expect_output "usage: scripts/$script.sh"
    expect_no_output "set -euo"
  done
}

run_tests
