"""The stream of training texts: which examples come when, in what form, and how they stand in a batch.

What is drawn follows from the seed, the number of the chunk, and how far each stratum (a source's texts of
one language and label) has been read, which a checkpoint keeps. So a run goes on where it stopped, and takes
up sources that came since.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from earful.encoder.form import PREFIX, line_of
from scripts.encoder.alter import Change, altered, change_for
from scripts.encoder.contrasts import Contrasts
from scripts.encoder.examples import UNKNOWN, Example, Mark, Part
from scripts.encoder.mixed import Mixer
from scripts.encoder.reader import Spans
from scripts.encoder.swaps import Swaps

CHUNK = 1024  # examples that are drawn together, and then sorted by length
ROOM = 1400  # pieces in a batch, padding counted
LIMITS = ((128, 0.85), (256, 0.15))
TEMPER = 0.7  # of a stratum's size: small ones are drawn more often than their share
ALIKE = 0.12  # share of the texts that come twice, written in two ways, and must be read alike
SWAPPED = 0.6  # share of the texts with a name or place that get another
MIXED = 0.25  # share of the English texts with words of another language in them
TOLD = 0.05  # share of the texts that say beside what they say who writes
JOINED = 0.4  # share of the sentences that can, that stand together in made-up reviews
BEGIN, PAD, END = 0, 1, 2


@dataclass(slots=True)
class Drawn:
    """A review as it was drawn: its line, its marks in the line, and the line before it was altered."""

    line: str
    marks: list[Mark]
    example: Example
    clean: str
    pair: int = UNKNOWN  # number of the two that must be read alike
    leads: bool = False  # whether the other of the two follows it


@dataclass(slots=True)
class Text:
    """A text as the encoder gets it: its pieces, and what is known of them."""

    ids: list[int]
    drawn: Drawn
    label: int
    marks: list[tuple[int, int, Mark]] = field(default_factory=list)  # first piece, one behind the last

    @property
    def example(self) -> Example:
        """The example that the text was drawn from."""
        return self.drawn.example


@dataclass
class Batch:
    """Texts beside one another."""

    texts: list[Text]
    ids: torch.Tensor
    inside: torch.Tensor
    spans: Spans
    marks: list[Mark]
    rows: list[int]


class Stream:
    """Draws chunks of examples and cuts them into batches."""

    def __init__(self, examples: list[Example], settings: dict[str, Any], cut: Tokenizer, seed: int) -> None:
        self._examples, self._cut, self._seed = examples, cut, seed
        self._swaps, self._mixer, self._contrasts = Swaps(), Mixer(), Contrasts()
        strata: dict[str, list[int]] = defaultdict(list)
        for i, one in enumerate(examples):
            strata[f"{one.source}|{one.lang}|{one.label}"].append(i)
        self._strata = {name: np.array(rows) for name, rows in sorted(strata.items())}
        self._shares = self._mass(settings)

    def _mass(self, settings: dict[str, Any]) -> np.ndarray:
        shares = settings["shares"]
        mass, langs = [], []
        for name, rows in self._strata.items():
            source, lang, _ = name.split("|")
            mass.append(settings[source].get("times", 1.0) * len(rows) ** TEMPER)
            langs.append(lang if lang in shares else "other")
        whole = np.array(mass)
        for lang, share in shares.items():
            own = np.array([code == lang for code in langs])
            whole[own] *= share / max(whole[own].sum(), 1e-9)
        return whole / whole.sum()

    def shares(self) -> dict[str, float]:
        """Return each source's share of the stream."""
        out: dict[str, float] = defaultdict(float)
        for name, share in zip(self._strata, self._shares, strict=True):
            out[name.split("|")[0]] += float(share)
        return dict(out)

    def chunk(self, number: int, read: dict[str, int]) -> list[Batch]:
        """Return the batches of a chunk; ``read``, how far each stratum has been read, moves on."""
        rng = np.random.default_rng((self._seed, number))
        wanted = self._shares * CHUNK
        counts = np.floor(wanted + rng.random(len(wanted))).astype(int)
        drawn: list[Example] = []
        for (name, rows), count in zip(self._strata.items(), counts, strict=True):
            begin = read.get(name, 0)
            drawn += [
                self._examples[rows[self._place(name, len(rows), at)]] for at in range(begin, begin + count)
            ]
            read[name] = begin + int(count)
        texts = self._texts(drawn, rng)
        return self._batches(texts, rng)

    def _place(self, name: str, size: int, at: int) -> int:
        """Return the row that comes at a place of the stratum: each row once, then anew in another order."""
        turn, place = divmod(at, size)
        order = np.random.default_rng((self._seed, zlib.crc32(name.encode()), turn)).permutation(size)
        return int(order[place])

    def _texts(self, drawn: list[Example], rng: np.random.Generator) -> list[Text]:
        chosen = self._chosen(drawn, rng)
        lines = []
        for pair, (parts, example) in enumerate(chosen):
            lines.append(self._drawn(parts, example, rng))
            if example.twin:
                lines.append(self._twin(example, rng))
                lines[-2].pair = lines[-1].pair = pair
            if example.twin or rng.random() >= ALIKE or len(lines[-1].line) > 500:
                continue
            other = self._drawn(parts, example, rng)
            for _ in range(4):  # most are left as they stand
                if other.line != lines[-1].line:
                    break
                other = self._drawn(parts, example, rng)
            if other.line != lines[-1].line:
                lines[-1].pair = other.pair = pair
                lines.append(other)
        return self._pieces(lines, rng)

    def _chosen(self, drawn: list[Example], rng: np.random.Generator) -> list[tuple[list[Part], Example]]:
        """Return the form of each example, and reviews made of some of them."""
        # Aspect terms must be marked in all sentences of a made-up review, and by the same style.
        together: dict[tuple[str, int], list[Example]] = defaultdict(list)
        chosen: list[tuple[list[Part], Example]] = []
        for example in drawn:
            if example.joins and rng.random() < JOINED:
                together[example.lang, example.style if example.aspects else UNKNOWN].append(example)
            else:
                chosen.append((example.forms[int(rng.integers(len(example.forms)))], example))
        for (lang, _), examples in together.items():
            against = self._contrasts.taken(examples, lang, rng)
            chosen += [([one.forms[0][0]], one) for one in against]
            order = rng.permutation(len(examples))
            at = 0
            while at < len(order):
                some = [examples[i] for i in order[at : at + int(rng.integers(2, 5))]]
                at += len(some)
                chosen.append(([_beside(some)], joined(some)))
        return chosen

    def _twin(self, example: Example, rng: np.random.Generator) -> Drawn:
        """Return the English of a pair, by whose reading the other language learns."""
        english = Example([[Part(("",), example.twin)]], "en", example.source)
        drawn = self._drawn(english.forms[0], english, rng, plain=True)
        drawn.leads = True
        return drawn

    def _drawn(
        self, parts: list[Part], example: Example, rng: np.random.Generator, plain: bool = False
    ) -> Drawn:
        """Return an example as a line, written another way now and then unless it must be plain."""
        lang = example.lang
        change = None if plain else self._change(lang, sum(len(part.text) for part in parts), rng)
        swap, single = rng.random() < SWAPPED, len(parts) == 1
        tell = single and not plain and rng.random() < TOLD
        told, marks = [part.text for part in parts], [part.marks for part in parts]
        names = [str(rng.choice(part.names)) for part in parts]
        clean = PREFIX + example.twin if example.twin else line_of(list(zip(names, told, strict=True))).text
        for i in range(len(parts) if not example.twin else 0):
            if swap and self._swaps.has(told[i], lang):
                told[i], marks[i] = altered(
                    told[i], marks[i], lambda text: self._swaps.swapped(text, lang, rng)
                )
            if tell:
                told[i], marks[i] = self._swaps.told(told[i], marks[i], lang, rng)
            if change:
                told[i], marks[i] = altered(told[i], marks[i], change)
        line = line_of(list(zip(names, told, strict=True)))
        placed: list[Mark] = []
        filled = [(text, own) for text, own in zip(told, marks, strict=True) if line_of([("", text)]).spans]
        for (begin, end), (text, own) in zip(line.spans, filled, strict=True):
            if line.text[begin:end] == text:  # else blanks went at its ends and marks would be off
                placed += [_moved(mark, begin) for mark in own]
        return Drawn(line.text, placed, example, clean)

    def _change(self, lang: str, length: int, rng: np.random.Generator) -> Change | None:
        if lang == "en" and length <= 400 and rng.random() < MIXED:
            other = self._mixer.drawn(rng)
            return lambda text: self._mixer(text, other, rng)
        return change_for(lang, rng)

    def _pieces(self, lines: list[Drawn], rng: np.random.Generator) -> list[Text]:
        cut = self._cut.encode_batch([drawn.line for drawn in lines], add_special_tokens=False)
        texts = []
        for one, drawn in zip(cut, lines, strict=True):
            limit = LIMITS[0][0] if rng.random() < LIMITS[0][1] else LIMITS[1][0]
            ids, offsets = shorten(one.ids, one.offsets, limit - 2)
            text = Text([BEGIN, *ids, END], drawn, drawn.example.label)
            for mark in drawn.marks:
                inside = [i for i, (a, b) in enumerate(offsets) if a < mark.end and b > mark.begin and b > a]
                if inside:
                    text.marks.append((inside[0] + 1, inside[-1] + 2, mark))
            texts.append(text)
        return texts

    def _batches(self, texts: list[Text], rng: np.random.Generator) -> list[Batch]:
        units: list[list[Text]] = []
        for text in texts:
            if units and text.drawn.pair != UNKNOWN and units[-1][0].drawn.pair == text.drawn.pair:
                units[-1].append(text)
            else:
                units.append([text])
        units.sort(key=lambda unit: max(len(text.ids) for text in unit))
        batches: list[list[Text]] = [[]]
        for unit in units:
            longest = max(len(text.ids) for text in unit)
            if batches[-1] and longest * (len(batches[-1]) + len(unit)) > ROOM:
                batches.append([])
            batches[-1] += unit
        return [beside(batches[k]) for k in rng.permutation(len(batches))]


