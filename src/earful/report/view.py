"""What stands on the page: the run's answers put into words, tables and charts, section by section."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from earful.pages import charts, names
from earful.pages.making import making
from earful.pages.numbers import finite, interval, percent, points
from earful.pages.quotes import Quote, mismatched, theme_quotes
from earful.pages.tables import Row, Tables, as_dict
from earful.report.findings import findings
from earful.report.ranking import ranking, rating
from earful.report.rejected import refusals
from earful.report.signals import doings, loop
from earful.report.terms import terms
from earful.report.timeline import timeline

__all__ = ["build"]

#: How much of each kind one page shows; the run folder holds the rest.
_HEAT_ROWS, _HEAT_COLUMNS = 20, 16
_PERIODS, _THEMES, _QUOTED, _DRIVERS, _MISMATCHES, _LANGUAGES = 60, 20, 8, 20, 12, 30
#: A driver of fewer reviews is not shown.
_DRIVER_REVIEWS = 20
#: What penalty and reward make of a theme, where they tell.
_KINDS = ("basic", "performance", "delighter")
_GRADES = {
    "A": "carries a claim: 100 answers or more and a narrow interval",
    "B": "carries a comparison: a ranking interval of at most 40 points",
    "C": "a direction: a ranking interval of at most 60 points",
    "D": "a range only: too few reviews or too wide an interval",
}


def build(tables: Tables) -> dict[str, Any]:
    """Collect everything the page needs, as the template's variables."""
    counts, overall = tables.counts(), tables.overall()
    themes, labels = tables.themes(_THEMES), tables.labels()
    stars = tables.stars()
    rankings = {by: ranking(tables, by, overall, stars) for by in ("product", "touchpoint")}
    periods = tables.periods(_PERIODS)
    drivers = _drivers(tables, labels)
    manifest = tables.manifest
    over_time, complaints = timeline(tables, periods, labels), loop(tables)
    view: dict[str, Any] = {
        "counts": counts,
        "overall": overall,
        "level": f"{100 * tables.level:g}",
        "headline": _headline(overall),
        "grades": _GRADES,
        "weighting": _weighting(manifest),
        "target": _target(manifest, overall),
        "metrics": _metrics(overall, counts, stars),
        "findings": findings(
            overall=overall,
            products=rankings["product"]["rows"],
            touchpoints=rankings["touchpoint"]["rows"],
            periods=periods,
            themes=themes,
            drivers=drivers["rows"],
            labels=labels,
            rising=[line["row"] for line in over_time["rising"]] if over_time else (),
            promise=complaints["promise"] if complaints else None,
        ),
        "rankings": rankings,
        "min_reviews": tables.min_reviews,
        "heat": _heat(tables),
        "timeline": over_time,
        "themes": _themes(tables, themes),
        "coverage": _coverage(manifest),
        "drivers": drivers,
        "complaints": complaints,
        "behaviour": doings(tables),
        "mismatches": mismatched(tables, _MISMATCHES) if counts["mismatches"] else [],
        "terms": terms(tables),
        "languages": _languages(tables),
        "refused": refusals(tables.folder / "rejects.jsonl"),
        "making": making(manifest),
    }
    view["rows"] = _rows(manifest, counts, view["refused"].n)
    view["toc"] = _toc(view)
    return view


def _headline(overall: Row | None) -> dict[str, Any] | None:
    if overall is None or finite(overall["index"]) is None:
        return None
    axis = charts.Axis(-100.0, 100.0, (-100.0, -50.0, 0.0, 50.0, 100.0))
    plot = charts.whisker_svg(
        axis, overall["index"], overall["index_low"], overall["index_high"], label="Estimated loyalty index"
    )
    return {"plot": plot, "axis": charts.axis_svg(axis), "sure": finite(overall["index_low"]) is not None}


def _weighting(manifest: dict[str, Any]) -> dict[str, Any] | None:
    """Say how the rows were weighted, where they were."""
    told = as_dict(as_dict(manifest.get("analyses")).get("weighting"))
    return told if told.get("how") and finite(told.get("n_effective")) is not None else None


