"""The audit sample in the browser: drawn, judged, and what it says."""

import csv
import io
import re

import pytest

from earful.serve.house import House
from earful.workshop.audit import read_judged, read_sample
from tests.serve.conftest import csrf_of


@pytest.fixture
def server(make_client, folder, tmp_path):
    return make_client(house=House([folder], tmp_path / "new"), home=tmp_path / "new")


def judge(server, csrf, say):
    """Judge all that is shown, page after page, until nothing is left."""
    for _ in range(40):
        page = server.get("/runs/demo/audit").text
        names = set(re.findall(r'name="((?:theme_right|polarity_right|missed_theme)\.\d+)"', page))
        if not names:
            return page
        response = server.post("/runs/demo/audit", data={"csrf": csrf, **{name: say(name) for name in names}})
        assert response.status_code == 303
    raise AssertionError("there is no end to it")


def test_a_sample_is_drawn_judged_and_says_how_right_the_themes_are(server, tmp_path):
    assert "Draw the sample" in server.get("/runs/demo/audit").text
    assert server.post("/runs/demo/audit/begin").status_code == 403
    csrf = csrf_of(server)
    assert server.post("/runs/demo/audit/begin", data={"csrf": csrf}).status_code == 303
    assert "not judged yet" in server.get("/runs/demo/audit").text
    page = judge(
        server,
        csrf,
        lambda name: "-" if name.startswith("missed") else "n" if name == "theme_right.0" else "y",
    )
    assert "All of it is judged" in page
    file = next((tmp_path / "new" / "audits").glob("*.csv"))
    rows = read_sample(file)
    mentions = sum(row["kind"] == "mention" for row in rows)
    found = read_judged(server.desk.house.get("demo").run, file)
    assert (found.precision.n, found.missed.n) == (mentions, len(rows) - mentions)
    assert found.precision.value == pytest.approx(1 - 1 / mentions)
    assert found.missed.value == 0.0
    assert found.recall.value == 1.0
    assert f"from {mentions} judged" in page
    # The file is the one that the command line reads, and drawing again changes nothing of it.
    server.post("/runs/demo/audit/begin", data={"csrf": csrf})
    given = server.get("/runs/demo/audit.csv")
    assert given.content == file.read_bytes()
    assert len(list(csv.reader(io.StringIO(given.text)))) == len(rows) + 1


def test_what_was_missed_counts_against_recall(server):
    csrf = csrf_of(server)
    server.post("/runs/demo/audit/begin", data={"csrf": csrf})
    judge(server, csrf, lambda name: "delivery.speed" if name.startswith("missed") else "y")
    file = next((server.desk.home / "audits").glob("*.csv"))
    found = read_judged(server.desk.house.get("demo").run, file)
    assert found.missed.value == 1.0
    assert found.recall.value < 1.0


def test_only_judgements_are_taken(server):
    csrf = csrf_of(server)
    server.post("/runs/demo/audit/begin", data={"csrf": csrf})
    told = {
        f"{name}.{at}": "<script>" for at in range(100) for name in ("theme_right", "missed_theme", "text")
    }
    assert server.post("/runs/demo/audit", data={"csrf": csrf, **told}).status_code == 303
    rows = read_sample(next((server.desk.home / "audits").glob("*.csv")))
    assert {row["theme_right"] + row["missed_theme"] for row in rows} == {""}
    assert server.post("/runs/demo/audit", data=told).status_code == 403


def test_a_server_that_keeps_nothing_says_so(client):
    assert "keeps nothing" in client.get("/runs/demo/audit").text
    assert client.post("/runs/demo/audit/begin", data={"csrf": csrf_of(client)}).status_code == 400
    assert client.get("/runs/demo/audit.csv").status_code == 404
