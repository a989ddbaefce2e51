#!/usr/bin/env python3
"""Asks Hugging Face's `tokenizers` and `transformers` what they make of a text or a vocabulary.

The tests of the tokenizer room compare cram with it:

  tokenizer_oracle.py encode TEXTS IDS --vocab vocab.txt [--cased] [--accents] [--ascii-only]
  tokenizer_oracle.py encode TEXTS IDS --folder DIR    with transformers' AutoTokenizer
  tokenizer_oracle.py frame TEXTS FRAMED --folder DIR  ids, segments, offsets, and the text decoded
  tokenizer_oracle.py fill-mask TEXTS GUESSES --folder DIR...  with transformers' pipeline
  tokenizer_oracle.py examples TEXTS IDS --folder DIR  each two texts as a lone text, a pair, words
  tokenizer_oracle.py train TEXTS VOCAB --vocab-size N
  tokenizer_oracle.py train-bpe TEXTS VOCAB --vocab-size N --folder DIR --form FORM
  tokenizer_oracle.py train-wordpiece TEXTS VOCAB --vocab-size N --folder DIR --form FORM
  tokenizer_oracle.py golden FILE                      answers kept for where Python is absent

TEXTS is a JSON list of strings, IDS a JSON list of lists of ids, VOCAB a JSON list of tokens in the
order of their ids, GUESSES for each folder, text and blank the five best, each an id, a text and a
score. train-bpe writes a byte-level BPE of one of the forms below into DIR, train-wordpiece a
WordPiece. Special tokens in
a text are ordinary text, but for fill-mask. Exits with 77 when a package is missing.
"""

import argparse
import json
import os
import sys

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

try:
    import tokenizers
    from tokenizers import (AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers,
                            processors, trainers)
    from tokenizers.models import BPE, WordPiece
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


def import_transformers():
    try:
        import transformers
    except ImportError:
        print("the Python package transformers is missing")
        sys.exit(77)
    return transformers


def auto_tokenizer(folder):
    return import_transformers().AutoTokenizer.from_pretrained(folder)


def encode_with_folder(folder, texts):
    tokenizer = auto_tokenizer(folder)
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


def examples(arguments):
    """Inputs for fine-tuning; `words` are those of the first text, `second` is where the second of
    the pair begins and ends."""
    tokenizer = auto_tokenizer(arguments.folder)
    of_words = import_transformers().AutoTokenizer.from_pretrained(
        arguments.folder, add_prefix_space=True)
    texts = load(arguments.texts)
    answers = []
    for first, second in zip(texts[::2], texts[1::2]):
        pair = tokenizer(first, second, split_special_tokens=True, return_offsets_mapping=True)
        places = [offset for offset, text in zip(pair["offset_mapping"], pair.sequence_ids())
                  if text == 1]
        answers.append({
            "single": tokenizer(first, split_special_tokens=True)["input_ids"],
            "pair": pair["input_ids"], "second": pair.sequence_ids().index(1), "places": places,
            "words": of_words(first.split(), is_split_into_words=True,
                              split_special_tokens=True)["input_ids"]})
    save(answers, arguments.output)


def fill_mask(arguments):
    def guesses(fill, text):
        blanks = fill(text)
        if isinstance(blanks[0], dict):
            blanks = [blanks]
        return [[(guess["token"], guess["token_str"], guess["score"]) for guess in blank]
                for blank in blanks]

    pipeline = import_transformers().pipeline
    fills = [pipeline("fill-mask", folder, top_k=5, device="cpu") for folder in arguments.folder]
    texts = load(arguments.texts)
    save([[guesses(fill, text) for text in texts] for fill in fills], arguments.output)


