from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earful.readers.values import as_flag, as_number, as_text, is_missing


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("4", (4, None)),
        (" 4,5 ", (4.5, None)),
        ("4.50", (4.5, None)),
        ("-1", (-1, None)),
        ("1e1", (10, None)),
        ("4/5", (4, 5)),
        ("8 / 10", (8, 10)),
        ("4 out of 5 stars", (4, 5)),
        ("Rated 4 out of 5", (4, 5)),
        ("4 из 5", (4, 5)),
        ("4 от 5", (4, 5)),
        ("4 no 5", (4, 5)),
        ("80%", (80, 100)),
        ("80,5 %", (80.5, 100)),
        ("4 stars", (4, None)),
        ("1 star", (1, None)),
        ("5 звёзд", (5, None)),
        ("5 звезд", (5, None)),
        ("3 звезди", (3, None)),
        ("4 zvaigznes", (4, None)),
        ("★★★★☆", (4, 5)),
        ("★★★", (3, None)),
        ("☆☆☆☆☆", (0, 5)),
        ("⭐⭐⭐⭐⭐", (5, None)),
        ("⭐️⭐️", (2, None)),
        ("5 - Very satisfied", (5, None)),
        ("10 (extremely likely)", (10, None)),
        ("Extremely likely - 10", (10, None)),
        ("Very satisfied (5)", (5, None)),
        ("Доволен: 4", (4, None)),
        ("3.5/5.0", (3.5, 5)),
        ("4,5 из 5", (4.5, 5)),
        ("4.0 of 5 bubbles", (4, 5)),
        ("4 von 5", (4, 5)),
        ("4 sur 5", (4, 5)),
        ("Rating: 4", (4, None)),
        ("Оценка: 4/5", (4, 5)),
        ("5 stars out of 5", (5, 5)),
        ("★★★½", (3.5, None)),
        ("★★★½☆", (3.5, 5)),
        ("4½ stars", (4.5, None)),
        ("ui_bubble_rating bubble_45", (4.5, 5)),
        ("Five", (5, None)),
        ("FOUR", (4, None)),
        ("FIVE_STARS", (5, None)),
        ("пять", (5, None)),
        ("Четири звезди", (4, None)),
        ("pieci", (5, None)),
        ("five out of five", (5, 5)),
        ("\u00a04\ufeff", (4, None)),
        (4, (4, None)),
        (4.5, (4.5, None)),
        (Decimal("4.5"), (4.5, None)),
        (np.int64(3), (3, None)),
        (np.float32(2.5), (2.5, None)),
    ],
)
def test_numbers(cell, expected):
    assert as_number(cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "",
        " ",
        "NA",
        "n/a",
        "#N/A",
        "#VALUE!",
        "#ИМЯ?",
        "null",
        "None",
        "nan",
        "-",
        "—",
        "nav",
        "нет данных",
        "няма",
        None,
        math.nan,
        np.nan,
        pd.NaT,
        pd.NA,
    ],
)
def test_missing(cell):
    assert is_missing(cell)
    assert as_number(cell) is None
    assert as_flag(cell) is None or cell == "нет"


@pytest.mark.parametrize(
    "cell",
    [
        "fivefold",
        "5-Apr",
        "04.май",
        "PG-13",
        "4/0",
        "1.2.3",
        "4 5",
        "inf",
        math.inf,
        True,
        [4],
        "★" * 11,
        "x" * 10_000,
        "4 / 5 / 6",
        "12-05-2020",
    ],
)
def test_not_a_number(cell):
    with pytest.raises(ValueError, match="is not a number"):
        as_number(cell)


@given(st.one_of(st.text(max_size=40), st.text("0123456789.,/%-+e★☆ starsout f", max_size=40)))
def test_any_cell_is_a_finite_number_missing_or_refused(cell):
    try:
        number = as_number(cell)
    except ValueError:
        return
    assert number is None or (math.isfinite(number[0]) and (number[1] is None or number[1] > 0))


@pytest.mark.parametrize(
    "cell", ["yes", "Y", "TRUE", "1", 1, True, "да", "Да", "jā", "Jā", "Recommended", 1.0, np.True_]
)
def test_yes(cell):
    assert as_flag(cell) is True


@pytest.mark.parametrize(
    "cell", ["no", "N", "false", "0", 0, False, "нет", "не", "nē", "Not recommended", 0.0, np.False_]
)
def test_no(cell):
    assert as_flag(cell) is False


@pytest.mark.parametrize("cell", ["maybe", "2", 2, 0.5, "да нет"])
def test_neither_yes_nor_no(cell):
    with pytest.raises(ValueError, match="neither yes nor no"):
        as_flag(cell)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("007", "007"),
        (12345678901234567890, "12345678901234567890"),
        (1.03e13, "10300000000000"),
        (4.0, "4"),
        (4.5, "4.5"),
        (Decimal("1E+3"), "1000"),
        (True, "true"),
        (None, None),
        (math.nan, None),
        ({"a": "б"}, '{"a": "б"}'),
        (b"abc", "abc"),
        ("x\ud83d", "x\ufffd"),
    ],
)
def test_text(cell, text):
    assert as_text(cell) == text
