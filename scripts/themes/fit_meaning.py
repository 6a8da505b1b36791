"""Fit how the built-in themes are told: by words, by meaning and by phrases, with one confidence.

    python -m scripts.themes.fit_meaning --data ../shared/data [--vectors] [--cache FOLDER]

Reads (``sentences.py``) the sentences written for the encoder's training (``scripts/encoder/written``),
short ones written for this alone (``short``), what the taxonomies say of their themes, and public sets whose
labels lead to a theme (``public.toml``). Texts that the encoder held out (``scripts.encoder.rows.unit_of``)
are never learned from: how both halves of the classifier are put together is fitted on them, and recall is
theirs.

How often a theme is right is not counted against the one theme a sentence was written for, as many carry
several, but against ``judged.jsonl``: sentences of both kinds read one by one, named by a hash.
``read.jsonl`` names sentences of public training rows that were read for all their themes: those drawn from
what no phrase finds are learned from, those drawn from all count as judged.

Writes ``meaning.json`` and ``meaning.npz`` into ``earful/themes/data``. With ``--vectors`` the shipped
readers read the sentences too, in their context where they have one; without, words and phrases alone are
learned.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, SGDClassifier

from earful.encoder import load_encoder
from earful.themes.known import HASHED, Confidence, KnownThemes, Layer, Way, _log_sigmoid, about, pieces
from earful.themes.meaning import VECTOR_SCALE
from earful.themes.phrases import PhraseMatcher
from earful.themes.taxonomy import Taxonomy
from scripts.data import DEFAULT_DATA
from scripts.encoder.rows import key_of
from scripts.themes.sentences import (
    HERE,
    LANGS,
    Kept,
    Sentence,
    everything,
    public,
    public_segments,
    read_by,
    read_by_eye,
    read_judged,
    short,
    told,
    written,
)

OUT = Path("src/earful/themes/data/meaning")
NEAREST = 3  # candidates of a sentence beside those that phrases found
#: The shipped readers whose vectors are learned from.
READERS = ("fast", "accurate")
#: Precision in public reviews that the threshold is set for, with vectors and without; and the least
#: confidence of one mention. The same with a phrase and without: both are as sure as they are.
PRECISION, LEAST_OF_ONE = (0.78, 0.74), 0.5
SEED = 0


def fit_words(counts: Any, idf: np.ndarray, classes: np.ndarray, many: int) -> Layer:
    """Fit one regression a class on weighed pieces of words."""
    rows = weighed(counts, idf)
    model = SGDClassifier(loss="log_loss", alpha=3e-6, max_iter=6, tol=None, random_state=SEED)
    model.fit(rows, classes)
    weights, bias = np.zeros((many, HASHED)), np.full(many, -12.0)
    weights[model.classes_], bias[model.classes_] = model.coef_, model.intercept_
    return Layer.of(weights, bias)


def fit_vectors(vectors: np.ndarray, classes: np.ndarray, many: int) -> Layer:
    """Fit one regression over all classes on vectors in bytes."""
    model = LogisticRegression(C=15, max_iter=80, tol=1e-3)
    model.fit(vectors / VECTOR_SCALE, classes)
    weights, bias = np.zeros((many, vectors.shape[1])), np.full(many, -12.0)
    weights[model.classes_], bias[model.classes_] = model.coef_ / VECTOR_SCALE, model.intercept_
    return Layer.of(weights, bias)


def weighed(counts: Any, idf: np.ndarray) -> Any:
    """Return what :func:`earful.themes.known.pieces` gives with these weights."""
    from sklearn.preprocessing import normalize

    rows = counts.copy()
    rows.data = (1 + np.log(rows.data)) * idf.astype(np.float64)[rows.indices]
    return normalize(rows, copy=False)


def idf_of(counts: Any) -> np.ndarray:
    """Return inverse document frequencies."""
    frequency = np.bincount(counts.indices, minlength=HASHED)
    return (np.log((1 + counts.shape[0]) / (1 + frequency)) + 1).astype(np.float32)


#: Vectors of rows in bytes, where there are any, and their chances of blame and of praise.
Said = tuple[np.ndarray | None, np.ndarray]


@dataclass(frozen=True)
class Read:
    """What a reader says of the rows, and of those beside them."""

    rows: Said
    beside: Said
    encoder: str = ""


class Material:
    """All rows with what is seen of them, and the parts that they stand in."""

    def __init__(self, data: Path, cache: Path | None) -> None:
        self.cache = cache
        self.taxonomy = everything()
        self.ids = [theme.id for theme in self.taxonomy.themes]
        place = {theme: at for at, theme in enumerate(self.ids)}
        brief = short(place)
        known = {key_of(row.text) for row in brief}
        long = [row for row in written(place) if row.unseen or key_of(row.text) not in known]
        by_eye = read_by_eye(HERE / "read.jsonl", data, place)
        learned = [row for row, _, drawn in by_eye if not drawn]
        self.drawn = [(row, themes) for row, themes, drawn in by_eye if drawn]
        self.rows = [*long, *brief, *learned, *told(self.taxonomy, place), *public(data, place)]
        self.many = len(self.ids) + 1
        self.classes = np.array([row.theme if row.theme >= 0 else self.many - 1 for row in self.rows])
        self.unseen = np.array([row.unseen for row in self.rows])
        self.written = np.array([row.source == "written" for row in self.rows])
        self.counts = pieces(row.text for row in self.rows)
        self.judged, self.right = read_judged(HERE / "judged.jsonl", data, self.rows, place)
        self.reviews = public_segments(HERE / "judged.jsonl", data)
        self.beside = [row for row, _ in self.judged] + self.reviews + [row for row, _ in self.drawn]
        self.beside_phrases = phrases_of(self.taxonomy, self.beside)
        self.held = np.flatnonzero(self.unseen & self.written)
        self.held_phrases = phrases_of(self.taxonomy, [self.rows[at] for at in self.held])
        learned = ~self.unseen
        idf = idf_of(self.counts[learned])
        self.words = idf, fit_words(self.counts[learned], idf, self.classes[learned], self.many)
        print(f"{len(self.rows)} rows, {self.unseen.sum()} held out, {len(self.judged)} judged", flush=True)

    def read(self, reader: str) -> Read:
        """Return what a reader says of the rows; without one's name, that none was asked."""
        if not reader:
            return Read(*([None, np.zeros((len(rows), 2))] for rows in (self.rows, self.beside)))
        encoder = load_encoder(reader)
        if self.cache is None:
            return Read(read_by(self.rows, encoder), read_by(self.beside, encoder), encoder.checksum)
        kept = Kept(self.cache, encoder)
        return Read(kept.of(self.rows), kept.of(self.beside), encoder.checksum)


