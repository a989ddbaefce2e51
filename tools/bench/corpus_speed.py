#!/usr/bin/env python3
"""How fast cram makes a corpus of raw text, and how fast and how well it finds duplicates: a table on
standard error, one JSON line on standard output.

usage: corpus_speed.py --text SOURCE... [--keep-out SOURCE]... [--bytes N] [--pairs N] [--memory MIB]

The pipeline is `cram prepare` in a fresh cache on all CPUs: reading, rules, learning a vocabulary,
cutting and packing; with every rule on but that for repeated substrings, and with that one as well. Equal documents are also looked for by DuckDB, near
duplicates by datasketch, on one thread each, in turns with cram, in a part of the text with copies
planted into it: whole ones, ones with a word in 100 changed, which are to be found, and ones with
every third word changed, which are to stay. The ratio of a pair of rounds is cram's speed over the
peer's, given as the median of the pairs with the smallest and the largest.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import corpus_memory
from result_table import cells, interval, spread
from turns import Program, say, take_turns

HERE = Path(__file__).resolve().parent
TIMES_LIMIT = 20  # as large is the text of which memory is measured
BIN = HERE.parents[1] / "build" / "bin"
COPIES = {"exact": 0, "near": 100, "far": 3}  # by kind: a word in so many is another


def changed(text: str, one_in: int, chance: random.Random) -> str:
    if one_in == 0:
        return text
    words = text.split(" ")
    offset = chance.randrange(one_in)
    return " ".join(f"changed{chance.randrange(10 ** 9)}" if i % one_in == offset else word
                    for i, word in enumerate(words))


def plant(documents: list[str], share: float) -> tuple[list[str], dict[str, set[int]]]:
    """Documents with copies of some behind them, and where the copies of each kind stand."""
    chance = random.Random(0)
    long_enough = [i for i, text in enumerate(documents) if text.count(" ") >= 200]
    count = max(1, int(share * len(long_enough)))
    originals = iter(chance.sample(long_enough, min(len(long_enough), 3 * count)))
    copies = [(kind, changed(documents[i], one_in, chance))
              for kind, one_in in COPIES.items() for _, i in zip(range(count), originals)]
    chance.shuffle(copies)
    places = {kind: set() for kind in COPIES}
    for number, (kind, _) in enumerate(copies, len(documents)):
        places[kind].add(number)
    return documents + [text for _, text in copies], places


def numbers(path: Path) -> set[int]:
    return {int(line) for line in path.read_text().split()}


def share(part: set, whole: set) -> float:
    return round(len(part & whole) / max(1, len(whole)), 4)


def find_duplicates(args, folder: Path) -> dict:
    texts = read_texts(args, folder)
    documents, places = plant(texts, args.copies)
    planted = folder / "planted"
    planted.write_bytes("".join(text + "\0" for text in documents).encode())
    megabytes = planted.stat().st_size / 1e6
    result = {"duplicates_mb": round(megabytes, 1), "documents": len(documents),
              "planted": {kind: len(where) for kind, where in places.items()}}
    wanted = {"exact": places["exact"], "near": places["exact"] | places["near"]}
    peer_command = [sys.executable, str(HERE / "peer_selection.py"), str(planted)]
    with Program([str(args.bin / "selection_worker"), str(planted)]) as cram, \
            Program(peer_command) as peer:
        for kind, copies in wanted.items():
            for program, name in ((cram, "cram"), (peer, "peer")):
                program.ask(kind, folder / f"{name}.{kind}")
            ours, theirs = take_turns(cram, peer, args.pairs, kind, "-")
            ratio = spread([b["seconds"] / a["seconds"] for a, b in zip(ours, theirs)], 2)
            result |= {f"{kind}_mb_per_s": round(megabytes / median(r["seconds"] for r in ours), 2),
                       f"{kind}_peer_mb_per_s": round(
                           megabytes / median(r["seconds"] for r in theirs), 2),
                       f"{kind}_ratio": ratio["median"], f"{kind}_ratio_spread": ratio}
            for name, key in (("cram", kind), ("peer", f"{kind}_peer")):
                dropped = numbers(folder / f"{name}.{kind}")
                stay = places["far"] | (places["near"] if kind == "exact" else set())
                result |= {f"{key}_recall": share(dropped, copies),
                           f"{key}_wrong": len(dropped & stay),
                           f"{key}_others": len([n for n in dropped if n < len(texts)])}
    return result


def read_texts(args, folder: Path) -> list[str]:
    command = [str(args.bin / "tokenizer_worker"), "--bytes", str(args.bytes), "--vocab-size", "1000",
               "--text", *args.text]
    with Program(command) as reader:
        reader.ask("dump", folder / "documents")
    return (folder / "documents").read_bytes().decode().split("\0")[:-1]


def setting(key: str, sources: list[str]) -> str:
    return f"{key}={json.dumps([str(Path(source).absolute()) for source in sources])}"


def prepare(args, folder: Path, settings: list[str]) -> tuple[float, float]:
    """Megabytes of text and seconds of one run in a cache of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as cache:
        start = time.perf_counter()
        subprocess.run([args.bin / "cram", "prepare", "--quiet", "--config", folder / "recipe.yaml",
                        f"data.cache={cache}", *settings], check=True, stdout=sys.stderr)
        seconds = time.perf_counter() - start
        report = json.loads(next(Path(cache).glob("corpus-*/selection.json")).read_text())
    return sum(source["read"]["bytes"] for source in report["sources"]) / 1e6, seconds


