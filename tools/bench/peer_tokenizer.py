#!/usr/bin/env python3
"""Hugging Face's tokenizers on one thread, a pass for each request.

usage: peer_tokenizer.py DOCUMENTS VOCAB VOCAB_SIZE

DOCUMENTS and the requests "encode FILE" and "train FILE" are those of tokenizer_worker.cpp.
encode_batch_fast, the package's fastest call, gets some megabytes at a time, as its results take
many times the memory of the text.
"""

import json
import os
import sys
import time
from array import array
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

from tokenizer_oracle import SPECIAL, bert_tokenizer, read_vocab, trainers  # noqa: E402

BATCH_CHARACTERS = 4 << 20


def batches(documents):
    batch, size = [], 0
    for document in documents:
        batch.append(document)
        size += len(document)
        if size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def encode(tokenizer, documents, path):
    seconds, ids = 0.0, array("I")
    for batch in batches(documents):
        start = time.perf_counter()
        encodings = tokenizer.encode_batch_fast(batch, add_special_tokens=False)
        seconds += time.perf_counter() - start
        for encoding in encodings:
            ids.extend(encoding.ids)
    if path != "-":
        Path(path).write_bytes(ids.tobytes())
    return {"seconds": seconds, "tokens": len(ids)}


def train(documents, vocab_size, path):
    tokenizer = bert_tokenizer(SPECIAL)
    trainer = trainers.WordPieceTrainer(vocab_size=vocab_size, limit_alphabet=1000,
                                        special_tokens=SPECIAL, show_progress=False)
    start = time.perf_counter()
    tokenizer.train_from_iterator(documents, trainer)
    seconds = time.perf_counter() - start
    vocab = tokenizer.get_vocab()
    tokens = sorted(vocab, key=vocab.get)
    Path(path).write_text("".join(token + "\n" for token in tokens), encoding="utf-8")
    return {"seconds": seconds, "tokens": len(tokens)}


def main(dump, vocab, vocab_size):
    documents = Path(dump).read_bytes().decode().split("\0")[:-1]
    tokenizer = bert_tokenizer(read_vocab(vocab))
    print(json.dumps({"documents": len(documents)}), flush=True)
    for line in sys.stdin:
        command, path = line.rstrip("\n").split(" ", 1)
        answer = (encode(tokenizer, documents, path) if command == "encode"
                  else train(documents, int(vocab_size), path))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