def mixed(mix: tuple[float, float], by_words: np.ndarray, by_meaning: np.ndarray | None) -> np.ndarray:
    """Return the chances of the classes as :class:`KnownThemes` does."""
    scores = mix[0] * by_words if by_meaning is None else mix[0] * by_words + mix[1] * by_meaning
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    return chances / chances.sum(axis=1, keepdims=True)


def best_mix(by_words: np.ndarray, by_meaning: np.ndarray | None, classes: np.ndarray) -> tuple[float, float]:
    """Return what each counts, at which unseen rows have the likeliest classes."""
    from scipy.optimize import minimize

    def loss(parts: np.ndarray) -> float:
        chances = mixed((parts[0], parts[-1]), by_words, by_meaning)
        return float(-np.log(np.maximum(chances[np.arange(len(classes)), classes], 1e-9)).mean())

    found = minimize(loss, [0.7] if by_meaning is None else [0.7, 0.7], method="Nelder-Mead").x
    words, *meaning = (round(float(x), 3) for x in found)
    return words, meaning[0] if meaning else 0.0


def odds_of(chances: np.ndarray) -> np.ndarray:
    """Return log odds as :meth:`KnownThemes.log_odds` does."""
    chances = np.clip(chances, 1e-4, 1 - 1e-4)
    return np.log(chances / (1 - chances))


