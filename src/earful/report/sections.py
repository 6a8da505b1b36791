"""The parts of a report, each as its template takes it; the report and the dashboard show the same ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from earful.pages import charts, names
from earful.pages.making import part_of
from earful.pages.numbers import estimate, finite, interval, percent, plain, points, reach, short_number
from earful.pages.quotes import mismatched, theme_quotes
from earful.pages.words import say, stated
from earful.report.ranking import rating
from earful.report.tables import MAX_Q, Tables
from earful.runs.store import Row, quoted

__all__ = [
    "GRADES",
    "SIDES",
    "WHOLE",
    "Part",
    "cards",
    "counts",
    "drivers",
    "grades",
    "headline",
    "heat",
    "languages",
    "mismatches",
    "rows",
    "spoken",
    "stars",
    "target",
    "themes",
    "weighting",
]

#: How much of each kind one page shows; the run folder holds the rest.
_HEAT_ROWS, _HEAT_COLUMNS = 20, 16
_THEMES, _QUOTED, _DRIVERS, _LANGUAGES = 20, 8, 20, 30
#: A driver of fewer reviews is not shown.
_DRIVER_REVIEWS = 20
#: What penalty and reward make of a theme, where they tell.
_KINDS = ("basic", "performance", "delighter")
#: What the grades mean, in English.
GRADES = {grade: say(f"grade.{grade}") for grade in "ABCD"}
#: A review whose words were read and that is not a repeat of another.
_WORDY = "score IS NOT NULL AND duplicate_of IS NULL AND NOT coalesce(non_answer, false)"
_MOODS = ("negative", "neutral", "positive")
#: How words and score part; of each so many are quoted.
SIDES = ("score_above_text", "text_above_score")
_ODD = 8


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a run that is looked at: all of it, or the group of a name of one of its cuts."""

    by: str = "overall"
    name: str = ""

    @property
    def where(self) -> str:
        """Its condition on a table of groups."""
        return "grouping = $by" + ("" if self.by == "overall" else f" AND {quoted(self.by)} = $name")

    @property
    def parameters(self) -> dict[str, Any]:
        """What the condition speaks of."""
        return {"by": self.by} | ({} if self.by == "overall" else {"name": self.name})

    @property
    def spoken(self) -> str:
        """The condition of its themes that are spoken of at all."""
        return f"{self.where} AND n_mentions > 0"

    @property
    def told(self) -> str:
        """Its drivers; praise and complaint together only where a theme has them not apart."""
        return f"""(SELECT * FROM drivers WHERE {self.where}
            QUALIFY polarity <> 'any' OR count(*) FILTER (polarity <> 'any') OVER (PARTITION BY theme) = 0)"""


WHOLE = Part()


def grades(overall: Row | None) -> dict[str, str]:
    """Say what the grades mean: of words alone that the level is not known."""
    alone = {"D": "words"} if overall and overall["anchor"] == "words" else {}
    return {grade: say(f"grade.{alone.get(grade, grade)}") for grade in GRADES}


def spoken(tables: Tables, part: Part = WHOLE, most: int = _THEMES) -> list[Row]:
    """Give the themes that are spoken of, the most complained of first."""
    order = "n_negative DESC, n_mentions DESC, theme"
    return tables.top("themes", part.spoken, order, most, **part.parameters)


def counts(tables: Tables) -> Row:
    """Count reviews, words, answers and sentiment; give the first and last date (UTC microseconds)."""
    moods = ", ".join(f"count(*) FILTER ({_WORDY} AND sentiment = '{mood}') AS {mood}" for mood in _MOODS)
    return tables.one(
        f"""
        SELECT count(*) AS accepted, count(score) AS with_words,
            count(*) FILTER (non_answer) AS non_answers, count(duplicate_of) AS duplicates,
            count(*) FILTER (truncated) AS truncated, count(*) FILTER ({_WORDY}) AS read, {moods},
            count(mismatch) AS mismatches,
            {", ".join(f"count(*) FILTER (mismatch = '{side}') AS {side}" for side in SIDES)},
            min(epoch_us(created_at)) AS first_us, max(epoch_us(created_at)) AS last_us
        FROM reviews
        """
    )


def stars(tables: Tables) -> Row | None:
    """Give ``low`` and ``high`` of the ratings' scale, ``None`` where there is none or more than one."""
    scales = tables.ask(
        "SELECT rating_min AS low, rating_max AS high FROM reviews WHERE rating IS NOT NULL "
        "AND isfinite(rating_min) AND isfinite(rating_max) GROUP BY ALL ORDER BY ALL LIMIT 2"
    )
    return scales[0] if len(scales) == 1 else None


