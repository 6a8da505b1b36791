"""The encoder with its heads: what is read of a review, of its segments and of its pieces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from earful.encoder.heads import ANSWERS, PROBLEMS, TAGS
from scripts.encoder.base import BASE, Base, read_base
from scripts.encoder.network import Encoder

#: What counts as a term, by who marked the sets: the first is what ships, the words an opinion is about; the
#: second takes every aspect that is named, opinion or none.
STYLES = ("semeval2016", "semeval2014", "mams", "oats", "mabsa", "sentirueval", "csrest", "tsamd")


@dataclass(frozen=True)
class Spans:
    """Segments of a batch: the row of each, and its first piece and the one behind its last."""

    row: torch.Tensor
    begin: torch.Tensor
    end: torch.Tensor


class Reader(nn.Module):
    """An encoder and the heads that share it.

    Parameters
    ----------
    pieces
        How many pieces there are.
    layers
        How many layers of the base model are used.
    themes
        How many themes the training tells apart; they are no part of what ships.
    """

    def __init__(self, pieces: int, layers: int, themes: int, width: int = 384) -> None:
        super().__init__()
        self.encoder = Encoder(pieces, layers=layers, width=width)
        self.review = nn.Linear(2 * width, 3)
        self.segment = nn.Linear(2 * width, 3)
        self.answer = nn.Linear(2 * width, ANSWERS)
        self.problem = nn.Linear(2 * width, len(PROBLEMS))
        self.tag = nn.Linear(width, len(TAGS) * (1 + len(STYLES)))  # of all styles, and what each adds
        self.tone = nn.Linear(width, 3)  # polarity of an aspect term, at each of its pieces
        self.theme = nn.Linear(width, width)
        self.themes = nn.Embedding(max(themes, 1), width)
        for head in (self.review, self.segment, self.answer, self.problem, self.tag, self.tone):
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)
        # The theme vector begins as the base model's own.
        nn.init.eye_(self.theme.weight)
        nn.init.zeros_(self.theme.bias)

    def whole(self, states: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """Return mean and first state of each text, shape (n, 2 width)."""
        weights = inside.float()[..., None]
        mean = (states * weights).sum(dim=1) / weights.sum(dim=1)
        return torch.cat([mean, states[:, 0]], dim=1)

    def parts(self, states: torch.Tensor, spans: Spans) -> torch.Tensor:
        """Return the mean state of each segment beside the first state of its text, shape (m, 2 width)."""
        place = torch.arange(states.shape[1], device=states.device)[None]
        within = ((place >= spans.begin[:, None]) & (place < spans.end[:, None])).float()
        rows = states[spans.row]
        mean = (rows * within[..., None]).sum(dim=1) / within.sum(dim=1, keepdim=True).clamp(min=1)
        return torch.cat([mean, rows[:, 0]], dim=1)

    def tags(self, states: torch.Tensor) -> torch.Tensor:
        """Return the scores of the tags by each style, shape (..., styles, tags)."""
        scores = self.tag(states).unflatten(-1, (1 + len(STYLES), len(TAGS)))
        return scores[..., :1, :] + scores[..., 1:, :]

    def vector(self, mean: torch.Tensor) -> torch.Tensor:
        """Return theme vectors of length 1."""
        return nn.functional.normalize(self.theme(mean), dim=-1)


def first_reader(work: Path, themes: int, layers: int = 12, folder: Path = BASE) -> tuple[Reader, Encoder]:
    """Return a reader that begins as the base model, and the base model itself; they share the pieces."""
    base = read_base(folder)
    kept = np.load(work / "pieces.npy")
    reader = Reader(len(kept), layers, themes)
    teacher = Encoder(len(kept), layers=base.layers)
    states = kept_states(base, kept)
    teacher.load_state_dict(states)
    reader.encoder.load_state_dict({k: v for k, v in states.items() if _below(k, layers)})
    reader.encoder.pieces = teacher.pieces
    for parameter in teacher.parameters():
        parameter.requires_grad_(False)
    return reader, teacher.eval()


def kept_states(base: Base, kept: np.ndarray) -> dict[str, torch.Tensor]:
    """Return the base model's tensors with the rows of the kept pieces alone."""
    return base.states | {"pieces.weight": base.states["pieces.weight"][torch.from_numpy(kept)].contiguous()}


def _below(name: str, layers: int) -> bool:
    return not name.startswith("layers.") or int(name.split(".")[1]) < layers
