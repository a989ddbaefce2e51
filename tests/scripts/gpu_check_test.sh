#!/usr/bin/env bash
# shellcheck disable=SC2016,SC2317 # stand-ins are written down unexpanded; run_tests finds the tests
#
# scripts/gpu-check.sh and scripts/bundle.sh, with stand-ins for the GPU and the programs.
set -euo pipefail
# shellcheck source=tests/scripts/expect.sh
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

fake_bundle() {
  mkdir -p "$work/bundle/bin" "$work/bundle/lib" "$work/bundle/configs" "$work/torch/lib"
  cp -r "$tree/scripts" "$work/bundle/"
  touch "$work/torch/lib/libtorch_cuda.so"
  cat >"$work/bundle/bin/cram" <<'END'
#!/usr/bin/env bash
[[ $1 == doctor ]] && echo "the doctor sees $LD_LIBRARY_PATH" && exit
[[ $* != *bert-large* || -z ${FAKE_FAILURE:-} ]] || exit 4
[[ $* == *--dry-run*device.type=cuda*data.sources=text.txt* && -f text.txt ]] || exit 2
echo '{"tokens_per_second":5}'
END
  for program in train_tests finetune_tests; do
    printf '#!/usr/bin/env bash\n%s\n' "${FAKE_TEST:-echo '[  PASSED  ] 4 tests.'}" \
      >"$work/bundle/bin/$program"
  done
  chmod +x "$work"/bundle/bin/*
  fake nvidia-smi <<<'[[ $* == *=driver_version* ]] && echo 590.1 || echo "a GPU"'
}

check() { run "$work/bundle/scripts/gpu-check.sh" --prebuilt bundle --torch "$work/torch"; }

test_checks_a_build_made_elsewhere() {
  fake_bundle
  check
  expect_status 0
  expect_output "a GPU"
  expect_output "the doctor sees $work/bundle/lib:$work/torch/lib"
  expect_output "train_tests: 4 tests passed on the GPU"
  expect_output "finetune_tests: 4 tests passed on the GPU"
  expect_output '{"recipe":"crammed-bert","tokens_per_second":5}'
  expect_output '{"recipe":"pocket","tokens_per_second":5}'
}

test_measures_the_other_recipes_when_one_fails() {
  fake_bundle
  FAKE_FAILURE=yes check
  expect_status 1
  expect_output '{"recipe":"pocket","tokens_per_second":5}'
  expect_output "error: failed: izsak-bert-large-24h"
}

test_fails_with_a_failing_test() {
  FAKE_TEST='echo "[  FAILED  ] Ops.Cuda"; exit 1' fake_bundle
  check
  expect_status 1
  expect_output "[  FAILED  ] Ops.Cuda"
  expect_output "error: train_tests failed on the GPU"
}

test_fails_when_no_test_ran() {
  FAKE_TEST='echo "[  PASSED  ] 0 tests."' fake_bundle
  check
  expect_status 1
  expect_output "error: no test of train_tests ran on the GPU"
}

test_needs_a_gpu() {
  fake_bundle
  fake nvidia-smi <<<'exit 9'
  check
  expect_status 1
  expect_output "error: nvidia-smi finds no GPU here"
}

test_needs_libtorch() {
  fake_bundle
  fake python3 <<<'exit 1'
  run "$work/bundle/scripts/gpu-check.sh" --prebuilt bundle --torch "$work/nowhere"
  expect_status 1
  expect_output "hint: give its folder: --torch"
}

test_refuses_a_folder_that_is_no_bundle() {
  run "$tree/scripts/gpu-check.sh" --prebuilt "$work"
  expect_status 1
  expect_output "error: $work: not made by gpu-check.sh --bundle"
  run "$tree/scripts/gpu-check.sh" --bundle
  expect_status 2
}

# A program that needs a library which needs another one, and the C library.
test_bundles_programs_with_their_libraries() {
  mkdir build
  echo 'int inner(void) { return 40; }' | cc -shared -fPIC -x c - -o build/libinner.so
  echo 'int inner(void); int outer(void) { return inner() + 2; }' |
    cc -shared -fPIC -x c - -o build/libouter.so -Lbuild -linner -Wl,-rpath,"$work/build"
  echo 'int outer(void); int main(void) { return outer(); }' |
    cc -x c - -o build/program -Lbuild -louter -Wl,-rpath,"$work/build"
  run "$tree/scripts/bundle.sh" "$work/bundle" build/program
  expect_status 0
  mv build elsewhere
  run env LD_LIBRARY_PATH="$work/bundle/lib" "$work/bundle/bin/program"
  expect_status 42
  output=$(ls "$work/bundle/lib")
  [[ $output == $'libinner.so\nlibouter.so' ]] || fail "expected these two libraries alone"
}

test_bundles_nothing_without_files() {
  run "$tree/scripts/bundle.sh" "$work/bundle"
  expect_status 2
  run "$tree/scripts/bundle.sh" "$work/bundle" "$work/nonsense"
  expect_status 1
  expect_output "error: $work/nonsense: no such file"
}

run_tests
