"""All SQL: a run's Parquet files as views of DuckDB, and what the aggregates ask of them.

Rows come in canonical order, sorted by what they say and not by where they stood, so that sums and resamples
come out the same for shuffled input.
"""

from __future__ import annotations

import glob
import math
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from earful.errors import RunError
from earful.schema import INPUT, SIGNALS, STAGES, TABLES

__all__ = ["Row", "Store", "files_of", "members", "quoted"]

Row = dict[str, Any]

_SCHEMAS = {name: table.schema for name, table in TABLES.items()}
#: What makes two rows the same feedback given twice. Of words their checksum, so that none need be held.
_CONTENT = (
    "product, touchpoint, channel, author_id, created_at, md5_number(title), md5_number(text), rating, nps, "
    "csat, ces, recommended"
)
#: No extension is fetched, whatever a query asks for, and what does not fit is spilled to disk.
_SETTINGS: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # Files are read once or seldom: the system keeps of them what it has room for.
    "enable_external_file_cache": "false",
    "temp_directory": tempfile.gettempdir(),
}
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
_SAID = [name for name in INPUT.names if name not in {"row", "source", "review_id", "text", "fields"}]
_ORDER = ("review_id", "md5(text)", *_SAID)
#: Short words such as "Good" are written by many; only a trace of who or when makes them a repeat.
_REPEATABLE_LENGTH = 30
#: Rows that are taken from the database at once.
_AT_ONCE = 65_536
#: What a row of an input seldom has: a score and the ends of its scale, a flag, a weight.
_SELDOM = (*(f"{name}{end}" for name in SIGNALS for end in ("", "_min", "_max")), "recommended", "weight")
#: Rows alike in one minute that make a burst.
_BURST = 3
#: A segment complains where it is read as negative, and the review says anything at all.
_COMPLAINS = "s.p_negative > greatest(s.p_neutral, s.p_positive) AND NOT coalesce(r.non_answer, false)"


