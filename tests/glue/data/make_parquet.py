#!/usr/bin/env python3
"""Writes the Parquet folders that task_parquet_test.cpp reads, in Hugging Face's layout, with
pyarrow (26.0.1 made those here)."""

import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = pathlib.Path(__file__).parent


def write(name, **columns):
    """Labels are int64 (or float32, for STS-B) and "idx" is int32, as there."""
    if "idx" in columns:
        columns["idx"] = pa.array(columns["idx"], pa.int32())
    path = FOLDER / (name + ".parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, compression="snappy")


def write_pairs(name, labels, first="sentence1", second="sentence2", start=0):
    count = len(labels)
    write(name, **{first: [f"first {i}" for i in range(start, start + count)],
                   second: [f"\"second\" {i}" for i in range(start, start + count)]},
          label=labels, idx=range(start, start + count))


if __name__ == "__main__":
    write_pairs("rte/train-00000-of-00001", [0, 1, 1])
    write_pairs("rte/validation-00000-of-00001", [1])
    write_pairs("rte/test-00000-of-00001", [-1, -1])

    write_pairs("mnli/train-00000-of-00002", [0, 1], "premise", "hypothesis")
    write_pairs("mnli/train-00001-of-00002", [2], "premise", "hypothesis", start=2)
    write_pairs("mnli/validation_matched-00000-of-00001", [2], "premise", "hypothesis")
    write_pairs("mnli/validation_mismatched-00000-of-00001", [1, 0], "premise", "hypothesis")
    write_pairs("mnli/test_matched-00000-of-00001", [-1], "premise", "hypothesis")
    write_pairs("ax/test-00000-of-00001", [-1, -1], "premise", "hypothesis")

    scores = pa.array([5.0, 3.799999952316284, 0.0], pa.float32())
    write_pairs("stsb/train-00000-of-00001", scores)
    write_pairs("stsb/validation-00000-of-00001", scores)

    for split in ("train", "validation"):
        write(f"sst2/{split}", sentence=["good ", "bad "], label=[1, 0], idx=[7, 8])

    write_pairs("labels/train", [0, 2])  # of RTE's two labels
    write_pairs("labels/validation", [0])
    write_pairs("hidden/train", [0, -1])
    write_pairs("hidden/validation", [0])
