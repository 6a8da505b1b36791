import json
import shutil
import zlib

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import earful
from earful.comparison.columns import COMPARE, COMPARE_CHANGES, COMPARE_THEMES
from earful.comparison.reading import words_nps
from earful.config import NpsScale
from earful.errors import ConfigError, RunError
from earful.loyalty.features import row_features
from earful.loyalty.intervals import adjusted_wald_nps
from earful.loyalty.likelihood import classes, load_likelihood
from earful.runs.store import Store


def noisy(random, products=8, n=30, tie=0.0, **columns):
    """Reviews whose answers follow the words as far as ``tie`` says, else go by chance."""
    found = []
    for product in range(products):
        level = random.uniform(-0.7, 0.7)
        for _ in range(n):
            mood = float(np.clip(level + random.normal(0, 0.3), -0.95, 0.95))
            other = tie * mood + (1 - tie) * random.uniform(-1, 1)
            answer = 10 if other > 0.2 else 2 if other < -0.2 else 8
            found.append({"mood": round(mood, 4), "nps": answer, "product": f"p{product}"} | columns)
    return found


def test_the_numbers_are_those_of_the_loyalty_table_and_of_the_rows(make_run):
    reviews = noisy(np.random.default_rng(0), tie=1.0)
    found = earful.compare(make_run(reviews))
    loyalty = earful.open_run(found.reading.run.path).loyalty
    products = loyalty[loyalty["grouping"] == "product"].set_index("product")
    got = found.groups.set_index("product")
    assert (found.measure.name, found.by) == ("nps", "product")
    for ours, theirs in (("measured", "nps"), ("index", "index"), ("mean_score", "mean_score")):
        for end in ("", "_low", "_high"):
            np.testing.assert_allclose(got[f"{ours}{end}"], products[f"{theirs}{end}"])
    first = [review for review in reviews if review["product"] == "p0"]
    counts = [sum(review["nps"] == answer for review in first) for answer in (10, 8, 2)]
    by_hand = adjusted_wald_nps(*counts)
    assert got.loc["p0", ["measured", "measured_low", "measured_high"]].tolist() == pytest.approx(
        [float(value) for value in by_hand], abs=1e-6
    )


def test_the_words_alone_know_nothing_of_the_scores(make_run):
    plain = [{"mood": mood, "product": "p"} for mood in (-0.8, 0.1, 0.7)]
    scored = [review | {"rating": 5, "recommended": True} for review in plain]
    scale = NpsScale()
    alone, beside = (
        words_nps(Store.of(make_run(reviews, name)), scale) for name, reviews in (("a", plain), ("b", scored))
    )
    pd.testing.assert_series_equal(alone, beside)
    folder = make_run(plain, "c")
    features = row_features(
        pq.read_table(folder / "reviews.parquet"), pq.read_table(folder / "segments.parquet"), None
    )
    shares = classes(load_likelihood().predict(features), scale)
    np.testing.assert_allclose(alone, 100 * (shares[:, 2] - shares[:, 0]), atol=1e-6)
    assert alone.is_monotonic_increasing


def test_a_difference_minds_that_words_and_answers_are_of_the_same_rows(make_run):
    reviews = noisy(np.random.default_rng(1), products=2, tie=1.0)
    found = earful.compare(make_run(reviews))
    words, answers = found.reading.rows["words_nps"].to_numpy(), found.reading.answer
    here = (found.reading.rows["product"] == "p1").to_numpy()
    apart = words[here] - answers[here]
    row = found.groups.set_index("product").loc["p1"]
    assert row["difference"] == pytest.approx(apart.mean())
    half = 2.045229642 * apart.std(ddof=1) / np.sqrt(len(apart))
    assert row["difference_high"] - row["difference"] == pytest.approx(half)


def test_words_that_go_with_the_answers_correlate_and_chance_does_not(make_run):
    tied = earful.compare(make_run(noisy(np.random.default_rng(2), 12, tie=1.0), "tied"))
    words = tied.agreement.set_index("side").loc["words_nps"]
    assert words["spearman_low"] > 0.5
    assert words["n"] == 12
    covered, circular = [], []
    for seed in range(7):
        chance = earful.compare(make_run(noisy(np.random.default_rng(seed), 12, tie=0.0), f"chance{seed}"))
        found = chance.agreement.set_index("side")
        covered.append(found.loc["words_nps", "spearman_low"] <= 0 <= found.loc["words_nps", "spearman_high"])
        circular.append(found.loc["index", "spearman"])
    assert np.mean(covered) >= 6 / 7
    # The index knows the answers: it agrees with them even where the words say nothing.
    assert np.mean(circular) > 0.5
    assert "partly by construction" in chance.notes[0]


