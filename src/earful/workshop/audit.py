"""How right the themes of a run are: a sample to judge by hand, and what the judgements say.

Half of the sample are mentions, half complaints without a theme. Which ones is decided by their words, so
the same run gives the same sample.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from earful.errors import InputError
from earful.loyalty.intervals import wilson
from earful.runs.files import spreadsheet_safe, write_text
from earful.runs.run import Run, open_run

__all__ = [
    "COLUMNS",
    "MENTION",
    "Judged",
    "Share",
    "draw_sample",
    "read_judged",
    "read_sample",
    "untagged",
    "write_sample",
]

#: Columns of a sample; the last three are filled by hand.
COLUMNS = (
    "kind", "row", "segment", "lang", "product", "theme", "polarity", "term", "text",
    "theme_right", "polarity_right", "missed_theme",
)  # fmt: skip
MENTION, UNTAGGED = "mention", "untagged"
_LEVEL = 0.95
_GUARDED = re.compile(r"'[=+\-@\t\r]")
_YES, _NO = frozenset({"y", "yes", "1", "true", "right"}), frozenset({"n", "no", "0", "false", "wrong"})
_READ = {
    "reviews": ["row", "text", "lang", "product", "non_answer", "p_detractor"],
    "segments": ["row", "segment", "start", "end", "p_negative", "p_neutral", "p_positive"],
    "mentions": ["row", "segment", "theme", "polarity", "term"],
}


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its interval, all in [0, 1], of so many."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        if not self.n:
            return "not judged"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f}, n = {self.n})"


@dataclass(frozen=True, slots=True)
class Judged:
    """What the judgements say.

    Attributes
    ----------
    precision
        Mentions whose theme is right.
    polarity
        Mentions with the right theme whose polarity is right.
    missed
        Complaints without a theme that should have had one.
    recall
        Of the complaints that should have a theme, those that have a right one: with T complaints tagged and
        U untagged in the run, ``precision T / (precision T + missed U)``. Its interval takes the worse ends
        of both intervals together, so it is wider than 95 %.
    """

    precision: Share
    polarity: Share
    missed: Share
    recall: Share


def draw_sample(run: Run | str | Path, n: int = 200) -> list[dict[str, Any]]:
    """Draw mentions and complaints without a theme, ``n`` together, fewer where the run has fewer.

    Raises
    ------
    RunError
        The folder is not a finished run.
    """
    segments, mentions = _tables(run)
    mentions = mentions.merge(segments, on=["row", "segment"]).assign(kind=MENTION)
    free = segments[segments["complaint"] & ~segments["tagged"]].assign(kind=UNTAGGED)
    free = free.drop_duplicates(["text", "lang"])
    few = min(len(free), n // 2)
    chosen = [*_drawn(mentions, n - few), *_drawn(free, few)]
    return [{name: _plain(row.get(name)) for name in COLUMNS} for row in chosen]


def write_sample(sample: Sequence[dict[str, Any]], target: str | Path) -> Path:
    """Write a sample as CSV, to be filled in a spreadsheet."""
    table = spreadsheet_safe(_arrow(sample))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(zip(*(table.column(name).to_pylist() for name in COLUMNS), strict=True))
    path = Path(target)
    write_text(path, "\ufeff" + out.getvalue())
    return path


def read_judged(run: Run | str | Path, judged: str | Path) -> Judged:
    """Read the judgements of a sample back.

    Parameters
    ----------
    run
        The run that the sample is of; it knows how many complaints are tagged.
    judged
        The filled sample. ``theme_right`` and ``polarity_right`` are y or n, for mentions; ``missed_theme``
        is the theme that an untagged complaint should have had, or ``-`` for none. Empty cells are not
        judged.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column, or a judgement is none of the allowed.
    """
    rows = read_sample(judged)
    mentions = [row for row in rows if row["kind"] == MENTION]
    themes = [said for row in mentions if (said := _said(row, "theme_right", judged)) is not None]
    signs = [
        said
        for row in mentions
        if _said(row, "theme_right", judged) and (said := _said(row, "polarity_right", judged)) is not None
    ]
    free = [row["missed_theme"].strip() for row in rows if row["kind"] == UNTAGGED]
    missed = [said not in {"-", "none"} for said in free if said]
    segments, _ = _tables(run)
    complaints = segments[segments["complaint"]]
    tagged = int(complaints["tagged"].sum())
    precision, gap = _share(themes), _share(missed)
    recall = _recall(precision, gap, tagged, len(complaints) - tagged)
    return Judged(precision, _share(signs), gap, recall)


def untagged(run: Run | str | Path, most: int = 50) -> list[tuple[float, int, str]]:
    """List the complaints without a theme by what they cost: cost, times said, words.

    The cost of a complaint is the chance that its review is a detractor times the chance that it is negative,
    added up over the reviews that say the same words.
    """
    segments, _ = _tables(run)
    free = segments[segments["complaint"] & ~segments["tagged"]]
    cost: defaultdict[str, float] = defaultdict(float)
    times: Counter[str] = Counter()
    said: dict[str, str] = {}
    pulls: list[float] = (free["p_negative"] * free["p_detractor"].fillna(0.0)).tolist()
    texts: list[str] = free["text"].tolist()
    for text, pull in zip(texts, pulls, strict=True):
        key = " ".join(text.casefold().split())
        cost[key] += pull
        times[key] += 1
        said[key] = min(said.get(key, text), text)
    order = sorted(cost, key=lambda key: (-round(cost[key], 9), key))
    return [(cost[key], times[key], " ".join(said[key].split())) for key in order[:most]]


def _tables(run: Run | str | Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the segments with their words, whether they complain and carry a theme, and the mentions."""
    run = run if isinstance(run, Run) else open_run(run)
    tables = {name: run.table(name, columns).to_pandas() for name, columns in _READ.items()}
    reviews, mentions = tables["reviews"], tables["mentions"]
    reviews = reviews[~reviews["non_answer"].fillna(False).astype(bool)]
    segments = tables["segments"].merge(reviews, on="row").sort_values(["row", "segment"])
    segments["text"] = [
        text[start:end]
        for text, start, end in zip(segments["text"], segments["start"], segments["end"], strict=True)
    ]
    segments["complaint"] = segments["p_negative"] > segments[["p_neutral", "p_positive"]].max(axis=1)
    with_theme = set(zip(mentions["row"], mentions["segment"], strict=True))
    places = zip(segments["row"], segments["segment"], strict=True)
    segments["tagged"] = [place in with_theme for place in places]
    return segments.reset_index(drop=True), mentions


