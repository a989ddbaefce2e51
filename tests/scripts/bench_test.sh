#!/usr/bin/env bash
# shellcheck disable=SC2016,SC2317 # stand-ins are written down unexpanded; run_tests finds the tests
#
# scripts/bench.sh's comparisons of fine-tuning, with stand-ins for cram and its peer; and the tests
# of the tools that it calls. Those of the peers skip themselves where CRAM_PYTHON lacks their
# libraries.
set -euo pipefail
# shellcheck source=tests/scripts/expect.sh
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

# Both programs note what they are asked for, and leave the same scores; cram is twice as fast.
fake_programs() {
  cp -r "$SOURCE/tools" "$tree/"
  mkdir -p "$tree/build/bin" "$tree/data/glue" "$work/model"
  touch "$work/model/config.json"
  printf '#!/usr/bin/env bash\n' | tee "$tree/scripts/setup.sh" >"$tree/scripts/build.sh"
  cat >"$work/result.sh" <<'END'
# result PROGRAM SECONDS FILE ARGUMENT...: for --task.
result() {
  local seconds=$2 file=$3 task
  echo "$1 ${*:4}" >>"$FAKE_LOG"
  shift 3
  while [[ $1 != --task ]]; do shift; done
  task=$2
  [[ ${FAKE_FAILURE:-} != "$task" ]] || exit 3
  echo '{"format":"cram task scores","version":1,"tasks":[{"task":"'"$task"'",
    "title":"'"${task^^}"'","spreads":[{"split":"dev","metric":"accuracy","median":0.75,
    "smallest":0.75,"largest":0.75}],"seeds":[{"seed":0,
    "seconds":'"$seconds"',"examples":10,"tokens":100,
    "splits":[{"split":"dev","metrics":[{"metric":"accuracy","value":0.75}]}]}]}],
    "glue_mean":{"mean":null,"missing":["MNLI"]}}' >"$file"
}
END
  cat >"$tree/build/bin/cram" <<'END'
#!/usr/bin/env bash
[[ $1 == finetune && $2 == --fresh && $3 == --output ]] || exit 2
mkdir "$4"
source "$FAKE_RESULT" && result cram 1.0 "$4/results.json" "${@:5}"
echo "a table of cram"
END
  cat >"$work/python" <<'END'
#!/usr/bin/env bash
[[ $1 != */finetune_result.py ]] || exec python3 -B "$@"
[[ $1 == */peer_finetune.py && ${*: -2:1} == --json ]] || exit 2
source "$FAKE_RESULT" && result transformers 2.0 "${*: -1}" "${@:2}"
END
  chmod +x "$tree/build/bin/cram" "$work/python"
  export FAKE_RESULT=$work/result.sh FAKE_LOG=$work/log CRAM_PEERS_PYTHON=$work/python
}

bench() { run "$tree/scripts/bench.sh" "$1" --checkpoint "$work/model" "${@:2}"; }

# programs: which ran on which task, in order.
programs() { sed -n 's/^\([a-z]*\) .*--task \([a-z0-9]*\).*/\1 \2/p' "$FAKE_LOG" | paste -sd, -; }