def test_the_order_of_rows_changes_nothing(make_run):
    reviews = [review | {"text": f"words {k}"} for k, review in enumerate(noisy(np.random.default_rng(3), 4))]
    tables = []
    for name, shuffle in (("as_is", None), ("shuffled", 5)):
        found = earful.compare(make_run(reviews, name, shuffle=shuffle))
        tables.append(found.table)
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_the_measured_side_is_the_best_that_there_is(make_run):
    moods = noisy(np.random.default_rng(4), 2)
    stars = [{key: review[key] for key in ("mood", "product")} | {"rating": 4} for review in moods]
    flags = [review | {"recommended": True} for review in stars]
    assert earful.compare(make_run(moods, "nps")).measure.name == "nps"
    assert earful.compare(make_run(flags, "flags")).measure.name == "recommend"
    found = earful.compare(make_run(stars, "stars"))
    assert found.measure.name == "rating"
    assert found.measure.show(0.75) == "4.0"
    assert found.table["difference"].isna().all()
    assert "mean rating" in found.notes[1]
    flagged = found.reading.run.path.parent / "flags"
    assert earful.compare(flagged, measured="rating").measure.name == "rating"
    with pytest.raises(RunError, match="has no answers for 'nps'"):
        earful.compare(flagged, measured="nps")
    with pytest.raises(ConfigError, match="allowed: nps, recommend, csat, rating"):
        earful.compare(flagged, measured="stars")


def test_other_cuts(make_run):
    reviews = [
        review | {"touchpoint": ("store", "support")[k % 2], "created_at": day}
        for k, review in enumerate(noisy(np.random.default_rng(5), 2, 60))
        for day in [pd.Timestamp(f"2026-0{1 + k % 3}-05", tz="UTC")]
    ]
    folder = make_run(reviews)
    for by, n in (
        ("touchpoint", 2),
        ("touchpoint,product", 4),
        (["product", "touchpoint"], 4),
        ("period", 3),
    ):
        found = earful.compare(folder, by=by)
        assert len(found.groups) == n
        assert found.groups["n_both"].sum() == 120


def test_touchpoints_that_the_words_speak_of(make_run):
    reviews = noisy(np.random.default_rng(6), 2)
    mentions = [
        {"row": row, "theme": ("delivery.speed", "support.attitude")[row % 2], "polarity": "negative"}
        for row in range(40)
    ]
    found = earful.compare(make_run(reviews, mentions=mentions), by="touchpoint")
    assert found.groups.set_index("touchpoint")["n_reviews"].to_dict() == {"delivery": 20, "support": 20}
    assert found.reading.derived


def test_what_is_missing_is_said_in_one_line(make_run, tmp_path):
    silent = make_run([{"mood": 0.5, "product": "p"}] * 3, "silent")
    with pytest.raises(RunError, match="no measured side"):
        earful.compare(silent)
    lone = make_run([{"mood": 0.5, "nps": 9}] * 3, "lone")
    with pytest.raises(RunError, match="has no groups by product; allowed: none in this run; analyze again"):
        earful.compare(lone)
    with pytest.raises(RunError, match="has no groups by period; allowed: product; analyze again with dates"):
        earful.compare(silent, by="period")
    with pytest.raises(ConfigError, match="cannot compare by 'colour'"):
        earful.compare(silent, by="colour")
    with pytest.raises(RunError, match="does not exist"):
        earful.compare(tmp_path / "nowhere")
    (silent / "loyalty.parquet").write_bytes(b"no table")
    with pytest.raises(RunError, match=r"loyalty\.parquet: cannot be read"):
        earful.compare(silent)


def test_a_real_run_from_the_first_file_to_the_page(demo_run, tmp_path):
    found = earful.compare(demo_run)
    page = found.write(tmp_path / "out")
    assert sorted(path.name for path in page.parent.iterdir()) == [
        "compare.csv", "compare.html", "compare.json", "compare.parquet",
    ]  # fmt: skip
    assert pq.read_schema(page.parent / "compare.parquet").equals(COMPARE)
    summary = json.loads((page.parent / "compare.json").read_text())
    assert summary["measure"] == "nps"
    assert [row["side"] for row in summary["agreement"]] == ["words_nps", "mean_score", "index"]
    before = zlib.crc32(page.read_bytes())
    assert zlib.crc32(earful.compare(demo_run.path).write(tmp_path / "out").read_bytes()) == before


