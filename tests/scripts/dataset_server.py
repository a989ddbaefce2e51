#!/usr/bin/env python3
"""A server with the part of Hugging Face's interface that downloads need.

usage: dataset_server.py FOLDER [--stall BYTES] [--lie]

Serves FOLDER/DATASET/… of any revision, writes its address into FOLDER/address and each request into
FOLDER/requests. With --stall, the first reply for each file ends after BYTES; with --lie, sums are
wrong. Lists two files a page.
"""

import argparse
import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

PAGE = 2


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        with (self.server.root / "requests").open("a") as log:
            log.write(f"{self.path} {self.headers.get('Range', '')}\n")
        parts = urlsplit(self.path)
        listed = re.fullmatch(r"/api/datasets/(.+?/.+?)/tree/([^/]+)/(.*)", parts.path)
        wanted = re.fullmatch(r"/datasets/(.+?/.+?)/resolve/([^/]+)/(.*)", parts.path)
        if listed:
            self.list_files(*map(unquote, listed.group(1, 3)), parse_qs(parts.query))
        elif wanted:
            self.send_file(self.server.root / unquote(wanted[1]) / unquote(wanted[3]))
        else:
            self.send_error(404)

    def list_files(self, dataset, folder, query):
        top = self.server.root / dataset
        files = sorted(path for path in (top / folder).rglob("*") if path.is_file())
        if not files:
            return self.send_error(404)
        begin = int(query.get("cursor", ["0"])[0])
        entries = [{"type": "directory", "path": folder, "size": 0, "oid": "0"}]
        for path in files[begin:begin + PAGE]:
            content = b"lie" if self.server.lie else path.read_bytes()
            entries.append({"type": "file", "path": str(path.relative_to(top)),
                            "size": path.stat().st_size, "oid": "1",
                            "lfs": {"oid": hashlib.sha256(content).hexdigest()}})
        body = json.dumps(entries).encode()
        self.send_response(200)
        if begin + PAGE < len(files):
            address = f"{self.server.address}{urlsplit(self.path).path}"
            self.send_header("Link", f'<{address}?recursive=true&cursor={begin + PAGE}>; rel="next"')
        self.end_headers()
        self.wfile.write(body)

    def send_file(self, path):
        if not path.is_file():
            return self.send_error(404)
        content = path.read_bytes()
        begin = int(re.fullmatch(r"bytes=(\d+)-", self.headers["Range"])[1])
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        end = len(content)
        if self.server.stall and path not in self.server.stalled:
            self.server.stalled.add(path)
            end = begin + self.server.stall
        self.wfile.write(content[begin:end])

    def log_message(self, *arguments):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("--stall", type=int, default=0)
    parser.add_argument("--lie", action="store_true")
    arguments = parser.parse_args()
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.root, server.stall, server.lie = arguments.root, arguments.stall, arguments.lie
    server.stalled = set()
    server.address = f"http://127.0.0.1:{server.server_port}"
    partial = server.root / "address.partial"
    partial.write_text(server.address)
    partial.rename(server.root / "address")
    server.serve_forever()


if __name__ == "__main__":
    main()
