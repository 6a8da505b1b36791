"""Parts made while a large input is surveyed: the same tables, whatever later rows tell."""

import json
import multiprocessing
import os
import signal
import sys
import time

import pandas as pd
import pytest

import earful
from earful.errors import InputError, RunError
from earful.jobs import analysis, surveying
from earful.models import cores
from earful.readers import head
from earful.readers.inputs import Inputs, find_inputs
from earful.runs.parts import Parts
from earful.runs.run import unfinished

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a program that is no command surveys first")

TABLES = ("reviews", "segments", "mentions", "loyalty", "themes")


@pytest.fixture
def ahead(monkeypatch):
    """A command, for which a few rows are large, a head of eight says what they are, and four begin."""
    monkeypatch.setattr(cores, "_own", True)
    monkeypatch.setattr(head, "_LARGE", 1)
    monkeypatch.setattr(head, "_FIRST", 8)
    monkeypatch.setattr(analysis, "_FIRST", 4)


@pytest.fixture
def written(monkeypatch):
    """The parts that are written, each with whether there was a plan."""
    seen = []
    write = Parts.write

    def noted(self, part, batch, rejects):
        seen.append((part, unfinished(self.run)))
        return write(self, part, batch, rejects)

    monkeypatch.setattr(Parts, "write", noted)
    return seen


@pytest.fixture
def slow(monkeypatch):
    """A survey that waits until a part is there, so that parts are made ahead for certain."""
    survey = Inputs.survey

    def waiting(self):
        in_child = multiprocessing.parent_process() is not None
        while in_child and not any(slow_folder.glob("parts/*[0-9]")):
            time.sleep(0.01)
        return survey(self)

    def watch(folder):
        nonlocal slow_folder
        slow_folder = folder
        monkeypatch.setattr(Inputs, "survey", waiting)

    slow_folder = None
    return watch


def reviews(path, n=40, last=()):
    """Write reviews with dates and stars; ``last`` are the cells that the last row says instead."""
    rows = [
        {"id": f"r{i}", "date": f"0{1 + i % 9}/03/2026", "stars": 1 + i % 5, "review": f"good or bad {i}"}
        for i in range(n)
    ]
    rows[-1] |= dict(last)
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def analyzed(path, folder, models, **more):
    return earful.analyze(path, folder, model=str(models / "fast"), batch_size=6, **more)


def tables(run):
    return {name: (run.path / f"{name}.parquet").read_bytes() for name in TABLES}


LATE = {
    "nothing new": {},
    "day first": {"date": "27/02/2026"},
    "a scale to ten": {"stars": 9},
    "a row that is refused": {"review": "", "stars": ""},
}


@pytest.mark.parametrize("late", LATE)
def test_what_is_made_ahead_ends_as_what_is_surveyed_first(
    late, tmp_path, tiny_models, ahead, slow, written, monkeypatch
):
    path = reviews(tmp_path / "in.csv", last=LATE[late])
    slow(tmp_path / "ahead")
    early = analyzed(path, tmp_path / "ahead", tiny_models)
    assert written[0] == (0, False)
    again = [part for part, planned in written if planned]
    # Day first and the scale to ten are told by the last row alone: every part is made again.
    assert (0 in again) == (late in {"day first", "a scale to ten"})
    monkeypatch.setattr(head, "_LARGE", 1 << 24)
    first = analyzed(path, tmp_path / "first", tiny_models)
    assert tables(early) == tables(first)
    assert (early.path / "rejects.jsonl").read_bytes() == (first.path / "rejects.jsonl").read_bytes()
    said = [json.loads((run.path / "manifest.json").read_bytes())["inputs"] for run in (early, first)]
    assert said[0] == said[1]