def beside(texts: list[Text]) -> Batch:
    """Return a batch of texts."""
    longest = max(len(text.ids) for text in texts)
    ids = torch.tensor([text.ids + [PAD] * (longest - len(text.ids)) for text in texts])
    inside = torch.arange(longest)[None] < torch.tensor([len(text.ids) for text in texts])[:, None]
    found = [(row, *mark) for row, text in enumerate(texts) for mark in text.marks]
    spans = Spans(*(torch.tensor([one[k] for one in found], dtype=torch.long) for k in range(3)))
    return Batch(texts, ids, inside, spans, [one[3] for one in found], [one[0] for one in found])


def shorten(
    ids: list[int], offsets: list[tuple[int, int]], limit: int
) -> tuple[list[int], list[tuple[int, int]]]:
    """Return the beginning and the end of what is too long."""
    if len(ids) <= limit:
        return ids, offsets
    head = limit // 3
    tail = limit - head
    return ids[:head] + ids[-tail:], offsets[:head] + offsets[-tail:]


def framed(cut: Tokenizer, line: str, limit: int = 128) -> list[int]:
    """Return the pieces of a line between the marks of begin and end, so many at most."""
    one = cut.encode(line, add_special_tokens=False)
    return [BEGIN, *shorten(one.ids, one.offsets, limit - 2)[0], END]


