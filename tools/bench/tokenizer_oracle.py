#!/usr/bin/env python3
"""Asks Hugging Face's `tokenizers` and `transformers` what they make of a text or a vocabulary.

The tests of the tokenizer room compare cram with it:

  tokenizer_oracle.py encode TEXTS IDS --vocab vocab.txt [--cased] [--accents] [--ascii-only]
  tokenizer_oracle.py encode TEXTS IDS --folder DIR    with transformers' AutoTokenizer
  tokenizer_oracle.py train TEXTS VOCAB --vocab-size N
  tokenizer_oracle.py golden FILE                      answers kept for where Python is absent

TEXTS is a JSON list of strings, IDS a JSON list of lists of ids, VOCAB a JSON list of tokens in the
order of their ids. Special tokens in a text are ordinary text. Exits with 77 when a package is
missing.
"""

import argparse
import json
import os
import sys

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

try:
    import tokenizers
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, trainers
    from tokenizers.models import WordPiece
except ImportError:
    print("the Python package tokenizers is missing")
    sys.exit(77)

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def bert_tokenizer(tokens, lowercase=True, strip_accents=True, ascii_only=False):
    """A BertTokenizer without special tokens, so that none is split out of the text."""
    vocab = {token: id for id, token in enumerate(tokens)}
    tokenizer = Tokenizer(WordPiece(vocab, unk_token="[UNK]"))
    normalizer = normalizers.BertNormalizer(
        lowercase=lowercase, strip_accents=strip_accents)
    if ascii_only:
        not_ascii = normalizers.Replace(Regex(r"[^\x00-\x7F]"), "")
        normalizer = normalizers.Sequence([normalizer, not_ascii])
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def read_vocab(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file]


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def save(value, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)


def encode_with_folder(folder, texts):
    try:
        from transformers import AutoTokenizer
    except ImportError:
        print("the Python package transformers is missing")
        sys.exit(77)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return [tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
            for text in texts]


def encode(arguments):
    texts = load(arguments.texts)
    if arguments.folder:
        save(encode_with_folder(arguments.folder, texts), arguments.output)
        return
    tokenizer = bert_tokenizer(read_vocab(arguments.vocab), not arguments.cased,
                               not arguments.accents, arguments.ascii_only)
    save([encoding.ids for encoding in tokenizer.encode_batch_fast(texts)], arguments.output)


def train(arguments):
    tokenizer = bert_tokenizer(SPECIAL)
    trainer = trainers.WordPieceTrainer(vocab_size=arguments.vocab_size, limit_alphabet=1000,
                                        special_tokens=SPECIAL, show_progress=False)
    tokenizer.train_from_iterator(load(arguments.texts), trainer)
    vocab = tokenizer.get_vocab()
    save(sorted(vocab, key=vocab.get), arguments.output)


MODES = [
    {"lowercase": True, "strip_accents": True, "ascii_only": False},
    {"lowercase": False, "strip_accents": False, "ascii_only": False},
    {"lowercase": True, "strip_accents": False, "ascii_only": False},
    {"lowercase": False, "strip_accents": True, "ascii_only": False},
    {"lowercase": True, "strip_accents": True, "ascii_only": True},
]

GOLDEN_TOKENS = SPECIAL + """
! # ' ( ) , - . / : ; < = > ? @ [ ] ~ 0 1 2 a b c d e f g h i j k l m n o p q r s t u v w x y z ß é
ı ς σ я 中 国 。 ¿ « the cat sat on mat play un aff able mask cls sep pad unk don caf cafe naive
A T The T\u0130 stra tokenization antidisestablishmentarianism supercalifragilistic
##a ##b ##c ##d ##e ##f ##g ##h ##i ##j ##k ##l ##m ##n ##o ##p ##q ##r ##s ##t ##u ##v ##w ##x ##y
##z ##0 ##1 ##2 ##ing ##able ##aff ##s ##ed ##ize ##ization ##é ##ß ##ss ##σ ##ς ##я ##\u0307 ##中
\uac00 \u1100 ##\u1161 ##\u11a8 \U0001f468 ##\U0001f469 ##\u302e ##\u302f ##\U0001d166 \u302e \u0345
""".split()

