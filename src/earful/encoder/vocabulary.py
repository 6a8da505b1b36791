"""The pieces that words are cut into, and a row of numbers for each: shared by the models of one family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earful.errors import ModelError
from earful.models.folder import Folder

__all__ = ["KIND", "Cut", "Vocabulary", "load_vocabulary", "rounded_rows"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

#: What the settings of a folder with a vocabulary call it.
KIND = "pieces"
ROWS, STEPS, TOKENIZER = "pieces.npy", "steps.npy", "tokenizer.json"
_TOP = 127
_AT_ONCE = 20_000  # letters that are cut in one go: bounds what a huge text costs


@dataclass(frozen=True, slots=True)
class Cut:
    """A line in pieces: the number of each, and its half-open code points in the line, shape (n, 2)."""

    numbers: Ints
    places: Ints

    def __len__(self) -> int:
        return len(self.numbers)


class Vocabulary:
    """Cuts lines into pieces, and gives each its row.

    Parameters
    ----------
    tokenizer
        Cuts a text, without marks of begin and end.
    rows, steps
        The table in whole numbers, int8 of shape (pieces, width), and what each row is to be multiplied by,
        shape (pieces,).
    checksum
        SHA-256 that names both.
    """

    def __init__(self, tokenizer: Any, rows: NDArray[np.int8], steps: Floats, checksum: str) -> None:
        self._tokenizer = tokenizer
        self._rows, self._steps = rows, steps
        self.checksum = checksum
        self.width = int(rows.shape[1])
        self.begin, self.end = (tokenizer.token_to_id(mark) for mark in ("<s>", "</s>"))

    def __len__(self) -> int:
        return len(self._rows)

    def cut(self, lines: Sequence[str]) -> list[Cut]:
        """Cut lines into pieces."""
        spelt = [line.encode("utf-8", "replace").decode("utf-8") for line in lines]  # half a pair becomes "?"
        short = [line for line in spelt if len(line) <= _AT_ONCE]
        found = iter(self._tokenizer.encode_batch(short, add_special_tokens=False))
        return [_cut([next(found)]) if len(line) <= _AT_ONCE else self._long(line) for line in spelt]

    def rows(self, numbers: Ints) -> Floats:
        """Return the rows of pieces, shape (n, width)."""
        found: Floats = self._rows[numbers].astype(np.float32) * self._steps[numbers, None]
        return found

    def _long(self, line: str) -> Cut:
        parts, at = [], 0
        while at < len(line):
            end = at + _AT_ONCE
            blank = line.rfind(" ", at + 1, end) if end < len(line) else -1
            end = blank if blank > 0 else end
            parts.append((at, self._tokenizer.encode(line[at:end], add_special_tokens=False)))
            at = end
        return _cut([one for _, one in parts], [at for at, _ in parts])


def _cut(parts: Sequence[Any], shifts: Sequence[int] = (0,)) -> Cut:
    numbers = [np.array(one.ids, np.int64) for one in parts]
    places = [
        np.array(one.offsets, np.int64).reshape(-1, 2) + at for one, at in zip(parts, shifts, strict=True)
    ]
    return Cut(np.concatenate(numbers), np.concatenate(places))


def rounded_rows(table: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Round a table to 8 bits, each row by its own largest number; return it and the step of each row."""
    steps = np.maximum(np.abs(table).max(axis=1), 1e-12).astype(np.float32) / _TOP
    return np.rint(table / steps[:, None]).astype(np.int8), steps


@lru_cache(maxsize=2)
def load_vocabulary(path: Path) -> Vocabulary:
    """Load a vocabulary from its folder; one that is loaded already is given again.

    Raises
    ------
    ModelError
        The folder is not there, is damaged, holds something else, or its parts do not fit each other.
    """
    from tokenizers import Tokenizer

    if not Folder.is_one(path):
        raise ModelError("no such model folder", where=str(path), fix="install the package again")
    folder = Folder.open(path)
    if folder.config.get("kind") != KIND:
        raise ModelError("holds no pieces", where=str(path), allowed=f"a folder of kind {KIND}")
    try:
        # Mapped, not read: worker processes share it, and a run touches few of the rows.
        rows = np.load(path / ROWS, mmap_mode="r", allow_pickle=False)
        steps = np.load(path / STEPS, allow_pickle=False)
        tokenizer = Tokenizer.from_str(folder.read(TOKENIZER).decode("utf-8"))
    except ModelError:
        raise
    except Exception as error:  # each reader raises its own kinds for a file that is not what it should be
        first = (str(error).splitlines() or [""])[0][:200]
        raise ModelError(f"cannot be loaded ({first})", where=str(path)) from None
    if not len(rows) == len(steps) == tokenizer.get_vocab_size():
        what = f"{len(rows)} rows and {len(steps)} steps for {tokenizer.get_vocab_size()} pieces"
        raise ModelError(what, where=str(path))
    return Vocabulary(tokenizer, rows, steps, folder.checksum)
