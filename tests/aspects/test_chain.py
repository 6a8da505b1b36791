"""The chain against the plain definition: every path of a short sentence written out."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earful.aspects.chain import Chain, spans

INF = float("inf")
SCORE = st.floats(-4, 4).map(lambda value: round(value, 3))
ROW = st.lists(SCORE, min_size=3, max_size=3)


@st.composite
def chains(draw):
    start = [*draw(ROW)[:2], -INF]
    moves = [draw(ROW) for _ in range(3)]
    moves[0][2] = -INF
    return Chain(tuple(start), tuple(map(tuple, moves)))


def total(chain, emissions, path):
    score = chain.start[path[0]] + emissions[0][path[0]]
    for place in range(1, len(path)):
        score += chain.transitions[path[place - 1]][path[place]] + emissions[place][path[place]]
    return score


def every_path(chain, emissions):
    return {
        path: total(chain, emissions, path) for path in itertools.product(range(3), repeat=len(emissions))
    }


@settings(deadline=None, max_examples=50)
@given(chains(), st.lists(ROW, min_size=1, max_size=5))
def test_the_best_path_is_the_best_of_all(chain, emissions):
    scores = every_path(chain, emissions)
    best = tuple(chain.best(emissions))
    assert scores[best] == pytest.approx(max(scores.values()), abs=1e-9)
    assert math.isfinite(scores[best])


@settings(deadline=None, max_examples=50)
@given(chains(), st.lists(ROW, min_size=1, max_size=5), st.data())
def test_the_probability_of_a_term_is_that_of_all_paths_that_have_it(chain, emissions, data):
    scores = every_path(chain, emissions)
    first = data.draw(st.integers(0, len(emissions) - 1))
    last = data.draw(st.integers(first, len(emissions) - 1))
    weights = {path: math.exp(score) for path, score in scores.items()}
    with_it = sum(weight for path, weight in weights.items() if (first, last) in spans(path))
    found = chain.probabilities(emissions, [(first, last)])[0]
    assert found == pytest.approx(with_it / sum(weights.values()), rel=1e-6, abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(chains(), st.lists(ROW, min_size=1, max_size=4))
def test_terms_at_one_place_exclude_each_other(chain, emissions):
    at_the_start = [(0, last) for last in range(len(emissions))]
    assert sum(chain.probabilities(emissions, at_the_start)) <= 1 + 1e-9


def test_no_words_no_tags():
    assert Chain((0.0, 0.0, -INF), ((0.0,) * 3,) * 3).best([]) == []


@pytest.mark.parametrize(
    ("path", "terms"),
    [
        ([], []),
        ([0, 0], []),
        ([1, 2, 0, 1], [(0, 1), (3, 3)]),
        ([1, 1, 2, 2], [(0, 0), (1, 3)]),
        ([2, 2, 0, 2], []),
    ],
)
def test_spans(path, terms):
    assert spans(path) == terms


def test_a_long_sentence_does_not_overflow():
    chain = Chain((0.0, 0.0, -INF), ((0.0, 0.0, -INF), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)))
    emissions = [[300.0, -300.0, 0.0]] * 400
    assert chain.best(emissions) == [0] * 400
    assert chain.probabilities(emissions, [(3, 3)]) == [pytest.approx(0.0, abs=1e-12)]
