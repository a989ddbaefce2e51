#!/usr/bin/env python3
"""Turns the contents of distribution packages into English text to train on.

usage: quickstart_text.py --packages                 print the packages of each source
       quickstart_text.py EXTRACTED-FOLDER OUTPUT-FOLDER

EXTRACTED-FOLDER holds one unpacked package in each of its folders, named as the package. Sources
whose packages are not there are left out. Same packages, same bytes.
"""

import gzip
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from prose import Collector, html_paragraphs, tidy, unwrap

DOCUMENT = 1500  # characters, about: short entries are put together to documents of this size


def grouped(entries: Iterable[str]) -> Iterable[list[str]]:
    """Entries as paragraphs of documents of a readable size."""
    document: list[str] = []
    for entry in entries:
        document.append(entry)
        if sum(map(len, document)) >= DOCUMENT:
            yield document
            document = []
    if document:
        yield document


def read(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix in (".gz", ".dz"):
        data = gzip.decompress(data)
    return data.decode("utf-8", errors="ignore")


def files(folder: Path, pattern: str, excluded: str = r"(?!)") -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if path.is_file() and not re.search(excluded, str(path)))


# Of each synset of WordNet: what it means, then its examples.


def with_article(word: str) -> str:
    return ("An " if word[0].lower() in "aeiou" else "A ") + word


def wordnet_sentence(kind: str, word: str, meaning: str) -> str:
    if kind == "v":
        return f"To {word} is to {meaning}."
    if kind == "n" and word[0].isupper():
        return f"{word}: {meaning}."
    if kind == "n" and re.match(r"(a|an|one|someone|any) ", meaning):
        return f"{with_article(word)} is {meaning}."
    if kind == "n":
        return f"{word[0].upper()}{word[1:]} is {meaning}."
    return f"{word[0].upper()}{word[1:]} means {meaning}."


def wordnet_entry(line: str) -> str:
    data, _, gloss = line.partition(" | ")
    fields = data.split()
    words = [re.sub(r"\(\w+\)$", "", word).replace("_", " ")
             for word in fields[4:4 + 2 * int(fields[3], 16):2]]
    meaning = re.sub(r'[;:]?\s*"[^"]*"?', "", gloss).strip(" ;:.")
    if not meaning:
        return ""
    sentences = [wordnet_sentence(fields[2], words[0], meaning)]
    if len(words) > 1:
        sentences.append(f"It is also called {' or '.join(words[1:4])}."
                         if fields[2] == "n" else f"Another word is {words[1]}.")
    for example in re.findall(r'"([^"]+)"', gloss):
        example = example.strip()
        sentences.append(example[:1].upper() + example[1:] +
                         ("" if re.search(r"[.!?]$", example) else "."))
    return tidy(" ".join(sentences))


def wordnet(folders: list[Path], collector: Collector) -> None:
    for name in ("noun", "verb", "adj", "adv"):
        lines = read(folders[0] / f"usr/share/wordnet/data.{name}").splitlines()
        entries = (wordnet_entry(line) for line in lines if not line.startswith("  "))
        for document in grouped(filter(None, entries)):
            collector.add(document)


# A SWORD module: zlib blocks one after the other, each verse marked up as XML.


def sword_blocks(folder: Path, testament: str) -> Iterable[str]:
    for index in files(folder, f"**/{testament}.[bc]zs"):
        data = index.with_suffix(index.suffix[:2] + "zz").read_bytes()
        for offset, size, _ in struct.iter_unpack("<III", index.read_bytes()):
            yield zlib.decompress(data[offset:offset + size]).decode("utf-8", errors="ignore")


def sword_text(block: str) -> str:
    block = re.sub(r"(?s)<(title|note|header)\b.*?</\1>", " ", block)
    block = tidy(re.sub(r"<[^>]*>|\u00b6", " ", block))
    block = re.sub(r"(^|\s)([\"']) (?=\w|['\"])", r"\1\2", block)
    return re.sub(r"\s+([.,;:!?)])", r"\1", block)


def bible(folders: list[Path], collector: Collector) -> None:
    for testament in ("ot", "nt"):
        for block in sword_blocks(folders[0], testament):
            sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z\"'(])", sword_text(block))
            paragraphs = [" ".join(sentences[i:i + 5]) for i in range(0, len(sentences), 5)]
            for start in range(0, len(paragraphs), 8):
                collector.add(paragraphs[start:start + 8])


# Dictionaries of dictd: entries of head word and indented text.


def dictd_entries(text: str) -> Iterable[list[str]]:
    entry: list[str] = []
    for line in text.splitlines():
        if line and not line[0].isspace() and entry:
            yield entry
            entry = []
        entry.append(line)
    yield entry


def paragraphs_of(lines: list[str]) -> Iterable[str]:
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            paragraph.append(line)
        elif paragraph:
            yield unwrap(paragraph)
            paragraph = []


