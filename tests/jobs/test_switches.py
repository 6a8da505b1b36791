"""Themes, aspects and vectors can each be left out; the rest of the run is then the same."""

import pandas as pd
import pytest

import earful
from earful.jobs.analyze import resolve
from earful.jobs.assembly import Assembly

ROWS = pd.DataFrame(
    {
        "text": [
            "Great camera, awful battery.",
            "The courier was rude and the parcel came two weeks late!",
            "Доставка быстрая, но оператор нагрубил.",
            "ok",
            None,
        ],
        "stars": [3, 1, 2, 5, 4],
    }
)
OFF = {"themes": {"find": False}, "aspects": {"find": False}}


def run(**settings):
    return earful.analyze(ROWS, model="fast", config=settings)


@pytest.fixture(scope="module")
def whole():
    return run()


def test_without_aspects_a_theme_has_the_polarity_of_its_segment(whole):
    alone = run(aspects={"find": False})
    assert len(whole.aspects) > 0 == len(alone.aspects)
    places = ["row", "segment", "theme", "start", "end", "term", "confidence", "matcher"]
    pd.testing.assert_frame_equal(alone.mentions[places], whole.mentions[places])
    segments = alone.segments.set_index(["row", "segment"])
    for mention in alone.mentions.itertuples():
        segment = segments.loc[(mention.row, mention.segment)]
        assert mention.score == segment["score"]
        assert mention.polarity in {"negative", "neutral", "positive"}
    assert "aspects" not in alone.manifest


def test_without_themes_terms_stay_and_nothing_is_said_of_themes(whole):
    alone = run(themes={"find": False})
    assert len(whole.mentions) > 0 == len(alone.mentions) == len(alone.drivers)
    assert alone.aspects["theme"].isna().all()
    pd.testing.assert_frame_equal(alone.aspects.drop(columns="theme"), whole.aspects.drop(columns="theme"))
    assert alone.manifest["complaints"]["with_theme"] is None
    assert "carry a theme" not in (alone.path / "report.html").read_text(encoding="utf-8")


def test_with_all_switched_off_the_index_and_the_sentiment_are_the_same(whole):
    least = run(themes={"find": False, "embeddings": False}, aspects={"find": False})
    pd.testing.assert_frame_equal(least.reviews, whole.reviews)
    pd.testing.assert_frame_equal(least.segments, whole.segments)
    own = whole.loyalty[whole.loyalty["grouping"] == "overall"].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        least.loyalty[least.loyalty["grouping"] == "overall"].reset_index(drop=True), own
    )
    assert not (least.path / "embeddings.parquet").exists()


def test_what_is_left_out_is_not_planned():
    stages = {stage.name for stage in Assembly(resolve(OFF | {"sentiment": {"model": "fast"}})).stages()}
    assert not stages & {"tokens", "themes", "aspects", "joining", "segment_polarity"}


def test_a_taxonomy_is_applied_to_a_run_without_aspects(tmp_path):
    from earful.jobs.apply import rematched
    from earful.themes.taxonomy import load_taxonomy

    bare = earful.analyze(ROWS, tmp_path / "run", model="fast", config={"aspects": {"find": False}})
    mentions, aspects = rematched(bare.path, load_taxonomy("cx"))
    assert mentions.num_rows == len(bare.mentions)
    assert aspects.num_rows == 0
