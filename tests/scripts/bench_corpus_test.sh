#!/usr/bin/env bash
# usage: bench_corpus_test.sh FOLDER_OF_THE_PROGRAMS
#
# The benchmark of the corpus with the real programs, on text made of the project's own README. What
# it measured in so short a time means nothing; that the planted copies were found does.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=${CRAM_PYTHON:-python3}
"$python" -c 'import datasketch, duckdb' 2>/dev/null || {
  echo "skipped: $python has no datasketch or no duckdb"
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" - "$root/README.md" "$work/text.jsonl" <<'END'
import json
import random
import sys
from pathlib import Path

chance = random.Random(1)
words = Path(sys.argv[1]).read_text(encoding="utf-8").split()
with open(sys.argv[2], "w", encoding="utf-8") as file:
    for _ in range(60):
        text = " ".join(chance.choices(words, k=300))
        file.write(json.dumps({"text": text}) + "\n")
END
result=$("$python" -B "$root/tools/bench/corpus_speed.py" --bin "$1" --text "$work/text.jsonl" \
  --vocab-size 500 --tokens-a-character 9 --pairs 1)
"$python" - "$result" <<'END'
import json
import sys

result = json.loads(sys.argv[1])
assert result["planted"] == {"exact": 3, "near": 3, "far": 3}, result
for kind in ("exact", "near"):
    for name in (kind, f"{kind}_peer"):
        assert result[f"{name}_recall"] == 1, result
        assert result[f"{name}_wrong"] == 0, result
        assert result[f"{name}_others"] == 0, result
    assert result[f"{kind}_mb_per_s"] > 0 and result[f"{kind}_ratio"] > 0, result
assert result["pipeline_mb_per_s"] > 0 and result["pipeline_substrings_mb_per_s"] > 0, result
END