def joined(examples: list[Example]) -> Example:
    """Return what is known of a review that was made of sentences: its polarity if none speaks against it."""
    labels = {one.label for one in examples}
    polar = labels - {1, UNKNOWN}
    label = UNKNOWN
    if UNKNOWN not in labels and len(polar) <= 1:
        label = next(iter(polar), 1)
    aspects = min(one.aspects for one in examples)
    first, weight = examples[0], min(one.weight for one in examples)
    return Example([], first.lang, "joined", label, weight, aspects=aspects, style=first.style)


def _beside(examples: list[Example]) -> Part:
    text, marks = "", []
    for one in examples:
        part = one.forms[0][0]
        if text:
            text += " "
        marks += [_moved(mark, len(text)) for mark in part.marks]
        text += part.text if part.text[-1:] in ".!?…)" else part.text + "."
    return Part(("",), text, marks)


def _moved(mark: Mark, by: int) -> Mark:
    return Mark(mark.begin + by, mark.end + by, mark.label, mark.problem, mark.theme, mark.aspect)


def pairs_of(batch: Batch) -> list[tuple[int, int]]:
    """Return the places of texts that must be read alike."""
    texts = batch.texts
    return [
        (i, i + 1)
        for i in range(len(texts) - 1)
        if texts[i].drawn.pair != UNKNOWN and texts[i].drawn.pair == texts[i + 1].drawn.pair
    ]


def batches_of(stream: Stream, number: int, read: dict[str, int]) -> Iterator[tuple[int, Batch]]:
    """Return batches without end, each with the number of the chunk that it ends, or -1."""
    while True:
        batches = stream.chunk(number, read)
        number += 1
        for i, batch in enumerate(batches):
            yield (number if i == len(batches) - 1 else -1), batch
