"""GLUE for the fine-tuning peer: reads the data sets, in a way of its own, and scores predictions
with scikit-learn and scipy.

The official files are split at tabs and line feeds alone: their quote marks mean nothing.
"""

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ARROW = Path(__file__).resolve().parents[2] / ".deps" / "arrow"


class Example(NamedTuple):
    first: str
    second: str | None
    target: float  # the number of the label, or the score


@dataclass(frozen=True)
class Task:
    title: str
    labels: int  # 1: a score
    metrics: tuple[str, ...]  # the first one is the paper's number


@dataclass
class DataSet:
    train: list[Example]
    dev: dict[str, list[Example]]  # by the name of the split


TASKS = {
    "cola": Task("CoLA", 2, ("matthews",)),
    "sst2": Task("SST-2", 2, ("accuracy",)),
    "mrpc": Task("MRPC", 2, ("f1", "accuracy")),
    "stsb": Task("STS-B", 1, ("pearson", "spearman")),
    "rte": Task("RTE", 2, ("accuracy",)),
    "mnli": Task("MNLI", 3, ("accuracy",)),
}


def read_task(name: str, folder: Path) -> DataSet:
    if name == "mrpc":
        return _read_mrpc(folder / "MRPC")
    if name == "mnli":
        return _read_mnli(folder / "mnli")
    read = {"cola": _read_cola, "sst2": _read_sst2, "stsb": _read_stsb, "rte": _read_rte}[name]
    files = folder / TASKS[name].title
    return DataSet(read(files / "train.tsv"), {"dev": read(files / "dev.tsv")})


def measure(task: Task, predicted: list[float], truth: list[float]) -> dict[str, float]:
    from scipy import stats
    from sklearn import metrics

    compute = {
        "accuracy": metrics.accuracy_score,
        "f1": lambda truth, predicted: metrics.f1_score(truth, predicted, zero_division=0),
        "matthews": metrics.matthews_corrcoef,
        "pearson": lambda truth, predicted: stats.pearsonr(truth, predicted)[0],
        "spearman": lambda truth, predicted: stats.spearmanr(truth, predicted)[0],
    }
    values = {name: float(compute[name](truth, predicted)) for name in task.metrics}
    # The correlation with predictions that are all the same counts as none.
    return {name: 0.0 if math.isnan(value) else value for name, value in values.items()}


def _rows(file: Path) -> list[list[str]]:
    # newline: other line ends and separators stand in texts.
    with open(file, encoding="utf-8-sig", newline="\n") as lines:
        return [line.rstrip("\r\n").split("\t") for line in lines]


def _records(file: Path) -> list[dict[str, str]]:
    """The rows of a file with a header line."""
    header, *rows = _rows(file)
    return [dict(zip(header, row, strict=True)) for row in rows]


def _read_cola(file: Path) -> list[Example]:
    return [Example(row[3], None, int(row[1])) for row in _rows(file)]


def _read_sst2(file: Path) -> list[Example]:
    return [Example(row["sentence"], None, int(row["label"])) for row in _records(file)]


def _read_stsb(file: Path) -> list[Example]:
    return [Example(row["sentence1"], row["sentence2"], float(row["score"]))
            for row in _records(file)]


def _read_rte(file: Path) -> list[Example]:
    labels = {"entailment": 0, "not_entailment": 1}
    return [Example(row["sentence1"], row["sentence2"], labels[row["label"]])
            for row in _records(file)]


def _read_mrpc(files: Path) -> DataSet:
    """The dev split is the part of Microsoft's training file that GLUE names."""
    dev_ids = {tuple(row) for row in _rows(files / "dev_ids.tsv")}
    train, dev = [], []
    for row in _records(files / "msr_paraphrase_train.txt"):
        part = dev if (row["#1 ID"], row["#2 ID"]) in dev_ids else train
        part.append(Example(row["#1 String"], row["#2 String"], int(row["Quality"])))
    return DataSet(train, {"dev": dev})


def _read_mnli(files: Path) -> DataSet:
    dev = {"dev": "validation_matched", "dev-mismatched": "validation_mismatched"}
    return DataSet(_read_parquet(sorted(files.glob("train-*.parquet"))),
                   {split: _read_parquet(found) for split, name in dev.items()
                    if (found := sorted(files.glob(f"{name}-*.parquet")))})


def _read_parquet(files: list[Path]) -> list[Example]:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        sys.path.append(str(ARROW))
        import pyarrow.parquet as parquet

    columns = ["premise", "hypothesis", "label"]
    rows = [row for file in files for row in parquet.read_table(file, columns=columns).to_pylist()]
    return [Example(row["premise"], row["hypothesis"], row["label"]) for row in rows
            if row["label"] >= 0]
