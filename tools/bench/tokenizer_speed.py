#!/usr/bin/env python3
"""How fast cram cuts text with WordPiece and learns a vocabulary, beside Hugging Face's tokenizers,
each on one thread, in turns: a table on standard error, one JSON line on standard output.

usage: tokenizer_speed.py --text SOURCE... [--vocab FILE] [--bytes N] [--vocab-size N] [--pairs N]

Without --vocab, text is cut with the vocabulary that cram learns from it.

The ratio of a pair of rounds is cram's speed over the peer's, given as the median of the pairs with
the smallest and the largest. Both must give the same ids: if not, the line says so and the exit code
is 1. Vocabularies have most tokens in common: between pairs of equal count the peer chooses by
chance, and two runs of it differ as well.
"""

import argparse
import filecmp
import json
import sys
import tempfile
from pathlib import Path
from statistics import median

from result_table import cells, interval, spread
from turns import Program, say, take_turns

HERE = Path(__file__).resolve().parent
WORKER = HERE.parents[1] / "build" / "bin" / "tokenizer_worker"


def compare(kind: str, megabytes: float, ours: list, theirs: list) -> dict:
    ratios = [b["seconds"] / a["seconds"] for a, b in zip(ours, theirs)]
    ratio = spread(ratios, 2)
    our_s, their_s = (median(r["seconds"] for r in rounds) for rounds in (ours, theirs))
    return {f"{kind}_mb_per_s": round(megabytes / our_s, 2),
            f"{kind}_tokens_per_s": round(ours[0]["tokens"] / our_s),
            f"{kind}_peer_mb_per_s": round(megabytes / their_s, 2),
            f"{kind}_ratio": ratio["median"], f"{kind}_ratio_spread": ratio}


def measure(args, folder: Path) -> dict:
    command = [str(args.worker), "--bytes", str(args.bytes), "--vocab-size", str(args.vocab_size),
               "--text", *args.text]
    with Program(command) as cram:
        cram.ask("dump", folder / "documents")
        vocab = args.vocab
        if not vocab:
            vocab = str(folder / "vocab.txt")
            cram.ask("train", vocab)
        cram.ask("load", vocab)
        peer_command = [sys.executable, str(HERE / "peer_tokenizer.py"), str(folder / "documents"),
                        vocab, str(args.vocab_size)]
        with Program(peer_command) as peer:
            for program, name in ((cram, "cram"), (peer, "peer")):
                program.ask("encode", folder / f"{name}.ids")  # also warms up
            encoding = take_turns(cram, peer, args.pairs, "encode", "-")
            training = ([], [])
            for _ in range(args.train_pairs):
                for program, name, rounds in ((cram, "cram", training[0]),
                                              (peer, "peer", training[1])):
                    rounds.append(program.ask("train", folder / f"{name}.vocab"))
    megabytes = cram.facts["bytes"] / 1e6
    ours, theirs = (set((folder / f"{name}.vocab").read_text().splitlines())
                    for name in ("cram", "peer"))
    same = {"same_ids": filecmp.cmp(folder / "cram.ids", folder / "peer.ids", shallow=False),
            "common_tokens": round(len(ours & theirs) / len(ours | theirs), 4)}
    return {"bench": "tokenizer", "mb": round(megabytes, 1), **compare("encode", megabytes, *encoding),
            **compare("train", megabytes, *training), **same}


def table(result: dict) -> str:
    lines = [f"\n{result['mb']:.0f} MB of text, one thread", "",
             "| | cram, MB/s | tokenizers, MB/s | cram's ratio [smallest, largest] |",
             "|---|---|---|---|"]
    for kind, name in (("encode", "cutting text into ids"), ("train", "learning a vocabulary")):
        lines.append(cells(name, f"{result[f'{kind}_mb_per_s']:.1f}",
                           f"{result[f'{kind}_peer_mb_per_s']:.2f}",
                           interval(result[f"{kind}_ratio_spread"])))
    lines.append(f"\nthe same ids: {'yes' if result['same_ids'] else 'NO'}; tokens in common: "
                 f"{100 * result['common_tokens']:.1f} %")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--text", nargs="+", required=True, metavar="SOURCE")
    parser.add_argument("--vocab", metavar="FILE", help="a vocab.txt to cut with")
    parser.add_argument("--bytes", type=int, default=100_000_000, help="of text (100 MB)")
    parser.add_argument("--vocab-size", type=int, default=32768, help="tokens to learn (32768)")
    parser.add_argument("--pairs", type=int, default=5, help="rounds of cutting (5)")
    parser.add_argument("--train-pairs", type=int, default=1, help="rounds of learning (1)")
    parser.add_argument("--worker", type=Path, default=WORKER, help="another tokenizer_worker")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(args, Path(folder))
    say(table(result))
    print(json.dumps(result))
    return 0 if result["same_ids"] else 1


if __name__ == "__main__":
    sys.exit(main())
