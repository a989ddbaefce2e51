#!/usr/bin/env bash
# usage: bench_train_test.sh STEP_WORKER
#
# The benchmark of training steps, in its short form, with the real programs. What it measured in so
# short a time means nothing; that it measured, and what it prints, is looked at.
set -euo pipefail

bench=$(dirname "${BASH_SOURCE[0]}")/../../tools/bench
python=${CRAM_PYTHON:-python3}
"$python" -c 'import torch, transformers' 2>/dev/null || {
  echo "skipped: $python has no torch and transformers"
  exit 77
}
result=$("$python" -B "$bench/speed.py" --short --worker "$1")
"$python" - "$result" <<'END'
import json
import sys

shape = json.loads(sys.argv[1])["shapes"]["L2_d64"]
for name in ("tokens_per_s", "gemm_share", "ratio_best_stock", "ratio_best_tuned"):
    assert shape[name] > 0, f"{name}: {shape[name]}"
cram = shape["cram"]
assert cram["forward_ms"] > 0 and cram["backward_ms"] > 0 and cram["optimizer_ms"] > 0, cram
assert cram["allocated_bytes"] > cram["batch"] * cram["sequence_length"] * cram["hidden_size"]
assert set(shape["peers"]) == {"bert-stock-sdpa", "crammed-tuned-eager"}, shape["peers"]
assert shape["peers"]["crammed-tuned-eager"]["parameters"] == cram["parameters"]
END
