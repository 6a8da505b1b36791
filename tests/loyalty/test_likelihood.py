from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earful import schema
from earful.config import CesScale, NpsScale, ScalesConfig
from earful.errors import ModelError
from earful.loyalty.features import FEATURES, TEXT_FEATURES, row_features
from earful.loyalty.likelihood import Head, Likelihood, LikelihoodModel, classes, load_likelihood
from earful.models.folder import Folder
from earful.pipeline import Batch, run_stages


def head(seed, hidden=6):
    random = np.random.default_rng(seed)
    return Head(
        mean=random.normal(size=len(FEATURES)),
        scale=random.uniform(0.5, 2, len(FEATURES)),
        linear=random.normal(size=len(FEATURES)) / 5,
        hidden_weight=random.normal(size=(len(FEATURES), hidden)),
        hidden_bias=random.normal(size=hidden),
        output_weight=random.normal(size=hidden),
        thresholds=np.linspace(-2, 2, 9),
    )


def tiny():
    return LikelihoodModel(head(0), head(1), name="tiny")


def changed(**arrays):
    config = tiny().to_config()
    config["heads"]["words"] |= arrays
    return config


def batch(n=40, seed=1):
    random = np.random.default_rng(seed)
    p = random.dirichlet([1, 1, 1], n).round(6)
    wordless = np.arange(n) % 5 == 4
    columns = {
        "row": pa.array(np.arange(n)[::-1] + 100, pa.int64()),
        "text": pa.array(["" if blank else "Fine words. " * (i % 7 + 1) for i, blank in enumerate(wordless)]),
        **{
            f"p_{name}": pa.array(p[:, i], mask=wordless)
            for i, name in enumerate(["negative", "neutral", "positive"])
        },
        "score": pa.array(p[:, 2] - p[:, 0], mask=wordless),
        "rating": pa.array([float(i % 5 + 1) if i % 3 else None for i in range(n)], pa.float64()),
        "rating_min": pa.array([1.0] * n),
        "rating_max": pa.array([5.0] * n),
        "csat": pa.array([float(i % 10 + 1) if i % 4 == 1 else None for i in range(n)], pa.float64()),
        "csat_min": pa.array([1.0] * n),
        "csat_max": pa.array([10.0] * n),
        "ces": pa.array([float(i % 7 + 1) if i % 6 == 1 else None for i in range(n)], pa.float64()),
        "ces_min": pa.array([1.0] * n),
        "ces_max": pa.array([7.0] * n),
        "nps": pa.array([float(i % 11) for i in range(n)]),
        "nps_min": pa.array([0.0] * n),
        "nps_max": pa.array([10.0] * n),
        "recommended": pa.array(
            [[True, False, None][i % 3] if i % 5 != 4 else None for i in range(n)], pa.bool_()
        ),
    }
    rows = columns["row"].to_pylist()
    owners = [row for i, row in enumerate(rows) if not wordless[i] for _ in range(i % 4 + 1)]
    segments = pa.table(
        {
            "row": pa.array(owners, pa.int64()),
            **{
                f"p_{side}": pa.array(random.uniform(0, 0.5, len(owners)))
                for side in ("negative", "positive")
            },
        }
    )
    return Batch(pa.table(columns), segments)


def rows_of(whole, picked):
    reviews = whole.reviews.take(picked)
    owners = set(reviews.column("row").to_pylist())
    keep = [i for i, row in enumerate(whole.segments.column("row").to_pylist()) if row in owners]
    return Batch(reviews, whole.segments.take(pa.array(keep, pa.int64())))


def answers(done):
    names = ("p_detractor", "p_passive", "p_promoter", "nps_text")
    columns = [done.reviews.column(name).to_pylist() for name in ("row", *names)]
    return {row: values for row, *values in zip(*columns, strict=True)}


def test_the_stage_keeps_its_promise():
    done = run_stages(batch(), [Likelihood(tiny(), ScalesConfig())])
    for row, (det, pas, pro, nps) in answers(done).items():
        i = 139 - row
        if i % 5 == 4 and i % 3 == 0 and i % 4 != 1:
            assert det is pas is pro is nps is None
            continue
        assert det + pas + pro == pytest.approx(1, abs=1e-9)
        assert min(det, pas, pro) >= 0
        assert nps == pytest.approx(100 * (pro - det), abs=1e-6)
        assert det == round(det, 6)
        assert pas == round(pas, 6)


@pytest.mark.parametrize("size", [1, 3, 7])
def test_a_row_does_not_depend_on_its_neighbours(size):
    whole, stage = batch(), Likelihood(tiny(), ScalesConfig(ces=CesScale(direction="ease")))
    together = answers(stage(whole))
    order = np.random.default_rng(3).permutation(len(whole)).tolist()
    for start in range(0, len(order), size):
        part = rows_of(whole, order[start : start + size])
        for row, values in answers(stage(part)).items():
            assert values == together[row]