def headline(overall: Row | None) -> dict[str, Any] | None:
    """Draw the index with its interval; ``None`` where there is none."""
    if overall is None or finite(overall["index"]) is None:
        return None
    axis, index = charts.axis_between(-100.0, 100.0, points), estimate(overall, "index")
    plot = charts.whisker_svg(axis, *index, label=say("summary.index"))
    return {"plot": plot, "axis": charts.axis_svg(axis), "sure": index[1] is not None}


def weighting(manifest: dict[str, Any]) -> dict[str, Any] | None:
    """Say how the rows were weighted, where they were."""
    told = part_of(manifest, "analyses", "weighting")
    if not told.get("how") or finite(told.get("n_effective")) is None:
        return None
    return told | {"how": stated(str(told["how"]))}


def target(manifest: dict[str, Any], overall: Row | None) -> dict[str, Any] | None:
    """Set the index against the target: which side it is on, and what would bring it over."""
    target = finite(part_of(manifest, "config", "loyalty").get("target"))
    if target is None or overall is None or finite(overall["index"]) is None:
        return None
    side = charts.tone_of(overall["index_low"], overall["index_high"], target)
    return {"value": target, "side": side, "tipping": finite(overall["tipping"])}


def cards(overall: Row | None, counts: Row, stars: Row | None) -> list[dict[str, Any]]:
    """Give the measured metrics that the run has, each with its interval."""
    if overall is None:
        return []
    cards: list[dict[str, Any]] = []
    if overall["n_rated"] and finite(overall["nps"]) is not None:
        ends = interval(overall["nps_low"], overall["nps_high"])
        note = say("card.answers", n=overall["n_rated"], ends=ends)
        cards.append({"name": say("measure.nps"), "value": points(overall["nps"]), "note": note})
    starred = partial(rating, stars=stars)
    on_scale = say("card.share")
    if stars:
        on_scale = say("card.scale", low=short_number(stars["low"]), high=short_number(stars["high"]))
    for column, note, show, show_end in (
        ("csat", say("card.csat"), percent, _whole),
        ("ces", say("card.ces"), _whole, _whole),
        ("recommend", say("card.recommend"), percent, _whole),
        ("mean_rating", on_scale, starred, starred),
    ):
        value, low, high = estimate(overall, column)
        if value is not None:
            told = [reach(low, high, show_end), note]
            cards.append(
                {
                    "name": say(f"measure.{column}"),
                    "value": show(value),
                    "note": "; ".join(filter(None, told)),
                }
            )
    if counts["read"]:
        moods = [counts[mood] for mood in _MOODS]
        negative, neutral, positive = (percent(100 * n / counts["read"]) for n in moods)
        others = say("card.others", neutral=neutral, positive=positive)
        note, plot = f"{others}; {say('n.reviews', n=counts['read'])}", charts.mood_svg(*moods)
        said = say("card.negative", share=negative)
        cards.append({"name": say("card.words"), "value": said, "plot": plot, "note": note})
    return cards


def _whole(value: float) -> str:
    return plain(value, 0)


def heat(tables: Tables, link: Callable[[str, str], str] | None = None) -> dict[str, Any] | None:
    """Give the index of each product at each touchpoint; ``None`` where that is no table.

    Parameters
    ----------
    link
        Gives the address behind a cell.
    """
    products = tables.largest("product", _HEAT_ROWS)
    touchpoints = tables.largest("touchpoint", _HEAT_COLUMNS)
    cells = tables.cells(products, touchpoints)
    if not cells or len(products) < 2 or len(touchpoints) < 2:
        return None
    return {
        "columns": [names.touchpoint(name) for name in touchpoints],
        "lines": [
            (names.short(product, 48), [_cell(cells.get((product, name)), link) for name in touchpoints])
            for product in products
        ],
        "hidden": tables.n_groups("product") - len(products),
    }


def _cell(row: Row | None, link: Callable[[str, str], str] | None) -> dict[str, Any] | None:
    if row is None or finite(row["index_low"]) is None or finite(row["index_high"]) is None:
        return None
    told = {"reach": interval(row["index_low"], row["index_high"]), "n": row["n_reviews"]}
    told |= {"href": link(row["product"], row["touchpoint"])} if link else {}
    if not row["ranked"]:
        return told | {"value": "", "tone": "few"}
    step = max(-4, min(4, round(row["index"] / 20)))
    tone = "h0" if step == 0 else f"{'n' if step < 0 else 'p'}{abs(step)}"
    return told | {"value": points(row["index"]), "tone": tone}


