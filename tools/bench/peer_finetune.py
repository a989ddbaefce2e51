#!/usr/bin/env python3
"""Fine-tunes a BERT checkpoint on a GLUE task with PyTorch and transformers on the CPU, as a
careful user would, and leaves its results in the form of cram's results.json.

Settings are recipe keys of cram (key=value), so that both programs are started with the same ones.
The clock covers what training costs: padding batches, forward, backward, optimizer. Reading,
tokenising, the first pass (run once and thrown away) and evaluation are outside it.
"""

import argparse
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
import transformers

from peer_glue import TASKS, DataSet, Example, Task, measure, read_task
from peer_pretrain import autocast, keep_freed_memory, parameter_groups

SCORING_BATCH = 64
BATCHES_A_CHUNK = 50  # sorted by length together

SETTINGS = {
    "seed": 0, "finetune.seeds": 1, "finetune.epochs": 5, "finetune.max_length": 128,
    "finetune.max_examples": 0,  # all
    "finetune.dropout": 0.1, "batch.size": 16, "optimizer.learning_rate": 4e-5,
    "optimizer.beta1": 0.9, "optimizer.beta2": 0.999, "optimizer.epsilon": 1e-8,
    "optimizer.weight_decay": 0.01, "optimizer.clip_norm": 0.0, "schedule.shape": "linear",
    "schedule.warmup": 0.1, "precision.compute": "bf16", "device.type": "cpu",
    "device.threads": 0,  # torch's default
}
CHOICES = {"schedule.shape": ("linear", "cosine"), "precision.compute": ("fp32", "bf16"),
           "device.type": ("cpu",)}


@dataclass
class Rows:
    """A tokenised split."""

    ids: list[np.ndarray]
    types: list[np.ndarray]
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def lengths(self) -> np.ndarray:
        return np.array([len(ids) for ids in self.ids])

    def batch(self, which: np.ndarray) -> dict[str, torch.Tensor]:
        """Padded to the longest; 0 is [PAD]."""
        shape = (len(which), max(len(self.ids[row]) for row in which))
        arrays = {name: np.zeros(shape, np.int64)
                  for name in ("input_ids", "token_type_ids", "attention_mask")}
        for place, row in enumerate(which):
            length = len(self.ids[row])
            arrays["input_ids"][place, :length] = self.ids[row]
            arrays["token_type_ids"][place, :length] = self.types[row]
            arrays["attention_mask"][place, :length] = 1
        batch = {name: torch.from_numpy(array) for name, array in arrays.items()}
        return batch | {"labels": torch.from_numpy(self.targets[which])}


def tokenize(examples: list[Example], tokenizer, max_length: int, task: Task) -> Rows:
    pairs = examples[0].second is not None
    encoded = tokenizer([example.first for example in examples],
                        [example.second for example in examples] if pairs else None,
                        truncation="longest_first", max_length=max_length, padding=False,
                        return_token_type_ids=True)
    targets = [example.target for example in examples]
    return Rows([np.array(ids) for ids in encoded["input_ids"]],
                [np.array(types) for types in encoded["token_type_ids"]],
                np.array(targets, np.float32 if task.labels == 1 else np.int64))


def epoch_batches(lengths: np.ndarray, batch: int, random: np.random.Generator):
    """The rows of an epoch in batches of like length, in random order; the last one of a chunk may
    be smaller."""
    order = random.permutation(len(lengths))
    batches = []
    for start in range(0, len(order), batch * BATCHES_A_CHUNK):
        chunk = order[start:start + batch * BATCHES_A_CHUNK]
        chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
        batches += [chunk[first:first + batch] for first in range(0, len(chunk), batch)]
    return [batches[number] for number in random.permutation(len(batches))]


def load_model(folder: Path, task: Task, dropout: float, attention: str):
    """The encoder and BERT's pooler come from the checkpoint, the classifier is new."""
    config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    if config.model_type != "bert":
        raise SystemExit(f"{folder}: the peer knows BERT checkpoints, not {config.model_type}")
    config.num_labels = task.labels
    config.problem_type = "regression" if task.labels == 1 else "single_label_classification"
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    config.classifier_dropout = dropout
    config.initializer_range = 0.02
    model, loading = transformers.BertForSequenceClassification.from_pretrained(
        folder, config=config, dtype=torch.float32, attn_implementation=attention,
        local_files_only=True, output_loading_info=True)
    new = sorted(loading["missing_keys"])
    if any(not name.startswith(("classifier.", "bert.pooler.")) for name in new):
        raise SystemExit(f"{folder}: parts of the encoder are missing: {', '.join(new)}")
    return model, new


