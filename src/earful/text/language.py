"""Which language a text is in, ``und`` when that cannot be told.

Three kinds of evidence are added up as log odds, so that each can be looked at by itself:

* py3langid, a naive Bayes classifier over byte n-grams that carries its model in the package;
* letters: one that a language does not have speaks against it (``ы`` against Bulgarian, ``ā`` against
  Lithuanian), and so does the lack of those it cannot do without (``ј`` in Macedonian);
* frequent words of the language, which carry the short texts; for Bulgarian and Russian also as they are
  typed in Latin letters. Between these two, the dictionaries are asked too where that can turn the answer.

``scripts/text/measure_language.py`` measures the whole and compares it with other identifiers.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from earful.pipeline import Batch
from earful.text.languages import ALPHABETS, ONE_LANGUAGE, ROMANISED, SCRIPTS, WORDS, Script, by_language
from earful.text.words import is_known, lowered

__all__ = ["UNDETERMINED", "Language", "frequent_words", "identify", "identify_all"]

#: ISO 639-2 code of a language that cannot be told.
UNDETERMINED = "und"

#: Confidence below which a language is not claimed.
THRESHOLD = 0.5
#: Code points that are looked at: more change nothing.
_READ = 500
#: Brands are in Latin letters in any language: a letter of another script counts for so many of those.
_BESIDE_BRANDS = 2
#: Letters that a text needs at least, in scripts that write sounds.
_MIN_LETTERS = 3
#: Weights of the evidence, fitted on training rows alone as a logistic regression over the candidates.
_CLASSIFIER = 1.39
_WORD, _ROMANISED_WORD, _WORD_SHARE = 0.10, 2.90, 3.78
_FOREIGN_LETTER, _MISSING_LETTER = -2.47, -0.47
_COMMON, _ENGLISH, _RARE, _ROMANISED = 0.61, 1.54, -3.98, -3.97
#: How much of a kind of evidence counts at most: quotations and names are not the text's language.
_MAX_WORDS, _MAX_FOREIGN, _MAX_MISSING = 6.0, 4, 4.0
#: Languages of which short texts are often taken for each other, and the weight of whose dictionary has the
#: words: by training rows alone, of which it brings .978 of short Russian texts (.955) and .963 of Bulgarian
#: ones (.945).
_ALIKE, _KNOWN = ("bg", "ru"), 4.0
#: Share of a text's words that must be a romanised language's.
_ROMANISED_SHARE = 0.10
#: Smallest probability taken from the classifier.
_FLOOR = 1e-4
_LOG_FLOOR = math.log(_FLOOR)

_IS_COMMON = by_language("common")
_TELLING = by_language("telling")

_NOISE = re.compile(r"(?:https?:?|www\.)\S*|[\w.+-]++@[\w-]+\.\S+|[@#]\w+|\d+")
_BEYOND_ASCII = re.compile(r"[^\W\d_a-z]")
_LONE_HARD_SIGN = re.compile("ъ(?![еёюя])")
_TOKENS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def identify(text: str) -> tuple[str, float]:
    """Tell the language of a text.

    Parameters
    ----------
    text
        A cleaned text. Links, addresses, ``@names``, ``#tags`` and digits are not looked at.

    Returns
    -------
    code : str
        ISO 639-1 code, or ``und``.
    confidence : float
        Probability of the best language, in [0, 1]; 0 where there is nothing to tell it by. Serbian, Croatian
        and Bosnian share theirs, as short texts hardly part them.
    """
    return identify_all([text])[0]


def identify_all(texts: Sequence[str]) -> list[tuple[str, float]]:
    """Tell the languages of many texts, each as :func:`identify` does, in a fraction of the time."""
    prepared = {text: _Prepared.of(text) for text in dict.fromkeys(texts)}
    found = {text: one.decided for text, one in prepared.items() if one.decided is not None}
    unsure = {text: one for text, one in prepared.items() if text not in found}
    if unsure:
        from earful.text.classifier import classifier  # a table of 40 MB, for those alone who need it

        ranked = classifier().rank_all([one.plain for one in unsure.values()])
        found |= {
            text: _decide(ranks, one) for (text, one), ranks in zip(unsure.items(), ranked, strict=True)
        }
    return [found[text] for text in texts]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What is looked at in a text, and the answer where its letters alone decide it."""

    plain: str
    tokens: list[str]
    script: Script | None
    decided: tuple[str, float] | None

    @classmethod
    def of(cls, text: str) -> _Prepared:
        plain = _NOISE.sub(" ", text[:_READ]).lower()
        tokens = _TOKENS.findall(plain)
        letters = "".join(tokens)
        script = _script(letters)
        own = [token for token in tokens if script is None or script.has_part_in(token)]
        if len(own) < len(tokens):
            plain, tokens = " ".join(own), own  # words of another script tell nothing of this one's languages
        decided: tuple[str, float] | None = None
        if script is None or (script.only is None and len(letters) < _MIN_LETTERS):
            decided = UNDETERMINED, 0.0
        elif script.only is not None:
            decided = script.only, 1.0
        return cls(plain, tokens, script, decided)


