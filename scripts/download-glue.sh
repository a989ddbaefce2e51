#!/usr/bin/env bash
# Fetches the tasks of GLUE into data/glue, where `cram finetune` looks for them: 80 MB.
#
# usage: scripts/download-glue.sh [TASK...] [--into FOLDER] [--base ADDRESS]
#
#   TASK             cola, mnli, mrpc, qnli, qqp, rte, sst2, stsb, wnli or ax (all)
#   --into FOLDER    instead of data/glue
#   --base ADDRESS   a mirror of huggingface.co with the same interface ($HF_ENDPOINT)
#
# Each is held against its sum; what is there is not fetched again.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

TASKS=(cola mnli mrpc qnli qqp rte sst2 stsb wnli ax)

tasks=() into=$ROOT/data/glue base=${HF_ENDPOINT:-https://huggingface.co}
while [[ $# -gt 0 ]]; do
  case $1 in
    -h | --help) show_help && exit ;;
    --into | --base)
      [[ $# -ge 2 ]] || die_usage "$1 needs a value"
      if [[ $1 == --into ]]; then into=$2; else base=$2; fi
      shift
      ;;
    -*) die_usage "unknown argument '$1'" ;;
    *)
      [[ " ${TASKS[*]} " == *" $1 "* ]] || die_usage "there is no task '$1'"
      tasks+=("$1")
      ;;
  esac
  shift
done
[[ ${#tasks[@]} -gt 0 ]] || tasks=("${TASKS[@]}")
command -v python3 >/dev/null || die "this needs python3" "install it and call $0 again"

for task in "${tasks[@]}"; do
  say "$task"
  "$ROOT/scripts/download_dataset.py" nyu-mll/glue "$task" "$into/$task" --base "$base"
done
