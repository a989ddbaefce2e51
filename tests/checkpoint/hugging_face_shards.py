"""Has stock transformers write a model folder anew, its weights in several files.

usage: hugging_face_shards.py FOLDER OUTPUT

Exits with 77 when torch or transformers cannot be imported.
"""

import sys

try:
    import torch  # noqa: F401
    import transformers
except ImportError as error:
    print(error)
    sys.exit(77)


def main(folder, output):
    model = transformers.BertForMaskedLM.from_pretrained(folder)
    model.save_pretrained(output, max_shard_size="8KB")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
