"""A stage of another package, found by its entry point, takes part in a run like one of our own."""

import pandas as pd
import pytest

import earful
from earful.errors import ConfigError

MODULE = '''
import pyarrow as pa


class Shouting:
    """Share of capitals among the letters of each segment's review, and its mean score beside it."""

    name = "shouting"
    requires = ("texts", "reviews.score")
    adds = ("reviews.shouting",)
    fields = {"reviews": (pa.field("shouting", pa.float64()),)}

    def __call__(self, batch):
        texts = [clean.text for clean in batch.texts]
        shares = [sum(map(str.isupper, text)) / len(text) if text else None for text in texts]
        return batch.with_reviews(shouting=pa.array(shares, pa.float64()))


class Lost:
    name = "lost"
    requires = ("reviews.moods",)
    adds = ("reviews.lost",)
'''
FRAME = pd.DataFrame({"text": ["GREAT", "Never again.", "ok"], "rating": [5, 1, 3]})


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Install a package beside the tests, as pip would lay it down."""
    (tmp_path / "their_stages.py").write_text(MODULE, encoding="utf-8")
    told = tmp_path / "their_stages-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: their-stages\nVersion: 1.0\n", encoding="utf-8"
    )
    points = "[earful.stages]\nshouting = their_stages:Shouting\nlost = their_stages:Lost\n"
    (told / "entry_points.txt").write_text(points, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # for worker processes


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stage_of_another_package_writes_its_column(package, tmp_path, workers):
    config = {"stages": {"add": ["shouting"]}}
    run = earful.analyze(FRAME, tmp_path / "run", config=config, workers=workers, batch_size=2)
    assert run.reviews["shouting"].tolist() == [1.0, 1 / 12, 0.0]
    assert run.reviews["sentiment"].tolist()[0] == "positive"
    plain = earful.analyze(FRAME, tmp_path / "plain")
    assert run.reviews.drop(columns="shouting").equals(plain.reviews)
    assert run.loyalty.equals(plain.loyalty)


def test_a_stage_that_is_not_there_is_named_with_the_nearest(package, tmp_path):
    with pytest.raises(ConfigError, match="no stage is called 'shout'"):
        earful.analyze(FRAME, tmp_path / "run", config={"stages": {"add": ["shout"]}})


def test_a_stage_whose_needs_nobody_meets_says_so(package, tmp_path):
    with pytest.raises(ValueError, match=r"no stage adds reviews\.moods, which is needed"):
        earful.analyze(FRAME, tmp_path / "run", config={"stages": {"add": ["lost"]}})
