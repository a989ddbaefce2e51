"""Tests of the fine-tuning peer, on a tiny BERT and made-up data."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

try:
    import numpy as np
    import scipy  # noqa: F401
    import sklearn  # noqa: F401
    import torch
    import transformers
except ImportError as error:
    raise unittest.SkipTest(f"the peer needs {error.name}") from error

import peer_finetune
import peer_glue

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "a", "\""]


def write_checkpoint(folder: Path) -> None:
    torch.manual_seed(0)
    config = transformers.BertConfig(vocab_size=len(WORDS), hidden_size=32, num_hidden_layers=1,
                                     num_attention_heads=2, intermediate_size=64)
    transformers.BertModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    transformers.BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)


class PeerGlueTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name: str, *lines: str) -> None:
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes("".join(line + "\n" for line in lines).encode())

    def test_quote_marks_and_other_line_ends_stand_in_texts(self):
        for split in ("train", "dev"):
            self.write(f"SST-2/{split}.tsv", "sentence\tlabel", "\"good \t1",
                       "a\u2028bad\u0085 one\t0")
        train = peer_glue.read_task("sst2", self.folder).train
        self.assertEqual(train, [("\"good ", None, 1), ("a\u2028bad\u0085 one", None, 0)])

    def test_cola_has_no_header(self):
        for split in ("train", "dev"):
            self.write(f"CoLA/{split}.tsv", "gj04\t0\t*\tA bad.", "gj04\t1\t\tGood.")
        data = peer_glue.read_task("cola", self.folder)
        self.assertEqual(data.dev["dev"], [("A bad.", None, 0), ("Good.", None, 1)])

    def test_mrpc_is_divided_as_glue_says(self):
        self.write("MRPC/msr_paraphrase_train.txt",
                   "\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String",
                   "1\t10\t11\ta\tb", "0\t12\t13\tc\td")
        self.write("MRPC/dev_ids.tsv", "12\t13")
        data = peer_glue.read_task("mrpc", self.folder)
        self.assertEqual(data.train, [("a", "b", 1)])
        self.assertEqual(data.dev, {"dev": [("c", "d", 0)]})

    def test_the_papers_number_of_mrpc_is_f1(self):
        scores = peer_glue.measure(peer_glue.TASKS["mrpc"], [1, 1, 0, 1], [1, 0, 0, 1])
        self.assertEqual(list(scores), ["f1", "accuracy"])
        self.assertEqual(peer_finetune.as_list(scores),
                         [{"metric": "f1", "value": 0.8}, {"metric": "accuracy", "value": 0.75}])

    def test_scores_and_entailment(self):
        for split in ("train", "dev"):
            self.write(f"STS-B/{split}.tsv", "index\tsentence1\tsentence2\tscore", "0\ta\tb\t3.800")
            self.write(f"RTE/{split}.tsv", "index\tsentence1\tsentence2\tlabel",
                       "0\ta\tb\tnot_entailment")
        self.assertEqual(peer_glue.read_task("stsb", self.folder).train, [("a", "b", 3.8)])
        self.assertEqual(peer_glue.read_task("rte", self.folder).train, [("a", "b", 1)])

    def test_a_row_that_lacks_a_column_is_no_example(self):
        self.write("SST-2/train.tsv", "sentence\tlabel", "good")
        with self.assertRaises(ValueError):
            peer_glue.read_task("sst2", self.folder)

    def test_predictions_that_are_all_the_same_correlate_with_nothing(self):
        with contextlib.redirect_stderr(io.StringIO()):
            scores = peer_glue.measure(peer_glue.TASKS["stsb"], [2.0, 2.0, 2.0], [1.0, 2.0, 3.0])
        self.assertEqual(scores, {"pearson": 0.0, "spearman": 0.0})


class BatchesTest(unittest.TestCase):
    def test_an_epoch_has_every_row_once(self):
        lengths = np.random.default_rng(0).integers(3, 60, 1003)
        batches = peer_finetune.epoch_batches(lengths, 8, np.random.default_rng(1))
        self.assertEqual(sorted(np.concatenate(batches).tolist()), list(range(1003)))
        self.assertEqual(len(batches), 126)

    def test_batches_are_of_like_length_and_in_random_order(self):
        lengths = np.random.default_rng(0).integers(3, 60, 800)
        batches = peer_finetune.epoch_batches(lengths, 8, np.random.default_rng(1))
        spans = [int(lengths[batch].max() - lengths[batch].min()) for batch in batches]
        self.assertLess(max(spans), 8)
        longest = [int(lengths[batch].max()) for batch in batches]
        self.assertNotEqual(longest, sorted(longest))

    def test_epochs_differ_and_seeds_repeat(self):
        lengths = np.arange(100)
        first, again = np.random.default_rng(1), np.random.default_rng(1)
        def order(random):
            return np.concatenate(peer_finetune.epoch_batches(lengths, 8, random)).tolist()
        epochs = [order(first), order(first)]
        self.assertNotEqual(*epochs)
        self.assertEqual(epochs, [order(again), order(again)])

    def test_a_batch_is_as_long_as_its_longest_row(self):
        rows = peer_finetune.Rows([np.array([2, 5, 3]), np.array([2, 5, 3, 6, 3])],
                                  [np.zeros(3), np.array([0, 0, 0, 1, 1])], np.array([1, 0]))
        batch = rows.batch(np.array([1, 0]))
        self.assertEqual(batch["input_ids"].tolist(), [[2, 5, 3, 6, 3], [2, 5, 3, 0, 0]])
        self.assertEqual(batch["token_type_ids"].tolist(), [[0, 0, 0, 1, 1], [0] * 5])
        self.assertEqual(batch["attention_mask"].tolist(), [[1] * 5, [1, 1, 1, 0, 0]])
        self.assertEqual(batch["labels"].tolist(), [0, 1])


class PeerFinetuneTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.checkpoint = cls.folder / "model"
        write_checkpoint(cls.checkpoint)
        (cls.folder / "SST-2").mkdir()
        rows = ["a good film\t1", "bad a film\t0", "good\t1", "a bad \" a a\t0"] * 10
        for split in ("train", "dev"):
            (cls.folder / "SST-2" / f"{split}.tsv").write_text(
                "\n".join(["sentence\tlabel", *rows]) + "\n")

    def run_peer(self, *settings: str) -> dict:
        arguments = ["--checkpoint", str(self.checkpoint), "--data", str(self.folder), "--task",
                     "sst2", "--stock-malloc", "device.threads=1", *settings]
        with contextlib.redirect_stdout(io.StringIO()) as output:
            peer_finetune.main(arguments)
        return json.loads(output.getvalue())

    def test_learns_and_tells_what_it_did(self):
        result = self.run_peer("finetune.epochs=12", "optimizer.learning_rate=3e-3", "batch.size=8",
                               "precision.compute=fp32", "finetune.dropout=0", "finetune.seeds=2",
                               "seed=7")
        task = result["tasks"][0]
        self.assertEqual((task["task"], task["title"]), ("sst2", "SST-2"))
        self.assertEqual([seed["seed"] for seed in task["seeds"]], [7, 8])
        for seed in task["seeds"]:
            self.assertEqual(seed["examples"], 12 * 40)
            self.assertEqual(seed["tokens"], 12 * 10 * (5 + 5 + 3 + 7))
            self.assertEqual(seed["splits"], [
                {"split": "dev", "metrics": [{"metric": "accuracy", "value": 1.0}]}])
        self.assertEqual(result["new"], ["classifier.bias", "classifier.weight"])

    def test_takes_the_first_examples_and_cuts_them(self):
        seed = self.run_peer("finetune.epochs=1", "finetune.max_examples=3",
                             "finetune.max_length=4")["tasks"][0]["seeds"][0]
        self.assertEqual((seed["examples"], seed["tokens"]), (3, 4 + 4 + 3))
        self.assertAlmostEqual(seed["padding"], 1 / 12, places=3)

    def test_a_seed_repeats(self):
        settings = ("finetune.epochs=2", "seed=3", "schedule.shape=cosine", "optimizer.clip_norm=1")
        first, second = (self.run_peer(*settings)["tasks"][0]["seeds"][0]["splits"]
                         for _ in range(2))
        self.assertEqual(first, second)

    def test_pairs_have_token_types(self):
        tokenizer = transformers.AutoTokenizer.from_pretrained(self.checkpoint)
        rows = peer_finetune.tokenize([peer_glue.Example("a good film", "bad", 3.5)], tokenizer, 6,
                                      peer_glue.TASKS["stsb"])
        self.assertEqual(rows.ids[0].tolist(), [2, 8, 5, 3, 6, 3])
        self.assertEqual(rows.types[0].tolist(), [0, 0, 0, 0, 1, 1])
        self.assertEqual(rows.targets.dtype, np.float32)

    def test_refuses_settings_it_has_not(self):
        for setting, message in (("finetune.pooling=mean", "no setting 'finetune.pooling'"),
                                 ("schedule.shape=triangle", "one of linear, cosine")):
            with self.assertRaisesRegex(SystemExit, message):
                peer_finetune.read_settings([setting])

    def test_refuses_a_checkpoint_without_its_encoder(self):
        with tempfile.TemporaryDirectory() as folder:
            config = transformers.BertConfig.from_pretrained(self.checkpoint, num_hidden_layers=2)
            config.save_pretrained(folder)
            (Path(folder) / "model.safetensors").write_bytes(
                (self.checkpoint / "model.safetensors").read_bytes())
            with self.assertRaisesRegex(SystemExit, "parts of the encoder are missing"):
                peer_finetune.load_model(Path(folder), peer_glue.TASKS["sst2"], 0.1, "sdpa")


if __name__ == "__main__":
    unittest.main()
