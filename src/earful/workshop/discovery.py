"""Discovery: what the taxonomy does not cover, grouped by what it says.

Copies of a text count once and always share a group; answers that say nothing are left out; nothing is forced
into a group. Texts are put into canonical order first, so the order of the rows changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earful.text.languages import by_language
from earful.themes.meaning import unit
from earful.workshop.terms import content_terms, group_labels

__all__ = ["Discovery", "Embed", "Group", "discover"]

#: Turns texts and their languages into one row each; rows need not have length 1.
Embed = Callable[[Sequence[str], Sequence[str]], NDArray[Any]]

_SAMPLE = 30_000
_CHUNK = 20_000
_DIMENSIONS = 100
_RERUNS = 3
_NAMED_BY, _NAMED_FROM = 2_000, 3
_QUOTES = 3
_QUOTE_LENGTHS = (20, 240)
_SAME, _SAME_MEANT = 0.75, 0.9  # cosine from which middles are put together: of words, of meaning and words
#: What a form puts before an answer: "Pros:", "Недостатки -".
_LABEL = re.compile(rf"^(?:(?:{'|'.join(by_language('labels').values())})\s*[:—–-]\s*)+", re.IGNORECASE)
_FEELS_AT_MOST = 60  # characters of a text that is looked at for feeling alone
_WORDS = 0.5  # length of the words' part of a row where the meaning's is 1

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that say the same thing.

    Attributes
    ----------
    number
        From 0, the biggest group first.
    label
        The words that set the group apart, most telling first, joined by commas.
    n, n_texts
        Rows, and different texts among them.
    languages
        Rows by language, most frequent first.
    quotes
        Up to three texts from the middle of the group.
    stability
        How much of the group is found again when the groups are sought in other samples, in [0, 1].
    """

    number: int
    label: str
    n: int
    n_texts: int
    languages: tuple[tuple[str, int], ...]
    quotes: tuple[str, ...]
    stability: float


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found.

    Attributes
    ----------
    groups
        The biggest first.
    group_of
        For each text given its group's number, -1 where it is in none.
    n_non_answers, n_copies
        Texts that say nothing; texts that repeat another.
    left_over
        Share of the texts with something to say that are in no group, in [0, 1].
    """

    groups: tuple[Group, ...]
    group_of: Ints
    n_non_answers: int
    n_copies: int
    left_over: float


def discover(
    texts: Sequence[str],
    langs: Sequence[str],
    *,
    vectors: NDArray[np.int8] | None = None,
    embed: Embed | None = None,
    most: int = 60,
    least: int = 5,
    nearness: float = 0.45,
) -> Discovery:
    """Group texts by what they say.

    Parameters
    ----------
    texts, langs
        Segments or short texts, and their languages (ISO 639-1 or ``und``).
    vectors
        What :func:`earful.themes.meaning.vectors` gives for the texts, shape (n, size): then they are grouped
        by meaning and words together, without them by words alone.
    embed
        Gives each text a vector of words; by default TF-IDF of lemmas and pairs of lemmas, reduced to 100
        dimensions on a sample. It must be row-wise for the result to be free of row order.
    most
        Groups at most.
    least
        Different texts a group must have.
    nearness
        Cosine to the middle of its group that a text must reach, in [-1, 1]; the rest is left over.

    Notes
    -----
    Spherical k-means on at most 30,000 texts chosen by hash, groups whose middles are nearer than 0.75 (0.9
    with ``vectors``) put together, every text then given to the nearest middle that is near enough. Memory is
    bounded by the vectors: 1,224 bytes a different text, 200 without ``vectors``.

    Raises
    ------
    ValueError
        ``texts``, ``langs`` and ``vectors`` differ in length.
    """
    if len(texts) != len(langs):
        raise ValueError(f"{len(texts)} texts but {len(langs)} languages")
    if vectors is not None and len(vectors) != len(texts):
        raise ValueError(f"{len(texts)} texts but {len(vectors)} vectors")
    distinct, at_text, said = _distinct(texts, langs)
    nothing = np.full(len(texts), -1, dtype=np.int64)
    n_said = int((at_text >= 0).sum())
    if len(distinct) < max(2, least):
        return Discovery((), nothing, len(texts) - n_said, n_said - len(distinct), 1.0 if n_said else 0.0)
    hashes = [_hash(text) for text, _ in distinct]
    meant = None if vectors is None else vectors[_first_said(texts, at_text, distinct, said)]
    rows = _rows(distinct, _sample(hashes, 0), embed, meant)
    same = _SAME if vectors is None else _SAME_MEANT
    middles = _middles(rows, _sample(hashes, 0), most, least, same)
    group, near = _nearest(rows, middles, nearness)
    group = _big_enough(group, least)
    weights = np.bincount(at_text[at_text >= 0], minlength=len(distinct))
    again = [
        _nearest(rows, _middles(rows, _sample(hashes, salt), most, least, same), nearness)[0]
        for salt in range(1, _RERUNS + 1)
    ]
    words = _words_of_groups(distinct, hashes, group)
    groups, renumbered = _describe(distinct, words, weights, group, near, again, said)
    group_of = np.where(at_text >= 0, renumbered[np.maximum(at_text, 0)], -1)
    left = float((group_of[at_text >= 0] < 0).mean()) if n_said else 0.0
    return Discovery(groups, group_of, len(texts) - n_said, n_said - len(distinct), round(left, 6))


def _distinct(
    texts: Sequence[str], langs: Sequence[str]
) -> tuple[list[tuple[str, str]], Ints, dict[tuple[str, str], str]]:
    """Return the different texts in canonical order, each text's place among them, and how it was said."""
    keys = [_key(text, lang) for text, lang in zip(texts, langs, strict=True)]
    said: dict[tuple[str, str], str] = {}
    for key, text in zip(keys, texts, strict=True):
        if key is not None:
            # Of several ways to write a text the first in the order of code points stands for all.
            said[key] = min(said.get(key, text), text)
    distinct = sorted(said)
    number = {key: at for at, key in enumerate(distinct)}
    at_text = np.array([-1 if key is None else number[key] for key in keys], dtype=np.int64)
    return distinct, at_text, said


