from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earful.loyalty.estimator import COLD_TAU, Settings, estimate, grades, rank_intervals


def world(groups=40, rows=150, rated=10, seed=0, signal=0.8, strange=15.0):
    """Groups with a true index, rows with predictions of known worth, and a few answers."""
    random = np.random.default_rng(seed)
    code = np.repeat(np.arange(groups), rows)
    latent = random.normal(0.2, 0.5, groups)[code] + random.normal(0, 1, groups * rows)
    answers = np.where(latent > 0.6, 100.0, np.where(latent < -0.2, -100.0, 0.0))
    truth = np.bincount(code, answers) / rows
    seen = signal * latent + np.sqrt(1 - signal**2) * random.normal(0, 1, groups * rows)
    f = 85 * np.tanh(0.8 * seen - 0.1) + random.normal(0, strange, groups)[code]
    keep = np.zeros(groups * rows, dtype=bool)
    for group in range(groups):
        keep[group * rows + random.choice(rows, rated, replace=False)] = True
    return code, f, np.where(keep, answers, np.nan), truth


def test_without_predictions_worth_anything_it_is_the_plain_mean_with_everybody_answering():
    code = np.repeat([0, 1], 3000)
    s = np.tile([100.0, 0.0, -100.0, 100.0], 1500)
    got = estimate(code, np.zeros(6000), s, 2)
    assert got.raw == pytest.approx([25, 25])
    assert np.abs(got.index - got.raw).max() < 0.5
    assert np.abs(got.difference - got.raw).max() < 1e-9
    assert got.text_gain == pytest.approx([1, 1], abs=0.03)


@pytest.mark.parametrize("rated", [3, 10, 30, 100])
def test_claim_intervals_hold_the_truth(rated):
    held = []
    for seed in range(15):
        code, f, s, truth = world(rated=rated, seed=seed)
        got = estimate(code, f, s, 40)
        held.append((got.claim_low <= truth) & (truth <= got.claim_high))
    assert np.mean(held) >= 0.93


@pytest.mark.parametrize("rated", [0, 3, 10, 30])
def test_ranking_intervals_hold_the_truth_on_average(rated):
    held = []
    for seed in range(60):
        code, f, s, truth = world(rated=rated, seed=seed)
        got = estimate(code, f, s, 40)
        held.append((got.rank_low <= truth) & (truth <= got.rank_high))
    assert np.mean(held) >= 0.92


def test_the_index_beats_the_plain_mean_and_the_words_alone():
    worse_raw, worse_text = [], []
    for seed in range(10):
        code, f, s, truth = world(rated=10, seed=seed)
        got = estimate(code, f, s, 40)
        text = np.bincount(code, f) / np.bincount(code)
        mine = np.abs(got.index - truth).mean()
        worse_raw.append(np.abs(got.raw - truth).mean() / mine)
        worse_text.append(np.abs(text - truth).mean() / mine)
    assert np.mean(worse_raw) > 1.4
    assert np.mean(worse_text) > 1.2


def test_shuffled_predictions_are_worth_nothing_and_cost_nothing():
    plain, shuffled, gains = [], [], []
    for seed in range(20):
        code, f, s, truth = world(rated=20, seed=seed)
        noise = np.random.default_rng(seed).permutation(f)
        got = estimate(code, noise, s, 40)
        plain.append(np.abs(estimate(code, np.zeros_like(f), s, 40).index - truth).mean())
        shuffled.append(np.abs(got.index - truth).mean())
        gains.append(np.median(got.text_gain))
    assert np.mean(shuffled) == pytest.approx(np.mean(plain), rel=0.01)
    assert 0.97 <= np.mean(gains) <= 1.03


def test_words_alone_are_never_surer_than_tau():
    code, f, s, _ = world(rated=10)
    s[code < 5] = np.nan
    got = estimate(code, f, s, 40)
    assert (got.rank_high - got.rank_low)[:5].min() >= min(2 * 1.95996 * got.tau, 200) - 1e-9
    cold = estimate(code, f, np.full(len(f), np.nan), 40)
    assert cold.provisional
    assert cold.tau >= COLD_TAU
    assert (cold.claim_low <= cold.rank_low).all()
    assert (cold.claim_high - cold.claim_low > 1.2 * (cold.rank_high - cold.rank_low)).mean() > 0.5
    inside = (cold.rank_low > -100) & (cold.rank_high < 100)
    assert inside.any()
    assert (cold.rank_high - cold.rank_low)[inside].min() >= 2 * 1.95996 * COLD_TAU


