#!/usr/bin/env python3
"""Whole updates of a peer on random tokens, a round of them for each line of standard input: the
counterpart of step_worker, with the same protocol. See speed.py, which drives both.

The micro-batch is the fastest of those that divide the batch, tried before the first round.
"""

import argparse
import json
import os
import resource
import sys
import time

import torch

from peer_data import Meta
from peer_models import (CrammedBert, GatheredBert, HuggingFaceBert, HuggingFaceModernBert, Size)
from peer_pretrain import autocast, keep_freed_memory, parameter_groups

MODELS = {
    "bert": lambda meta, attention, size: HuggingFaceBert(meta, attention, 0.0, size),
    "bert-gathered": lambda meta, attention, size: GatheredBert(meta, attention, 0.0, size),
    "modern-bert": HuggingFaceModernBert,
    "crammed": CrammedBert,
}
# Logits of all positions in fp32, with their gradients, need more memory than others have.
LARGEST_FULL_HEAD_MICRO_BATCH = 64
LEAST_MICRO_BATCH = 8


class Worker:
    def __init__(self, args):
        facts = json.loads(args.facts)
        size = Size(facts["layers"], facts["hidden_size"], facts["heads"])
        self.meta = Meta(facts["sequence_length"], facts["vocab_size"], mask_id=4,
                         special_ids=[0, 1, 2, 3, 4],
                         masked_per_sequence=facts["masked_per_sequence"])
        self.peer = MODELS[args.model](self.meta, args.attention, size).train()
        self.precision = args.precision
        self.step = self.peer
        self.optimizer = torch.optim.AdamW(parameter_groups(self.peer, weight_decay=0.01), lr=1e-4,
                                           betas=(0.9, 0.98), eps=1e-12, fused=True)
        self.generator = torch.Generator().manual_seed(0)
        self.batch = facts["batch"]
        self.choose_micro_batch(args.model)
        if args.compile:
            self.step = torch.compile(self.peer, dynamic=False)
        self.update()  # with compilation

    def choose_micro_batch(self, model: str) -> None:
        most = LARGEST_FULL_HEAD_MICRO_BATCH if model == "bert" else self.batch
        sizes = [self.batch // n for n in (1, 2, 4, 8)
                 if self.batch % n == 0 and self.batch // n <= most]
        sizes = [size for size in sizes if size >= LEAST_MICRO_BATCH] or sizes[-1:]
        self.use(min(sizes, key=self.seconds_a_sequence))

    def seconds_a_sequence(self, micro_batch: int) -> float:
        """Of the second of two passes; the first takes memory."""
        self.use(micro_batch)
        for _ in range(2):
            start = time.monotonic()
            self.run(self.batches[0])
            seconds = time.monotonic() - start
        return seconds / micro_batch

    def use(self, micro_batch: int) -> None:
        self.micro_batch = micro_batch
        shape = (micro_batch, self.meta.sequence_length)
        self.batches = [
            self.peer.batch(torch.randint(5, self.meta.vocab_size, shape, generator=self.generator),
                            self.generator) for _ in range(self.batch // micro_batch)]

    def run(self, inputs) -> None:
        with autocast(self.precision):
            loss = self.step(*inputs)
        (loss / len(self.batches)).backward()

    def update(self) -> None:
        for inputs in self.batches:
            self.run(inputs)
        torch.nn.utils.clip_grad_norm_(self.peer.parameters(), 0.5)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def measure(self, wanted: float) -> dict:
        updates, faults, processor = 0, page_faults(), time.process_time()
        start = time.monotonic()
        while updates == 0 or time.monotonic() - start < wanted:
            self.update()
            updates += 1
        seconds = time.monotonic() - start
        tokens = updates * self.batch * self.meta.sequence_length
        return {"tokens_per_s": tokens / seconds, "updates": updates, "seconds": seconds,
                "cpu_share": (time.process_time() - processor) / seconds / torch.get_num_threads(),
                "page_faults": (page_faults() - faults) / updates,
                "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}

    def facts(self) -> dict:
        return {"parameters": sum(p.numel() for p in self.peer.parameters()),
                "micro_batch": self.micro_batch, "batch": self.batch,
                "threads": torch.get_num_threads()}


def page_faults() -> int:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_minflt + usage.ru_majflt


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--facts", required=True, help="what step_worker says of the shape")
    parser.add_argument("--attention", choices=("sdpa", "eager"), default="sdpa")
    parser.add_argument("--precision", choices=("bf16", "fp32"), default="bf16")
    parser.add_argument("--keep-freed-memory", action="store_true")
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()
    if args.keep_freed_memory:
        keep_freed_memory()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(0)
    worker = Worker(args)
    print(json.dumps(worker.facts()), flush=True)
    for line in sys.stdin:
        command, argument = line.split()
        if command != "measure":
            raise SystemExit(f"unknown command '{command}'")
        print(json.dumps(worker.measure(float(argument))), flush=True)


if __name__ == "__main__":
    main()