def themes(tables: Tables, rows: Sequence[Row], part: Part = WHOLE, quoted: int = _QUOTED) -> dict[str, Any]:
    """Draw themes, the first of them with quotes."""
    told = [row["theme"] for row in rows[:quoted]]
    quotes = (
        theme_quotes(tables, told, within=None if part.by == "overall" else (part.by, part.name), again=True)
        if told
        else {}
    )
    labels = tables.labels()
    most = max((max(row["n_negative"], row["n_positive"]) for row in rows), default=1)
    axis = charts.axis_for((-100.0, 100.0))
    lines = []
    for row in rows:
        name, (net, low, high) = names.theme(row, labels), estimate(row, "net")
        net, tone = finite(row["net_sentiment"]), charts.tone_of(low, high)
        lines.append(
            {
                "row": row,
                "name": name,
                "touchpoint": names.touchpoint(str(row["theme"]).partition(".")[0]),
                "balance": charts.balance_svg(row["n_negative"], row["n_positive"], most, label=name),
                "net": charts.whisker_svg(
                    axis, net, low, high, label=say("theme.net_of", name=name), tone=tone
                ),
                "quotes": quotes.get(row["theme"], []),
            }
        )
    hidden = tables.count("themes", part.spoken, **part.parameters) - len(lines)
    return {"lines": lines, "hidden": hidden, "axis": charts.axis_svg(axis)}


def drivers(tables: Tables, labels: dict[str, str], part: Part = WHOLE) -> dict[str, Any]:
    """Draw what pulls the index down or up."""
    kept = f"n >= {_DRIVER_REVIEWS} AND isfinite(impact)"
    rows = tables.top(part.told, kept, "abs(impact) DESC, theme, polarity", _DRIVERS, **part.parameters)
    axis = charts.axis_for(value for row in rows for value in estimate(row, "impact"))
    lines = []
    for row in rows:
        name, impact = names.theme(row, labels), estimate(row, "impact")
        polarity = names.polarity(row["polarity"])
        label = f"{name}, {polarity}"
        # What is not called is not coloured, however clear of zero its own interval is.
        tone = charts.tone_of(*impact[1:]) if (finite(row["q_value"]) or 0.0) <= MAX_Q else "mid"
        plot = charts.whisker_svg(axis, *impact, label=label, tone=tone)
        kind = row["kind"] if row["kind"] in _KINDS else ""
        kind = say(f"driver.kind.{kind}") if kind else ""
        lines.append({"row": row, "name": name, "plot": plot, "kind": kind, "polarity": polarity})
    return {
        "adjusted": any(finite(row["adjusted"]) is not None for row in rows),
        "kinds": any(line["kind"] for line in lines),
        "rows": rows,
        "lines": lines,
        "axis": charts.axis_svg(axis),
        "hidden": tables.count(part.told, kept, **part.parameters) - len(rows),
        "few": tables.count(part.told, f"n < {_DRIVER_REVIEWS}", **part.parameters),
        "min_n": _DRIVER_REVIEWS,
    }


def languages(tables: Tables) -> dict[str, Any]:
    """Count languages and how their reviews read."""
    moods = ", ".join(f"count(*) FILTER (sentiment = '{mood}') AS {mood}" for mood in _MOODS)
    rows = tables.ask(
        f"SELECT coalesce(lang, 'und') AS lang, count(*) AS n, {moods}, sum(count(*)) OVER () AS total "
        f"FROM reviews WHERE {_WORDY} GROUP BY 1 ORDER BY n DESC, lang LIMIT {_LANGUAGES}"
    )
    total = int(rows[0]["total"]) if rows else 0
    return {
        "lines": [(names.language(row["lang"]), row) for row in rows],
        "total": total,
        "hidden": total - sum(row["n"] for row in rows),
        # A stray row or two is no language of the customers, but most likely a slip of the identifier.
        "n": sum(row["lang"] != "und" and row["n"] >= max(2, total / 100) for row in rows),
    }


def mismatches(tables: Tables, counts: Row) -> list[dict[str, Any]]:
    """Quote the reviews whose words and score part, each way by itself: ``name``, ``n``, ``quotes``."""
    return [
        {
            "name": side,
            "n": counts[side],
            "quotes": [
                quote for quote in mismatched(tables, _ODD, side=side) if quote.review["mismatch"] == side
            ],
        }
        for side in SIDES
        if counts[side]
    ]


def rows(manifest: dict[str, Any], counts: Row, refused: int) -> dict[str, int]:
    """Give the row accounting: as the manifest says, else as the tables do."""
    given = part_of(manifest, "rows")
    counted = {
        "read": counts["accepted"] + refused,
        "accepted": counts["accepted"],
        "rejected": refused,
        **{name: counts[name] for name in ("with_words", "non_answers", "duplicates", "truncated")},
    }
    return {name: int(n) if (n := finite(given.get(name))) is not None else counted[name] for name in counted}
