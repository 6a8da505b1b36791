"""A query to a database as a source: streamed once into a temporary file, and read from there.

A database may answer in another order, or with other rows, when it is asked again; every pass has to see
the same ones.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from earful.errors import InputError
from earful.readers.urls import is_url, without_secrets

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

__all__ = ["Query", "QuerySource", "spool_query"]

#: Rows that are fetched at once.
_ROWS = 2000
#: Drivers of ours where an address names none; their own defaults are seldom installed.
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_INSTALL = "pip install 'earful[sql]'"


@dataclass(frozen=True, repr=False)
class Query:
    """A query to a database, as an input.

    Attributes
    ----------
    url
        Where the database is, as SQLAlchemy writes it: ``sqlite:///reviews.db``,
        ``postgresql://user@host/database``.
    sql
        What is asked; it may read only.

    Examples
    --------
    >>> from earful import Query
    >>> Query("postgresql://ann:secret@host/shop", "SELECT review, stars FROM reviews")
    Query('postgresql://ann:***@host/shop', 'SELECT review, stars FROM reviews')
    """

    url: str
    sql: str

    def __repr__(self) -> str:
        return f"Query({self.shown!r}, {self.sql!r})"

    @property
    def shown(self) -> str:
        """The address without its password."""
        # What is no address may hold a password where nobody looks for one.
        return without_secrets(self.url) if is_url(self.url) else "--sql"


@dataclass(frozen=True)
class QuerySource:
    """What a query gave, in a file of one JSON list a line, the names of the columns first."""

    path: Path
    name: str
    given: str
    notes: tuple[str, ...] = ()

    def digest(self) -> str:
        """Give the sha256 of the rows as they came."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def spool_query(query: Query, name: str, spooled: list[Path]) -> QuerySource:
    """Ask the database once, row by row with a cursor of the server's, and keep what it gives.

    Parameters
    ----------
    query
        The query.
    name
        What the rows' source is called.
    spooled
        Gets the temporary file; the caller deletes it.

    Raises
    ------
    InputError
        A package is missing, the database cannot be reached, or the query cannot be run or gives no rows.
    """
    try:
        from sqlalchemy.exc import SQLAlchemyError
    except ModuleNotFoundError:
        raise InputError("needs the package SQLAlchemy", where=query.shown, fix=_INSTALL) from None
    engine, url = _engine(query)
    try:
        with (
            tempfile.NamedTemporaryFile("w", prefix="earful-", delete=False, encoding="utf-8") as copy,
            engine.connect() as connection,
        ):
            spooled.append(Path(copy.name))
            _fetch(connection, query, copy)
    except SQLAlchemyError as error:
        raise _told(query, url, error) from None
    finally:
        engine.dispose()
    return QuerySource(spooled[-1], name, query.shown)


def _engine(query: Query) -> tuple[Engine, URL]:
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import SQLAlchemyError

    try:
        url = make_url(query.url)
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        fix = _INSTALL if error.name in ("psycopg", None) else f"pip install {error.name}"
        raise InputError(f"needs the package {error.name}", where=query.shown, fix=fix) from None
    except (SQLAlchemyError, ValueError) as error:
        raise InputError(
            f"is no address of a database ({str(error).splitlines()[0][:100]})",
            where=query.shown,
            allowed="as SQLAlchemy writes it: sqlite:///reviews.db, postgresql://user@host/database",
        ) from None
    file = url.database or ""
    if (
        url.get_backend_name() == "sqlite"
        and not file.startswith((":", "file:"))
        and not os.path.isfile(file)
    ):
        # It would be made, and be empty.
        raise InputError("does not exist", where=query.shown, fix="check the path after sqlite:///")
    return engine, url


def _fetch(connection: Connection, query: Query, copy: IO[str]) -> None:
    kind = connection.dialect.name
    if kind == "postgresql":
        connection = connection.execution_options(postgresql_readonly=True)
    if kind == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only = ON")
        driver: Any = connection.connection.driver_connection
        # Bytes that are no text are worth a mark, not the whole query.
        driver.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
    asking = connection.execution_options(stream_results=True, no_parameters=True, max_row_buffer=_ROWS)
    with asking.exec_driver_sql(query.sql) as result:
        if not result.returns_rows:
            raise InputError("the query gives no rows", where=query.shown, allowed="a SELECT")
        copy.write(json.dumps(list(result.keys())) + "\n")
        for rows in result.partitions(_ROWS):
            copy.writelines(json.dumps([_plain(cell) for cell in row], default=str) + "\n" for row in rows)


def _plain(cell: Any) -> Any:
    """Give a cell as JSON can hold it; what JSON has no word for becomes text."""
    if isinstance(cell, Decimal):
        if not cell.is_finite():
            return None
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, bytes | bytearray | memoryview):
        return bytes(cell).decode("utf-8", "backslashreplace")
    return cell


def _told(query: Query, url: URL, error: Exception) -> InputError:
    """Say what a database said in one line, the password left out."""
    said = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
    for secret in {url.password, query.url} - {None, ""}:
        said = said.replace(str(secret), "***")
    if url.password and len(url.password) < 4:
        said = type(error).__name__  # a short one cannot be told from other letters
    with suppress(ValueError):
        said = said[: said.index("[SQL:")]
    return InputError(
        f"the query cannot be run ({said.strip()})", where=query.shown, fix="check the address and the query"
    )
