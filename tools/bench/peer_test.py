"""Tests of the peers."""

import json
import tempfile
import unittest
from pathlib import Path

try:
    import numpy as np
    import torch
except ImportError as error:
    raise unittest.SkipTest(f"the peers need {error.name}") from error

import peer_pretrain
from peer_data import Dump, Meta, bernoulli_masks, exact_masks
from peer_models import CrammedBert, HuggingFaceBert

META = Meta(sequence_length=128, vocab_size=1000, mask_id=4, special_ids=[0, 1, 2, 3, 4],
            masked_per_sequence=19)


def write_dump(folder: Path, train: int, held_out: int) -> None:
    """Sequences that count from 5 to 24 again and again, from a random start."""
    starts = np.random.default_rng(1).integers(0, 20, (train + held_out, 1))
    rows = (starts + np.arange(128)) % 20 + 5
    masks = np.stack([np.arange(19) * 6, np.full(19, 4)], axis=1)
    rows[:train].astype("<u2").tofile(folder / "train.u16")
    rows[train:].astype("<u2").tofile(folder / "heldout.u16")
    np.tile(masks, (held_out, 1, 1)).astype("<u2").tofile(folder / "heldout_masks.bin")
    (folder / "meta.json").write_text(json.dumps(vars(META)))


class PeerTest(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = Path(self._folder.name)
        self.generator = torch.Generator().manual_seed(0)
        torch.manual_seed(0)

    def test_held_out_batch_shows_the_masks_and_keeps_the_truth(self):
        write_dump(self.folder, train=4, held_out=3)
        ids, positions, targets = Dump(self.folder).held_out_batch(1, 64)
        self.assertEqual(ids.shape, (2, 128))
        self.assertEqual(positions[:20].tolist(), [6 * i for i in range(19)] + [128])
        self.assertTrue((ids.flatten()[positions] == 4).all())
        truth = ids.flatten().index_put((positions,), targets).view_as(ids)
        self.assertTrue(((truth - 5).diff(dim=1) % 20 == 1).all())

    def test_training_rows_repeat_from_the_start(self):
        write_dump(self.folder, train=4, held_out=1)
        rows = Dump(self.folder).training_rows(3, 6)
        self.assertTrue(torch.equal(rows[1:5], Dump(self.folder).training_rows(0, 4)))
        self.assertTrue(torch.equal(rows[0], rows[4]))

    def test_a_cut_dump_is_refused(self):
        write_dump(self.folder, train=4, held_out=2)
        masks = self.folder / "heldout_masks.bin"
        masks.write_bytes(masks.read_bytes()[:76])
        with self.assertRaisesRegex(ValueError, "2 held-out sequences but 1"):
            Dump(self.folder)
        masks.write_bytes(b"123")
        with self.assertRaisesRegex(ValueError, "heldout_masks.bin: 3 bytes"):
            Dump(self.folder)

    def test_exact_masks_choose_a_quarter_of_each_row(self):
        rows = torch.arange(5, 5 + 64 * 128).view(64, 128) % 995 + 5
        ids, positions, targets = exact_masks(rows, META, 0.25, self.generator)
        self.assertEqual(len(positions.unique()), 64 * 32)
        self.assertTrue(torch.equal(rows.flatten()[positions], targets))
        shown = ids.flatten()[positions]
        self.assertEqual((shown == 4).view(64, 32).sum(dim=1).mode().values.item(), 26)
        self.assertGreaterEqual((shown == targets).sum().item(), 64 * 3)
        unchanged = torch.ones(64 * 128, dtype=torch.bool)
        unchanged[positions] = False
        self.assertTrue(torch.equal(ids.flatten()[unchanged], rows.flatten()[unchanged]))

    def test_bernoulli_masks_spare_special_tokens(self):
        rows = torch.arange(512 * 128).view(512, 128) % 1000
        ids, labels = bernoulli_masks(rows, META, 0.15, self.generator)
        chosen = labels != -100
        self.assertAlmostEqual(chosen.float().mean().item(), 0.15 * 0.995, delta=0.006)
        self.assertAlmostEqual((ids[chosen] == 4).float().mean().item(), 0.8, delta=0.02)
        self.assertTrue(torch.equal(ids[~chosen], rows[~chosen]))
        self.assertFalse((chosen & (rows < 5)).any())

    def test_crammed_has_the_parameters_of_its_recipe(self):
        layer = 4 * 256 * 256 + 3 * 512 * 256 + 4 * 256
        count = sum(p.numel() for p in CrammedBert(META, "eager").parameters())
        self.assertEqual(count, 1000 * 256 + 4 * layer + 2 * 2 * 256 + 1)

    def test_attention_by_two_products_is_attention(self):
        eager, fused = CrammedBert(META, "eager"), CrammedBert(META, "sdpa")
        fused.load_state_dict(eager.state_dict())
        inputs = eager.batch(torch.randint(5, 1000, (2, 128)), self.generator)
        torch.testing.assert_close(eager(*inputs), fused(*inputs))

    def result_of(self, peer: str, precision: str) -> dict:
        result_file = self.folder / "result.json"
        peer_pretrain.main([peer, str(self.folder), "--steps", "40", "--batch", "8",
                            "--ramp", "0", "--lr", "2e-3", "--curve-points", "2",
                            "--precision", precision, "--json", str(result_file)])
        return json.loads(result_file.read_text())

    def test_fp32_is_another_precision(self):
        write_dump(self.folder, train=512, held_out=8)
        losses = {precision: self.result_of("crammed", precision)["held_out_loss"]
                  for precision in ("bf16", "fp32")}
        self.assertNotEqual(losses["bf16"], losses["fp32"])
        self.assertAlmostEqual(losses["bf16"], losses["fp32"], delta=0.2)

    def test_both_peers_learn_which_tokens_occur(self):
        write_dump(self.folder, train=512, held_out=8)
        for peer in ("crammed", "hf-bert"):
            result = self.result_of(peer, "bf16")
            self.assertEqual(result["precision"], "bf16")
            self.assertEqual(result["tokens"], 40 * 8 * 128)
            self.assertEqual([point["spent"] for point in result["curve"]], [0.5, 1.0])
            self.assertLess(result["held_out_loss"], np.log(20) + 0.5)

    def test_schedules_and_ramp_follow_the_budget(self):
        factor = peer_pretrain.learning_rate_factor
        self.assertEqual([factor("triangle", x) for x in (0, 0.75, 1, 1.1)], [0.25, 1, 0, 0])
        self.assertEqual([factor("linear", x) for x in (0, 0.05, 0.1, 1, 1.1)], [0, 0.5, 1, 0, 0])
        recipe = peer_pretrain.RECIPES["crammed"]
        recipe.batch, recipe.micro_batch, recipe.ramp = 128, 32, 0.6
        passes = [peer_pretrain.passes_per_update(recipe, x) for x in (0, 0.16, 0.5, 0.6, 1)]
        self.assertEqual(passes, [1, 2, 4, 4, 4])


if __name__ == "__main__":
    unittest.main()
