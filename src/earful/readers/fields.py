"""Fields of a review in which nothing is said."""

from __future__ import annotations

from functools import lru_cache

from earful.input_columns import EMPTY_FIELDS
from earful.readers.columns import fold
from earful.readers.values import is_missing
from earful.text.answers import is_non_answer

__all__ = ["says_nothing"]

_EMPTY = frozenset(map(fold, EMPTY_FIELDS.split(",")))
_MOST = 60


@lru_cache(maxsize=8192)
def says_nothing(words: str) -> bool:
    """Say whether a field holds no more than that there is nothing to say: ``No Negative``, ``нет``."""
    if len(words) > _MOST:
        return False
    return is_missing(words.strip()) or fold(words) in _EMPTY or is_non_answer(words)
