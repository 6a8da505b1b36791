"""Mended rows taken into the run that refused them: it is then what it would have been from the start."""

import json
import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import earful
from earful.cli.app import app
from earful.errors import InputError, RunError
from earful.jobs.correct import correct
from earful.jobs.retry import retry
from earful.readers import open_inputs
from earful.readers.plans import plan_of, plan_values
from earful.schema import TABLES

ROWS = [
    ["review", "stars", "nps", "Created (Europe/Riga)", "product", "weight"],
    ["Great lamp, it came fast.", "5", "9/10", "13/02/2024 10:00", "lamp", "1"],
    ["The courier was rude.", "1", "2/10", "14/02/2024 11:00", "desk", "-1"],
    ["Все хорошо, но доставка долго.", "4", "8/10", "04/05/2024 10:00", "lamp", "2"],
    ["", "", "", "05/05/2024 10:00", "lamp", "1"],
    ["It broke on day two.", "2", "3/10", "06/05/2024 10:00", "desk", "many"],
    ["Lovely lamp.", "5", "10/10", "07/05/2024 12:30", "lamp", "1"],
]
MENDED = {1: {"weight": "3"}, 3: {"review": "Nobody called.", "stars": "1"}, 4: {"weight": "1"}}


def write(path, rows):
    path.write_text("".join(";".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def config():
    return {"input": {"columns": {"weight": "weight"}}}


@pytest.fixture(scope="module")
def broken(tmp_path_factory, config):
    folder = tmp_path_factory.mktemp("retry")
    return earful.analyze(write(folder / "in.csv", ROWS), folder / "run", model="fast", config=config).path


@pytest.fixture(scope="module")
def whole(tmp_path_factory, config):
    rows = [list(row) for row in ROWS]
    for at, cells in MENDED.items():
        for name, cell in cells.items():
            rows[at + 1][ROWS[0].index(name)] = cell
    folder = tmp_path_factory.mktemp("whole")
    return earful.analyze(write(folder / "in.csv", rows), folder / "run", model="fast", config=config).path


@pytest.fixture
def run(broken, tmp_path):
    return shutil.copytree(broken, tmp_path / "run")


def mend(run, cells=MENDED):
    lines = [json.loads(line) for line in (run / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line["record"] |= cells.get(line["row"], {})
    path = run.parent / "mended.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def tables(folder):
    return {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES if name != "corrections"
            and (folder / f"{name}.parquet").exists()}  # fmt: skip


def test_mended_rows_make_the_run_that_would_have_been(run, whole):
    assert earful.open_run(run).rejects["row"].tolist() == [1, 3, 4]
    after = retry(run, mend(run))
    assert after.rejects.empty
    assert after.manifest["rows"] == earful.open_run(whole).manifest["rows"]
    assert after.manifest["retried"][0]["rows"] == 3
    for name, table in tables(whole).items():
        assert table.equals(tables(run)[name]), name


def test_what_is_not_mended_stays_refused_with_its_reason_of_now(run):
    before = earful.open_run(run).rejects.set_index("row")
    after = retry(run, mend(run, {1: {"weight": "3"}, 4: {"weight": "few"}}))
    left = after.rejects.set_index("row")
    assert left.index.tolist() == [3, 4]
    assert left.loc[3].equals(before.loc[3])
    assert left.loc[4, "reason"] == "weight: column 'weight': 'few' is not a number"
    assert left.loc[4, "record"]["weight"] == "few"
    rows = after.manifest["rows"]
    assert (rows["read"], rows["accepted"], rows["rejected"]) == (6, 4, 2)
    assert any(one.startswith("2 rows were refused") for one in after.manifest["warnings"])
    # In two steps as in one, by the run's own file.
    (run / "rejects.jsonl").write_text(mend(run).read_text(encoding="utf-8"), encoding="utf-8")
    assert retry(run, run / "rejects.jsonl").rejects.empty


def test_a_line_that_is_gone_from_the_runs_own_file_is_missed(run):
    lines = (run / "rejects.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (run / "rejects.jsonl").write_text("".join(lines[1:]), encoding="utf-8")
    with pytest.raises(InputError, match="holds 2 rows, and the run refused 3"):
        retry(run, run / "rejects.jsonl")


def test_a_try_that_broke_off_is_made_again(run, whole, monkeypatch):
    path = mend(run)
    for broken in ("remade", "write_manifest"):
        with monkeypatch.context() as patch:
            patch.setattr(f"earful.jobs.retry.{broken}", lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                retry(run, path)
        with pytest.raises(
            RunError, match="being changed when that broke off; repeat earful analyze --retry"
        ):
            earful.open_run(run)
        with pytest.raises(RunError, match="repeat earful analyze --retry"):
            correct(run, [{"review_id": "x", "field": "nps", "value": "1"}], by="Ann")
    after = retry(run, path)
    assert after.manifest["rows"] == earful.open_run(whole).manifest["rows"]
    for name, table in tables(whole).items():
        assert table.equals(tables(run)[name]), name


def test_corrections_hold_beside_it(run, whole, tmp_path):
    told = [{"review_id": earful.open_run(run).reviews["review_id"][0], "field": "nps", "value": "1"}]
    correct(run, told, by="Ann")
    retry(run, mend(run))
    other = shutil.copytree(whole, tmp_path / "other")
    correct(other, told, by="Ann")
    for name, table in tables(other).items():
        assert table.equals(tables(run)[name]), name


def test_redacted_rows_are_masked(tmp_path, monkeypatch, config):
    monkeypatch.setenv("EARFUL_KEY", "a key of sixteen or more")
    rows = [[*row, name] for row, name in zip(ROWS, ["author", *"abcdef"], strict=True)]
    settings = {"input": {**config["input"], "redact": True}}
    path = write(tmp_path / "in.csv", rows)
    run = earful.analyze(path, tmp_path / "run", model="fast", config=settings).path
    after = retry(run, mend(run, {1: {"weight": "1", "review": "Call +44 20 7946 0958", "author": "a"}}))
    row = after.reviews.set_index("row").loc[1]
    assert row["text"] == "Call ××××××××××××××××"
    assert row["author_id"] == after.reviews["author_id"][0]
    monkeypatch.delenv("EARFUL_KEY")
    with pytest.raises(RunError, match="EARFUL_KEY is not set"):
        retry(run, mend(run, {4: {"weight": "1", "author": "a"}}))


def test_a_row_that_could_not_be_taken_apart_is_mended_by_its_columns(tmp_path):
    rows = "\n".join(f'{{"review": "Good kettle {n}", "stars": 4}}' for n in range(5))
    (tmp_path / "in.jsonl").write_text(rows + '\n{"review": "Broken\n', encoding="utf-8")
    run = earful.analyze(tmp_path / "in.jsonl", tmp_path / "run", model="fast").path
    (line,) = (json.loads(line) for line in (run / "rejects.jsonl").read_text().splitlines())
    (tmp_path / "mended.jsonl").write_text(json.dumps(line))
    after = retry(run, tmp_path / "mended.jsonl")
    assert after.rejects["reason"][0].endswith('give its cells by their columns: {"column": "cell"}')
    line["record"] = {"review": "Broken", "stars": 1}
    (tmp_path / "mended.jsonl").write_text("\n" + json.dumps(line) + "\n\n")
    after = retry(run, tmp_path / "mended.jsonl")
    assert after.reviews[["row", "text", "rating", "rating_max"]].iloc[-1].tolist() == [5, "Broken", 1.0, 5.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"row": 0, "record": {}}', "row 0 is none that the run refused; allowed: 1, 3, 4"),
        ('{"row": 1}', "line 1: is no refused row"),
        ('\n{"row": 1', "line 2: is not JSON"),
        ("[1]", "is no refused row"),
    ],
)
def test_lines_that_are_no_refused_rows_are_told(run, text, said):
    (run.parent / "mended.jsonl").write_text(text)
    before = (run / "manifest.json").read_bytes()
    with pytest.raises(InputError) as told:
        retry(run, run.parent / "mended.jsonl")
    assert said in str(told.value)
    assert (run / "manifest.json").read_bytes() == before


def test_another_model_or_an_earlier_version_is_refused(run):
    path = mend(run)
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    changed = json.loads(json.dumps(manifest))
    changed["model"]["checksum"] = "0" * 64
    (run / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(RunError, match="made with another model"):
        retry(run, path)
    del manifest["inputs"][0]["plan"]
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(RunError, match="an earlier version made it"):
        retry(run, path)


def test_the_command(run):
    told = CliRunner().invoke(app, ["analyze", "--retry", str(mend(run)), "-o", str(run)])
    assert told.exit_code == 0, told.output
    assert "6 rows read = 6 accepted" in told.output
    assert CliRunner().invoke(app, ["analyze", "-o", str(run)]).exit_code == 2
    assert CliRunner().invoke(app, ["analyze", "x.csv", "--retry", "y", "-o", str(run)]).exit_code == 2


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"review": ["a b", "c d"], "score": ["4/5", "10/10"], "time (UTC+3)": ["1.2.2024"] * 2}),
        pd.DataFrame({"pros": ["a", "b"], "cons": ["c", "d"], "rating": ["Very good", "Poor"]}),
        pd.DataFrame({"Comment": ["a", "b"], "score": [9, 4], "survey_type": ["NPS", "CSAT"]}),
        pd.DataFrame({"text": ["a", "b"], "rating": [3, 4], "rating_max": [5, 10], "date": [45000, 45001]}),
    ],
)
def test_a_plan_comes_back_from_json(frame):
    with open_inputs([frame]) as feed:
        (plan,) = feed.plans
    assert plan_of(json.loads(json.dumps(plan_values(plan)))) == plan
