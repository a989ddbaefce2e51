"""Tests of finetune_result.py."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import finetune_result

# What cram writes, to the letter.
CRAM_RESULTS = """{
  "format": "cram task scores",
  "version": 1,
  "tasks": [
    {
      "task": "mrpc",
      "title": "MRPC",
      "spreads": [
        {
          "split": "dev",
          "metric": "f1",
          "median": 0.901,
          "smallest": 0.901,
          "largest": 0.901
        },
        {
          "split": "dev",
          "metric": "accuracy",
          "median": 0.866,
          "smallest": 0.866,
          "largest": 0.866
        }
      ],
      "seeds": [
        {
          "seed": 7,
          "seconds": 9.0,
          "examples": 400,
          "tokens": 36000,
          "splits": [
            {
              "split": "dev",
              "metrics": [
                {
                  "metric": "f1",
                  "value": 0.901
                },
                {
                  "metric": "accuracy",
                  "value": 0.866
                }
              ]
            }
          ]
        }
      ]
    }
  ],
  "glue_mean": {
    "mean": 0.901,
    "missing": [
      "MNLI",
      "CoLA"
    ]
  }
}
"""


def seed(number: int, seconds: float = 1.0, tokens: int = 1000, **metrics: float) -> dict:
    return {"seed": number, "seconds": seconds, "examples": tokens // 10, "tokens": tokens,
            "splits": [split_of("dev", **metrics)]}


def split_of(name: str, **metrics: float | None) -> dict:
    return {"split": name, "metrics": [{"metric": metric, "value": value}
                                       for metric, value in metrics.items()]}


def run(*seeds: dict, task: str = "rte", title: str = "RTE") -> dict:
    return {"task": task, "title": title, "seeds": list(seeds)}


class FinetuneResultTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, number: int, cram: dict, peer: dict) -> None:
        folder = self.folder / cram["task"]
        (folder / f"cram-{number}").mkdir(parents=True)
        for file, result in ((folder / f"cram-{number}" / "results.json", cram),
                             (folder / f"transformers-{number}.json", peer)):
            file.write_text(json.dumps({"tasks": [result]}))

    def call(self, *arguments: str) -> tuple[dict, str]:
        arguments = ("", arguments[0], str(self.folder), *arguments[1:])
        with mock.patch.object(sys, "argv", arguments), \
                contextlib.redirect_stdout(io.StringIO()) as output, \
                contextlib.redirect_stderr(io.StringIO()) as table:
            finetune_result.main()
        self.assertEqual(len(output.getvalue().splitlines()), 1)
        return json.loads(output.getvalue()), table.getvalue()

    def test_a_ratio_is_the_median_over_pairs(self):
        for number, seconds in enumerate((2.0, 3.0, 4.0), start=1):
            self.write(number, run(seed(0, seconds=1.0)), run(seed(0, seconds=seconds)))
        result, table = self.call("speed", "rte")
        self.assertEqual(result["tasks"]["rte"]["ratio"],
                         {"median": 3.0, "smallest": 2.0, "largest": 4.0})
        self.assertEqual(result["tasks"]["rte"]["cram"]["tokens_per_s"], 1000.0)
        self.assertIn("3.00 [2.00, 4.00]", table)

    def test_pairs_are_compared_run_by_run(self):
        self.write(1, run(seed(0, seconds=1.0)), run(seed(0, seconds=2.0)))
        self.write(2, run(seed(0, seconds=10.0)), run(seed(0, seconds=20.0)))
        result, _ = self.call("speed", "rte")
        self.assertEqual(result["tasks"]["rte"]["ratio"],
                         {"median": 2.0, "smallest": 2.0, "largest": 2.0})

    def test_the_ratio_of_all_is_the_geometric_mean(self):
        self.write(1, run(seed(0)), run(seed(0, seconds=1.0)))
        self.write(1, run(seed(0), task="sst2"), run(seed(0, seconds=4.0), task="sst2"))
        result, _ = self.call("speed", "rte", "sst2")
        self.assertEqual(result["bench"], "finetune")
        self.assertEqual(list(result["tasks"]), ["rte", "sst2"])
        self.assertEqual(result["ratio"], 2.0)

    def test_the_seeds_of_a_run_count_together(self):
        self.write(1, run(seed(0, seconds=1.0), seed(1, seconds=3.0)), run(seed(0, seconds=8.0)))
        result, _ = self.call("speed", "rte")
        self.assertEqual(result["tasks"]["rte"]["cram"]["tokens_per_s"], 500.0)
        self.assertEqual(result["ratio"], 4.0)

    def test_unequal_work_is_said(self):
        self.write(1, run(seed(0, tokens=1000)), run(seed(0, tokens=1004)))
        _, table = self.call("speed", "rte")
        self.assertIn("RTE: cram was trained on 1,000 tokens, transformers on 1,004", table)
        self.assertNotIn("trained on 100 examples", table)

    def test_scores_are_medians_with_their_ranges(self):
        self.write(1, run(*(seed(n, accuracy=value) for n, value in enumerate((0.6, 0.7, 0.5)))),
                   run(*(seed(n, accuracy=value) for n, value in enumerate((0.55, 0.45, 0.65)))))
        result, table = self.call("scores", "rte")
        score = result["tasks"]["rte"]["scores"][0]
        self.assertEqual(score["cram"], {"median": 0.6, "smallest": 0.5, "largest": 0.7})
        self.assertEqual(score["difference"], 0.05)
        self.assertTrue(score["overlap"])
        self.assertIn("| RTE | accuracy | 60.00 [50.00, 70.00] | 55.00 [45.00, 65.00] | +5.00 "
                      "| yes |", table)

    def test_ranges_that_do_not_meet_are_told(self):
        self.write(1, run(seed(0, accuracy=0.5), seed(1, accuracy=0.6)),
                   run(seed(0, accuracy=0.7), seed(1, accuracy=0.8)))
        result, table = self.call("scores", "rte")
        self.assertFalse(result["tasks"]["rte"]["scores"][0]["overlap"])
        self.assertIn("| -20.00 | no |", table)

    def test_each_metric_and_split_has_a_row(self):
        one = seed(0, accuracy=0.5, f1=0.6)
        one["splits"].append(split_of("dev-mismatched", accuracy=0.4))
        self.write(1, run(one), run(one))
        result, table = self.call("scores", "rte")
        self.assertEqual([(row["split"], row["metric"]) for row in
                          result["tasks"]["rte"]["scores"]],
                         [("dev", "accuracy"), ("dev", "f1"), ("dev-mismatched", "accuracy")])
        self.assertIn("| accuracy, dev-mismatched |", table)

    def test_reads_what_cram_writes(self):
        peer = run(seed(7, seconds=18.0, tokens=36000, f1=0.9, accuracy=0.87), task="mrpc",
                   title="MRPC")
        self.write(1, run(task="mrpc"), peer)
        (self.folder / "mrpc" / "cram-1" / "results.json").write_text(CRAM_RESULTS)
        result, _ = self.call("scores", "mrpc")
        self.assertEqual([(score["metric"], score["cram"]["median"], score["difference"])
                          for score in result["tasks"]["mrpc"]["scores"]],
                         [("f1", 0.901, 0.001), ("accuracy", 0.866, -0.004)])
        result, _ = self.call("speed", "mrpc")
        self.assertEqual(result["ratio"], 2.0)
        self.assertEqual(result["tasks"]["mrpc"]["cram"],
                         {"tokens_per_s": 4000.0, "examples_per_s": 44.44, "examples": 400,
                          "tokens": 36000})

    def test_a_seed_that_diverged_is_named(self):
        self.write(1, run(seed(0, accuracy=0.5), seed(1, accuracy=None)),
                   run(seed(0, accuracy=0.5), seed(1, accuracy=0.5)))
        with self.assertRaisesRegex(SystemExit, "rte: seed 1 diverged"):
            self.call("scores", "rte")

    def test_other_seeds_do_not_compare(self):
        self.write(1, run(seed(0, accuracy=0.5)), run(seed(1, accuracy=0.5)))
        with self.assertRaisesRegex(SystemExit, r"seeds \[0\], transformers \[1\]"):
            self.call("scores", "rte")

    def test_a_missing_result_is_named(self):
        with self.assertRaisesRegex(SystemExit, "rte: no results"):
            self.call("speed", "rte")
        self.write(1, run(seed(0)), run(seed(0)))
        (self.folder / "rte" / "transformers-1.json").unlink()
        with self.assertRaisesRegex(SystemExit, "transformers-1.json: no such result"):
            self.call("speed", "rte")


if __name__ == "__main__":
    unittest.main()
