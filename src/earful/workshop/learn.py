"""Themes learned from labelled rows, by their words and by their meaning, with a stated precision.

For a company that has tickets tagged by hand. One model holds all themes; each theme has its own threshold,
chosen on rows that the fold's model had not seen, below which it abstains.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from earful.encoder import VectorMaker, encoder_called, load_encoder
from earful.errors import InputError, ModelError, TaxonomyError
from earful.text.words import fold
from earful.themes.meaning import features
from earful.themes.taxonomy import in_words
from earful.workshop.experts import Experts, Mix, Seen, fit_experts, fit_mix, probabilities

__all__ = ["READER", "LearnedThemes", "ThemeReport", "learn", "load_learned", "read_labelled"]

#: The shipped reader that learns: its vectors tell more of what a text is about than the fast one's.
READER = "accurate"

_VERSION = 2
_FOLDS = 5
_LEAST_ROWS = 2

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ThemeReport:
    """What a theme can be trusted with, measured on rows the model had not seen.

    Attributes
    ----------
    theme
        The label.
    n
        Labelled rows that carry it.
    threshold
        Probability from which the theme is given.
    precision, recall
        At that threshold, out of fold, in [0, 1]; NaN where it is never given.
    """

    theme: str
    n: int
    threshold: float
    precision: float
    recall: float


@dataclass(frozen=True, eq=False)
class LearnedThemes:
    """A model that gives each text the probability of every theme it was taught.

    Attributes
    ----------
    themes
        The labels, sorted.
    exclusive
        Every labelled row had one theme: the probabilities of a text sum to 1.
    experts, mix
        What was learned.
    encoder
        What it was learned with, and reads with.
    reports
        One :class:`ThemeReport` a theme.
    """

    themes: tuple[str, ...]
    exclusive: bool
    experts: Experts = field(repr=False)
    mix: Mix
    encoder: VectorMaker = field(repr=False)
    reports: tuple[ThemeReport, ...]

    @property
    def checksum(self) -> str:
        """SHA-256 (hexadecimal) of what decides the answers."""
        parts = [self.themes, self.exclusive, self.encoder.checksum, asdict(self.mix)]
        digest = hashlib.sha256(json.dumps(parts).encode())
        for array in self.experts.arrays.values():
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def predict(self, texts: Sequence[str]) -> Floats:
        """Return the probabilities, shape (texts, themes), rounded to 6 decimals; each row by itself."""
        if not texts:
            return np.zeros((0, len(self.themes)))
        logits = self.mix.logits(self.experts.scores(Seen.of(texts, self.encoder)))
        return np.round(probabilities(logits, self.exclusive), 6)

    def tag(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """Find each text's themes with their probabilities, the surest first; none where it abstains.

        Where every labelled row had one theme, a text gets one at most.
        """
        thresholds = np.array([report.threshold for report in self.reports])
        result = []
        probabilities = self.predict(texts)
        for row in _only_best(probabilities) if self.exclusive else probabilities:
            given = [(self.themes[at], float(row[at])) for at in np.flatnonzero(row >= thresholds)]
            result.append(sorted(given, key=lambda item: (-item[1], item[0])))
        return result

    def save(self, folder: str | Path) -> Path:
        """Write the model as a folder: ``learned.json`` and ``weights.npz``."""
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        with (path / "weights.npz").open("wb") as out:
            np.savez_compressed(out, allow_pickle=False, **self.experts.arrays)
        description = {
            "version": _VERSION,
            "themes": self.themes,
            "exclusive": self.exclusive,
            "reader": self.encoder.name,
            "encoder": self.encoder.checksum,
            "mix": asdict(self.mix),
            "checksum": self.checksum,
            "reports": [asdict(report) for report in self.reports],
        }
        text = json.dumps(description, ensure_ascii=False, indent=1)
        (path / "learned.json").write_text(text + "\n", encoding="utf-8")
        return path


def load_learned(folder: str | Path, encoder: VectorMaker | None = None) -> LearnedThemes:
    """Read what :meth:`LearnedThemes.save` wrote, to read texts with an encoder.

    Parameters
    ----------
    folder
        What was written.
    encoder
        What reads texts; by default the shipped reader that it was learned with.

    Raises
    ------
    ModelError
        The folder does not hold such a model, or it is damaged.
    """
    path = Path(folder)
    data: dict[str, Any] = {}
    try:
        data = json.loads((path / "learned.json").read_text(encoding="utf-8"))
        encoder = encoder or encoder_called(data.get("reader"))
        with np.load(path / "weights.npz", allow_pickle=False) as arrays:
            experts = Experts(**{one.name: arrays[one.name] for one in fields(Experts)})
        reports = tuple(ThemeReport(**report) for report in data["reports"])
        mix = Mix(tuple(data["mix"]["weights"]), data["mix"]["bias"])
        model = LearnedThemes(tuple(data["themes"]), data["exclusive"], experts, mix, encoder, reports)
        learned_with = data["encoder"]
    except (OSError, EOFError, KeyError, TypeError, ValueError, BadZipFile) as error:
        if data.get("version", _VERSION) != _VERSION:
            raise ModelError(
                "was learned by another version", where=str(path), fix="learn it again"
            ) from None
        raise ModelError(f"is not a learned theme model ({error})", where=str(path)) from None
    if data.get("version") == _VERSION and learned_with != encoder.checksum:
        raise ModelError("was learned with another encoder", where=str(path), fix="learn it again")
    if data.get("version") != _VERSION or data.get("checksum") != model.checksum:
        raise ModelError("is damaged or of another version", where=str(path), fix="learn it again")
    return model


def read_labelled(path: Path, text: str, theme: str) -> tuple[list[str], list[list[str]]]:
    """Read the words and the themes, parted by ``|``, of labelled rows from two columns of a CSV file.

    Raises
    ------
    InputError
        The file is not CSV, or lacks a column.
    """
    import pandas as pd

    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"is not a CSV file in UTF-8 ({error})", where=str(path)) from None
    for column in (text, theme):
        if column not in frame:
            raise InputError(f"has no column {column!r}", where=str(path), allowed=", ".join(frame.columns))
    labels = [[part.strip() for part in value.split("|") if part.strip()] for value in frame[theme]]
    return frame[text].tolist(), labels


def learn(
    texts: Sequence[str],
    themes: Sequence[str | Iterable[str]],
    *,
    precision: float = 0.0,
    descriptions: Mapping[str, str] | None = None,
    encoder: VectorMaker | None = None,
) -> LearnedThemes:
    """Learn themes from labelled rows.

    Parameters
    ----------
    texts
        The rows' words.
    themes
        For each row its theme or themes; none for a row that carries none of them.
    precision
        Give a theme only where it is right at least this often on unseen rows, in [0, 1); 0 balances
        precision with recall (best F1). A theme that cannot be that sure is never given.
    descriptions
        What a theme is about, by theme, where it is known.
    encoder
        What reads the rows' meaning; by default the shipped reader :data:`READER`.

    Returns
    -------
    LearnedThemes
        The same for any order of the rows.

    Raises
    ------
    TaxonomyError
        The lengths differ, or there are not two themes with two rows each.
    """
    if len(texts) != len(themes):
        raise TaxonomyError(f"{len(texts)} texts but {len(themes)} labels", where="learn")
    rows = sorted(
        (text, tuple(sorted({labels} if isinstance(labels, str) else set(labels))))
        for text, labels in zip(texts, themes, strict=True)
    )
    counts = Counter(label for _, labels in rows for label in labels)
    known = sorted(label for label, n in counts.items() if n >= _LEAST_ROWS)
    if len(known) < 2:
        raise TaxonomyError(
            f"learning needs two themes with {_LEAST_ROWS} rows each, got {len(known)}", where="learn"
        )
    rows = [(text, labels) for text, labels in rows if not labels or set(labels) & set(known)]
    truth = np.array([[label in labels for label in known] for _, labels in rows])
    exclusive = bool((truth.sum(axis=1) == 1).all())
    encoder = encoder or load_encoder(READER)
    seen = Seen.of([text for text, _ in rows], encoder)
    named = _named(known, descriptions or {}, encoder)
    fold_of = np.array([_fold_of(text) for text, _ in rows])
    scores = np.zeros((3, *truth.shape))
    judged = np.zeros(len(rows), dtype=bool)
    for number in range(_FOLDS):
        train, test = fold_of != number, fold_of == number
        if test.any() and train.any():
            scores[:, test] = fit_experts(seen.rows(train), truth[train], exclusive, named).scores(
                seen.rows(test)
            )
            judged |= test
    mix = fit_mix(scores[:, judged], truth[judged], exclusive)
    unseen = np.where(judged[:, None], np.round(probabilities(mix.logits(scores), exclusive), 6), 0.0)
    if exclusive:
        unseen = _only_best(unseen)
    reports = [_report(label, truth[:, at], unseen[:, at], precision) for at, label in enumerate(known)]
    experts = fit_experts(seen, truth, exclusive, named)
    return LearnedThemes(tuple(known), exclusive, experts, mix, encoder, tuple(reports))


def _named(themes: Sequence[str], descriptions: Mapping[str, str], encoder: VectorMaker) -> NDArray[np.int16]:
    """Return the features of the themes' names put together with those of their descriptions."""
    names = [in_words(theme) for theme in themes]
    told = [descriptions.get(theme, "").strip() or name for theme, name in zip(themes, names, strict=True)]
    both = features(encoder, [*names, *told]).astype(np.int32)
    return np.asarray((both[: len(names)] + both[len(names) :]) // 2, dtype=np.int16)


def _only_best(probabilities: Floats) -> Floats:
    best = probabilities.argmax(axis=1)[:, None] == np.arange(probabilities.shape[1])
    return np.where(best, probabilities, -1.0)


def _fold_of(text: str) -> int:
    # By the words, so that a row's copies are never on both sides.
    words = " ".join(fold(word) for word in text.split())
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:4], "big") % _FOLDS


def _report(theme: str, truth: NDArray[np.bool_], unseen: Floats, precision: float) -> ThemeReport:
    """Choose the threshold on unseen rows: best F1, or most recall at the precision asked for."""
    order = np.argsort(-unseen, kind="stable")
    hits = np.cumsum(truth[order])
    given = np.arange(1, len(order) + 1)
    found, missed = hits / given, hits / max(int(truth.sum()), 1)
    # A threshold can only stand between two different probabilities.
    last = np.append(unseen[order][1:] < unseen[order][:-1], True) & (hits > 0)
    score = 2 * found * missed / np.maximum(found + missed, 1e-12)
    allowed = last & (found >= precision) & (unseen[order] >= 0)
    n = int(truth.sum())
    if not allowed.any():
        return ThemeReport(theme, n, 2.0, float("nan"), 0.0)
    best = int(np.argmax(np.where(allowed, missed if precision else score, -1.0)))
    # Halfway to the next row below, so that what is nearly as sure is given too.
    below = max(float(unseen[order][best + 1]), 0.0) if best + 1 < len(order) else 0.0
    threshold = round((float(unseen[order][best]) + below) / 2, 6)
    return ThemeReport(theme, n, threshold, round(float(found[best]), 6), round(float(missed[best]), 6))
