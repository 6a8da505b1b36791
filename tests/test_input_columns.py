"""Input columns are declared once; what else names them must agree."""

from __future__ import annotations

import pyarrow as pa
import pytest

from earful.config import InputConfig
from earful.input_columns import INPUT_COLUMNS, QUESTIONS, of_kind
from earful.readers import open_inputs
from earful.readers.columns import candidates
from earful.schema import INPUT, SIGNALS, STAGES

UTC = pa.timestamp("us", tz="UTC")
FIELDS = {
    "id": {"{}": pa.string()},
    "label": {"{}": pa.string()},
    "words": {"{}": pa.string()},
    "date": {"{}": UTC},
    "score": {"{}": pa.float64(), "{}_min": pa.float64(), "{}_max": pa.float64()},
    "flag": {"{}": pa.bool_()},
    "weight": {"{}": pa.float64()},
    "received": {"complaint": pa.bool_(), "received_at": UTC},
    "stage": {"{}": pa.bool_(), "{}_at": UTC},
    "amount": {"{}": pa.float64()},
    "outcome": {"retained": pa.bool_()},
}
CELLS = {"score": "4", "date": "2026-03-01", "flag": "yes", "weight": "2", "received": "2026-03-01"}
CELLS |= {"stage": "2026-03-02", "amount": "3", "outcome": "yes"}


def test_the_schema_has_the_fields_of_every_column_and_no_others():
    expected = {
        field.format(name): kind
        for name, column in INPUT_COLUMNS.items()
        for field, kind in FIELDS[column.kind].items()
    }
    own = {"row", "source", "fields"}
    assert expected == {field.name: field.type for field in INPUT if field.name not in own}
        field.name: field.type for field in INPUT if field.name not in {"row", "source", "fields"}
    }
    assert set(of_kind("score")) == set(SIGNALS)
    assert list(of_kind("stage")) == list(STAGES)


@pytest.mark.parametrize("name", INPUT_COLUMNS)
def test_a_column_is_allowed_recognised_and_read(name, tmp_path):
    column = INPUT_COLUMNS[name]
    assert InputConfig(columns={name: "x"}).columns == {name: "x"}
    for header in column.headers.split(","):
        offers = [offer.ours for offer in candidates(header.strip())]
        assert (name in offers) == column.by_name
    cell = CELLS.get(column.kind, "something")
    path = tmp_path / "a.csv"
    path.write_text(f"x,y\n{cell},{'5' if name == 'text' else 'Words'}\n")
    other = "rating" if name == "text" else "text"
    feed = open_inputs([path], InputConfig(columns={name: "x", other: "y"}))
    ((table, rejects),) = feed.batches(10)
    assert not rejects
    row = table.to_pylist()[0]
    assert all(row[field.format(name)] is not None for field in FIELDS[column.kind])


def test_questions_ask_for_columns_of_ours():
    assert {ours for ours, _ in QUESTIONS} <= set(INPUT_COLUMNS)