class Store:
    """Questions to the tables of a run, each a view of its name; a context manager.

    Parameters
    ----------
    reviews, segments, mentions, others
        Parquet files or glob patterns of them. A table without a file counts as empty, and a column that an
        earlier version did not write as null.
    memory
        How much the database may hold before it spills to disk, e.g. ``1GB``; by default most there is.
    """

    def __init__(
        self, reviews: str, segments: str, mentions: str, *, memory: str | None = None, **others: str
    ) -> None:
        self._files = {"reviews": reviews, "segments": segments, "mentions": mentions} | others
        self._settings = {"memory_limit": memory} if memory else {}

    @staticmethod
    def of(run: Path) -> Store:
        """Open the tables of a finished run's folder."""
        return Store(**files_of(run))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database; the next question opens it again."""
        connection = self.__dict__.pop("_connection", None)
        if connection is not None:
            connection.close()

    def ask(self, sql: str, **parameters: Any) -> list[Row]:
        """Run a query and give its rows; numbers that are not finite come back as ``None``.

        Raises
        ------
        RunError
            A file of the run is damaged.
        """
        with self._told():
            cursor = self._connection.execute(sql, parameters)
            names = [column[0] for column in cursor.description or ()]
            found = cursor.fetchall()
        return [dict(zip(names, map(_finite, values), strict=True)) for values in found]

    def one(self, sql: str, **parameters: Any) -> Row:
        """Run a query that gives one row."""
        return self.ask(sql, **parameters)[0]

    def top(self, table: str, where: str, order: str, limit: int = 100_000, **parameters: Any) -> list[Row]:
        """Give the first rows of a table, in an order that should be total."""
        sql = f"SELECT * FROM {table} WHERE {where} ORDER BY {order} LIMIT {limit:d}"
        return self.ask(sql, **parameters)

    def count(self, table: str, where: str, **parameters: Any) -> int:
        """Count the rows of a table of which something holds."""
        return int(self.one(f"SELECT count(*) AS n FROM {table} WHERE {where}", **parameters)["n"])

    def frame(self, sql: str, labels: Iterable[str] = (), spared: Collection[str] = ()) -> pd.DataFrame:
        """Run a query and give its rows as a frame; raises as ``ask`` does.

        The columns named in ``labels`` come as categories, in alphabetical order: a row of them takes a few
        bytes, and sorting and grouping by them is as by their words. Of those named in ``spared``, the ones
        that no row has are left out.
        """
        table = self.table(sql)
        nothing = [name for name in spared if table.column(name).null_count == table.num_rows]
        table = table.drop_columns(nothing)
        for name in labels:
            at = table.column_names.index(name)
            table = table.set_column(at, name, _coded(table.column(at)))
        # Column by column, each let go of once it is taken over.
        frame: pd.DataFrame = table.to_pandas(split_blocks=True, self_destruct=True)
        return frame

    def table(self, sql: str) -> pa.Table:
        """Run a query and give its rows as an Arrow table; raises as ``ask`` does."""
        with self._told():
            # As a stream: gathered by the database first, it would be there twice.
            return self._connection.sql(sql).to_arrow_reader(_AT_ONCE).read_all()

    def batches(self, sql: str, size: int) -> Iterator[pa.Table]:
        """Run a query and give its rows in tables of so many, one without rows where there are none."""
        with self._told():
            reader = self._connection.sql(sql).to_arrow_reader(size)
        yield reader.schema.empty_table()
        for batch in reader:
            yield pa.Table.from_batches([batch])

    def labels(self) -> dict[str, str]:
        """Map theme ids to their English names."""
        rows = self.ask(
            "SELECT theme, min(label) AS label FROM themes GROUP BY theme ORDER BY theme LIMIT 5000"
        )
        return {row["theme"]: row["label"] for row in rows if row["theme"] and row["label"]}

    def duplicates(self) -> dict[int, int]:
        """Map each row that repeats an earlier one in every field to the first such row."""
        return self._mapped(
            f"""
            SELECT row, first FROM (
                SELECT row, min(row) OVER (PARTITION BY {_CONTENT}) AS first FROM reviews
                WHERE text <> '' AND (length(text) >= {_REPEATABLE_LENGTH}
                    OR author_id IS NOT NULL OR created_at IS NOT NULL))
            WHERE row <> first ORDER BY row
            """
        )

    def alike(self, fresh: pa.Table, columns: Sequence[str]) -> dict[int, list[tuple[int, bool]]]:
        """Map rows of an input to those of the run with the same id, and whether they say the same.

        Parameters
        ----------
        fresh
            Rows as ``schema.INPUT``.
        columns
            Columns of it that are compared.
        """
        same = " AND ".join(
            ["true", *(f"f.{quoted(name)} IS NOT DISTINCT FROM r.{quoted(name)}" for name in columns)]
        )
        self._connection.register("fresh", fresh.select(["row", "review_id", *columns]))
        rows = self.ask(
            f"""
            SELECT f.row AS fresh, r.row AS old, {same} AS same FROM fresh f JOIN reviews r USING (review_id)
            ORDER BY fresh, old
            """
        )
        self._connection.unregister("fresh")
        found: dict[int, list[tuple[int, bool]]] = {}
        for row in rows:
            found.setdefault(row["fresh"], []).append((row["old"], row["same"]))
        return found

    def texts_by_product(
        self, fold: Callable[[str], str], repeats: Collection[int]
    ) -> Iterator[tuple[list[int], list[str]]]:
        """Give rows and folded texts of each product, without short texts and rows that repeat others."""
        sql = f"""
            SELECT product, row, text FROM reviews WHERE length(text) >= {_REPEATABLE_LENGTH}
            ORDER BY product NULLS FIRST, row
            """
        with self._told():
            reader = self._connection.sql(sql).to_arrow_reader(50_000)
        product: Any = None
        rows: list[int] = []
        texts: list[str] = []
        for batch in reader:
            for own, row, text in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                if own != product and rows:
                    yield rows, texts
                    rows, texts = [], []
                product = own
                if row not in repeats:
                    rows.append(row)
                    texts.append(fold(text))
        if rows:
            yield rows, texts

    def bursts(self) -> pa.Table:
        """Say of each row that has a time of day whether it is one of three or more alike in its minute.

        Alike are rows of one author, and rows of the same words. A date alone (midnight) is no time of day.

        Returns
        -------
        pa.Table
            ``row`` and ``burst``, in the order of the rows.
        """
        return self.table(
            f"""
            WITH timed AS (
                SELECT row, author_id, nullif(text, '') IS NOT NULL AS wordy, md5_number(text) AS words,
                    epoch_us(created_at) // 60000000 AS minute
                FROM reviews WHERE created_at IS NOT NULL AND epoch_us(created_at) % 86400000000 <> 0)
            SELECT row,
                (author_id IS NOT NULL AND count(*) OVER (PARTITION BY author_id, minute) >= {_BURST})
                OR (wordy AND count(*) OVER (PARTITION BY words, minute) >= {_BURST}) AS burst
            FROM timed ORDER BY row
            """
        )

    def rows(self, cuts: Iterable[str] = ()) -> pd.DataFrame:
        """Give one row per review with everything but the words, in canonical order.

        Scores, flags and weights that no row has are left out. ``cuts`` are the further columns that the rows
        are cut by; ``NAME`` comes as ``by NAME``.
        """
        return self._dated(
            f"""
            SELECT row, source, product, touchpoint, channel, author_id, epoch_us(created_at) AS created_at,
                lang, weight, length(text)::INTEGER AS text_length,
                p_negative IS NOT NULL AS has_words,
                rating, rating_min, rating_max, nps, nps_min, nps_max, csat, csat_min, csat_max,
                ces, ces_min, ces_max, recommended, p_negative, p_neutral, p_positive, score,
                p_detractor, p_passive, p_promoter, nps_text, non_answer{_cut_columns(cuts)}
            FROM reviews
            """,
            "created_at",
            cuts=cuts,
            labels=("source", "product", "touchpoint", "channel", "author_id", "lang"),
            spared=_SELDOM,
        )

    def complaints(self, cuts: Iterable[str] = ()) -> pd.DataFrame:
        """Give one row per complaint with its stages and their times, cut as ``rows`` is."""
        stages = ", ".join(f"{stage}, epoch_us({stage}_at) AS {stage}_at" for stage in STAGES)
        return self._dated(
            f"""
            SELECT row, product, touchpoint, author_id, annual_value, retained,
                epoch_us(received_at) AS received_at, {stages}{_cut_columns(cuts)}
            FROM reviews WHERE complaint
            """,
            "received_at",
            *(f"{stage}_at" for stage in STAGES),
            cuts=cuts,
        )

    def customers(self, every: bool = False, cuts: Iterable[str] = ()) -> pd.DataFrame:
        """Give one row per review that says what its customer does (or per each that names its customer)."""
        known = "orders IS NOT NULL OR order_value IS NOT NULL OR retained IS NOT NULL"
        return self._dated(
            f"""
            SELECT row, product, author_id, epoch_us(created_at) AS created_at, orders, order_value, retained,
                nps_text, nps, rating, rating_min, rating_max, csat, csat_min, csat_max,
                score{_cut_columns(cuts)}
            FROM reviews WHERE {known} {"OR author_id IS NOT NULL" if every else ""}
            """,
            "created_at",
            cuts=cuts,
        )

    def last_moment(self) -> pd.Timestamp | None:
        """Give the last moment that any row names, ``None`` where there is none."""
        names = ", ".join(["created_at", "received_at", *(f"{stage}_at" for stage in STAGES)])
        last = self.one(f"SELECT epoch_us(max(greatest({names}))) AS last FROM reviews")["last"]
        return None if last is None else pd.Timestamp(last, unit="us", tz="UTC")

    def mentions(self) -> pd.DataFrame:
        """Give one row per mention by its theme and polarity, ordered by row, segment and place."""
        return self.frame(
            "SELECT row, segment, theme, polarity FROM mentions ORDER BY row, segment, start, theme",
            labels=("theme", "polarity"),
        )

    def some_texts(self, most: int) -> list[tuple[str, str]]:
        """Give different texts with their languages, of many a part that the texts themselves decide."""
        first = """
            SELECT min(row) AS row, md5(text) AS words, coalesce(lang, 'und') AS lang FROM reviews
            WHERE p_negative IS NOT NULL GROUP BY words, coalesce(lang, 'und') ORDER BY words, 3 LIMIT $most
        """
        rows = self.ask(
            f"SELECT r.text, f.lang FROM ({first}) f JOIN reviews r USING (row) ORDER BY f.words, f.lang",
            most=most,
        )
        return [(row["text"], row["lang"]) for row in rows]

    def languages(self) -> dict[str, int]:
        """Count the reviews of each language, the most frequent first."""
        rows = self.ask("SELECT lang, count(*) AS n FROM reviews GROUP BY lang ORDER BY n DESC, lang")
        return {row["lang"]: row["n"] for row in rows}

    def tallies(self) -> dict[str, int]:
        """Count the rows with words, non-answers and truncated texts."""
        return self.one(
            """
            SELECT count(*) FILTER (p_negative IS NOT NULL) AS with_words,
                count(*) FILTER (non_answer) AS non_answers,
                count(*) FILTER (truncated) AS truncated,
                count(aside) AS asides
            FROM reviews
            """
        )

    def complaining(self, cuts: Iterable[str] = ()) -> pd.DataFrame:
        """Give the negative segments, with the product and language of their reviews, cut as ``rows`` is."""
        return self.frame(
            f"""
            SELECT s.row, s.segment, r.product, coalesce(r.lang, 'und') AS lang{_cut_columns(cuts, "r.")}
            FROM segments s JOIN reviews r ON r.row = s.row
            WHERE {_COMPLAINS} ORDER BY s.row, s.segment
            """,
            labels=("product", "lang"),
        )

    def complaint_coverage(self) -> tuple[int, int]:
        """Count the negative segments, and those of them that carry a theme."""
        row = self.one(
            f"""
            SELECT count(*) AS n, count(*) FILTER (EXISTS (
                SELECT 1 FROM mentions m WHERE m.row = s.row AND m.segment = s.segment)) AS covered
            FROM segments s JOIN reviews r ON r.row = s.row WHERE {_COMPLAINS}
            """
        )
        return row["n"], row["covered"]

    def _mapped(self, sql: str) -> dict[int, Any]:
        """Run a query of two columns and map the first to the second, without a row of Python for each."""
        keys, values = (column.to_pylist() for column in self.table(sql).columns)
        return dict(zip(keys, values, strict=True))

    def _dated(
        self,
        sql: str,
        *times: str,
        cuts: Iterable[str] = (),
        labels: Iterable[str] = (),
        spared: Collection[str] = (),
    ) -> pd.DataFrame:
        """Run a query on reviews in canonical order; times come as counts of microseconds since 1970."""
        further = [quoted(name) for name in cuts]
        order = ", ".join([*_ORDER, *further, "row"])
        rows = self.frame(f"{sql} ORDER BY {order}", labels, spared)
        for name in times:
            # As a count: time zones would need an extension of the database.
            rows[name] = pd.to_datetime(rows[name], unit="us", utc=True)
        return rows

    @contextmanager
    def _told(self, table: str = "") -> Iterator[None]:
        """Tell of a damaged file in one line."""
        try:
            yield
        except (duckdb.Error, OSError) as error:
            first = str(error).strip().splitlines()[0][:200]
            place = Path(self._files[table]) if table else Path(self._files["reviews"]).parent
            where = re.sub(r"\[([*?[])\]", r"\1", str(place))  # as it was before glob.escape
            raise RunError(f"cannot be read ({first})", where=where, fix="repeat the run") from None

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(":memory:", config={**_SETTINGS, **self._settings})
        try:
            # No bar is drawn over the caller's own.
            connection.execute("SET enable_progress_bar = false")
            for name, schema in _SCHEMAS.items():
                with self._told(name):
                    source = _source(connection, self._files.get(name), schema)
                    connection.execute(f"CREATE VIEW {name} AS {source}")
        except BaseException:
            connection.close()
            raise
        return connection


def quoted(name: str) -> str:
    """Write the name of a column as SQL takes it, whatever it is."""
    return '"' + name.replace('"', '""') + '"'


def members(by: str, derived: bool = False, parameter: str = "name") -> str:
    """Write the condition on the reviews of a group.

    Parameters
    ----------
    by
        The column that groups.
    derived
        Whether touchpoints are those that the words speak of, as no review has one of its own.
    parameter
        What the name of the group is called among the query's parameters.
    """
    if by == "touchpoint" and derived:
        return f"row IN (SELECT row FROM mentions WHERE starts_with(theme, ${parameter} || '.'))"
    return f"{quoted(by)} = ${parameter}"


def _cut_columns(cuts: Iterable[str], table: str = "") -> str:
    """Write the further columns that rows are cut by at the end of a list of columns."""
    return "".join(f", {table}{quoted(name)} AS {quoted(f'by {name}')}" for name in cuts)


def files_of(run: Path) -> dict[str, str]:
    """Name the file of each table of a run folder, as ``Store`` takes them."""
    return {name: f"{glob.escape(str(run))}/{name}.parquet" for name in _SCHEMAS}


def _source(connection: duckdb.DuckDBPyConnection, files: str | None, schema: pa.Schema) -> str:
    """Write the query that reads a table: what there is of it, and null for what there is not."""
    source, has = "", set()
    if files and (Path(files).exists() or next(glob.iglob(files), None)):
        # A view cannot take a parameter; a quote in the path is doubled as SQL asks.
        quoted = files.replace("'", "''")
        source = f"FROM read_parquet('{quoted}')"
        has = {column[0] for column in connection.execute(f"DESCRIBE SELECT * {source}").fetchall()}
    lacks = [field for field in schema if field.name not in has]
    nulls = [f'NULL::{_TYPES.get(field.type, "BLOB")} AS "{field.name}"' for field in lacks]
    return f"SELECT {', '.join(['*'] * bool(source) + nulls)} {source or 'WHERE false'}"


def _coded(column: pa.ChunkedArray) -> pa.Array:
    """Write a column of words as numbers of its different words, in alphabetical order."""
    codes = column.combine_chunks().dictionary_encode()
    if isinstance(codes, pa.ChunkedArray):
        codes = codes.combine_chunks()
    order = pc.sort_indices(codes.dictionary)
    place = pc.sort_indices(order).cast(pa.int32())
    return pa.DictionaryArray.from_arrays(place.take(codes.indices), codes.dictionary.take(order))


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
