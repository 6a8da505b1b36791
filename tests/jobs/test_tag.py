from __future__ import annotations

import json

import pandas as pd
import pytest

from earful.errors import InputError, ModelError
from earful.jobs.tag import FILE_TAGS, TAGS, tag, tag_file
from earful.workshop.learn import learn

TEXTS = [
    "The parcel came late and the courier was rude.",
    None,
    "",
    "Цены высокие, очередь огромная",
    "=cmd|' /C calc'!A0 the app keeps crashing",
]


def test_tags_in_the_order_of_the_texts():
    frame = tag(TEXTS)
    assert list(frame.columns) == TAGS.names
    assert frame["row"].tolist() == [0, 1, 2, 3, 4]
    assert frame["themes"][0] == ["delivery.speed", "delivery.courier"]
    assert set(frame["themes"][3]) == {"price.level", "store.queue"}
    assert frame["themes"][1] == frame["themes"][2] == []
    for row in frame.itertuples():
        assert len(row.themes) == len(row.confidence) == len(row.terms)
        assert all(0 < value <= 1 for value in row.confidence)
        assert all(term in TEXTS[row.row] for term in row.terms)
    pd.testing.assert_frame_equal(tag(TEXTS * 300).iloc[:5], frame)


def test_terms_of_what_is_typed_in_latin_letters_stand_in_the_text_as_received():
    text = "Dostavka uzhasno medlennaya, shchedryj kurier opozdal."
    tagged, meant = tag([text, "Доставка ужасно медленная, щедрый курьер опоздал."]).itertuples()
    assert tagged.themes == meant.themes
    assert "delivery.speed" in tagged.themes
    assert all(term in text for term in tagged.terms)


def test_least_confidence_and_wrong_texts():
    assert tag(TEXTS, min_confidence=1.0)["themes"].tolist() == [[]] * 5
    assert len(tag([])) == 0
    with pytest.raises(TypeError, match="put it in a list"):
        tag("one text")
    with pytest.raises(TypeError, match=r"texts\[1\]"):
        tag(["x", 3])


@pytest.fixture
def tickets(tmp_path):
    path = tmp_path / "tickets.csv"
    frame = pd.DataFrame(
        {
            "id": ["t1", "t2", "t3", "t4"],
            "title": ["Refund please", None, "Hello", "="],
            "text": ["where is my money", "App crashes", "", "my password does not work"],
        }
    )
    frame.to_csv(path, index=False)
    return path


def config():
    return {"input": {"columns": {"review_id": "id", "title": "title", "text": "text"}}}


def test_a_file_keeps_every_row_and_reads_the_title(tickets, tmp_path):
    out = tag_file(tickets, tmp_path / "out.jsonl", config=config())
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["row"] for row in rows] == [0, 1, 2, 3]
    assert rows[0]["themes"] == ["returns.refund"]
    assert rows[0]["text"] == "where is my money"
    assert rows[1]["themes"] == ["website_app.crash"]
    frame = pd.read_parquet(tag_file(tickets, tmp_path / "out.parquet", config=config()))
    assert list(frame.columns) == FILE_TAGS.names
    assert [list(value) for value in frame["themes"][:2]] == [rows[0]["themes"], rows[1]["themes"]]
    csv = pd.read_csv(tag_file(tickets, tmp_path / "out.csv", config=config()))
    assert csv["themes"][1] == "website_app.crash"
    assert not list(tmp_path.glob("*.tmp"))


def test_help_desk_csv(tickets, tmp_path):
    out = tag_file(tickets, tmp_path / "tags.csv", config=config(), help_desk=True)
    frame = pd.read_csv(out, keep_default_na=False)
    assert list(frame.columns) == ["id", "tags"]
    assert dict(zip(frame["id"], frame["tags"], strict=True)) == {
        "t1": "returns_refund",
        "t2": "website_app_crash",
        "t3": "",
        "t4": "website_app_login",
    }


def test_a_learned_model_tags_too(tickets, tmp_path):
    taught = [f"{start} {word}" for start in ("app crashes", "refund my money") for word in "abcdefgh"]
    folder = learn(taught, ["crash"] * 8 + ["money"] * 8).save(tmp_path / "model")
    frame = tag(["the app crashes", None, "my money, a refund"], folder)
    assert frame["themes"].tolist() == [["crash"], [], ["money"]]
    assert frame["terms"].tolist() == [[""], [], [""]]
    out = pd.read_parquet(tag_file(tickets, tmp_path / "out.parquet", folder, config=config()))
    assert [list(themes) for themes in out["themes"][:2]] == [["money"], ["crash"]]
    (folder / "weights.npz").write_bytes(b"")
    with pytest.raises(ModelError, match="not a learned theme model"):
        tag(["x"], folder)


def test_wrong_ending_is_refused(tickets, tmp_path):
    with pytest.raises(InputError, match=r"\.parquet, \.csv, \.jsonl"):
        tag_file(tickets, tmp_path / "out.xls")


def test_praise_and_blame_of_a_theme_are_kept_apart():
    text = "The courier was friendly and helpful. The next courier was rude and dropped the parcel, awful!"
    row = tag([text, "Nothing of note here, it is Monday"], polarity=True)
    pairs = list(zip(row["themes"][0], row["polarity"][0], strict=True))
    assert ("delivery.courier", "positive") in pairs
    assert ("delivery.courier", "negative") in pairs
    assert len(row["terms"][0]) == len(row["confidence"][0]) == len(pairs)
    plain = tag([text])
    assert plain["polarity"].tolist() == [None]
    assert plain["themes"][0].count("delivery.courier") == 1


def test_intents_and_urgency_of_a_ticket():
    row = tag(["The app crashes, please refund me, it is urgent!"]).iloc[0]
    assert row["intents"] == ["bug", "request"]
    assert row["urgency"] == ["urgent"]


def test_help_desk_tags_with_polarity(tickets, tmp_path):
    out = tag_file(tickets, tmp_path / "tags.csv", config=config(), help_desk=True, polarity=True)
    tags = dict(pd.read_csv(out, keep_default_na=False).itertuples(index=False))
    assert tags["t3"] == ""
    assert tags["t2"].startswith("website_app_crash:")
    assert all(":" in one for one in tags["t2"].split())
