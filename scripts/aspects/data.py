"""Sentences with marked terms, for training: the annotated sets, and silver for Bulgarian and Latvian.

Of the annotated sets only train splits are read; a fixed share of them is held out by a hash of the text, and
no text that is measured on anywhere is left in. The silver is English sentences put into Bulgarian or Latvian
word by word with a dictionary: bad sentences, but with the right words near each other.
"""

from __future__ import annotations

import gzip
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import simplemma

from earful.aspects.tokens import token_spans
from earful.aspects.words import lowered
from earful.text.normalise import clean
from earful.text.tokens import tokens_of
from scripts.data import read_rows
from scripts.sentiment.mixture import LABELS, measured_on

DOMAINS = ("coursera", "food", "hotel", "laptop", "phone", "restaurant", "sight")
TRANSLATED = ("en", "ru", "hr", "sk", "de", "es", "fr", "pt", "tr")

#: Set -> the guideline it was annotated by. The first two are what the model is asked for.
STYLES = ("semeval2016", "semeval2014", "mams", "oats", "mabsa", "sentirueval", "csrest", "tsamd")
SETS: dict[str, str] = {
    **{f"semeval2016rest_{lang}": "semeval2016" for lang in ("en", "es", "fr", "nl", "ru", "tr")},
    "semeval2014rest_en": "semeval2014",
    "semeval2014laptop_en": "semeval2014",
    "mamsatsa_en": "mams",
    **{f"oats-{name}_en": "oats" for name in ("amazon_ff", "coursera", "hotels")},
    **{f"mabsa-{domain}_{lang}": "mabsa" for domain in DOMAINS for lang in TRANSLATED},
    "sentirueval2015rest_ru": "sentirueval",
    "csrest_cs": "csrest",
    "tsamd_en": "tsamd",
}
LICENCES = {"mamsatsa_en": "open", "tsamd_en": "open"}  # the others: R, research use

