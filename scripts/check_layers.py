#!/usr/bin/env python3
"""Holds the include lines of src/, include/ and tests/ against the cram_room lines of CMakeLists.txt.

usage: scripts/check_layers.py [FOLDER]

A room may include the rooms it uses, directly or through them; third-party headers only with the
library that its line names, and none but torch's in its public headers; torch only where the line
says TORCH. Private headers are included by their bare name, from their own folder or the room's.
The CUDA plug-in, src/cuda, stands outside: it may know ops and what ops knows, and everybody may
know its public header, which has no torch in it.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

TORCH = re.compile(r"<(torch|ATen|c10|caffe2)/")
# The CMake target that brings a header; None: for tools/ alone.
LIBRARIES = {
    "yaml-cpp/": "cram::yaml",
    "nlohmann/": "cram::json",
    "simdjson": "cram::simdjson",
    "spdlog/": "cram::spdlog",
    "fmt/": "cram::spdlog",
    "xxhash.h": "cram::xxhash",
    "archive.h": "cram::archive",
    "archive_entry.h": "cram::archive",
    "utf8proc.h": "cram::utf8proc",
    "cld2/": "cram::cld2",
    "arrow/": "cram::arrow",
    "parquet/": "cram::arrow",
    "sentencepiece": "cram::sentencepiece",
    "CLI/": None,
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(<[^>]+>|"[^"]+")', re.MULTILINE)
PLUGIN = "cuda"
KEYWORDS = {"TORCH", "USES", "LIBRARIES"}
SUFFIXES = {".h", ".cuh", ".cpp", ".cu"}


@dataclass
class Room:
    torch: bool = False
    uses: list[str] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)


def read_rooms(cmake: str) -> dict[str, Room]:
    rooms: dict[str, Room] = {}
    for line in re.findall(r"^cram_room\(([^)]*)\)", cmake, re.MULTILINE):
        name, *words = line.split()
        room = rooms[name] = Room()
        keyword = ""
        for word in words:
            if word in KEYWORDS:
                keyword = word
                room.torch = room.torch or word == "TORCH"
            elif keyword == "USES":
                room.uses.append(word)
            elif keyword == "LIBRARIES":
                room.libraries.append(word)
    return rooms


def reachable(rooms: dict[str, Room], name: str) -> set[str]:
    """The room itself and all it may know."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        room = waiting.pop()
        if room not in found and room in rooms:
            found.add(room)
            waiting += rooms[room].uses
    return found


def library_of(include: str) -> tuple[bool, str | None]:
    """Whether the header belongs to a known library, and to which."""
    for prefix, library in LIBRARIES.items():
        if include[1:].startswith(prefix):
            return True, library
    return False, None


class Checker:
    def __init__(self, root: Path):
        self.root = root
        self.rooms = read_rooms((root / "CMakeLists.txt").read_text())
        self.rooms.setdefault(PLUGIN, Room(torch=True, uses=[room for room in ["ops"]
                                                                 if room in self.rooms]))
        self.problems: list[str] = []

    def run(self) -> list[str]:
        self.check_graph()
        for top in ("include/cram", "src", "tests"):
            for file in sorted((self.root / top).rglob("*")):
                room = file.relative_to(self.root / top).parts[0]
                if file.suffix in SUFFIXES and self.is_known(top, room, file):
                    self.check_file(top, room, file)
        return self.problems

    def is_known(self, top: str, room: str, file: Path) -> bool:
        if room in self.rooms:
            return True
        if top != "tests":
            self.problems.append(f"{file}: no cram_room line for '{room}'")
        return False

    def check_graph(self) -> None:
        done: list[str] = []
        for name, room in self.rooms.items():
            for used in room.uses:
                if used not in done:
                    self.problems.append(f"CMakeLists.txt: {name} uses {used}, which does not "
                                         "stand above it")
                elif self.rooms[used].torch and not room.torch:
                    self.problems.append(f"CMakeLists.txt: {name} uses {used}, a torch room, but "
                                         "is none")
            done.append(name)

    def check_file(self, top: str, name: str, file: Path) -> None:
        text = file.read_text(errors="replace")
        for match in INCLUDE.finditer(text):
            problem = self.problem_of(top, name, file, match[1])
            if problem:
                line = text.count("\n", 0, match.start(1)) + 1
                self.problems.append(f"{file.relative_to(self.root)}:{line}: {match[1]}: {problem}")

    def problem_of(self, top: str, name: str, file: Path, include: str) -> str | None:
        if TORCH.match(include):
            may_torch = self.rooms[name].torch and (top, name) != ("include/cram", PLUGIN)
            return None if may_torch else f"{name} is no torch room"
        if include.startswith('"cram/'):
            used = include[1:-1].split("/")[1]
            known = reachable(self.rooms, name) | {PLUGIN}
            return None if used in known else f"{name} may not know {used}"
        is_library, library = library_of(include)
        if is_library:
            return self.library_problem(top, name, library)
        folders = (file.parent, self.root / top / name)
        if include.startswith('"') and top != "tests" and not any(
                (folder / include[1:-1]).exists() for folder in folders):
            return "neither a public header nor one of the same room"
        return None

    def library_problem(self, top: str, name: str, library: str | None) -> str | None:
        if top == "tests":
            return None
        if library is None:
            return "only tools/ may read the command line"
        if top == "include/cram":
            return "third-party types stay out of public headers"
        return None if library in self.rooms[name].libraries else f"{name} does not use {library}"


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    problems = Checker(root).run()
    print("\n".join(problems))
    if problems:
        print(f"error: {len(problems)} includes break the order of the rooms", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