def two(make_run, shift, **columns):
    random = np.random.default_rng(7)
    before, after = noisy(random, 6, 60, tie=1.0), noisy(random, 6, 60, tie=1.0)
    for k, (old, new) in enumerate(zip(before, after, strict=True)):
        new["mood"], new["nps"] = old["mood"], old["nps"]
        new["review_id"] = f"later{k}"
        if new["product"] == "p0":
            new["nps"], new["mood"] = (10, 0.9) if shift > 0 else (1, -0.9)
    return make_run(before, "before"), make_run(after, "after", **columns)


def test_two_runs(make_run):
    found = earful.compare(*two(make_run, 1))
    row = found.groups.iloc[0]
    assert row["product"] == "p0"
    assert [row[f"{name}_call"] for name in ("index", "measured", "words")] == ["up", "up", "up"]
    assert row["measured_change"] == pytest.approx(row["measured_after"] - row["measured_before"])
    assert row["index_change_low"] < row["index_change"] < row["index_change_high"]
    assert (found.groups["words_call"][1:] == "").all()
    assert found.table.iloc[0]["grouping"] == "overall"
    assert found.agreement is None
    assert found.notes == []
    assert found.home.name == "compare-with-after"


def test_what_two_runs_do_not_share_is_said(make_run):
    before, after = two(make_run, 1, model="other")
    found = earful.compare(before, after)
    assert len(found.notes) == 1
    assert "different sentiment model (test test-sum, other other-su)" in found.notes[0]
    same = shutil.copytree(before, before.parent / "copy")
    assert "360 reviews stand in both runs" in " ".join(earful.compare(before, same).notes)
    with pytest.raises(RunError, match="is compared with itself"):
        earful.compare(before, before)
    manifest = json.loads((same / "manifest.json").read_text())
    manifest["config"]["loyalty"]["level"] = 0.9
    (same / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError, match="has intervals of 90 %, the first run of 95 %"):
        earful.compare(before, same)
    for folder, checksum in ((before, "a" * 64), (after, "b" * 64)):
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["encoder"] = {"name": "reader", "checksum": checksum, "size": 384}
        (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError, match=r"another encoder \(reader bbbbbbbbbbbb…\).*analyze again"):
        earful.compare(before, after)


def test_groups_of_one_run_and_small_groups_are_listed_without_a_call(make_run):
    plenty, few = [{"mood": 0.5, "nps": 9}] * 30, [{"mood": -0.5, "nps": 1}] * 3
    before = make_run(
        [r | {"product": "both"} for r in plenty] + [r | {"product": "old"} for r in plenty], "a"
    )
    after = make_run([r | {"product": "both"} for r in few] + [r | {"product": "new"} for r in plenty], "b")
    found = earful.compare(before, after).groups.set_index("product")
    assert found["in_runs"].to_dict() == {"both": "both", "old": "before", "new": "after"}
    assert found["index_change"].isna().all()
    assert found.loc["both", ["measured_before", "measured_after"]].tolist() == [100, -100]
    called = earful.compare(before, after, min_reviews=2).groups.set_index("product")
    assert called.loc["both", "measured_call"] == "down"


def test_themes_that_changed(make_run, tmp_path):
    reviews = [{"mood": 0.5, "nps": 9, "product": "p"}] * 100
    said = [("delivery.speed", "negative", 10, 40), ("product.quality", "positive", 30, 31)]
    runs = []
    for side, name in enumerate(("before", "after")):
        mentions = [
            {"row": row, "theme": theme, "polarity": polarity}
            for theme, polarity, *counts in said
            for row in range(counts[side])
        ]
        runs.append(make_run(reviews, name, mentions + mentions[:3]))
    found = earful.compare(*runs)
    overall = found.themes[found.themes["grouping"] == "overall"].set_index("theme")
    assert overall["call"].to_dict() == {"delivery.speed": "up", "product.quality": ""}
    late = overall.loc["delivery.speed"]
    assert late[["n_before", "n_after", "share_before", "change"]].tolist() == pytest.approx([10, 40, 10, 30])
    # Newcombe's interval of 40/100 less 10/100, and the pooled z-test, worked out apart from our code.
    assert late[["change_low", "change_high"]].tolist() == pytest.approx([18.2789, 40.7740], abs=1e-3)
    assert overall.loc["product.quality", "q_value"] > 0.5
    assert len(found.themes) == 4
    page = found.write(tmp_path / "out")
    assert pq.read_schema(page.parent / "compare.parquet").equals(COMPARE_CHANGES)
    assert pq.read_schema(page.parent / "compare_themes.parquet").equals(COMPARE_THEMES)
