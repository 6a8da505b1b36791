from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

import earful
from earful.errors import InputError


def test_preview_shows_what_would_be_read(tmp_path: Path):
    path = tmp_path / "a.csv"
    rows = "".join(f"{i % 5 + 1},{i % 3},light {i},heavy {i}\n" for i in range(9)) + "high,1,,\n"
    path.write_text("score,rating,pros,cons\n" + rows, encoding="utf-8")
    seen = earful.preview(path, n=2)
    assert seen.n_rows == 10
    assert seen.rows["text"].tolist() == ["pros: light 0\ncons: heavy 0", "pros: light 1\ncons: heavy 1"]
    assert seen.doubts
    assert seen.doubts[0].choose.startswith("to take it: --map rating=")
    said = str(seen)
    assert all(part in said for part in ("scale 0..5", "as 'pros'", "row 1", "The first 2 rows of 10:"))


def test_preview_loads_no_model(monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in sys.modules if name.startswith("earful.sentiment")]:
        monkeypatch.delitem(sys.modules, name)
    earful.preview(pd.DataFrame({"text": ["good"], "stars": [5]}))
    assert not any(name.startswith("earful.sentiment.model") for name in sys.modules)


def test_preview_takes_settings(tmp_path: Path):
    frame = pd.DataFrame({"a": ["one jar"], "b": ["two jars"], "stars": [5]})
    both = earful.preview(frame, columns={"text": ["b", "a"]})
    assert both.rows["text"].tolist() == ["b: two jars\na: one jar"]
    with pytest.raises(InputError, match="there is no column 'c'"):
        earful.preview(frame, columns={"text": "c"})
