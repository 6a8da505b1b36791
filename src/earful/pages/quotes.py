"""Which words of customers are shown, and which stretch of them: chosen by SQL, cut to a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from earful.runs.store import Row, Store, quoted

__all__ = ["Quote", "given", "mismatched", "theme_quotes", "typical"]

#: Code points shown before a term and after it, and of a text that has no term.
_BEFORE, _AFTER, _WHOLE = 160, 220, 380
#: What a readable quote has; others are shown only where there are no such.
_SHORTEST, _LONGEST = 30, 400
_MARKS = ".!?…。！？\n"
#: What is told of a quoted review, and how one is quoted from its beginning.
_REVIEW = """r.row, r.review_id, r.lang, r.product, r.touchpoint, r.rating, r.rating_max, r.nps, r.nps_max,
    r.csat, r.csat_max, epoch_us(r.created_at) AS created_us"""
_OPENING = f"""{_REVIEW}, r.mismatch, r.mismatch_q, r.score, substring(r.text, 1, {_WHOLE + 1}) AS piece"""

#: How far the review as a whole speaks against the mention: its words, and its score beyond the middle.
_CONTRARY = """
    (r.sentiment IS DISTINCT FROM m.polarity)::INT
    + coalesce((m.polarity = 'negative') = (2 * r.rating > r.rating_min + r.rating_max), false)::INT
        * coalesce(2 * r.rating <> r.rating_min + r.rating_max, false)::INT
    + coalesce((m.polarity = 'negative') = (2 * r.nps > r.nps_min + r.nps_max), false)::INT
        * coalesce(2 * r.nps <> r.nps_min + r.nps_max, false)::INT
"""
#: How good a quote a mention makes, and whether it can be one.
_CLEAR = f"""abs(m.score) * m.confidence AS clarity, {_CONTRARY} AS contrary,
    (r.letters NOT BETWEEN {_SHORTEST} AND {_LONGEST})::INT AS awkward"""
#: Reviews without their texts, which a join would copy for each mention.
_LIGHT = "light AS (SELECT * EXCLUDE (text), length(text) AS letters FROM reviews)"
_QUOTABLE = f"""r.duplicate_of IS NULL AND NOT coalesce(r.non_answer, false)
    AND m."end" > m.start AND m."end" - m.start <= {_AFTER}"""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a customer, cut around a term.

    Attributes
    ----------
    before, term, after
        The window of the text, as received; ``term`` is empty where nothing is highlighted.
    cut_before, cut_after
        Whether the text goes on before or after the window.
    review
        Columns of the review: lang, product, touchpoint, rating, rating_max, nps, nps_max, created_us, ...
    """

    before: str
    term: str
    after: str
    cut_before: bool
    cut_after: bool
    review: Row


def theme_quotes(
    store: Store,
    themes: Sequence[str],
    each: int = 3,
    *,
    within: tuple[str, str] | None = None,
    polarity: str = "",
    again: bool = False,
) -> dict[str, list[Quote]]:
    """Choose quotes for each theme: of the polarity that prevails first, one of the other where there is one.

    Within a polarity those come first whose review says the same as a whole, in its words and its score; then
    the clearest readable mention of each language before a second one of the same language. A review is
    quoted once on the page.

    Parameters
    ----------
    within
        ``product`` or ``touchpoint``, and the name of the one to quote from; reviews with none count too.
    polarity
        ``negative`` or ``positive`` quotes alone.
    again
        Whether a theme whose reviews are all quoted for others quotes one of them again rather than none.
    """
    picked: dict[str, list[Row]] = {}
    used: set[int] = set()
    sides = [polarity] if polarity else ["negative", "positive"]
    candidates = _candidates(store, themes, 4 * each + 2 * len(themes), within, sides)
    for theme in themes:
        rows = [row for row in candidates if row["theme"] == theme]
        chosen = _balanced([row for row in rows if row["row"] not in used], each)
        if again and not chosen:
            chosen = rows[:1]
        used.update(row["row"] for row in chosen)
        picked[theme] = chosen
    quotes = iter(_cut_out(store, [row for rows in picked.values() for row in rows]))
    return {theme: [next(quotes) for _ in rows] for theme, rows in picked.items()}


