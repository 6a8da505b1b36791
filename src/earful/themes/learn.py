"""Themes learned from labelled rows: logistic regression over hashed n-grams, with a stated precision.

For a company that has tickets tagged by hand. One model holds all themes; each theme has its own threshold,
chosen on rows that the fold's model had not seen, below which it abstains.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from earful.errors import ModelError, TaxonomyError
from earful.themes.ngrams import document_weights, hash_ngrams, weigh
from earful.themes.words import fold

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["LearnedThemes", "ThemeReport", "learn", "load_learned"]

_VERSION = 1
_FOLDS = 5
_LEAST_ROWS = 2
#: scikit-learn's C: chosen on development rows of public ticket sets.
_INVERSE_PENALTY = 10.0
_NEVER = -50.0

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


class LearnedThemes:
    """A model that gives each text the probability of every theme it was taught.

    Attributes
    ----------
    themes
        The labels, sorted.
    exclusive
        Every labelled row had one theme: the probabilities of a text sum to 1.
    reports
        One :class:`ThemeReport` a theme.
    """

    def __init__(
        self,
        themes: Sequence[str],
        exclusive: bool,
        columns: NDArray[np.int64],
        idf: Floats,
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        reports: Sequence[ThemeReport],
    ) -> None:
        self.themes = tuple(themes)
        self.exclusive = exclusive
        self.reports = tuple(reports)
        self._columns, self._idf, self._weights, self._bias = columns, idf, weights, bias

    @property
    def checksum(self) -> str:
        """SHA-256 (hexadecimal) of what decides the answers."""
        digest = hashlib.sha256(json.dumps([self.themes, self.exclusive]).encode())
        for array in (self._columns, self._idf, self._weights, self._bias):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def predict(self, texts: Sequence[str]) -> Floats:
        """Give the probabilities, shape (texts, themes), rounded to 6 decimals; each row by itself."""
        return self._predict(hash_ngrams(texts)) if texts else np.zeros((0, len(self.themes)))

    def _predict(self, hashed: csr_matrix) -> Floats:
        features = weigh(hashed[:, self._columns], self._idf)
        scores = np.asarray(features @ self._weights.T.astype(np.float64)) + self._bias
        if self.exclusive:
            scores -= scores.max(axis=1, keepdims=True)
            odds = np.exp(scores)
            probabilities = odds / odds.sum(axis=1, keepdims=True)
        else:
            probabilities = 1 / (1 + np.exp(-np.clip(scores, -50, 50)))
        return np.asarray(np.round(probabilities, 6), dtype=np.float64)

    def tag(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """Give each text its themes with their probabilities, the surest first; none where it abstains.

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
            np.savez_compressed(
                out, columns=self._columns, idf=self._idf, weights=self._weights, bias=self._bias
            )
        description = {
            "version": _VERSION,
            "themes": self.themes,
            "exclusive": self.exclusive,
            "checksum": self.checksum,
            "reports": [asdict(report) for report in self.reports],
        }
        text = json.dumps(description, ensure_ascii=False, indent=1)
        (path / "learned.json").write_text(text + "\n", encoding="utf-8")
        return path


def load_learned(folder: str | Path) -> LearnedThemes:
    """Read what :meth:`LearnedThemes.save` wrote.

    Raises
    ------
    ModelError
        The folder does not hold such a model, or it is damaged.
    """
    path = Path(folder)
    try:
        data = json.loads((path / "learned.json").read_text(encoding="utf-8"))
        with np.load(path / "weights.npz", allow_pickle=False) as arrays:
            parts = [arrays[name] for name in ("columns", "idf", "weights", "bias")]
        reports = [ThemeReport(**report) for report in data["reports"]]
        columns, idf, weights, bias = parts
        model = LearnedThemes(data["themes"], data["exclusive"], columns, idf, weights, bias, reports)
    except (OSError, EOFError, KeyError, TypeError, ValueError, BadZipFile) as error:
        raise ModelError(f"is not a learned theme model ({error})", where=str(path)) from None
    if data.get("version") != _VERSION or data.get("checksum") != model.checksum:
        raise ModelError("is damaged or of another version", where=str(path), fix="learn it again")
    return model


