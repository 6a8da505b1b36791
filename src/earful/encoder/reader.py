"""The reader: whole reviews in, what is read of each out; the same to the bit in any company.

A review is read once, as one line (:mod:`earful.encoder.form`), in windows where it is longer than the model
reads. Its segments are read from the states of their own pieces, which know the rest of the review, beside
the line's first state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from earful.encoder.form import PREFIX, Review, Told, told
from earful.encoder.heads import Heads
from earful.encoder.layers import Network
from earful.encoder.reading import Chances, Floats, Ints, Reading
from earful.encoder.vocabulary import Cut, Vocabulary
from earful.encoder.windows import Window, windows

__all__ = ["Features", "Reader"]

_PIECES_AT_ONCE = 16_384  # of several reviews: bounds the memory
_LEAST = 1e-12  # chance of a tag that is taken to be this likely at least
_MARGIN = 8  # a window reads one in so many of its pieces before its own, and one behind


@dataclass(frozen=True, slots=True)
class Features:
    """What the heads read of a review.

    Attributes
    ----------
    whole
        Mean and first state of the line side by side, shape (1, 2 width); of several windows their mean by
        length.
    parts
        Mean state of each segment's own pieces beside the first state, shape (m, 2 width).
    pieces, places
        State of each piece of the text, and its half-open code points in the text, shapes (n, width), (n, 2).
    """

    whole: Floats
    parts: Floats
    pieces: Floats
    places: Ints


class Reader:
    """An encoder with its heads.

    Parameters
    ----------
    name, checksum
        What the weights are called, and SHA-256 that names them.
    vocabulary, layers, heads
        The parts.
    places
        What is added to a piece's row by its place in the line, shape (longest, width).
    window
        Pieces that are read together, marks of begin and end counted.
    """

    def __init__(
        self,
        name: str,
        checksum: str,
        vocabulary: Vocabulary,
        layers: Network,
        heads: Heads,
        places: Floats,
        window: int,
    ) -> None:
        self.name, self.checksum, self.size = name, checksum, heads.width
        self.heads = heads
        self._vocabulary, self.layers = vocabulary, layers
        self._places, self._window = places, window
        self._prefix = vocabulary.cut([PREFIX])[0].numbers
        # Asked once: looking for the libraries takes a millisecond.
        self._blas = ThreadpoolController()

    def __eq__(self, other: object) -> bool:
        """Tell whether another one has the same weights."""
        return isinstance(other, Reader) and other.checksum == self.checksum

    def __hash__(self) -> int:
        """Tell it from others by its weights: what was worked out with it is remembered."""
        return hash(self.checksum)

    @property
    def encoder(self) -> Reader:
        """Whose vectors its readings have: its own."""
        return self

    def read(self, reviews: Sequence[Review]) -> list[Reading]:
        """Read reviews, each as a whole, with its segments and terms."""
        found = zip(reviews, self.features(reviews), strict=True)
        return [self._reading(review, features) for review, features in found]

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> Chances:
        """Give negative, neutral, positive of each text as a whole, shape (n, 3), rounded to 6 decimals."""
        distinct = {(text, lang): Review(text, lang=lang) for text, lang in zip(texts, langs, strict=True)}
        read = dict(zip(distinct, self.read([*distinct.values()]), strict=True))
        return np.array([read[pair].review for pair in zip(texts, langs, strict=True)]).reshape(-1, 3)

    def embed(self, texts: Sequence[str]) -> Floats:
        """Give a vector of what each text is about, shape (n, size), of length 1; zeros for a blank one."""
        reviews = [Review(text, [(0, len(text))]) for text in texts]
        means = [features.parts[0, : self.size] for features in self.features(reviews)]
        out = np.zeros((len(texts), self.size), np.float32)
        for at, (text, mean) in enumerate(zip(texts, means, strict=True)):
            if text.strip():
                out[at] = self.heads.vectors(mean[None])[0]
        return out

    def features(self, reviews: Sequence[Review]) -> Iterator[Features]:
        """Give what the heads read of each review, in order."""
        lines = [told(review) for review in reviews]
        cuts = self._vocabulary.cut([line.line for line in lines])
        with self._blas.limit(limits=1, user_api="blas"):
            for begin, end in _chunks([len(cut) for cut in cuts]):
                reading = [self._windows(cut) for cut in cuts[begin:end]]
                rows = [
                    self._rows(cut, window)
                    for cut, own in zip(cuts[begin:end], reading, strict=True)
                    for window in own
                ]
                states = iter(self.layers.states(rows))
                for at, own in zip(range(begin, end), reading, strict=True):
                    read = [next(states) for _ in own]
                    yield self._features(reviews[at], lines[at], cuts[at], own, read)

    def _windows(self, cut: Cut) -> list[Window]:
        room = self._window - 2
        if len(cut) <= room:
            return windows(len(cut), room, 0)
        room -= len(self._prefix)
        return windows(len(cut), room, room // _MARGIN)

    def _rows(self, cut: Cut, window: Window) -> Floats:
        """Return the rows of a window; each but the first begins as every line does."""
        prefix = self._prefix if window.begin else self._prefix[:0]
        marks = self._vocabulary.begin, self._vocabulary.end
        numbers = np.concatenate([marks[:1], prefix, cut.numbers[window.begin : window.end], marks[1:]])
        return self._vocabulary.rows(numbers) + self._places[: len(numbers)]

    def _features(
        self, review: Review, line: Told, cut: Cut, own: Sequence[Window], read: Sequence[Floats]
    ) -> Features:
        taken = []
        for window, states in zip(own, read, strict=True):
            shift = 1 + (len(self._prefix) if window.begin else 0) - window.begin
            taken.append(states[window.first + shift : window.last + shift])
        pieces = np.concatenate(taken)
        lengths = np.array([len(states) for states in taken], np.int64)
        wholes = np.stack([np.concatenate([states.mean(axis=0), states[0]]) for states in read])
        shares = (lengths / max(lengths.sum(), 1)).astype(np.float32)
        whole = wholes[:1] if len(own) == 1 else (wholes * shares[:, None]).sum(axis=0, keepdims=True)
        first = np.stack([states[0] for states in read])[np.repeat(np.arange(len(own)), lengths)]
        places = line.in_text(cut.places)
        inside = np.flatnonzero(places[:, 1] > places[:, 0])
        parts = np.zeros((len(review.segments), whole.shape[1]), np.float32)
        for at, (begin, end) in enumerate(_ranges(review, line, cut, inside)):
            parts[at] = np.concatenate([pieces[begin:end].mean(axis=0), first[begin]])
        return Features(whole, parts, pieces[inside], places[inside])

    def _reading(self, review: Review, features: Features) -> Reading:
        heads, lang = self.heads, review.lang
        langs = review.langs or [lang] * len(review.segments)
        tags, tones = (
            heads.chances(head, features.pieces, [lang] * len(features.pieces)) for head in ("tag", "tone")
        )
        return Reading(
            review=np.round(heads.chances("review", features.whole, [lang])[0], 6),
            answer=heads.chances("answer", features.whole, [lang])[0],
            segments=np.round(heads.chances("segment", features.parts, langs), 6),
            problems=heads.chances("problem", features.parts, langs),
            vectors=heads.vectors(features.parts[:, : self.size]),
            places=features.places,
            tags=np.log(np.maximum(tags, _LEAST)),
            tones=np.log(np.maximum(tones, _LEAST)),
        )


def _ranges(review: Review, line: Told, cut: Cut, inside: Ints) -> list[tuple[int, int]]:
    """Return each segment's first piece and the one behind its last; the text's where it has none."""
    if not review.segments:
        return []
    spans = line.in_line(np.array(review.segments, np.int64).reshape(-1, 2))
    begins = np.searchsorted(cut.places[:, 1], spans[:, 0], side="right").tolist()
    ends = np.searchsorted(cut.places[:, 0], spans[:, 1], side="left").tolist()
    whole = (int(inside[0]), int(inside[-1]) + 1) if len(inside) else (0, len(cut))
    there = zip(begins, ends, strict=True)
    return [(begin, end) if begin < end else whole for begin, end in there]


def _chunks(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Cut lines of so many pieces into stretches of bounded size."""
    begin = size = 0
    for at, length in enumerate(lengths):
        if at > begin and size + length > _PIECES_AT_ONCE:
            yield begin, at
            begin, size = at, 0
        size += length
    if begin < len(lengths):
        yield begin, len(lengths)