test_the_programs_take_turns() {
  fake_programs
  bench finetune --pairs 3 --task rte --task sst2
  expect_status 0
  expect_output "| RTE | 100 | 50 | 10.0 | 5.0 | 2.00 [2.00, 2.00] |"
  [[ ${output##*$'\n'} == '{"bench": "finetune", "ratio": 2.0, "tasks": {"rte": '* ]] ||
    fail "expected one JSON line at the end"
  [[ $(<"$tree/build/bench/finetune.json") == "${output##*$'\n'}" ]] || fail "expected it kept"
  output=$(programs)
  local turns=()
  for task in rte sst2; do
    for program in cram transformers transformers cram cram transformers; do
      turns+=("$program $task")
    done
  done
  [[ $output == "$(IFS=, && echo "${turns[*]}")" ]] || fail "expected turns"
}

test_both_programs_are_given_the_same_settings() {
  fake_programs
  bench finetune --pairs 1 --task rte --examples 50 --examples sst2=9 precision.compute=fp32 \
    --data "$work"
  expect_status 0
  output=$(<"$FAKE_LOG")
  expect_output "--checkpoint $work/model --data $work --task rte "
  expect_output "precision.compute=fp32"
  expect_no_output "bf16"
  expect_output "finetune.epochs=1 "
  expect_output "finetune.max_examples=50"
  expect_no_output "max_examples=9"
  # The pooler of BERT is a choice in cram alone.
  [[ $(grep -c 'finetune.head_size=0' "$FAKE_LOG") == 1 ]] || fail "expected it from cram alone"
  output=$(grep -o '[a-z_.0-9]*=[^ ]*' "$FAKE_LOG" | grep -v head_size | sort | uniq -c)
  [[ $(grep -cv '^ *2 ' <<<"$output") == 0 ]] || fail "expected each setting once from both"
}

test_measures_three_tasks_by_itself() {
  fake_programs
  bench finetune --pairs 1
  expect_status 0
  output=$(programs)
  expect_output "cram rte,transformers rte,cram mrpc,transformers mrpc,cram sst2,transformers sst2"
  output=$(<"$FAKE_LOG")
  expect_output "--data $tree/data/glue"
  expect_output "finetune.max_examples=2000"
}

test_compares_scores() {
  fake_programs
  bench finetune-scores --seeds 1 --task rte --task sst2 --examples sst2=77
  expect_status 0
  expect_output "| RTE | accuracy | 75.00 [75.00, 75.00] | 75.00 [75.00, 75.00] | +0.00 | yes |"
  [[ ${output##*$'\n'} == '{"bench": "finetune-scores", "tasks": {"rte": '* ]] ||
    fail "expected one JSON line at the end"
  [[ $(programs) == "cram rte,transformers rte,cram sst2,transformers sst2" ]] || fail "$(programs)"
  [[ $(grep -c "max_examples=77" "$FAKE_LOG") == 2 ]] || fail "expected 77 examples of SST-2 alone"
  output=$(<"$FAKE_LOG")
  expect_output "finetune.seeds=1"
  expect_output "finetune.epochs=5"
}

test_results_of_another_time_are_gone() {
  fake_programs
  bench finetune --pairs 3 --task rte
  bench finetune --pairs 1 --task rte
  expect_status 0
  expect_output '"pairs": 1'
}

test_stops_when_a_program_fails() {
  fake_programs
  FAKE_FAILURE=rte bench finetune --pairs 1 --task rte --task sst2
  [[ $status != 0 ]] || fail "expected a failure"
  expect_no_output '"bench"'
  [[ $(programs) == "cram rte" ]] || fail "expected nothing after the failure: $(programs)"
}

test_says_what_is_missing() {
  fake_programs
  bench finetune --data "$work/nowhere"
  expect_status 1
  expect_output "hint: name the folder of GLUE: --data DIR"
  run "$tree/scripts/bench.sh" finetune --checkpoint "$work"
  expect_status 1
  expect_output "error: $work: no model folder"
  expect_no_file "$FAKE_LOG"
}

test_refuses_a_wrong_command_line() {
  fake_programs
  local arguments
  for arguments in "--pairs 0" "--seeds 3" "--examples many" "--task" "--task ../x" "nonsense"; do
    # shellcheck disable=SC2086
    bench finetune $arguments
    expect_status 2
    expect_output "error: "
  done
  run "$tree/scripts/bench.sh" nonsense
  expect_status 2
  expect_output "finetune-scores"
}

test_the_tools_pass_their_tests() {
  run env OMP_NUM_THREADS=1 "${CRAM_PYTHON:-python3}" -B -m unittest discover \
    -s "$SOURCE/tools/bench" -p '*_test.py'
  expect_status 0
  echo "${output##*$'\n'}"
}

run_tests
