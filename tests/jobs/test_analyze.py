"""The main job: complete, accounted for, and the same every time."""

import json

import pandas as pd
import pytest

import earful
from earful.errors import ConfigError, RunError
from earful.polarity import NEUTRAL_UP_TO
from earful.runs.run import FILES, open_run
from earful.schema import TABLES

TABLE_FILES = [name for name in FILES if name.endswith((".parquet", ".csv"))]


def tables(run):
    there = [name for name in [*TABLE_FILES, "rejects.jsonl"] if (run.path / name).exists()]
    return {name: (run.path / name).read_bytes() for name in there}


class Interrupting:
    """A watcher that interrupts after so many rows, as Ctrl-C would."""

    def __init__(self, after):
        self.after = after

    def surveyed(self, feed):
        pass

    def doing(self, what):
        pass

    def reading_with(self, model):
        self.model = model

    def progressed(self, done, total):
        if done >= self.after:
            raise KeyboardInterrupt


def test_a_run_folder_is_complete(demo_run):
    optional = ("complaints", "behaviour", "corrections")
    absent = {f"{name}.{kind}" for name in optional for kind in ("parquet", "csv")}
    assert sorted(path.name for path in demo_run.path.iterdir()) == sorted(set(FILES) - absent)


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if not table.optional])
def test_every_table_has_the_columns_of_the_contract(demo_run, name):
    import pyarrow.parquet as pq

    assert pq.read_schema(demo_run.path / f"{name}.parquet").equals(TABLES[name].schema)


def test_every_row_is_accounted_for(demo_run):
    rows = demo_run.manifest["rows"]
    assert rows["read"] == rows["accepted"] + rows["rejected"]
    assert rows["accepted"] == len(demo_run.reviews)
    assert rows["rejected"] == len(demo_run.rejects) > 0
    every = sorted([*demo_run.reviews["row"], *demo_run.rejects["row"]])
    assert every == list(range(rows["read"]))
    assert demo_run.rejects["reason"].str.len().min() > 0


def test_segments_and_terms_are_cut_from_the_text_as_received(demo_run):
    texts = demo_run.reviews.set_index("row")["text"]
    segments = demo_run.segments
    assert (segments["start"] < segments["end"]).all()
    for row, start, end, term in demo_run.mentions[["row", "start", "end", "term"]].itertuples(index=False):
        assert texts[row][start:end] == term
    for _row, own in segments.groupby("row"):
        ends = own["end"].tolist()
        assert own["segment"].tolist() == list(range(len(own)))
        assert all(start >= end for start, end in zip(own["start"].tolist()[1:], ends, strict=False))


def test_probabilities_are_probabilities(demo_run):
    scored = demo_run.reviews.dropna(subset=["p_negative"])
    for columns in (["p_negative", "p_neutral", "p_positive"], ["p_detractor", "p_passive", "p_promoter"]):
        assert scored[columns].min().min() >= 0
        assert (scored[columns].sum(axis=1) - 1).abs().max() < 5e-6
    assert ((scored["score"].abs() <= NEUTRAL_UP_TO) == (scored["sentiment"] == "neutral")).all()
    far = (scored["score"] - (scored["p_positive"] - scored["p_negative"])).abs() > 5e-6
    assert scored.loc[far, "score"].abs().between(NEUTRAL_UP_TO, NEUTRAL_UP_TO + 2e-6).all()
    assert demo_run.reviews.loc[demo_run.reviews["text"] == "", "sentiment"].isna().all()


def test_the_measured_nps_is_what_one_counts_by_hand(demo_run):
    answers = demo_run.reviews["nps"].dropna()
    overall = demo_run.loyalty.query("grouping == 'overall'").iloc[0]
    promoters, detractors = (answers >= 9).sum(), (answers <= 6).sum()
    assert (overall["n_rated"], overall["n_promoters"], overall["n_detractors"]) == (
        len(answers),
        promoters,
        detractors,
    )
    assert overall["nps"] == pytest.approx(100 * (promoters - detractors) / len(answers), abs=1e-5)
    assert overall["n_reviews"] == len(demo_run.reviews)


def test_every_index_lies_in_its_interval(demo_run):
    loyalty = demo_run.loyalty.dropna(subset=["index"])
    assert {"overall", "product", "touchpoint", "product,touchpoint", "period"} <= set(loyalty["grouping"])
    assert ((loyalty["index_low"] <= loyalty["index"]) & (loyalty["index"] <= loyalty["index_high"])).all()
    assert loyalty["index"].between(-100, 100).all()
    assert (loyalty["scale"].str.len() > 0).all()


def test_the_same_input_gives_the_same_bytes(reviews, tmp_path):
    first, second = (earful.analyze(reviews, tmp_path / name) for name in ("a", "b"))
    assert tables(first) == tables(second)


@pytest.mark.parametrize("batch_size", [1, 7])
def test_the_batch_size_changes_nothing(reviews, tmp_path, batch_size):
    whole = earful.analyze(reviews, tmp_path / "whole")
    cut = earful.analyze(reviews, tmp_path / "cut", batch_size=batch_size)
    assert tables(whole) == tables(cut)