GOLDEN_TEXTS = [
    "", " ", "\n\t\r ", "the cat sat on the mat.", "The CAT, playing; unaffable!", "don't",
    "[MASK] [CLS]x[SEP] [PAD][UNK]", "a##b ##ing # ##", "caf\u00e9 cafe\u0301 CAF\u00c9 na\u00efve",
    "\u0130stanbul T\u0130 I\u0307 \u0131", "Stra\u00dfe STRASSE \u1e9e", "\u03a3\u03b1\u03c2 \u03a3",
    "中国人。Chinese中x国", "\uf900\U0002f800\U0002b820", "x\u00a0y\u2003z\u3000a\u200bb\ufeffc\u00add",
    "a\x00b\x01c\x7fd\x85e\ufffdf\ufffeg", "\u0001\u200b", "\u00bfa?b\u00abc", "a=b<c>d~e@f", "\u2260 \u226e x\u2260y",
    "\u037e \u0387 \u1fef", "\uac00\uac01 \ud55c", "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd",
    "e\u0301\u0327\u0316e e\u0327\u0301", "a\u302e\u302f a\u302f\u302e a\u0327\u302e\u0301\u302f",
    "x\U0001d166\U0001d16d\u0301 \U0001d15e", ".\u302e\u302f .\u0301\u302e a.\u302f", "\u0345a \u0390 \u1f82",
    "a" * 99, "a" * 100, "a" * 101, "a" * 99 + "\u00e9" * 2, "\u00e9" * 101, "b" * 15, "b" * 16, "b" * 17,
    "tokenizationing tokenizations", "antidisestablishmentarianism antidisestablishmentarianisms",
    "aaaaaaaaaaaaaaa\u0301 aaaaaaaaaaaaaaaa\u0301 aaaaaaaaaaaaaaaaa\u0301", "q\x1cq q\x0bq q\x0cq q\x1fq",
    "\u0661\u0662 \u00b2 \u2167 \u24d0", "\u061d \u2e52 \u166d \U000111c9", "\ue000x\U000f0000y\U0010fffd",
    "\u0378 \U000e0100 \U0003ffff", "\u1c89 \ua7dc \U00010d50 \U00016ea0", "x" * 7 + ".", "x" * 8 + ".", "x" * 9 + " y",
]


def fnv(hash, data):
    for byte in data:
        hash = ((hash ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return hash


def code_point_tokens():
    """Every code point that can change, by itself and inside a word, as a token."""
    tokens = list(SPECIAL)
    for code in range(0x21, 0x30000):
        if not 0xD800 <= code < 0xE000 and not chr(code).isspace():
            tokens += [chr(code), "##" + chr(code)]
    return tokens


def code_points_hash(mode):
    """FNV-1a over what becomes of every code point between two letters, one after the other."""
    tokens = code_point_tokens()
    tokenizer = bert_tokenizer(tokens, **mode)
    hash = 0xCBF29CE484222325
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    for start in range(0, len(codes), 4096):
        batch = ["a" + chr(code) + "b" for code in codes[start:start + 4096]]
        for encoding in tokenizer.encode_batch_fast(batch):
            text = " ".join(tokens[id] for id in encoding.ids) + "\n"
            hash = fnv(hash, text.encode())
    return f"{hash:016x}"


def golden(arguments):
    tokens = list(dict.fromkeys(GOLDEN_TOKENS))
    modes = []
    for mode in MODES:
        tokenizer = bert_tokenizer(tokens, **mode)
        ids = [tokenizer.encode(text).ids for text in GOLDEN_TEXTS]
        modes.append(mode | {"code_points": code_points_hash(mode), "ids": ids})
    answers = {"source": "tokenizers " + tokenizers.__version__, "tokens": tokens,
               "texts": GOLDEN_TEXTS, "modes": modes}
    with open(arguments.output, "w", encoding="utf-8") as file:
        lines = json.dumps(answers).replace(', {"lowercase"', ',\n{"lowercase"')
        file.write(lines.replace(', "ids": ', ',\n"ids": ').replace(', "texts": ', ',\n"texts": ') + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("encode")
    command.add_argument("texts")
    command.add_argument("output")
    command.add_argument("--vocab")
    command.add_argument("--folder")
    for flag in ("--cased", "--accents", "--ascii-only"):
        command.add_argument(flag, action="store_true")
    command.set_defaults(run=encode)
    command = commands.add_parser("train")
    command.add_argument("texts")
    command.add_argument("output")
    command.add_argument("--vocab-size", type=int, required=True)
    command.set_defaults(run=train)
    command = commands.add_parser("golden")
    command.add_argument("output")
    command.set_defaults(run=golden)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
