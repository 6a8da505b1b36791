"""Fit what tells and reads Russian and Bulgarian typed in Latin letters, and measure it.

Writes ``src/earful/text/data/typed.npz``: weights of strings of letters, and how letters follow each other.
Train rows alone are fitted to: reviews and subtitles of the two languages, typed by random habits, against
those of the other languages without their diacritics. Django's own translations (BSD) bring some fifty
languages more, every other message to fit to, the rest to measure on; its wheel is given by ``--django``.

    python -m scripts.text.fit_typed --django django-5.2-py3-none-any.whl
    python -m scripts.text.fit_typed --django django-5.2-py3-none-any.whl --measure test
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import re
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import SGDClassifier

from earful.text import typed
from earful.text.spelling import FITTED, HABITS, LETTERS, USUAL, spelt
from earful.text.words import LATIN
from scripts.data import DEFAULT_DATA

_LANGS = ("ru", "bg")
_FILES = ("sentiment/*.jsonl.gz", "absa/*.jsonl.gz", "loyalty/nps_botanic_fr.jsonl.gz")
_ROWS = 8_000  # of a file that are read at most
_SHORTEST = 8  # letters of a sentence
#: Texts of each language that are fitted to: of the two, of English, of each other one.
_OWN, _ENGLISH, _OTHERS, _TIMES = 24_000, 12_000, 3_000, 3
_WORDS_AT_ONCE = (3, 4, 5, 6, 8, 12, 20, 40)
_NOISE = re.compile(r"https?\S*|www\.\S+|[@#]\w+")
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_CYRILLIC, _ASCII = re.compile("[\u0400-\u04ff]"), re.compile("[a-z]")
_MESSAGES = re.compile(r'msgstr(?:\[0\])? ((?:".*"\n?)+)')
_HOLES = re.compile(r"%\(\w+\)\w|%\w|\{\w*\}|<[^>]+>|&\w+;")
_DEAR = 8  # times as many texts are judged as are read back
_SIZES = ((2, 3), (4, 6), (7, 12), (13, 99))

Texts = dict[str, list[str]]


def main() -> None:
    """Fit, or measure what was fitted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--django", type=Path, required=True, help="a wheel of Django, for its translations")
    parser.add_argument("--measure", choices=("dev", "test"), help="measure on this split and fit nothing")
    parser.add_argument(
        "--rows", type=int, default=1500, help="texts of a language that are measured at most"
    )
    options = parser.parse_args()
    if options.measure:
        measure(sentences(options.data, options.measure), messages(options.django)[1], options.rows)
        return
    texts = sentences(options.data, "train")
    tables = fit_letters(texts) | fit_weights(texts, messages(options.django)[0])
    np.savez_compressed(FITTED, **tables)
    print(f"{FITTED}: {FITTED.stat().st_size} bytes")


def sentences(data: Path, split: str) -> Texts:
    """Return the sentences of a split by language, of the two languages those in Cyrillic."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(path for names in _FILES for path in data.glob(names)):
        for lang, text in itertools.islice(_rows(path, split), _ROWS):
            plain = _NOISE.sub(" ", text)
            cyrillic = len(_CYRILLIC.findall(plain))
            if ".xml.gz" in plain or (
                10 * len(_ASCII.findall(plain)) > cyrillic if lang in _LANGS else cyrillic
            ):
                continue
            found[lang].update(one for one in _SENTENCES.split(plain) if len(one) >= _SHORTEST)
    return {lang: sorted(own) for lang, own in sorted(found.items())}


def _rows(path: Path, split: str) -> Iterator[tuple[str, str]]:
    """Give the language and the text of a file's rows of a split."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["split"] == split and row.get("text") and row.get("lang"):
                yield row["lang"], row["text"]


def messages(wheel: Path) -> tuple[Texts, Texts]:
    """Return Django's messages of three words or more in Latin languages: to fit to, and to measure on."""
    found: dict[str, set[str]] = defaultdict(set)
    with zipfile.ZipFile(wheel) as files:
        for name in files.namelist():
            if place := re.search(r"locale/([^/]+)/LC_MESSAGES/\w+\.po$", name):
                text = files.read(name).decode("utf-8")
                for message in _MESSAGES.finditer(text):
                    said = "".join(json.loads(line) for line in re.findall(r'".*"', message[1]))
                    found[place[1]].add(_HOLES.sub(" ", said).strip())
    kept = {lang: sorted(one for one in own if len(_ASCII.findall(one)) >= 12) for lang, own in found.items()}
    kept = {lang: own for lang, own in sorted(kept.items()) if len(own) > 50 and not lang.startswith("en")}
    latin = {lang: [one for one in own if not _CYRILLIC.search(one)] for lang, own in kept.items()}
    return tuple({lang: own[at::2] for lang, own in latin.items()} for at in (0, 1))  # type: ignore[return-value]


def as_typed(text: str, lang: str, rng: random.Random) -> str:
    """Return a text typed by somebody's habits: of each letter one way, drawn once."""
    own = {
        letter: ways[0] if len(ways) == 1 or rng.random() < USUAL else rng.choice(ways[1:])
        for letter, ways in HABITS[lang].items()
    }
    own |= {letter.upper(): way.capitalize() for letter, way in own.items()}
    return "".join(own.get(letter, letter) for letter in text)


def bare(text: str) -> str:
    """Return a text as it is typed without diacritics."""
    plain = unicodedata.normalize("NFD", "".join(LATIN.get(letter, letter) for letter in text.lower()))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _cut(text: str, rng: random.Random) -> str:
    words, most = text.split(), rng.choice(_WORDS_AT_ONCE)
    begin = rng.randrange(max(len(words) - most, 0) + 1)
    return " ".join(words[begin : begin + most])