def test_workers_change_nothing(reviews, tmp_path):
    one = earful.analyze(reviews, tmp_path / "one", batch_size=16)
    two = earful.analyze(reviews, tmp_path / "two", batch_size=16, workers=2)
    assert tables(one) == tables(two)


def test_the_order_of_rows_changes_no_number(reviews, tmp_path):
    reviews["id"] = [f"id{place}" for place in range(len(reviews))]
    plain = earful.analyze(reviews, tmp_path / "plain")
    shuffled = earful.analyze(reviews.sample(frac=1, random_state=3), tmp_path / "shuffled")
    for name in ("loyalty", "themes", "drivers"):
        assert (plain.path / f"{name}.csv").read_bytes() == (shuffled.path / f"{name}.csv").read_bytes()
    ordered = [
        run.reviews.drop(columns=["row", "duplicate_of", "near_duplicate_of"]).sort_values(
            "review_id", ignore_index=True
        )
        for run in (plain, shuffled)
    ]
    pd.testing.assert_frame_equal(*ordered, check_exact=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_run_goes_on_where_it_stopped(reviews, tmp_path, workers):
    whole = earful.analyze(reviews, tmp_path / "whole", batch_size=8)
    with pytest.raises(KeyboardInterrupt):
        earful.analyze(reviews, tmp_path / "cut", batch_size=8, watcher=Interrupting(16), workers=workers)
    with pytest.raises(RunError, match="--resume"):
        open_run(tmp_path / "cut")
    receipts = sorted((tmp_path / "cut" / "parts").glob("*/receipt.json"))
    made = {path: path.stat().st_mtime_ns for path in receipts}
    assert len(made) >= 2
    resumed = earful.analyze(reviews, tmp_path / "cut", batch_size=8, resume=True, workers=workers)
    assert tables(resumed) == tables(whole)


def test_parts_that_are_there_are_not_made_again(reviews, tmp_path, monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        earful.analyze(reviews, tmp_path / "run", batch_size=8, watcher=Interrupting(16))
    from earful.engines import worker

    seen = []
    process = worker.process
    monkeypatch.setattr(
        worker, "process", lambda table, stages: seen.append(table.num_rows) or process(table, stages)
    )
    earful.analyze(reviews, tmp_path / "run", batch_size=8, resume=True)
    assert seen == [8, 8, 8]


def test_a_run_is_not_resumed_with_other_input(reviews, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        earful.analyze(reviews, tmp_path / "run", batch_size=8, watcher=Interrupting(16))
    with pytest.raises(RunError, match="input changed"):
        earful.analyze(reviews.head(20), tmp_path / "run", batch_size=8, resume=True)


def test_a_folder_of_other_files_is_left_alone(reviews, tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(RunError, match=r"thesis\.docx"):
        earful.analyze(reviews, tmp_path)
    assert (tmp_path / "thesis.docx").read_text() == "years of work"


def test_effort_answers_need_a_direction(reviews):
    reviews["ces"] = [1 + place % 7 for place in range(len(reviews))]
    with pytest.raises(ConfigError, match="direction"):
        earful.analyze(reviews)
    run = earful.analyze(reviews, config={"scales": {"ces": {"direction": "ease"}}})
    overall = run.loyalty.query("grouping == 'overall'").iloc[0]
    assert overall["ces"] == pytest.approx(100 * (reviews["ces"] - 1).mean() / 6, abs=1e-5)


def test_exact_repeats_are_marked(reviews):
    twice = pd.concat([reviews, reviews.iloc[[4]]], ignore_index=True)
    run = earful.analyze(twice)
    assert run.reviews.loc[run.reviews["row"] == 40, "duplicate_of"].tolist() == [4]
    assert run.manifest["rows"]["duplicates"] == run.reviews["duplicate_of"].notna().sum()


def test_without_an_output_the_run_lives_as_long_as_it_is_used(reviews):
    run = earful.analyze(reviews.head(5))
    path = run.path
    assert path.exists()
    del run
    assert not path.exists()


def test_limit_reads_that_many_rows(reviews):
    assert earful.analyze(reviews, limit=7).manifest["rows"]["read"] == 7


def test_rows_that_are_all_refused_still_make_a_run(tmp_path):
    run = earful.analyze(pd.DataFrame({"text": ["", ""], "rating": ["eleventy", "plenty"]}), tmp_path / "run")
    assert run.manifest["rows"] == {**run.manifest["rows"], "read": 2, "accepted": 0, "rejected": 2}
    assert len(run.rejects) == 2
    assert run.report.exists()


def test_the_manifest_names_what_made_the_numbers(demo_run):
    manifest = json.loads((demo_run.path / "manifest.json").read_text())
    assert manifest["model"]["checksum"]
    assert manifest["taxonomy"]["name"] == "cx"
    assert {source["source"] for source in manifest["inputs"]} == {"reviews.csv", "survey.jsonl"}
    assert manifest["config"]["sentiment"]["model"] == "auto"
