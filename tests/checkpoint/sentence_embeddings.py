"""Loads model folders with sentence-transformers and writes the embeddings of sentences.

usage: sentence_embeddings.py SENTENCES [--save] FOLDER OUTPUT [FOLDER OUTPUT]...

With --save, each folder is first made one of sentence-transformers' own, with the mean of the
tokens and embeddings of length 1.

SENTENCES is a JSON list of texts; OUTPUT gets fp32 "embeddings" [N, H] as the library makes them of
all texts at once, and the ids that it reads, int64 "ids.0" [S] and so on. Exits with 77 when the
library cannot be imported.
"""

import json
import sys

try:
    import torch
    from safetensors.torch import save_file
    from sentence_transformers import SentenceTransformer, models
except ImportError as error:
    print(error)
    sys.exit(77)


def save_as_own(folder):
    encoder = models.Transformer(folder)
    pooling = models.Pooling(encoder.get_word_embedding_dimension())
    modules = [encoder, pooling, models.Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save(folder)


def main(sentences, *jobs):
    texts = json.loads(sentences)
    save = jobs[0] == "--save"
    jobs = jobs[1:] if save else jobs
    for folder in jobs[::2] if save else []:
        save_as_own(folder)
    for folder, output in zip(jobs[::2], jobs[1::2]):
        model = SentenceTransformer(folder, device="cpu")
        tensors = {f"ids.{i}": torch.tensor(model.tokenizer(text)["input_ids"])
                   for i, text in enumerate(texts)}
        tensors["embeddings"] = model.encode(texts, convert_to_tensor=True).float()
        save_file(tensors, output)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