def _key(text: str, lang: str) -> tuple[str, str] | None:
    """Return what a text says, without the label of a form before it; ``None`` where that is nothing.

    What only feels ("awful, just awful") says nothing that a group could be about.
    """
    from earful.text.answers import is_non_answer

    words = _LABEL.sub("", " ".join(text.casefold().split()))
    if not words or is_non_answer(words) or not any(char.isalpha() for char in words):
        return None
    if len(words) <= _FEELS_AT_MOST and lang in by_language("feelings") and not content_terms(words, lang):
        return None
    return words, lang


def _first_said(
    texts: Sequence[str],
    at_text: Ints,
    distinct: Sequence[tuple[str, str]],
    said: Mapping[tuple[str, str], str],
) -> Ints:
    """Return for each different text the place of one that is written as the one that stands for all."""
    place = np.zeros(len(distinct), dtype=np.int64)
    for at in range(len(texts) - 1, -1, -1):
        number = at_text[at]
        if number >= 0 and texts[at] == said[distinct[number]]:
            place[number] = at
    return place


def _rows(
    distinct: Sequence[tuple[str, str]], chosen: Ints, embed: Embed | None, meant: NDArray[np.int8] | None
) -> Halves:
    """Return one row of length 1 for each text, rounded so that the last bits of a sum decide nothing."""
    embed = embed or _terms_embed([distinct[at] for at in chosen])
    rows = np.empty((0, 0), dtype=np.float16)
    for at in range(0, len(distinct), _CHUNK):
        part = distinct[at : at + _CHUNK]
        found = unit(
            np.asarray(embed([text for text, _ in part], [lang for _, lang in part]), dtype=np.float32)
        )
        if meant is not None:
            found = unit(np.hstack([unit(meant[at : at + _CHUNK].astype(np.float32)), _WORDS * found]))
        if not at:
            rows = np.empty((len(distinct), found.shape[1]), dtype=np.float16)
        rows[at : at + _CHUNK] = np.round(found, 4)
    return rows


def _terms_embed(sample: Sequence[tuple[str, str]]) -> Embed:
    """Fit TF-IDF of terms, reduced by truncated SVD, on a sample."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    hasher = HashingVectorizer(n_features=2**18, analyzer=_as_is, alternate_sign=False, norm=None)
    counts = hasher.transform([content_terms(text, lang) for text, lang in sample])
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    used = np.flatnonzero(frequency >= 2)
    if len(used) <= _DIMENSIONS:
        used = np.flatnonzero(frequency)
    weigh = TfidfTransformer(sublinear_tf=True).fit(counts[:, used])
    weighed = weigh.transform(counts[:, used])
    size = min(_DIMENSIONS, len(used) - 1, len(sample) - 1)
    # Texts that all say the same vary in nothing that could be reduced.
    varied = bool((weighed.max(axis=0) != weighed.min(axis=0)).nnz)
    svd = TruncatedSVD(size, n_iter=5, random_state=0).fit(weighed) if size >= 2 and varied else None

    def embed(texts: Sequence[str], langs: Sequence[str]) -> NDArray[Any]:
        terms = [content_terms(text, lang) for text, lang in zip(texts, langs, strict=True)]
        weighed = weigh.transform(hasher.transform(terms)[:, used])
        return np.asarray(weighed.toarray() if svd is None else svd.transform(weighed))

    return embed


def _as_is(words: Sequence[str]) -> Sequence[str]:
    return words


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _sample(hashes: Sequence[bytes], salt: int) -> Ints:
    """Choose texts by their hash: all of few, and for a salt other than 0 about two in three."""
    order = np.array([int.from_bytes(digest[4 * salt : 4 * salt + 4], "big") for digest in hashes])
    share = min(1.0 if salt == 0 else 2 / 3, _SAMPLE / len(order))
    chosen = np.flatnonzero(order < share * 2**32)
    return chosen if len(chosen) > 1 else np.arange(len(order))


def _middles(rows: Halves, chosen: Ints, most: int, least: int, same: float) -> Floats:
    """Find the middles of groups in a sample by spherical k-means; near ones are put together."""
    from sklearn.cluster import AgglomerativeClustering, KMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    sample: Floats = rows[chosen].astype(np.float32)
    sample = sample[np.abs(sample).sum(axis=1) > 0]
    size = min(most, max(2, len(sample) // max(2 * least, 4)), len(np.unique(sample, axis=0)))
    if size < 2:
        return sample[:1]
    # One thread: sums over threads come in any order.
    with threadpool_limits(1):
        middles = KMeans(size, n_init=2, max_iter=100, random_state=0).fit(sample).cluster_centers_
    middles = unit(middles)
    if len(middles) > 2:
        joined = AgglomerativeClustering(
            n_clusters=None, distance_threshold=1 - same, metric="cosine", linkage="average"
        ).fit_predict(middles)
        middles = unit(
            np.array([middles[joined == number].mean(axis=0) for number in range(joined.max() + 1)])
        )
    result: Floats = middles.astype(np.float32)
    return result


def _nearest(rows: Halves, middles: Floats, nearness: float) -> tuple[Ints, Floats]:
    """Find each text's nearest middle, -1 where none is near enough, and how near it is."""
    group = np.empty(len(rows), dtype=np.int64)
    near = np.empty(len(rows), dtype=np.float32)
    for at in range(0, len(rows), _CHUNK):
        likeness = np.round(rows[at : at + _CHUNK].astype(np.float32) @ middles.T, 4)
        best = likeness.argmax(axis=1)
        near[at : at + _CHUNK] = likeness[np.arange(len(best)), best]
        group[at : at + _CHUNK] = np.where(near[at : at + _CHUNK] >= nearness, best, -1)
    return group, near


