#!/usr/bin/env python3
"""Finding duplicates with well-known packages on one thread, a pass for each request.

usage: peer_selection.py DOCUMENTS

DOCUMENTS and the requests "exact FILE" and "near FILE" are those of selection_worker.cpp. Equal
texts are found by DuckDB, near duplicates by datasketch, with the bands and rows and the similarity
that are cram's defaults and the sets of word 5-grams that it compares.
"""

import json
import re
import sys
import time
from pathlib import Path

import duckdb
from datasketch import MinHash, MinHashLSH

BANDS, ROWS, SIMILARITY, NGRAM = 16, 6, 0.75, 5
WORD = re.compile(r"\w+")


def equal_texts(table: duckdb.DuckDBPyConnection) -> tuple[float, list[int]]:
    start = time.perf_counter()
    kept = table.execute("SELECT min(number) FROM documents GROUP BY text").fetchall()
    seconds = time.perf_counter() - start
    count = table.execute("SELECT count(*) FROM documents").fetchone()[0]
    return seconds, sorted(set(range(count)) - {number for number, in kept})


def ngrams(text: str) -> list[bytes]:
    words = WORD.findall(text.lower())
    count = max(1, len(words) - NGRAM + 1)
    return [" ".join(words[i:i + NGRAM]).encode() for i in range(count)]


def near_duplicates(documents: list[str]) -> tuple[float, list[int]]:
    index = MinHashLSH(num_perm=BANDS * ROWS, params=(BANDS, ROWS))
    signatures, dropped = {}, []
    start = time.perf_counter()
    for number, text in enumerate(documents):
        signature = MinHash(num_perm=BANDS * ROWS)
        signature.update_batch(ngrams(text))
        if any(signature.jaccard(signatures[other]) >= SIMILARITY
               for other in index.query(signature)):
            dropped.append(number)
        else:
            index.insert(number, signature)
            signatures[number] = signature
    return time.perf_counter() - start, dropped


def load(documents: list[str]) -> duckdb.DuckDBPyConnection:
    table = duckdb.connect(config={"threads": 1})
    table.execute("CREATE TABLE documents (number INTEGER, text VARCHAR)")
    table.begin()
    table.executemany("INSERT INTO documents VALUES (?, ?)", list(enumerate(documents)))
    table.commit()
    return table


def main(path: str) -> None:
    documents = Path(path).read_bytes().decode().split("\0")[:-1]
    table = load(documents)
    print(json.dumps({"documents": len(documents)}), flush=True)
    for line in sys.stdin:
        command, output = line.rstrip("\n").split(" ", 1)
        seconds, dropped = (equal_texts(table) if command == "exact"
                            else near_duplicates(documents))
        if output != "-":
            Path(output).write_text("".join(f"{number}\n" for number in dropped))
        print(json.dumps({"seconds": seconds, "dropped": len(dropped)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
