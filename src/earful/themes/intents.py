"""What somebody wants who writes: a bug, a question, a request, a complaint, praise; and words of urgency.

Rules in the phrase notation, data in ``intents.toml``. This module is the one place that answers the
question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from earful.themes.phrases import PhraseMatcher
from earful.themes.taxonomy import load_taxonomy

__all__ = ["INTENTS", "Wish", "read_wish"]

#: The intents, in the order in which they are told.
INTENTS = ("bug", "question", "request", "complaint", "praise")

_FILE = Path(__file__).with_name("intents.toml")
_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")
_URGENCY = "urgency"


@dataclass(frozen=True, slots=True)
class Wish:
    """The intents of a text, in the order of :data:`INTENTS`, and its words of urgency as received."""

    intents: tuple[str, ...]
    urgency: tuple[str, ...]


def read_wish(text: str, lang: str) -> Wish:
    """Read what a text wants.

    Parameters
    ----------
    text
        The words as received.
    lang
        ISO 639-1, or ``und``.

    Examples
    --------
    >>> read_wish("The app crashes. Please refund me today, I need it before my flight!", "en")
    Wish(intents=('bug', 'request'), urgency=('today, I need',))
    """
    found: set[str] = set()
    urgency: dict[str, None] = {}
    for sentence in _SENTENCE.findall(text):
        words = sentence.split()
        for match in _matcher().match(words, lang):
            kind, _, name = match.theme.partition(".")
            if kind == _URGENCY:
                urgency[" ".join(words[match.first : match.last + 1]).strip(".,!?:;")] = None
            else:
                found.add(name)
        if sentence.rstrip().endswith("?"):
            found.add("question")
    return Wish(tuple(name for name in INTENTS if name in found), tuple(urgency))


@cache
def _matcher() -> PhraseMatcher:
    return PhraseMatcher(load_taxonomy(_FILE))
