"""What the report asks of a run folder: bounded answers, through SQL over its Parquet files.

Every query either aggregates to whole-number counts or has a total order and a limit, so that the same folder
always gives the same answer and no table of texts is ever loaded whole.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow.dataset as ds

from earful.errors import RunError
from earful.pages.numbers import finite
from earful.schema import TABLES

__all__ = ["Row", "Tables"]

Row = dict[str, Any]

#: No extension is fetched, no bar is drawn over the caller's own, and what does not fit is spilled to disk.
_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_progress_bar": "false",
    "preserve_insertion_order": "false",
    "memory_limit": "'1GB'",
}
#: What a group needs to be ranked: an index with an interval, enough reviews and a grade that can carry it.
_RANKED = """
    "index" IS NOT NULL AND isfinite("index") AND isfinite(index_low) AND isfinite(index_high)
    AND n_reviews >= $min_reviews AND coalesce(grade, '') <> 'D'
"""
#: Drivers of everything; praise and complaint together only where a theme has them not apart.
_DRIVERS = """
    WITH told AS (
        SELECT * FROM drivers WHERE grouping = 'overall'
        QUALIFY polarity <> 'any' OR count(*) FILTER (polarity <> 'any') OVER (PARTITION BY theme) = 0)
"""
#: A review whose words were read and that is not a repeat of another.
_WORDY = "r.score IS NOT NULL AND r.duplicate_of IS NULL AND NOT coalesce(r.non_answer, false)"


class Tables:
    """A run folder opened for reading; a context manager.

    Parameters
    ----------
    folder
        The run folder. A table that is missing counts as empty, so that the report of an old or partial run
        still says what it can.

    Raises
    ------
    RunError
        The folder does not exist or holds nothing of a run, or a file in it is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        known = [f"{name}.parquet" for name in TABLES] + ["manifest.json"]
        if not any((folder / name).exists() for name in known):
            what = (
                "is not a run folder (none of its tables is there)" if folder.is_dir() else "does not exist"
            )
            raise RunError(what, where=str(folder), fix="make one with: earful analyze INPUT -o RUN")
        self.manifest = _manifest(folder / "manifest.json")
        self._connection = duckdb.connect(":memory:")
        try:
            for setting, value in _SETTINGS.items():
                self._connection.execute(f"SET {setting} = {value}")
            self._connection.execute("SET temp_directory = $spill", {"spill": tempfile.gettempdir()})
            for name, table in TABLES.items():
                path, schema = folder / f"{name}.parquet", table.schema
                there = path.exists() and name != "embeddings"
                source = ds.dataset(path, format="parquet", schema=schema) if there else schema.empty_table()
                self._connection.register(name, source)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Tables:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    @property
    def min_reviews(self) -> int:
        """Reviews a group needs before it is ranked, as the run was set."""
        wanted = finite(self._loyalty.get("min_reviews"))
        return 30 if wanted is None else int(wanted)

    @property
    def level(self) -> float:
        """Level of the run's intervals, in (0, 1)."""
        wanted = finite(self._loyalty.get("level"))
        return 0.95 if wanted is None else wanted

    @property
    def _loyalty(self) -> dict[str, Any]:
        return as_dict(as_dict(self.manifest.get("config")).get("loyalty"))

    def ask(self, sql: str, **parameters: Any) -> list[Row]:
        """Run a query; numbers that are not finite come back as ``None``."""
        try:
            cursor = self._connection.execute(sql, parameters)
            names = [column[0] for column in cursor.description or ()]
            found = cursor.fetchall()
        except (duckdb.Error, OSError) as error:
            first = str(error).strip().splitlines()[0][:200]
            raise RunError(
                f"cannot be read ({first})", where=str(self.folder), fix="repeat the run"
            ) from None
        return [dict(zip(names, map(_plain, values), strict=True)) for values in found]

    def one(self, sql: str, **parameters: Any) -> Row:
        """Run a query that gives one row."""
        return self.ask(sql, **parameters)[0]

    def overall(self) -> Row | None:
        """Give the row over everything, ``None`` where there is none."""
        found = self.ask("SELECT * FROM loyalty WHERE grouping = 'overall' ORDER BY n_reviews DESC LIMIT 1")
        return found[0] if found else None

    def ranked(self, by: str) -> list[Row]:
        """Give the groups of one cut that can be ranked, the highest index first."""
        order = _group_column(by)
        return self.ask(
            f"SELECT * FROM loyalty WHERE grouping = $by AND {_RANKED} "
            f'ORDER BY "index" DESC, {order} LIMIT 100000',
            by=by,
            min_reviews=self.min_reviews,
        )

    def standings(self, by: str, measure: str) -> list[Row]:
        """Give the groups of one cut with enough reviews and a measured mean, the highest mean first."""
        order = _group_column(by)
        return self.ask(
            f"SELECT * FROM loyalty WHERE grouping = $by AND n_reviews >= $min_reviews "
            f"AND isfinite({measure}) AND isfinite({measure}_low) AND isfinite({measure}_high) "
            f"ORDER BY {measure} DESC, {order} LIMIT 100000",
            by=by,
            min_reviews=self.min_reviews,
        )

    def ranges(self, by: str, limit: int) -> list[Row]:
        """Give the groups of one cut that get a range and no rank.

        Those with enough reviews come first, the highest index first; then the small ones, the largest first.
        """
        order = _group_column(by)
        return self.ask(
            f"SELECT * FROM loyalty WHERE grouping = $by AND NOT coalesce({_RANKED}, false) "
            "ORDER BY n_reviews >= $min_reviews DESC, "
            'CASE WHEN n_reviews >= $min_reviews THEN "index" END DESC NULLS LAST, '
            f"n_reviews DESC, {order} NULLS LAST LIMIT $most",
            by=by,
            min_reviews=self.min_reviews,
            most=limit,
        )

    def n_groups(self, by: str) -> int:
        """Count the groups of one cut."""
        return int(self.one("SELECT count(*) AS n FROM loyalty WHERE grouping = $by", by=by)["n"])

    def largest(self, by: str, limit: int) -> list[str]:
        """Name the groups of one cut with the most reviews."""
        column = _group_column(by)
        rows = self.ask(
            f"SELECT {column} AS name FROM loyalty WHERE grouping = $by AND {column} IS NOT NULL "
            f"ORDER BY n_reviews DESC, {column} LIMIT $most",
            by=by,
            most=limit,
        )
        return [row["name"] for row in rows]

    def cells(self, products: Sequence[str], touchpoints: Sequence[str]) -> dict[tuple[str, str], Row]:
        """Give the groups of product by touchpoint for the named ones, with ``ranked`` added."""
        rows = self.ask(
            f"SELECT *, coalesce({_RANKED}, false) AS ranked FROM loyalty "
            "WHERE grouping = 'product,touchpoint' "
            "AND list_contains($products, product) AND list_contains($touchpoints, touchpoint) "
            "ORDER BY product, touchpoint",
            products=list(products),
            touchpoints=list(touchpoints),
            min_reviews=self.min_reviews,
        )
        return {(row["product"], row["touchpoint"]): row for row in rows}

    def periods(self, limit: int) -> list[Row]:
        """Give the latest periods in order of time."""
        rows = self.ask(
            "SELECT * FROM loyalty WHERE grouping = 'period' AND period IS NOT NULL "
            "ORDER BY period DESC LIMIT $most",
            most=limit,
        )
        return rows[::-1]

    def trend(self) -> dict[str, Row]:
        """Give the calm line through the overall index: period -> its row."""
        rows = self.ask("SELECT * FROM trends WHERE grouping = 'overall' ORDER BY period")
        return {row["period"]: row for row in rows}

    def changes(self, limit: int) -> list[Row]:
        """Give the change points: overall ones first, then the latest, the largest."""
        return self.ask(
            "SELECT * FROM trends WHERE change_point "
            "ORDER BY grouping <> 'overall', period DESC, abs(change) DESC, grouping, product, touchpoint "
            "LIMIT $most",
            most=limit,
        )

    def n_changes(self) -> tuple[int, int]:
        """Count the change points, and the groups that have periods enough to look for them."""
        row = self.one(
            "SELECT count(*) FILTER (change_point) AS n, "
            "count(DISTINCT (grouping, product, touchpoint)) FILTER (change_point IS NOT NULL) AS looked "
            "FROM trends"
        )
        return int(row["n"]), int(row["looked"])

    def rising(self, limit: int) -> list[Row]:
        """Give the themes on the rise, the surest first."""
        return self.ask(
            "SELECT * FROM emerging WHERE rising ORDER BY q_value, ratio DESC, grouping, "
            "product NULLS FIRST, theme, polarity LIMIT $most",
            most=limit,
        )

    def emerging_period(self) -> str | None:
        """Give the period in which themes on the rise were looked for overall, ``None`` where none was."""
        row = self.one("SELECT max(period) AS period FROM emerging WHERE grouping = 'overall'")
        return None if row["period"] is None else str(row["period"])

    def complaints(self, grouping: str) -> list[Row]:
        """Give the stages of the complaints over everything, or of each group of one cut."""
        return self.ask(
            "SELECT * FROM complaints WHERE grouping = $grouping ORDER BY product, touchpoint, stage",
            grouping=grouping,
        )

    def promises(self, stage: str, min_n: int, limit: int) -> list[Row]:
        """Give how the promise is kept by product and touchpoint, the worst first."""
        return self.ask(
            "SELECT * FROM complaints WHERE grouping <> 'overall' AND stage = $stage AND n >= $min_n "
            "AND isfinite(in_time) ORDER BY in_time, n DESC, grouping, product, touchpoint LIMIT $most",
            stage=stage,
            min_n=min_n,
            most=limit,
        )

    def behaviour(self) -> list[Row]:
        """Give what customers do over everything, as it was measured."""
        return self.ask(
            "SELECT * FROM behaviour WHERE grouping = 'overall' AND isfinite(value) "
            "ORDER BY origin, list_position(['repeat', 'frequency', 'order_value', 'retention', 'churn', "
            "'response', 'auc'], measure), value DESC, score LIMIT 60"
        )

    def themes(self, limit: int) -> list[Row]:
        """Give the themes over everything, most complained about first, then most spoken of."""
        return self.ask(
            "SELECT * FROM themes WHERE grouping = 'overall' AND n_mentions > 0 "
            "ORDER BY n_negative DESC, n_mentions DESC, theme LIMIT $most",
            most=limit,
        )

    def n_themes(self) -> int:
        """Count the themes that were found at all."""
        sql = "SELECT count(*) AS n FROM themes WHERE grouping = 'overall' AND n_mentions > 0"
        return int(self.one(sql)["n"])

    def labels(self) -> dict[str, str]:
        """Map theme ids to their English names."""
        rows = self.ask(
            "SELECT theme, min(label) AS label FROM themes GROUP BY theme ORDER BY theme LIMIT 5000"
        )
        return {row["theme"]: row["label"] for row in rows if row["theme"] and row["label"]}

    def drivers(self, limit: int, min_n: int) -> list[Row]:
        """Give what moves the overall index, the strongest first, from ``min_n`` reviews up."""
        return self.ask(
            f"{_DRIVERS} SELECT * FROM told WHERE n >= $min_n AND isfinite(impact) "
            "ORDER BY abs(impact) DESC, theme, polarity LIMIT $most",
            min_n=min_n,
            most=limit,
        )

    def n_drivers(self, min_n: int) -> tuple[int, int]:
        """Count the overall drivers that have at least ``min_n`` reviews, and those that have fewer."""
        row = self.one(
            f"{_DRIVERS} SELECT count(*) FILTER (n >= $min_n AND isfinite(impact)) AS kept, "
            "count(*) FILTER (n < $min_n) AS few FROM told",
            min_n=min_n,
        )
        return int(row["kept"]), int(row["few"])

    def counts(self) -> Row:
        """Count reviews, words, answers and sentiment; give the first and last date (UTC microseconds)."""
        return self.one(
            f"""
            SELECT count(*) AS accepted, count(r.score) AS with_words, count(r.nps) AS rated,
                count(*) FILTER (r.non_answer) AS non_answers, count(r.duplicate_of) AS duplicates,
                count(*) FILTER (r.truncated) AS truncated,
                count(*) FILTER ({_WORDY}) AS read,
                count(*) FILTER ({_WORDY} AND r.sentiment = 'negative') AS negative,
                count(*) FILTER ({_WORDY} AND r.sentiment = 'neutral') AS neutral,
                count(*) FILTER ({_WORDY} AND r.sentiment = 'positive') AS positive,
                count(r.mismatch) AS mismatches,
                count(*) FILTER (r.mismatch = 'score_above_text') AS score_above_text,
                min(epoch_us(r.created_at)) AS first_us, max(epoch_us(r.created_at)) AS last_us
            FROM reviews r
            """
        )

    def stars(self) -> Row | None:
        """Give ``low`` and ``high`` of the ratings' scale, ``None`` where there is none or more than one."""
        scales = self.ask(
            "SELECT rating_min AS low, rating_max AS high FROM reviews WHERE rating IS NOT NULL "
            "AND isfinite(rating_min) AND isfinite(rating_max) GROUP BY ALL ORDER BY ALL LIMIT 2"
        )
        return scales[0] if len(scales) == 1 else None

    def languages(self, limit: int) -> list[Row]:
        """Give the languages of reviews with words, with counts of their sentiment."""
        return self.ask(
            f"""
            SELECT coalesce(r.lang, 'und') AS lang, count(*) AS n,
                count(*) FILTER (r.sentiment = 'negative') AS negative,
                count(*) FILTER (r.sentiment = 'neutral') AS neutral,
                count(*) FILTER (r.sentiment = 'positive') AS positive,
                sum(count(*)) OVER () AS total
            FROM reviews r WHERE {_WORDY} GROUP BY 1 ORDER BY n DESC, lang LIMIT $most
            """,
            most=limit,
        )


def as_dict(value: Any) -> dict[str, Any]:
    """Give the value where it is a dictionary, an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def _group_column(by: str) -> str:
    if by not in ("product", "touchpoint"):
        raise ValueError(f"by must be 'product' or 'touchpoint', got {by!r}")
    return by


def _manifest(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return as_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise RunError(f"cannot be read ({error})", where=str(path), fix="repeat the run") from None


def _plain(value: Any) -> Any:
    return finite(value) if isinstance(value, float) else value
