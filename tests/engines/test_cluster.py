"""A local cluster of two machines: the same bytes as one process, and nothing lost when a machine dies."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from earful.engines import check_engine, run_parts
from earful.engines.worker import Worker
from earful.errors import ConfigError, EarfulError, RunError
from earful.runs.parts import Parts
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


def made(folder, engine="local", done=None, stages=language_stages, **options):
    parts = Parts(folder)
    parts.start({"base": None})
    receipts = []
    run_parts(work(), Worker(parts, stages), done or receipts.append, engine, **options)
    parts.merge("reviews")
    parts.merge_rejects()
    return [(folder / name).read_bytes() for name in ("reviews.parquet", "rejects.jsonl")]


@pytest.fixture(scope="module")
def cluster():
    pytest.importorskip("ray")
    import ray
    from ray.cluster_utils import Cluster

    root = Path(__file__).parents[2]
    small = {"num_cpus": 1, "object_store_memory": 80_000_000}
    cluster = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
    path = {"PYTHONPATH": f"{root / 'src'}:{root}", "OMP_NUM_THREADS": "1"}
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
        receipts = []

        def done(receipt):
            receipts.append(receipt.part)
            if len(receipts) == 5:
                cluster.remove_node(cluster.second, allow_graceful=False)
                cluster.add_node(num_cpus=1, object_store_memory=80_000_000)

        found = made(tmp_path / "ray", "ray", done, workers=2)
        assert sorted(receipts) == list(range(ROWS // SIZE))
        assert found == made(tmp_path / "local")

    def test_a_folder_that_is_not_shared_is_told(self, cluster, tmp_path):
        with pytest.raises(RunError, match="not the same folder on every machine"):
            made(tmp_path, "ray", stages=Elsewhere(tmp_path), workers=1)

    def test_what_goes_wrong_in_an_actor_is_told_in_one_line(self, cluster, tmp_path):
        with pytest.raises(EarfulError, match=r"^themes: is missing$"):
            made(tmp_path, "ray", stages=broken, workers=1)


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
        check_engine("ray")


def test_no_command_needs_ray():
    code = "import sys, earful.engines, earful.engines.cluster; assert 'ray' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