def mismatched(
    store: Store, limit: int, *, among: Sequence[int] | None = None, side: str | None = None
) -> list[Quote]:
    """Give the reviews whose words and score part the most, the surest first.

    Parameters
    ----------
    among
        Rows to choose from; all by default.
    side
        ``score_above_text`` or ``text_above_score``: which of them come first.
    """
    rows = store.ask(
        f"""
        SELECT {_OPENING}
        FROM reviews r WHERE r.mismatch IS NOT NULL AND r.duplicate_of IS NULL {_among(among)}
        ORDER BY (r.mismatch IS DISTINCT FROM $side)::INT * ($side IS NOT NULL)::INT,
            r.mismatch_q NULLS LAST, abs(r.score) DESC NULLS LAST, r.row LIMIT $most
        """,
        most=limit,
        side=side,
        **({} if among is None else {"among": list(among)}),
    )
    return [_opening(row) for row in rows]


def given(store: Store, wanted: Sequence[int], limit: int) -> list[Quote]:
    """Give reviews by their row numbers, in that order; repeats and those without words are passed over."""
    rows = store.ask(
        f"""
        WITH wanted AS (SELECT unnest($wanted::BIGINT[]) AS row, generate_subscripts($wanted, 1) AS place)
        SELECT {_OPENING}
        FROM reviews r JOIN wanted w ON w.row = r.row
        WHERE r.duplicate_of IS NULL AND NOT coalesce(r.non_answer, false) AND r.text <> ''
        ORDER BY w.place LIMIT $most
        """,
        wanted=list(wanted),
        most=limit,
    )
    return [_opening(row) for row in rows]


def _opening(row: Row) -> Quote:
    """Quote a review from its beginning."""
    piece: str = row["piece"] or ""
    shown = piece if len(piece) <= _WHOLE else _trim_end(piece[:_WHOLE])
    return Quote(shown.strip(), "", "", False, len(piece) > _WHOLE, row)


def typical(store: Store, among: Sequence[int], polarity: str, within: str = "") -> Quote | None:
    """Give the clearest readable mention of the theme that most of some reviews speak of that way.

    Parameters
    ----------
    among
        Rows to choose from.
    polarity
        ``negative`` or ``positive``.
    within
        What the theme's id must begin with.

    Returns
    -------
    Quote or None
        Its ``review`` has ``theme``, ``polarity`` and ``of_theme``, the number of reviews that speak of the
        theme that way.
    """
    rows = store.ask(
        f"""
        WITH {_LIGHT}, found AS (
            SELECT m.theme, m.polarity, m.row, m.segment, m.start, m."end",
                {_CLEAR}, r.review_id
            FROM mentions m JOIN light r ON r.row = m.row
            WHERE m.polarity = $polarity AND starts_with(m.theme, $within) {_among(among)}
                AND {_QUOTABLE}
        ), counted AS (
            SELECT theme, count(DISTINCT row) AS of_theme FROM found GROUP BY theme
            ORDER BY of_theme DESC, theme LIMIT 1
        )
        SELECT found.*, of_theme FROM found JOIN counted USING (theme)
        ORDER BY contrary, awkward, clarity DESC NULLS LAST, review_id, segment, start LIMIT 1
        """,
        polarity=polarity,
        within=within,
        among=list(among),
    )
    return next(iter(_cut_out(store, rows)), None)


def _among(rows: Sequence[int] | None) -> str:
    return "" if rows is None else "AND r.row IN (SELECT unnest($among::BIGINT[]))"


