#!/usr/bin/env bash
# usage: bench_tokenizer_test.sh TOKENIZER_WORKER
#
# The benchmark of WordPiece with the real programs on the project's own pages. What it measured in
# so short a time means nothing; that both gave the same ids does.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=${CRAM_PYTHON:-python3}
"$python" -c 'import tokenizers' 2>/dev/null || {
  echo "skipped: $python has no tokenizers"
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat "$root"/README.md "$root"/*/README.md "$root"/tools/bench/*.md >"$work/readme.txt"
result=$("$python" -B "$root/tools/bench/tokenizer_speed.py" --worker "$1" --text "$work/readme.txt" \
  --vocab-size 400 --pairs 1)
"$python" - "$result" <<'END'
import json
import sys

result = json.loads(sys.argv[1])
assert result["same_ids"] is True, result
assert result["common_tokens"] > 0.9, result
for name in ("encode_mb_per_s", "encode_ratio", "train_mb_per_s", "train_ratio"):
    assert result[name] > 0, f"{name}: {result[name]}"
END
