"""The token files that tools/bench/dump_batches writes, and the masking that the peers train with.

A dump is a folder (all numbers little-endian, rows of meta.json's `sequence_length` tokens):
  meta.json          sequence_length, vocab_size, mask_id, special_ids, masked_per_sequence
  train.u16          uint16 [N, length]: training sequences in the order of cram's first epoch
  heldout.u16        uint16 [M, length]: held-out sequences, unmasked
  heldout_masks.bin  uint16 [M, masked_per_sequence, 2]: (position, shown id), positions ascending
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch


@dataclass
class Meta:
    sequence_length: int
    vocab_size: int
    mask_id: int
    special_ids: list[int]
    masked_per_sequence: int


class Dump:
    """A dump folder, checked when opened and read through memory maps."""

    def __init__(self, folder: Path):
        fields = json.loads((folder / "meta.json").read_text())
        self.meta = Meta(**{name: fields[name] for name in Meta.__dataclass_fields__})
        length, masked = self.meta.sequence_length, self.meta.masked_per_sequence
        self._train = _open(folder / "train.u16", (length,))
        self._held_out = _open(folder / "heldout.u16", (length,))
        self._masks = _open(folder / "heldout_masks.bin", (masked, 2))
        if len(self._masks) != len(self._held_out):
            raise ValueError(f"{folder}: {len(self._held_out)} held-out sequences but "
                             f"{len(self._masks)} rows of masks")

    @property
    def held_out_sequences(self) -> int:
        return len(self._held_out)

    def training_rows(self, start: int, count: int) -> torch.Tensor:
        """Sequences [start, start + count) of the endless repetition of train.u16, int64."""
        rows = np.arange(start, start + count) % len(self._train)
        return torch.from_numpy(self._train[rows].astype(np.int64))

    def held_out_batch(self, start: int, count: int) -> tuple[torch.Tensor, ...]:
        """Of at most `count` sequences: masked ids [n, length], flat positions of the masked tokens
        and their true ids."""
        truth = torch.from_numpy(self._held_out[start:start + count].astype(np.int64))
        masks = torch.from_numpy(self._masks[start:start + count].astype(np.int64))
        row_starts = torch.arange(len(truth)).unsqueeze(1) * self.meta.sequence_length
        positions = (masks[:, :, 0] + row_starts).flatten()
        targets = truth.flatten()[positions]
        shown = truth.flatten().index_put((positions,), masks[:, :, 1].flatten())
        return shown.view_as(truth), positions, targets


def _open(path: Path, row_shape: tuple[int, ...]) -> np.ndarray:
    row_bytes = 2 * int(np.prod(row_shape))
    size = path.stat().st_size
    if size == 0 or size % row_bytes:
        raise ValueError(f"{path}: {size} bytes is not a multiple of {row_bytes}-byte rows")
    return np.memmap(path, dtype="<u2", mode="r", shape=(size // row_bytes, *row_shape))


def bernoulli_masks(rows: torch.Tensor, meta: Meta, rate: float,
                    generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """As Hugging Face's DataCollatorForLanguageModeling: each ordinary token with probability
    `rate`, 80/10/10 by chance. Returns (ids, labels), labels -100 where nothing is predicted."""
    draw = torch.rand(rows.shape, generator=generator)
    chosen = (draw < rate) & ~torch.isin(rows, torch.tensor(meta.special_ids))
    labels = rows.where(chosen, -100)
    fate = torch.rand(rows.shape, generator=generator)
    noise = torch.randint(meta.vocab_size, rows.shape, generator=generator)
    shown = torch.where(fate < 0.8, meta.mask_id, torch.where(fate < 0.9, noise, rows))
    return torch.where(chosen, shown, rows), labels


def exact_masks(rows: torch.Tensor, meta: Meta, rate: float,
                generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    """As the Cramming paper's code: round(rate * length) positions of each row, 80/10/10 by fixed
    counts, special tokens not spared. Returns (ids, flat positions, targets)."""
    count, length = rows.shape
    masked = round(rate * length)
    chosen = torch.rand(rows.shape, generator=generator).argsort(dim=1)[:, :masked]
    targets = rows.gather(1, chosen)
    shown = targets.clone()
    to_mask, to_noise = round(0.8 * masked), round(0.9 * masked)
    shown[:, :to_mask] = meta.mask_id
    shown[:, to_mask:to_noise] = torch.randint(
        meta.vocab_size, (count, to_noise - to_mask), generator=generator)
    positions = chosen + torch.arange(count).unsqueeze(1) * length
    return rows.scatter(1, chosen, shown), positions.flatten(), targets.flatten()
