"""Tells running English from everything else that stands in documentation, and tidies it.

Standard library only. Text flows as paragraphs (one line each) and documents (lists of them).
"""

import re
from html.parser import HTMLParser

SHORTEST = 40  # characters of a paragraph
STOP_WORDS = frozenset("""
a about after all also an and any are as at be been before but by can could did do does each for
from had has have he her him his how i if in into is it its like made make many may more most must
my no not of on one only or other our out over shall she should so some such than that the their
them then there these they this those thou thy time to two up upon use used was we were what when
where which while who will with would you your
""".split())
# What makes a paragraph a sentence about licences rather than about its subject.
BOILERPLATE = re.compile(
    r"copyright|warranty|all rights reserved|public licen[cs]e|licensed under|permission is "
    r"(?:hereby )?granted|https?://|www\.|\b\w+@\w+\.\w+|last updated|this page|click here",
    re.IGNORECASE)
CODE = re.compile(r"[{}\\|<>=_^~#*@]|::|->|\(\)|--\w|/\w+/|\$\w|\w\.\w+\(|&&")
WORD = re.compile(r"[A-Za-z]+(?:['\u2019][a-z]+)?")
SENTENCE_END = re.compile(r"[.!?][\"'\u201d\u2019)]*$")
TYPOGRAPHY = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2010": "-", "\u2011": "-",
    "\u2012": "-", "\u00a0": " ", "\u00ad": "", "\u200b": "", "\u2009": " ", "\u202f": " ",
    "\u2026": "...", "\ufeff": ""})


def tidy(text: str) -> str:
    """One line, plain quotation marks and spaces."""
    return " ".join(text.translate(TYPOGRAPHY).split())


def unwrap(lines: list[str]) -> str:
    """Lines of a paragraph as one, with words that were divided at a line end put together."""
    text = "\n".join(line.strip() for line in lines)
    return tidy(re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", text))


def is_prose(paragraph: str, strict: bool = True) -> bool:
    """Whether it reads as English sentences. `strict` also refuses what smells of code."""
    if len(paragraph) < SHORTEST or not SENTENCE_END.search(paragraph):
        return False
    if not paragraph[0].isupper() and paragraph[0] not in "\"'(":
        return False
    words = WORD.findall(paragraph)
    letters = sum(map(len, words)) + paragraph.count(" ")
    if len(words) < 6 or letters < 0.88 * len(paragraph):
        return False
    common = sum(word.lower() in STOP_WORDS for word in words)
    if common < 0.22 * len(words):
        return False
    if strict and len(CODE.findall(paragraph)) * 60 > len(paragraph):
        return False
    return not BOILERPLATE.search(paragraph)


class _Paragraphs(HTMLParser):
    """Collects the text of block elements, leaving out code, tables, navigation and headings."""

    BLOCKS = frozenset("p li dd dt blockquote div td th h1 h2 h3 h4 h5 h6 para note section "
                       "body article main item title desc".split())
    SKIPPED = frozenset("pre script style nav header footer table title head h1 h2 h3 h4 h5 h6 "
                        "screen code-block form button svg info".split())
    VOID = frozenset("br img hr meta link input col area base".split())

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self._parts: list[str] = []
        self._skipping: list[str] = []

    def _flush(self) -> None:
        text = re.sub(r"\s+([.,;:!?)])", r"\1", tidy("".join(self._parts)))
        self._parts.clear()
        if text:
            self.paragraphs.append(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.VOID:
            self._parts.append(" ")
        elif tag in self.SKIPPED:
            self._flush()
            self._skipping.append(tag)
        elif tag in self.BLOCKS:
            self._flush()

    def handle_endtag(self, tag: str) -> None:
        if self._skipping and tag == self._skipping[-1]:
            self._skipping.pop()
        elif tag in self.BLOCKS:
            self._flush()

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._parts.append(data.replace("\u00b6", ""))

    def close(self) -> None:
        super().close()
        self._flush()


def html_paragraphs(html: str) -> list[str]:
    parser = _Paragraphs()
    parser.feed(html)
    parser.close()
    return parser.paragraphs


class Collector:
    """Takes documents, keeps the prose in them, each paragraph once, and counts the bytes."""

    def __init__(self, strict: bool = True) -> None:
        self._strict = strict
        self._seen: set[str] = set()
        self.documents: list[str] = []

    def add(self, paragraphs: list[str]) -> None:
        kept = []
        for paragraph in paragraphs:
            if paragraph not in self._seen and is_prose(paragraph, self._strict):
                self._seen.add(paragraph)
                kept.append(paragraph)
        if sum(map(len, kept)) >= 2 * SHORTEST:
            self.documents.append("\n".join(kept))

    def text(self) -> str:
        """Documents apart by a blank line, a paragraph a line."""
        return "\n\n".join(self.documents) + "\n"
