"""The built-in themes as people say them: a classifier learned from sentences written for each theme.

It reads a segment twice: by its words (hashed pieces of words, in any of the four languages) and, where a
segment has a vector of a reader that it was taught with, by what it means. Both give every theme, and "no
theme", a share; a phrase found beside that counts as a third witness. ``scripts/themes/fit_meaning.py`` makes
the data and says from what.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from earful.text.words import fold
from earful.themes.meaning import Bytes

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from earful.themes.taxonomy import Taxonomy, Theme

__all__ = ["HASHED", "Confidence", "KnownThemes", "Layer", "Way", "about", "load_known", "pieces"]

_DATA = Path(__file__).parent / "data"
#: Columns that pieces of words are hashed into.
HASHED = 2**14
_LONGEST = 2_000
_SIZES = (3, 4, 5)  # characters of a piece
_REMEMBERED = 100_000  # words
#: Share of a theme's chance that goes to the first theme it stands instead of, where it is not looked for.
_PASSED_ON = 0.5
_CLIP = 1e-4

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Confidence:
    """How the witnesses are put together: a logistic regression.

    Attributes
    ----------
    chance
        What the log odds of the classifier's chance of the theme count.
    phrase, tier
        What a phrase adds that was found, and what the log odds of its own confidence count beyond 0.9's.
    negative, positive
        What blame and praise in the segment add, by their chances: what is merely told is less often about
        a theme.
    bias
        What is added to all.
    """

    chance: float
    phrase: float
    tier: float
    negative: float
    positive: float
    bias: float

    def of(self, odds: Any, phrase: float | None = None, opinion: Any = 0.0) -> Any:
        """Return how sure a theme is, in (0, 1).

        Parameters
        ----------
        odds
            Its log odds by :meth:`KnownThemes.log_odds`.
        phrase
            The confidence of a phrase that was found, if any.
        opinion
            What :meth:`leaning` gives for the segment.
        """
        logit = self.chance * odds + opinion + self.bias
        if phrase is not None:
            logit = logit + self.phrase + self.tier * (np.log(phrase / (1 - phrase)) - np.log(9.0))
        return np.round(1 / (1 + np.exp(-logit)), 6)

    def leaning(self, opinions: Floats) -> Floats:
        """Return what the opinion of each segment adds, from (n, 2) chances of blame and of praise."""
        return opinions[:, 0] * self.negative + opinions[:, 1] * self.positive


@dataclass(frozen=True, slots=True)
class Layer:
    """A linear layer in whole numbers of one byte, a row a class: themes, then "no theme"."""

    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def of(cls, weights: Floats, bias: Floats) -> Layer:
        """Round weights of shape (classes, features)."""
        scale = np.abs(weights).max(axis=1) / 127
        whole = np.rint(weights / np.maximum(scale, 1e-12)[:, None]).astype(np.int8)
        return cls(whole, scale.astype(np.float32), bias.astype(np.float32))

    def scores(self, rows: Any) -> Floats:
        """Return the scores of rows, shape (n, classes); each row by itself."""
        found = rows @ self.weights.T.astype(rows.dtype)
        return np.asarray(found, dtype=np.float64) * self.scale.astype(np.float64) + self.bias


@dataclass(frozen=True, eq=False)
class Way:
    """A way of telling themes: by words alone, or by the vectors of one reader beside them.

    Attributes
    ----------
    encoder
        Checksum of the reader whose vectors it was taught with; empty where words alone are read.
    meaning
        Of its vectors; ``None`` where words alone are read.
    mix
        What log chances by words, and scores by meaning, count beside each other.
    confidence
        How a theme's witnesses are put together.
    least
        Confidence from which a theme is given.
    """

    encoder: str
    meaning: Layer | None
    mix: tuple[float, float]
    confidence: Confidence
    least: float

    def scores(self, by_words: Floats, vectors: Bytes | None) -> Floats:
        """Return the scores of the classes from the log chances by words, and the vectors if it reads any."""
        if self.meaning is None or vectors is None:
            return self.mix[0] * by_words
        return self.mix[0] * by_words + self.mix[1] * self.meaning.scores(vectors.astype(np.float32))


@dataclass(frozen=True, eq=False)
class KnownThemes:
    """The classifier.

    Attributes
    ----------
    about
        Theme id -> what was said of the theme when it was learned; a theme of that id that is about something
        else is another theme.
    idf, words
        Of the pieces of words.
    ways
        By words alone, then with the vectors of each reader that it was taught with.
    checksum
        Names all of it.
    """

    about: Mapping[str, str]
    idf: NDArray[np.float32]
    words: Layer
    ways: tuple[Way, ...]
    checksum: str
    name: str = "themes"

    def knows(self, theme: Theme) -> bool:
        """Say whether a theme is one that was learned."""
        return self.about.get(theme.id) == about(theme)

    def way(self, checksum: str) -> Way:
        """Return how themes are told beside the vectors of a reader: by words alone where it knows it not."""
        return next((way for way in self.ways if way.encoder == checksum), self.ways[0])

    @property
    def reads_vectors(self) -> bool:
        """Whether it was taught with the vectors of any reader."""
        return len(self.ways) > 1

    def log_odds(self, texts: Sequence[str], vectors: Bytes | None, way: Way, passed_on: Floats) -> Floats:
        """Return the log odds of each theme for each text.

        Parameters
        ----------
        texts
            The words of segments.
        vectors
            Their vectors in bytes, of the reader that the way was taught with; ``None`` by words alone.
        way
            What :meth:`way` gave.
        passed_on
            What :meth:`passing` gave for the themes looked for.
        """
        from scipy.sparse import csr_matrix

        scores = way.scores(_log_sigmoid(self.words.scores(pieces(texts, self.idf))), vectors)
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        # Sparse: a product of dense matrices adds up in an order that depends on how many rows there are.
        chances = np.asarray((csr_matrix(passed_on.T) @ chances.T).T)
        chances = np.clip(chances, _CLIP, 1 - _CLIP)
        return np.asarray(np.log(chances / (1 - chances)))

    def passing(self, taxonomy: Taxonomy) -> Floats:
        """Return which share of each class goes to each theme of a taxonomy, shape (classes, themes)."""
        ids = list(self.about)
        places = {theme.id: at for at, theme in enumerate(taxonomy.themes) if self.knows(theme)}
        shares = np.zeros((len(ids) + 1, len(taxonomy.themes)))
        for at, theme in enumerate(ids):
            if theme in places:
                shares[at, places[theme]] = 1.0
                continue
            for other in self._instead.get(theme, ()):
                if other in places:
                    shares[at, places[other]] = _PASSED_ON
                    break
        return shares

    @cached_property
    def _instead(self) -> dict[str, tuple[str, ...]]:
        from earful.themes.taxonomy import load_taxonomy, pack_names

        return {theme.id: theme.instead_of for name in pack_names() for theme in load_taxonomy(name).themes}

    def save(self, stem: Path) -> None:
        """Write ``<stem>.json`` and ``<stem>.npz``."""
        arrays: dict[str, Any] = {"idf": self.idf, **_named("words", self.words)}
        for number, way in enumerate(self.ways):
            if way.meaning is not None:
                arrays |= _named(f"meaning_{number}", way.meaning)
        with stem.with_suffix(".npz").open("wb") as out:
            np.savez_compressed(out, allow_pickle=False, **arrays)
        ways = [
            {
                "encoder": way.encoder,
                "mix": way.mix,
                "confidence": astuple(way.confidence),
                "least": way.least,
            }
            for way in self.ways
        ]
        told = {"ways": ways, "about": dict(self.about)}
        stem.with_suffix(".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _named(name: str, layer: Layer) -> dict[str, Any]:
    return {f"{name}_weights": layer.weights, f"{name}_scale": layer.scale, f"{name}_bias": layer.bias}


def about(theme: Theme) -> str:
    """Return a short hash of what a theme is about, by which a theme is known again."""
    return hashlib.sha256(theme.description.encode()).hexdigest()[:12]


@cache
def load_known(stem: Path = _DATA / "meaning") -> KnownThemes:
    """Read the classifier; one that was read already is given again."""
    json_path, npz_path = stem.with_suffix(".json"), stem.with_suffix(".npz")
    told = json.loads(json_path.read_text(encoding="utf-8"))
    digest = hashlib.sha256(json_path.read_bytes() + npz_path.read_bytes()).hexdigest()
    with np.load(npz_path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}

    def layer(name: str) -> Layer:
        return Layer(*(arrays[f"{name}_{part}"] for part in ("weights", "scale", "bias")))

    ways = (
        Way(
            one["encoder"],
            layer(f"meaning_{number}") if one["encoder"] else None,
            tuple(one["mix"]),
            Confidence(*one["confidence"]),
            one["least"],
        )
        for number, one in enumerate(told["ways"])
    )
    return KnownThemes(told["about"], arrays["idf"], layer("words"), tuple(ways), digest)


def pieces(texts: Iterable[str], idf: NDArray[np.float32] | None = None) -> csr_matrix:
    """Return hashed pieces of words, 3 to 5 characters: counts, or with ``idf`` weighed, of length 1.

    They are those of scikit-learn's ``HashingVectorizer`` of ``char_wb``, which takes two seconds to load.
    """
    from scipy.sparse import csr_matrix

    found = [[at for word in text[:_LONGEST].split() for at in _hashed(word)] for text in texts]
    ends = np.cumsum([0, *map(len, found)])
    columns = np.array([at for one in found for at in one], np.int64)
    counts = csr_matrix((np.ones(len(columns)), columns, ends), (len(found), HASHED))
    counts.sum_duplicates()
    if idf is None:
        return counts
    counts.data = (1 + np.log(counts.data)) * idf.astype(np.float64)[counts.indices]
    rows = np.repeat(np.arange(len(found)), np.diff(counts.indptr))
    # Squares are added one by one, in order, whatever the batch.
    counts.data /= np.sqrt(np.bincount(rows, counts.data**2, len(found)))[rows]
    return counts


@lru_cache(maxsize=_REMEMBERED)
def _hashed(word: str) -> tuple[int, ...]:
    """Return where the pieces of a word are counted, those with the space on either side among them."""
    from murmurhash.mrmr import hash as murmur  # type: ignore[import-untyped]

    found: list[str] = []
    for part in fold(word).lower().split():
        spaced = f" {part} "
        for size in _SIZES:
            found += [spaced[at : at + size] for at in range(max(1, len(spaced) - size + 1))]
            if len(spaced) <= size:
                break
    return tuple(abs(murmur(piece, 0)) % HASHED for piece in found)


def _log_sigmoid(scores: Floats) -> Floats:
    return np.asarray(-np.logaddexp(0, -scores))