def test_few_groups_stay_provisional():
    code, f, s, _ = world(groups=14)
    assert estimate(code, f, s, 14).provisional
    code, f, s, _ = world(groups=15)
    assert not estimate(code, f, s, 15).provisional


def test_one_answer_is_enough_to_run():
    got = estimate([0, 0, 0, 1], [10.0, 20.0, -5.0, 7.0], [100.0, np.nan, np.nan, np.nan], 3)
    assert np.isfinite(got.index[:2]).all()
    assert np.isnan(got.index[2])
    assert np.isnan(got.claim_low[2])
    assert got.n_rows.tolist() == [3, 1, 0]
    assert got.claim_high[0] - got.claim_low[0] > 80


def test_answers_that_all_agree_are_no_certainty():
    got = estimate(np.zeros(30, dtype=int), np.full(30, 50.0), np.full(30, 100.0), 1)
    assert got.index[0] > 90
    assert got.claim_low[0] < 98
    assert got.text_gain[0] == pytest.approx(1)


def test_nothing_at_all():
    got = estimate([], [], [], 2)
    assert np.isnan(got.index).all()
    assert grades(got).tolist() == ["D", "D"]


def test_answers_without_words_are_a_stratum_of_their_own():
    random = np.random.default_rng(3)
    loud, quiet = 400, 600
    f = np.concatenate([random.normal(0, 40, loud), np.full(quiet, np.nan)])
    s = np.concatenate([np.full(loud, -100.0), np.full(quiet, 100.0)])
    s[50:loud] = np.nan  # 50 of 400 with words answered, and all of the silent ones
    got = estimate(np.zeros(1000, dtype=int), f, s, 1)
    assert got.raw[0] > 80
    assert got.difference[0] == pytest.approx(0.6 * 100 - 0.4 * 100, abs=6)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_turning_every_answer_and_prediction_turns_the_index(seed):
    code, f, s, _ = world(groups=18, rows=30, rated=6, seed=seed)
    got, turned = estimate(code, f, s, 18), estimate(code, -f, -s, 18)
    assert turned.index == pytest.approx(-got.index, abs=1e-6)
    assert turned.claim_low == pytest.approx(-got.claim_high, abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_ends_lie_on_the_scale_around_the_index(seed):
    code, f, s, _ = world(groups=20, rows=20, rated=int(seed % 5), seed=seed)
    got = estimate(code, f, s, 20)
    for low, high in ((got.claim_low, got.claim_high), (got.rank_low, got.rank_high)):
        assert (low >= -100).all()
        assert (high <= 100).all()
        assert (low <= got.index).all()
        assert (got.index <= high).all()


def test_whole_weights_count_as_copies():
    code, f, s, _ = world(groups=20, rows=40, rated=20)
    weight = np.where(np.arange(len(f)) % 3 == 0, 2.0, 1.0)
    copies = weight.astype(int)
    weighted = estimate(code, f, s, 20, weight)
    copied = estimate(np.repeat(code, copies), np.repeat(f, copies), np.repeat(s, copies), 20)
    assert weighted.difference == pytest.approx(copied.difference, abs=1)
    # Weights make answers count less than as many copies would.
    assert ((weighted.claim_high - weighted.claim_low) > (copied.claim_high - copied.claim_low)).mean() > 0.9


def test_the_same_twice():
    code, f, s, _ = world()
    one, two = estimate(code, f, s, 40), estimate(code, f, s, 40)
    assert (one.index == two.index).all()
    assert all((a == b).all() for a, b in zip(rank_intervals(one), rank_intervals(two), strict=True))


def test_ranks_hold_the_true_order():
    code, f, s, truth = world(groups=12, rows=600, rated=200)
    low, high, top = rank_intervals(estimate(code, f, s, 12))
    rank = (-truth).argsort().argsort() + 1
    assert ((low <= rank) & (rank <= high)).mean() >= 0.9
    assert top.sum() == pytest.approx(3)
    assert (low >= 1).all()
    assert (high <= 12).all()


def test_grades_follow_answers_and_widths():
    code, f, s, _ = world(groups=30, rows=800, rated=600)
    assert set(grades(estimate(code, f, s, 30))) == {"A"}
    code, f, s, _ = world(groups=30, rows=20, rated=2)
    assert "A" not in grades(estimate(code, f, s, 30))
    assert set(grades(estimate(code, f, s, 30), min_reviews=21)) == {"D"}


def test_many_answers_give_the_prediction_powered_interval():
    """Angelopoulos et al. 2023, by hand: mean prediction of all plus mean error of the answered."""
    random = np.random.default_rng(8)
    n, rows = 1500, 7500
    latent = random.normal(0.3, 1, rows)
    s = np.where(latent > 0.6, 100.0, np.where(latent < -0.2, -100.0, 0.0))
    f = 70 * np.tanh(0.9 * (latent + random.normal(0, 0.7, rows)))
    got = estimate(np.zeros(rows, dtype=int), f, np.where(np.arange(rows) < n, s, np.nan), 1)
    weight = np.cov(s[:n], f[:n])[0, 1] / f[:n].var(ddof=1)
    theta = weight * f.mean() + (s[:n] - weight * f[:n]).mean()
    error = np.sqrt((s[:n] - weight * f[:n]).var(ddof=1) / n + weight**2 * f.var(ddof=1) / rows)
    assert got.slope == pytest.approx(weight, rel=0.01)
    assert got.difference[0] == pytest.approx(theta, abs=0.05)
    assert got.claim_high[0] - got.claim_low[0] == pytest.approx(2 * 1.95996 * error, rel=0.01)
    assert got.text_gain[0] == pytest.approx(s[:n].var(ddof=1) / n / error**2, rel=0.01)


def test_rows_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="rows differ"):
        estimate([0, 0], [1.0], [1.0, 2.0], 1)
    with pytest.raises(ValueError, match="group must be"):
        estimate([2], [1.0], [1.0], 2)


