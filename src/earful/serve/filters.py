"""Which reviews are wanted: what stands in an address, checked, as the WHERE of a query and back again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from earful.errors import RunError
from earful.pages import names, numbers
from earful.pages.words import decimal, named, say
from earful.schema import SIGNALS
from earful.serve.query import Query, parse
from earful.serve.search import ORDERS

__all__ = ["Filters", "Order", "period_end", "shown"]

Order = Literal["newest", "oldest", "worst", "best", "relevant", "row"]

_Name = Annotated[str, StringConstraints(max_length=2000)]
_Cut = Annotated[str, StringConstraints(max_length=2200, pattern=r"(?s)^[^=]+=.")]
#: Further columns that one address may speak of.
_CUTS = 12
_Score = Annotated[float, Field(allow_inf_nan=False)]

#: Filters in the order in which they are told; what people call them stands under ``serve.given``.
_TOLD = (
    "q", "product", "touchpoint", "theme", "polarity", "sentiment", "lang",
    *(f"{name}_{end}" for name in SIGNALS for end in ("from", "to")),
    "since", "until", "mismatch", "channel", "source", "words",
)  # fmt: skip
#: Filters that are the two ends of a range.
_RANGES = (*((f"{name}_from", f"{name}_to") for name in SIGNALS), ("since", "until"))


class Filters(BaseModel):
    """Which reviews are wanted; every part may be left out, and all that are given have to hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: Annotated[str, StringConstraints(max_length=500)] = Field("", description="words to search for")
    product: _Name = Field("", description="one product")
    touchpoint: _Name = Field("", description="one touchpoint; where no review has one, of its themes")
    channel: _Name = Field("", description="one channel")
    cut: tuple[_Cut, ...] = Field(
        (), max_length=_CUTS, description="COLUMN=VALUE: one group of a column that the run is cut by (--by)"
    )
    source: _Name = Field("", description="the file or query that it came from")
    lang: Annotated[str, StringConstraints(max_length=20)] = Field("", description="ISO 639-1 code")
    theme: Annotated[str, StringConstraints(max_length=200)] = Field("", description="theme id")
    polarity: Literal["", "negative", "neutral", "positive"] = Field(
        "", description="of the theme's mentions; without a theme, of any mention"
    )
    sentiment: Literal["", "negative", "neutral", "positive"] = Field("", description="of the whole review")
    rating_from: _Score | None = Field(None, description="lowest rating, on the review's own scale")
    rating_to: _Score | None = Field(None, description="highest rating")
    nps_from: _Score | None = Field(None, description="lowest NPS answer")
    nps_to: _Score | None = Field(None, description="highest NPS answer")
    csat_from: _Score | None = Field(None, description="lowest satisfaction answer")
    csat_to: _Score | None = Field(None, description="highest satisfaction answer")
    ces_from: _Score | None = Field(None, description="lowest effort answer")
    ces_to: _Score | None = Field(None, description="highest effort answer")
    since: date | None = Field(None, description="first day, UTC")
    until: date | None = Field(None, description="last day, UTC")
    mismatch: Literal["", "any", "score_above_text", "text_above_score"] = Field(
        "",
        description="reviews whose words and score part, as the run flagged them: score_above_text has a "
        "high score and angry words, text_above_score a low score and happy words",
    )
    words: Literal["", "yes", "no"] = Field("", description="whether the review has words that were read")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Refuse a range whose first end lies beyond its second: no review could be in it."""
        for first, last in _RANGES:
            low, high = getattr(self, first), getattr(self, last)
            if low is not None and high is not None and low > high:
                said = say(
                    "serve.given.crossed",
                    first=say(f"serve.given.{first}"),
                    low=shown(first, _written(low)),
                    last=say(f"serve.given.{last}"),
                    high=shown(last, _written(high)),
                )
                raise PydanticCustomError("crossed", "{said}", {"said": said, "names": [first, last]})
        return self

    def query(self, langs: Sequence[str]) -> Query:
        """Read the search among them."""
        return parse(self.q, langs)

    @property
    def groups(self) -> list[tuple[str, str]]:
        """The further columns that are spoken of, each with its value."""
        return [(name, value) for name, _, value in (one.partition("=") for one in self.cut)]

    def where(self, query: Query, derived: bool, columns: Mapping[str, str]) -> tuple[str, list[Any]]:
        """Give the condition on ``reviews`` and its parameters.

        Parameters
        ----------
        query
            What :meth:`query` gave.
        derived
            Whether touchpoints are those that the words speak of, as no review has one of its own.
        columns
            What the run is cut by besides: name of the cut -> column.

        Raises
        ------
        RunError
            The run is not cut by a column that is spoken of.
        """
        parts: list[tuple[str, Sequence[Any]]] = [("1", ())]
        if query.wanted:
            parts.append(("row IN (SELECT rowid FROM fts WHERE fts MATCH ?)", (query.wanted,)))
        elif self.q.strip() and not query.unwanted:
            parts.append(("0", ()))  # nothing but marks: no review has such a word
        for one in query.unwanted:
            parts.append(("row NOT IN (SELECT rowid FROM fts WHERE fts MATCH ?)", (one,)))
        for name in ("product", "channel", "source", "lang", "sentiment"):
            if value := getattr(self, name):
                parts.append((f"{name} = ?", (value,)))
        for name, value in self.groups:
            if name not in columns:
                allowed = ", ".join(columns) or "none"
                raise RunError(f"the run is not cut by {name[:80]!r}", allowed=allowed)
            parts.append((f"{columns[name]} = ?", (value,)))
        parts += self._touched(derived) + self._spoken() + self._scored() + self._dated()
        if self.mismatch:
            own = self.mismatch != "any"
            parts.append(("mismatch = ?" if own else "mismatch IS NOT NULL", (self.mismatch,) * own))
        if self.words:
            parts.append(("worded = ?", (int(self.words == "yes"),)))
        return " AND ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]

    def _touched(self, derived: bool) -> list[tuple[str, Sequence[Any]]]:
        if not self.touchpoint:
            return []
        if not derived:
            return [("touchpoint = ?", (self.touchpoint,))]
        start, stop = f"{self.touchpoint}.", f"{self.touchpoint}/"  # all between begins with "name."
        sql = "row IN (SELECT row FROM mentions WHERE theme >= ? AND theme < ?)"
        return [(sql, (start, stop))]

    def _spoken(self) -> list[tuple[str, Sequence[Any]]]:
        if not self.theme and not self.polarity:
            return []
        told = [(name, value) for name in ("theme", "polarity") if (value := getattr(self, name))]
        sql = " AND ".join(f"{name} = ?" for name, _ in told)
        return [(f"row IN (SELECT row FROM mentions WHERE {sql})", [value for _, value in told])]

    def _scored(self) -> list[tuple[str, Sequence[Any]]]:
        bounds = [
            (f"{name} {sign} ?", value)
            for name in SIGNALS
            for sign, end in ((">=", "from"), ("<=", "to"))
            if (value := getattr(self, f"{name}_{end}")) is not None
        ]
        return [(sql, (value,)) for sql, value in bounds]

    def _dated(self) -> list[tuple[str, Sequence[Any]]]:
        parts: list[tuple[str, Sequence[Any]]] = []
        if self.since:
            parts.append(("created_us >= ?", (_micros(self.since),)))
        if self.until:
            last = _micros(self.until) + 86_400_000_000
            parts.append(("created_us < ?", (last,)))
        return parts

    def order_by(self, wanted: Order) -> str:
        """Give the ORDER BY of an order that is not by relevance."""
        return ORDERS.get(wanted, ORDERS["newest"])

    def given(self) -> dict[str, str | list[str]]:
        """Give the parts that are given, as they stand in an address."""
        told = self.model_dump(exclude_defaults=True)
        return {name: _written(value) for name, value in told.items() if value not in ("", None, ())}

    def without(self, name: str, cut: str = "") -> str:
        """Give the address of the same without one part, or without one of the further columns."""
        left = {key: value for key, value in self.given().items() if key != name}
        if name == "theme":
            left.pop("polarity", None)
        if name == "cut":
            left["cut"] = [one for one in self.cut if one != cut]
        return urlencode(left, doseq=True)

    def described(self) -> list[tuple[str, str, str, str]]:
        """Give the parts that are given: name, name for people, value, and the address without it."""
        told = self.given()
        found = [
            (name, say(f"serve.given.{name}"), str(told[name]), self.without(name))
            for name in _TOLD
            if name in told
        ]
        return found + [("cut", *one.split("=", 1), self.without("cut", one)) for one in self.cut]  # type: ignore[misc]


def shown(name: str, value: str) -> str:
    """Write the value of a filter for people, as it stands in an address."""
    if name in ("polarity", "sentiment"):
        return named("polarity", value)
    if name == "lang":
        return say("serve.given.unsure") if value == "und" else names.language(value)
    if name == "touchpoint":
        return names.touchpoint(value)
    if name == "mismatch":
        return say(f"mismatches.{value}")
    if name == "words":
        return say(f"serve.answer.{value}")
    if name in ("since", "until"):
        return numbers.day(value)
    if name.endswith(("_from", "_to")) and "e" not in value:
        return decimal(float(value), len(value.partition(".")[2]))
    return value


def period_end(first: str, length: str) -> str:
    """Give the last day of a period by its first, both as YYYY-MM-DD; the first where it is no day."""
    try:
        day = date.fromisoformat(first)
    except ValueError:
        return first
    months = {"month": 1, "quarter": 3, "year": 12}.get(length)
    if months is None:
        return (day + timedelta(days=6)).isoformat()
    at = day.month - 1 + months
    return (date(day.year + at // 12, at % 12 + 1, 1) - timedelta(days=1)).isoformat()


def _micros(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000


def _written(value: Any) -> str | list[str]:
    if isinstance(value, tuple):
        return list(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
