# shellcheck shell=bash disable=SC2034,SC2154
# What the script tests share; sourced. A test is a function test_...; run_tests calls each in a
# fresh folder $work with a copy of the scripts in $tree, and in a process of its own.

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# run COMMAND...: remembers $status and $output, which holds both streams.
run() {
  status=0
  output=$("$@" 2>&1 </dev/null) || status=$?
}

fail() {
  printf '%s\nstatus %s, output:\n%s\n' "$1" "${status:-}" "${output:-}" >&2
  exit 1
}

expect_status() { [[ $status == "$1" ]] || fail "expected status $1"; }
expect_output() { [[ $output == *"$1"* ]] || fail "expected in the output: $1"; }
expect_no_output() { [[ $output != *"$1"* ]] || fail "not expected in the output: $1"; }
expect_file() { [[ -e $1 ]] || fail "expected the file $1"; }
expect_no_file() { [[ ! -e $1 ]] || fail "not expected: the file $1"; }

# fake NAME: standard input becomes a program that is found before the real one.
fake() {
  mkdir -p "$work/fake"
  { echo '#!/usr/bin/env bash' && cat; } >"$work/fake/$1"
  chmod +x "$work/fake/$1"
  PATH=$work/fake:$PATH
}

# A machine for set-ups: all packages are installed, there is no GPU, and pip writes what it is asked
# for into $FAKE_LOG and a file.
fake_machine() {
  fake dpkg-query <<<'shift 3; printf "ii  %s\n" "$@"'
  fake nvidia-smi <<<'exit 1'
  fake python3 <<'END'
case $1 in
  -c) [[ $2 != *minor* ]] || echo 3.11 ;;
  -m)
    echo "$@" >>"$FAKE_LOG"
    if [[ $2 == venv ]]; then
      mkdir -p "$3/bin"
      cp "$0" "$3/bin/python"
    elif [[ $* == *"${FAKE_FAILURE:-no such thing}"* ]]; then
      echo "the network is down"
      exit 1
    elif [[ $* == *--target* ]]; then
      while [[ $1 != --target ]]; do shift; done
      mkdir -p "$2"
      echo "$@" >>"$2/files"
    fi
    ;;
esac
END
  export FAKE_LOG=$work/log
  touch "$FAKE_LOG"
}

run_one() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  tree=$work/tree
  mkdir -p "$tree"
  cp -r "$SOURCE/scripts" "$tree/"
  cd "$work"
  "$1"
}

run_tests() {
  local name failed=0
  for name in $(declare -F | sed -n 's/^declare -f \(test_.*\)/\1/p'); do
    if (set -euo pipefail && run_one "$name"); then
      echo "ok $name"
    else
      echo "FAILED $name"
      failed=1
    fi
  done
  exit $failed
}
