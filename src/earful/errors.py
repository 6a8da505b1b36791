"""Earful's errors. The tree is the documentation.

* EarfulError                  anything of ours; the CLI prints it as one line and exits with 1
  + InputError                 a file, a stream or a column that cannot be used
  + ConfigError                a setting that is unknown or out of range
  + ModelError                 a model that is missing, damaged or of the wrong kind
  + TaxonomyError              a theme file that cannot be used
  + RunError                   a run folder that is missing, foreign or cannot be resumed

A row that cannot be used is not an error: it goes to ``rejects.jsonl`` with its reason.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ConfigError", "EarfulError", "InputError", "ModelError", "RunError", "TaxonomyError", "nearest"]


class EarfulError(Exception):
    """Base of every error that Earful raises on purpose.

    Parameters
    ----------
    what
        What went wrong, with the value that was got: one short clause.
    where
        The file, column, line or setting it was found in.
    allowed
        What would have been accepted.
    fix
        What the user can do about it.
    """

    def __init__(self, what: str, *, where: str = "", allowed: str = "", fix: str = "") -> None:
        self.what, self.where, self.allowed, self.fix = what, where, allowed, fix
        parts = [f"{where}: {what}" if where else what]
        if allowed:
            parts.append(f"allowed: {allowed}")
        if fix:
            parts.append(fix)
        super().__init__(" ".join("; ".join(parts).split()))


class InputError(EarfulError, ValueError):
    """A file, a stream or a column that cannot be used."""


class ConfigError(EarfulError, ValueError):
    """A setting that is unknown or out of range."""


class ModelError(EarfulError, ValueError):
    """A model that is missing, damaged or of the wrong kind."""


class TaxonomyError(EarfulError, ValueError):
    """A theme file that cannot be used."""


class RunError(EarfulError, ValueError):
    """A run folder that is missing, foreign or cannot be resumed."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the hint at the known name that was probably meant; empty where none is near."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""
