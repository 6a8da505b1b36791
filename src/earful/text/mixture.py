"""Several languages in one review: which of its segments are in another language than the review.

A name or a borrowed word is no other language: a stretch is one only where it holds frequent words of that
language and, in the review's own script, none of the review's. A review of one language is never touched.
"""

from __future__ import annotations

import re

from earful.text.language import UNDETERMINED, frequent_words, identify
from earful.text.languages import SCRIPTS, by_language

__all__ = ["segment_languages"]

_COMMON = frozenset(by_language("common"))
_CYRILLIC = SCRIPTS["Cyrillic"].languages
_WORD = re.compile(r"[^\W\d_]+")
#: Two words or more in a row of one script.
_RUNS = {
    "Latin": re.compile(r"[A-Za-zÀ-ɏ]{2,}(?:[^\w]{1,3}[A-Za-zÀ-ɏ'’]+)+"),
    "Cyrillic": re.compile(r"[Ѐ-ӿ]{2,}(?:[^\w]{1,3}[Ѐ-ӿ]+)+"),
}
_BOTH = re.compile(r"[A-Za-z][Ѐ-ӿ]|[Ѐ-ӿ][A-Za-z]")
#: So many frequent words of another language weigh as much as one of the review's: short ones are in several.
_AGAINST = 2
#: A segment in the review's own script needs so many words, so many of them frequent, and to be this sure.
_WORDS, _FREQUENT, _SURE = 4, 2, 0.95


def segment_languages(segment: str, main: str) -> tuple[str, ...]:
    """Tell the languages of a segment: the one most of it is in, then those of words between.

    Parameters
    ----------
    segment
        The cleaned words of the segment.
    main
        The review's language, which is the answer where nothing speaks for another.
    """
    if main == UNDETERMINED:
        return (main,)
    own, other = ("Cyrillic", "Latin") if main in _CYRILLIC else ("Latin", "Cyrillic")
    if other == "Cyrillic" and segment.isascii():
        strange = []
    else:
        # A word of both scripts is typed by ear, and so are those beside it.
        strange = [] if _BOTH.search(segment) else _RUNS[other].findall(segment)
    if not strange:
        return (_in_own_script(segment, main),)
    found = [code for run in strange if (code := _of_run(run, main)) is not None]
    if not found:
        return (main,)
    # Without two words in a row of the review's script, the segment is wholly in the other.
    languages = [main, *found] if _RUNS[own].search(segment) else found
    return tuple(dict.fromkeys(languages))


def _of_run(run: str, main: str) -> str | None:
    """Give the language of words in a script that the review is not in (or the review's, typed in Latin)."""
    code, _ = identify(run)
    counts = frequent_words(_WORD.findall(run.lower()))
    return code if code in _COMMON and code != main and counts[code] > counts[main] else None


def _in_own_script(segment: str, main: str) -> str:
    words = _WORD.findall(segment.lower())
    if len(words) < _WORDS:
        return main
    counts = frequent_words(words)
    least = max(_FREQUENT, _AGAINST * counts[main])
    if not any(count >= least and code in _COMMON for code, count in counts.items()):
        return main
    code, sure = identify(segment)
    return code if code in _COMMON and sure >= _SURE and counts[code] >= least else main