def _candidates(
    store: Store, themes: Sequence[str], most: int, within: tuple[str, str] | None, sides: Sequence[str]
) -> list[Row]:
    """Give the best mentions of each theme and polarity, one a review, languages taking turns."""
    own = f"AND coalesce(r.{quoted(within[0])}, $within) = $within" if within else ""
    return store.ask(
        f"""
        WITH {_LIGHT}, found AS (
            SELECT m.theme, m.polarity, m.row, m.segment, m.start, m."end", r.lang,
                {_CLEAR}
            FROM mentions m JOIN light r ON r.row = m.row
            WHERE list_contains($themes, m.theme) AND list_contains($sides, m.polarity)
                AND {_QUOTABLE} {own}
            QUALIFY row_number() OVER (
                PARTITION BY m.theme, m.row ORDER BY clarity DESC NULLS LAST, m.segment, m.start) = 1
        ), turns AS (
            SELECT *, row_number() OVER (
                PARTITION BY theme, polarity, lang
                ORDER BY contrary, awkward, clarity DESC NULLS LAST, row) AS turn
            FROM found
        )
        SELECT theme, polarity, row, segment, start, "end", contrary,
            count(*) OVER (PARTITION BY theme, polarity) AS of_polarity
        FROM turns
        QUALIFY row_number() OVER (
            PARTITION BY theme, polarity
            ORDER BY contrary, turn, awkward, clarity DESC NULLS LAST, row) <= $most
        ORDER BY theme, of_polarity DESC, polarity, contrary, turn, awkward, clarity DESC NULLS LAST, row
        """,
        themes=list(themes),
        sides=list(sides),
        most=most,
        **({"within": within[1]} if within else {}),
    )


def _balanced(rows: Sequence[Row], each: int) -> list[Row]:
    """Take ``each`` rows in order, but keep the last place for a clear voice that is otherwise not heard."""
    chosen = list(rows[:each])
    if len(chosen) == each and each > 1 and len({row["polarity"] for row in chosen}) == 1:
        others = (row for row in rows[each:] if row["polarity"] != chosen[0]["polarity"])
        other = next((row for row in others if not row["contrary"]), None)
        if other is not None:
            chosen[-1] = other
    return chosen


def _cut_out(store: Store, rows: Sequence[Row]) -> list[Quote]:
    """Fetch a stretch of text around each mention, with its review's columns, and cut it to a quote."""
    if not rows:
        return []
    places = store.ask(
        f"""
        WITH wanted AS (SELECT unnest($rows) AS row, unnest($starts) AS start, unnest($ends) AS stop)
        SELECT {_REVIEW}, w.start, greatest(w.start - {_BEFORE} - 1, 0) AS piece_start,
            substring(r.text, (greatest(w.start - {_BEFORE} - 1, 0) + 1)::BIGINT,
                (w.stop - greatest(w.start - {_BEFORE} - 1, 0) + {_AFTER} + 1)::BIGINT) AS piece
        FROM wanted w JOIN reviews r ON r.row = w.row
        ORDER BY r.row, w.start
        """,
        rows=[row["row"] for row in rows],
        starts=[row["start"] for row in rows],
        ends=[row["end"] for row in rows],
    )
    windows = {(place["row"], place["start"]): place for place in places}
    return [_around(row, windows[row["row"], row["start"]]) for row in rows]


def _around(mention: Row, place: Row) -> Quote:
    piece: str = place["piece"] or ""
    start = int(mention["start"]) - int(place["piece_start"])
    stop = start + int(mention["end"]) - int(mention["start"])
    before, term, after = piece[:start], piece[start:stop], piece[stop:]
    cut_before, cut_after = len(before) > _BEFORE, len(after) > _AFTER
    if cut_before:
        before = _trim_start(before[1:])
    if cut_after:
        after = _trim_end(after[:_AFTER])
    return Quote(before.lstrip(), term, after.rstrip(), cut_before, cut_after, {**place, **mention})


def _trim_start(words: str) -> str:
    """Begin at a sentence where one begins, else at a word."""
    ends = (words.find(mark, 0, len(words) * 3 // 4) for mark in _MARKS)
    sentence = min((at for at in ends if at >= 0), default=-1)
    if sentence >= 0:
        return words[sentence + 1 :]
    space = words.find(" ")
    return words[space + 1 :] if 0 <= space < 40 else words


def _trim_end(words: str) -> str:
    """End with a sentence where one ends, else with a word."""
    sentence = max(words.rfind(mark, len(words) // 3) for mark in _MARKS)
    if sentence >= 0:
        return words[: sentence + 1]
    space = words.rfind(" ")
    return words[:space] if space > len(words) - 40 else words
