"""A run's reviews as they are searched: an SQLite file beside the run, with a full-text index of their words.

It is made once, from the run's tables, and made again where the run was replaced. Words are indexed by their
folded forms and by their dictionary forms in the review's own language, so that a search for one finds the
others; where a language has no dictionary, the beginning of a word finds it.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from earful.errors import RunError
from earful.runs.files import whole
from earful.runs.run import MANIFEST, SEARCH, Run, further_cuts
from earful.runs.store import Store, quoted
from earful.schema import OWN_CUTS, SIGNALS
from earful.text.words import keys, split_words

__all__ = ["ORDERS", "Row", "Search", "further_columns", "indexed_words"]

Row = dict[str, Any]

#: Raised whenever the file's layout changes: what was made before is then made again.
_LAYOUT = "6"
#: Rows that are read and written at once.
_BATCH = 5_000
#: Scripts that part no words: each sign is a token, and a word a phrase of them.
_UNPARTED = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff])")
#: What is kept of a review for filters, lists and quotes, and how the run's database gives it.
_COLUMNS = {
    "row": "row",
    "review_id": "review_id",
    "source": "source",
    "product": "product",
    "touchpoint": "touchpoint",
    "channel": "channel",
    "lang": "coalesce(lang, 'und')",
    "created_us": "epoch_us(created_at)",
    **{name: name for name in ("rating", "rating_min", "rating_max", "nps", "nps_min", "nps_max")},
    **{name: name for name in ("csat", "csat_max", "ces", "nps_text")},
    # What says nothing has no sentiment, whatever a model makes of it.
    **{name: f"CASE WHEN NOT coalesce(non_answer, false) THEN {name} END" for name in ("sentiment", "score")},
    "mismatch": "mismatch",
    "mismatch_q": "mismatch_q",
    "worded": "(score IS NOT NULL AND NOT coalesce(non_answer, false))::INT",
    "non_answer": "coalesce(non_answer, false)::INT",
    "duplicate_of": "duplicate_of",
}
_LAYOUT_SQL = f"""
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
    CREATE TABLE reviews ({", ".join(_COLUMNS).replace("row", "row INTEGER PRIMARY KEY", 1)}{{further}});
    CREATE TABLE texts (row INTEGER PRIMARY KEY, title TEXT, text TEXT);
    CREATE TABLE mentions (row, segment, theme, start, stop, polarity, score, confidence);
    CREATE VIRTUAL TABLE fts USING fts5(
        said, meant, content='', prefix='2 3 4', tokenize="unicode61 remove_diacritics 0");
"""
#: In which orders reviews can be listed; each has an index, so that a page is found without sorting them all.
ORDERS = {
    "newest": "(created_us IS NULL), created_us DESC, row",
    "oldest": "(created_us IS NULL), created_us, row",
    "worst": "(score IS NULL), score, row",
    "best": "(score IS NULL), score DESC, row",
    "row": "row",
}
#: Columns that filters look at. Each has an index that holds the sentiment too, so that what a filter finds
#: is counted without a look at the rows themselves.
_FILTERED = ("product", "touchpoint", "channel", "source", "lang", "created_us", *SIGNALS)
#: Made when all rows are in: indexes that grow with each row cost several times as much.
_INDEXES_SQL = f"""
    CREATE INDEX mentions_by_theme ON mentions (theme, polarity, row);
    CREATE INDEX mentions_by_row ON mentions (row);
    CREATE INDEX mentions_by_polarity ON mentions (polarity, row);
    CREATE INDEX reviews_by_worded ON reviews (worded, lang, sentiment);
    CREATE INDEX reviews_by_sentiment ON reviews (sentiment);
    {" ".join(f"CREATE INDEX reviews_{name} ON reviews ({order});" for name, order in ORDERS.items())}
    CREATE INDEX reviews_by_mismatch ON reviews (mismatch, sentiment) WHERE mismatch IS NOT NULL;
    ANALYZE;