class Trainer:
    """One fine-tuning of a task."""

    def __init__(self, model, train: Rows, settings: dict, seed: int):
        self.model, self.train, self.settings = model, train, settings
        self.random = np.random.default_rng(seed)
        self.lengths = train.lengths()
        self.optimizer = torch.optim.AdamW(
            parameter_groups(model, settings["optimizer.weight_decay"]),
            lr=settings["optimizer.learning_rate"], eps=settings["optimizer.epsilon"],
            betas=(settings["optimizer.beta1"], settings["optimizer.beta2"]), fused=True)
        updates = settings["finetune.epochs"] * -(-len(train) // settings["batch.size"])
        self.schedule = transformers.get_scheduler(
            settings["schedule.shape"], self.optimizer, num_training_steps=updates,
            num_warmup_steps=round(settings["schedule.warmup"] * updates))
        self.positions = 0

    def run(self) -> dict:
        self._warm_up()
        start, cpu_start = time.monotonic(), time.process_time()
        for _ in range(self.settings["finetune.epochs"]):
            for which in epoch_batches(self.lengths, self.settings["batch.size"], self.random):
                self._update(self.train.batch(which))
        seconds, cpu_seconds = time.monotonic() - start, time.process_time() - cpu_start
        tokens = self.settings["finetune.epochs"] * int(self.lengths.sum())
        return {"seconds": round(seconds, 3),
                "examples": self.settings["finetune.epochs"] * len(self.train), "tokens": tokens,
                "padding": round(1 - tokens / self.positions, 4),
                "cpu_share": round(cpu_seconds / seconds / torch.get_num_threads(), 3)}

    def _warm_up(self) -> None:
        """A pass over the longest rows, which changes neither weights nor random numbers."""
        self.model.train()
        longest = np.argsort(self.lengths)[-self.settings["batch.size"]:]
        with torch.random.fork_rng():
            self._backward(self.train.batch(longest))
        self.optimizer.zero_grad()

    def _backward(self, batch: dict[str, torch.Tensor]) -> None:
        with autocast(self.settings["precision.compute"]):
            loss = self.model(**batch).loss
        loss.backward()

    def _update(self, batch: dict[str, torch.Tensor]) -> None:
        self._backward(batch)
        if self.settings["optimizer.clip_norm"] > 0:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(),
                                           self.settings["optimizer.clip_norm"])
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        self.positions += batch["input_ids"].numel()


def evaluate(model, rows: Rows, task: Task, settings: dict) -> dict[str, float]:
    model.eval()
    predicted = np.zeros(len(rows))
    order = np.argsort(rows.lengths(), kind="stable")
    with torch.inference_mode(), autocast(settings["precision.compute"]):
        for start in range(0, len(order), SCORING_BATCH):
            which = order[start:start + SCORING_BATCH]
            batch = rows.batch(which)
            del batch["labels"]
            logits = model(**batch).logits.float()
            predicted[which] = (logits.squeeze(1) if task.labels == 1 else logits.argmax(1)).numpy()
    return measure(task, predicted.tolist(), rows.targets.tolist())


def as_list(metrics: dict[str, float]) -> list[dict]:
    """As cram's results.json has metrics: in their order."""
    return [{"metric": metric, "value": value} for metric, value in metrics.items()]


def fine_tune(args, settings: dict, data: DataSet) -> dict:
    task = TASKS[args.task]
    tokenizer = transformers.AutoTokenizer.from_pretrained(args.checkpoint, local_files_only=True)
    train, *dev = (tokenize(examples, tokenizer, settings["finetune.max_length"], task)
                   for examples in (data.train, *data.dev.values()))
    seeds = []
    for seed in range(settings["seed"], settings["seed"] + settings["finetune.seeds"]):
        transformers.set_seed(seed)
        model, new = load_model(args.checkpoint, task, settings["finetune.dropout"], args.attention)
        result = {"seed": seed} | Trainer(model, train, settings, seed).run()
        result["splits"] = [
            {"split": split, "metrics": as_list(evaluate(model, rows, task, settings))}
            for split, rows in zip(data.dev, dev)]
        seeds.append(result)
    return {"tasks": [{"task": args.task, "title": task.title, "seeds": seeds}],
            "parameters": sum(parameter.numel() for parameter in model.parameters()), "new": new}


def read_settings(arguments: list[str]) -> dict:
    settings = dict(SETTINGS)
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key not in SETTINGS:
            raise SystemExit(f"the peer has no setting '{key}'")
        if key in CHOICES and value not in CHOICES[key]:
            raise SystemExit(f"{key} is one of {', '.join(CHOICES[key])}, not '{value}'")
        settings[key] = type(SETTINGS[key])(value)
    return settings


def _arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("settings", nargs="*", metavar="key=value", help=", ".join(SETTINGS))
    parser.add_argument("--checkpoint", type=Path, required=True, help="a BERT of Hugging Face")
    parser.add_argument("--data", type=Path, required=True, help="GLUE's folder")
    parser.add_argument("--task", choices=TASKS, required=True)
    parser.add_argument("--attention", choices=("sdpa", "eager"), default="sdpa")
    parser.add_argument("--stock-malloc", action="store_true",
                        help="leave glibc's malloc as it is (default: keep freed memory)")
    parser.add_argument("--json", type=Path, help="also write the result to this file")
    return parser.parse_intermixed_args(argv)


def main(argv=None) -> None:
    args = _arguments(argv)
    settings = read_settings(args.settings)
    if not args.stock_malloc:
        keep_freed_memory()
    if settings["device.threads"]:
        torch.set_num_threads(settings["device.threads"])
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    data = read_task(args.task, args.data)
    if settings["finetune.max_examples"]:
        data.train = data.train[:settings["finetune.max_examples"]]
    result = fine_tune(args, settings, data)
    result |= {"threads": torch.get_num_threads(), "attention": args.attention,
               "stock_malloc": args.stock_malloc, "settings": settings}
    text = json.dumps(result)
    if args.json:
        args.json.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
