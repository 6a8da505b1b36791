"""A local cluster of two machines: the same bytes as one process, and nothing lost when a machine dies."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

import earful
from earful.engines import Engine
from earful.engines.worker import Worker
from earful.errors import ConfigError, EarfulError, InputError, RunError
from earful.jobs.analyze import Watcher
from earful.jobs.slices import FeedSlices
from earful.readers import open_inputs
from earful.readers.inputs import Inputs
from earful.runs.depot import Depot
from earful.runs.parts import Parts
from earful.runs.run import unfinished
from earful.schema import INPUT, conform

ROWS, SIZE = 96, 4


def work():
    for part in range(ROWS // SIZE):
        own = pa.table({"row": range(part * SIZE, (part + 1) * SIZE), "text": ["a word"] * SIZE})
        yield part, conform(own, INPUT), [f'{{"row": {part}}}']


def language_stages():
    from earful.config import Config
    from earful.jobs.assembly import Assembly

    return Assembly(Config()).stages(["reviews.lang"])


def made(
    folder, engine="local", done=None, stages=language_stages, given=None, depot=None, slices=None, **options
):
    parts = Parts(folder, depot=depot)
    parts.start({"base": None})
    receipts = []
    todo = work() if given is None else given
    Engine(engine, **options).run_parts(todo, Worker(parts, stages), done or receipts.append, slices)
    parts.merge("reviews")
    parts.merge_rejects()
    return [(folder / name).read_bytes() for name in ("reviews.parquet", "rejects.jsonl")]


def reviews_in(path):
    """Write reviews over several lines, with letters of two bytes; every seventh row has too many cells."""
    rows = [
        f'"Доставка {i}\r\nбыла, да",{1 + i % 5},r{i}{",,x" if i % 7 == 0 else ""}\n' for i in range(ROWS)
    ]
    path.write_bytes(("review,stars,id\n" + "".join(rows)).encode("utf-16"))
    return path


def sent(slices):
    """The rows as they are sent to workers that do not read."""
    return ((part, *slices(part)) for part in range(len(slices)))


def nothing_sent():
    raise AssertionError("rows were read to be sent")
    yield


@pytest.fixture(scope="module")
def cluster(store):
    pytest.importorskip("ray")
    import ray
    from ray.cluster_utils import Cluster

    root = Path(__file__).parents[2]
    small = {"num_cpus": 1, "object_store_memory": 80_000_000}
    cluster = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
    path = {"PYTHONPATH": f"{root / 'src'}:{root}", "OMP_NUM_THREADS": "1"}
    path |= {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    ray.init(
        address=cluster.address, runtime_env={"env_vars": path}, log_to_driver=False, logging_level="ERROR"
    )
    cluster.second = cluster.add_node(**small)
    cluster.wait_for_nodes()
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@pytest.mark.filterwarnings("ignore")
class TestCluster:
    def test_a_machine_that_dies_in_the_middle_costs_nothing(self, cluster, tmp_path):
        killing = Killing(cluster)
        found = made(tmp_path / "ray", "ray", killing, workers=2)
        assert sorted(killing.receipts) == list(range(ROWS // SIZE))
        assert found == made(tmp_path / "local")

    def test_actors_read_the_input_and_put_parts_into_a_store(self, cluster, tmp_path, monkeypatch):
        monkeypatch.setattr("earful.readers.marks._STRIDE", 3)
        depot, killing = Depot("s3://feedback/actors", "s3://feedback/actors"), Killing(cluster)
        with open_inputs([reviews_in(tmp_path / "in.csv")]) as feed:
            slices = FeedSlices(feed, None, SIZE)
            options = {"given": nothing_sent(), "slices": slices, "depot": depot, "workers": 2}
            found = made(tmp_path / "ray", "ray", killing, **options)
            assert sorted(killing.receipts) == depot.parts() == list(range(ROWS // SIZE))
            assert found == made(tmp_path / "local", given=sent(slices))
        assert found[1].count(b"5 fields where the header has 3") == ROWS // 7 + 1

    def test_what_an_actor_does_not_see_is_sent(self, cluster, tmp_path):
        slices = Unseen(reviews_in(tmp_path / "in.csv"))
        found = made(tmp_path / "ray", "ray", given=nothing_sent(), slices=slices, workers=1)
        assert found == made(tmp_path / "local", given=sent(slices))
        (tmp_path / "in.csv").unlink()
        with pytest.raises(InputError, match="does not exist"):
            made(tmp_path / "gone", "ray", given=nothing_sent(), slices=slices, workers=1)

    def test_a_run_goes_on_from_the_store_where_its_folder_is_lost(self, cluster, tmp_path, tiny_models):
        def analyzed(folder, **options):
            model = str(tiny_models / "fast")
            return earful.analyze(tmp_path / "in.csv", folder, model=model, batch_size=70, **options)

        reviews_in(tmp_path / "in.csv")
        options = {"engine": "ray", "workers": 1, "parts": "s3://feedback/run"}
        with pytest.raises(KeyboardInterrupt):
            analyzed(tmp_path / "lost", watcher=Interrupting(), **options)
        assert Depot("s3://feedback/run", "").parts()
        with pytest.raises(RunError, match="s3://feedback/run: holds the parts of an unfinished run"):
            analyzed(tmp_path / "ray", **options)
        runs = [analyzed(tmp_path / "ray", resume=True, **options), analyzed(tmp_path / "local")]
        for name in ("reviews", "segments", "mentions", "loyalty"):
            assert len({(run.path / f"{name}.parquet").read_bytes() for run in runs}) == 1, name
        assert len({(run.path / "rejects.jsonl").read_bytes() for run in runs}) == 1
        assert not Depot("s3://feedback/run", "").parts()

    def test_more_workers_than_there_is_room_for_cost_nothing(self, cluster, tmp_path):
        assert made(tmp_path / "ray", "ray", workers=5) == made(tmp_path / "local")

    def test_without_room_for_any_worker_that_is_told(self, cluster, tmp_path, monkeypatch):
        monkeypatch.setattr("earful.engines.cluster._PATIENCE", 3)
        said = (
            r"no room for a worker in 0\.05 minutes: each wants a core and 0\.5 of a GPU, and it has 2 cores"
        )
        with pytest.raises(RunError, match=said):
            made(tmp_path, "ray", gpus=0.5, device="emulated")

    def test_a_gpu_is_shared_by_workers(self, cluster, tmp_path, tiny_models):
        node = cluster.add_node(num_cpus=2, num_gpus=1, object_store_memory=80_000_000)
        cluster.wait_for_nodes()
        reviews_in(tmp_path / "in.csv")
        given = {"model": str(tiny_models / "fast"), "batch_size": 20, "device": "emulated"}
        options = {"engine": "ray", "workers": 2, "gpus": 0.5}
        try:
            there = earful.analyze(tmp_path / "in.csv", tmp_path / "ray", **given, **options)
        finally:
            cluster.remove_node(node)
        here = earful.analyze(tmp_path / "in.csv", tmp_path / "local", **given)
        cpu = earful.analyze(tmp_path / "in.csv", tmp_path / "cpu", **given | {"device": "cpu"})
        read = [(run.path / "segments.parquet").read_bytes() for run in (there, here, cpu)]
        assert read[0] == read[1] != read[2]
        assert there.manifest["config"]["sentiment"]["device"] == "emulated"

    def test_actors_work_while_the_input_is_surveyed(self, cluster, tmp_path, tiny_models, monkeypatch):
        path, folder = reviews_in(tmp_path / "in.csv"), tmp_path / "ray"
        options = {"model": str(tiny_models / "fast"), "batch_size": 6}
        local = earful.analyze(path, tmp_path / "local", **options)
        monkeypatch.setattr("earful.models.cores._own", True)
        monkeypatch.setattr("earful.readers.head._LARGE", 1)
        monkeypatch.setattr("earful.readers.head._FIRST", 8)
        survey = Inputs.survey

        def waiting(self):
            while len(list(folder.glob("parts/*[0-9]"))) < 3:
                time.sleep(0.01)
            assert not unfinished(folder)  # they count for nothing yet
            return survey(self)

        monkeypatch.setattr(Inputs, "survey", waiting)
        run = earful.analyze(path, folder, engine="ray", workers=2, **options)
        for name in ("reviews", "segments", "mentions", "loyalty"):
            assert (run.path / f"{name}.parquet").read_bytes() == (
                local.path / f"{name}.parquet"
            ).read_bytes()

    def test_a_folder_that_is_not_shared_is_told(self, cluster, tmp_path):
        with pytest.raises(RunError, match="not the same folder on every machine"):
            made(tmp_path, "ray", stages=Elsewhere(tmp_path), workers=1)

    def test_what_goes_wrong_in_an_actor_is_told_in_one_line(self, cluster, tmp_path):
        with pytest.raises(EarfulError, match=r"^themes: is missing$"):
            made(tmp_path, "ray", stages=broken, workers=1)


class Killing:
    """Hears of parts, and takes the second machine away after five; another one comes."""

    def __init__(self, cluster):
        self.cluster, self.receipts = cluster, []

    def __call__(self, receipt):
        self.receipts.append(receipt.part)
        if len(self.receipts) == 5:
            self.cluster.remove_node(self.cluster.second, allow_graceful=False)
            self.cluster.second = self.cluster.add_node(num_cpus=1, object_store_memory=80_000_000)


class Interrupting(Watcher):
    def progressed(self, done, total):
        if done:
            raise KeyboardInterrupt


class Unseen:
    """Slices of a file that only the process sees that made them."""

    def __init__(self, path):
        self.path, self.seen_by = path, os.getpid()

    def __len__(self):
        return ROWS // SIZE

    def __call__(self, part):
        if os.getpid() != self.seen_by:
            raise InputError("does not exist")
        with open_inputs([self.path]) as feed:
            return FeedSlices(feed, None, SIZE)(part)


def broken():
    raise ConfigError("is missing", where="themes")


class Elsewhere:
    """Takes the plan away as it is sent to an actor: on that machine there is none."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self):
        return []

    def __reduce__(self):
        return _unshared, (self.folder, os.getpid())