def test_the_measured_answer_is_no_feature():
    whole = batch()
    moved = Batch(
        whole.reviews.set_column(whole.reviews.column_names.index("nps"), "nps", pa.array([0.0] * 40)),
        whole.segments,
    )
    stage = Likelihood(tiny(), ScalesConfig())
    assert answers(stage(whole)) == answers(stage(moved))


def test_missing_signals_are_zero_and_words_do_not_leak():
    features = row_features(batch().reviews, batch().segments, None)
    assert np.isfinite(features).all()
    wordless = features[:, FEATURES.index("has_words")] == 0
    assert wordless.sum() == 8
    assert (features[wordless][:, : len(TEXT_FEATURES)] == 0).all()
    assert (features[:, FEATURES.index("has_ces")] == 0).all()
    unrated = features[:, FEATURES.index("has_rating")] == 0
    assert (features[unrated][:, FEATURES.index("rating")] == 0).all()


def test_ease_and_effort_are_turned_the_same_way():
    up = row_features(batch().reviews, None, CesScale(direction="ease"))[:, FEATURES.index("ces")]
    down = row_features(batch().reviews, None, CesScale(direction="effort"))[:, FEATURES.index("ces")]
    assert np.abs(up).max() > 0
    assert up == pytest.approx(-down)


def test_segments_find_their_reviews():
    whole = batch()
    features = row_features(whole.reviews, whole.segments, None)
    owners = np.array(whole.segments.column("row").to_pylist())
    negative, positive = (np.array(whole.segments.column(f"p_{side}")) for side in ("negative", "positive"))
    scores = np.round(positive - negative, 6)
    for i, row in enumerate(whole.reviews.column("row").to_pylist()):
        own = scores[owners == row]
        got = dict(zip(FEATURES, features[i], strict=True))
        if len(own):
            want = [own.min(), own.max(), own.mean(), own[0], own[-1], own.std()]
            names = ("min", "max", "mean", "first", "last", "sd")
            assert [got[f"segment_{name}"] for name in names] == pytest.approx(want)


@given(st.integers(0, 500))
def test_classes_follow_the_cut_points(seed):
    chances = np.random.default_rng(seed).dirichlet(np.ones(10), 5)
    usual = classes(chances, NpsScale())
    eight = classes(chances, NpsScale(preset="promoters_8"))
    assert usual.sum(axis=1) == pytest.approx(np.ones(5))
    assert usual[:, 0] == pytest.approx(chances[:, :6].sum(axis=1), abs=1e-6)
    assert usual[:, 2] == pytest.approx(chances[:, 8:].sum(axis=1), abs=1e-6)
    assert (eight[:, 2] >= usual[:, 2]).all()
    assert (eight[:, 0] == usual[:, 0]).all()


def test_expected_answers_stay_on_the_scale():
    model = tiny()
    features = np.random.default_rng(0).normal(size=(20, len(FEATURES)))
    assert (model.expected(features) >= 1).all()
    assert (model.expected(features) <= 10).all()
    assert model.predict(np.empty((0, len(FEATURES)))).shape == (0, 10)


def test_it_comes_back_from_its_folder(tmp_path):
    model = tiny()
    Folder.write(tmp_path, model.to_config())
    back = load_likelihood(tmp_path)
    features = np.random.default_rng(0).normal(size=(20, len(FEATURES)))
    assert np.abs(back.predict(features) - model.predict(features)).max() < 1e-4
    assert len(back.checksum) == 64
    assert back.name == "tiny"


def test_a_damaged_or_foreign_folder_is_refused(tmp_path):
    with pytest.raises(ModelError):
        load_likelihood(tmp_path)
    Folder.write(tmp_path, {**tiny().to_config(), "kind": "sentiment"})
    with pytest.raises(ModelError, match="kind"):
        load_likelihood(tmp_path)
    Folder.write(tmp_path, {**tiny().to_config(), "features": ["colour"]})
    with pytest.raises(ModelError, match="features"):
        load_likelihood(tmp_path)
    Folder.write(tmp_path, changed(hidden_bias=[1.0, 2.0]))
    with pytest.raises(ModelError, match="shape"):
        load_likelihood(tmp_path)
    Folder.write(tmp_path, changed(thresholds=list(range(9, 0, -1))))
    with pytest.raises(ModelError, match="rise"):
        load_likelihood(tmp_path)
    Folder.write(tmp_path, tiny().to_config())
    path = tmp_path / "config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    settings["heads"]["words"]["mean"][0] += 1
    path.write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(ModelError, match="damaged"):
        load_likelihood(tmp_path)


def test_the_columns_are_those_of_the_reviews_table():
    assert set(Likelihood.adds) <= {f"reviews.{name}" for name in schema.REVIEWS.names}
