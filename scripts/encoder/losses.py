"""What each head should have read in a batch, and how far it was from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from earful.encoder.heads import ANSWERS
from scripts.encoder.examples import UNKNOWN
from scripts.encoder.network import Encoder
from scripts.encoder.reader import Reader, Spans
from scripts.encoder.stream import Batch, pairs_of

#: Sentiment stays first.
WEIGHTS = {
    "review": 1.0,
    "segment": 1.0,
    "answer": 0.4,
    "advised": 0.25,
    "problem": 0.35,
    "tag": 8.0,  # a mean over pieces, of which most lie outside terms
    "tone": 2.0,
    "near": 1.0,
    "same": 0.1,
    "theme": 0.15,
    "alike": 0.5,
}
SMOOTHING = 0.05
HEAT = 0.05  # of the theme vectors' cosines


@dataclass(frozen=True)
class Taught:
    """Stretches of texts, and the base model's vectors of what they say."""

    spans: Spans
    vectors: torch.Tensor


class Losses:
    """Measures a reader's batch against what is known.

    Parameters
    ----------
    themes
        The number of each theme, by its name; a theme stands against others of its set alone, which is
        what its name begins with.
    """

    def __init__(self, themes: dict[str, int]) -> None:
        self._themes = themes
        sets: dict[str, list[int]] = {}
        for name, number in themes.items():
            sets.setdefault(name.split(":")[0], []).append(number)
        self._sets = {name: torch.tensor(numbers) for name, numbers in sets.items()}

    def __call__(
        self,
        reader: Reader,
        states: torch.Tensor,
        batch: Batch,
        taught: Taught | None,
    ) -> dict[str, torch.Tensor]:
        """Return the loss of each head that the batch has something for."""
        out: dict[str, torch.Tensor] = {}
        whole = reader.whole(states, batch.inside)
        examples = [text.example for text in batch.texts]
        weights = torch.tensor([example.weight for example in examples])
        verdicts = reader.review(whole)
        out["review"] = _classes(verdicts, [text.label for text in batch.texts], weights)
        out |= _alike(verdicts, batch)
        out |= _answers(reader.answer(whole), batch)
        if batch.marks:
            parts = reader.parts(states, batch.spans)
            out |= self._segments(reader, parts, batch)
            out |= _aspects(reader, states, batch)
        if taught is not None:
            out |= _near(reader, states, batch, taught)
        return {name: loss for name, loss in out.items() if loss is not None}

    def _segments(self, reader: Reader, parts: torch.Tensor, batch: Batch) -> dict[str, torch.Tensor]:
        kept = [i for i, mark in enumerate(batch.marks) if not mark.aspect]
        if not kept:
            return {}
        marks = [batch.marks[i] for i in kept]
        parts = parts[kept]
        weights = torch.tensor([batch.texts[batch.rows[i]].example.weight for i in kept])
        out = {
            "segment": _classes(reader.segment(parts), [mark.label for mark in marks], weights),
            "problem": _classes(reader.problem(parts), [mark.problem for mark in marks], weights),
        }
        themed = [i for i, mark in enumerate(marks) if mark.theme in self._themes]
        if themed:
            vectors = reader.vector(parts[themed, : parts.shape[1] // 2])
            losses = []
            for vector, i in zip(vectors, themed, strict=True):
                numbers = self._sets[marks[i].theme.split(":")[0]]
                cosines = functional.normalize(reader.themes(numbers), dim=-1) @ vector
                target = (numbers == self._themes[marks[i].theme]).nonzero()[0, 0]
                losses.append(functional.cross_entropy(cosines / HEAT, target, label_smoothing=SMOOTHING))
            out["theme"] = torch.stack(losses).sum() / len(batch.texts)
        return out


def _classes(logits: torch.Tensor, labels: list[int], weights: torch.Tensor) -> torch.Tensor:
    """Return the smoothed loss over the rows that have a label, per row of the batch.

    It is divided by all rows, so that a head with few labels in a batch does not shout.
    """
    target = torch.tensor(labels)
    known = target != UNKNOWN
    if not known.any():
        return logits.sum() * 0.0
    losses = functional.cross_entropy(
        logits[known], target[known], reduction="none", label_smoothing=SMOOTHING
    )
    return (losses * weights[known]).sum() / len(labels)


def _answers(logits: torch.Tensor, batch: Batch) -> dict[str, torch.Tensor]:
    """Return the loss of the answer, a bell around it as wide as the scale is coarse, and of the flag."""
    examples = [text.example for text in batch.texts]
    places = torch.arange(ANSWERS, dtype=torch.float32)
    scores = functional.log_softmax(logits.float(), dim=-1)
    out = {}
    rated = [i for i, example in enumerate(examples) if example.answer >= 0]
    if rated:
        answer = torch.tensor([examples[i].answer for i in rated])[:, None]
        width = torch.tensor([0.25 + 0.4 * examples[i].step for i in rated])[:, None]
        bell = functional.softmax(-0.5 * ((places - answer) / width) ** 2, dim=-1)
        out["answer"] = -(bell * scores[rated]).sum() / len(examples)
    flagged = [i for i, example in enumerate(examples) if example.advised != UNKNOWN]
    if flagged:
        # People recommend from 5 or 6 on: where the answer is unknown, the flag says on which side it is.
        advises = functional.logsigmoid((places - 5.5) * 1.5)
        advises_not = functional.logsigmoid(-(places - 5.5) * 1.5)
        side = torch.tensor([examples[i].advised == 1 for i in flagged])[:, None]
        joint = scores[flagged] + torch.where(side, advises, advises_not)
        out["advised"] = -joint.logsumexp(dim=-1).sum() / len(examples)
    return out


def _alike(logits: torch.Tensor, batch: Batch) -> dict[str, torch.Tensor]:
    """Return how far apart two writings of the same text are read, both ways."""
    pairs = pairs_of(batch)
    if not pairs:
        return {}
    scores = functional.log_softmax(logits, dim=-1)
    first, second = scores[[i for i, _ in pairs]], scores[[j for _, j in pairs]]
    # Of a translation the English side is known better: it is followed, and does not follow.
    led = torch.tensor([batch.texts[j].drawn.leads for _, j in pairs])[:, None]
    second = torch.where(led, second.detach(), second)
    apart = (first.exp() - second.exp()) * (first - second) * torch.where(led, 1.5, 1.0)
    return {"alike": apart.sum() / len(batch.texts)}


def _aspects(reader: Reader, states: torch.Tensor, batch: Batch) -> dict[str, torch.Tensor]:
    rows = [i for i, text in enumerate(batch.texts) if text.example.aspects > 0]
    if not rows:
        return {}
    longest = states.shape[1]
    tags = torch.full((len(batch.texts), longest), UNKNOWN)
    tones = torch.full((len(batch.texts), longest), UNKNOWN)
    for i in rows:
        tags[i, 1 : len(batch.texts[i].ids) - 1] = 0
        for begin, end, mark in batch.texts[i].marks:
            if mark.aspect:
                tags[i, begin] = 1
                tags[i, begin + 1 : end] = 2
                tones[i, begin:end] = mark.label
    weights = torch.tensor([batch.texts[i].example.aspects for i in rows])
    share = len(rows) / len(batch.texts)
    out = {}
    styles = torch.tensor([batch.texts[i].example.style for i in rows])
    scores = reader.tags(states[rows])[torch.arange(len(rows)), :, styles]
    for name, said, wanted in (("tag", scores, tags), ("tone", reader.tone(states[rows]), tones)):
        target = wanted[rows]
        known = target != UNKNOWN
        if known.any():
            losses = functional.cross_entropy(said[known], target[known], reduction="none")
            own = weights[:, None].expand_as(target)[known]
            out[name] = (losses * own).sum() / known.sum() * share
    return out


def _near(reader: Reader, states: torch.Tensor, batch: Batch, taught: Taught) -> dict[str, torch.Tensor]:
    """Return how far theme vectors are from the base model's own, and from being told apart by them."""
    parts = reader.parts(states, taught.spans)
    vectors = reader.vector(parts[:, : parts.shape[1] // 2])
    count = len(vectors)
    share = count / len(batch.texts)
    out = {"near": (1 - (vectors * taught.vectors).sum(dim=-1)).mean() * math.sqrt(share) * 4}
    if count > 1:
        cosines = vectors @ taught.vectors.T / HEAT
        out["same"] = functional.cross_entropy(cosines, torch.arange(count)) * share
    return out


def taught_by(teacher: Encoder, lines: list[list[int]], pad: int = 1) -> torch.Tensor:
    """Return the base model's vectors of lines of pieces, of length 1."""
    longest = max(len(line) for line in lines)
    ids = torch.tensor([line + [pad] * (longest - len(line)) for line in lines])
    inside = torch.arange(longest)[None] < torch.tensor([len(line) for line in lines])[:, None]
    with torch.no_grad():
        states = teacher(ids, inside).float()
        weights = inside.float()[..., None]
        return nn.functional.normalize((states * weights).sum(dim=1) / weights.sum(dim=1), dim=-1)