def _target(manifest: dict[str, Any], overall: Row | None) -> dict[str, Any] | None:
    """Set the index against the target: which side it is on, and what would bring it over."""
    target = finite(as_dict(as_dict(manifest.get("config")).get("loyalty")).get("target"))
    if target is None or overall is None or finite(overall["index"]) is None:
        return None
    low, high = finite(overall["index_low"]), finite(overall["index_high"])
    side = "not told apart from"
    if low is not None and low > target:
        side = "above"
    elif high is not None and high < target:
        side = "below"
    return {"value": target, "side": side, "tipping": finite(overall["tipping"])}


def _metrics(overall: Row | None, counts: Row, stars: Row | None) -> list[dict[str, Any]]:
    """Give the measured metrics that the run has, each with its interval."""
    if overall is None:
        return []
    found = []
    if overall["n_rated"] and finite(overall["nps"]) is not None:
        reach = interval(overall["nps_low"], overall["nps_high"])
        note = f"{reach}; from {overall['n_rated']:,} answers of those who were asked"
        found.append({"name": "Measured NPS", "value": points(overall["nps"]), "note": note})
    for key, name, note in (
        ("csat", "CSAT", "satisfied answers"),
        ("ces", "CES", "ease, 0 to 100"),
        ("recommend", "Would recommend", "of those who were asked"),
    ):
        value, low, high = (finite(overall[column]) for column in (key, f"{key}_low", f"{key}_high"))
        if value is not None:
            shown = f"{value:.0f}" if key == "ces" else percent(value)
            ends = "" if low is None or high is None else f"{low:.0f} to {high:.0f}; "
            found.append({"name": name, "value": shown, "note": ends + note})
    mean_rating = _mean_rating(overall, stars)
    if mean_rating:
        found.append(mean_rating)
    if counts["read"]:
        moods = [counts[name] for name in ("negative", "neutral", "positive")]
        negative, neutral, positive = (percent(100 * n / counts["read"]) for n in moods)
        found.append(
            {
                "name": "Words",
                "value": f"{negative} negative",
                "plot": charts.mood_svg(*moods),
                "note": f"{neutral} neutral, {positive} positive",
            }
        )
    return found


def _mean_rating(overall: Row, stars: Row | None) -> dict[str, str] | None:
    mean = finite(overall["mean_rating"])
    if mean is None:
        return None
    note = f"on {stars['low']:g} to {stars['high']:g}" if stars else "of the way from worst to best"
    low, high = finite(overall["mean_rating_low"]), finite(overall["mean_rating_high"])
    ends = "" if low is None or high is None else f"{rating(low, stars)} to {rating(high, stars)}; "
    return {"name": "Mean rating", "value": rating(mean, stars), "note": ends + note}


def _heat(tables: Tables) -> dict[str, Any] | None:
    products = tables.largest("product", _HEAT_ROWS)
    touchpoints = tables.largest("touchpoint", _HEAT_COLUMNS)
    cells = tables.cells(products, touchpoints)
    if not cells or len(products) < 2 or len(touchpoints) < 2:
        return None
    return {
        "columns": [names.touchpoint(name) for name in touchpoints],
        "lines": [
            (
                names.short(product, 48),
                [_cell(cells.get((product, touchpoint))) for touchpoint in touchpoints],
            )
            for product in products
        ],
        "hidden": tables.n_groups("product") - len(products),
    }


def _cell(row: Row | None) -> dict[str, Any] | None:
    if row is None or finite(row["index_low"]) is None or finite(row["index_high"]) is None:
        return None
    reach = interval(row["index_low"], row["index_high"])
    if not row["ranked"]:
        return {"value": "", "reach": reach, "n": row["n_reviews"], "tone": "few"}
    step = max(-4, min(4, round(row["index"] / 20)))
    tone = "h0" if step == 0 else f"{'n' if step < 0 else 'p'}{abs(step)}"
    return {"value": points(row["index"]), "reach": reach, "n": row["n_reviews"], "tone": tone}


def _themes(tables: Tables, rows: Sequence[Row]) -> dict[str, Any]:
    quoted = [row["theme"] for row in rows[:_QUOTED]]
    quotes: dict[str, list[Quote]] = theme_quotes(tables, quoted) if quoted else {}
    most = max((max(row["n_negative"], row["n_positive"]) for row in rows), default=1)
    axis = charts.axis_for((-100.0, 100.0))
    lines = []
    for row in rows:
        name = names.short(row["label"] or row["theme"])
        net = finite(row["net_sentiment"])
        low, high = finite(row["net_low"]), finite(row["net_high"])
        tone = "neg" if high is not None and high < 0 else "pos" if low is not None and low > 0 else "mid"
        lines.append(
            {
                "row": row,
                "name": name,
                "touchpoint": names.touchpoint(str(row["theme"]).partition(".")[0]),
                "balance": charts.balance_svg(row["n_negative"], row["n_positive"], most, label=name),
                "net": charts.whisker_svg(axis, net, low, high, label=f"{name}, net sentiment", tone=tone),
                "quotes": quotes.get(row["theme"], []),
            }
        )
    return {"lines": lines, "hidden": tables.n_themes() - len(lines), "axis": charts.axis_svg(axis)}