def test_a_small_first_part_comes_before_the_others(tmp_path, tiny_models, ahead, slow, monkeypatch):
    path = reviews(tmp_path / "in.csv", 23)
    rows = {}
    write = Parts.write

    def noted(self, part, batch, rejects):
        rows[part] = len(batch)
        return write(self, part, batch, rejects)

    monkeypatch.setattr(Parts, "write", noted)
    slow(tmp_path / "ahead")
    early = analyzed(path, tmp_path / "ahead", tiny_models)
    assert rows == {0: 4, 1: 6, 2: 6, 3: 6, 4: 1}
    rows.clear()
    monkeypatch.setattr(head, "_LARGE", 1 << 24)
    monkeypatch.setattr(analysis, "_FIRST", 64)
    first = analyzed(path, tmp_path / "first", tiny_models)
    assert rows == {0: 6, 1: 6, 2: 6, 3: 5}
    assert tables(early) == tables(first)


def test_several_files_and_a_limit_end_the_same(tmp_path, tiny_models, ahead, slow, monkeypatch):
    paths = [str(reviews(tmp_path / f"{name}.csv", n)) for name, n in (("a", 20), ("b", 15))]
    slow(tmp_path / "ahead")
    early = analyzed(paths, tmp_path / "ahead", tiny_models, limit=27, workers=2)
    monkeypatch.setattr(head, "_LARGE", 1 << 24)
    assert tables(early) == tables(analyzed(paths, tmp_path / "first", tiny_models, limit=27))


def test_what_all_rows_refuse_leaves_nothing_behind(tmp_path, tiny_models, ahead, slow):
    path = reviews(tmp_path / "in.csv")
    pd.DataFrame({"number": [1]}).to_csv(tmp_path / "other.csv", index=False)
    slow(tmp_path / "run")
    with pytest.raises(InputError, match=r"other\.csv"):
        analyzed([str(path), str(tmp_path / "other.csv")], tmp_path / "run", tiny_models)
    assert not (tmp_path / "run").exists()


def test_a_finished_run_is_not_given_up_before_the_input_is_known(tmp_path, tiny_models, ahead, written):
    path = reviews(tmp_path / "in.csv")
    analyzed(path, tmp_path / "run", tiny_models)
    written.clear()
    analyzed(path, tmp_path / "run", tiny_models)
    assert all(planned for _, planned in written)


def test_a_run_that_breaks_off_ahead_is_begun_anew(tmp_path, tiny_models, ahead, slow, monkeypatch):
    path = reviews(tmp_path / "in.csv")
    slow(tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setattr(surveying.Surveying, "done", _interrupted)
        patch.setattr(Parts, "drop", lambda self: None)  # as if it had been killed
        with pytest.raises(KeyboardInterrupt):
            analyzed(path, tmp_path / "run", tiny_models)
    assert (tmp_path / "run/parts/00000000").is_dir()
    assert not unfinished(tmp_path / "run")
    resumed = analyzed(path, tmp_path / "run", tiny_models, resume=True)
    monkeypatch.setattr(head, "_LARGE", 1 << 24)
    assert tables(resumed) == tables(analyzed(path, tmp_path / "first", tiny_models))


def _interrupted(self):
    raise KeyboardInterrupt


def test_a_survey_that_is_killed_is_told(tmp_path, ahead, monkeypatch):
    monkeypatch.setattr(Inputs, "survey", lambda self: os.kill(os.getpid(), signal.SIGKILL))
    inputs = find_inputs([reviews(tmp_path / "in.csv")])
    killed = surveying.Surveying(inputs, True)
    with killed, pytest.raises(RunError, match="survey of the input was killed"):
        killed.feed()
    assert not killed._process.is_alive()


def test_a_small_input_is_surveyed_first(tmp_path, monkeypatch):
    path = reviews(tmp_path / "in.csv")
    assert surveying.Surveying(find_inputs([path]), True).head is None
    monkeypatch.setattr(head, "_LARGE", 1)
    assert surveying.Surveying(find_inputs([path]), False).head is None
    frame = pd.read_csv(path)
    assert surveying.Surveying(find_inputs([frame]), True).head is None
