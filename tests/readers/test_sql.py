"""Rows of a query: every type, streamed, read only, and no password anywhere."""

import datetime as dt
import json
import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

import earful
from earful import Query
from earful.cli.app import app
from earful.errors import InputError
from earful.readers import formats, open_inputs
from earful.readers.urls import without_secrets
from tests.readers.servers import PASSWORD, postgres, postgres_programs

pytest.importorskip("sqlalchemy")

ROWS = [(i, f"Text number {i} is good: 100% “so”", 1 + i % 5, ("LV", "BG", None)[i % 3]) for i in range(30)]


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE reviews (id INT, review TEXT, stars INT, country TEXT)")
        made.executemany("INSERT INTO reviews VALUES (?, ?, ?, ?)", ROWS)
    made.close()
    return path


@pytest.fixture(scope="session")
def server():
    if postgres_programs() is None:
        pytest.skip("NO POSTGRESQL HERE: apt-get install postgresql to test --sql against it")
    psycopg = pytest.importorskip("psycopg")
    with postgres() as place:
        with psycopg.connect(**place, password=PASSWORD) as made:
            columns = "id INT, review TEXT, stars NUMERIC, country TEXT, at TIMESTAMPTZ, more JSONB"
            made.execute(f"CREATE TABLE reviews ({columns})")
            at = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
            with made.cursor() as cursor:
                rows = [(*row, at + dt.timedelta(days=row[0]), '{"shop": {"city": "Рига"}}') for row in ROWS]
                cursor.executemany("INSERT INTO reviews VALUES (%s, %s, %s, %s, %s, %s)", rows)
        yield place


def url(place, password=PASSWORD):
    who = f"{place['user']}:{quote(password, safe='')}"
    return f"postgresql://{who}@{place['host']}:{place['port']}/{place['dbname']}"


def held(query, **options):
    with open_inputs([query], **options) as feed:
        rows = [row for table, rejects in feed.batches(7) for row in table.to_pylist() + list(rejects)]
        return feed, rows


def test_every_row_of_a_query_comes_in_its_order(database):
    query = Query(f"sqlite:///{database}", "SELECT * FROM reviews WHERE review LIKE '%:%' ORDER BY id DESC")
    feed, rows = held(query, cuts={"country": "country"})
    assert [row["text"] for row in rows] == [text for _, text, _, _ in reversed(ROWS)]
    assert [row["rating"] for row in rows] == [stars for *_, stars, _ in reversed(ROWS)]
    assert [row["country"] for row in rows] == [country for *_, country in reversed(ROWS)]
    assert {row["source"] for row in rows} == {"query"}
    assert feed.surveys[0].format == "sql"
    assert feed.fingerprint == held(query)[0].fingerprint


def test_nothing_is_left_behind(database, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    held(Query(f"sqlite:///{database}", "SELECT * FROM reviews"))
    assert not list((tmp_path / "temporary").iterdir())
    with pytest.raises(InputError):
        held(Query(f"sqlite:///{database}", "SELECT id FROM reviews WHERE 0"))
    assert not list((tmp_path / "temporary").iterdir())


def test_cells_of_all_kinds_are_read(database):
    sql = """SELECT 'Good and solid' AS review, 4.0 AS stars, '2026-01-02 03:04:05' AS date,
            x'c3a9' AS product
        UNION ALL SELECT NULL, 5, '2026-01-02', NULL
        UNION ALL SELECT CAST(x'ff41' AS TEXT), NULL, NULL, 12.0"""
    _, rows = held(Query(f"sqlite:///{database}", sql))
    assert [row["text"] for row in rows] == ["Good and solid", "", "\\xffA"]
    assert [row["product"] for row in rows] == ["é", None, "12"]
    assert rows[0]["created_at"] == dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize("sql", ["DELETE FROM reviews", "DROP TABLE reviews", "UPDATE reviews SET stars = 1"])
def test_a_query_only_reads(database, sql):
    with pytest.raises(InputError, match="cannot be run"):
        held(Query(f"sqlite:///{database}", sql))
    with sqlite3.connect(database) as still:
        assert still.execute("SELECT count(*), sum(stars) FROM reviews").fetchone() == (30, 90)
    still.close()


@pytest.mark.parametrize(
    ("address", "sql", "says"),
    [
        ("sqlite:///{}/none.db", "SELECT 1", "does not exist"),
        ("sqlite:///{}/shop.db", "SELEC", "syntax error"),
        ("sqlite:///{}/shop.db", "SELECT * FROM absent", "no such table"),
        ("ann:pw@host", "SELECT 1", "is no address of a database"),
        ("nosuch://ann:pw@host/x", "SELECT 1", "is no address of a database"),
        ("postgresql://ann:hunter22@127.0.0.1:1/x", "SELECT 1", "Connection refused"),
    ],
)
def test_what_cannot_be_asked_is_one_line(database, address, sql, says):
    with pytest.raises(InputError, match=says) as told:
        held(Query(address.format(database.parent), sql))
    assert "\n" not in str(told.value)
    assert "hunter22" not in str(told.value)
    assert "pw@" not in str(told.value)
    assert not (database.parent / "none.db").exists()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://ann:pa@ss:w@rd@host:5/x", "postgresql://ann:***@host:5/x"),
        ("postgresql://host/x?user=a&password=b", "postgresql://host/x?user=a&password=***"),
        ("--sql=mysql://:p@h/x", "--sql=mysql://:***@h/x"),
        ("s3://bucket/a.csv", "s3://bucket/a.csv"),
        ("https://h/a.csv?X-Amz-Signature=abc&b=1", "https://h/a.csv?X-Amz-Signature=***&b=1"),
        ("postgresql://ann@host/x", "postgresql://ann@host/x"),
        ("a: b@c", "a: b@c"),
    ],
)
def test_addresses_are_shown_without_secrets(text, shown):
    assert without_secrets(text) == shown


