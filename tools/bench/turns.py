"""Two programs that measure rounds by request and take turns at it."""

import json
import subprocess
import sys
from pathlib import Path


class Program:
    """A process that answers each line with a line of JSON; the first answer comes unasked."""

    def __init__(self, command: list[str]):
        self.name = Path(command[0]).name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.facts = self._answer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, command: str, argument) -> dict:
        self.process.stdin.write(f"{command} {argument}\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended early, with exit code {self.process.wait()}")
        return json.loads(line)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def take_turns(cram: Program, peer: Program, pairs: int, command: str, argument) -> tuple[list, list]:
    """The answers of both. Who is first changes, so that a machine that slows down favours nobody."""
    ours, theirs = [], []
    for number in range(pairs):
        turns = [(cram, ours), (peer, theirs)]
        for program, rounds in turns if number % 2 == 0 else reversed(turns):
            rounds.append(program.ask(command, argument))
    return ours, theirs
