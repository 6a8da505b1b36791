"""What a change is made of: the parts add up, and oftener is told from worse."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import earful
from earful.comparison.columns import COMPARE_PARTS
from earful.comparison.decomposition import split

shares = st.floats(0.01, 1.0)
effects = st.floats(-100.0, 100.0)


@given(shares, effects, shares, effects)
def test_oftener_and_worse_add_up_and_turn_round(share, effect, later_share, later_effect):
    mix, severity = split(*(np.array([v]) for v in (share, effect, later_share, later_effect)))
    assert mix + severity == pytest.approx([later_effect - effect], abs=1e-6)
    back = split(*(np.array([v]) for v in (later_share, later_effect, share, effect)))
    assert [*back[0], *back[1]] == pytest.approx([*-mix, *-severity], abs=1e-6)


def test_oftener_is_told_from_worse():
    # From 10 % at -60 points a mention to 30 % at the same, and to 10 % at -120.
    mix, severity = split(
        np.array([0.1, 0.1]), np.array([-6.0, -6.0]), np.array([0.3, 0.1]), np.array([-18.0, -12.0])
    )
    assert mix == pytest.approx([-12, 0])
    assert severity == pytest.approx([0, -6])


def test_a_theme_of_one_period_alone_is_all_mix():
    share, effect = np.array([0.0, 0.2]), np.array([0.0, -8.0])
    mix, severity = split(share, effect, share[::-1], effect[::-1])
    assert mix == pytest.approx([-8, 8])
    assert severity == pytest.approx([0, 0])


def complaints(make_run, name, late, broken):
    """400 reviews; those that complain of delivery or quality answer and sound worse."""
    random = np.random.default_rng(17)
    said = {"delivery.speed": random.random(400) < late, "product.quality": random.random(400) < broken}
    reviews, mentions = [], []
    for row in range(400):
        carried = [theme for theme, told in said.items() if told[row]]
        mood = 0.6 - 0.5 * len(carried) + 0.1 * random.random()
        reviews.append({"mood": mood, "nps": 10 if mood > 0.3 else 7 if mood > -0.1 else 2, "product": "p"})
        mentions += [{"row": row, "theme": theme, "polarity": "negative"} for theme in carried]
    return make_run(reviews, name, mentions)


def test_the_parts_of_each_group_add_up_to_the_change_of_its_index(make_run, tmp_path):
    found = earful.compare(complaints(make_run, "before", 0.1, 0.2), complaints(make_run, "after", 0.5, 0.2))
    changes = found.table.set_index("grouping")["index_change"]
    for grouping, parts in found.parts.groupby("grouping"):
        assert parts["part"].sum() == pytest.approx(changes[grouping])
        assert parts["theme"].notna().tolist() == [True] * (len(parts) - 1) + [False]
        themes = parts.iloc[:-1]
        assert (themes["mix"] + themes["severity"]).tolist() == pytest.approx(themes["part"].tolist())
    assert set(found.parts["grouping"]) == {"overall", "product"}
    overall = found.parts[found.parts["grouping"] == "overall"].set_index("theme")
    late = overall.loc["delivery.speed"]
    assert late["part_high"] < 0
    assert late["mix"] < 2 * late["severity"] < 0.5 * abs(late["mix"])
    assert overall["part"].abs().idxmax() == "delivery.speed"
    page = found.write(tmp_path / "out")
    assert pq.read_schema(page.parent / "compare_parts.parquet").equals(COMPARE_PARTS)
    assert "What the change is made of" in page.read_text()


def test_a_change_that_is_not_told_has_no_parts(make_run):
    few = [{"mood": 0.5, "nps": 9, "product": "p"}] * 5
    found = earful.compare(make_run(few, "before"), make_run(few, "after"))
    assert found.parts.empty
    assert list(found.parts) == COMPARE_PARTS.names
