"""What would be read of an input, and how: columns, scales, doubts, first rows. No model is loaded."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earful.config import Config
from earful.jobs.analyze import resolve
from earful.readers.columns import Doubt
from earful.readers.rejects import Reject, count
from earful.readers.survey import Survey

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Preview", "preview"]

#: Of a text so much is shown.
_SHOWN = 300
#: What the reader adds to each row, and nobody needs to check.
_OWN = ("row", "source")


@dataclass(frozen=True)
class Preview:
    """What would be read.

    Attributes
    ----------
    surveys
        What was found in each source: columns, scales, notes.
    rows
        The first rows that would be accepted, as documented in ``docs/tables.md``.
    rejects
        Those among the first rows that would be refused.
    n_rows
        Rows of all sources.
    """

    surveys: tuple[Survey, ...]
    rows: pd.DataFrame
    rejects: tuple[Reject, ...]
    n_rows: int

    @property
    def doubts(self) -> list[Doubt]:
        """What could be read otherwise, and how to say so."""
        return [doubt for survey in self.surveys for doubt in survey.doubts]

    def __str__(self) -> str:
        """Say it in plain lines."""
        lines = [line for survey in self.surveys for line in survey.describe()]
        taken = len(self.rows) + len(self.rejects)
        lines += ["", f"The first {count(taken, 'row', 'rows')} of {self.n_rows:,}:"]
        for row in self.rows.to_dict("records"):
            lines += ["", f"row {row['row']}"]
            lines += [
                f"  {name:<11} {_shown(value)}"
                for name, value in row.items()
                if name not in _OWN and not _is_end(str(name)) and not _is_blank(value)
            ]
        for reject in self.rejects:
            lines += ["", f"row {reject.row} would be refused: {reject.reason}"]
        return "\n".join(lines)


def preview(
    inputs: Any,
    *,
    config: Config | str | Path | Mapping[str, Any] | None = None,
    columns: Mapping[str, str | Sequence[str]] | None = None,
    n: int = 5,
) -> Preview:
    r"""Show how an input would be read: its columns, scales, doubts and first rows.

    Where the settings ask for redaction (``[input] redact``), what is shown is masked as in a run.

    Parameters
    ----------
    inputs
        A path, a glob pattern, ``-`` for standard input, a DataFrame, or a list of these.
    config
        Settings, as :func:`earful.analyze` takes them.
    columns
        Our column names to theirs; columns left out are recognised.
    n
        How many rows to show.

    Raises
    ------
    InputError
        An input as a whole cannot be read.

    Examples
    --------
    >>> import earful, pandas as pd
    >>> seen = earful.preview(pd.DataFrame({"pros": ["Light"], "cons": ["Broke soon"], "stars": [2]}))
    >>> seen.rows["text"].tolist()
    ['pros: Light\ncons: Broke soon']
    """
    from earful.jobs.redaction import entering, mask_surveys, redactor_of
    from earful.readers import open_inputs

    settings = resolve(config, columns)
    many = inputs if isinstance(inputs, list | tuple) else [inputs]
    with open_inputs(many, settings.input, settings.scales, settings.loyalty.cuts) as feed:
        redactor = redactor_of(settings.input)
        mask_surveys(feed, redactor)
        batches = entering(feed, feed.batches(n, limit=n), redactor)
        table, rejects = next(iter(batches), (feed.schema.empty_table(), []))
        return Preview(tuple(feed.surveys), table.to_pandas(), tuple(rejects), feed.n_rows)


def _is_end(name: str) -> bool:
    return name.endswith(("_min", "_max"))


def _is_blank(value: Any) -> bool:
    return value is None or value == "" or value != value


def _shown(value: Any) -> str:
    if isinstance(value, str):
        text = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        return textwrap.indent(text, " " * 14).strip()
    return f"{value:g}" if isinstance(value, float) else str(value)
