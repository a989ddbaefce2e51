"""Loads model folders with sentence-transformers and writes the embeddings of sentences.

usage: sentence_embeddings.py SENTENCES FOLDER OUTPUT [FOLDER OUTPUT]...

SENTENCES is a JSON list of texts; OUTPUT gets fp32 "embeddings" [N, H] as the library makes them of
all texts at once, and the ids that it reads, int64 "ids.0" [S] and so on. Exits with 77 when the
library cannot be imported.
"""

import json
import sys

try:
    import torch
    from safetensors.torch import save_file
    from sentence_transformers import SentenceTransformer
except ImportError as error:
    print(error)
    sys.exit(77)


def main(sentences, *jobs):
    texts = json.loads(sentences)
    for folder, output in zip(jobs[::2], jobs[1::2]):
        model = SentenceTransformer(folder, device="cpu")
        tensors = {f"ids.{i}": torch.tensor(model.tokenizer(text)["input_ids"])
                   for i, text in enumerate(texts)}
        tensors["embeddings"] = model.encode(texts, convert_to_tensor=True).float()
        save_file(tensors, output)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