def fit_letters(texts: Texts) -> dict[str, NDArray[np.generic]]:
    """Return how likely each letter is behind each two, by the words of a language, as whole steps."""
    tables: dict[str, NDArray[np.generic]] = {"follows_step": np.float64(1 / 16)}
    for lang in _LANGS:
        counts = np.zeros((len(LETTERS),) * 3)
        words = Counter(re.findall("[а-яё]+", " ".join(texts[lang]).lower()))
        for word, times in words.items():
            numbers = [0, 0, *map(LETTERS.index, word), 0]
            for three in zip(numbers, numbers[1:], numbers[2:], strict=False):
                counts[three] += times
        likely = _smoothed(counts)
        tables[f"follows_{lang}"] = np.clip(np.round(-np.log(likely) * 16), 0, 255).astype(np.uint8).ravel()
    return tables


def _smoothed(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return chances by the last two letters, leaning on those by the last, and these on those by none."""
    likely: NDArray[np.float64] = np.full(counts.shape[-1], 1 / counts.shape[-1])
    for own in (counts.sum(axis=(0, 1)), counts.sum(axis=0), counts):
        kinds = (own > 0).sum(axis=-1, keepdims=True)
        seen = own.sum(axis=-1, keepdims=True) + kinds
        likely = np.where(seen > 0, (own + kinds * likely) / np.maximum(seen, 1), likely)
    return likely


def fit_weights(texts: Texts, others: Texts) -> dict[str, NDArray[np.generic]]:
    """Return the weights of two classifiers: typed so or not, and Bulgarian or Russian."""
    rows, kinds = [], []
    for kind, text in _examples(texts, others):
        rows.append(typed.features(text))
        kinds.append(kind)
    ends = np.cumsum([0, *map(len, rows)])
    matrix = sp.csr_matrix(
        (np.ones(ends[-1], np.float32), np.concatenate(rows), ends), shape=(len(rows), typed.BUCKETS)
    )
    known = np.array(kinds)
    own = known > 0
    models = [_classifier().fit(matrix, own), _classifier().fit(matrix[own], known[own] == 2)]
    weights = np.stack([model.coef_[0] for model in models], axis=1)
    steps = np.abs(weights).max(axis=0) / 127
    print(f"fitted to {len(rows)} texts: {Counter(kinds)}")
    return {
        "weights": np.round(weights / steps).astype(np.int8),
        "steps": steps,
        "offsets": np.array([model.intercept_[0] for model in models]),
    }


def _classifier() -> SGDClassifier:
    return SGDClassifier(
        loss="log_loss", alpha=1e-6, max_iter=5, tol=None, average=True, random_state=0,
        learning_rate="adaptive", eta0=0.02,
    )  # fmt: skip


def _examples(texts: Texts, others: Texts) -> Iterator[tuple[int, str]]:
    """Give texts with their kind: 0 of another language, 1 Russian, 2 Bulgarian."""
    rng = random.Random(0)
    for kind, lang in enumerate(_LANGS, start=1):
        for text in rng.choices(texts[lang], k=_OWN):
            yield kind, as_typed(_cut(text, rng).lower(), lang, rng)
    for lang, own in texts.items():
        if lang not in (*_LANGS, "mk"):
            most = _ENGLISH if lang == "en" else _OTHERS
            yield from ((0, bare(_cut(text, rng))) for text in rng.choices(own, k=most))
    for own in others.values():
        yield from ((0, bare(_cut(text, rng))) for text in own * _TIMES)


def measure(texts: Texts, others: Texts, rows: int) -> None:
    """Print how much is found, how well it is read, and how often another language is taken for it."""
    rng = random.Random(1)
    print("| typed | words | n | read back | as the other | words right |\n|---|---|---|---|---|---|")
    for lang in _LANGS:
        for low, high in _SIZES:
            own = [text for text in texts.get(lang, ()) if low <= len(text.split()) <= high]
            _print_found(lang, f"{low}-{high}", rng.sample(own, min(len(own), rows // _DEAR)), rng)
    print(
        "\n| language | n | read back | without diacritics | sure by letters alone |\n|---|---|---|---|---|"
    )
    for name, source in (("", texts), ("messages ", others)):
        for lang, own in source.items():
            if lang not in _LANGS:
                _print_alarms(f"{name}{lang}", rng.sample(own, min(len(own), rows)))


def _print_found(lang: str, size: str, texts: Sequence[str], rng: random.Random) -> None:
    read = other = right = words = 0
    for text in texts:
        way = as_typed(text, lang, rng)
        found = typed.edits(way)
        read += bool(found)
        other += bool(found) and typed.odds(way).lang != lang
        for word in re.findall("[а-яё]+", text.lower()) if found else ():
            own = spelt(as_typed(word, lang, rng), lang)
            words += 1
            right += own is not None and "".join(piece for _, piece in own.pieces) == word
    n = max(len(texts), 1)
    shares = f"{read / n:.3f} | {other / n:.3f} | {right / max(words, 1):.3f}"
    print(f"| {lang} | {size} | {len(texts)} | {shares} |")


def _print_alarms(name: str, texts: Sequence[str]) -> None:
    alarms = [text for text in texts if typed.edits(text)]
    plain = [text for text in map(bare, texts) if typed.edits(text)]
    sure = sum(typed.odds(bare(text)).typed >= typed.SURE for text in texts)
    print(f"| {name} | {len(texts)} | {len(alarms)} | {len(plain)} | {sure} |")
    for text in plain[:3]:
        print(f"    {text[:100]!r}")


if __name__ == "__main__":
    main()