def frame(arguments):
    """Each text with special tokens in it and around it, by itself and beside another."""
    tokenizer = auto_tokenizer(arguments.folder)
    framed = []
    for text in load(arguments.texts):
        ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        answer = {"text": tokenizer.decode(ids, clean_up_tokenization_spaces=False)}
        marked = f"{text} {tokenizer.mask_token} {text}{tokenizer.mask_token}"
        for name, pair in (("single", None), ("pair", text[::-1])):
            encoding = tokenizer(marked, pair, return_token_type_ids=True,
                                 return_offsets_mapping=True)
            answer[name] = dict(encoding)
        framed.append(answer)
    save(framed, arguments.output)


CL100K = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}DIGITS|"
          r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
ROBERTA_NAMES = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
# Names, prefix space, digits of a Split before ByteLevel, NFC, every n-th merge to leave out, and
# members of the model.
BPE_FORMS = {
    "roberta": (ROBERTA_NAMES, False, None, False, None, {}),
    "files": (ROBERTA_NAMES, False, None, False, None, {}),
    "prefix": (ROBERTA_NAMES, True, None, True, None, {"unk_token": "<unk>", "fuse_unk": True}),
    "modernbert": (["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"], False, None, True, None, {}),
    "cl100k": (["<|begin|>", "<|pad|>", "<|end|>", "<|unk|>", "<|mask|>"], False, "{1,3}", False, 7,
               {"ignore_merges": True}),
    "digit": (["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"], False, "", False, 7, {}),
}
ADDED = [AddedToken("  "), AddedToken("    ", normalized=False), AddedToken("|||MAIL|||"),
         AddedToken("the", single_word=True), AddedToken("caf\u00e9", rstrip=True),
         AddedToken("zebra", lstrip=True, rstrip=True, normalized=False)]


def bpe_post_processor(form, cls, sep):
    if form in ("roberta", "files"):
        return processors.RobertaProcessing(sep, cls, trim_offsets=True, add_prefix_space=False)
    if form == "prefix":
        return processors.BertProcessing(sep, cls)
    single = f"{cls[0]} $A {sep[0]}"
    template = processors.TemplateProcessing(
        single=single, pair=f"{single} $B:1 {sep[0]}:1", special_tokens=[cls, sep])
    if form == "digit":
        return processors.Sequence([
            processors.ByteLevel(trim_offsets=True, add_prefix_space=False), template])
    return template


def bpe_pre_tokenizer(prefix, digits):
    if digits is None:
        return pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(CL100K.replace("DIGITS", digits)), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def trained_bpe(arguments):
    """The tokenizer.json of a new tokenizer."""
    names, prefix, digits, nfc, left_out, members = BPE_FORMS[arguments.form]
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = bpe_pre_tokenizer(prefix, digits)
    tokenizer.decoder = decoders.ByteLevel()
    if nfc:
        tokenizer.normalizer = normalizers.NFC()
    alphabet = [] if arguments.form == "prefix" else pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(load(arguments.texts), trainers.BpeTrainer(
        vocab_size=arguments.vocab_size, initial_alphabet=alphabet, show_progress=False,
        special_tokens=names[:4] + [AddedToken(names[4], lstrip=True)]))
    cls, sep = ((name, tokenizer.token_to_id(name)) for name in (names[0], names[2]))
    tokenizer.post_processor = bpe_post_processor(arguments.form, cls, sep)
    if arguments.form == "modernbert":
        tokenizer.add_tokens(ADDED)
    root = json.loads(tokenizer.to_str())
    root["model"].update(members)
    if left_out:
        root["model"]["merges"] = [merge for i, merge in enumerate(root["model"]["merges"])
                                   if i % left_out]
    if arguments.form == "prefix":
        root["model"]["merges"] = [" ".join(merge) for merge in root["model"]["merges"]]
    return root, names


def write_vocab_and_merges(root, folder):
    save(root["model"]["vocab"], os.path.join(folder, "vocab.json"))
    mask = {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "rstrip": False,
            "normalized": False, "single_word": False, "special": True}
    save({"tokenizer_class": "RobertaTokenizer", "mask_token": mask},
         os.path.join(folder, "tokenizer_config.json"))
    with open(os.path.join(folder, "merges.txt"), "w", encoding="utf-8") as file:
        file.write("#version: 0.2\n")
        file.writelines(f"{left} {right}\n" for left, right in root["model"]["merges"])


