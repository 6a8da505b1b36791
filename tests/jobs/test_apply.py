"""A finished run with another taxonomy is the run that this taxonomy would have made."""

import json
import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

import earful
from earful.cli.themes import register
from earful.encoder import load_encoder
from earful.errors import RunError
from earful.jobs.apply import rematched, write_run
from earful.themes.taxonomy import load_taxonomy
from earful.workshop.uncovered import uncovered_segments

BEFORE = """
[[theme]]
id = "delivery.late"
phrases = {en = ["late"]}
"""
AFTER = """
[[theme]]
id = "delivery.late"
labels = {en = "Late delivery"}
description = "The parcel arrived late or the delivery was delayed."
[[theme]]
id = "staff.rude"
labels = {en = "Rude staff"}
description = "Employees were rude, impolite or unfriendly to the customer."
"""
TEXTS = [
    "My shipment came two weeks after the promised date. Shame!",
    "The parcel was late.",
    "Rude and unfriendly employees.",
    "I like it.",
    "",
    "The food was wonderful, the employees were rude and impolite.",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reapply")
    (folder / "before.toml").write_text(BEFORE, encoding="utf-8")
    (folder / "after.toml").write_text(AFTER, encoding="utf-8")
    frame = pd.DataFrame({"text": TEXTS, "rating": [1, 2, 1, 5, 4, 3], "product": list("aabbbb")})
    for name in ("before", "after"):
        earful.analyze(frame, folder / name, themes=folder / f"{name}.toml", model="fast")
    return folder


def test_a_run_keeps_a_vector_of_every_segment(place):
    run = earful.open_run(place / "before")
    assert run.embeddings[["row", "segment"]].equals(run.segments[["row", "segment"]])
    assert run.manifest["encoder"]["checksum"] == load_encoder().checksum


def test_applying_gives_what_a_new_run_would_give(place, monkeypatch):
    def never(*_):
        raise AssertionError("the encoder read a text of the run")

    taxonomy = load_taxonomy(place / "after.toml")
    rematched(place / "before", taxonomy)  # The themes' own texts are read once.
    monkeypatch.setattr(type(load_encoder()), "features", never)
    mentions, aspects = rematched(place / "before", taxonomy)
    write_run(place / "before", place / "after.toml", mentions, aspects, place / "new")
    for name in ("mentions", "aspects", "themes", "loyalty", "drivers", "reviews", "segments", "embeddings"):
        new, fresh = (pq.read_table(place / folder / f"{name}.parquet") for folder in ("new", "after"))
        assert new.equals(fresh), name
    assert set(mentions.column("matcher").to_pylist()) == {"model"}
    run = earful.open_run(place / "new")
    assert run.manifest["taxonomy"]["checksum"] == taxonomy.checksum
    assert run.manifest["complaints"] == earful.open_run(place / "after").manifest["complaints"]
    assert run.manifest["applied"]["taxonomy_before"]["name"] == "before"
    assert run.report.read_text(encoding="utf-8").count("Rude staff")
    assert pq.read_table(place / "before" / "mentions.parquet").num_rows == 1


def test_vectors_are_made_anew_where_a_run_has_none(place, tmp_path):
    frame = pd.DataFrame({"text": TEXTS, "rating": [1, 2, 1, 5, 4, 3], "product": list("aabbbb")})
    config = {"themes": {"embeddings": False, "taxonomy": str(place / "before.toml")}}
    run = earful.analyze(frame, tmp_path / "bare", config=config, model="fast")
    assert not (run.path / "embeddings.parquet").exists()
    assert run.embeddings.empty
    assert "encoder" not in run.manifest
    mentions, _ = rematched(run.path, load_taxonomy(place / "after.toml"))
    assert mentions.equals(pq.read_table(place / "after" / "mentions.parquet"))
    assert uncovered_segments(run.path)[2] is None


def test_what_is_left_comes_with_its_vectors(place):
    texts, langs, vectors = uncovered_segments(place / "before", complaints=False)
    assert len(texts) == len(langs) == len(vectors)
    run = earful.open_run(place / "before")
    at = [text in ("I like it.",) for text in texts].index(True)
    row = run.embeddings[run.embeddings["row"] == 3].iloc[0]
    assert vectors[at].tobytes() == row["vector"]


def test_a_run_of_another_version_or_encoder_is_refused(place, tmp_path):
    taxonomy = load_taxonomy(place / "after.toml")
    other = shutil.copytree(place / "before", tmp_path / "other")
    manifest = json.loads((other / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["encoder"]["size"] == load_encoder().size
    manifest["encoder"]["checksum"] = "0" * 64
    (other / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(RunError, match=r"another encoder \(fast 000000000000…\).*analyze again"):
        rematched(other, taxonomy)
    rematched(other, load_taxonomy(place / "before.toml"))  # No theme of it is found by meaning.
    damaged = shutil.copytree(place / "before", tmp_path / "damaged")
    segments = pq.read_table(damaged / "segments.parquet")
    pq.write_table(segments.slice(1), damaged / "segments.parquet")
    with pytest.raises(RunError, match="is damaged"):
        rematched(damaged, taxonomy)


def test_nothing_is_written_over(place, tmp_path):
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    found = rematched(place / "before", load_taxonomy(place / "before.toml"))
    with pytest.raises(RunError, match="is there already"):
        write_run(place / "before", place / "before.toml", *found, tmp_path)


def test_the_command_writes_a_run(place, tmp_path):
    app = typer.Typer()
    register(app, lambda command: command)
    words = ["apply", str(place / "after.toml"), str(place / "before"), "-o", str(tmp_path / "run")]
    told = CliRunner().invoke(app, words, catch_exceptions=False).output
    assert "staff.rude: 0 -> 2 (+2)" in told
    assert earful.open_run(tmp_path / "run").mentions["theme"].tolist().count("staff.rude") == 2
