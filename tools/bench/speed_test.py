"""Tests of the comparison of training steps."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

import speed
import turns

# Answers each request with the next of its numbers.
STAND_IN = """
import json, sys
numbers = iter(json.loads(sys.argv[1]))
print(json.dumps({"micro_batch": 4, "parameters": 10}), flush=True)
for line in sys.stdin:
    number = next(numbers, None)
    if number is None:
        sys.exit(3)
    print(json.dumps({"tokens_per_s": number, "page_faults": 0, "cpu_share": 1, "peak_bytes": 1}),
          flush=True)
"""


def peer(kind: str, ratio: float) -> dict:
    return {"kind": kind, "ratio": {"median": ratio, "smallest": ratio - 1, "largest": ratio + 1}}


class SpeedTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.script = Path(folder.name) / "stand_in.py"
        self.script.write_text(STAND_IN)

    def program(self, numbers: list[float]) -> turns.Program:
        return turns.Program([sys.executable, str(self.script), json.dumps(numbers)])

    def test_a_ratio_is_of_rounds_beside_each_other(self):
        with self.program([10, 30, 10]) as cram, self.program([5, 10, 5]) as other:
            ours, theirs = turns.take_turns(cram, other, 3, "measure", 1.0)
            result = speed.peer_result(speed.rows()[0], other.facts, ours, theirs)
        self.assertEqual(result["ratio"], {"median": 2, "smallest": 2, "largest": 3})
        self.assertEqual(result["tokens_per_s"], 5)

    def test_a_program_that_ends_early_ends_the_measurement(self):
        with self.program([10]) as cram, self.program([5, 5]) as other:
            with self.assertRaisesRegex(SystemExit, "ended early, with exit code 3"):
                turns.take_turns(cram, other, 2, "measure", 1.0)

    def test_the_fastest_peer_of_a_kind_stands_for_it(self):
        result = speed.summary({"bert-stock-sdpa": peer("stock", 6), "bert-stock-eager":
                                peer("stock", 5), "modern-bert-stock-sdpa": peer("stock", 3),
                                "crammed-stock-sdpa": peer("plain", 2), "x": peer("tuned", 1.5)})
        self.assertEqual(result["ratio_best_stock"], 3)
        self.assertEqual(result["best_stock"]["peer"], "modern-bert-stock-sdpa")
        self.assertEqual(result["ratio_stock_bert"], 5)
        self.assertEqual(result["ratio_best_tuned"], 1.5)

    def test_a_kind_that_was_not_measured_has_no_ratio(self):
        self.assertNotIn("ratio_best_stock", speed.summary({"x": peer("tuned", 1.5)}))

    def test_rows_have_names_of_their_own(self):
        names = [row.name for row in speed.rows()]
        self.assertEqual(len(names), len(set(names)))
        self.assertTrue(set(speed.SHORT["rows"]) <= set(names))


if __name__ == "__main__":
    unittest.main()
