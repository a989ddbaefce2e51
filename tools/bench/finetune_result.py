#!/usr/bin/env python3
"""Puts fine-tuning with cram and with transformers side by side: a table for people on standard
error, one JSON line on standard output.

usage: finetune_result.py speed FOLDER TASK...
       finetune_result.py scores FOLDER TASK...

speed    FOLDER/TASK holds cram-1/results.json, transformers-1.json and so on, a pair of runs each.
scores   FOLDER/TASK holds cram-1/results.json and transformers-1.json, runs of the same seeds.
"""

import json
import math
import sys
from pathlib import Path
from statistics import median

from result_table import cells, interval, spread

PEER = "transformers"


def read_run(file: Path) -> dict:
    """The only task of a results.json."""
    if not file.is_file():
        raise SystemExit(f"{file}: no such result")
    tasks = json.loads(file.read_text())["tasks"]
    if len(tasks) != 1:
        raise SystemExit(f"{file}: {len(tasks)} tasks where one was expected")
    return tasks[0]


def read_pair(folder: Path, number: int) -> tuple[dict, dict]:
    return (read_run(folder / f"cram-{number}" / "results.json"),
            read_run(folder / f"{PEER}-{number}.json"))


def read_pairs(folder: Path) -> list[tuple[dict, dict]]:
    count = len(list(folder.glob("cram-*")))
    if count == 0:
        raise SystemExit(f"{folder}: no results")
    return [read_pair(folder, number) for number in range(1, count + 1)]


def total(run: dict, name: str) -> float:
    return sum(seed[name] for seed in run["seeds"])


def rate(run: dict, name: str) -> float:
    """Of tokens or examples, a second of training."""
    return total(run, name) / total(run, "seconds")


def program_speed(runs: list[dict]) -> dict:
    return {"tokens_per_s": round(median(rate(run, "tokens") for run in runs), 1),
            "examples_per_s": round(median(rate(run, "examples") for run in runs), 2),
            "examples": total(runs[0], "examples"), "tokens": total(runs[0], "tokens")}


def task_speed(pairs: list[tuple[dict, dict]]) -> dict:
    ratios = [rate(cram, "tokens") / rate(peer, "tokens") for cram, peer in pairs]
    return {"title": pairs[0][0]["title"], "ratio": spread(ratios, 3), "pairs": len(pairs),
            "cram": program_speed([cram for cram, _ in pairs]),
            PEER: program_speed([peer for _, peer in pairs]),
            "padding": pairs[0][1]["seeds"][0].get("padding")}


def speed(folder: Path, tasks: list[str]) -> dict:
    results = {task: task_speed(read_pairs(folder / task)) for task in tasks}
    logarithms = [math.log(result["ratio"]["median"]) for result in results.values()]
    return {"bench": "finetune", "ratio": round(math.exp(sum(logarithms) / len(logarithms)), 3),
            "tasks": results}


def speed_table(result: dict) -> list[str]:
    rows = [cells("task", "cram tokens/s", f"{PEER} tokens/s", "cram examples/s",
                  f"{PEER} examples/s", "ratio [smallest, largest]"), "|---|---|---|---|---|---|"]
    notes = []
    for task in result["tasks"].values():
        cram, peer, ratio = task["cram"], task[PEER], task["ratio"]
        rows.append(cells(
            task["title"], f"{cram['tokens_per_s']:,.0f}", f"{peer['tokens_per_s']:,.0f}",
            f"{cram['examples_per_s']:,.1f}", f"{peer['examples_per_s']:,.1f}",
            interval(ratio)))
        notes += [f"{task['title']}: cram was trained on {cram[what]:,} {what}, {PEER} on "
                  f"{peer[what]:,}" for what in ("examples", "tokens") if cram[what] != peer[what]]
    notes.append(f"ratio of tokens/s, geometric mean over the tasks: {result['ratio']:.2f}")
    return [*rows, *notes]


def split_scores(run: dict) -> dict[tuple[str, str], list[float]]:
    """The values of the seeds for each split and metric."""
    values: dict[tuple[str, str], list[float]] = {}
    for seed in run["seeds"]:
        for split in seed["splits"]:
            for measured in split["metrics"]:
                if measured["value"] is None:
                    raise SystemExit(f"{run['task']}: seed {seed['seed']} diverged")
                key = (split["split"], measured["metric"])
                values.setdefault(key, []).append(measured["value"])
    return values


def task_scores(cram: dict, peer: dict) -> dict:
    seeds, peer_seeds = ([seed["seed"] for seed in run["seeds"]] for run in (cram, peer))
    if seeds != peer_seeds:
        raise SystemExit(f"{cram['task']}: cram has the seeds {seeds}, {PEER} {peer_seeds}")
    ours, theirs = split_scores(cram), split_scores(peer)
    rows = []
    for split, metric in (key for key in ours if key in theirs):
        a, b = spread(ours[split, metric], 5), spread(theirs[split, metric], 5)
        rows.append({"split": split, "metric": metric, "cram": a, PEER: b,
                     "difference": round(a["median"] - b["median"], 5),
                     "overlap": a["smallest"] <= b["largest"] and b["smallest"] <= a["largest"]})
    if not rows:
        raise SystemExit(f"{cram['task']}: no metric in common")
    return {"title": cram["title"], "seeds": seeds, "scores": rows}


def scores(folder: Path, tasks: list[str]) -> dict:
    return {"bench": "finetune-scores",
            "tasks": {task: task_scores(*read_pair(folder / task, 1)) for task in tasks}}


def scores_table(result: dict) -> list[str]:
    rows = [cells("task", "metric", "cram median [min, max]", f"{PEER} median [min, max]",
                  "difference", "ranges overlap"), "|---|---|---|---|---|---|"]
    for task in result["tasks"].values():
        for score in task["scores"]:
            split = "" if score["split"] == "dev" else f", {score['split']}"
            rows.append(cells(task["title"], score["metric"] + split, interval(score["cram"], 100),
                              interval(score[PEER], 100), f"{100 * score['difference']:+.2f}",
                              "yes" if score["overlap"] else "no"))
    return rows


def main() -> None:
    kinds = {"speed": (speed, speed_table), "scores": (scores, scores_table)}
    if len(sys.argv) < 4 or sys.argv[1] not in kinds:
        raise SystemExit(__doc__.split("\n\n")[1])
    compare, table = kinds[sys.argv[1]]
    result = compare(Path(sys.argv[2]), sys.argv[3:])
    print("\n".join(table(result)), file=sys.stderr)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