def train_bpe(arguments):
    transformers = import_transformers()
    root, names = trained_bpe(arguments)
    if arguments.form == "files":
        write_vocab_and_merges(root, arguments.folder)
    else:
        roles = dict(zip(("cls_token", "pad_token", "sep_token", "unk_token"), names))
        transformers.PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer.from_str(json.dumps(root)), **roles,
            mask_token=AddedToken(names[4], lstrip=True),
            clean_up_tokenization_spaces=False).save_pretrained(arguments.folder)
        if arguments.form == "prefix":  # the older form of merges
            save(root, os.path.join(arguments.folder, "tokenizer.json"))
    vocab = root["model"]["vocab"]
    save(sorted(vocab, key=vocab.get), arguments.output)


# Normalizers, pre-tokenizers and the template of a lone text.
WORDPIECE_FORMS = {
    # As the authors of the Cramming paper make theirs.
    "crammed": ([normalizers.Replace("``", '"'), normalizers.Replace("''", '"'),
                 normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents(),
                 normalizers.Replace(Regex(" {2,}"), " "),
                 normalizers.Replace(Regex("[^\x00-\x7F]+"), "")],
                [pre_tokenizers.Whitespace()], "$A <sep>"),
    "bert-and-more": ([normalizers.BertNormalizer(), normalizers.Replace(Regex(r"[a-c\s]"), "\u0130x"),
                       normalizers.Lowercase()],
                      [pre_tokenizers.BertPreTokenizer()], "$A [SEP]"),
    "nfkc": ([normalizers.NFKC(), normalizers.Lowercase()],
             [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation(),
              pre_tokenizers.Digits(individual_digits=True)], "[CLS] $A [SEP]"),
    "nfkd": ([normalizers.NFKD(), normalizers.StripAccents()],
             [pre_tokenizers.Whitespace(), pre_tokenizers.Digits()], "$A"),
    "nfc": ([normalizers.NFC(), normalizers.Strip(left=True, right=False)],
            [pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation("contiguous")], "[CLS] $A [SEP]"),
    "removed": ([normalizers.Strip()],
                [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("removed")],
                "[CLS] $A [SEP]"),
}


def train_wordpiece(arguments):
    form = arguments.form
    steps, splitters, template = WORDPIECE_FORMS[form]
    names = [f"<{name[1:-1].lower()}>" if form == "crammed" else name for name in SPECIAL]
    pad, unk, cls, sep, mask = names
    tokenizer = Tokenizer(WordPiece(unk_token=unk))
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(splitters)
    tokenizer.train_from_iterator(load(arguments.texts), trainers.WordPieceTrainer(
        vocab_size=arguments.vocab_size, special_tokens=names, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=template, pair=f"{cls} $A {sep} $B:1 {sep}:1",
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in (cls, sep)])
    import_transformers().PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=pad, unk_token=unk, cls_token=cls, sep_token=sep,
        mask_token=mask).save_pretrained(arguments.folder)
    vocab = tokenizer.get_vocab()
    save(sorted(vocab, key=vocab.get), arguments.output)


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
    for name, run in (("frame", frame), ("examples", examples), ("fill-mask", fill_mask), ("train-bpe", train_bpe), ("train-wordpiece", train_wordpiece)):
        command = commands.add_parser(name)
        command.add_argument("texts")
        command.add_argument("output")
        command.add_argument("--folder", required=True, nargs="+" if run is fill_mask else None)
        if run in (train_bpe, train_wordpiece):
            command.add_argument("--vocab-size", type=int, required=True)
            forms = BPE_FORMS if run is train_bpe else WORDPIECE_FORMS
            command.add_argument("--form", choices=forms, required=True)
        command.set_defaults(run=run)
    command = commands.add_parser("golden")
    command.add_argument("output")
    command.set_defaults(run=golden)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
