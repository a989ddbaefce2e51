#!/usr/bin/env bash
# From a fresh machine to a language model of one's own: sets everything up, gathers English text,
# trains ten minutes and fills some blanks. What is there already is skipped.
#
# usage: scripts/quickstart.sh [KEY=VALUE...]
#
#   scripts/quickstart.sh budget.time=2m          shorter
#   scripts/quickstart.sh data.sources=my-folder  text of your own
#
# Settings are those of configs/quickstart.yaml; `cram recipe show` explains them.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

CRAM=build/bin/cram
BLANKS=("A dog is an [MASK] that barks." "To eat is to take [MASK] into the body."
  "In the [MASK] God created the heaven and the earth.")

[[ ${1:-} != -h && ${1:-} != --help ]] || { show_help && exit; }
name=quickstart folder=runs gather_text=yes
for setting in "$@"; do
  case $setting in
    name=*) name=${setting#name=} ;;
    runs_folder=*) folder=${setting#runs_folder=} ;;
    data.sources=*) gather_text=no ;;
    *=*) ;;
    *) die_usage "'$setting' is not of the form key=value" ;;
  esac
done

cd "$ROOT"
scripts/setup.sh
scripts/build.sh
[[ $gather_text == no ]] || scripts/quickstart_text.sh

say "training"
$CRAM pretrain --config configs/quickstart.yaml "$@"

say "filling blanks"
$CRAM fill-mask --checkpoint "$folder/$name" "${BLANKS[@]}"

say "what now"
cat <<END
The run is in $folder/$name: the model in model/, the curves in report.html, all that happened in
events.jsonl.

  $CRAM fill-mask --checkpoint $folder/$name "The [MASK] is yours."
  $CRAM evaluate --checkpoint $folder/$name --text FILE

The real thing, a BERT in a day on one GPU, needs a few gigabytes of text:

  $CRAM pretrain --config configs/crammed-bert.yaml data.sources=FOLDER
END
