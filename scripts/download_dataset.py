#!/usr/bin/env python3
"""Fetches files of a dataset from a server with Hugging Face's interface, checked and resumable.

usage: download_dataset.py DATASET FOLDER OUTPUT [--revision NAME] [--base ADDRESS] [--files N]

Fetches the Parquet files below FOLDER of DATASET into OUTPUT, the first N of them if that is given.
What is there already, with the right sum, is not fetched again; half a file is gone on with. Each
file is held against the SHA-256 that the server lists, and OUTPUT/SHA256SUMS is left for
`sha256sum -c`. Exits with 1 when the server does not answer after several tries or sends something
else than it lists.
"""

import argparse
import hashlib
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

TRIES = 6
TIMEOUT_S = 60
BLOCK_BYTES = 1 << 20


class Failed(Exception):
    """What is to be said to the user."""


@dataclass
class File:
    path: str  # within the dataset
    size: int
    sha256: str | None


def waits():
    first = float(os.environ.get("CRAM_DOWNLOAD_WAIT", "2"))  # seconds
    return [first * 2**i for i in range(TRIES - 1)]


def with_retries(address, work):
    """work(), again after a pause when the network fails."""
    for pause in [*waits(), None]:
        try:
            return work()
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (408, 429):
                raise Failed(f"{address}: {error.code} {error.reason}") from error
            reason = f"{error.code} {error.reason}"
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
        if pause is None:
            raise Failed(f"{address}: {reason}")
        print(f"{address}: {reason}; again in {pause:g} s", file=sys.stderr)
        time.sleep(pause)


def read_json(address):
    """The document there and the address of its next page, if any."""
    def read():
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as reply:
            return json.load(reply), reply.headers.get("Link", "")

    try:
        document, link = with_retries(address, read)
    except json.JSONDecodeError as error:
        raise Failed(f"{address}: not the list of a dataset's files") from error
    following = link.partition(";")[0].strip(" <>") if 'rel="next"' in link else None
    return document, following


def parse_file(entry):
    lfs = entry.get("lfs") or {}
    digest = str(lfs.get("oid", "")).removeprefix("sha256:")
    return File(entry["path"], int(entry["size"]), digest if len(digest) == 64 else None)


def list_files(base, dataset, revision, folder):
    quoted = urllib.parse.quote(revision, safe="")
    address = f"{base}/api/datasets/{dataset}/tree/{quoted}/{folder}?recursive=true"
    files = []
    while address:
        entries, address = read_json(address)
        try:
            files += [parse_file(entry) for entry in entries
                      if entry["type"] == "file" and entry["path"].endswith(".parquet")]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Failed(f"{base}: what it lists is no dataset's files") from error
    if not files:
        raise Failed(f"{base}: no Parquet files in {folder} of {dataset}")
    return sorted(files, key=lambda file: file.path)


def place_of(file, folder, output):
    """Where the file goes; never outside of `output`, whatever the server calls it."""
    path = Path(file.path)
    if ".." in path.parts or not path.is_relative_to(folder):
        raise Failed(f"{file.path}: no name of a file in {folder}")
    return output / path.relative_to(folder)


def sha256_of(path):
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def is_right(path, file):
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    return file.sha256 is None or sha256_of(path) == file.sha256


def fetch_rest(address, partial, size):
    """Appends what is missing to `partial`; begins anew where the server cannot go on."""
    begin = partial.stat().st_size if partial.exists() else 0
    if begin >= size:
        return
    request = urllib.request.Request(address, headers={"Range": f"bytes={begin}-"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:
        with partial.open("ab" if reply.status == 206 else "wb") as stream:
            while block := reply.read(BLOCK_BYTES):
                stream.write(block)
    if partial.stat().st_size < size:
        raise ConnectionError("the connection was closed early")


def fetch(address, file, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    with_retries(address, lambda: fetch_rest(address, partial, file.size))
    if not is_right(partial, file):
        partial.unlink()
        raise Failed(f"{address}: not the file that the server lists; it was removed")
    partial.rename(target)


def download(arguments):
    base = arguments.base.rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise Failed(f"--base {base}: no address; it begins with https:// or http://")
    files = list_files(base, arguments.dataset, arguments.revision, arguments.folder)
    revision = urllib.parse.quote(arguments.revision, safe="")
    sums = []
    for number, file in enumerate(files[:arguments.files], 1):
        target = place_of(file, arguments.folder, arguments.output)
        if not is_right(target, file):
            path = urllib.parse.quote(file.path)
            print(f"{target}  {number} of {len(files[:arguments.files])}, "
                  f"{file.size / 1e6:.1f} MB", file=sys.stderr)
            fetch(f"{base}/datasets/{arguments.dataset}/resolve/{revision}/{path}", file, target)
        sums.append(f"{file.sha256 or sha256_of(target)}  {target.relative_to(arguments.output)}\n")
    (arguments.output / "SHA256SUMS").write_text("".join(sums))


def positive(text):
    if int(text) < 1:
        raise ValueError
    return int(text)


def main():
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("dataset")
    parser.add_argument("folder")
    parser.add_argument("output", type=Path)
    parser.add_argument("--revision", default="main")
    parser.add_argument("--base", default="https://huggingface.co")
    parser.add_argument("--files", type=positive)
    try:
        download(parser.parse_args())
    except Failed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
