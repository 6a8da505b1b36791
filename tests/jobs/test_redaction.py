"""Redaction: nothing personal is written anywhere, and every offset still holds."""

import pandas as pd
import pytest

import earful
from earful.errors import ConfigError, RunError
from earful.jobs.redaction import Redactor
from earful.jobs.score import score_file

SECRETS = [
    "anna.kowalski@example.org", "+44 20 7946 0958", "4111 1111 1111 1111", "8032056031", "Сергей Волков",
    "maria@abv.bg", "Zane Ozola", "jenny_bakes", "customer-77", "Ivan Ivanov", "0888 123 456", "ivan@abv.bg",
]  # fmt: skip


@pytest.fixture
def personal():
    texts = [
        "Great kettle, but it leaks. Write to anna.kowalski@example.org or call +44 20 7946 0958 please.",
        "They charged my card 4111 1111 1111 1111 twice, awful support.",
        "Ужасный сервис, ждал неделю.\nС уважением,\nСергей Волков",
        "ЕГН 8032056031 ми поискаха на рецепцията. Стаята беше мръсна. Имейл maria@abv.bg",
        "Lieliska apkalpošana un ātra piegāde!\nAr cieņu,\nZane Ozola",
        "Nice lamp, see @jenny_bakes for photos.",
        "",
    ]
    return pd.DataFrame(
        {
            "review": texts,
            "stars": [2, 1, 1, 2, 5, 4, None],
            "nps": [3, 0, 1, 2, 10, 9, None],
            "product": ["kettle", "lamp", "desk"] * 2 + ["desk"],
            "customer id": ["customer-77", "customer-77", "c2", "c3", "c4", "c5", "c6"],
            "Customer name": ["Ivan Ivanov"] * 7,
            "phone": ["0888 123 456"] * 7,
            "notes": ["write ivan@abv.bg"] * 7,
        }
    )


def written(folder):
    """Give all that stands in a folder as text, Parquet taken apart."""
    import pyarrow.parquet as pq

    told = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            names = [name for name in table.column_names if name != "vector"]
            told.append(str(table.select(names).to_pylist()))
        elif path.is_file():
            told.append(path.read_text(encoding="utf-8"))
    return "\n".join(told)


def test_nothing_personal_is_written(personal, tmp_path):
    run = earful.analyze(personal, tmp_path / "run", redact=True)
    assert run.manifest["rows"]["rejected"] == 1
    everything = written(tmp_path / "run")
    assert [secret for secret in SECRETS if secret in everything] == []
    open_run = earful.analyze(personal, tmp_path / "open")
    assert [secret for secret in SECRETS if secret not in written(open_run.path)] == []


def test_offsets_and_counts_hold(personal):
    run, plain = earful.analyze(personal, redact=True), earful.analyze(personal)
    assert run.reviews["text"].str.len().tolist() == plain.reviews["text"].str.len().tolist()
    assert run.reviews["pii"].tolist() == [2, 1, 1, 2, 1, 1]
    assert plain.reviews["pii"].isna().all()
    texts = run.reviews.set_index("row")["text"]
    for row, start, end, term in run.mentions[["row", "start", "end", "term"]].itertuples(index=False):
        assert texts[row][start:end] == term


def test_the_batch_size_and_workers_change_nothing(personal, monkeypatch):
    monkeypatch.setenv("EARFUL_KEY", "a key of sixteen or more")
    one, other = (
        earful.analyze(personal, redact=True),
        earful.analyze(personal, redact=True, batch_size=2, workers=2),
    )
    pd.testing.assert_frame_equal(one.reviews, other.reviews)


def test_authors_are_hashed_with_a_key(personal, monkeypatch):
    monkeypatch.delenv("EARFUL_KEY", raising=False)
    one, other = (earful.analyze(personal, redact=True).reviews for _ in range(2))
    assert one["author_id"][0] == one["author_id"][1] != one["author_id"][2]
    assert one["author_id"][0] != other["author_id"][0]
    # Ids of rows do not hang on the key: they survive reruns.
    assert one["review_id"].tolist() == other["review_id"].tolist()
    monkeypatch.setenv("EARFUL_KEY", "a key of sixteen or more")
    one, other = (earful.analyze(personal, redact=True).reviews for _ in range(2))
    assert one["author_id"].tolist() == other["author_id"].tolist()


def test_ids_do_not_give_away_what_is_masked(personal):
    other = personal.assign(review=personal["review"].str.replace("7946 0958", "7946 0959"))
    ids = [earful.analyze(frame, redact=True).reviews["review_id"][0] for frame in (personal, other)]
    assert ids[0] == ids[1]


def test_a_short_key_is_refused(monkeypatch):
    monkeypatch.setenv("EARFUL_KEY", "secret")
    with pytest.raises(ConfigError, match="16 or more"):
        Redactor()


def test_a_run_with_a_key_kept_nowhere_cannot_be_resumed(personal, tmp_path, monkeypatch):
    monkeypatch.delenv("EARFUL_KEY", raising=False)

    class Interrupting(earful.jobs.watcher.Watcher):
        def progressed(self, done, total):
            if done >= 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        earful.analyze(personal, tmp_path / "run", redact=True, batch_size=2, watcher=Interrupting())
    assert [secret for secret in SECRETS if secret in written(tmp_path / "run")] == []
    with pytest.raises(RunError, match="EARFUL_KEY"):
        earful.analyze(personal, tmp_path / "run", redact=True, batch_size=2, resume=True)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_row_wise_files_are_masked_too(personal, tmp_path, ending):
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    personal.to_csv(tmp_path / "in" / "in.csv", index=False)
    score_file(
        tmp_path / "in" / "in.csv", tmp_path / "out" / f"out.{ending}", config={"input": {"redact": True}}
    )
    assert [secret for secret in SECRETS if secret in written(tmp_path / "out")] == []
    assert "Great kettle" in written(tmp_path / "out")


def test_refused_rows_that_could_not_be_taken_apart_are_covered(tmp_path):
    rows = "\n".join(f'{{"review": "Good kettle {n}", "stars": 4}}' for n in range(20))
    (tmp_path / "in.jsonl").write_text(rows + '\n{"review": "Call Anna Smith on 0888 123 456\n')
    run = earful.analyze(tmp_path / "in.jsonl", tmp_path / "run", redact=True)
    assert len(run.rejects) == 1
    assert "Anna" not in written(run.path)
    assert "0888 123" not in written(run.path)


def test_a_preview_is_masked_too(personal):
    seen = earful.preview(personal, config={"input": {"redact": True}}, n=7)
    told = str(seen) + str(seen.rows.to_dict("records")) + str(seen.rejects)
    assert [secret for secret in SECRETS if secret in told] == []
    assert "Great kettle" in told
    assert "customer-77" in str(earful.preview(personal, n=7))
