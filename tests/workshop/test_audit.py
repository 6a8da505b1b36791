from __future__ import annotations

import csv

import pytest

import earful
from earful.errors import InputError
from earful.workshop.audit import COLUMNS, draw_sample, read_judged, untagged, write_sample

TEXTS = [
    "The parcel arrived late and the box was crushed.",
    "Terrible, awful, I hate it.",
    "Horrible horrible horrible!",
    "The waiter was rude.",
    "Lovely food and friendly staff.",
    "The app crashes all the time, awful.",
    "Terrible, awful, I hate it.",
    "I hate Mondays, they are the worst.",
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audit")
    source = folder / "in.csv"
    source.write_text("text\n" + "\n".join(f'"{text}"' for text in TEXTS) + "\n", encoding="utf-8")
    return earful.analyze(source, folder / "run", model="fast").path


def judge(path, target, **answers):
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row.update(
            {
                key: value
                for key, value in answers.items()
                if (key == "missed_theme") != (row["kind"] == "mention")
            }
        )
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return target


def test_a_sample_is_the_same_again_and_holds_both_kinds(run):
    sample = draw_sample(run, 6)
    assert sample == draw_sample(run, 6)
    assert {row["kind"] for row in sample} == {"mention", "untagged"}
    assert len(sample) == 6
    assert all(row["theme"] for row in sample if row["kind"] == "mention")
    assert not any(row["theme"] for row in sample if row["kind"] == "untagged")


def test_judgements_give_precision_and_recall(run, tmp_path):
    path = write_sample(draw_sample(run, 200), tmp_path / "audit.csv")
    right = judge(path, tmp_path / "a.csv", theme_right="y", polarity_right="y", missed_theme="-")
    said = read_judged(run, right)
    assert said.precision.value == said.polarity.value == said.recall.value == 1
    assert said.missed.value == 0
    assert said.recall.low < said.precision.low < 1
    wrong = read_judged(run, judge(path, tmp_path / "b.csv", theme_right="n", missed_theme="product.quality"))
    assert wrong.precision.value == wrong.recall.value == 0
    assert wrong.missed.value == 1
    assert wrong.polarity.n == 0
    nothing = read_judged(run, path)
    assert nothing.precision.n == nothing.recall.n == 0
    assert str(nothing.recall) == "not judged"


def test_judgements_that_are_none_are_refused(run, tmp_path):
    path = write_sample(draw_sample(run, 200), tmp_path / "audit.csv")
    with pytest.raises(InputError, match=r"theme_right is 'maybe'.*y, n or empty"):
        read_judged(run, judge(path, tmp_path / "c.csv", theme_right="maybe"))
    (tmp_path / "d.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="lacks the column 'kind'"):
        read_judged(run, tmp_path / "d.csv")


def test_untagged_complaints_come_by_cost_and_copies_add_up(run):
    listed = untagged(run)
    assert [cost for cost, _, _ in listed] == sorted((cost for cost, _, _ in listed), reverse=True)
    assert {text: times for _, times, text in listed}["Terrible, awful, I hate it."] == 2
    assert not any("parcel" in text for _, _, text in listed)
    assert len(untagged(run, 1)) == 1


def test_coverage_adds_up(run):
    table = earful.open_run(run).table("coverage").to_pandas()
    overall = table[table["grouping"] == "overall"].iloc[0]
    languages = table[table["grouping"] == "language"]
    assert languages["n_complaints"].sum() == overall["n_complaints"]
    assert languages["n_with_theme"].sum() == overall["n_with_theme"]
    assert 0 < overall["share_low"] < overall["share"] < overall["share_high"] < 100
    themes = table[table["grouping"] == "theme"]
    assert "store.staff" in set(themes["value"])
    assert (themes["n_complaints"] == overall["n_complaints"]).all()
