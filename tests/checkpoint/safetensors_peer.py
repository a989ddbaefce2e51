"""Reads a safetensors file with the reference implementation and writes every tensor back.

usage: safetensors_peer.py INPUT OUTPUT

The tensors are read one by one and saved under the names they had, with the metadata. Exits with 77
when the reference implementation cannot be imported.
"""

import sys

try:
    from safetensors import safe_open
    from safetensors.torch import save_file
except ImportError as error:
    print(error)
    sys.exit(77)


def main(source, output):
    with safe_open(source, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        save_file(tensors, output, metadata=file.metadata())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