def learn(
    texts: Sequence[str], themes: Sequence[str | Iterable[str]], *, precision: float = 0.0
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
    counts: dict[str, int] = {}
    for _, labels in rows:
        for label in labels:
            counts[label] = counts.get(label, 0) + 1
    known = sorted(label for label, n in counts.items() if n >= _LEAST_ROWS)
    if len(known) < 2:
        raise TaxonomyError(
            f"learning needs two themes with {_LEAST_ROWS} rows each, got {len(known)}", where="learn"
        )
    rows = [(text, labels) for text, labels in rows if not labels or set(labels) & set(known)]
    truth = np.array([[label in labels for label in known] for _, labels in rows])
    exclusive = bool((truth.sum(axis=1) == 1).all())
    hashed = hash_ngrams([text for text, _ in rows])
    fold_of = np.array([_fold_of(text) for text, _ in rows])
    unseen = np.zeros(truth.shape)
    for number in range(_FOLDS):
        train, test = fold_of != number, fold_of == number
        if test.any() and train.any():
            columns, idf, weights, bias = _fit(hashed[train], truth[train], exclusive)
            part = LearnedThemes(known, exclusive, columns, idf, weights, bias, ())
            unseen[test] = part._predict(hashed[test])
    if exclusive:
        unseen = _only_best(unseen)
    reports = [_report(label, truth[:, at], unseen[:, at], precision) for at, label in enumerate(known)]
    columns, idf, weights, bias = _fit(hashed, truth, exclusive)
    return LearnedThemes(known, exclusive, columns, idf, weights, bias, reports)


def _only_best(probabilities: Floats) -> Floats:
    best = probabilities.argmax(axis=1)[:, None] == np.arange(probabilities.shape[1])
    return np.where(best, probabilities, -1.0)


def _fold_of(text: str) -> int:
    # By the words, so that a row's copies are never on both sides.
    words = " ".join(fold(word) for word in text.split())
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:4], "big") % _FOLDS


def _fit(
    hashed: csr_matrix, truth: NDArray[np.bool_], exclusive: bool
) -> tuple[NDArray[np.int64], Floats, NDArray[np.float32], NDArray[np.float32]]:
    """Fit on the n-grams that at least two rows have; give columns, idf, weights and bias."""
    from sklearn.linear_model import LogisticRegression

    columns, idf = document_weights(hashed)
    features = weigh(hashed[:, columns], idf)
    weights = np.zeros((truth.shape[1], len(columns)), dtype=np.float32)
    bias = np.full(truth.shape[1], _NEVER, dtype=np.float32)
    options: dict[str, Any] = {"C": _INVERSE_PENALTY, "max_iter": 300, "tol": 1e-3}
    if exclusive:
        present = np.flatnonzero(truth.any(axis=0))
        model = LogisticRegression(**options)
        if len(present) < 2:
            bias[present] = 0.0
            return columns, idf, weights, bias
        model.fit(features, truth.argmax(axis=1))
        if len(present) == 2:
            weights[present[1]], bias[present[1]] = model.coef_[0], model.intercept_[0]
            bias[present[0]] = 0.0
        else:
            weights[present], bias[present] = model.coef_, model.intercept_
        return columns, idf, weights, bias
    for at in range(truth.shape[1]):
        if 0 < truth[:, at].sum() < len(truth):
            model = LogisticRegression(**options).fit(features, truth[:, at])
            weights[at], bias[at] = model.coef_[0], model.intercept_[0]
        elif truth[:, at].any():
            bias[at] = -_NEVER
    return columns, idf, weights, bias


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
