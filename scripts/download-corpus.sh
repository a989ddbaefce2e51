#!/usr/bin/env bash
# Fetches text to pretrain on into data/NAME, as Parquet files that `cram prepare` reads.
#
# usage: scripts/download-corpus.sh NAME... [--files N] [--into FOLDER] [--base ADDRESS]
#
#   wikipedia     English Wikipedia of November 2023, about 12 GB, CC BY-SA
#   bookcorpus    sentences of 11,038 books, about 3 GB; the rights to them are unclear
#   fineweb-edu   10 billion tokens of educational web pages, about 28 GB, ODC-By
#   minipile      a million documents of all kinds, about 3 GB
#
#   --files N        only the first N files of each: to try things
#   --into FOLDER    instead of data
#   --base ADDRESS   a mirror of huggingface.co with the same interface ($HF_ENDPOINT)
#
# What is there with the right sum is not fetched again, and half a file is gone on with: when it
# was interrupted, call it again. In the recipe: data.sources: [data/wikipedia].
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Dataset, revision and folder of a corpus.
place_of() {
  case $1 in
    wikipedia) echo wikimedia/wikipedia main 20231101.en ;;
    bookcorpus) echo bookcorpus/bookcorpus refs/convert/parquet plain_text ;;
    fineweb-edu) echo HuggingFaceFW/fineweb-edu main sample/10BT ;;
    minipile) echo JeanKaddour/minipile main data ;;
    *) die_usage "there is no corpus '$1'" ;;
  esac
}

names=() options=() into=$ROOT/data
options+=(--base "${HF_ENDPOINT:-https://huggingface.co}")
while [[ $# -gt 0 ]]; do
  case $1 in
    -h | --help) show_help && exit ;;
    --files | --into | --base)
      [[ $# -ge 2 ]] || die_usage "$1 needs a value"
      if [[ $1 == --into ]]; then into=$2; else options+=("$1" "$2"); fi
      [[ $1 != --files || $2 =~ ^[1-9][0-9]*$ ]] || die_usage "--files wants a number, not '$2'"
      shift
      ;;
    -*) die_usage "unknown argument '$1'" ;;
    *) names+=("$1") && place_of "$1" >/dev/null ;;
  esac
  shift
done
[[ ${#names[@]} -gt 0 ]] || die_usage "name a corpus"
command -v python3 >/dev/null || die "this needs python3" "install it and call $0 again"

for name in "${names[@]}"; do
  read -r dataset revision folder <<<"$(place_of "$name")"
  say "$name"
  "$ROOT/scripts/download_dataset.py" "$dataset" "$folder" "$into/$name" --revision "$revision" \
    "${options[@]}"
done