def _decide(ranked: Sequence[tuple[str, float]], text: _Prepared) -> tuple[str, float]:
    """Take the best language by all the evidence."""
    assert text.script is not None, "without letters the answer is known"
    odds = _log_odds(ranked, text.plain, text.tokens, text.script)
    best = _best(odds)
    alike = {code: odds[code] for code in _ALIKE if code in odds}
    if best in alike and len(alike) > 1 and max(alike.values()) - min(alike.values()) < _KNOWN:
        alike = _by_dictionaries(alike, text.tokens)
        odds, best = odds | alike, _best(alike)
    shares = {code: math.exp(value - odds[best]) for code, value in odds.items()}
    together = ONE_LANGUAGE if best in ONE_LANGUAGE else (best,)
    confidence = round(sum(shares.get(code, 0.0) for code in together) / sum(shares.values()), 6)
    return (best if confidence >= THRESHOLD else UNDETERMINED), confidence


def _best(odds: Mapping[str, float]) -> str:
    return max(odds, key=lambda code: (odds[code], code))


def _by_dictionaries(odds: Mapping[str, float], tokens: Sequence[str]) -> dict[str, float]:
    """Give the odds of the two that are alike, moved towards whose dictionary has more of the words."""
    words = [lowered(token) for token in tokens]
    first, second = (sum(is_known(word, code) for word in words) / len(words) for code in odds)
    moves = _KNOWN * (first - second) / 2, _KNOWN * (second - first) / 2
    return {code: value + move for (code, value), move in zip(odds.items(), moves, strict=True)}


class Language:
    """Stage: tell the language of each review from its cleaned text."""

    name = "language"
    requires: tuple[str, ...] = ("texts",)
    adds: tuple[str, ...] = ("reviews.lang", "reviews.lang_confidence")

    def __call__(self, batch: Batch) -> Batch:
        """Add ``reviews.lang`` and ``reviews.lang_confidence``."""
        found = identify_all([clean.text for clean in batch.texts])
        return batch.with_reviews(
            lang=pa.array([code for code, _ in found], pa.string()),
            lang_confidence=pa.array([confidence for _, confidence in found], pa.float64()),
        )


def frequent_words(words: Sequence[str]) -> Counter[str]:
    """Count, for each language, how many of the words (in lower case) are among its frequent ones."""
    languages = _word_languages()
    return Counter([code for word in words if word in languages for code in languages[word]])


def _script(letters: str) -> Script | None:
    """Return the script that most letters are in; of kana and Han, kana."""
    counts: Counter[str] = Counter()
    for letter, count in Counter(letters).items():
        name = _script_of(letter)
        if name is not None:
            counts[name] += count * (1 if name == "Latin" else _BESIDE_BRANDS)
    if not counts:
        return None
    if counts["Kana"] and counts["Kana"] * 10 >= counts["Han"]:
        counts["Kana"] += counts["Han"]
    return SCRIPTS[max(counts, key=lambda name: (counts[name], name))]


