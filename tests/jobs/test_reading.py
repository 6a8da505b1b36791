"""Whole jobs with models that read whole reviews: readers of random weights, so nothing is said of words."""

import shutil

import pandas as pd
import pytest

import earful
from earful.config import Config
from earful.jobs.assembly import Assembly
from earful.jobs.score import score_file
from earful.models.home import models_home
from tests.tiny_readers import write_models

FRAME = pd.DataFrame(
    {
        "text": ["The phone is good. The box was bad.", "bad phone", "", "the queues", "the box is good"] * 8,
        "title": ["Hm", "", "Good phone", None, "the phone"] * 8,
        "stars": [4, 1, 5, None, 3] * 8,
        "product": ["phone", "box"] * 20,
    }
)
TABLES = ("reviews", "segments", "mentions", "aspects", "embeddings")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    likelihood = models_home() / "likelihood"
    home = write_models(tmp_path_factory.mktemp("jobs") / "models", "fast", "accurate", tags=1.0)
    shutil.copytree(likelihood, home / "likelihood")
    return home


@pytest.fixture(autouse=True)
def _tiny(home, monkeypatch):
    monkeypatch.setenv("EARFUL_MODELS", str(home))


def stages(wanted, **settings):
    return [stage.name for stage in Assembly(Config.model_validate(settings)).stages(wanted)]


def test_a_job_reads_no_more_than_it_needs():
    assert stages(["reviews.sentiment"]) == ["normalise", "language", "segment", "reading", "sentiment"]
    assert "reading" in stages(["mentions"])  # vectors tell themes too
    assert stages(["aspects"]) == ["normalise", "language", "segment", "reading", "aspects"]
    assert stages(["embeddings"])[-1] == "embedding"


def test_one_reading_serves_all():
    assembly = Assembly(Config())
    names = [stage.name for stage in assembly.run_stages]
    assert names.count("reading") == 1
    assert {"sentiment", "embedding", "aspects"} <= set(names)
    assert assembly.identity()["encoder"]["name"] == "fast"
    assert assembly.identity()["model"]["name"] == "auto"


@pytest.mark.parametrize("model", ["auto", "accurate"])
def test_runs_are_the_same_for_any_batch_and_number_of_workers(tmp_path, model):
    one = earful.analyze(FRAME, tmp_path / "one", model=model)
    for name, options in (("batches", {"batch_size": 3}), ("workers", {"workers": 2, "batch_size": 16})):
        other = earful.analyze(FRAME, tmp_path / name, model=model, **options)
        for table in TABLES:
            assert one.table(table).equals(other.table(table)), (name, table)
    assert one.manifest["rows"]["read"] == len(FRAME)


def test_every_segment_has_a_vector_and_says_what_it_states(tmp_path):
    run = earful.analyze(FRAME, tmp_path / "run")
    assert len(run.table("embeddings")) == len(run.segments)
    assert run.table("embeddings")["vector"].type.byte_width == run.manifest["encoder"]["size"] == 32
    assert set(run.segments["problem"].dropna()) <= {"complaint", "fact", "question", "praise"}
    assert (run.segments["problem"].isna() == run.segments["score"].isna()).all()
    reviews = run.reviews.dropna(subset=["score"])
    assert ((reviews["sentiment"] == "neutral") == (reviews["score"].abs() <= 0.25)).all()


def test_what_was_asked_is_read(tmp_path):
    source = tmp_path / "in.csv"
    FRAME[["text"]].to_csv(source, index=False)
    read = []
    for name, question in (("plain", None), ("asked", "What is bad?")):
        path = score_file(source, tmp_path / f"{name}.csv", config={"input": {"question": question}})
        read.append(pd.read_csv(path)["score"].tolist())
    assert read[0] != read[1]


def test_score_reads_texts_as_a_run_does(tmp_path):
    worded = FRAME.loc[FRAME["text"] != "", ["text"]]  # a run refuses rows without words and scores
    run = earful.analyze(worded, tmp_path / "run", model="accurate")
    scores = earful.score(worded["text"].tolist(), model="accurate")
    told = run.reviews["score"].reset_index(drop=True)
    assert scores["score"].equals(told)
