from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from earful.cli.themes import register
from earful.errors import EarfulError
from earful.pipeline import Batch, run_stages
from earful.schema import INPUT, conform
from earful.text.normalise import Normalise
from earful.text.segment import Segment
from earful.text.tokens import Tokens
from earful.themes.stage import Themes
from earful.themes.taxonomy import load_taxonomy
from earful.workshop.learn import load_learned

MINE = """
[[theme]]
id = "d.late"
phrases = {en = ["late"]}
[[theme]]
id = "d.lost"
phrases = {en = ["lost"]}
"""
LEFT = [
    "the kettle leaks",
    "my kettle leaks badly",
    "kettle leaks again",
    "this kettle leaks too",
    "kettle leaks!!",
]


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MINE, encoding="utf-8")
    return path


@pytest.fixture
def finished(tmp_path, mine):
    texts = ["It came late.", "The parcel was lost and late.", *LEFT, "n/a", None]
    reviews = pa.table(
        {
            "row": pa.array(range(len(texts)), pa.int64()),
            "text": pa.array(texts, pa.string()),
            "lang": ["en"] * len(texts),
            "non_answer": [text == "n/a" for text in texts],
        }
    )
    batch = Normalise()(Batch(reviews=conform(reviews, INPUT))).with_reviews(lang=reviews.column("lang"))
    batch = run_stages(batch, [Segment(), Tokens()])
    size = batch.segments.num_rows
    scores = {"p_negative": 0.8, "p_neutral": 0.1, "p_positive": 0.1, "score": -0.7}
    batch = batch.with_segments(**{name: pa.array([value] * size) for name, value in scores.items()})
    batch = run_stages(batch, [Themes(load_taxonomy(mine))])
    run = tmp_path / "run"
    run.mkdir()
    for name, table in (("reviews", reviews), ("segments", batch.segments), ("mentions", batch.mentions)):
        pq.write_table(table, run / f"{name}.parquet")
    (run / "manifest.json").write_text("{}", encoding="utf-8")
    return run


def say(*arguments, code=0) -> str:
    app = typer.Typer()
    register(app, lambda command: command)
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and isinstance(result.exception, EarfulError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def test_show_and_copy(tmp_path):
    shown = say("show", "--lang", "lv")
    assert "delivery.speed" in shown
    assert "Piegādes laiks" in shown
    assert "44 themes" in shown
    assert "44 themes" in say("copy", "cx", tmp_path / "my.toml")


def test_change_undo_and_history(mine, tmp_path):
    assert "2 themes" in say("rename", mine, "d.late", "d.delay", "--label", "Delay")
    assert "2 themes" in say("move", mine, "d.lost", "post")
    assert "1 themes" in say("merge", mine, "post.lost", "--into", "d.delay")
    assert "2 themes" in say("undo", mine)
    parts = tmp_path / "parts.toml"
    parts.write_text(MINE.replace("d.late", "d.one").replace("d.lost", "d.two"), encoding="utf-8")
    assert "3 themes" in say("split", mine, "d.delay", "--parts", parts)
    told = say("history", mine).splitlines()
    assert [line.split()[1] for line in told] == ["rename", "move", "merge", "undo", "split"]


def test_apply_shows_what_changes(mine, finished, tmp_path):
    assert "0 themes changed" in say("apply", mine, finished)
    say("merge", mine, "d.lost", "--into", "d.late")
    out = tmp_path / "new.parquet"
    told = say("apply", mine, finished, "-o", out)
    assert "d.lost: 1 -> 0 (-1)" in told
    assert pq.read_table(out).num_rows == 3
    with pytest.raises(EarfulError, match="is not a run folder"):
        say("apply", mine, tmp_path)


def test_discover_reads_anew_where_it_is_told_to(finished):
    kept, anew = (say("discover", finished, "--least", "3", *more) for more in ((), ("--model", "accurate")))
    assert anew != kept
    assert anew == say("discover", finished, "--least", "3", "--model", "accurate")
    assert anew.splitlines()[-1].partition(";")[0] == kept.splitlines()[-1].partition(";")[0]
    with pytest.raises(EarfulError, match="nobody"):
        say("discover", finished, "--model", "nobody")


def test_discover_looks_at_what_is_left(finished, tmp_path):
    out = tmp_path / "groups.json"
    told = say("discover", finished, "--least", "3", "-o", out)
    assert "kettle" in told
    assert "5 segments without a theme" in told
    groups = json.loads(out.read_text(encoding="utf-8"))["groups"]
    assert sum(group["n"] for group in groups) <= 5
    with pytest.raises(EarfulError, match="not a run folder"):
        say("discover", tmp_path)


def test_learn_from_csv(tmp_path):
    labelled = tmp_path / "labelled.csv"
    rows = [
        f"{text} {word},{theme}"
        for text, theme in (("late parcel", "late"), ("rude man", "rude|man"))
        for word in "abcdef"
    ]
    labelled.write_text("words,tag\n" + "\n".join(rows) + "\nnothing,\n", encoding="utf-8")
    told = say("learn", labelled, "-o", tmp_path / "model", "--text", "words", "--theme", "tag")
    assert "late | 6 |" in told
    assert load_learned(tmp_path / "model").themes == ("late", "man", "rude")
    columns = ("--text", "words", "--theme", "tag")
    say("learn", labelled, "-o", tmp_path / "quick", *columns, "--model", "fast")
    assert load_learned(tmp_path / "quick").encoder.name == "fast"
    for other in ("x", "auto", "likelihood"):
        with pytest.raises(EarfulError, match=r"not among the shipped models.*accurate, fast"):
            say(
                "learn", labelled, "-o", tmp_path / "q", "--text", "words", "--theme", "tag", "--model", other
            )
    with pytest.raises(EarfulError, match="has no column 'text'; allowed: words, tag"):
        say("learn", labelled, "-o", tmp_path / "model")
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(EarfulError, match="not a CSV"):
        say("learn", tmp_path / "empty.csv", "-o", tmp_path / "model")