def test_offset_of_all_predictions_is_learned():
    code, f, s, truth = world(rated=10, groups=60)
    base = estimate(code, f, s, 60, settings=Settings()).index
    moved = estimate(code, f - 30, s, 60, settings=Settings()).index
    assert np.abs(moved - base).mean() < 3
    assert np.abs(moved - truth).mean() < 15


def test_answers_without_words_are_a_stratum_of_their_own_even_beside_other_scores():
    # 80 rows with words and 20 without, all predicted 0; ten answers from each: 20 and -40 on average.
    answer = np.full(100, np.nan)
    answer[:10] = [100] * 6 + [-100] * 4
    answer[80:90] = [100] * 3 + [-100] * 7
    silent = np.arange(100) >= 80
    got = estimate(np.zeros(100, dtype=int), np.zeros(100), answer, 1, silent=silent)
    assert got.difference[0] == pytest.approx(0.8 * 20 + 0.2 * -40)
    pooled = estimate(np.zeros(100, dtype=int), np.zeros(100), answer, 1)
    assert pooled.difference[0] == pytest.approx(-10)


def test_rows_without_a_prediction_are_silent_whatever_is_said():
    answer = np.array([100.0] * 8 + [-100.0] * 8)
    prediction = np.array([50.0] * 8 + [np.nan] * 8)
    by_default = estimate(np.zeros(16, dtype=int), prediction, answer, 1)
    said_otherwise = estimate(np.zeros(16, dtype=int), prediction, answer, 1, silent=np.zeros(16, dtype=bool))
    assert said_otherwise.difference[0] == by_default.difference[0]


def test_groups_lie_further_apart_than_their_predictions_once_any_has_answers():
    code = np.repeat([0, 1, 2], 10)
    f = np.repeat([-40.0, 0.0, 40.0], 10)
    answers = np.full(30, np.nan)
    assert estimate(code, f, answers, 3).index.tolist() == pytest.approx([-40, 0, 40])
    answers[10:20] = [100, -100] * 5
    assert estimate(code, f, answers, 3).index.tolist() == pytest.approx([-50, 0, 50])
    # What the answers say of the slope weighs more than what was thought of it.
    flat = np.where(code == 1, np.nan, np.tile([100.0, -100.0], 15))
    apart = estimate(np.repeat(code, 20), np.repeat(f, 20), np.repeat(flat, 20), 3)
    assert abs(apart.index[0]) < 25
