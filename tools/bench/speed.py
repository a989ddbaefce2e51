#!/usr/bin/env python3
"""How fast cram takes a training step on a CPU, beside what people would use instead: a table on
standard error, one JSON line on standard output.

usage: speed.py [--shape NAME]... [--pairs N] [--seconds S] [--fp32] [--row NAME]... [--short]
       speed.py --config RECIPE [key=value]... [--profile FILE]

For each peer, cram and the peer take turns at rounds of some seconds in the same processes, on the
same cores (this program's, as taskset gives them): the machine's mood is the same for both. The
ratio of a pair of rounds is cram's tokens a second over the peer's; that of a peer is the median of
its pairs, given with the smallest and the largest. After each round cram measures how fast the
machine multiplies matrices of the model's shapes. With --config, a recipe of your own is measured,
without peers.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from result_table import cells, interval, spread
from turns import Program, say, take_turns

HERE = Path(__file__).resolve().parent
WORKER = HERE.parents[1] / "build" / "bin" / "step_worker"
SHAPES = ("L4_d256", "L4_d768")
SHORT = {"shapes": ["L2_d64"], "rows": ["bert-stock-sdpa", "crammed-tuned-eager"],
         "pairs": 1, "seconds": 0.1}


@dataclass(frozen=True)
class Row:
    """A peer. Stock: as it is installed; tuned: whatever makes plain PyTorch faster."""

    name: str
    kind: str  # "stock", "plain" (PyTorch without tuning) or "tuned"
    arguments: tuple[str, ...]


def rows() -> list[Row]:
    made = [Row(f"{model}-stock-{attention}", kind, (model, "--attention", attention))
            for model, kind in (("bert", "stock"), ("modern-bert", "stock"), ("crammed", "plain"))
            for attention in ("sdpa", "eager")]
    for model in ("bert-gathered", "modern-bert", "crammed"):
        for attention in ("sdpa", "eager"):
            tuned = (model, "--attention", attention, "--keep-freed-memory")
            made.append(Row(f"{model}-tuned-{attention}", "tuned", tuned))
            made.append(Row(f"{model}-compiled-{attention}", "tuned", (*tuned, "--compile")))
    return made


def peer_result(row: Row, facts: dict, ours: list, theirs: list) -> dict:
    ratios = [a["tokens_per_s"] / b["tokens_per_s"] for a, b in zip(ours, theirs)]
    return {"kind": row.kind, "tokens_per_s": round(median(r["tokens_per_s"] for r in theirs), 1),
            "ratio": spread(ratios, 3), "micro_batch": facts["micro_batch"],
            "parameters": facts["parameters"], "peak_bytes": theirs[-1]["peak_bytes"],
            "page_faults": round(median(r["page_faults"] for r in theirs), 1),
            "cpu_share": round(min(r["cpu_share"] for r in ours + theirs), 3)}


def cram_result(facts: dict, rounds: list) -> dict:
    middle = {name: median(r[name] for r in rounds) for name in rounds[0]}
    return {**facts, "tokens_per_s": round(middle["tokens_per_s"], 1),
            "gemm_share": spread([r["gemm_share"] for r in rounds], 3),
            "gemm_flops": middle["gemm_flops"],
            **{name: round(middle[name], 2)
               for name in ("forward_ms", "backward_ms", "optimizer_ms", "page_faults")},
            "allocated_bytes": int(middle["allocated_bytes"]),
            "peak_bytes": rounds[-1]["peak_bytes"],
            "cpu_share": round(min(r["cpu_share"] for r in rounds), 3)}


def best(peers: dict[str, dict], wanted) -> dict | None:
    """The fastest of those that are wanted, by its ratio to cram beside it."""
    names = [name for name in peers if wanted(name, peers[name])]
    if not names:
        return None
    name = min(names, key=lambda name: peers[name]["ratio"]["median"])
    return {"peer": name, **peers[name]["ratio"]}


def summary(peers: dict[str, dict]) -> dict:
    """The ratios that stand for a shape; the one number of each is its median."""
    choices = {
        "best_stock": best(peers, lambda _, peer: peer["kind"] == "stock"),
        "stock_bert": best(peers, lambda name, _: name.startswith("bert-stock")),
        "best_tuned": best(peers, lambda _, peer: peer["kind"] == "tuned"),
    }
    ratios = {f"ratio_{name}": choice["median"] for name, choice in choices.items() if choice}
    return {**ratios, **{name: choice for name, choice in choices.items() if choice}}


def measure_shape(name: str, chosen: list[Row], args) -> dict:
    precision = "fp32" if args.fp32 else "bf16"
    recipe = str(HERE / "shapes" / f"{name}.yaml")
    all_rounds, peers = [], {}
    with Program([args.worker, "--config", recipe, f"precision.compute={precision}"]) as cram:
        for row in chosen:
            command = [sys.executable, str(HERE / "peer_speed.py"), *row.arguments,
                       "--facts", json.dumps(cram.facts), "--precision", precision]
            with Program(command) as peer:
                ours, theirs = take_turns(cram, peer, args.pairs, "measure", args.seconds)
                peers[row.name] = peer_result(row, peer.facts, ours, theirs)
                all_rounds += ours
            say(peer_line(name, row.name, peers[row.name]))
        cram_part = cram_result(cram.facts, all_rounds)
    return {"tokens_per_s": cram_part["tokens_per_s"],
            "gemm_share": cram_part["gemm_share"]["median"], **summary(peers),
            "precision": precision, "cram": cram_part, "peers": peers}


def measure_recipe(args) -> dict:
    with Program([args.worker, "--config", args.config, *args.overrides]) as cram:
        rounds = [cram.ask("measure", args.seconds) for _ in range(args.pairs)]
        if args.profile:
            cram.ask("profile", args.profile.absolute())
        result = cram_result(cram.facts, rounds)
    return {"tokens_per_s": result["tokens_per_s"], "gemm_share": result["gemm_share"]["median"],
            "precision": result["precision"], "cram": result, "peers": {}}


def peer_line(shape: str, name: str, peer: dict) -> str:
    return (f"{shape}  {name}: {peer['tokens_per_s']:,.0f} tokens/s, cram is "
            f"{interval(peer['ratio'])} times as fast")


def row_cells(name: str, program: dict, ratio: str) -> str:
    return cells(name, f"{program['tokens_per_s']:,.0f}", ratio, str(program["micro_batch"]),
                 f"{program['page_faults']:,.0f}", f"{program['peak_bytes'] / 2**20:,.0f} MiB")


def table(shape: str, result: dict) -> list[str]:
    cram = result["cram"]
    lines = [f"\n{shape}, {result['precision']}: {cram['device']}", "",
             "| | tokens/s | cram's ratio [smallest, largest] | micro-batch | page faults an update "
             "| peak memory |", "|---|---|---|---|---|---|"]
    lines.append(row_cells("cram", cram, ""))
    for name, peer in sorted(result["peers"].items(), key=lambda item: item[1]["tokens_per_s"]):
        lines.append(row_cells(name, peer, interval(peer["ratio"])))
    lines += ["", f"forward {cram['forward_ms']:.1f} ms, backward {cram['backward_ms']:.1f} ms, "
              f"optimizer {cram['optimizer_ms']:.1f} ms an update; "
              f"{cram['allocated_bytes'] / 2**20:,.0f} MiB allocated",
              f"share of the machine's matrix-multiply speed ({cram['gemm_flops'] / 1e9:,.0f} "
              f"GFLOP/s): {interval(cram['gemm_share'], 100)} %",
              f"least share of the cores that anybody got: {cram['cpu_share']:.2f}"]
    return lines


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--shape", action="append", dest="shapes", metavar="NAME",
                        help=f"repeatable ({' and '.join(SHAPES)})")
    parser.add_argument("--row", action="append", dest="rows", metavar="NAME",
                        choices=[row.name for row in rows()], help="a peer, repeatable (all)")
    parser.add_argument("--pairs", type=int, default=5, help="rounds of each program (5)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of a round (3)")
    parser.add_argument("--fp32", action="store_true", help="all in fp32, not bf16")
    parser.add_argument("--short", action="store_true", help="a tiny shape, to see that it runs")
    parser.add_argument("--worker", default=str(WORKER), metavar="FILE", help="another step_worker")
    parser.add_argument("--config", metavar="RECIPE", help="a recipe of your own, without peers")
    parser.add_argument("--profile", type=Path, metavar="FILE",
                        help="with --config: a Chrome trace, and a table of where the time goes")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="of --config's recipe")
    args = parser.parse_intermixed_args()
    if args.overrides and not args.config or args.profile and not args.config:
        parser.error("key=value and --profile go with --config")
    if args.pairs < 1 or not args.seconds > 0:
        parser.error("--pairs and --seconds must be positive")
    if args.short:
        vars(args).update(SHORT)
    return args


def main() -> None:
    args = parse()
    if args.config:
        shapes = {Path(args.config).stem: measure_recipe(args)}
    else:
        chosen = [row for row in rows() if not args.rows or row.name in args.rows]
        shapes = {name: measure_shape(name, chosen, args) for name in args.shapes or SHAPES}
    for name, result in shapes.items():
        say("\n".join(table(name, result)))
    print(json.dumps({"bench": "train", "shapes": shapes}))


if __name__ == "__main__":
    main()
