#!/usr/bin/env python3
"""Pretrains a peer of cram on a dump (see peer_data.py) for a fixed time on the CPU and scores it
on the held-out tokens and masks that cram is scored on.

The clock covers what training costs: batches, masks, forward, backward, optimizer. Warm-up (one
pass, with compilation) and scoring are outside it. See README.md for how the defaults were found.
"""

import argparse
import ctypes
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from peer_data import Dump
from peer_models import CrammedBert, HuggingFaceBert

SCORING_BATCH = 64


@dataclass
class Recipe:
    """What differs between the peers' training. Batches count sequences; ramp, warm-up and the
    schedule are functions of the share of the budget that is spent."""

    learning_rate: float
    batch: int
    micro_batch: int
    ramp: float
    attention: str
    betas: tuple[float, float]
    epsilon: float
    clip_norm: float
    dropout: float = 0.0
    schedule: str = "linear"


RECIPES = {
    "hf-bert": Recipe(learning_rate=1e-3, batch=32, micro_batch=32, ramp=0.0, attention="eager",
                      betas=(0.9, 0.999), epsilon=1e-8, clip_norm=1.0),
    "crammed": Recipe(learning_rate=1e-3, batch=128, micro_batch=64, ramp=0.6, attention="eager",
                      betas=(0.9, 0.98), epsilon=1e-12, clip_norm=0.5, schedule="triangle"),
}


def learning_rate_factor(schedule: str, spent: float) -> float:
    if schedule == "triangle":
        return max(0.0, min(0.25 + spent, 4 - 4 * spent))
    return max(0.0, min(spent / 0.1, (1 - spent) / 0.9))


def passes_per_update(recipe: Recipe, spent: float) -> int:
    """The Cramming ramp: linear up to the full batch at `ramp`, in whole micro-batches."""
    full = recipe.batch // recipe.micro_batch
    if recipe.ramp == 0.0:
        return full
    return min(int(recipe.batch * spent / recipe.ramp / recipe.micro_batch) + 1, full)


class Budget:
    """Seconds of training, or a count of passes for runs that do not depend on the machine."""

    def __init__(self, seconds: float, passes: int | None):
        self.seconds, self.passes = seconds, passes
        self.elapsed, self.done = 0.0, 0

    def charge(self, seconds: float, passes: int) -> None:
        self.elapsed += seconds
        self.done += passes

    @property
    def spent(self) -> float:
        return self.done / self.passes if self.passes else self.elapsed / self.seconds


class Trainer:
    def __init__(self, peer, dump: Dump, recipe: Recipe, args):
        self.peer, self.dump, self.recipe = peer, dump, recipe
        self.step = torch.compile(peer, dynamic=False) if args.compile else peer
        self.budget = Budget(args.minutes * 60, args.steps)
        self.generator = torch.Generator().manual_seed(args.seed)
        self.optimizer = torch.optim.AdamW(parameter_groups(peer, weight_decay=0.01), lr=0.0,
                                           betas=recipe.betas, eps=recipe.epsilon, fused=True)
        self.precision = args.precision
        self.curve_points = args.curve_points
        self.sequences, self.updates, self.curve = 0, 0, []

    def run(self) -> dict:
        self.peer.train()
        warm_up = _seconds(lambda: self._pass(1))
        self.optimizer.zero_grad()
        self.sequences, cpu_seconds = 0, 0.0
        while self.budget.spent < 1:
            passes = passes_per_update(self.recipe, self.budget.spent)
            cpu_start = time.process_time()
            self.budget.charge(_seconds(lambda: self._update(passes)), passes)
            cpu_seconds += time.process_time() - cpu_start
            if self.budget.spent >= min(1, (len(self.curve) + 1) / self.curve_points):
                self._add_curve_point()
        available = self.budget.elapsed * torch.get_num_threads()
        return {"held_out_loss": self.curve[-1]["loss"], "accuracy": self.curve[-1]["accuracy"],
                "tokens": self.tokens,
                "tokens_per_s": round(self.tokens / self.budget.elapsed, 1),
                "seconds": round(self.budget.elapsed, 2), "passes": self.budget.done,
                "updates": self.updates, "warm_up_seconds": round(warm_up, 2),
                "cpu_share": round(cpu_seconds / available, 3), "curve": self.curve}

    @property
    def tokens(self) -> int:
        return self.sequences * self.dump.meta.sequence_length

    def _update(self, passes: int) -> None:
        factor = learning_rate_factor(self.recipe.schedule, self.budget.spent)
        for _ in range(passes):
            self._pass(passes)
        torch.nn.utils.clip_grad_norm_(self.peer.parameters(), self.recipe.clip_norm)
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.learning_rate * factor
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.updates += 1

    def _pass(self, passes: int) -> None:
        rows = self.dump.training_rows(self.sequences, self.recipe.micro_batch)
        self.sequences += self.recipe.micro_batch
        inputs = self.peer.batch(rows, self.generator)
        with autocast(self.precision):
            loss = self.step(*inputs)
        (loss / passes).backward()

    def _add_curve_point(self) -> None:
        loss, accuracy = score(self.peer, self.dump, self.precision)
        point = {"spent": round(self.budget.spent, 4), "seconds": round(self.budget.elapsed, 2),
                 "tokens": self.tokens, "loss": loss, "accuracy": accuracy}
        self.curve.append(point)
        print(json.dumps(point), file=sys.stderr, flush=True)