def without_brackets(text: str) -> str:
    """Without etymologies, sources and notes in square brackets, nested ones too."""
    while (shorter := re.sub(r"\[[^][]*\]", "", text)) != text:
        text = shorter
    return text


def webster_sense(paragraph: str) -> str:
    """A sense or quotation without number, field of use, author and editors' marks."""
    text = re.sub(r"\s*--\s?[A-Z][\w.' ]*(\(.*?\))?\.?$", "", paragraph)
    text = re.sub(r"^(\d+\.|\([a-z]\)|Note:)\s*|\([A-Z][a-z]+\.( [&A-Z][a-z]*\.?)*\)\s*", "",
                  text.strip())
    text = re.sub(r"[{}]", "", text)
    text = tidy(re.sub(r"\s+([.,;:])", r"\1", text))
    is_damaged = re.search(r"[\\=`]|\?\w|\b[vnap]\. |[][]", text)
    return "" if len(text) <= 20 or text[-1] not in ".!?" or is_damaged else text


def webster_entry(entry: list[str]) -> str:
    head, *paragraphs = map(without_brackets, paragraphs_of(entry))
    # Head word \pronunciation\, part of speech: the first sense follows at once.
    word, _, rest = head.partition("\\")
    first = re.sub(r"^[\s,;]*(?:(?:[a-z]{1,5}\.|&|or|and|[,;])\s*)+", "", rest.rpartition("\\")[2])
    senses = list(filter(None, map(webster_sense, [first, *paragraphs])))
    return f"{word.strip()}. " + " ".join(s[0].upper() + s[1:] for s in senses) if senses else ""


def webster(folders: list[Path], collector: Collector) -> None:
    entries = dictd_entries(read(folders[0] / "usr/share/dictd/gcide.dict.dz"))
    texts = (webster_entry(entry) for entry in entries if any(map(str.strip, entry)))
    for document in grouped(filter(None, texts)):
        collector.add(document)


def computing_entry(entry: list[str]) -> list[str]:
    paragraphs = []
    for paragraph in paragraphs_of(entry[1:]):
        text = re.sub(r"^(\d+\.\s*)?(<[^>]*>\s*)?", "", paragraph)
        text = re.sub(r"\{\(?(https?|ftp|news):[^}]*\}|/[^/ ]+/|\[\w+\]\s*", "", text)
        text = re.sub(r"\{\s*([^}]*)\}|__?([^_]+)__?", lambda m: m[1] or m[2], text)
        paragraphs.append(tidy(text))
    return paragraphs


def computing(folders: list[Path], collector: Collector) -> None:
    for folder in folders:
        for path in files(folder, "usr/share/dictd/*.dict.dz"):
            for entry in dictd_entries(read(path)):
                collector.add(computing_entry(entry))


def devil(folders: list[Path], collector: Collector) -> None:
    text = read(folders[0] / "usr/share/dictd/devil.dict.dz")
    for document in grouped(paragraphs_of(text.splitlines())):
        collector.add([re.sub(r"^([A-Z])([A-Z' -]+), \w+\.(\w+\.)?\s+",
                              lambda m: f"{m[1]}{m[2].lower()}: ", paragraph).replace("_", "")
                       for paragraph in document])


# Short pieces between lines of percent signs.


def pieces(text: str) -> Iterable[list[str]]:
    piece: list[str] = []
    for line in [*text.splitlines(), "%"]:
        if re.fullmatch(r"%+", line.strip()):
            if piece:
                yield piece
            piece = []
        elif not line.startswith("#"):
            piece.append(line)


# Other collections hold jokes at somebody's cost.
QUOTATIONS = "art education food literature pets platitudes science songs-poems tao wisdom".split()


def fortunes(folders: list[Path], collector: Collector) -> None:
    for path in sorted(path for folder in folders for name in QUOTATIONS
                       for path in files(folder, f"usr/share/games/fortunes/{name}.u8")):
        for document in grouped(
                re.sub(r"\s*(--|\u2014)\s*[^.]*$", "", paragraph)
                for piece in pieces(read(path)) for paragraph in paragraphs_of(piece)):
            collector.add(document)


def crawl(folders: list[Path], collector: Collector) -> None:
    for path in files(folders[0], "usr/share/crawl/dat/descript/*.txt"):
        for document in grouped(
                paragraph for piece in pieces(read(path)) for paragraph in paragraphs_of(piece[1:])):
            collector.add(document)


# Manuals.


def manual(pattern: str, excluded: str = r"(?!)") -> Callable[[list[Path], Collector], None]:
    """Every HTML page that matches is a document."""

    def extract(folders: list[Path], collector: Collector) -> None:
        for folder in folders:
            for path in files(folder, pattern, excluded):
                collector.add(html_paragraphs(read(path)))

    return extract