def _coverage(manifest: dict[str, Any]) -> dict[str, float] | None:
    """Give the share of complaints that a theme names, where the run counted it."""
    given = as_dict(manifest.get("complaints"))
    segments, covered = finite(given.get("segments")), finite(given.get("with_theme"))
    if not segments or covered is None:
        return None
    return {"segments": segments, "share": 100 * covered / segments}


def _drivers(tables: Tables, labels: dict[str, str]) -> dict[str, Any]:
    rows = tables.drivers(_DRIVERS, _DRIVER_REVIEWS)
    kept, few = tables.n_drivers(_DRIVER_REVIEWS)
    axis = charts.axis_for(
        finite(row[end]) for row in rows for end in ("impact", "impact_low", "impact_high")
    )
    lines = []
    for row in rows:
        name = names.short(labels.get(row["theme"]) or row["theme"])
        low, high = finite(row["impact_low"]), finite(row["impact_high"])
        tone = "neg" if high is not None and high < 0 else "pos" if low is not None and low > 0 else "mid"
        plot = charts.whisker_svg(
            axis, finite(row["impact"]), low, high, label=f"{name}, {row['polarity']}", tone=tone
        )
        kind = row["kind"] if row["kind"] in _KINDS else ""
        lines.append({"row": row, "name": name, "plot": plot, "kind": kind})
    return {
        "adjusted": any(finite(row["adjusted"]) is not None for row in rows),
        "kinds": any(line["kind"] for line in lines),
        "rows": rows,
        "lines": lines,
        "axis": charts.axis_svg(axis),
        "hidden": kept - len(rows),
        "few": few,
        "min_n": _DRIVER_REVIEWS,
    }


def _languages(tables: Tables) -> dict[str, Any]:
    rows = tables.languages(_LANGUAGES)
    total = int(rows[0]["total"]) if rows else 0
    return {
        "lines": [(names.language(row["lang"]), row) for row in rows],
        "total": total,
        "hidden": total - sum(row["n"] for row in rows),
        # A stray row or two is no language of the customers, but most likely a slip of the identifier.
        "n": sum(row["lang"] != "und" and row["n"] >= max(2, total / 100) for row in rows),
    }


def _rows(manifest: dict[str, Any], counts: Row, refused: int) -> dict[str, int]:
    """Give the row accounting: as the manifest says, else as the tables do."""
    given = as_dict(manifest.get("rows"))
    counted = {
        "read": counts["accepted"] + refused,
        "accepted": counts["accepted"],
        "rejected": refused,
        **{name: counts[name] for name in ("with_words", "non_answers", "duplicates", "truncated")},
    }
    return {name: int(n) if (n := finite(given.get(name))) is not None else counted[name] for name in counted}


def _toc(view: dict[str, Any]) -> list[tuple[str, str]]:
    entries = [
        ("summary", "Summary", True),
        ("products", "Products", view["rankings"]["product"]["n"] > 0),
        ("touchpoints", "Touchpoints", view["rankings"]["touchpoint"]["n"] > 0),
        ("cells", "Product by touchpoint", view["heat"] is not None),
        ("time", "Over time", view["timeline"] is not None),
        ("themes", "Themes", bool(view["themes"]["lines"])),
        ("drivers", "Drivers", bool(view["themes"]["lines"])),
        ("terms", "What opinions are about", bool(view["terms"]["lines"])),
        ("complaints", "Complaint loop", view["complaints"] is not None),
        ("behaviour", "What customers do", view["behaviour"] is not None),
        ("mismatches", "Words against scores", bool(view["mismatches"])),
        ("languages", "Languages", bool(view["languages"]["lines"])),
        ("rows", "Rows", True),
        ("making", "How it was made", True),
    ]
    return [(anchor, name) for anchor, name, there in entries if there]