def autocast(precision: str) -> torch.autocast:
    """For forward passes in "bf16" or "fp32"."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16")


def score(peer, dump: Dump, precision: str) -> tuple[float, float]:
    """Mean loss (nats, fp32) and accuracy over the masked tokens of the held-out sequences."""
    peer.eval()
    loss, right, count = 0.0, 0, 0
    with torch.no_grad():
        for start in range(0, dump.held_out_sequences, SCORING_BATCH):
            ids, positions, targets = dump.held_out_batch(start, SCORING_BATCH)
            with autocast(precision):
                logits = peer.masked_logits(ids, positions)
            loss += torch.nn.functional.cross_entropy(logits, targets, reduction="sum").item()
            right += (logits.argmax(dim=-1) == targets).sum().item()
            count += len(targets)
    peer.train()
    return round(loss / count, 5), round(right / count, 5)


def parameter_groups(model: torch.nn.Module, weight_decay: float) -> list[dict]:
    """Biases and the weights of norms are not decayed."""
    undecayed = {name for module_name, module in model.named_modules()
                 for name in (f"{module_name}.weight", f"{module_name}.bias")
                 if name.endswith(".bias") or isinstance(module, torch.nn.LayerNorm)}
    parameters = dict(model.named_parameters())
    return [{"params": [p for name, p in parameters.items() if name not in undecayed],
             "weight_decay": weight_decay},
            {"params": [p for name, p in parameters.items() if name in undecayed],
             "weight_decay": 0.0}]


def _seconds(action) -> float:
    start = time.monotonic()
    action()
    return time.monotonic() - start


def keep_freed_memory() -> None:
    """Tells glibc not to give freed memory back to the kernel, so that the large temporaries of a
    step do not fault in again at every step."""
    trim_threshold, top_pad, mmap_max = -1, -2, -4  # the M_… numbers of malloc.h
    mallopt = ctypes.CDLL(None).mallopt
    for option, value in ((mmap_max, 0), (trim_threshold, -1), (top_pad, 256 << 20)):
        if mallopt(option, value) != 1:
            raise OSError(f"mallopt({option}, {value}) failed")


def _arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("peer", choices=sorted(RECIPES))
    parser.add_argument("dump", type=Path, help="folder written by dump_batches")
    parser.add_argument("--minutes", type=float, default=20.0, help="training time (20)")
    parser.add_argument("--steps", type=int,
                        help="train this many micro-batch passes instead of --minutes")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--precision", choices=("bf16", "fp32"), default="bf16",
                        help="of forward and backward: bf16 autocast or fp32 (bf16)")
    parser.add_argument("--lr", type=float, dest="learning_rate", help="peak learning rate")
    parser.add_argument("--batch", type=int, help="sequences an update, at the end of the ramp")
    parser.add_argument("--micro-batch", type=int, help="sequences a pass")
    parser.add_argument("--ramp", type=float, help="share of the budget over which batches grow")
    parser.add_argument("--attention", choices=("sdpa", "eager"))
    parser.add_argument("--dropout", type=float, help="of hf-bert; crammed has none")
    parser.add_argument("--compile", action="store_true", help="torch.compile the training pass")
    parser.add_argument("--stock-malloc", action="store_true",
                        help="leave glibc's malloc as it is (default: keep freed memory)")
    parser.add_argument("--curve-points", type=int, default=5,
                        help="how often to score, evenly over the budget (5)")
    parser.add_argument("--json", type=Path, help="also write the result to this file")
    return parser.parse_args(argv)


def _recipe(args) -> Recipe:
    recipe = RECIPES[args.peer]
    for name in ("learning_rate", "batch", "micro_batch", "ramp", "attention", "dropout"):
        if getattr(args, name) is not None:
            setattr(recipe, name, getattr(args, name))
    recipe.micro_batch = min(recipe.micro_batch, recipe.batch)
    if recipe.batch % recipe.micro_batch:
        raise SystemExit("--batch must be a multiple of --micro-batch")
    return recipe


def main(argv=None) -> None:
    args = _arguments(argv)
    if not args.stock_malloc:
        keep_freed_memory()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    dump, recipe = Dump(args.dump), _recipe(args)
    peer = (HuggingFaceBert(dump.meta, recipe.attention, recipe.dropout)
            if args.peer == "hf-bert" else CrammedBert(dump.meta, recipe.attention))
    result = {"peer": args.peer, "parameters": sum(p.numel() for p in peer.parameters()),
              "threads": args.threads, "seed": args.seed, "compile": args.compile,
              "precision": args.precision, "stock_malloc": args.stock_malloc, "recipe": vars(recipe)}
    result.update(Trainer(peer, dump, recipe, args).run())
    text = json.dumps(result)
    if args.json:
        args.json.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
