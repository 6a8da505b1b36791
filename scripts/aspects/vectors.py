"""Word vectors from the reviews: co-occurrence, positive mutual information, a truncated SVD, one space.

English and Russian are counted in their own texts and Russian is turned onto English by its dictionary
(orthogonal Procrustes). Of Bulgarian and Latvian there is too little text: a word takes the mean vector of
its English translations; Latvian words that the dictionary lacks are carried over from vectors of Latvian's
own.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from earful.aspects.vectors import Vectors, key
from earful.aspects.words import lowered
from scripts.aspects.data import pairs
from scripts.data import read_rows

WIDTH, CONTEXTS, REACH = 64, 4000, 5
FOLDERS = ("absa", "loyalty", "sentiment", "themes")
#: Licences that shipped weights may not learn from, and loose phrases of sentences read elsewhere.
LEFT_OUT = ("lv_nicmanis", "sr_film", "en_sst5_phrases")
LONGEST_TEXT, PER_SET = 2000, 4_500_000  # characters
#: Language -> fewest occurrences of a word, most words.
OWN = {"en": (6, 20_000), "ru": (6, 24_000), "lv": (4, 12_000)}
LATVIAN_CARRIED = 6_000

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+|[.,!?;:()]")
Floats = NDArray[np.float32]


def make_vectors(data: Path) -> Vectors:
    """Count and factorise; the same texts give the same table."""
    spaces = {lang: _own_space(data, lang, *limits) for lang, limits in OWN.items()}
    english, table = spaces["en"]
    found = {"en": dict(zip(english, table, strict=True))}
    words, own = spaces["ru"]
    found["ru"] = dict(zip(words, _turned(words, own, found["en"], data), strict=True))
    for lang in ("bg", "lv"):
        found[lang] = _by_translation(found["en"], data, lang)
    _carry_latvian(found["lv"], *spaces["lv"])
    keys = {key(lang, word): vector for lang, own in found.items() for word, vector in own.items()}
    order = sorted(keys)
    rows = _unit_rows(np.array([keys[number] for number in order], dtype=np.float32))
    scales = np.abs(rows).max(axis=1) / 127
    scales = scales.astype(np.float16).astype(np.float32)
    table8 = np.clip(np.rint(rows / np.maximum(scales, 1e-8)[:, None]), -127, 127).astype(np.int8)
    return Vectors(np.array(order, dtype=np.uint32), table8, scales, tuple(sorted(found)))


def _texts(data: Path, lang: str) -> Iterator[str]:
    for folder in FOLDERS:
        for path in sorted((data / folder).glob("*.jsonl.gz")):
            if path.name.startswith(LEFT_OUT):
                continue
            rows = read_rows(path)
            if "text" not in rows or "lang" not in rows:
                continue
            if "split" in rows:
                rows = rows[rows.split == "train"]
            read = 0
            for text in rows.text[rows.lang == lang].dropna():
                yield text[:LONGEST_TEXT]
                read += len(text[:LONGEST_TEXT])
                if read > PER_SET:
                    break


def _own_space(data: Path, lang: str, fewest: int, most: int) -> tuple[list[str], Floats]:
    known: dict[str, str] = {}
    texts = []
    counts: Counter[str] = Counter()
    for text in _texts(data, lang):
        words = [known.setdefault(word, "") or _remember(known, word) for word in _WORD.findall(text)]
        counts.update(words)
        texts.append(words)
    vocabulary = sorted((word for word, n in counts.items() if n >= fewest), key=lambda w: (-counts[w], w))[
        :most
    ]
    number = {word: place for place, word in enumerate(vocabulary)}
    gap = [-1] * REACH
    flat = np.array(
        [at for words in texts for at in [*(number.get(w, -1) for w in words), *gap]], dtype=np.int32
    )
    after = [_counted([(flat[:-n], flat[n:])], len(vocabulary)) for n in (1, 2)]
    before = [_counted([(flat[n:], flat[:-n])], len(vocabulary)) for n in (1, 2)]
    both = [(flat[:-n], flat[n:]) for n in range(1, REACH + 1)]
    around = _counted([*both, *((right, left) for left, right in both)], len(vocabulary))
    blocks = zip((before[0], after[0], before[1], after[1], around), (1.0, 1.0, 0.6, 0.6, 1.0), strict=True)
    matrix = sparse.hstack([_information(counted) * weight for counted, weight in blocks]).tocsr()
    left, strength, _ = randomized_svd(matrix, WIDTH, n_iter=4, random_state=0)
    print(f"vectors: {lang}, {len(flat):,} words, {len(vocabulary):,} kept", flush=True)
    return vocabulary, _unit_rows((left * np.sqrt(strength)).astype(np.float32))


def _remember(known: dict[str, str], word: str) -> str:
    known[word] = lowered(word)
    return known[word]


def _counted(sides: list[tuple[NDArray[np.int32], NDArray[np.int32]]], size: int) -> sparse.csr_matrix:
    total = sparse.csr_matrix((size, CONTEXTS), dtype=np.float32)
    for words, contexts in sides:
        there = (words >= 0) & (contexts >= 0) & (contexts < CONTEXTS)
        ones = np.ones(int(there.sum()), dtype=np.float32)
        total = total + sparse.coo_matrix((ones, (words[there], contexts[there])), total.shape).tocsr()
    return total


def _information(counted: sparse.csr_matrix) -> sparse.csr_matrix:
    """Give the positive pointwise mutual information, contexts smoothed (Levy et al., 2015)."""
    cells = counted.tocoo()
    total = cells.data.sum()
    words = np.asarray(cells.sum(axis=1)).ravel()
    contexts = np.asarray(cells.sum(axis=0)).ravel() ** 0.75
    contexts *= total / contexts.sum()
    values = np.log(np.maximum(cells.data * total / (words[cells.row] * contexts[cells.col] + 1e-9), 1e-9))
    kept = values > 0
    return sparse.csr_matrix((values[kept], (cells.row[kept], cells.col[kept])), shape=cells.shape)


def _turned(words: list[str], own: Floats, english: dict[str, Floats], data: Path) -> Floats:
    place = {word: at for at, word in enumerate(words)}
    anchors = [
        (place[lowered(ru)], english[en])
        for en, ru in pairs(data, "ru")
        if en in english and lowered(ru) in place
    ]
    from_, to = own[[at for at, _ in anchors]], np.array([vector for _, vector in anchors])
    left, _, right = np.linalg.svd(from_.T @ to)
    return (own @ (left @ right)).astype(np.float32)


def _by_translation(english: dict[str, Floats], data: Path, lang: str) -> dict[str, Floats]:
    meanings: dict[str, list[Floats]] = defaultdict(list)
    for en, other in pairs(data, lang):
        if en in english:
            meanings[lowered(other)].append(english[en])
    return {word: _unit_rows(np.mean(vectors, axis=0)[None])[0] for word, vectors in sorted(meanings.items())}


def _carry_latvian(found: dict[str, Floats], words: list[str], own: Floats) -> None:
    """Add Latvian's frequent words that the dictionary lacks, by ridge regression onto those it has."""
    both = [at for at, word in enumerate(words) if word in found]
    from_, to = own[both].astype(np.float64), np.array([found[words[at]] for at in both], dtype=np.float64)
    carry = np.linalg.solve(from_.T @ from_ + 2.0 * np.eye(WIDTH), from_.T @ to)
    carried = _unit_rows((own @ carry).astype(np.float32))
    lacking = [at for at, word in enumerate(words) if word not in found][:LATVIAN_CARRIED]
    found.update({words[at]: carried[at] for at in lacking})


def _unit_rows(rows: Floats) -> Floats:
    return (rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)).astype(np.float32)
