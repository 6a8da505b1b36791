from __future__ import annotations

import json

import pytest

from earful.errors import InputError, TaxonomyError
from earful.themes.phrases import PhraseMatcher
from earful.themes.taxonomy import load_taxonomy
from earful.workshop.adoption import adopt_group
from earful.workshop.history import copy_taxonomy, history, undo

GROUP = {
    "number": 0,
    "label": "parking space, ticket",
    "n": 9,
    "n_texts": 7,
    "languages": [["en", 9]],
    "quotes": ["No parking space\nat all", "The parking ticket cost 40"],
    "stability": 0.9,
}


@pytest.fixture
def groups(tmp_path):
    path = tmp_path / "groups.json"
    path.write_text(json.dumps({"left_over": 0.1, "groups": [GROUP]}), encoding="utf-8")
    return path


def test_a_group_becomes_a_theme_and_can_be_undone(groups, tmp_path):
    mine = tmp_path / "mine.toml"
    before = copy_taxonomy("bank", mine)
    adopt_group(groups, 0, mine, "store.parking", "Parking")
    after = load_taxonomy(mine)
    assert after["store.parking"].label() == "Parking"
    assert after["store.parking"].examples["en"][0] == "No parking space at all"
    found = PhraseMatcher(after).match(["there", "was", "no", "parking", "space", "left"], "en")
    assert [match.theme for match in found] == ["store.parking"]
    assert history(mine)[-1].change == {"kind": "add", "theme": "store.parking"}
    assert undo(mine).checksum == before.checksum


def test_what_cannot_be_adopted_is_told(groups, tmp_path):
    mine = tmp_path / "mine.toml"
    copy_taxonomy("bank", mine)
    with pytest.raises(InputError, match="has no group 7"):
        adopt_group(groups, 7, mine, "store.parking")
    with pytest.raises(TaxonomyError, match="already"):
        adopt_group(groups, 0, mine, "bank.card")
    with pytest.raises(InputError, match="holds no groups"):
        adopt_group(mine, 0, mine, "store.parking")
