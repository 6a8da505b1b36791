"""Worker processes: the same parts as one process makes, a clear word where one is killed."""

import multiprocessing
import os
import signal
import sys

import pyarrow as pa
import pytest

import earful
from earful.engines import run_parts, share_cores
from earful.engines.worker import Worker
from earful.errors import ConfigError, RunError
from earful.models import cores
from earful.runs.parts import Parts
from earful.schema import INPUT, conform

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are not forked here")


@pytest.fixture(autouse=True)
def _own(monkeypatch):
    """A process of our own, as a command is: workers are forked."""
    monkeypatch.setattr(cores, "_own", True)
    monkeypatch.setattr(cores, "_most", None)


class Deadly:
    """A stage that is killed in a worker process."""

    name, requires, adds = "deadly", (), ()

    def __call__(self, batch):
        if multiprocessing.parent_process() is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        return batch


def work(rows, size=4):
    for part in range(rows // size):
        own = pa.table({"row": range(part * size, (part + 1) * size), "text": ["word"] * size})
        yield part, conform(own, INPUT), []


def made(folder, stages, workers):
    parts = Parts(folder)
    parts.start({})
    done = []
    run_parts(work(24), Worker(parts, list, stages), done.append, workers=workers)
    return parts, done


def test_forked_workers_make_the_same_parts(tmp_path):
    one, first = made(tmp_path / "one", [], 1)
    two, second = made(tmp_path / "two", [], 3)
    assert [receipt.part for receipt in first] == list(range(6))
    assert sorted(receipt.part for receipt in second) == list(range(6))
    for parts in (one, two):
        parts.merge("reviews")
    assert (tmp_path / "one/reviews.parquet").read_bytes() == (tmp_path / "two/reviews.parquet").read_bytes()


def test_a_worker_that_is_killed_is_told_with_what_helps(tmp_path):
    with pytest.raises(RunError, match=r"a worker process was killed.*--resume and fewer --workers"):
        made(tmp_path, [Deadly()], 2)
    assert Parts(tmp_path).receipt(0) is not None
    parts = Parts(tmp_path)
    assert parts.resume({}) == []
    done = []
    run_parts(work(24), Worker(parts, list, []), done.append)
    assert sorted(receipt.part for receipt in done) == list(range(6))


def test_forked_workers_share_the_cores(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    share_cores("local", 1)
    assert cores.cores() == 7
    for workers, each in ((2, 3), (3, 2), (7, 1), (20, 1)):
        share_cores("local", workers)
        assert cores.cores() == each


class Threads:
    """A stage that writes how many cores its process works with."""

    name = "threads"
    requires = adds = ()

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, batch):
        (self.folder / f"{os.getpid()}").write_text(str(cores.cores()))
        return batch


def test_each_process_works_with_its_share_of_the_cores(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    share_cores("local", 2)
    (tmp_path / "told").mkdir()
    made(tmp_path / "run", [Threads(tmp_path / "told")], 2)
    told = {path.name: path.read_text() for path in (tmp_path / "told").iterdir()}
    assert str(os.getpid()) in told
    assert set(told.values()) == {"4"}


def test_an_engine_that_is_not_known_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ConfigError, match="engine 'spark' is not known; allowed: local, ray"):
        earful.analyze(tmp_path / "in.csv", tmp_path / "run", engine="spark")
    assert not (tmp_path / "run").exists()