"""


class Search:
    """Questions to the search file of a run; one connection a thread, all of them read-only.

    Parameters
    ----------
    run
        The run; its search file is made if it is not there or of another run.
    told
        Is told how many reviews are in, of how many, while the file is made.
    """

    def __init__(self, run: Run, told: Callable[[int, int], None] = lambda done, total: None) -> None:
        self._stamp = _stamp(run)
        self._own = threading.local()
        self.path = self._found(run) or self._made(run, told)

    def ask(self, sql: str, parameters: Iterable[Any] = ()) -> list[Row]:
        """Run a query and give its rows."""
        cursor = self._connection.execute(sql, tuple(parameters))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor]

    def value(self, sql: str, parameters: Iterable[Any] = ()) -> Any:
        """Run a query and give the first value of its first row; ``None`` where it has none."""
        found = self._connection.execute(sql, tuple(parameters)).fetchone()
        return found[0] if found else None

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = _read_only(self.path)
        return connection

    def _places(self, run: Run) -> tuple[Path, Path]:
        """Give where the file may lie: in the run, or among the temporary files if that cannot be written."""
        name = hashlib.sha256(str(run.path.resolve()).encode()).hexdigest()[:16]
        return run.path / SEARCH, Path(tempfile.gettempdir()) / f"earful-{name}-{SEARCH}"

    def _found(self, run: Run) -> Path | None:
        # Files among the temporary ones may be anybody's: only the run's own folder is believed.
        path = self._places(run)[0]
        if not path.is_file():
            return None
        try:
            with contextlib.closing(_read_only(path)) as connection:
                told = connection.execute("SELECT value FROM meta WHERE key = 'stamp'").fetchone()
        except sqlite3.Error:
            return None
        return path if told and told[0] == self._stamp else None

    def _made(self, run: Run, told: Callable[[int, int], None]) -> Path:
        problem: Exception | None = None
        for path in self._places(run):
            try:
                with whole(path) as part:
                    part.unlink(missing_ok=True)
                    _make(run, part, self._stamp, told)
            except (OSError, sqlite3.OperationalError) as error:
                problem = error
                continue
            return path
        raise RunError(
            f"has no place for its search file ({problem})",
            where=str(run.path),
            fix="make its folder writable, or free some space",
        )


def _stamp(run: Run) -> str:
    """Name what the search file is made of: this layout, and the run's manifest."""
    manifest = (run.path / MANIFEST).read_bytes()
    reviews = run.file("reviews").stat() if run.has("reviews") else None
    size = f"{reviews.st_size}" if reviews else ""
    return hashlib.sha256(b"\0".join([_LAYOUT.encode(), size.encode(), manifest])).hexdigest()


def further_columns(run: Run) -> dict[str, str]:
    """Give the columns that hold what the run is cut by besides: name of the cut -> column."""
    if not run.has("reviews"):
        return {}
    import pyarrow.parquet as pq

    held = set(pq.read_schema(run.file("reviews")).names)
    names = [name for name in further_cuts(run.manifest) if name in held and name not in OWN_CUTS]
    return {name: f"cut_{k}" for k, name in enumerate(names)}


def _read_only(path: Path) -> sqlite3.Connection:
    from urllib.parse import quote

    connection = sqlite3.connect(
        f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
    connection.execute("PRAGMA mmap_size = 268435456")
    return connection


def _make(run: Run, path: Path, stamp: str, told: Callable[[int, int], None]) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, Store.of(run.path) as store:
        cuts = further_columns(run)
        layout = _LAYOUT_SQL.format(further="".join(f", {column}" for column in cuts.values()))
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + layout)
        total, done = store.count("reviews", "true"), 0
        kept = _COLUMNS | {column: f"{quoted(name)}::VARCHAR" for name, column in cuts.items()}
        columns = ", ".join(f"{sql} AS {name}" for name, sql in kept.items())
        for table in store.batches(f"SELECT {columns}, title, text FROM reviews ORDER BY row", _BATCH):
            rows = table.to_pylist()
            _put(connection, "reviews", ([row[name] for name in kept] for row in rows))
            _put(connection, "texts", ([row["row"], row["title"], row["text"]] for row in rows))
            _put(connection, "fts(rowid, said, meant)", (_words(row) for row in rows))
            done += len(rows)
            told(done, total)
        sql = """SELECT row, segment, theme, start, "end", polarity, score, confidence
            FROM mentions ORDER BY row, segment, start, theme"""
        for table in store.batches(sql, 10 * _BATCH):
            _put(connection, "mentions", zip(*(column.to_pylist() for column in table.columns), strict=True))
        filtered = (
            f"CREATE INDEX reviews_by_{column} ON reviews ({column}, sentiment);"
            for column in (*_FILTERED, *cuts.values())
        )
        connection.executescript("".join(filtered) + _INDEXES_SQL)
        connection.execute("INSERT INTO fts(fts) VALUES ('optimize')")
        connection.execute("INSERT INTO meta VALUES ('stamp', ?)", (stamp,))
        connection.commit()


def _put(connection: sqlite3.Connection, table: str, rows: Iterable[Any]) -> None:
    kept = [tuple(row) for row in rows]
    if kept:
        marks = ", ".join("?" * len(kept[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", kept)


def _words(row: Row) -> tuple[int, str, str]:
    title, text = row["title"] or "", row["text"] or ""
    said, meant = indexed_words(f"{title} {text}" if title else text, row["lang"])
    return row["row"], " ".join(said), " ".join(meant)


def indexed_words(text: str, lang: str) -> tuple[list[str], list[str]]:
    """Give the folded words of a text in their order, and the other forms that they may be found under."""
    said: list[str] = []
    meant: dict[str, None] = {}
    for form, *others in _forms(text, lang):
        said.append(form)
        meant.update(dict.fromkeys(others))
    return said, list(meant)


def _forms(text: str, lang: str) -> Iterator[tuple[str, ...]]:
    for _, _, word in split_words(text):
        yield _known_forms(word, lang)


@lru_cache(maxsize=100_000)
def _known_forms(word: str, lang: str) -> tuple[str, ...]:
    form, *others = keys(word, lang)
    return (_UNPARTED.sub(r" \1 ", form).strip(), *others)
