"""What the shipped weights learned from: licences that allow it, and nothing that is tested on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from scripts.encoder.examples import REFUSED, SOURCES
from scripts.encoder.rows import SCRIPTS, read_rows

ROOT = Path(__file__).parents[2]
LISTED = {name: one for name, one in tomllib.loads(SOURCES.read_text("utf-8")).items() if "path" in one}
#: Sets that may be measured on but never trained on (NC and GPL).
FORBIDDEN = ("nicmanis", "sr_film_comments", "kartaslovsent", "patsova", "muse_", "BTB")


@pytest.mark.parametrize("name", sorted(LISTED))
def test_every_source_may_be_trained_on(name):
    source = LISTED[name]
    assert source["licence"] not in REFUSED
    assert not any(word.lower() in source["path"].lower() for word in FORBIDDEN)
    assert 0 < source.get("weight", 1.0) <= 20


def test_no_sentence_is_both_taught_and_tested():
    written = [one["path"] for one in LISTED.values() if one["how"] == "written"]
    taught = words_of(path for pattern in written for path in SCRIPTS.glob(pattern))
    tested = words_of((ROOT / "tests" / "sentiment" / "behaviour").glob("*.tsv"))
    assert len(taught) > 20_000
    assert len(tested) > 400
    # Shorter ones are what anybody says: "nothing to complain about".
    assert not [text for text in tested & taught if len(text) >= 25]


def words_of(paths):
    """Read every text of some files, without what a change of form would change."""
    texts = (str(row.get("text", "")) for path in paths for row in read_rows(path))
    return {" ".join(re.findall(r"\w+", text.lower())) for text in texts} - {""}
