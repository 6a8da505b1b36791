"""Rankings where nobody was asked the NPS question: by what was measured instead."""

import re

import pytest

from earful.report import write_report

NAME = r'<th role="rowheader" scope="row"><bdi>(\w+)<'
PLACE = r'<td role="cell" class="place">([^<]*)</td>'


def measured(column, mean, half):
    return {column: mean, f"{column}_low": mean - half, f"{column}_high": mean + half}


@pytest.fixture
def wide(builder):
    """Three products of grade D whose ratings tell them apart, a small one, and one without ratings."""
    builder.review("x", score=0.5, rating=4.0, rating_min=1.0, rating_max=5.0)
    builder.group("overall", 0.0, 70.0, grade="D", **measured("mean_rating", 0.5, 0.02))
    for name, mean in (("Worst", 0.2), ("Best", 0.9), ("Middle", 0.5)):
        builder.group("product", 0.0, 70.0, product=name, grade="D", **measured("mean_rating", mean, 0.05))
    builder.group("product", 0.0, 70.0, product="Small", n=5, grade="D", **measured("mean_rating", 1.0, 0.0))
    builder.group("product", 0.0, 70.0, product="Silent", grade="D")
    return builder


def test_groups_are_ranked_by_their_ratings(wide):
    source = write_report(wide.write()).read_text(encoding="utf-8")
    assert re.findall(NAME, source.partition('id="languages"')[0]) == [
        "Best",
        "Middle",
        "Worst",
        "Silent",
        "Small",
    ]
    assert re.findall(PLACE, source) == ["1", "2", "3", "", ""]
    assert "Ranked by mean rating instead" in source


def test_value_and_interval_are_written_on_the_scale_of_the_stars(wide):
    source = write_report(wide.write()).read_text(encoding="utf-8")
    assert re.search(r'data-of="Mean rating">4\.6 <span class="reach">4\.4 to 4\.8</span>', source)
    assert "−70 to +70" in source  # the index stays there, as a range


def test_overlapping_intervals_share_places(wide):
    wide.group("product", 0.0, 70.0, product="Second", grade="D", **measured("mean_rating", 0.88, 0.05))
    source = write_report(wide.write()).read_text(encoding="utf-8")
    assert re.findall(PLACE, source)[:4] == ["1–2", "1–2", "3", "4"]


def test_without_ratings_the_words_rank(builder):
    builder.review("x", score=0.5)
    for name, mean in (("Glum", -0.4), ("Glad", 0.6)):
        builder.group("product", 0.0, 70.0, product=name, grade="D", **measured("mean_score", mean, 0.1))
    source = write_report(builder.write()).read_text(encoding="utf-8")
    assert re.findall(NAME, source.partition('id="languages"')[0]) == ["Glad", "Glum"]
    assert "Ranked by mean sentiment instead" in source


def test_one_nps_answer_brings_the_index_back(wide):
    wide.group("product", 30.0, 10.0, product="Asked", n_rated=40, nps=30.0, nps_low=10.0, nps_high=50.0)
    source = write_report(wide.write()).read_text(encoding="utf-8")
    assert re.findall(NAME, source.partition('id="languages"')[0])[0] == "Asked"
    assert "Ranked by index" in source
