"""What SQL asks of a run's parts."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from earful.errors import RunError
from earful.pipeline import Batch
from earful.runs.parts import Parts
from earful.runs.store import Store
from earful.schema import REVIEWS, THEMES, conform

LONG = "The kettle leaked on the very first morning."


@pytest.fixture
def store(tmp_path):
    # A folder's name may hold what SQL and glob patterns give a meaning to.
    parts = Parts(tmp_path / "it's [a] *run*")
    parts.start({})
    when = pd.Timestamp("2026-03-01T23:30:00Z")
    rows = [
        {"row": 0, "text": LONG, "product": "kettle", "review_id": "b", "created_at": when},
        {"row": 1, "text": "Good", "product": "kettle", "review_id": "c"},
        {"row": 2, "text": "Good", "product": "kettle", "review_id": "d"},
        {"row": 3, "text": LONG, "product": "kettle", "review_id": "a", "created_at": when},
        {"row": 4, "text": LONG, "product": "lamp", "review_id": "e", "created_at": when},
    ]
    columns = [field.name for field in REVIEWS]
    table = pa.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows], schema=REVIEWS)
    parts.write(0, Batch(conform(table, REVIEWS)), [])
    return Store(*(parts.pattern(name) for name in ("reviews", "segments", "mentions")))


def test_a_repeat_is_the_same_in_every_field(store):
    assert store.duplicates() == {3: 0}


def test_rows_come_sorted_by_what_they_say(store):
    rows = store.rows()
    assert rows["row"].tolist() == [3, 0, 1, 2, 4]
    assert rows["created_at"].dt.tz is not None
    assert rows["created_at"].iloc[0] == pd.Timestamp("2026-03-01T23:30:00Z")
    assert rows["created_at"].isna().tolist() == [False, False, True, True, False]


def test_labels_come_as_categories_in_alphabetical_order_and_scores_of_nobody_not_at_all(store):
    rows = store.rows()
    assert rows["product"].cat.categories.tolist() == ["kettle", "lamp"]
    assert rows["product"].tolist() == ["kettle"] * 4 + ["lamp"]
    assert rows["touchpoint"].isna().all()
    assert not {"nps", "nps_min", "rating", "recommended", "weight"} & set(rows)
    assert {"score", "created_at", "nps_text"} <= set(rows)
    swapped = store.frame("SELECT x FROM (VALUES ('b'), (NULL), ('a'), ('b')) t(x)", labels=["x"])["x"]
    assert swapped.cat.codes.tolist() == [1, -1, 0, 1]


def test_a_few_texts_are_chosen_by_what_they_say(tmp_path):
    said = [("one", "en"), ("two", "en"), ("one", "en"), ("one", "lv"), ("", None)]
    found = []
    for number, order in enumerate((said, said[::-1])):
        parts = Parts(tmp_path / str(number))
        parts.start({})
        rows = [{"row": i, "text": t, "lang": lang, "p_negative": 0.1} for i, (t, lang) in enumerate(order)]
        parts.write(0, Batch(conform(pa.Table.from_pylist(rows), REVIEWS)), [])
        found.append(Store(parts.pattern("reviews"), "", "").some_texts(3))
    assert found[0] == found[1]
    assert len(set(found[0])) == 3


def test_complaints_are_counted_with_and_without_a_theme(tmp_path):
    segments = [
        {"row": 0, "segment": 0, "p_negative": 0.8, "p_neutral": 0.1, "p_positive": 0.1},
        {"row": 0, "segment": 1, "p_negative": 0.6, "p_neutral": 0.2, "p_positive": 0.2},
        {"row": 1, "segment": 0, "p_negative": 0.1, "p_neutral": 0.2, "p_positive": 0.7},
    ]
    mentions = [
        {"row": 0, "segment": 1, "theme": "price.level"},
        {"row": 0, "segment": 1, "theme": "price.value"},
    ]
    parts = Parts(tmp_path / "run")
    parts.start({})
    tables = [pa.Table.from_pylist(rows) for rows in ([{"row": 0}, {"row": 1}], segments, mentions)]
    parts.write(0, Batch(*tables), [])
    store = Store(*(parts.pattern(name) for name in ("reviews", "segments", "mentions")))
    assert store.complaint_coverage() == (2, 1)


def test_an_empty_run_is_counted_as_such(store):
    assert store.tallies() == {"with_words": 0, "non_answers": 0, "truncated": 0, "asides": 0}
    assert store.complaint_coverage() == (0, 0)


def test_a_folder_is_read_whatever_its_name_and_whatever_it_lacks(tmp_path):
    folder = tmp_path / "it's [a] *run*"
    folder.mkdir()
    pq.write_table(pa.table({"theme": ["b", "a"], "label": ["B", None]}), folder / "themes.parquet")
    with Store.of(folder) as store:
        assert store.ask("FROM mentions") == []
        # A column that came with a later version is null.
        first = store.top("themes", "true", "theme", 1)[0]
        assert {name for name, value in first.items() if value is not None} == {"theme"}
        assert first.keys() == set(THEMES.names)
        assert store.count("themes", "label = $label", label="B") == 1
        assert store.labels() == {"b": "B"}


def test_numbers_that_are_not_finite_come_back_as_none(tmp_path):
    store = Store.of(tmp_path)
    assert store.one("SELECT 'nan'::DOUBLE AS a, 'inf'::DOUBLE AS b, 0.5::DOUBLE AS c") == {
        "a": None, "b": None, "c": 0.5,
    }  # fmt: skip


def test_a_damaged_file_is_named_in_one_line(tmp_path):
    (tmp_path / "loyalty.parquet").write_bytes(b"PAR1 nothing of the kind")
    with pytest.raises(RunError, match=r"loyalty\.parquet: cannot be read") as caught:
        Store.of(tmp_path).ask("FROM reviews")
    assert "\n" not in str(caught.value)
