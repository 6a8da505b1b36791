"""What the terminal says while a job goes on."""

from __future__ import annotations

import pytest

from earful.cli import progress
from earful.cli.progress import Console


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("model", "rows", "said"),
    [("auto", 100_000, True), ("accurate", 100_000, True), ("fast", 100_000, False), ("auto", 1_000, False)],
)
def test_a_long_job_with_a_slow_model_names_the_fast_one_once(capsys, clock, model, rows, said):
    console = Console()
    console.reading_with(model)
    for done in (0, 100, 200, 300):
        console.progressed(done, rows)
        clock[0] += 15
    err = capsys.readouterr().err
    assert err.count("--model fast takes a small part") == said
    assert (f"minutes left with --model {model}" in err) == said


def test_without_a_terminal_there_is_a_plain_line_now_and_then(capsys, clock):
    console = Console()
    console.progressed(0, 1000)
    for done in (100, 101, 102, 1000):
        clock[0] += 5
        console.progressed(done, 1000)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["101 of 1,000 rows, 10 rows/s, 89 s left", "1,000 of 1,000 rows, 50 rows/s, 0 s left"]


def test_what_is_done_at_the_first_look_tells_of_no_rate(capsys, clock):
    Console().progressed(5, 5)
    assert capsys.readouterr().err == "5 of 5 rows\n"


def test_a_quiet_one_says_nothing(capsys, clock):
    with Console(quiet=True) as console:
        console.doing("Reading")
        console.progressed(10, 10)
    assert capsys.readouterr().err == ""
