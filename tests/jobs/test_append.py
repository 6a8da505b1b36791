"""Adding to a finished run: what is unseen is added, what was edited is replaced, and nothing is lost."""

import json

import pandas as pd
import pytest

import earful
from earful.errors import RunError
from earful.jobs import assembly
from earful.runs.run import open_run, unfinished
from tests.jobs.test_faults import Guillotine, loaded_once, tables


@pytest.fixture
def rows(reviews, monkeypatch):
    monkeypatch.setenv("EARFUL_SENTIMENT_MODEL", "fast")
    monkeypatch.setattr(assembly, "Assembly", loaded_once)
    reviews.insert(0, "id", [f"r{place}" for place in range(len(reviews))])
    return reviews


@pytest.fixture
def place(rows, settings, tmp_path):
    """A run of the first 24 rows, the last of which is refused."""
    first = rows.iloc[:24].astype({"stars": object})
    first.loc[23, ["review", "stars", "nps"]] = ["", "eleventy", None]
    first.to_csv(tmp_path / "first.csv", index=False)
    earful.analyze(tmp_path / "first.csv", tmp_path / "run", config=settings)
    return tmp_path


def test_two_files_one_after_the_other_are_the_same_as_together(rows, settings, place):
    rows.iloc[24:].to_csv(place / "second.csv", index=False)
    both = earful.analyze([place / "first.csv", place / "second.csv"], place / "both", config=settings)
    run = earful.analyze(place / "second.csv", place / "run", append=True, batch_size=5)
    assert tables(run.path) == tables(both.path)
    assert [one["source"] for one in run.manifest["inputs"]] == ["first.csv", "second.csv"]
    assert run.manifest["rows"] == both.manifest["rows"] | {"replaced": 0}
    assert {name: run.manifest["appended"][0][name] for name in ("read", "added", "unchanged")} == {
        "read": 16,
        "added": 16,
        "unchanged": 0,
    }
    assert open_run(place / "run").report.exists()


def test_what_the_run_has_is_not_added_again(place):
    before = tables(place / "run")
    run = earful.analyze(place / "first.csv", place / "run", append=True)
    assert tables(run.path) == before
    told = run.manifest["appended"][-1]
    assert (told["read"], told["unchanged"], told["added"], told["rejected"]) == (24, 24, 0, 0)


def test_a_late_edit_replaces_the_review(rows, settings, place):
    edited = rows.iloc[:24].copy()
    edited.loc[2, "review"] = "They sent me a new one, and now the battery lasts for days. Wonderful!"
    edited.loc[4, "stars"] = 5
    edited.iloc[:23].to_csv(place / "edited.csv", index=False)
    run = earful.analyze(place / "edited.csv", place / "run", append=True, batch_size=5)
    told = run.manifest["appended"][-1]
    assert (told["replaced"], told["unchanged"], told["added"]) == (2, 21, 0)
    counted = run.manifest["rows"]
    assert counted["read"] == counted["accepted"] + counted["rejected"] == 26
    assert sorted([*run.reviews["row"], *run.rejects["row"]]) == list(range(26))
    ours = run.reviews.set_index("review_id")
    assert ours.loc["r2", "text"].startswith("They sent me")
    assert ours.loc["r2", "sentiment"] == "positive"
    assert (ours.loc["r4", "rating"], ours.loc["r2", "row"], ours.loc["r4", "row"]) == (5, 24, 25)
    gone = run.rejects.set_index("row")
    assert gone.loc[2, "reason"] == "replaced by a later version, row 24"
    assert gone.loc[2, "record"] is None
    for name in ("segments", "mentions"):
        assert not set(getattr(run, name)["row"]) & {2, 4}
    fresh = earful.analyze(place / "edited.csv", place / "fresh", config=settings)
    for name in ("loyalty.csv", "themes.csv", "drivers.csv", "trends.csv"):
        assert (run.path / name).read_bytes() == (fresh.path / name).read_bytes()


