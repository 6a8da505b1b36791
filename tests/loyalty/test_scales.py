from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earful.config import CesScale, CsatScale, NpsScale, ScalesConfig
from earful.errors import ConfigError
from earful.loyalty.scales import (
    check_ces,
    csat_scale,
    ease,
    easy,
    inversion,
    nps_class,
    nps_scale,
    position,
    satisfied,
    stamp,
)


def test_the_usual_cut_points():
    classes = nps_class(range(11), NpsScale())
    assert classes.tolist() == [-1] * 7 + [0, 0] + [1, 1]


def test_promoters_from_8():
    scale = NpsScale(preset="promoters_8")
    assert nps_class([6, 7, 8, 9], scale).tolist() == [-1, 0, 1, 1]
    assert stamp(scale) == "NPS 0-10, promoters 8-10, detractors 0-6"


def test_one_to_ten_has_no_zero():
    scale = nps_scale(1, 10)
    assert np.isnan(nps_class([0, 11, np.nan], scale)).all()
    assert stamp(scale) == "NPS 1-10, promoters 9-10, detractors 1-6"


def test_configured_cut_points_hold_on_every_scale_with_the_same_top():
    scale = nps_scale(1, 10, NpsScale(preset="promoters_8"))
    assert (scale.min, scale.detractor_max, scale.promoter_min) == (1, 6, 8)


@pytest.mark.parametrize("ends", [(1, 5), (0, 100), (0.5, 10)])
def test_a_scale_nobody_explained_is_refused(ends):
    with pytest.raises(ConfigError, match="no cut points"):
        nps_scale(*ends)


def test_a_scale_of_ones_own():
    own = NpsScale(min=1, max=5, detractor_max=3, promoter_min=5)
    assert nps_class([3, 4, 5], nps_scale(1, 5, own)).tolist() == [-1, 0, 1]


def test_averages_between_whole_answers():
    assert nps_class([6.5, 6.99, 7.0, 8.9, 9.0], NpsScale()).tolist() == [-1, -1, 0, 0, 1]


@given(st.lists(st.integers(0, 10), min_size=1))
def test_nps_lies_within_its_bounds_and_flips_with_the_answers(answers):
    scale = NpsScale(detractor_max=4, promoter_min=6)
    nps = 100 * nps_class(answers, scale).mean()
    assert -100 <= nps <= 100
    flipped = 100 * nps_class([10 - answer for answer in answers], scale).mean()
    assert flipped == pytest.approx(-nps)


@pytest.mark.parametrize(("top", "cut"), [(5, 4), (7, 6), (10, 9)])
def test_who_is_satisfied(top, cut):
    scale = csat_scale(1, top)
    assert scale.satisfied_min == cut
    assert satisfied([cut - 1, cut, top, top + 1], scale)[:3].tolist() == [0, 1, 1]
    assert np.isnan(satisfied([top + 1], scale)).all()


def test_csat_on_other_scales():
    assert csat_scale(0, 4).satisfied_min == 3
    assert csat_scale(1, 5, CsatScale(satisfied_min=5)).satisfied_min == 5
    assert csat_scale(1, 7, CsatScale(satisfied_min=5)).satisfied_min == 6
    assert stamp(CsatScale(max=7, satisfied_min=7)) == "CSAT 1-7, satisfied 7"


def test_effort_needs_a_direction():
    check_ces(ScalesConfig(), has_answers=False)
    check_ces(ScalesConfig(ces=CesScale(direction="ease")), has_answers=True)
    with pytest.raises(ConfigError, match="direction"):
        check_ces(ScalesConfig(), has_answers=True)


def test_ease_either_way():
    up, down = CesScale(direction="ease"), CesScale(direction="effort")
    assert ease([1, 4, 7], up).tolist() == [0, 50, 100]
    assert ease([1, 4, 7], down).tolist() == [100, 50, 0]
    assert easy([1, 4, 5, 7, 8], up)[:4].tolist() == [0, 0, 1, 1]
    assert easy([1, 3, 4, 7], down).tolist() == [1, 1, 0, 0]


def test_position_and_answers_off_the_scale():
    values = position([1, 3, 5, 6, np.nan, 4], 1.0, np.array([5, 5, 5, 5, 5, 10]))
    assert values[:3].tolist() == [0, 0.5, 1]
    assert np.isnan(values[3:5]).all()
    assert values[5] == pytest.approx(1 / 3)
    assert np.isnan(position([3], 3, 3)).all()


def test_an_upside_down_scale_is_found():
    random = np.random.default_rng(1)
    score = random.uniform(-1, 1, 200)
    answers = np.clip(np.round(4 + 2 * score + random.normal(0, 1, 200)), 1, 7)
    assert not inversion(answers, score).inverted
    found = inversion(8 - answers, score)
    assert found.inverted
    assert found.n == 200
    assert found.correlation < -0.5


def test_too_little_to_tell_is_not_called_inverted():
    assert not inversion([1, 2, 3], [0.3, 0.2, 0.1]).inverted
    assert not inversion([3] * 50, np.linspace(-1, 1, 50)).inverted
