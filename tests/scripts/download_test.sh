#!/usr/bin/env bash
# shellcheck disable=SC2317 # run_tests finds the tests
#
# scripts/download-corpus.sh and download-glue.sh against a server on this machine.
set -euo pipefail
# shellcheck source=tests/scripts/expect.sh
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

# serve ARGUMENT...: a server with a corpus of three files and two tasks; $base is its address.
serve() {
  local name
  served=$work/served
  for name in wikimedia/wikipedia/20231101.en/{a,b,c}.parquet nyu-mll/glue/{rte,cola}/train.parquet; do
    mkdir -p "$(dirname "$served/$name")"
    head -c 300000 /dev/urandom >"$served/$name"
  done
  echo "about" >"$served/wikimedia/wikipedia/20231101.en/README.md"
  python3 "$SOURCE/tests/scripts/dataset_server.py" "$served" "$@" 2>"$work/server" &
  server=$!
  trap 'kill $server; rm -rf "$work"' EXIT
  local tries=0
  until [[ -e $served/address ]]; do
    ((++tries < 100)) || fail "the server did not start: $(<"$work/server")"
    sleep 0.1
  done
  base=$(<"$served/address")
  export CRAM_DOWNLOAD_WAIT=0.05
}

corpus() { run "$tree/scripts/download-corpus.sh" "$@"; }

expect_same_files() { diff -r "$1" "$2" --exclude SHA256SUMS --exclude README.md || fail "$1 differs"; }

# The requests for files, since the last call.
file_requests() {
  grep -c /resolve/ "$served/requests" || true
  : >"$served/requests"
}

test_fetches_a_corpus_once() {
  serve
  corpus wikipedia --base "$base"
  expect_status 0
  expect_same_files "$served/wikimedia/wikipedia/20231101.en" "$tree/data/wikipedia"
  (cd "$tree/data/wikipedia" && sha256sum --quiet -c SHA256SUMS) || fail "wrong sums"
  [[ $(file_requests) == 3 ]] || fail "expected a request for each of the Parquet files"
  corpus wikipedia --base "$base"
  expect_status 0
  [[ $(file_requests) == 0 ]] || fail "fetched again what is there"
}

test_fetches_a_damaged_file_again() {
  serve
  corpus wikipedia --base "$base" --files 1 --into "$work/in"
  expect_no_file "$work/in/wikipedia/b.parquet"
  printf x | dd of="$work/in/wikipedia/a.parquet" bs=1 seek=100 conv=notrunc status=none
  HF_ENDPOINT=$base corpus wikipedia --files 1 --into "$work/in"
  expect_status 0
  cmp "$work/in/wikipedia/a.parquet" "$served/wikimedia/wikipedia/20231101.en/a.parquet" ||
    fail "left the damage"
}

test_goes_on_where_the_connection_broke() {
  serve --stall 100000
  corpus wikipedia --base "$base" --files 1
  expect_status 0
  expect_output "again in"
  grep -q "a.parquet bytes=100000-" "$served/requests" || fail "began anew"
  cmp "$served/wikimedia/wikipedia/20231101.en/a.parquet" "$tree/data/wikipedia/a.parquet" ||
    fail "the halves do not fit"
}

test_goes_on_with_half_a_file_of_an_earlier_call() {
  serve
  mkdir -p "$tree/data/wikipedia"
  head -c 7 "$served/wikimedia/wikipedia/20231101.en/a.parquet" \
    >"$tree/data/wikipedia/a.parquet.partial"
  corpus wikipedia --base "$base" --files 1
  expect_status 0
  grep -q "a.parquet bytes=7-" "$served/requests" || fail "began anew"
  expect_no_file "$tree/data/wikipedia/a.parquet.partial"
}

test_keeps_nothing_that_has_another_sum() {
  serve --lie
  corpus wikipedia --base "$base"
  expect_status 1
  expect_output "a.parquet: not the file that the server lists"
  expect_no_file "$tree/data/wikipedia/a.parquet"
  expect_no_file "$tree/data/wikipedia/a.parquet.partial"
}

test_says_that_a_server_is_not_there() {
  export CRAM_DOWNLOAD_WAIT=0.01
  corpus wikipedia --base http://127.0.0.1:9
  expect_status 1
  expect_output "error: http://127.0.0.1:9/api/datasets/wikimedia/wikipedia/tree/main/20231101.en"
  serve
  corpus minipile --base "$base"
  expect_status 1
  expect_output "404"
}

test_says_that_a_base_is_no_address() {
  corpus wikipedia --base nonsense
  expect_status 1
  expect_output "error: --base nonsense: no address"
}

test_refuses_what_it_does_not_know() {
  for arguments in "" "enwiki" "wikipedia --files 0" "wikipedia --files" "--fast"; do
    # shellcheck disable=SC2086 # words
    corpus $arguments
    expect_status 2
  done
  run "$tree/scripts/download-glue.sh" squad
  expect_status 2
}

test_fetches_the_tasks_that_are_asked_for() {
  serve
  run "$tree/scripts/download-glue.sh" rte cola --base "$base"
  expect_status 0
  expect_same_files "$served/nyu-mll/glue" "$tree/data/glue"
}

run_tests
