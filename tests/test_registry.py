from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from earful import registry
from earful.errors import ConfigError
from earful.readers import formats
from earful.registry import READERS, Registry


def test_built_in_readers_load_under_their_names_and_aliases():
    for name in READERS.names():
        assert READERS.get(name).__name__.endswith("Reader")
    assert READERS.resolve("TSV") == "csv"
    assert READERS.resolve(".xlsx") == "excel"
    assert set(formats()) == set(READERS.names())


def test_unknown_name_has_the_nearest_one():
    with pytest.raises(
        ConfigError, match=r"no reader is called 'jsnl' \(did you mean 'jsonl'\?\); allowed: csv"
    ):
        READERS.get("jsnl", ConfigError)


def test_entry_points_are_found_and_built_ins_win(monkeypatch):
    points = [
        EntryPoint("avro", "earful.registry:Registry", "some.group"),
        EntryPoint("csv", "nowhere:Nothing", "some.group"),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group == "some.group" else [])
    parts = Registry("part", "some.group", {"csv": "earful.errors:EarfulError"})
    assert parts.names() == ["avro", "csv"]
    assert parts.get("avro") is Registry
    assert parts.get("csv").__name__ == "EarfulError"
