"""All SQL: what the aggregates need of a run, asked of its Parquet files through DuckDB.

Rows come in canonical order, sorted by what they say and not by where they stood, so that sums and resamples
come out the same for shuffled input.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pandas as pd
import pyarrow as pa

from earful.schema import STAGES, TABLES

__all__ = ["Store"]

#: What makes two rows the same feedback given twice.
_CONTENT = (
    "product, touchpoint, channel, author_id, created_at, title, text, rating, nps, csat, ces, recommended"
)
#: What the database calls the types of our columns.
_TYPES = {
    pa.bool_(): "BOOLEAN",
    pa.float64(): "DOUBLE",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.string(): "VARCHAR",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
}
#: Canonical order: by what rows say, and by where they stood only where they say the same.
_ORDER = """
    ORDER BY review_id, md5(text), product, touchpoint, created_at, rating, nps, csat, ces, author_id,
        channel, title, recommended, weight, complaint, received_at, acknowledged, acknowledged_at,
        apologised, apologised_at, resolved, resolved_at, followed_up, followed_up_at, orders, order_value,
        annual_value, retained, row
"""
#: Short words such as "Good" are written by many; only a trace of who or when makes them a repeat.
_REPEATABLE_LENGTH = 30


class Store:
    """Questions to one set of ``reviews``, ``segments`` and ``mentions`` files.

    Parameters
    ----------
    reviews, segments, mentions
        Parquet files or glob patterns of them.
    """

    def __init__(self, reviews: str, segments: str, mentions: str) -> None:
        self._files = {"reviews": reviews, "segments": segments, "mentions": mentions}

    def duplicates(self) -> dict[int, int]:
        """Map each row that repeats an earlier one in every field to the first such row."""
        rows = self._ask(
            f"""
            SELECT row, first FROM (
                SELECT row, min(row) OVER (PARTITION BY {_CONTENT}) AS first FROM reviews
                WHERE text <> '' AND (length(text) >= {_REPEATABLE_LENGTH}
                    OR author_id IS NOT NULL OR created_at IS NOT NULL))
            WHERE row <> first ORDER BY row
            """
        )
        return dict(zip(rows["row"].tolist(), rows["first"].tolist(), strict=True))

    def rows(self) -> pd.DataFrame:
        """Give one row per review with everything but the words, in canonical order."""
        rows = self._ask(
            """
            SELECT row, source, product, touchpoint, channel, author_id, epoch_us(created_at) AS created_at,
                lang, weight, length(text) AS text_length,
                p_negative IS NOT NULL AS has_words,
                rating, rating_min, rating_max, nps, nps_min, nps_max, csat, csat_min, csat_max,
                ces, ces_min, ces_max, recommended, p_negative, p_neutral, p_positive, score,
                p_detractor, p_passive, p_promoter, nps_text, non_answer
            FROM reviews
            """
            + _ORDER
        )
        # As a count: time zones would need an extension of the database.
        rows["created_at"] = pd.to_datetime(rows["created_at"], unit="us", utc=True)
        return rows

    def complaints(self) -> pd.DataFrame:
        """Give one row per complaint with its stages and their times, in canonical order."""
        stages = ", ".join(f"{stage}, epoch_us({stage}_at) AS {stage}_at" for stage in STAGES)
        rows = self._ask(
            f"""
            SELECT row, product, touchpoint, author_id, annual_value, retained,
                epoch_us(received_at) AS received_at, {stages}
            FROM reviews WHERE complaint
            """
            + _ORDER
        )
        for name in ("received_at", *(f"{stage}_at" for stage in STAGES)):
            rows[name] = pd.to_datetime(rows[name], unit="us", utc=True)
        return rows

    def customers(self, every: bool = False) -> pd.DataFrame:
        """Give one row per review that says what its customer does (or per each that names its customer)."""
        known = "orders IS NOT NULL OR order_value IS NOT NULL OR retained IS NOT NULL"
        rows = self._ask(
            f"""
            SELECT row, product, author_id, epoch_us(created_at) AS created_at, orders, order_value, retained,
                nps_text, nps, rating, rating_min, rating_max, csat, csat_min, csat_max, score
            FROM reviews WHERE {known} {"OR author_id IS NOT NULL" if every else ""}
            """
            + _ORDER
        )
        rows["created_at"] = pd.to_datetime(rows["created_at"], unit="us", utc=True)
        return rows

    def last_moment(self) -> pd.Timestamp | None:
        """Give the last moment that any row names, ``None`` where there is none."""
        names = ", ".join(["created_at", "received_at", *(f"{stage}_at" for stage in STAGES)])
        last = self._ask(f"SELECT epoch_us(max(greatest({names}))) AS last FROM reviews")["last"].iloc[0]
        return None if pd.isna(last) else pd.Timestamp(int(last), unit="us", tz="UTC")

    def mentions(self) -> pd.DataFrame:
        """Give one row per mention, without the words, ordered by row, segment and place."""
        return self._ask(
            """
            SELECT row, segment, theme, start, polarity, score, confidence FROM mentions
            ORDER BY row, segment, start, theme
            """
        )

    def languages(self) -> dict[str, int]:
        """Count the reviews of each language, the most frequent first."""
        rows = self._ask("SELECT lang, count(*) AS n FROM reviews GROUP BY lang ORDER BY n DESC, lang")
        return dict(zip(rows["lang"].tolist(), rows["n"].tolist(), strict=True))

    def tallies(self) -> dict[str, int]:
        """Count the rows with words, non-answers and truncated texts."""
        rows = self._ask(
            """
            SELECT count(*) FILTER (p_negative IS NOT NULL) AS with_words,
                count(*) FILTER (non_answer) AS non_answers,
                count(*) FILTER (truncated) AS truncated
            FROM reviews
            """
        )
        return {name: int(rows[name].iloc[0]) for name in rows.columns}

    def complaint_coverage(self) -> tuple[int, int]:
        """Count the negative segments, and those of them that carry a theme."""
        rows = self._ask(
            """
            SELECT count(*) AS n, count(*) FILTER (EXISTS (
                SELECT 1 FROM mentions m WHERE m.row = s.row AND m.segment = s.segment)) AS covered
            FROM segments s WHERE p_negative > greatest(p_neutral, p_positive)
            """
        )
        return int(rows["n"].iloc[0]), int(rows["covered"].iloc[0])

    def _ask(self, sql: str) -> pd.DataFrame:
        with self._connection() as connection:
            frame: pd.DataFrame = connection.sql(sql).to_arrow_table().to_pandas()
        return frame

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(":memory:") as connection:
            # Nothing is fetched, whatever a query asks for, and nothing is written to the terminal.
            for setting in (
                "autoinstall_known_extensions",
                "autoload_known_extensions",
                "enable_progress_bar",
            ):
                connection.execute(f"SET {setting} = false")
            for name, files in self._files.items():
                # A view cannot take a parameter; a quote in the path is doubled as SQL asks.
                quoted = files.replace("'", "''")
                source = f"SELECT * FROM read_parquet('{quoted}')"
                has = {column[0] for column in connection.sql(f"DESCRIBE {source}").fetchall()}
                # A run of an earlier version lacks the columns that came later.
                lacks = [field for field in TABLES[name].schema if field.name not in has]
                more = "".join(f", CAST(NULL AS {_TYPES[field.type]}) AS {field.name}" for field in lacks)
                connection.execute(f"CREATE VIEW {name} AS SELECT *{more} FROM ({source})")
            yield connection
