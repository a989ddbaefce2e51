"""Tests of pretrain_result.py."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import pretrain_result


def validation(step: int, loss: float) -> dict:
    return {"event": "validation", "step": step, "budget_share": step / 4, "seconds": 1.0 * step,
            "tokens": 1000 * step, "loss": loss, "accuracy": 0.1}


FINISHED = {"event": "finished", "step": 4, "tokens": 4000, "seconds": 8.0,
            "held_out_loss": 6.5, "held_out_accuracy": 0.25}


class PretrainResultTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write_events(self, *events: dict) -> None:
        started = {"event": "started", "precision": "Float"}
        lines = [json.dumps(event) for event in (started, *events)]
        (self.folder / "events.jsonl").write_text("\n".join(lines) + "\n")

    def test_the_curve_counts_repeated_work_once(self):
        self.write_events(validation(1, 9.0), validation(2, 8.0), validation(2, 7.9), FINISHED)
        result = pretrain_result.cram_result(self.folder)
        self.assertEqual([point["loss"] for point in result["curve"]], [9.0, 7.9])
        self.assertEqual(result["held_out_loss"], 6.5)
        self.assertEqual(result["tokens_per_s"], 500.0)
        self.assertEqual(result["precision"], "Float")

    def test_an_unfinished_run_is_no_result(self):
        self.write_events(validation(1, 9.0))
        with self.assertRaisesRegex(SystemExit, "did not finish"):
            pretrain_result.cram_result(self.folder)

    def results_beside(self, *peers: str) -> tuple[dict, int]:
        """What it prints beside these peers, and how many lines its table has."""
        self.write_events(validation(4, 6.5), FINISHED)
        for name in peers:
            peer = {"peer": name, "held_out_loss": 7.0, "accuracy": 0.1, "tokens": 10,
                    "tokens_per_s": 5.0}
            (self.folder / name).write_text(json.dumps(peer))
        arguments = ["", str(self.folder), *(str(self.folder / name) for name in peers)]
        output = io.StringIO()
        with mock.patch.object(sys, "argv", arguments), contextlib.redirect_stdout(output), \
                contextlib.redirect_stderr(io.StringIO()) as table:
            pretrain_result.main()
        return json.loads(output.getvalue()), len(table.getvalue().splitlines())

    def test_ends_with_one_line_for_all_three(self):
        results, lines = self.results_beside("hf-bert", "crammed")
        self.assertEqual(list(results), ["cram", "hf_bert", "crammed_peer"])
        self.assertEqual(lines, 4)

    def test_one_peer_alone_will_do(self):
        results, lines = self.results_beside("crammed")
        self.assertEqual(list(results), ["cram", "crammed_peer"])
        self.assertEqual(lines, 3)


if __name__ == "__main__":
    unittest.main()
