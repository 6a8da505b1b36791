"""What goes wrong around a run: killed at any write, no room, disturbed; resumed, it ends the same."""

import os
import resource
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

import earful
from earful.errors import RunError
from earful.jobs import analysis, assembly, finish, manifest
from earful.jobs.watcher import Watcher
from earful.runs.files import told
from earful.runs.lock import locked
from earful.runs.run import FILES, open_run, unfinished

WRITES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.truncate"}


_loaded = {}


def loaded_once(config, device=None, make=assembly.Assembly):
    """Make what a run is made with, once for the same settings."""
    key = config.model_dump_json(), device
    if key not in _loaded:
        _loaded[key] = make(config, device=device)
    return _loaded[key]


class KilledError(BaseException):
    """What a killed process would not live to raise."""


class Guillotine:
    """Lets no write happen after the first so many in a folder, as if the process were gone."""

    def __init__(self):
        self.folder, self.left = None, 0
        sys.addaudithook(self.hear)

    def hear(self, event, args):
        if self.folder is None:
            return
        if event == "open":
            name, mode, flags = args
            writes = (isinstance(mode, str) and set(mode) & set("wax+")) or (
                mode is None and flags & (os.O_WRONLY | os.O_RDWR)
            )
        else:
            name, writes = args[0] if args else "", event in WRITES
            # What is not there cannot be removed: no write.
            writes = writes and (event != "os.remove" or os.path.lexists(name))
        if writes and isinstance(name, str | os.PathLike) and os.fspath(name).startswith(self.folder):
            self.left -= 1
            if self.left < 0:
                raise KilledError

    def run(self, job, folder, writes):
        """Do a job that is killed after so many writes; say whether it ended before."""
        self.folder, self.left = str(folder), writes
        try:
            job()
        except KilledError:
            return False
        finally:
            self.folder = None
        return True


@pytest.fixture(scope="module")
def guillotine():
    return Guillotine()


@pytest.fixture
def job(reviews, settings, monkeypatch):
    """The main job on few rows, models loaded once."""
    reviews.loc[7, ["review", "stars", "nps"]] = ["", None, None]
    reviews["id"] = [f"r{place}" for place in range(len(reviews))]
    monkeypatch.setattr(assembly, "Assembly", loaded_once)
    return lambda folder, rows=reviews, **options: earful.analyze(
        rows.iloc[:20], folder, config=settings, batch_size=7, **options
    )


@pytest.fixture
def files_alone(monkeypatch):
    """Leave out the sums: what is made of the parts, the same each time, is not what is tested."""
    monkeypatch.setattr(finish, "write_aggregates", lambda *_: ({}, []))
    monkeypatch.setattr(finish, "write_report", lambda run: (run / "report.html").write_text("page"))


def tables(folder):
    names = [name for name in FILES if name.endswith((".parquet", ".csv", ".jsonl"))]
    return {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}


def test_a_run_that_is_killed_at_every_write_ends_the_same(job, guillotine, files_alone, tmp_path):
    whole = job(tmp_path / "whole")
    writes, cut = 0, tmp_path / "cut"
    while not guillotine.run(lambda: job(cut, resume=True), cut, writes):
        writes += 1
    assert writes > 12
    assert tables(open_run(cut).path) == tables(whole.path)
    assert not [path for path in cut.iterdir() if path.name not in FILES]


def test_a_run_that_is_killed_at_any_one_write_is_told_and_resumed(job, guillotine, files_alone, tmp_path):
    whole, told_of = job(tmp_path / "whole"), 0
    for writes in range(100):
        cut = tmp_path / f"cut-{writes}"
        if guillotine.run(lambda cut=cut: job(cut), cut, writes):
            break
        if unfinished(cut):
            told_of += 1
            with pytest.raises(RunError, match="not finished; repeat its command with --resume"):
                open_run(cut)
        job(cut, resume=True)
        assert tables(open_run(cut).path) == tables(whole.path)
    assert 20 < told_of < writes < 100


def test_an_unfinished_run_is_not_started_over(job, guillotine, files_alone, tmp_path):
    assert not guillotine.run(lambda: job(tmp_path), tmp_path, 12)
    with pytest.raises(
        RunError, match="holds an unfinished run; repeat its command with --resume, or remove"
    ):
        job(tmp_path)


def test_a_finished_run_is_replaced_and_resuming_it_makes_nothing(job, files_alone, tmp_path, monkeypatch):
    job(tmp_path)
    first = (tmp_path / "manifest.json").stat().st_mtime_ns
    job(tmp_path, resume=True)
    assert (tmp_path / "manifest.json").stat().st_mtime_ns == first
    (tmp_path / "report.html").unlink()
    monkeypatch.setattr("earful.report.write_report", lambda run: (run / "report.html").write_text("again"))
    job(tmp_path, resume=True)
    assert (tmp_path / "report.html").read_text() == "again"
    job(tmp_path)
    assert (tmp_path / "manifest.json").stat().st_mtime_ns != first