@cache
def _script_of(letter: str) -> str | None:
    code = ord(letter)
    for name, script in SCRIPTS.items():
        if any(first <= code <= last for first, last in script.ranges):
            return name
    return None


def _log_odds(
    ranked: Sequence[tuple[str, float]], plain: str, tokens: Sequence[str], script: Script
) -> dict[str, float]:
    """Add up the evidence for each language of the script."""
    words = _word_counts(tokens, script)
    least = _least_odds(script.name)
    odds = {code: least[code] for code, _ in ranked if code in least}
    for code, probability in ranked:
        if code in odds and (probability > _FLOOR or words[code]):
            odds[code] = _CLASSIFIER * (math.log(probability) if probability > _FLOOR else _LOG_FLOOR)
            odds[code] += _WORD * min(words[code], _MAX_WORDS)
            odds[code] += _prior(code)
    if "en" in odds:
        odds["en"] += _ENGLISH
    for code in ROMANISED if script.name == "Latin" else ():
        # Without a fair share of its own words, nothing speaks for a language in foreign letters.
        if words[code] >= max(1, _ROMANISED_SHARE * len(tokens)):
            odds[code] = _ROMANISED + _ROMANISED_WORD * min(words[code], _MAX_WORDS)
    beyond = Counter(_BEYOND_ASCII.findall(plain))
    for code in odds:
        if words[code]:
            odds[code] += _WORD_SHARE * words[code] / len(tokens)
        if beyond:
            odds[code] += _letter_odds(code, plain, beyond, script)
    return odds


@cache
def _least_odds(script: str) -> dict[str, float]:
    """Return the odds of each language of a script of which neither the classifier nor a word speaks."""
    return {code: _CLASSIFIER * _LOG_FLOOR + _prior(code) for code in SCRIPTS[script].languages}


def _prior(code: str) -> float:
    return _RARE if code not in ALPHABETS else _COMMON if code in _IS_COMMON else 0.0


def _word_counts(tokens: Sequence[str], script: Script) -> dict[str, float]:
    """Count the frequent words of each language; a romanised word of two letters counts less."""
    languages = _word_languages()
    counts: dict[str, float] = defaultdict(float)
    for token in tokens:
        for code in languages.get(token, ()):
            short = code in ROMANISED and script.name == "Latin" and len(token) < 3
            counts[code] += 0.7 if short else 1.0
    return counts


def _letter_odds(code: str, plain: str, beyond: Counter[str], script: Script) -> float:
    if code not in ALPHABETS or script.name not in {"Latin", "Cyrillic"}:
        return 0.0
    foreign = sum(count for letter, count in beyond.items() if letter not in ALPHABETS[code])
    if script.name == "Latin":
        return _FOREIGN_LETTER * min(foreign, _MAX_FOREIGN)
    if code == "ru":
        # Russian writes the hard sign before е, ё, ю, я alone; in Bulgarian it is a vowel
        foreign += len(_LONE_HARD_SIGN.findall(plain))
    missing = 0.0
    if code in _TELLING:
        letters, share = _TELLING[code]
        if not any(letter in beyond for letter in letters):
            missing = min(share * beyond.total(), _MAX_MISSING)
    return _FOREIGN_LETTER * min(foreign, _MAX_FOREIGN) + _MISSING_LETTER * missing


@cache
def _word_languages() -> dict[str, tuple[str, ...]]:
    """Return the languages of each frequent word; a romanised one counts where no Latin language has it."""
    languages: dict[str, tuple[str, ...]] = {}
    for code, words in WORDS.items():
        for word in dict.fromkeys(words):
            languages[word] = (*languages.get(word, ()), code)
    native = frozenset(languages)
    for code, words in ROMANISED.items():
        for word in dict.fromkeys(words):
            if word not in native:
                languages[word] = (*languages.get(word, ()), code)
    return languages
