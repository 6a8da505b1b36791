"""What the shipped weights learned from: licences that allow it, and a card that says it."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from scripts.sentiment.mixture import MIXTURE, sources_of

ROOT = Path(__file__).parents[2]
SOURCES = sources_of()
#: Sets that may be measured on but never trained on (NC and GPL).
FORBIDDEN = ("nicmanis", "sr_film_comments", "kartaslovsent", "patsova", "muse_", "BTB")


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_source_may_be_trained_on(name):
    source = SOURCES[name]
    assert source["licence"] in {"open", "none", "R"}
    assert not any(word.lower() in source["path"].lower() for word in FORBIDDEN)
    assert source["label"] in {
        "label", "recommended", "aspects", "fields", "theme", "lexicon", "negative", "neutral", "positive",
    }  # fmt: skip
    assert 0 < source.get("weight", 1.0) <= 20


@pytest.mark.parametrize(("model", "late"), [("accurate", True), ("fast", True), ("ngrams", False)])
def test_the_card_lists_every_source_with_its_licence(model, late):
    card = (ROOT / "models" / model / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| (\w+) \| (open|none|R) \| \d+ \|", card, flags=re.M))
    assert listed == {
        name: source["licence"] for name, source in SOURCES.items() if late or not source.get("late")
    }


@pytest.mark.parametrize("model", ["accurate", "fast", "ngrams"])
def test_the_card_and_the_metrics_tell_the_same_splits(model):
    folder = ROOT / "models" / model
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    splits = {entry["split"] for entry in metrics["splits"]}
    assert splits == set(
        re.findall(r"^\| (\w+/(?:dev|test)) \|", (folder / "README.md").read_text("utf-8"), re.M)
    )
    assert {"bg_cinexio/dev", "lv_ltec_food_tweets/test", "ru_otzovik_sberbank/test"} <= splits
    assert "scripts.sentiment.evaluate" in metrics["command"]


def test_no_sentence_is_both_taught_and_tested():
    beside = MIXTURE.parent
    taught = sentences([beside / "seed_sentences.tsv", *(beside / "written").glob("*.tsv")])
    tested = sentences((ROOT / "tests" / "sentiment" / "behaviour").glob("*.tsv"))
    assert len(taught) > 13_000
    assert len(tested) > 400
    assert not tested & taught


def sentences(paths):
    """Read every text of some TSV files, without what a change of form would change."""
    found = set()
    for path in paths:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            found |= {" ".join(re.findall(r"\w+", row["text"].lower())) for row in rows}
    return found - {""}