@pytest.mark.parametrize("damaged", ["reviews.parquet", "rejects.jsonl", "receipt.json"])
def test_a_damaged_part_is_made_anew(job, guillotine, files_alone, tmp_path, damaged):
    whole, cut = job(tmp_path / "whole"), tmp_path / "cut"
    assert not guillotine.run(lambda: job(cut), cut, 21)
    part = cut / "parts" / "00000001" / damaged
    content = bytearray(part.read_bytes() or b"x")
    content[len(content) // 2] ^= 0xFF
    part.write_bytes(content)
    told_of = []
    watcher = Watcher()
    watcher.doing = told_of.append
    job(cut, resume=True, watcher=watcher)
    assert "Part 1 was damaged and is made anew" in told_of
    assert tables(cut) == tables(whole.path)


def test_a_damaged_table_is_found_when_the_run_is_opened(job, files_alone, tmp_path):
    job(tmp_path)
    path = tmp_path / "segments.parquet"
    content = bytearray(path.read_bytes())
    content[50] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"segments\.parquet: is damaged: its SHA-256 is"):
        open_run(tmp_path)
    path.unlink()
    with pytest.raises(RunError, match=r"segments\.parquet: is missing"):
        open_run(tmp_path)


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no such limit here")
@pytest.mark.parametrize("room", [300, 9_000])
def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(job, files_alone, tmp_path, room):
    whole, cut = job(tmp_path / "whole"), tmp_path / "cut"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        with pytest.raises(RunError, match=r"cut.*cannot be written \(.*make room, then repeat"):
            job(cut)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(cut.rglob("*.tmp"))
    job(cut, resume=True)
    assert tables(cut) == tables(whole.path)


def test_a_folder_that_may_not_be_written_to_is_told_before_anything_is_read(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(RunError, match=r"cannot be written.*choose a place that may be written to"):
            earful.analyze(tmp_path / "there is no such input.csv", folder / "run")
    finally:
        if os.getuid() == 0:
            os.seteuid(0)


def test_other_errors_of_the_system_are_left_alone(tmp_path):
    with pytest.raises(FileNotFoundError), told(tmp_path):
        (tmp_path / "nothing").read_text()


def test_two_jobs_do_not_write_into_one_folder(job, files_alone, tmp_path):
    with (
        locked(tmp_path),
        pytest.raises(RunError, match=rf"another job \(process {os.getpid()}\) is writing"),
    ):
        job(tmp_path)
    job(tmp_path)
    assert not (tmp_path / ".lock").exists()


def test_a_refused_job_leaves_no_folder_behind(job, tmp_path):
    with pytest.raises(earful.errors.InputError):
        earful.analyze(tmp_path / "nothing.csv", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_changed_input_is_refused_and_the_unfinished_run_stays(
    job, guillotine, files_alone, reviews, tmp_path
):
    whole, cut = job(tmp_path / "whole"), tmp_path / "cut"
    assert not guillotine.run(lambda: job(cut), cut, 20)
    with pytest.raises(RunError, match="input changed since it was begun"):
        job(cut, reviews.iloc[::-1], resume=True)
    job(cut, resume=True)
    assert tables(cut) == tables(whole.path)


def test_a_clock_that_jumps_back_changes_nothing(job, guillotine, tmp_path, monkeypatch):
    whole, cut = job(tmp_path / "whole"), tmp_path / "cut"
    assert not guillotine.run(lambda: job(cut), cut, 20)

    class Past(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime(1999, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(analysis, "datetime", Past)
    resumed = job(cut, resume=True)
    assert manifest.datetime is not Past
    assert tables(cut) == tables(whole.path)
    assert 0 <= resumed.manifest["seconds"] < 1000


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_job_that_is_killed_outright_leaves_no_worker_and_can_be_resumed(reviews, settings, tmp_path):
    rows = pd.concat([reviews] * 50, ignore_index=True)
    rows["id"] = [f"r{place}" for place in range(len(rows))]
    rows.to_csv(tmp_path / "in.csv", index=False)
    names = {"sentiment": ["model"], "themes": ["taxonomy", "embeddings"]}
    sets = [
        f"--set={section}.{key}={getattr(getattr(settings, section), key)}".replace("False", "false")
        for section, keys in names.items()
        for key in keys
    ]
    command = [sys.executable, "-m", "earful", "analyze", "in.csv", "--by", "product", *sets]
    command += ["--batch-size", "16", "--workers", "3", "--quiet"]

    def start(folder, *options):
        return subprocess.Popen([*command, "-o", folder, *options], cwd=tmp_path)

    job = start("cut")
    receipts, workers = set(), []
    while len(receipts) < 4 and job.poll() is None:
        receipts = set((tmp_path / "cut" / "parts").glob("*/receipt.json"))
        time.sleep(0.02)
    workers = Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split()
    job.send_signal(signal.SIGKILL)
    job.wait()
    assert len(workers) == 2
    patience = time.monotonic() + 30
    while any(os.path.exists(f"/proc/{worker}") for worker in workers) and time.monotonic() < patience:
        time.sleep(0.05)
    assert not [worker for worker in workers if os.path.exists(f"/proc/{worker}")]
    assert start("cut", "--resume").wait() == 0
    assert start("whole").wait() == 0
    assert tables(open_run(tmp_path / "cut").path) == tables(tmp_path / "whole")
