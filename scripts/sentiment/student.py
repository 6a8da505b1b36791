"""The student as a torch network: the sentence encoder's layers, tuned, with a head for polarity.

``earful.sentiment.student`` computes the same in whole numbers. Texts go through packed one after another,
so that no time is spent on padding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from earful.encoder.network import FEATURES, ORDERS, PAD, WIDTH
from scripts.sentiment.mixture import LABELS

#: Numbers of the pooled mean, of the tail's two layers, of what attention gathers, and those that every piece
#: gets to learn: the encoder's own table never saw Bulgarian or Latvian and stays as it is.
MEAN, TAIL, ATTENDED, LEARNED = 512, (320, 512), 256, 32


class Branch(nn.Module):
    """A convolution of two layers over the pieces around, with a residual around each."""

    def __init__(self, order: int, before: int) -> None:
        super().__init__()
        self.order, self.before = order, before
        self.first, self.second = (nn.Linear(order * WIDTH, WIDTH) for _ in range(2))

    def forward(self, x: torch.Tensor, place: torch.Tensor, slots: int) -> torch.Tensor:
        """Give the branch's features of every piece, shape (pieces, 256)."""
        inner = functional.relu(self.first(self._around(x, place, slots))) + x
        return functional.relu(self.second(self._around(inner, place, slots))) + inner

    def _around(self, x: torch.Tensor, place: torch.Tensor, slots: int) -> torch.Tensor:
        spread = x.new_zeros(slots, WIDTH).index_copy(0, place, x)
        return torch.cat([spread[place + number - self.before] for number in range(self.order)], dim=1)


class Student(nn.Module):
    """From packed piece numbers to logits; beside the encoder's table of pieces, a narrow one is learned."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        super().__init__()
        self.register_buffer("pieces", torch.from_numpy(arrays["pieces"]), persistent=False)
        self.register_buffer("step", torch.from_numpy(arrays["pieces.step"]), persistent=False)
        self.project = _dense(arrays, "project", bias=arrays["project.bias"])
        self.learned = nn.Embedding(len(arrays["pieces"]), LEARNED)
        self.project_learned = nn.Linear(LEARNED, len(ORDERS) * WIDTH, bias=False)
        nn.init.zeros_(self.learned.weight)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH, eps=1e-12) for _ in ORDERS)
        self.branches = nn.ModuleList(Branch(order, before) for order, before in ORDERS)
        self.norm = nn.LayerNorm(FEATURES, eps=1e-12)
        with torch.no_grad():
            for at, (norm, branch) in enumerate(zip(self.norms, self.branches, strict=True)):
                block = slice(at * WIDTH, (at + 1) * WIDTH)
                norm.weight.copy_(torch.from_numpy(arrays["norm1.gain"][block]))
                norm.bias.copy_(torch.from_numpy(arrays["norm1.bias"][block]))
                for layer, name in ((branch.first, "1"), (branch.second, "2")):
                    _fill(layer, arrays, f"conv{branch.order}.{name}")
                    layer.bias.copy_(torch.from_numpy(arrays[f"conv{branch.order}.{name}.bias"]))
            self.norm.weight.copy_(torch.from_numpy(arrays["norm2.gain"]))
            self.norm.bias.copy_(torch.from_numpy(arrays["norm2.bias"]))
        self.pool = _dense(arrays, "pool", bias=arrays["pool.bias"])
        self.d0, self.d1, self.p1, self.d2 = (_dense(arrays, name) for name in ("d0", "d1", "p1", "d2"))
        self.attend = nn.Linear(FEATURES, 1, bias=False)
        self.gather = nn.Linear(FEATURES, ATTENDED)
        self.head = nn.Linear(MEAN + sum(TAIL) + ATTENDED, len(LABELS))
        nn.init.zeros_(self.attend.weight)
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)
        self.dropout = nn.Dropout(0.15)

    def take(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take what the encoder does not bring from the arrays of a shipped student."""
        with torch.no_grad():
            rows = arrays["learned"].astype(np.float32) * arrays["learned.step"][:, None]
            self.learned.weight.copy_(torch.from_numpy(rows))
            for name in ("project_learned", "attend", "gather", "head"):
                layer = getattr(self, name)
                _fill(layer, arrays, name)
                if layer.bias is not None:
                    layer.bias.copy_(torch.from_numpy(arrays[f"{name}.bias"]))

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Give logits, shape (texts, 3).

        Parameters
        ----------
        ids
            The piece numbers of all texts, one text after the other.
        lengths
            Pieces of each text.
        """
        text = torch.repeat_interleave(torch.arange(len(lengths), device=ids.device), lengths)
        place = torch.arange(len(ids), device=ids.device) + PAD * (text + 1)
        slots = len(ids) + PAD * (len(lengths) + 1)
        embedded = self.pieces[ids].float() * self.step[ids, None]
        blocks = (self.project(embedded) + self.project_learned(self.learned(ids))).split(WIDTH, dim=1)
        parts = [
            branch(norm(block.float()), place, slots).float()
            for branch, norm, block in zip(self.branches, self.norms, blocks, strict=True)
        ]
        features = self.dropout(self.norm(torch.cat([embedded, *parts], dim=1)))
        root = lengths.float().sqrt()[:, None]
        mean = functional.linear(_summed(features, text, len(lengths)) / root, self.pool.weight)
        mean = mean + root * self.pool.bias
        y1 = functional.relu(self.p1(mean) + self.d1(functional.relu(self.d0(mean))))
        y2 = functional.relu(self.d2(y1))
        weights = torch.exp(self.attend(features).float().clamp(-30, 30))
        shares = weights / _summed(weights, text, len(lengths))[text]
        gathered = functional.relu(self.gather(_summed(shares * features, text, len(lengths))))
        return self.head(self.dropout(torch.cat([mean, y1, y2, gathered], dim=1)))


def packed(pieces: Sequence[np.ndarray], device: Any = "cpu") -> tuple[torch.Tensor, torch.Tensor]:
    """Give texts as :meth:`Student.forward` takes them."""
    lengths = torch.tensor([len(text) for text in pieces], device=device)
    return torch.from_numpy(np.concatenate(pieces)).to(device), lengths


def _dense(arrays: Mapping[str, np.ndarray], name: str, bias: np.ndarray | None = None) -> nn.Linear:
    inputs, outputs = arrays[name].shape
    layer = nn.Linear(inputs, outputs, bias=bias is not None)
    with torch.no_grad():
        _fill(layer, arrays, name)
        if bias is not None:
            layer.bias.copy_(torch.from_numpy(bias))
    return layer


def _fill(layer: nn.Linear, arrays: Mapping[str, np.ndarray], name: str) -> None:
    layer.weight.copy_(torch.from_numpy(arrays[name].astype(np.float32) * arrays[f"{name}.scale"]).T)


def _summed(rows: torch.Tensor, text: torch.Tensor, texts: int) -> torch.Tensor:
    return rows.new_zeros(texts, rows.shape[1]).index_add(0, text, rows)
