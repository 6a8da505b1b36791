"""How groups and themes are named for people."""

import pytest

from earful.pages import names
from earful.pages.words import speaking


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"grouping": "overall"}, "Everything"),
        ({"grouping": "product,touchpoint", "product": "Lamp", "touchpoint": "store"}, "Lamp, Store"),
        ({"grouping": "period", "period": "2026-05-01"}, "May 2026"),
        ({"grouping": "product", "product": "x" * 99}, "x" * 59 + "…"),
        ({"grouping": "product", "product": None}, "(not given)"),
    ],
)
def test_a_group_is_named_by_the_columns_that_it_is_cut_by(row, name):
    assert names.group(row) == name


def test_a_theme_is_named_by_its_label_where_it_has_one():
    assert names.theme({"theme": "price.value", "label": "Value"}) == "Value"
    assert names.theme({"theme": "price.value"}, {"price.value": "Value"}) == "Value"
    assert names.theme({"theme": "price.value", "label": float("nan")}) == "price.value"


def test_what_rows_are_cut_by_is_named_ours_in_words():
    assert [names.cut(by) for by in ("product", "touchpoint", "period")] == [
        "Product",
        "Touchpoint",
        "Period",
    ]
    with speaking("lv"):
        assert names.cut("touchpoint") == "Saskarsmes punkts"
        # A column of the input's own keeps its name, also one that is called as something of ours.
        assert [names.cut(by) for by in ("shop", "group")] == ["shop", "group"]
    assert names.cut("x" * 99) == "x" * 59 + "…"