def rules(args) -> list[str]:
    settings = ["data.clean_unicode=true",
                "data.held_out_share=0.05", "selection.languages=[en]", "selection.quality=true",
                "selection.repetition=true", "selection.exact_duplicates=true",
                "selection.near_duplicates=true",
                f"selection.max_tokens_per_character={args.tokens_a_character}",
                f"tokenizer.vocab_size={args.vocab_size}"]
    if args.keep_out:
        settings.append(setting("selection.decontaminate", args.keep_out))
    return settings


def pipeline(args, folder: Path) -> dict:
    (folder / "recipe.yaml").write_text("budget: {steps: 1}\n")
    settings = [setting("data.sources", args.text), *rules(args)]
    result = {"cpus": len(os.sched_getaffinity(0))}
    for name, more in (("pipeline", []), ("pipeline_substrings", ["selection.substring_bytes=75"])):
        runs = [prepare(args, folder, settings + more) for _ in range(args.pairs)]
        speed = spread([megabytes / seconds for megabytes, seconds in runs], 1)
        result |= {"pipeline_mb": round(runs[0][0], 1), f"{name}_mb_per_s": speed["median"],
                   f"{name}_mb_per_s_spread": speed}
    return result


def table(result: dict) -> str:
    lines = [f"\nfrom {result['pipeline_mb']:.0f} MB of text to packed tokens on {result['cpus']} CPUs: "
             f"{interval(result['pipeline_mb_per_s_spread'])} MB/s with every rule but that for "
             f"substrings, {interval(result['pipeline_substrings_mb_per_s_spread'])} with all", "",
             f"duplicates in {result['duplicates_mb']:.0f} MB, one thread", "",
             "| | cram, MB/s | peer, MB/s | cram's ratio [smallest, largest] "
             "| found of the planted, cram and peer | wrongly |", "|---|---|---|---|---|---|"]
    for kind, name in (("exact", "equal documents (DuckDB)"),
                       ("near", "near duplicates (datasketch)")):
        lines.append(cells(
            name, f"{result[f'{kind}_mb_per_s']:.1f}", f"{result[f'{kind}_peer_mb_per_s']:.2f}",
            interval(result[f"{kind}_ratio_spread"]),
            f"{100 * result[f'{kind}_recall']:.1f} %, {100 * result[f'{kind}_peer_recall']:.1f} %",
            f"{result[f'{kind}_wrong']}, {result[f'{kind}_peer_wrong']}"))
    if "memory_peak_mib" in result:
        lines += ["", f"{result['memory_text_mb']:,} MB of text, repeats within "
                      f"{result['memory_limit_mib']} MiB: {result['memory_peak_mib']} MiB at most, "
                      f"{result['memory_mb_per_s']} MB/s"]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--text", nargs="+", required=True, metavar="SOURCE")
    parser.add_argument("--keep-out", action="append", default=[], metavar="SOURCE",
                        help="a file or folder such as GLUE's, for decontamination; repeatable")
    parser.add_argument("--bytes", type=int, default=20_000_000,
                        help="of text in which duplicates are looked for (20 MB)")
    parser.add_argument("--copies", type=float, default=0.05, help="planted of each kind (0.05)")
    parser.add_argument("--pairs", type=int, default=3, help="rounds (3)")
    parser.add_argument("--vocab-size", type=int, default=32768, help="tokens to learn (32768)")
    parser.add_argument("--tokens-a-character", type=float, default=0.3,
                        help="limit of the compressibility filter (0.3)")
    parser.add_argument("--memory", type=int, default=0, metavar="MIB",
                        help="also measure memory on 20 times as much text, with this limit for "
                             "repeated substrings")
    parser.add_argument("--bin", type=Path, default=BIN, help="where the programs are")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = {"bench": "corpus", **pipeline(args, Path(folder)),
                  **find_duplicates(args, Path(folder))}
        if args.memory:
            texts = read_texts(args, Path(folder))
            result |= corpus_memory.measure(args.bin / "cram", texts, rules(args), args.memory,
                                            TIMES_LIMIT, Path(folder))
    say(table(result))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
