"""The tree of errors and the shape of their line."""

import inspect

import earful.errors
from earful.errors import EarfulError, InputError


def test_every_error_has_the_one_root():
    kinds = [kind for _, kind in inspect.getmembers(earful.errors, inspect.isclass)]
    assert all(issubclass(kind, EarfulError) for kind in kinds)
    assert {kind.__name__ for kind in kinds} == set(earful.errors.__all__) - {"nearest"}
    assert all(kind.__name__ in (earful.errors.__doc__ or "") for kind in kinds)


def test_the_line_says_where_what_allowed_and_how_to_mend():
    error = InputError("holds no column of words", where="a.csv", allowed="review, text", fix="use --map")
    assert str(error) == "a.csv: holds no column of words; allowed: review, text; use --map"
    assert isinstance(error, ValueError)


def test_the_line_stays_one_line_whatever_it_is_given():
    assert "\n" not in str(EarfulError("got 'a\nb'", where="x\ty"))
