"""The text among their columns: one of them, or several that each hold a part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from earful.config import InputConfig
from earful.readers.columns import Doubt, asks_for, check_given, is_field, is_reply, option, qualified
from earful.readers.mapped import Mapped
from earful.readers.profile import FEW, Pass
from earful.readers.rejects import headers, shortened

if TYPE_CHECKING:
    from earful.readers.exports import Export

__all__ = ["TextFinder"]

#: Choices repeat; of what people write in answer to an open question, this share at least is their own.
_OWN = 0.3
_ANSWER_LENGTH = 8
#: No choice of a survey is as long as this on average.
_LONG_ANSWER = 40
#: A text is so many times longer than a headline.
_LONGER = 3
_MOST_NAMED = 6


class TextFinder:
    """Finds the text of one source.

    Parameters
    ----------
    names, offered
        All of their columns, and those that may be taken.
    seen
        What stands in them.
    config
        The input settings.
    where
        The source, for messages.
    export
        The known export that it is.
    """

    def __init__(
        self,
        names: Sequence[str],
        offered: Sequence[str],
        seen: Pass,
        config: InputConfig,
        where: str,
        export: Export | None,
    ) -> None:
        self._names, self._offered, self._seen = names, offered, seen
        self._config, self._where, self._export = config, where, export

    def turn(self, result: Mapped) -> None:
        """Where ``Review`` holds a headline and ``Summary`` the words, take each for the other."""
        text, title = result.columns.get("text"), result.columns.get("title")
        if text is None or title is None or {result.how["text"], result.how["title"]} != {"name"}:
            return
        short, long = self._seen.columns[text], self._seen.columns[title]
        if min(short.filled, long.filled) < FEW or short.wordy or not long.wordy:
            return
        if long.length < _LONGER * max(short.length, 1):
            return
        result.columns["text"], result.columns["title"] = title, text
        what = f"{title!r} holds the words and {text!r} headlines, whatever they are called"
        choose = f"to read them as they are called: {option('text', text)} {option('title', title)}"
        result.doubts.append(Doubt("text", (text, title), what, choose))

    def find(self, result: Mapped) -> None:
        """Find the text: one column, or several that each hold a part of it."""
        extra = self._config.columns_of("text")[1:]
        if result.how.get("text") == "given":
            if extra:
                chosen = [result.columns["text"]]
                chosen += [check_given({"text": name}, self._names, self._where)["text"] for name in extra]
                result.parts = self._labels(dict.fromkeys(chosen))
            self._doubt_unread(result)
            return
        used = {theirs for ours, theirs in result.columns.items() if ours != "text"}
        main = result.columns.get("text")
        parts = [
            name
            for name in self._names
            if name not in used and (self._is_part(name) or (_is_again(name, main) and self._open(name)))
        ]
        if main is not None and self._seen.columns[main].filled == 0 and parts:
            main = None
        if main is None and not parts:
            main = self._by_content(used)
            if main is not None:
                result.columns["text"], result.how["text"] = main, "content"
                if not (set(result.how) - {"text"}):
                    taken = "no header was recognised; the first row was taken as the header"
                    result.notes.append(f"{taken}: {headers(self._names)}")
        if parts:
            chosen = [name for name in self._names if name in parts or name == main]
            result.columns["text"] = main or chosen[0]
            result.how.setdefault("text", "name")
            result.doubts = [d for d in result.doubts if d.ours != "text" or d.theirs[0] not in chosen]
            result.parts = self._labels(chosen) if len(chosen) > 1 else {}
        self._doubt_unread(result)

    def _labels(self, columns: Iterable[str]) -> dict[str, str]:
        return {name: _label(self._seen.questions.get(name) or name) for name in columns}

    def _is_part(self, name: str) -> bool:
        """Say whether a column holds a part of the review: praise, complaint, or an open answer."""
        column = self._seen.columns[name]
        if name not in self._offered or not column.filled or is_reply(name):
            return False
        asked = self._seen.questions.get(name) or name
        if self._export is not None and self._export.is_part(name):
            return True
        if is_field(name) or is_field(asked):
            return 2 * column.readable["words"] >= column.filled
        if asks_for(asked) == "text" or qualified(name) == "text":
            return self._open(name)
        roles = {offer.ours for offer in self._seen.offers(name)} - {"text"}
        return not roles and asked.rstrip(" *").endswith("?") and column.written and self._open(name)

    def _open(self, name: str) -> bool:
        """Tell answers in one's own words from choices."""
        column = self._seen.columns[name]
        if 2 * column.readable["words"] < column.filled:
            return False
        if column.filled < 2 * FEW or column.distinct is None:
            return column.wordy or column.length >= _ANSWER_LENGTH
        if column.written and column.length >= _LONG_ANSWER:
            return True
        own = len(column.distinct) >= min(_OWN * column.filled, FEW)
        return own and (column.wordy or column.length >= _ANSWER_LENGTH)

    def _by_content(self, used: set[str]) -> str | None:
        """Find the column of the longest free texts; ties go to the first name in alphabetical order."""
        columns = [
            (name, self._seen.columns[name])
            for name in sorted(self._offered)
            if name not in used and not is_reply(name)
        ]
        wordy = [(name, column) for name, column in columns if column.wordy]
        if not wordy and len(self._seen.columns) == 1:
            wordy = [(name, column) for name, column in columns if column.n > column.foreign * 2]
        if not wordy:
            return None
        return max(wordy, key=lambda one: one[1].length)[0]

    def _doubt_unread(self, result: Mapped) -> None:
        """Name the columns of sentences that are not read."""
        if "text" not in result.columns:
            replies = [name for name in self._names if is_reply(name) and self._unread(name)]
            if replies:
                what = f"{replies[0]!r} is what the business answered, by its header; no text is read"
                choose = f"to read it: {option('text', replies[0])}"
                result.doubts.append(Doubt("text", (replies[0],), what, choose))
            return
        main = [*result.parts] or [result.columns["text"]]
        used = {*result.columns.values(), *result.parts}
        doubted = {name for doubt in result.doubts for name in doubt.theirs}
        unread = [
            name
            for name in self._offered
            if name not in used and name not in doubted and not is_reply(name) and self._unread(name)
        ]
        if unread:
            more = " and more" if len(unread) > _MOST_NAMED else ""
            shown = ", ".join(repr(shortened(name)) for name in unread[:_MOST_NAMED]) + more
            verb = "holds texts and is" if len(unread) == 1 else "hold texts and are"
            choose = f"to read it too: {option('text', *main, unread[0])}"
            result.doubts.append(Doubt("text", tuple(unread), f"{shown} {verb} not read", choose))

    def _unread(self, name: str) -> bool:
        column = self._seen.columns[name]
        different = len(column.distinct) if column.distinct is not None else column.filled
        return column.filled >= FEW and column.written and different >= min(_OWN * column.filled, FEW)


def _is_again(name: str, main: str | None) -> bool:
    """Say whether a column has the header of the text once more, and so a number behind it."""
    return main is not None and re.fullmatch(rf"{re.escape(main)} \(\d+\)", name) is not None


def _label(header: str) -> str:
    """Write a header as the name of a field: ``Negative_Review`` becomes ``Negative Review``."""
    label = " ".join(re.sub(r"_+", " ", header).split()).rstrip(" :*")
    return label.rpartition(".")[2] if " " not in label else label
