#!/usr/bin/env bash
# usage: bench_corpus_test.sh FOLDER_OF_THE_PROGRAMS
#
# The benchmark of the corpus with the real programs, on English words in any order. What it measured
# in so short a time means nothing; that the planted copies were found does.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=${CRAM_PYTHON:-python3}
"$python" -c 'import datasketch, duckdb' 2>/dev/null || {
  echo "skipped: $python has no datasketch or no duckdb"
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" - "$work/text.jsonl" <<'END'
import json
import random
import sys

chance = random.Random(1)
words = """the of and to in that it with for as his on be at by had not are but from or have an they
which one you were all her she there would their we him been has when who will no more if out so up
said what its about than into them can only other time new some could these two may first then do any
like my now over such our man me even most made after also did many off before must well back through
years where much your way down should because long each just state those people too mister how little
good world make very year still see own work men day get here old life both between being under three
never know same last another while us might great go come since against right came take used himself
few house use place during high without again home around small however found""".split()
with open(sys.argv[1], "w", encoding="utf-8") as file:
    for _ in range(60):
        text = " ".join(chance.choices(words, k=300))
        file.write(json.dumps({"text": text}) + "\n")
END
result=$("$python" -B "$root/tools/bench/corpus_speed.py" --bin "$1" --text "$work/text.jsonl" \
  --vocab-size 200 --tokens-a-character 9 --pairs 1 --memory 1)
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
assert result["memory_text_mb"] >= 20 and 0 < result["memory_peak_mib"] < 1000, result
assert result["pipeline_mb_per_s"] > 0 and result["pipeline_substrings_mb_per_s"] > 0, result
END