def phrases_of(taxonomy: Taxonomy, rows: list[Sentence]) -> list[dict[str, float]]:
    """Return the themes that phrases find in sentences, with the best confidence."""
    matcher, found = PhraseMatcher(taxonomy), []
    for row in rows:
        best: dict[str, float] = {}
        for match in matcher.match(row.text.split(), row.lang):
            best[match.theme] = max(match.confidence, best.get(match.theme, 0.0))
        found.append(best)
    return found


def features(odds: float, phrase: float, opinion: np.ndarray) -> tuple[float, ...]:
    """Return what :class:`Confidence` reads."""
    tier = float(np.log(phrase / (1 - phrase)) - np.log(9.0)) if phrase else 0.0
    return odds, float(phrase > 0), tier, float(opinion[0]), float(opinion[1])


def fit_confidence(judged: np.ndarray, right: np.ndarray) -> Confidence:
    """Fit how sure the witnesses make a theme on what was judged."""
    model = LogisticRegression(C=10).fit(judged, right)
    return Confidence(*(round(float(w), 4) for w in (*model.coef_[0], model.intercept_[0])))


def least_of(sure: np.ndarray, precision: float) -> float:
    """Return the confidence from which what is given is right as often as stated, by the confidences."""
    order = np.sort(sure)[::-1]
    right = np.cumsum(order) / np.arange(1, len(order) + 1)
    reached = order[right >= precision]
    return round(max(float(reached[-1]) if len(reached) else 1.0, LEAST_OF_ONE), 3)


