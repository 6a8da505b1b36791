from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from earful.errors import TaxonomyError
from earful.pipeline import Batch, run_stages
from earful.schema import INPUT, conform
from earful.text.normalise import Normalise
from earful.text.segment import Segment
from earful.text.tokens import Tokens
from earful.themes.stage import Themes
from earful.themes.taxonomy import load_taxonomy, parse_taxonomy
from earful.workshop.changes import Merge, Move, Rename, Split, change_taxonomy, count_diff
from earful.workshop.history import change_file, copy_taxonomy, history, undo

TEXT = """
name = "mine"
[words.en]
box = "parcel|box"
[[theme]]
id = "d.late"
description = "Late."
labels = {en = "Late \\u007f \\" label"}
phrases = {en = ["@box & late", "delay"], ru = ["опозд*"]}
[[theme]]
id = "d.slow"
examples = {en = ["It took ages."]}
phrases = {en = ["slow", "slow @box"]}
[[theme]]
id = "s.rude"
phrases = ["rude"]
"""
PARTS = """
[[theme]]
id = "d.late"
phrases = {en = ["late"]}
[[theme]]
id = "d.delay"
phrases = {en = ["delay"]}
"""
REVIEWS = [
    (0, "en", "The parcel was late. Slow box, rude man!"),
    (1, "ru", "Курьер опоздал."),
    (2, "en", "A delay! The slow parcel was late."),
    (3, "en", ""),
]


@pytest.fixture
def taxonomy():
    return parse_taxonomy([("t.toml", TEXT)], name="t")


def tables():
    reviews = pa.table(
        {
            "row": pa.array([row for row, _, _ in REVIEWS], pa.int64()),
            "lang": [lang for _, lang, _ in REVIEWS],
            "text": [text for _, _, text in REVIEWS],
        }
    )
    batch = Normalise()(Batch(reviews=conform(reviews, INPUT))).with_reviews(lang=reviews.column("lang"))
    batch = run_stages(batch, [Segment(), Tokens()])
    size = batch.segments.num_rows
    batch = batch.with_segments(
        p_negative=pa.array([0.7] * size),
        p_neutral=pa.array([0.2] * size),
        p_positive=pa.array([0.1] * size),
        score=pa.array([-0.6] * size),
    )
    return reviews, batch


def found(taxonomy) -> pd.DataFrame:
    _, batch = tables()
    return run_stages(batch, [Themes(taxonomy)]).mentions.to_pandas()


def test_written_and_read_back_is_equal(taxonomy):
    again = parse_taxonomy([("x.toml", taxonomy.to_toml())], name="other")
    assert again.checksum == taxonomy.checksum
    cx = load_taxonomy("cx")
    assert parse_taxonomy([("x.toml", cx.to_toml())], name="other").checksum == cx.checksum


def test_rename_and_move(taxonomy):
    renamed = change_taxonomy(taxonomy, Rename("d.late", "d.delay", "Delays"))
    assert [theme.id for theme in renamed.themes] == ["d.delay", "d.slow", "s.rude"]
    assert renamed["d.delay"].label() == "Delays"
    spoken = change_taxonomy(renamed, Rename("d.delay", label="Опоздания", lang="ru"))
    assert [spoken["d.delay"].label(lang) for lang in ("en", "ru", "lv")] == ["Delays", "Опоздания", "Delays"]
    moved = change_taxonomy(taxonomy, Move("s.rude", "people"))
    assert moved["people.rude"].touchpoint == "people"
    before, after = found(taxonomy), found(change_taxonomy(taxonomy, Rename("d.late", "d.delay")))
    pd.testing.assert_frame_equal(before.replace({"theme": {"d.late": "d.delay"}}), after)


def test_merge_gives_what_a_new_run_would_count(taxonomy):
    change = Merge(("d.slow", "s.rude"), "d.late")
    merged = change_taxonomy(taxonomy, change)
    assert [theme.id for theme in merged.themes] == ["d.late"]
    assert "slow @box" in merged["d.late"].phrases["en"]
    before, after = found(taxonomy), found(merged)
    assert set(after["theme"]) == {"d.late"}
    segments = [frame[["row", "segment"]].drop_duplicates(ignore_index=True) for frame in (before, after)]
    pd.testing.assert_frame_equal(*segments)
    for _, group in after.groupby(["row", "segment"]):
        assert (group["start"].iloc[1:].to_numpy() >= group["end"].iloc[:-1].to_numpy()).all()


def test_split_sorts_mentions_by_their_words(taxonomy):
    parts = parse_taxonomy([("p", PARTS)], name="p").themes
    before, after = found(taxonomy), found(change_taxonomy(taxonomy, Split("d.late", parts)))
    before = before[before["row"] != 1]  # the parts have phrases in English alone
    moved = after[after["theme"] == "d.delay"]
    assert moved["term"].str.lower().str.contains("delay").all()
    assert len(moved) == 1
    assert len(after) == len(before)
    diff = count_diff(before, after)
    assert set(diff["theme"]) == {"d.late", "d.delay"}
    assert diff["change"].sum() == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (Rename("d.lat", "d.x"), "did you mean 'd.late'"),
        (Rename("d.late", "d.slow"), "already"),
        (Rename("d.late", "Late"), "wrong shape"),
        (Rename("d.late"), "to nothing"),
        (Move("d.late", "Big Box"), "wrong shape"),
        (Merge(("d.late",), "d.late"), "nothing else"),
        (Merge(("d.none",), "d.late"), "no theme 'd.none'"),
        (Split("d.late", ()), "two or more"),
    ],
)
def test_changes_that_cannot_be_made(taxonomy, change, why):
    with pytest.raises(TaxonomyError, match=why):
        change_taxonomy(taxonomy, change)


def test_file_history_and_undo(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(TEXT, encoding="utf-8")
    start = load_taxonomy(path).checksum
    first = change_file(path, Merge(("d.slow",), "d.late"))
    second = change_file(path, Rename("s.rude", "s.manners"))
    assert load_taxonomy(path).checksum == second.checksum != first.checksum != start
    assert [version.change["kind"] for version in history(path)] == ["merge", "rename"]
    assert undo(path).checksum == first.checksum
    assert undo(path).checksum == start
    assert path.read_text(encoding="utf-8") == TEXT
    with pytest.raises(TaxonomyError, match="no change to take back"):
        undo(path)
    third = change_file(path, Rename("s.rude", "s.tone"))
    path.write_text(path.read_text(encoding="utf-8").replace("delay", "delays"), encoding="utf-8")
    with pytest.raises(TaxonomyError, match="by hand"):
        undo(path)
    assert [version.number for version in history(path)] == [1, 2, 3, 4, 5]
    assert history(path)[-1].after == third.checksum


def test_a_change_that_fails_writes_nothing(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(TaxonomyError):
        change_file(path, Rename("d.nope", "d.x"))
    assert [file.name for file in tmp_path.iterdir()] == ["mine.toml"]
    with pytest.raises(TaxonomyError, match="copy one first"):
        change_file("cx", Rename("delivery.speed", "delivery.time"))
    path.with_name("mine.toml.history.jsonl").write_text("{", encoding="utf-8")
    with pytest.raises(TaxonomyError, match="history is damaged"):
        history(path)


def test_copy_the_built_in(tmp_path):
    copy = copy_taxonomy("cx", tmp_path / "my.toml")
    assert copy.checksum == load_taxonomy("cx").checksum
    with pytest.raises(TaxonomyError, match="already"):
        copy_taxonomy("cx", tmp_path / "my.toml")