def perl(folders: list[Path], collector: Collector) -> None:
    for path in files(folders[0], "usr/share/perl/*/pod/*.pod", r"delta\.pod|perlapi|uniprops"):
        text = re.sub(r"[BCEFILSXZ]<+\s?([^<>|]*)(\|[^<>]*)?\s?>+", r"\1", read(path))
        collector.add([unwrap(block.splitlines()) for block in re.split(r"\n\s*\n", text)
                       if not block.startswith((" ", "\t", "="))])


@dataclass
class Source:
    name: str
    title: str
    licence: str
    # Each entry names a package, or several of which the first that exists is taken.
    packages: list[str]
    extract: Callable[[list[Path], Collector], None]
    strict: bool = True


NOT_PROSE = r"genindex|/index\.html|changelog|whatsnew/changelog|copyright|bookindex|release-\d"
SOURCES = [
    Source("wordnet", "WordNet glosses and examples", "WordNet", ["wordnet-base"], wordnet, False),
    Source("dictionary", "Webster's dictionary of 1913 and its supplements", "GPL-3+",
           ["dict-gcide"], webster, False),
    Source("bible", "World English Bible, or the King James Version", "public domain",
           ["sword-text-web|sword-text-kjv"], bible, False),
    Source("computing", "Dictionary of Computing, Jargon File", "GFDL, public domain",
           ["dict-foldoc", "dict-jargon"], computing),
    Source("devil", "The Devil's Dictionary", "public domain", ["dict-devil"], devil, False),
    Source("fortunes", "Quotations", "BSD", ["fortunes", "fortunes-min"], fortunes),
    Source("crawl", "Creatures and places of a game", "GPL-2+", ["crawl-common"], crawl, False),
    Source("postgresql", "PostgreSQL manual", "PostgreSQL",
           ["postgresql-doc-15|postgresql-doc-16|postgresql-doc-14"],
           manual("usr/share/doc/postgresql-doc-*/html/*.html", NOT_PROSE)),
    Source("python", "Python manual", "PSF",
           ["python3.11-doc|python3.12-doc|python3.10-doc"],
           manual("usr/share/doc/python3*/html/**/*.html", NOT_PROSE + "|_sources")),
    Source("django", "Django manual", "BSD", ["python-django-doc"],
           manual("usr/share/doc/python-django-doc/html/**/*.html", NOT_PROSE + "|/releases/")),
    Source("perl", "Perl manual", "Artistic or GPL-1+", ["perl-doc"], perl),
    Source("apache", "Apache manual", "Apache-2.0", ["apache2-doc"],
           manual("usr/share/doc/apache2-doc/manual/en/**/*.html", NOT_PROSE)),
    Source("office", "LibreOffice help", "MPL-2.0", ["libreoffice-help-en-us"],
           manual("usr/share/libreoffice/help/en-US/text/**/*.html")),
    Source("debian", "Debian reference, history, policy and guides", "GPL-2+",
           ["debian-reference-en", "harden-doc", "developers-reference", "debian-policy",
            "debian-faq"],
           manual("usr/share/**/*.html", NOT_PROSE + r"|/(de|es|fr|it|ja|pt|ru|zh)[-_.]|"
                  r"\.(de|es|fr|it|ja|ko|nl|pl|pt|ru|zh|uk|vi|da|cs|hu|lt|ca|ro|sv|tr|nb|sk)\b|"
                  r"developers-reference\.html|-(DE|ES|FR|IT|JA|BR|RU|CN)/")),
    Source("shell", "Advanced Bash-Scripting Guide", "public domain", ["abs-guide"],
           manual("usr/share/doc/abs-guide/html/*.html", NOT_PROSE)),
]


def write_source(number: int, extracted: Path, output: Path) -> int:
    """Bytes of text, or 0 where the packages are missing."""
    source = SOURCES[number]
    names = [name for packages in source.packages for name in packages.split("|")]
    folders = [extracted / name for name in names if (extracted / name).is_dir()]
    if not folders:
        return 0
    collector = Collector(source.strict)
    source.extract(folders, collector)
    data = collector.text().encode()
    (output / f"{source.name}.txt").write_bytes(data)
    return len(data)


def main() -> None:
    if sys.argv[1:] == ["--packages"]:
        print("\n".join(packages for source in SOURCES for packages in source.packages))
        return
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    extracted, output = map(Path, sys.argv[1:])
    total = 0
    print(f"{'source':<12}{'MB':>6}  {'licence':<20} text")
    with ProcessPoolExecutor() as pool:
        sizes = pool.map(write_source, range(len(SOURCES)), repeat(extracted), repeat(output))
        for source, size in zip(SOURCES, sizes):
            total += size
            print(f"{source.name:<12}{size / 1e6:>6.2f}  {source.licence:<20} "
                  f"{source.title}{'' if size else ' (no such package here)'}", flush=True)
    print(f"{'together':<12}{total / 1e6:>6.2f}")


if __name__ == "__main__":
    main()