HELD_OUT = 0.08
SHARE_TEXT = "An epoch draws a share of the larger sets: see `scripts/aspects/train.py`."
SILVER = ("bg", "lv")
WORDS = Path(__file__).with_name("words.tsv")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text cut into words, with its terms.

    Attributes
    ----------
    terms
        First and last word, and the place of the polarity in ``LABELS`` (-1 where there is none such).
    """

    source: str
    style: int
    split: str
    lang: str
    text: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    terms: tuple[tuple[int, int, int], ...]

    def tags(self) -> list[int]:
        """Give the tag of each word: 0 outside, 1 beginning, 2 inside."""
        tags = [0] * len(self.words)
        for first, last, _ in self.terms:
            tags[first] = 1
            tags[first + 1 : last + 1] = [2] * (last - first)
        return tags


def load_sentences(data: Path, only: Sequence[tuple[str, str]] = ()) -> list[Sentence]:
    """Read the annotated sets in a fixed order.

    Parameters
    ----------
    data
        The data folder.
    only
        Set and split (``dev`` or ``test``) of what is wanted; by default every set and split.

    Returns
    -------
    list of Sentence
        Their ``split`` is ``train``, ``held``, ``dev`` or ``test``.
    """
    measured = set() if only else measured_on(data)
    found = []
    for name in dict.fromkeys(name for name, _ in only) or SETS:
        style = SETS[name]
        for row in read_rows(data / "absa" / f"{name}.jsonl.gz").to_dict("records"):
            split = row["split"]
            if only and (name, split) not in only:
                continue
            if style == "mabsa" and split != "train":
                continue  # silver: never measured on
            text = " ".join(row["text"].lower().split())
            if split == "train":
                if text in measured and len(text) >= 30:
                    continue
                if style != "mabsa" and _unit(text) < HELD_OUT:
                    split = "held"
            sentence = _sentence(name, STYLES.index(style), split, row)
            if sentence.words and (style != "mams" or sentence.terms):
                found.append(sentence)
    return found


def silver(sentences: Sequence[Sentence], data: Path) -> list[Sentence]:
    """Put English training sentences into Bulgarian and Latvian, word by word."""
    rng = np.random.default_rng(0)
    found = []
    for lang in SILVER:
        words = _dictionary(data, lang)
        for sentence in sentences:
            style = STYLES[sentence.style]
            if sentence.split != "train" or sentence.lang != "en" or style == "mabsa":
                continue
            if style in {"mams", "oats"} and rng.random() > 0.25:
                continue
            made = _translated(sentence, words, lang, rng)
            if made is not None:
                found.append(made)
    return found


def _sentence(name: str, style: int, split: str, row: dict[str, Any]) -> Sentence:
    cleaned, _ = clean(row["text"])
    spans = tuple(token_spans(*tokens_of(cleaned.text, row["lang"])))
    raw = [cleaned.to_raw(start, end) for start, end in spans]
    polarities = defaultdict(set)
    for aspect in row["aspects"] or []:
        if aspect["from"] is not None:
            polarities[int(aspect["from"]), int(aspect["to"])].add(aspect["polarity"])
    terms: list[tuple[int, int, int]] = []
    taken: set[int] = set()
    # The widest first: of terms that overlap, the whole one is learned.
    for start, end in sorted(polarities, key=lambda span: (span[0] - span[1], span[0])):
        covered = [place for place, (left, right) in enumerate(raw) if left < end and start < right]
        if not covered or not taken.isdisjoint(covered):
            continue
        taken.update(covered)
        said = polarities[start, end]
        only = next(iter(said)) if len(said) == 1 else ""
        terms.append((covered[0], covered[-1], LABELS.index(only) if only in LABELS else -1))
    return Sentence(
        source=name,
        style=style,
        split=split,
        lang=row["lang"],
        text=cleaned.text,
        words=tuple(cleaned.text[start:end] for start, end in spans),
        spans=spans,
        terms=tuple(sorted(terms)),
    )


def pairs(data: Path, lang: str) -> Iterator[tuple[str, str]]:
    """Give English words with a translation, one word each (Wiktionary, CC BY-SA)."""
    with gzip.open(
        data / "dictionaries" / f"wiktionary-wechsel_en-{lang}.tsv.gz", "rt", encoding="utf-8"
    ) as lines:
        next(lines)
        for line in lines:
            english, _, other = line.rstrip("\n").partition("\t")
            if english and other and " " not in english and " " not in other:
                yield lowered(english), other


def _dictionary(data: Path, lang: str) -> dict[str, list[str]]:
    """Give the translations of English words; those written for the purpose win, ``""`` drops the word."""
    words: dict[str, list[str]] = defaultdict(list)
    for english, other in pairs(data, lang):
        words[english].append(other)
    own = read_rows(WORDS)
    for english, other in zip(own["en"], own[lang], strict=True):
        if other:
            words[english] = ["" if other == "-" else other]
    return words


def _translated(
    sentence: Sentence, words: dict[str, list[str]], lang: str, rng: np.random.Generator
) -> Sentence | None:
    in_term = {place for first, last, _ in sentence.terms for place in range(first, last + 1)}
    made: list[str] = []
    at: dict[int, int] = {}
    known = total = 0
    for place, word in enumerate(sentence.words):
        form = lowered(word)
        translations = None
        if form[:1].isalpha():
            total += 1
            translations = words.get(form) or words.get(lowered(simplemma.lemmatize(form, "en")))
            known += translations is not None
        chosen = word if not translations else translations[int(rng.integers(len(translations)))]
        if not chosen:
            if place not in in_term:
                continue
            chosen = word
        if word[:1].isupper():
            chosen = chosen[:1].upper() + chosen[1:]
        at[place] = len(made)
        made.append(chosen)
    if total < 3 or known < 0.75 * total:
        return None
    terms = tuple((at[first], at[last], said) for first, last, said in sentence.terms)
    return replace(
        sentence, source=f"silver_{lang}", lang=lang, text="", words=tuple(made), spans=(), terms=terms
    )


def _unit(text: str) -> float:
    """Place a text in [0, 1) by its hash."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
