"""The command line as a user meets it: exit codes, one clear line, nothing lost."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from earful.cli.app import app

CSV = "review,stars,product\nGreat,5,kettle\nIt broke after a day.,1,lamp\n"


def earful(*args, stdin=None):
    return CliRunner().invoke(app, [str(arg) for arg in args], input=stdin)


def analyzed(tmp_path, name, content, *args):
    path = tmp_path / name
    path.write_bytes(content)
    result = earful("analyze", path, "-o", tmp_path / "run", *args)
    manifest = tmp_path / "run" / "manifest.json"
    return result, json.loads(manifest.read_text()) if manifest.exists() else None


def test_every_command_and_option_says_what_it_does():
    for name, command in get_command(app).commands.items():
        assert command.help, f"{name} says nothing"
        for child in getattr(command, "commands", {"": command}).values():
            assert child.help
            silent = [p.name for p in child.params if p.name != "help" and not p.help]
            assert not silent, f"{name} {child.name}: {silent}"


def test_analyze_prints_the_mapping_and_where_the_report_is(tmp_path):
    result, manifest = analyzed(tmp_path, "in.csv", CSV.encode())
    assert result.exit_code == 0, result.output
    assert re.search(r"text\s.*review", result.output)
    assert re.search(r"rating\s.*stars", result.output)
    assert str(tmp_path / "run" / "report.html") in result.output.replace("\n", "")
    assert result.output.strip().splitlines()[-1].startswith("2 rows read = 2 accepted + 0 rejected")
    assert manifest["inputs"][0]["mapping"]["text"] == "review"


def test_quiet_says_nothing(tmp_path):
    result, _ = analyzed(tmp_path, "in.csv", CSV.encode(), "--quiet")
    assert (result.exit_code, result.output) == (0, "")


def test_rejects_are_counted_on_the_last_line_and_are_no_error(tmp_path):
    result, manifest = analyzed(tmp_path, "in.csv", (CSV + ",eleven,desk\n").encode())
    assert result.exit_code == 0
    assert "2 accepted + 1 rejected" in result.output.strip().splitlines()[-1]
    (reject,) = (tmp_path / "run" / "rejects.jsonl").read_text().splitlines()
    assert "eleven" in json.loads(reject)["reason"]
    assert manifest["rows"]["rejected"] == 1


def test_standard_input_is_read(tmp_path):
    result = earful("analyze", "-", "-o", tmp_path / "run", stdin=CSV)
    assert result.exit_code == 0, result.output
    assert len(pd.read_parquet(tmp_path / "run" / "reviews.parquet")) == 2


def test_map_and_set_reach_the_run(tmp_path):
    content = b"body,effort\nEasy enough to do,2\nA long struggle with it,7\n"
    args = ["--map", "text=body", "--map", "ces=effort", "--set", "scales.ces.direction=effort"]
    result, manifest = analyzed(tmp_path, "in.csv", content, *args)
    assert result.exit_code == 0, result.output
    assert manifest["config"]["scales"]["ces"]["direction"] == "effort"
    assert manifest["inputs"][0]["mapping"] == {"text": "body", "ces": "effort"}


def test_a_column_that_would_be_recognised_can_be_left_unused(tmp_path):
    content = b"review,ces\nEasy enough to do,2\nA long struggle with it,7\n"
    result, _ = analyzed(tmp_path, "in.csv", content)
    assert result.exit_code == 1
    assert "direction" in result.output
    result, manifest = analyzed(tmp_path, "in.csv", content, "--map", "ces=")
    assert result.exit_code == 0, result.output
    assert manifest["inputs"][0]["mapping"] == {"text": "review"}
    assert manifest["inputs"][0]["ignored"] == ["ces"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "empty"),
        ("header.csv", b"id,city\n1,Riga\n", ""),
        ("zero.csv.gz", b"", "empty"),
        ("truncated.parquet", b"PAR1\x15\x04\x15", "parquet"),
        ("not.xlsx", b"PK\x03\x04broken", ""),
        ("cut.json", b'[{"review": "Good"}, {"rev', ""),
    ],
)
def test_a_useless_file_is_one_clear_line(tmp_path, name, content, says):
    result, manifest = analyzed(tmp_path, name, content)
    assert result.exit_code == 1, result.output
    lines = result.output.strip().splitlines()
    assert lines[-1].startswith("earful: ")
    assert name in lines[-1]
    assert says.lower() in lines[-1].lower()
    assert "Traceback" not in result.output
    assert manifest is None


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["analyze", "none.csv", "-o", "run"], "none.csv"),
        (["analyze", __file__, "-o", "run", "--config", "none.toml"], "none.toml"),
        (["analyze", __file__, "-o", "run", "--map", "text"], "--map"),
        (["analyze", __file__, "-o", "run", "--set", "loyalty.levl=0.9"], "did you mean 'level'"),
        (["score", __file__, "-o", "out.xml"], ".parquet"),
        (["score", __file__, "-o", "out.csv", "--device", "cuda:99"], "'cuda:99' is not there"),
        (["analyze", __file__, "-o", "run", "--device", "gpu"], "allowed: cpu, cuda, cuda:N, emulated"),
        (["analyze", __file__, "-o", "run", "--gpus", ".5"], "add --engine ray --device cuda"),
        (["report", "nowhere"], "nowhere"),
        (["models", "show", "nonesuch"], "nonesuch"),
    ],
)
def test_our_errors_exit_with_1(tmp_path, monkeypatch, args, says):
    monkeypatch.chdir(tmp_path)
    result = earful(*args)
    assert result.exit_code == 1, result.output
    assert says in result.output
    assert len(result.output.strip().splitlines()) <= 2


@pytest.mark.parametrize("args", [["analyze"], ["analyze", "x.csv"], ["nonesuch"], ["demo", "--nonesuch"]])
def test_wrong_usage_exits_with_2(args):
    assert earful(*args).exit_code == 2


HOSTILE = {
    "ragged": (b"review,stars\nGood,5\nBad,1,extra,cells\nFine\nOkay,3\n", 4),
    "nul": (b"review,stars\nGo\x00od,5\nBad,1\n", 2),
    "cp1251": (
        "отзыв;оценка\nУжасное обслуживание, больше не приду;1\nОтличный сервис, рекомендую всем;5\n".encode(
            "cp1251"
        ),
        2,
    ),
    "utf16": ("отзыв\tоценка\nУжасно\t1\nОтлично\t5\n".encode("utf-16"), 2),
    "formula": (b'=HYPERLINK("http://x"),review,stars\n=1+1,Good,5\n@SUM(A1),Bad,1\n', 2),
    "huge": (b"review,stars\n" + b"It was good. " * 800_000 + b",5\nBad,1\n", 2),
    "latin": ("komentārs,vērtējums\nĻoti slikti,1\nLieliski,5\n".encode(), 2),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_lose_nothing(tmp_path, name):
    content, rows = HOSTILE[name]
    result, manifest = analyzed(tmp_path, f"{name}.csv", content)
    assert result.exit_code == 0, result.output
    counted = manifest["rows"]
    assert counted["read"] == counted["accepted"] + counted["rejected"] == rows
    reviews = pd.read_parquet(tmp_path / "run" / "reviews.parquet")
    assert len(reviews) == counted["accepted"] >= rows / 2
    assert "text" in manifest["inputs"][0]["mapping"]
    if name == "huge":
        assert reviews["truncated"].tolist() == [True, False]
        assert len(reviews["text"].iloc[0]) > 10_000_000
    if name in {"cp1251", "utf16"}:
        assert reviews["text"].str.contains("Ужасн|Отличн").all()
        assert reviews["sentiment"].tolist() == ["negative", "positive"]


def test_gzip_and_several_files_at_once(tmp_path):
    (tmp_path / "a.csv").write_text(CSV)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"comment": "Lovely", "nps": 10}\n'))
    result = earful("analyze", tmp_path / "*.csv", tmp_path / "b.jsonl.gz", "-o", tmp_path / "run")
    assert result.exit_code == 0, result.output
    reviews = pd.read_parquet(tmp_path / "run" / "reviews.parquet")
    assert reviews["source"].tolist() == ["a.csv", "a.csv", "b.jsonl.gz"]
    assert reviews["nps"].tolist()[2] == 10


@pytest.mark.parametrize("device", ["cpu", "emulated"])
def test_score_writes_one_row_per_row(tmp_path, device):
    (tmp_path / "in.csv").write_text(CSV)
    assert earful("score", tmp_path / "in.csv", "-o", tmp_path / "out.csv", "--device", device).exit_code == 0
    assert pd.read_csv(tmp_path / "out.csv")["sentiment"].tolist() == ["positive", "negative"]


def test_tag_gives_tickets_their_themes(tmp_path):
    (tmp_path / "in.csv").write_text(
        "id,subject,description\nT1,Hello,The parcel never arrived.\nT2,Hi,Thanks\n"
    )
    assert earful("tag", tmp_path / "in.csv", "-o", tmp_path / "out.jsonl").exit_code == 0
    tagged = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [len(ticket["themes"]) > 0 for ticket in tagged] == [True, False]
    args = ["--help-desk", "--min-confidence", "1"]
    assert earful("tag", tmp_path / "in.csv", "-o", tmp_path / "out.csv", *args).exit_code == 0
    assert pd.read_csv(tmp_path / "out.csv").columns.tolist() == ["id", "tags"]


def test_models_are_listed_shown_and_verified():
    assert "fast" in earful("models", "list").output
    assert "licen" in earful("models", "show", "fast").output.lower()
    assert "sha256" in earful("models", "verify").output


def test_formats_are_listed():
    assert {"csv", "parquet"} <= {line.split()[0] for line in earful("formats").output.splitlines()}


def test_the_demo_writes_its_report_in_another_language(demo_run, tmp_path, monkeypatch):
    # The sample is read once for all tests; what the command asks for is what counts here.
    asked = {}

    def analyze(inputs, output, **options):
        asked.update(options, output=output)
        return demo_run

    monkeypatch.setattr("earful.analyze", analyze)
    result = earful("demo", "--lang", "lv", "-o", tmp_path / "demo")
    assert result.exit_code == 0, result.output
    assert asked["config"].report.lang == "lv"
    assert asked["output"] == tmp_path / "demo"
    assert earful("demo", "--lang", "de", "-o", tmp_path / "demo").exit_code == 1


def test_the_report_can_be_rebuilt(demo_run, tmp_path):
    assert earful("report", demo_run.path, "--html", tmp_path / "again.html").exit_code == 0
    assert (tmp_path / "again.html").read_bytes() == demo_run.report.read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
def test_an_interrupt_leaves_a_run_that_can_be_resumed(tmp_path):
    rows = "".join(
        f"The kettle number {i} broke and the refund took weeks to arrive.,1\n" for i in range(4000)
    )
    (tmp_path / "in.csv").write_text("review,stars\n" + rows)
    command = [
        sys.executable,
        "-m",
        "earful",
        "analyze",
        str(tmp_path / "in.csv"),
        "-o",
        str(tmp_path / "run"),
    ]
    job = subprocess.Popen(
        [*command, "--batch-size", "16"],
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background has made them, and what they start, deaf to it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with job:
        while not list((tmp_path / "run" / "parts").glob("*/receipt.json")):
            assert job.poll() is None, "the run ended before it could be interrupted"
            time.sleep(0.02)
        job.send_signal(signal.SIGINT)
        assert "Traceback" not in job.communicate(timeout=60)[1]
    assert job.returncode == 130
    assert not (tmp_path / "run" / "manifest.json").exists()
    result = earful("analyze", tmp_path / "in.csv", "-o", tmp_path / "run", "--batch-size", "16", "--resume")
    assert result.exit_code == 0, result.output
    assert len(pd.read_parquet(tmp_path / "run" / "reviews.parquet")) == 4000


def test_preview_writes_nothing_and_says_how_to_choose(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"Fine jar {i},{i % 5 + 1},{i % 4 + 1}\n" for i in range(9))
    Path("a.csv").write_text(f"A title\n\nComment,Stars,Rating\n{rows}", encoding="utf-8")
    result = CliRunner().invoke(app, ["analyze", "a.csv", "--preview", "--skip-rows", "2", "--limit", "2"])
    assert result.exit_code == 0, result.output
    assert "to take it: --map rating=Stars" in result.output
    assert "The first 2 rows of 9:" in result.output
    assert os.listdir() == ["a.csv"]
    result = CliRunner().invoke(app, ["analyze", "a.csv"])
    assert result.exit_code == 2
    assert "--output" in result.output


def test_formats_lists_the_exports():
    result = CliRunner().invoke(app, ["formats"])
    assert "google-play-console" in result.output
    assert "csv " in result.output
