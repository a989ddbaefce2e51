#!/usr/bin/env python3
"""Puts the results of cram and the peers side by side: a table for people on standard error, one
JSON line on standard output.

usage: pretrain_result.py RUN_FOLDER PEER.json...
"""

import json
import sys
from pathlib import Path

NAMES = {"hf-bert": "hf_bert", "crammed": "crammed_peer"}


def cram_result(run_folder: Path) -> dict:
    """From events.jsonl; work that a resumed run did again counts once, by its last record."""
    points, started, finished = {}, None, None
    for line in (run_folder / "events.jsonl").read_text().splitlines():
        event = json.loads(line)
        if event["event"] == "started":
            started = event
        elif event["event"] == "validation":
            points[event["step"]] = {"spent": event["budget_share"], "seconds": event["seconds"],
                                     "tokens": event["tokens"], "loss": event["loss"],
                                     "accuracy": event["accuracy"]}
        elif event["event"] == "finished":
            finished = event
    if finished is None:
        raise SystemExit(f"{run_folder}: the run did not finish")
    return {"held_out_loss": finished["held_out_loss"], "accuracy": finished["held_out_accuracy"],
            "tokens": finished["tokens"],
            "tokens_per_s": round(finished["tokens"] / finished["seconds"], 1),
            "seconds": finished["seconds"], "precision": started["precision"],
            "curve": [points[step] for step in sorted(points)]}


def print_table(results: dict) -> None:
    print(f"{'':14}{'loss':>8}{'accuracy':>10}{'tokens':>14}{'tokens/s':>10}", file=sys.stderr)
    for name, result in results.items():
        print(f"{name:14}{result['held_out_loss']:8.4f}{result['accuracy']:10.4f}"
              f"{result['tokens']:14,}{result['tokens_per_s']:10,.0f}", file=sys.stderr)


def main() -> None:
    if len(sys.argv) < 3:
        raise SystemExit(__doc__.split("\n\n")[1])
    run_folder, *peers = map(Path, sys.argv[1:])
    results = {"cram": cram_result(run_folder)}
    for peer in peers:
        result = json.loads(peer.read_text())
        results[NAMES[result["peer"]]] = result
    print_table(results)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
