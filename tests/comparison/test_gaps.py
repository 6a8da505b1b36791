import numpy as np
import pandas as pd
import pytest

from earful.comparison.gaps import MIN_GROUPS, gaps
from earful.loyalty.frames import Grouping


def grouped(code):
    code = np.asarray(code, dtype=np.int64)
    labels = pd.DataFrame({"product": [f"p{i}" for i in range(code.max() + 1)]})
    return Grouping("product", labels, np.arange(len(code)), code)


def made(random, groups, n, shift=None, slope=0.8):
    """Reviews of groups that lie on a line, but for the shift of some."""
    code = np.repeat(np.arange(groups), n)
    words = random.normal(0, 30, groups)[code] + random.normal(0, 20, groups * n)
    answers = 10 + slope * words + random.normal(0, 25, groups * n)
    for group, by in (shift or {}).items():
        answers[code == group] += by
    return grouped(code), words, answers


def test_a_gap_is_the_mean_answer_off_the_line_of_the_others():
    cut, words, answers = made(np.random.default_rng(0), 3, 40)
    found = gaps(cut, words, answers)
    others = cut.code != 1
    slope, intercept = np.polyfit(words[others], answers[others], 1)
    expected = answers[~others].mean() - (intercept + slope * words[~others].mean())
    assert not found.through_groups
    assert found.gap[1] == pytest.approx(expected)
    assert np.polyfit(words, answers, 1) == pytest.approx([found.slope, found.intercept])


def test_with_enough_groups_the_line_goes_through_them():
    groups = MIN_GROUPS + 4
    cut, words, answers = made(np.random.default_rng(0), groups, 40)
    found = gaps(cut, words, answers)
    means = [pd.Series(values).groupby(cut.code).mean().to_numpy() for values in (words, answers)]
    rest = np.arange(groups) != 5
    slope, intercept = np.polyfit(means[0][rest], means[1][rest], 1)
    assert found.through_groups
    assert found.gap[5] == pytest.approx(means[1][5] - (intercept + slope * means[0][5]))
    assert np.polyfit(*means, 1) == pytest.approx([found.slope, found.intercept])


@pytest.mark.parametrize("groups", [6, 20])
def test_the_groups_that_part_are_found_and_hardly_any_other(groups):
    random, hits, false, calls = np.random.default_rng(3), 0, 0, 0
    for _ in range(40):
        cut, words, answers = made(random, groups, 60, {0: 25.0, 1: -25.0})
        parts = gaps(cut, words, answers).parts
        hits += (parts[0] == "above") + (parts[1] == "below")
        false += sum(part is not None for part in parts[2:])
        calls += sum(part is not None for part in parts)
    assert hits >= 76
    # With few groups those that part move the line that the others are held against.
    assert false <= (0.15 if groups > MIN_GROUPS else 0.35) * calls


@pytest.mark.parametrize("groups", [6, 20])
def test_where_nothing_parts_nothing_is_called(groups):
    random = np.random.default_rng(4)
    called = [any(part is not None for part in gaps(*made(random, groups, 30)).parts) for _ in range(100)]
    assert np.mean(called) <= 0.17


def test_the_interval_covers_the_true_gap():
    random, covered = np.random.default_rng(5), []
    for _ in range(60):
        found = gaps(*made(random, 15, 12))
        covered += ((found.low <= 0) & (found.high >= 0)).tolist()
    assert 0.92 <= np.mean(covered) <= 0.99


def test_a_common_offset_or_another_scale_of_the_words_changes_no_gap():
    cut, words, answers = made(np.random.default_rng(6), 14, 30)
    one, other = gaps(cut, words, answers), gaps(cut, 0.2 * words - 40, answers)
    np.testing.assert_allclose(one.gap, other.gap, atol=1e-8)
    np.testing.assert_allclose(one.q_value, other.q_value, atol=1e-8)


def test_rows_without_both_sides_do_not_count():
    cut, words, answers = made(np.random.default_rng(7), 3, 40)
    holes = words.copy()
    holes[::4] = np.nan
    found = gaps(cut, holes, answers)
    kept = ~np.isnan(holes)
    few = gaps(grouped(cut.code[kept]), words[kept], answers[kept])
    np.testing.assert_allclose(found.gap, few.gap)
    assert found.n.tolist() == few.n.tolist() == [30, 30, 30]


def test_too_few_reviews_give_no_gap_and_no_warning():
    code = [0] * 4 + [1] * 30 + [2] * 30
    random = np.random.default_rng(8)
    found = gaps(grouped(code), random.normal(size=64), random.normal(size=64))
    assert np.isnan(found.gap[0])
    assert not np.isnan(found.gap[1:]).any()
    none = gaps(grouped([0, 0, 1]), np.full(3, np.nan), np.full(3, np.nan))
    assert np.isnan(none.gap).all()
    assert np.isnan(none.slope)
    alone = gaps(grouped([0] * 30), random.normal(size=30), random.normal(size=30))
    assert np.isnan(alone.gap).all()
    same = gaps(grouped([0] * 30 + [1] * 30), np.ones(60), random.normal(size=60))
    assert np.isfinite(same.gap).all()


def test_groups_left_out_are_neither_tested_nor_counted():
    cut, words, answers = made(np.random.default_rng(9), 4, 40, {3: 60.0})
    tested = np.array([True, True, True, False])
    found = gaps(cut, words, answers, tested)
    assert np.isnan(found.gap[3])
    assert found.parts[3] is None
