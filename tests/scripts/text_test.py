#!/usr/bin/env python3
"""The English text of the quickstart: each kind of source on a small sample."""

import gzip
import struct
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import prose  # noqa: E402
import quickstart_text as text  # noqa: E402

SENTENCE = "The dog ran down to the river, and it drank from the cold water there."


class Prose(unittest.TestCase):
    def test_keeps_sentences(self) -> None:
        self.assertTrue(prose.is_prose(SENTENCE))
        self.assertTrue(prose.is_prose(f'"{SENTENCE}"'))

    def test_refuses_what_is_no_english_sentence(self) -> None:
        for paragraph in ("Short.", "Table of contents and of the other things that are in it",
                          "the dog ran down to the river, and it drank from the cold water there.",
                          "Der Hund lief hinunter zum Fluss und trank dort vom kalten Wasser, gern.",
                          "int main() { return f(x) + g(y); } // for the sake of it { and } this.",
                          "1997 1998 1999 2000 2001 the 2002 2003 of 2004 2005 and 2006 2007 a b.",
                          "Copyright 2001 by the people that have written all of this for you.",
                          "The latest version of it is at https://example.org for all of you."):
            self.assertFalse(prose.is_prose(paragraph), paragraph)

    def test_reads_html_without_code_and_navigation(self) -> None:
        paragraphs = prose.html_paragraphs(
            "<html><head><title>T</title><style>p { }</style></head><body><nav><p>Home</p></nav>"
            "<h1>Head</h1><p>One &amp; <em>two</em>\n three<br>four .</p><pre>x = 1</pre>"
            "<ul><li>item</li></ul><script>if (a < b) {}</script></body>")
        self.assertEqual(paragraphs, ["One & two three four.", "item"])

    def test_survives_broken_html(self) -> None:
        self.assertEqual(prose.html_paragraphs("<p>one<p>two</div></p><<>&#xfffffff;"
                                               "<pre>never closed <p>three")[:2], ["one", "two"])

    def test_joins_divided_words(self) -> None:
        self.assertEqual(prose.unwrap(["  a divi-", "  ded word, well-", "  Known \u201cso\u201d"]),
                         'a divided word, well- Known "so"')

    def test_takes_each_paragraph_once(self) -> None:
        collector = prose.Collector()
        other = SENTENCE.replace("dog", "cat")
        collector.add([SENTENCE, other])
        collector.add([SENTENCE, SENTENCE.replace("dog", "cow"), SENTENCE.replace("dog", "ox")])
        first, second = collector.text().split("\n\n")
        self.assertEqual(first, f"{SENTENCE}\n{other}")
        self.assertNotIn("dog", second)


class Entries(unittest.TestCase):
    def test_wordnet(self) -> None:
        self.assertEqual(
            text.wordnet_entry('02 04 n 02 abacus 0 counting_frame 0 001 @ 03 n 0000 | a frame for '
                               'counting; "he used an abacus"; "count!"'),
            "An abacus is a frame for counting. It is also called counting frame. "
            "He used an abacus. Count!")
        self.assertEqual(text.wordnet_entry("02 29 v 01 breathe 0 001 @ 03 v 0000 01 + 02 00 | "
                                            "draw air into the lungs"),
                         "To breathe is to draw air into the lungs.")
        self.assertEqual(text.wordnet_entry("02 00 s 01 same(p) 0 000 | unchanged in character"),
                         "Same means unchanged in character.")
        self.assertEqual(text.wordnet_entry("02 15 n 01 Paris 0 000 | the capital of France"),
                         "Paris: the capital of France.")

    def test_webster(self) -> None:
        entry = """Affect \\Af*fect"\\, v. t. [imp. & p. p. {Affected}; [L. ad] See
   {Fact}.]
   1. To act upon; to produce an effect or
      change upon. [Obs.]
      [1913 Webster]

            As might affect the earth with cold heat. --Milton.
      [1913 Webster]

   2. (Bot.) To bear ?way over \\fields\\.

   3. (Bot.) To dispose or incline; to {touch}. --Sir T. More.
""".splitlines()
        self.assertEqual(text.webster_entry(entry),
                         "Affect. To act upon; to produce an effect or change upon. As might "
                         "affect the earth with cold heat. To dispose or incline; to touch.")

    def test_computing(self) -> None:
        self.assertEqual(text.computing_entry(
            ["bit", "", "   1. <unit> A {binary digit}, __the__ unit.", "",
             "   {(http://x.org/)}.", ""]), ["A binary digit, the unit.", "."])

    def test_entries_start_at_the_margin(self) -> None:
        self.assertEqual(list(text.dictd_entries("a\n  one\n\n  two\nb\n  three")),
                         [["a", "  one", "", "  two"], ["b", "  three"]])

    def test_pieces_between_percent_signs(self) -> None:
        self.assertEqual(list(text.pieces("one\ntwo\n%\n# note\nthree\n%%%%\n")),
                         [["one", "two"], ["three"]])

    def test_sword_markup(self) -> None:
        self.assertEqual(text.sword_text('<title>Psalm</title><q marker="x"/> He said , \u201c '
                                         "Come!\u201d<note>n</note> \u00b6 And"),
                         'He said, "Come!" And')


class Sources(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, path: str, data: bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def collect(self, name: str) -> str:
        output = self.folder / "out"
        output.mkdir(exist_ok=True)
        number = [source.name for source in text.SOURCES].index(name)
        size = text.write_source(number, self.folder, output)
        if size == 0:
            return ""
        written = (output / f"{name}.txt").read_bytes()
        self.assertEqual(len(written), size)
        return written.decode()

    def test_bible(self) -> None:
        verses = " ".join(f"<verse>{SENTENCE.replace('dog', animal)}</verse>"
                          for animal in ("dog", "cat", "cow"))
        block = zlib.compress(verses.encode())
        base = "sword-text-web/usr/share/sword/modules/texts/ztext/web/nt"
        self.write(base + ".bzs", struct.pack("<III", 3, len(block), len(verses)))
        self.write(base + ".bzz", b"xyz" + block)
        self.assertIn("The cat ran down", self.collect("bible"))

    def test_devil(self) -> None:
        entry = "ABSENT, adj.  Peculiarly exposed to the tooth of detraction; vilified;\n" * 2
        self.write("dict-devil/usr/share/dictd/devil.dict.dz",
                   gzip.compress((entry.strip()[:-1] + ".\n\n").encode()))
        self.assertTrue(self.collect("devil").startswith("Absent: Peculiarly exposed"))

    def test_manual(self) -> None:
        other = SENTENCE.replace("dog", "cat")
        self.write("abs-guide/usr/share/doc/abs-guide/html/a.html",
                   f"<p>{SENTENCE}</p><p>{other}</p>".encode())
        self.write("abs-guide/usr/share/doc/abs-guide/html/index.html", b"<p>Index</p>")
        self.assertEqual(self.collect("shell"), f"{SENTENCE}\n{other}\n")

    def test_missing_packages_are_left_out(self) -> None:
        self.assertEqual(self.collect("wordnet"), "")


if __name__ == "__main__":
    unittest.main()
