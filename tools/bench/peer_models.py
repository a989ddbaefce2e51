"""The peers: Hugging Face's BertForMaskedLM and ModernBertForMaskedLM, and crammed BERT in plain
PyTorch.

A peer is a module whose forward takes what its `batch` returns and gives the mean training loss;
`masked_logits` gives fp32 logits at flat positions, for scoring. Precision is the caller's autocast.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from peer_data import Meta, bernoulli_masks, exact_masks


@dataclass(frozen=True)
class Size:
    layers: int = 4
    hidden: int = 256
    heads: int = 4


class HuggingFaceBert(nn.Module):
    """BertForMaskedLM as its users train it: 15 % Bernoulli masks, labels of -100 elsewhere, all
    positions through the head."""

    def __init__(self, meta: Meta, attention: str, dropout: float, size: Size = Size()):
        super().__init__()
        from transformers import BertConfig, BertForMaskedLM

        config = BertConfig(
            vocab_size=meta.vocab_size, hidden_size=size.hidden, num_hidden_layers=size.layers,
            num_attention_heads=size.heads, intermediate_size=4 * size.hidden,
            hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout,
            attn_implementation=attention)
        self.meta = meta
        self.bert = BertForMaskedLM(config)

    def batch(self, rows, generator):
        return bernoulli_masks(rows, self.meta, 0.15, generator)

    def forward(self, ids, labels):
        return self.bert(input_ids=ids, labels=labels).loss

    def masked_logits(self, ids, positions):
        hidden = self.bert.bert(input_ids=ids).last_hidden_state
        return self.bert.cls(hidden.flatten(0, 1)[positions]).float()


class GatheredBert(HuggingFaceBert):
    """The same with the masked quarter of the positions alone going through the head: what a
    careful user changes first."""

    def batch(self, rows, generator):
        return exact_masks(rows, self.meta, 0.25, generator)

    def forward(self, ids, positions, targets):
        return F.cross_entropy(self.masked_logits(ids, positions), targets)


class HuggingFaceModernBert(nn.Module):
    """ModernBertForMaskedLM with its sparse prediction, which leaves out what is not masked. Every
    layer sees the whole sequence; its dropout is zero, as it comes."""

    def __init__(self, meta: Meta, attention: str, size: Size = Size()):
        super().__init__()
        from transformers import ModernBertConfig, ModernBertForMaskedLM

        config = ModernBertConfig(
            vocab_size=meta.vocab_size, hidden_size=size.hidden, num_hidden_layers=size.layers,
            num_attention_heads=size.heads, intermediate_size=2 * size.hidden,
            max_position_embeddings=meta.sequence_length, global_attn_every_n_layers=1,
            sparse_prediction=True, attn_implementation=attention,
            pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2)
        self.meta = meta
        self.bert = ModernBertForMaskedLM(config)

    def batch(self, rows, generator):
        ids, positions, targets = exact_masks(rows, self.meta, 0.25, generator)
        labels = torch.full_like(ids, -100).flatten().index_put((positions,), targets)
        return ids, labels.view_as(ids)

    def forward(self, ids, labels):
        return self.bert(input_ids=ids, labels=labels).loss


class CrammedBert(nn.Module):
    """Crammed BERT (Geiping & Goldstein 2022, version 2 of their code): pre-norm, gated GELU, no
    biases in linear layers, scaled sinusoidal positions, tied decoder, only the masked quarter of
    the positions through the head."""

    def __init__(self, meta: Meta, attention: str, size: Size = Size()):
        super().__init__()
        self.meta = meta
        self.words = nn.Embedding(meta.vocab_size, size.hidden)
        self.register_buffer("sinusoids", _sinusoids(meta.sequence_length, size.hidden),
                             persistent=False)
        self.position_scale = nn.Parameter(torch.tensor([size.hidden**-0.5]))
        self.embedding_norm = _norm(size.hidden)
        self.blocks = nn.ModuleList(_Block(attention, size) for _ in range(size.layers))
        self.final_norm = _norm(size.hidden)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)

    def batch(self, rows, generator):
        return exact_masks(rows, self.meta, 0.25, generator)

    def forward(self, ids, positions, targets):
        return F.cross_entropy(self.masked_logits(ids, positions), targets)

    def masked_logits(self, ids, positions):
        hidden = self.words(ids) + self.position_scale * self.sinusoids
        hidden = self.embedding_norm(hidden)
        for block in self.blocks:
            hidden = block(hidden)
        masked = hidden.flatten(0, 1)[positions]
        return F.linear(self.final_norm(masked), self.words.weight).float()


class _Block(nn.Module):
    def __init__(self, attention: str, size: Size):
        super().__init__()
        hidden = size.hidden
        self.heads = size.heads
        self.attend = {"sdpa": F.scaled_dot_product_attention, "eager": _attend}[attention]
        self.attention_norm = _norm(hidden)
        self.qkv = nn.Linear(hidden, 3 * hidden, bias=False)
        self.attention_out = nn.Linear(hidden, hidden, bias=False)
        self.feed_forward_norm = _norm(hidden)
        self.inner = nn.Linear(hidden, 4 * hidden, bias=False)
        self.outer = nn.Linear(2 * hidden, hidden, bias=False)

    def forward(self, x):
        sequences, length, hidden = x.shape
        qkv = self.qkv(self.attention_norm(x))
        qkv = qkv.view(sequences, length, 3, self.heads, hidden // self.heads)
        attended = self.attend(*qkv.permute(2, 0, 3, 1, 4).unbind())
        x = x + self.attention_out(attended.transpose(1, 2).reshape(sequences, length, hidden))
        value, gate = self.inner(self.feed_forward_norm(x)).chunk(2, dim=-1)
        return x + self.outer(F.gelu(gate) * value)


def _attend(query, key, value):
    scores = torch.matmul(query, key.transpose(-1, -2)) * query.size(-1)**-0.5
    return torch.matmul(scores.softmax(dim=-1), value)


def _norm(width: int):
    return nn.LayerNorm(width, eps=1e-12)


def _sinusoids(length: int, width: int) -> torch.Tensor:
    angles = torch.arange(length).unsqueeze(1) * torch.exp(
        torch.arange(0, width, 2) * (-math.log(10000.0) / width))
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)