def _big_enough(group: Ints, least: int) -> Ints:
    counts = np.bincount(group[group >= 0], minlength=int(group.max()) + 1 if len(group) else 0)
    keep = np.append(counts >= least, False)
    return np.where(keep[group], group, -1)


def _words_of_groups(
    distinct: Sequence[tuple[str, str]], hashes: Sequence[bytes], group: Ints
) -> dict[int, list[list[str]]]:
    """Return the terms of each group's texts in one language; of a big group those of a part chosen by hash.

    The language is the one most texts are in, where a group has any of it, else the group's own most
    frequent.
    """
    main = _most_frequent(lang for _, lang in distinct)
    words = {}
    for number in np.unique(group[group >= 0]).tolist():
        inside = np.flatnonzero(group == number).tolist()
        langs = [distinct[at][1] for at in inside]
        spoken = main if langs.count(main) >= _NAMED_FROM else _most_frequent(langs)
        members = sorted((at for at in inside if distinct[at][1] == spoken), key=hashes.__getitem__)
        words[number] = [content_terms(*distinct[at]) for at in sorted(members[:_NAMED_BY])]
    return words


def _most_frequent(langs: Iterable[str]) -> str:
    counts = Counter(langs)
    return min(counts, key=lambda lang: (-counts[lang], lang))


def _describe(
    distinct: Sequence[tuple[str, str]],
    words: Mapping[int, Sequence[Sequence[str]]],
    weights: Ints,
    group: Ints,
    near: Floats,
    again: Sequence[Ints],
    said: dict[tuple[str, str], str],
) -> tuple[tuple[Group, ...], Ints]:
    rows = Counter({int(g): int(weights[group == g].sum()) for g in np.unique(group[group >= 0])})
    order = sorted(rows, key=lambda g: (-rows[g], int(np.flatnonzero(group == g)[0])))
    labels = group_labels(words)
    renumbered = np.full(len(group), -1, dtype=np.int64)
    groups = []
    for number, old in enumerate(order):
        members = np.flatnonzero(group == old).tolist()
        renumbered[members] = number
        languages: Counter[str] = Counter()
        for at in members:
            languages[distinct[at][1]] += int(weights[at])
        groups.append(
            Group(
                number,
                labels[old],
                rows[old],
                len(members),
                tuple(sorted(languages.items(), key=lambda item: (-item[1], item[0]))),
                _quotes([said[distinct[at]] for at in members], near[members]),
                _stability(members, again),
            )
        )
    return tuple(groups), renumbered


def _quotes(texts: Sequence[str], near: Floats) -> tuple[str, ...]:
    shortest, longest = _QUOTE_LENGTHS
    handy = [at for at, text in enumerate(texts) if shortest <= len(text) <= longest] or list(
        range(len(texts))
    )
    handy.sort(key=lambda at: (-float(near[at]), texts[at]))
    return tuple(texts[at] for at in handy[:_QUOTES])


def _stability(members: Sequence[int], again: Sequence[Ints]) -> float:
    """Mean, over the reruns, of the best Jaccard likeness of the group with a group of the rerun."""
    best = []
    for group in again:
        inside = Counter(int(g) for g in group[members] if g >= 0)
        sizes = {g: int((group == g).sum()) for g in inside}
        best.append(max((n / (len(members) + sizes[g] - n) for g, n in inside.items()), default=0.0))
    return round(float(np.mean(best)), 3)