def test_corrections_stay_and_can_be_taken_back(rows, settings, place):
    rows.iloc[24:].to_csv(place / "second.csv", index=False)
    both = earful.analyze([place / "first.csv", place / "second.csv"], place / "both", config=settings)
    earful.correct(place / "run", [{"review_id": "r2", "field": "sentiment", "value": "negative"}])
    run = earful.analyze(place / "second.csv", place / "run", append=True)
    assert run.reviews.set_index("review_id").loc["r2", "sentiment"] == "negative"
    earful.correct(place / "run", [{"review_id": "r2", "field": "undo", "value": "sentiment"}])
    for name in ("reviews", "segments", "loyalty"):
        pd.testing.assert_frame_equal(getattr(open_run(place / "run"), name), getattr(both, name))


def test_an_edit_keeps_what_its_file_has_no_column_for(place):
    pd.DataFrame({"id": ["r2"], "review": ["Now it works"]}).to_csv(place / "edit.csv", index=False)
    run = earful.analyze(place / "edit.csv", place / "run", append=True)
    row = run.reviews.set_index("review_id").loc["r2"]
    assert (row["text"], row["rating"], row["product"], row["source"]) == (
        "Now it works",
        5,
        "desk",
        "edit.csv",
    )


def test_an_edit_that_could_mean_two_rows_is_refused(rows, place):
    twice = rows.iloc[[3, 3]].assign(review=["One edit of it", "Another edit of it"])
    twice.to_csv(place / "twice.csv", index=False)
    before = tables(place / "run")
    with pytest.raises(RunError, match=r"cannot be told: the id 'r3' stands more than once in the input"):
        earful.analyze(place / "twice.csv", place / "run", append=True)
    assert tables(open_run(place / "run").path) == before


def test_rows_without_an_id_are_told_by_what_they_say(settings, tmp_path):
    rows = pd.DataFrame({"review": ["Good", "Good", "The kettle broke after a week of use"]})
    earful.analyze(rows, tmp_path, config=settings)
    more = pd.DataFrame({"review": ["Good", "Good", "Good", "A new thing to say"]})
    run = earful.analyze(more, tmp_path, append=True, model="fast")
    assert sorted(run.reviews["text"]) == sorted([*rows["review"], "Good", "A new thing to say"])
    assert any(
        note.startswith("2 added rows have no id, author or time") for note in run.manifest["warnings"]
    )


@pytest.mark.parametrize("writes", [1, 5, 9, 13, 19, 27, 40])
def test_an_addition_that_is_killed_goes_on(rows, settings, place, writes):
    rows.iloc[20:].assign(stars=3).to_csv(place / "second.csv", index=False)
    (place / "whole").mkdir()
    for name in tables(place / "run") | {"manifest.json": 0}:
        (place / "whole" / name).write_bytes((place / "run" / name).read_bytes())

    def add(folder, **options):
        return earful.analyze(place / "second.csv", folder, append=True, batch_size=7, **options)

    whole = add(place / "whole")
    if not Guillotine().run(lambda: add(place / "run"), place / "run", writes):
        if unfinished(place / "run"):
            with pytest.raises(RunError, match="holds an unfinished run"):
                add(place / "run")
        add(place / "run", resume=True)
    assert tables(open_run(place / "run").path) == tables(whole.path)
    assert json.loads((place / "run/manifest.json").read_text())["rows"] == whole.manifest["rows"]


def test_what_was_made_otherwise_is_not_mixed(place, tmp_path):
    with pytest.raises(RunError, match=r"was made with sentiment\.model = 'fast', not 'accurate'"):
        earful.analyze(place / "first.csv", place / "run", append=True, model="accurate")
    manifest = json.loads((place / "run/manifest.json").read_text())
    manifest["model"]["checksum"] = "another"
    (place / "run/manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError, match="was made with another model"):
        earful.analyze(place / "first.csv", place / "run", append=True)
    with pytest.raises(RunError, match="does not exist"):
        earful.analyze(place / "first.csv", tmp_path / "nothing", append=True)
    assert not (tmp_path / "nothing").exists()
