"""Worker processes: the same parts as one process makes, a clear word where one is killed."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pyarrow as pa
import pytest

import earful
from earful.engines import Engine
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
    Engine(workers=workers).run_parts(work(24), Worker(parts, list, stages), done.append)
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
    Engine().run_parts(work(24), Worker(parts, list, []), done.append)
    assert sorted(receipt.part for receipt in done) == list(range(6))


class Busy:
    """A stage with as many threads as there are cores; it notes how many work at once in all processes."""

    name = "busy"
    requires = adds = ()

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()

    def __call__(self, batch):
        with ThreadPoolExecutor(cores.cores()) as pool:
            list(pool.map(self._run, range(2 * cores.cores())))
        return batch

    def _run(self, at):
        with cores.turn():
            mine = self.folder / f"{os.getpid()}-{threading.get_native_id()}-{at}"
            mine.touch()
            time.sleep(0.01)
            at_once = len(list(self.folder.glob("*-*-*")))
            (self.folder / f"saw {os.getpid()} {at_once}").touch()
            mine.unlink()


@pytest.mark.parametrize("workers", [2, 3])
def test_all_processes_together_run_no_more_than_there_are_cores(workers, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    made(tmp_path / "run", [Busy(tmp_path / "told")], workers)
    saw = [path.name.split()[1:] for path in (tmp_path / "told").iterdir()]
    assert len({process for process, _ in saw}) == workers
    assert max(int(at_once) for _, at_once in saw) == 3
    # What works by itself again waits for nobody.
    assert isinstance(cores.turn(), nullcontext)


class Told:
    """A stage that notes which process made which rows."""

    name = "told"
    requires = adds = ()

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()

    def __call__(self, batch):
        (self.folder / f"{batch.column('row')[0]} {os.getpid()}").touch()
        return batch


@pytest.mark.parametrize(("parts", "others"), [(1, 0), (2, 0), (3, 1), (4, 2)])
def test_no_process_is_begun_for_what_this_one_would_wait_for(parts, others, tmp_path):
    folder = Parts(tmp_path / "run")
    folder.start({})
    done = []
    worker = Worker(folder, list, [Told(tmp_path / "told")])
    Engine(workers=2).run_parts(work(4 * parts), worker, done.append)
    makers = dict(path.name.split() for path in (tmp_path / "told").iterdir())
    assert sorted(receipt.part for receipt in done) == list(range(parts))
    assert sum(maker != str(os.getpid()) for maker in makers.values()) == others
    # The first part, which loads what is loaded late, and the last one are made here.
    assert makers["0"] == makers[str(4 * parts - 4)] == str(os.getpid())


def test_an_engine_that_is_not_known_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ConfigError, match="engine 'spark' is not known; allowed: local, ray"):
        earful.analyze(tmp_path / "in.csv", tmp_path / "run", engine="spark")
    assert not (tmp_path / "run").exists()