def _drawn(frame: pd.DataFrame, n: int) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]

    def order(row: dict[str, Any]) -> tuple[bytes, int, int]:
        told = f"{row['text']}\n{row.get('theme') or ''}\n{row.get('term') or ''}"
        digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()
        return digest, row["row"], row["segment"]

    return sorted(records, key=order)[:n]


def _plain(value: Any) -> Any:
    return "" if value is None or value != value else value  # NaN, as pandas has it


def _arrow(sample: Sequence[dict[str, Any]]) -> Any:
    import pyarrow as pa

    return pa.table({name: pa.array([str(row[name]) for row in sample], pa.string()) for name in COLUMNS})


def read_sample(judged: str | Path) -> list[dict[str, str]]:
    """Read a sample with what was judged of it so far, as :func:`write_sample` wrote it.

    Raises
    ------
    InputError
        The file cannot be read, or lacks a column.
    """
    path = Path(judged)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = [{key: _cell(value) for key, value in row.items() if key} for row in reader]
            names = reader.fieldnames or ()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", where=str(path)) from None
    lacking = [name for name in ("kind", *COLUMNS[-3:]) if name not in names]
    if lacking:
        raise InputError(
            f"lacks the column {lacking[0]!r}",
            where=str(path),
            fix="judge the file that earful themes audit wrote, and save it as CSV with commas",
        )
    return rows


def _cell(value: str | None) -> str:
    """Give a cell without the apostrophe that keeps spreadsheets from running it."""
    return value[1:] if value and _GUARDED.match(value) else value or ""


def _said(row: dict[str, str], column: str, where: str | Path) -> bool | None:
    said = row[column].strip().casefold()
    if said and said not in _YES | _NO:
        at = f"{where}, row {row.get('row', '')} segment {row.get('segment', '')}"
        raise InputError(f"{column} is {row[column]!r}", where=at, allowed="y, n or empty")
    return None if not said else said in _YES


def _share(judged: Sequence[bool]) -> Share:
    n = len(judged)
    if not n:
        return Share(float("nan"), 0.0, 1.0, 0)
    value, low, high = (float(part[0]) for part in wilson([sum(judged)], [n], _LEVEL))
    return Share(value, low, high, n)


def _recall(precision: Share, missed: Share, tagged: int, free: int) -> Share:
    if not precision.n or (not missed.n and free):
        return Share(float("nan"), 0.0, 1.0, 0)

    def of(right: float, gap: float) -> float:
        whole = right * tagged + gap * free
        return right * tagged / whole if whole else 0.0

    gaps = (missed.value, missed.high, missed.low) if missed.n else (0.0, 0.0, 0.0)
    value, low, high = (
        of(right, gap)
        for right, gap in zip((precision.value, precision.low, precision.high), gaps, strict=True)
    )
    return Share(value, low, high, precision.n + missed.n)
