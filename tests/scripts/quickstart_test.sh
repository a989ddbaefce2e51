#!/usr/bin/env bash
# shellcheck disable=SC2016,SC2317 # stand-ins are written down unexpanded; run_tests finds the tests
#
# scripts/quickstart.sh, quickstart_text.sh, build.sh and test.sh with stand-ins for what they call.
set -euo pipefail
# shellcheck source=tests/scripts/expect.sh
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

# cmake makes a cram that tells what it was asked for.
fake_build() {
  fake_machine
  fake cmake <<'END'
[[ ${FAKE_FAILURE:-} != cmake ]] || { echo "no compiler" && exit 1; }
[[ $1 == --build ]] || { echo "configured $*" && exit; }
echo "built ${*:2}"
mkdir -p "$2/bin"
printf '#!/usr/bin/env bash\necho "in ${PWD##*/}: cram $*"\n' >"$2/bin/cram"
chmod +x "$2/bin/cram"
END
  fake ctest <<<'echo "ctest $* python $CRAM_PYTHON"'
}

# A distribution that has some of the packages; unpacking makes a folder, and the text is their names.
fake_distribution() {
  fake apt-cache <<'END'
[[ ${*: -1} != @(wordnet-base|sword-text-kjv|postgresql-doc-16|fortunes) ]] || echo "Filename: x"
END
  fake apt-get <<'END'
for name in "$@"; do [[ $name == -* || $name == *=* || $name == download ]] || touch "${name}_1_all.deb"; done
END
  fake dpkg <<<'mkdir -p "$3"'
  fake python3 <<'END'
[[ $2 != --packages ]] || exec "$REAL_PYTHON" "$@"
ls "$2" >"$3/names.txt"
[[ ${FAKE_FAILURE:-} == text ]] || head -c 10000000 /dev/zero >"$3/text.txt"
END
  export REAL_PYTHON
}
REAL_PYTHON=$(command -v python3)

test_leads_from_nothing_to_filled_blanks() {
  fake_build
  run "$tree/scripts/quickstart.sh" data.sources=mine budget.time=1m name=first
  expect_status 0
  expect_output "in tree: cram pretrain --config configs/quickstart.yaml data.sources=mine budget.time=1m name=first"
  expect_output "in tree: cram fill-mask --checkpoint runs/first A dog is an [MASK] that barks."
  expect_output "cram pretrain --config configs/crammed-bert.yaml"
  expect_no_file "$tree/data"
}

test_stops_when_the_build_fails() {
  fake_build
  FAKE_FAILURE=cmake run "$tree/scripts/quickstart.sh" data.sources=mine
  expect_status 1
  expect_output "no compiler"
  expect_output "error: cmake failed"
  expect_no_output "cram pretrain"
}

test_builds_chosen_targets_into_a_folder() {
  fake_build
  run "$tree/scripts/build.sh" --into "$work/other" --targets cram cram_cuda -- -DCRAM_WITH_CUDA=ON
  expect_status 0
  expect_output "--target cram cram_cuda"
  output=$(<"$work/other/configure.log")
  expect_output "-B $work/other"
  expect_output "-DCRAM_WITH_CUDA=ON"
  run "$tree/scripts/build.sh" --targets cram
  expect_status 2
}

test_runs_the_tests_with_the_python_of_the_set_up() {
  fake_build
  run "$tree/scripts/test.sh" --label unit -R report
  expect_status 0
  expect_file "$tree/.deps/python/.stamp"
  expect_output "--test-dir $tree/build"
  expect_output "-L ^unit\$ -R report"
  expect_output "python $tree/.deps/python/bin/python"
}

test_gathers_text_from_the_packages_there_are() {
  fake_distribution
  run "$tree/scripts/quickstart_text.sh"
  expect_status 0
  output=$(<"$tree/data/quickstart/names.txt")
  [[ $output == $'fortunes\npostgresql-doc-16\nsword-text-kjv\nwordnet-base' ]] ||
    fail "expected these packages"
  fake apt-get <<<'exit 1'
  run "$tree/scripts/quickstart_text.sh"
  expect_status 0
}

test_leaves_nothing_behind_when_there_is_too_little_text() {
  fake_distribution
  FAKE_FAILURE=text run "$tree/scripts/quickstart_text.sh"
  expect_status 1
  expect_output "bytes of text came out"
  expect_no_file "$tree/data/quickstart"
}

run_tests
