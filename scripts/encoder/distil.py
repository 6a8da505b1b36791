"""Distil a tuned encoder into one of a few layers, ``fast``; the same command goes on where it stopped.

    python -m scripts.encoder.distil WORK/accurate --run WORK/fast [--keep 0 4 8 11]

The student begins as some of the teacher's layers and with its heads, and learns to give the teacher's states
and what its heads say, of every text there is, labelled or not; the labels themselves count a little. Never
beside another training.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from scripts.encoder.checkpoint import read_run
from scripts.encoder.losses import HEAT as ALIKE
from scripts.encoder.losses import WEIGHTS
from scripts.encoder.network import half
from scripts.encoder.reader import Reader, Spans
from scripts.encoder.rows import DATA, WORK
from scripts.encoder.stream import Batch
from scripts.encoder.train import SEED, THEMES, Training, settle

HEAT = 1.5  # softens what the teacher says
LABELS = 0.35  # how much the labels count beside the teacher
STATES = 4.0  # how much the states do
VECTORS, SAME = 5.0, 0.5  # how much what a text is about does: its vector, and which texts are alike
HEADS = ("review", "answer", "segment", "problem")


class Distillation(Training):
    """A run whose reader learns from another one."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.master, _, _ = read_run(args.teacher, args.work)
        for parameter in self.master.parameters():
            parameter.requires_grad_(False)
        args.layers = len(args.keep)
        super().__init__(args)

    def begin(self) -> tuple[Reader, nn.Module]:
        """Return a student that begins as some layers of its teacher, and the base model."""
        _, base = super().begin()
        student = Reader(len(self.master.encoder.pieces.weight), len(self.args.keep), THEMES)
        own, begun = student.state_dict(), self.master.state_dict()
        for name in own:
            if name.startswith("encoder.layers."):
                _, _, place, rest = name.split(".", 3)
                own[name] = begun[f"encoder.layers.{self.args.keep[int(place)]}.{rest}"]
            else:
                own[name] = begun[name]
        student.load_state_dict(own)
        student.encoder.pieces = self.master.encoder.pieces
        return student, base

    def measured(self, batch: Batch, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        """Return the losses of a batch, each with its weight."""
        with half():
            states = self.reader.encoder(batch.ids, batch.inside).float()
            with torch.no_grad():
                told = self.master.encoder(batch.ids, batch.inside).float()
        inside = batch.inside
        apart = (states[inside] - told[inside]).square().mean() / told[inside].square().mean()
        out = {"states": STATES * apart}
        for name, mine, other in self._heads(states, told, batch):
            log = functional.log_softmax(mine / HEAT, dim=-1)
            soft = functional.softmax(other / HEAT, dim=-1)
            out[f"as {name}"] = WEIGHTS[name] * functional.kl_div(log, soft, reduction="batchmean") * HEAT**2
        out |= self._vectors(states, told, batch)
        hard = self.losses(self.reader, states, batch, None)
        return out | {name: LABELS * WEIGHTS[name] * loss for name, loss in hard.items()}

    def _vectors(self, states: torch.Tensor, told: torch.Tensor, batch: Batch) -> dict[str, torch.Tensor]:
        """Return how far vectors of texts and segments are from the teacher's, and from being as alike."""
        count = len(batch.texts)
        ends = torch.tensor([len(text.ids) - 1 for text in batch.texts])
        wholes = Spans(torch.arange(count), torch.ones(count, dtype=torch.long), ends)
        spans = Spans(
            *(
                torch.cat([getattr(one, name) for one in (wholes, batch.spans)])
                for name in ("row", "begin", "end")
            )
        )
        mine, other = (
            reader.vector(reader.parts(found, spans)[:, : found.shape[-1]])
            for reader, found in ((self.reader, states), (self.master, told))
        )
        log = functional.log_softmax(mine @ other.T / ALIKE, dim=-1)
        soft = functional.softmax(other @ other.T / ALIKE, dim=-1)
        return {
            "as vector": VECTORS * (1 - (mine * other).sum(dim=-1)).mean(),
            "as alike": SAME * functional.kl_div(log, soft, reduction="batchmean"),
        }

    def _heads(
        self, states: torch.Tensor, told: torch.Tensor, batch: Batch
    ) -> list[tuple[str, torch.Tensor, torch.Tensor]]:
        found = []
        wholes = self.reader.whole(states, batch.inside), self.master.whole(told, batch.inside)
        pieces = states[batch.inside], told[batch.inside]
        parts = None
        if len(batch.marks):
            parts = self.reader.parts(states, batch.spans), self.master.parts(told, batch.spans)
        for name in HEADS:
            pair = {"review": wholes, "answer": wholes}.get(name, parts)
            if pair is not None:
                mine, other = getattr(self.reader, name)(pair[0]), getattr(self.master, name)(pair[1])
                found.append((name, mine, other))
        mine, other = self.reader.tags(pieces[0]), self.master.tags(pieces[1])
        found.append(("tag", mine.flatten(0, -2), other.flatten(0, -2)))
        return found


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("teacher", type=Path)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--run", type=Path, default=WORK / "fast")
    parser.add_argument("--keep", type=int, nargs="+", default=[0, 4, 8, 11], help="layers to begin with")
    settle(parser, rate=2e-4)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(SEED)
    args.run.mkdir(parents=True, exist_ok=True)
    Distillation(args).run()


if __name__ == "__main__":
    main()