class Fit:
    """Fits one way of telling themes: by words alone, or with the vectors of a reader."""

    def __init__(self, material: Material, reader: str) -> None:
        self.m, self.read = material, material.read(reader)
        self.meaning: Layer | None = None
        if self.read.encoder:
            rows = ~material.unseen
            self.meaning = fit_vectors(self.read.rows[0][rows], material.classes[rows], material.many)

    def scores(self, counts: Any, vectors: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the log chances by words, and the scores by meaning."""
        idf, words = self.m.words
        by_words = _log_sigmoid(words.scores(weighed(counts, idf)))
        if self.meaning is None:
            return by_words, None
        return by_words, self.meaning.scores(vectors.astype(np.float32))

    def pairs(
        self, chances: np.ndarray, phrases: list[dict[str, float]], opinions: np.ndarray
    ) -> tuple[np.ndarray, list[tuple[int, int]]]:
        """Return features of the likeliest themes and those with a phrase; which row and theme each is."""
        place = {theme: at for at, theme in enumerate(self.m.ids)}
        seen, names = [], []
        for at, (own, hits, opinion) in enumerate(zip(chances, phrases, opinions, strict=True)):
            odds = odds_of(own)
            found = {place[theme]: sure for theme, sure in hits.items()}
            for theme in sorted({*np.argsort(-own[:-1])[:NEAREST].tolist(), *found}):
                seen.append(features(odds[theme], found.get(theme, 0.0), opinion))
                names.append((at, theme))
        return np.array(seen), names

    def run(self) -> Way:
        """Fit all, print what it is worth, and return it."""
        m, held = self.m, self.m.held
        (vectors, opinions), (beside_vectors, beside_opinions) = self.read.rows, self.read.beside
        own = self.scores(m.counts[held], None if vectors is None else vectors[held])
        mix = best_mix(*own, m.classes[held])
        seen, names = self.pairs(mixed(mix, *own), m.held_phrases, opinions[held])
        beside = mixed(mix, *self.scores(pieces(row.text for row in m.beside), beside_vectors))
        odds, first, last = odds_of(beside), len(m.judged), len(m.judged) + len(m.reviews)
        judged = [
            features(odds[at, theme], m.beside_phrases[at].get(m.ids[theme], 0.0), beside_opinions[at])
            for at, (_, theme) in enumerate(m.judged)
        ]
        drawn, told = self.pairs(beside[last:], m.beside_phrases[last:], beside_opinions[last:])
        among = np.array([theme in m.drawn[at][1] for at, theme in told])
        judged, truth = np.vstack([judged, drawn]), np.concatenate([m.right, among])
        sure = fit_confidence(judged, truth)
        public = slice(first, last)
        reviews, _ = self.pairs(beside[public], m.beside_phrases[public], beside_opinions[public])
        least = least_of(_sure(sure, reviews), PRECISION[self.meaning is None])
        right = np.array([m.classes[held[at]] == theme for at, theme in names])
        stands = [int(held[at]) for at, _ in names]
        self.report(sure, least, seen, right, stands, judged, truth, reviews)
        self.report_drawn(sure, least, drawn, among, [at for at, _ in told])
        return Way(self.read.encoder, self.meaning, mix, sure, least)

    def report(
        self,
        sure: Confidence,
        least: float,
        seen: np.ndarray,
        right: np.ndarray,
        stands: list[int],
        judged: np.ndarray,
        truth: np.ndarray,
        reviews: np.ndarray,
    ) -> None:
        """Print recall on held-out sentences, and precision and number of mentions in public reviews."""
        m, chances = self.m, _sure(sure, seen)
        print(f"\nencoder {self.read.encoder[:12] or None}; {sure}; least {least}")
        langs = np.array([m.rows[at].lang for at in stands])
        for lang in (*LANGS, "all"):
            own = (langs == lang) | (lang == "all")
            rows = set(np.array(stands)[own].tolist())
            themed = sum(m.classes[at] < m.many - 1 for at in rows)
            by_phrase = own & (seen[:, 1] > 0)
            given = own & (chances >= least)
            recall, before = ((one & right).sum() / themed for one in (given, by_phrase))
            written, once = ((one & right).sum() / max(one.sum(), 1) for one in (given, by_phrase))
            print(
                f"{lang:4} {themed:4} themed sentences: right theme {recall:.3f} (phrases {before:.3f}), "
                f"given {given.sum() / len(rows):.2f} a sentence, as written {written:.3f} ({once:.3f})"
            )
        own, many = _sure(sure, reviews), len(m.reviews)
        phrase = reviews[:, 1] > 0
        print(f"phrases alone: {phrase.sum() / many:.2f} a public sentence, right {own[phrase].mean():.3f}")
        for threshold in (least, 0.6, 0.7, 0.75, 0.8):
            given, found = own >= threshold, _sure(sure, judged) >= threshold
            print(
                f"from {threshold}: {given.sum() / many:.2f} a public sentence, of them by meaning alone "
                f"{(given & ~phrase).sum() / many:.2f}, right {own[given].mean():.3f}; "
                f"of {found.sum()} judged {truth[found].mean():.3f}",
                flush=True,
            )

    def report_drawn(
        self,
        sure: Confidence,
        least: float,
        seen: np.ndarray,
        right: np.ndarray,
        at: list[int],
    ) -> None:
        """Print what is given to the sentences that were read for all their themes."""
        m, place = self.m, np.array(at)
        themed = {number for number, (_, themes) in enumerate(m.drawn) if themes}
        own = _sure(sure, seen)
        for threshold in (least, 0.5, 0.6, 0.7, 0.8):
            given = own >= threshold
            hit, some = set(place[given & right].tolist()), set(place[given].tolist())
            found, others = len(hit) / len(themed), len(m.drawn) - len(themed)
            print(
                f"drawn, from {threshold}: {given.sum() / len(m.drawn):.2f} a sentence, right "
                f"{right[given].mean():.3f}; of {len(themed)} themed a right one {found:.3f}, "
                f"of {others} others any {len(some - themed) / others:.3f}",
                flush=True,
            )


def _sure(confidence: Confidence, seen: np.ndarray) -> np.ndarray:
    told = confidence.chance, confidence.phrase, confidence.tier, confidence.negative, confidence.positive
    weights = np.array(told)
    return 1 / (1 + np.exp(-(seen @ weights + confidence.bias)))


def main() -> None:
    """Fit, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--vectors", action="store_true", help="read the sentences with the readers too")
    parser.add_argument("--cache", type=Path, help="folder to keep the vectors in")
    parser.add_argument("--out", type=Path, default=OUT, help="the files without their endings")
    args = parser.parse_args()
    material = Material(args.data, args.cache)
    ways = tuple(Fit(material, reader).run() for reader in ("", *(READERS if args.vectors else ())))
    said = {theme.id: about(theme) for theme in material.taxonomy.themes}
    KnownThemes(said, *material.words, ways, checksum="").save(args.out)


if __name__ == "__main__":
    main()