def test_the_rows_of_a_server_come_with_all_types(server):
    _, rows = held(Query(url(server), "SELECT * FROM reviews ORDER BY id"), cuts={"city": "more.shop.city"})
    assert [row["text"] for row in rows] == [text for _, text, _, _ in ROWS]
    assert [row["rating"] for row in rows] == [stars for *_, stars, _ in ROWS]
    assert rows[1]["created_at"] == dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    assert {row["city"] for row in rows} == {"Рига"}


def test_a_server_is_read_in_pieces_and_not_changed(server, monkeypatch):
    monkeypatch.setattr("earful.readers.query._ROWS", 7)
    held(Query(url(server), "SELECT * FROM reviews"))
    many = "SELECT 'Good text' AS review, n % 5 + 1 AS stars FROM generate_series(1, 5000) AS n"
    assert len(held(Query(url(server), many))[1]) == 5000
    with pytest.raises(InputError, match=r"cannot be run"):
        held(Query(url(server), "DELETE FROM reviews"))
    with pytest.raises(InputError, match=r"read-only|cannot be run"):
        held(Query(url(server), "WITH gone AS (DELETE FROM reviews RETURNING *) SELECT * FROM gone"))
    assert len(held(Query(url(server), "SELECT * FROM reviews"))[1]) == 30


def test_a_cursor_of_the_server_streams(server):
    """What it has not been asked for is not here: an endless query gives its first rows at once."""
    from sqlalchemy import create_engine

    engine = create_engine(url(server).replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        asking = connection.execution_options(stream_results=True, no_parameters=True, max_row_buffer=10)
        result = asking.exec_driver_sql("SELECT generate_series(1, 2000000000)")
        assert next(result.partitions(10))[-1][0] == 10
        result.close()
    engine.dispose()


def test_a_wrong_password_is_told_without_it(server):
    with pytest.raises(InputError, match="password authentication failed") as told:
        held(Query(url(server, "wrong&horse"), "SELECT 1"))
    assert "horse" not in str(told.value)
    assert "horse" not in repr(Query(url(server, "wrong&horse"), "SELECT 1"))


@pytest.mark.parametrize("where", ["sqlite", "server"])
def test_the_command_writes_no_password(where, request, tmp_path, monkeypatch, database):
    address = f"sqlite:///{database}" if where == "sqlite" else url(request.getfixturevalue("server"))
    arguments = ["analyze", "--sql", address, "SELECT * FROM reviews ORDER BY id", "--by", "country"]
    arguments += ["-o", str(tmp_path / "run")]
    monkeypatch.setattr("sys.argv", ["earful", *arguments])
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    run = earful.open_run(tmp_path / "run")
    assert run.reviews["text"].tolist() == [text for _, text, _, _ in ROWS]
    assert "SELECT * FROM reviews" in run.manifest["command"]
    written = b"".join(path.read_bytes() for path in (tmp_path / "run").iterdir()) + done.output.encode()
    for secret in (PASSWORD, quote(PASSWORD, safe=""), json.dumps(PASSWORD)[1:-1]):
        assert secret.encode() not in written


def test_the_command_needs_something_to_read(tmp_path):
    done = CliRunner().invoke(app, ["analyze", "-o", str(tmp_path / "run")])
    assert done.exit_code == 2
    assert "--sql URL QUERY" in done.output


def test_a_missing_package_is_named(monkeypatch, database):
    import builtins

    real = builtins.__import__

    def without(name, *rest, **options):
        if name.startswith("sqlalchemy"):
            raise ModuleNotFoundError("No module named 'sqlalchemy'", name="sqlalchemy")
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"SQLAlchemy.*pip install 'earful\[sql\]'"):
        held(Query(f"sqlite:///{database}", "SELECT 1"))


def test_a_file_is_not_read_as_a_query(tmp_path):
    from earful.config import InputConfig

    (tmp_path / "a.csv").write_text("review\nGood\n")
    for name in ("sql", "frame"):
        assert name in formats()
        with pytest.raises(InputError, match="is a file and cannot be read as"):
            open_inputs([tmp_path / "a.csv"], InputConfig(format=name))


def test_the_address_may_come_with_files(database, tmp_path):
    path = Path(tmp_path / "a.csv")
    path.write_text("review,stars\nFrom a file,3\n")
    query = Query(f"sqlite:///{database}", "SELECT * FROM reviews")
    with open_inputs([path, query, query]) as feed:
        assert [survey.source for survey in feed.surveys] == ["a.csv", "query", "query 2"]
        assert feed.n_rows == 61
    assert os.path.exists(path)
