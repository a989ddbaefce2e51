#!/usr/bin/env bash
# Compares cram with what people would run instead. Ends with one JSON line.
#
# usage: scripts/bench.sh pretrain [--minutes N] [--text SOURCE]... [--vocab FILE] [--seed N]
#                                  [--compile-peers]
#
# pretrain   trains configs/pocket.yaml, Hugging Face's BertForMaskedLM and crammed BERT in plain
#            PyTorch one after the other on the CPU, each for the same time on the same tokens, and
#            scores them on the same held-out tokens and masks (tools/bench/README.md).
#   --minutes N        training time of each (20)
#   --text SOURCE      a file, folder or glob, repeatable (the recipe's sources)
#   --vocab FILE       a vocab.txt or tokenizer.json (the recipe's tokenizer)
#   --seed N           of order, masks and weights (0)
#   --compile-peers    the peers run under torch.compile, whose time is not charged
#
# Results stay in build/bench. CRAM_PEERS_PYTHON names another Python with torch and transformers.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

RESULTS=$ROOT/build/bench
PYTHON=${CRAM_PEERS_PYTHON:-$DEPS/python/bin/python}

set_up() {
  [[ -n ${CRAM_PEERS_PYTHON:-} ]] || "$ROOT/scripts/setup.sh" --peers
  "$ROOT/scripts/build.sh"
  mkdir -p "$RESULTS"
}

# run_peer PEER ARGUMENT...: trains it on the dump and leaves $RESULTS/PEER.json.
run_peer() {
  local peer=$1
  shift
  say "training $peer"
  "$PYTHON" "$ROOT/tools/bench/peer_pretrain.py" "$peer" "$RESULTS/dump" "$@" \
    --json "$RESULTS/$peer.json" >/dev/null
}

bench_pretrain() {
  local minutes=20 seed=0 sources=() peer_arguments=() recipe=()
  while [[ $# -gt 0 ]]; do
    [[ $1 == --compile-peers || $# -ge 2 ]] || die_usage "$1 needs a value"
    case $1 in
      --minutes) minutes=$2 ;;
      --text) sources+=("\"$(realpath -ms "$2")\"") ;;
      --vocab) recipe+=("tokenizer.file=$(realpath "$2")") ;;
      --seed) seed=$2 ;;
      --compile-peers) peer_arguments+=(--compile) ;;
      *) die_usage "unknown argument '$1'" ;;
    esac
    [[ $1 == --compile-peers ]] || shift
    shift
  done
  [[ $minutes =~ ^[1-9][0-9]*$ ]] || die_usage "--minutes wants a whole number, not '$minutes'"
  [[ ${#sources[@]} -eq 0 ]] || recipe+=("data.sources=[$(IFS=, && echo "${sources[*]}")]")

  recipe+=("name=pretrain" "runs_folder=$RESULTS/runs" "data.cache=$RESULTS/cache" "seed=$seed"
    "budget.time=${minutes}m" "device.type=cpu" "data.held_out_share=0.02"
    "validation.tokens=2097152" "validation.at=[0.2,0.4,0.6,0.8,1.0]")
  set_up
  say "preparing the tokens"
  "$ROOT/build/bin/dump_batches" --config "$ROOT/configs/pocket.yaml" "${recipe[@]}" \
    --output "$RESULTS/dump"
  say "training cram"
  "$ROOT/build/bin/cram" pretrain --config "$ROOT/configs/pocket.yaml" --fresh "${recipe[@]}" >&2
  run_peer hf-bert --minutes "$minutes" --seed "$seed" "${peer_arguments[@]}"
  run_peer crammed --minutes "$minutes" --seed "$seed" "${peer_arguments[@]}"
  "$PYTHON" "$ROOT/tools/bench/pretrain_result.py" "$RESULTS/runs/pretrain" \
    "$RESULTS/hf-bert.json" "$RESULTS/crammed.json" | tee "$RESULTS/pretrain.json"
}

case ${1:-} in
  pretrain) bench_pretrain "${@:2}" ;;
  -h | --help) show_help ;;
  *) die_usage "choose what to compare: pretrain" ;;
esac
