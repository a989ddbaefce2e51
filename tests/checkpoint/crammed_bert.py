"""Computes crammed BERTs in plain PyTorch, by the names and options of their authors' code.

usage: crammed_bert.py FOLDER...

FOLDER holds config.json and model.safetensors; where the latter is missing, one with random weights
is written first. FOLDER/outputs.safetensors gets int64 "ids" [B, S] and fp32 "logits" [B, S, V].
Exits with 77 when torch cannot be imported and with 1 when any weight is missing, unexpected or of
another shape.
"""

import json
import sys
from pathlib import Path

try:
    import torch
    from safetensors.torch import load_file, save_file
    from torch.nn import functional
except ImportError as error:
    print(error)
    sys.exit(77)


def shapes(arch):
    width, inner = arch["hidden_size"], arch["intermed_size"]
    tables, found = "encoder.embedding.", {}

    def linear(name, rows, columns, bias):
        found[name + ".weight"] = (rows, columns)
        if bias:
            found[name + ".bias"] = (rows,)

    def norm(name, wanted=True):
        if wanted:
            found[name + ".weight"] = found[name + ".bias"] = (width,)

    for i in range(arch["num_transformer_layers"]):
        layer = f"encoder.layers.{i}."
        norm(layer + "norm1")
        found[layer + "attn.self_attention.norm_factor"] = ()
        linear(layer + "attn.self_attention.query_key_value", 3 * width, width,
               arch["attention"]["qkv_bias"])
        linear(layer + "attn.dense", width, width, arch["use_bias"])
        norm(layer + "norm2")
        linear(layer + "ffn.dense_in", inner, width, arch["use_bias"])
        half = inner // 2 if arch["nonlin"].endswith("glu") else inner
        linear(layer + "ffn.dense_out", width, half, arch["use_bias"])
    found[tables + "word_embedding.weight"] = (arch["embedding"]["vocab_size"], width)
    if arch["embedding"]["pos_embedding"] == "scaled-sinusoidal":
        found[tables + "pos_embedding.scale_factor"] = (1,)
    norm(tables + "norm", arch["embedding"]["normalization"])
    norm("encoder.final_norm", arch["final_norm"])
    linear("decoder", arch["embedding"]["vocab_size"], width, arch["decoder_bias"])
    return found


def draw(arch):
    weights = {name: 0.3 * torch.randn(shape) for name, shape in shapes(arch).items()}
    head_size = arch["hidden_size"] // arch["attention"]["num_attention_heads"]
    for name in weights:
        if name.endswith("norm_factor"):
            weights[name] = torch.tensor(head_size).rsqrt()
    weights["decoder.weight"] = weights["encoder.embedding.word_embedding.weight"].clone()
    return weights


def logits(arch, weights, ids):
    def linear(x, name):
        return functional.linear(x, weights[name + ".weight"], weights.get(name + ".bias"))

    def norm(x, name):
        if name + ".weight" not in weights:
            return x
        return functional.layer_norm(x, x.shape[-1:], weights[name + ".weight"],
                                     weights[name + ".bias"], arch["norm_eps"])

    def attention(x, name):
        heads = arch["attention"]["num_attention_heads"]
        # [B, S, H * 3 * D] to three of [B, H, S, D]
        query, key, value = linear(x, name + "self_attention.query_key_value").unflatten(
            -1, (heads, 3, -1)).permute(3, 0, 2, 1, 4)
        scores = query @ key.mT * weights[name + "self_attention.norm_factor"]
        return linear((scores.softmax(-1) @ value).transpose(1, 2).flatten(2), name + "dense")

    def feed_forward(x, name):
        activation = getattr(torch.nn, arch["nonlin"].removesuffix("glu"))()
        x = linear(x, name + "dense_in")
        if arch["nonlin"].endswith("glu"):
            plain, gate = x.chunk(2, -1)
            return linear(plain * activation(gate), name + "dense_out")
        return linear(activation(x), name + "dense_out")

    def positions(length, width):
        angles = torch.outer(torch.arange(length), 1e4 ** (-torch.arange(0, width, 2) / width))
        scale = weights.get("encoder.embedding.pos_embedding.scale_factor", torch.ones(1))
        return scale * torch.stack((angles.sin(), angles.cos()), -1).flatten(1)

    x = weights["encoder.embedding.word_embedding.weight"][ids]
    x = norm(x + positions(*x.shape[1:]), "encoder.embedding.norm")
    for i in range(arch["num_transformer_layers"]):
        layer = f"encoder.layers.{i}."
        x = x + attention(norm(x, layer + "norm1"), layer + "attn.")
        x = x + feed_forward(norm(x, layer + "norm2"), layer + "ffn.")
    return linear(norm(x, "encoder.final_norm"), "decoder")


def main(*folders):
    torch.manual_seed(1)
    for folder in map(Path, folders):
        arch = json.loads((folder / "config.json").read_text())["arch"]
        path = folder / "model.safetensors"
        if not path.exists():
            save_file(draw(arch), path)
        weights = load_file(path)
        found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
        if found != shapes(arch):
            print(folder, dict(found.items() ^ shapes(arch).items()))
            return 1
        ids = torch.randint(arch["embedding"]["vocab_size"], (2, 16))
        outputs = {"ids": ids, "logits": logits(arch, weights, ids)}
        save_file(outputs, folder / "outputs.safetensors")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
