"""Sentences written for this project: how the shipped models read them, kind by kind.

The floors are there so that a new model does not fall below them unseen.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from earful.polarity import REVIEW_LEAD, classes
from earful.sentiment import LABELS, load_model

FOLDER = Path(__file__).parent / "behaviour"
PLAIN_LATIN = str.maketrans("āčēģīķļņšūž", "acegiklnsuz")
LANGS = ("bg", "en", "lv", "ru")
FLOORS = {
    "fast": {"en": 0.76, "ru": 0.64, "bg": 0.64, "lv": 0.56},
    "accurate": {"en": 0.82, "ru": 0.7, "bg": 0.7, "lv": 0.6},
    "auto": {"en": 0.8, "ru": 0.69, "bg": 0.69, "lv": 0.59},
}


def sentences(lang):
    with (FOLDER / f"{lang}.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module", params=sorted(FLOORS))
def model(request):
    return load_model(request.param)


@pytest.mark.parametrize("lang", LANGS)
def test_the_suite_is_whole(lang):
    rows = sentences(lang)
    assert len(rows) >= 100
    assert {row["label"] for row in rows} == set(LABELS)
    assert len({row["text"] for row in rows}) == len(rows)


@pytest.mark.parametrize("lang", LANGS)
def test_the_model_reads_the_suite(model, lang):
    rows = sentences(lang)
    read = classes(model.predict([row["text"] for row in rows], [lang] * len(rows)), REVIEW_LEAD)
    right = np.array([LABELS[best] == row["label"] for best, row in zip(read, rows, strict=True)])
    assert right.mean() >= FLOORS[model.name][lang], f"{right.mean():.3f}"


#: A change of form, and the least share of labels that it leaves.
CHANGES = [
    (str.upper, 0.8),
    (str.lower, 0.89),
    (lambda text: text + "..", 0.92),
    (lambda text: text.replace(" ", "  "), 1.0),
    (lambda text: text.replace("three", "eleven").replace("3", "11"), 0.95),
]
#: What Latvian without its diacritics leaves: such words are cut into other pieces.
WITHOUT_DIACRITICS = 0.77


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("change", "kept"), CHANGES)
def test_form_hardly_flips_a_label(model, lang, change, kept):
    texts = [row["text"] for row in sentences(lang)]
    before = classes(model.predict(texts, [lang] * len(texts)), REVIEW_LEAD)
    after = classes(model.predict([change(text) for text in texts], [lang] * len(texts)), REVIEW_LEAD)
    assert (before == after).mean() >= kept


def test_latvian_without_diacritics_mostly_keeps_its_label(model):
    texts = [row["text"] for row in sentences("lv")]
    before, after = (
        classes(model.predict(some, ["lv"] * len(texts)), REVIEW_LEAD)
        for some in (texts, [text.translate(PLAIN_LATIN) for text in texts])
    )
    assert (before == after).mean() >= WITHOUT_DIACRITICS


@pytest.mark.parametrize("lang", LANGS)
def test_the_suite_of_kinds_is_whole_and_apart(lang):
    """Its sentences stay closed: no model has learned from them."""
    with (FOLDER.parent / "kinds" / f"{lang}.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) >= 54
    assert {row["label"] for row in rows} == set(LABELS)
    written = (FOLDER.parents[2] / "scripts" / "encoder" / "written").glob("*.jsonl")
    learned = "\n".join(path.read_text(encoding="utf-8") for path in written)
    assert not [row["text"] for row in rows if row["text"] in learned]