def _unshared(folder, sender):
    if os.getpid() != sender:
        (folder / "parts" / "plan.json").unlink()
    return Elsewhere(folder)


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("earful.engines.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"ray is not installed.*earful\[ray\]"):
        Engine("ray").check()


def test_a_store_for_parts_is_a_clusters():
    with pytest.raises(ConfigError, match=r"--parts: the engine local keeps its parts .*add --engine ray"):
        Engine().check("s3://bucket/parts")


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        (Engine(gpus=0.5), r"--gpus: is the share of a GPU .*add --engine ray --device cuda"),
        (Engine("ray", gpus=0.5), r"--gpus: is the share of a GPU"),
        (Engine("ray", gpus=2, device="cuda"), r"--gpus: got 2; allowed: above 0 and at most 1"),
        (Engine("ray", gpus=0, device="cuda"), r"--gpus: got 0"),
        (Engine("ray", device="cuda:1"), r"--device: got cuda:1; allowed: cuda: the cluster says"),
        (Engine(workers=2, device="emulated"), r"--workers: one process alone works with a GPU"),
        (Engine("sparc"), r"engine 'sparc' is not known"),
    ],
)
def test_what_does_not_go_together_is_told(engine, said):
    with pytest.raises(ConfigError, match=said):
        engine.check()


def test_an_actor_asks_for_a_whole_gpu_unless_told_otherwise():
    engines = Engine("ray", device="cuda"), Engine("ray", device="cuda", gpus=0.25), Engine("ray")
    assert [engine.share for engine in engines] == [1, 0.25, 0]


def test_no_command_needs_ray():
    code = "import sys, earful.engines, earful.engines.cluster; assert 'ray' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
