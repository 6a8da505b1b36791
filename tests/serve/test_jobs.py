"""Making runs in the browser: the preview mended, the job followed, stopped, gone on with; themes changed."""

import html
import re
import sys
import time

import pytest

from earful.pages.words import LANGUAGES, say, speaking
from earful.serve.house import House
from earful.themes.taxonomy import pack_names
from tests.serve.conftest import csrf_of
from tests.spoken_pages import english_left

CSV = b"when,body,shop,points\n" + b"".join(
    f"2026-0{1 + n % 3}-03,{text},{('north', 'south')[n % 2]},{score}\n".encode()
    for n, (text, score) in enumerate(
        [("The parcel came late again", 2), ("Lovely staff and fast delivery", 10)] * 10
    )
)

#: Plays a job: tells that it is half way, and then does what its argument says.
PLAY = """
import json, sys, time
spec = json.loads(sys.stdin.read())
print(json.dumps({"done": 5, "total": 10, "doing": "resumed" if spec["resume"] else "reading"}), flush=True)
try:
    if sys.argv[1] == "wait":
        time.sleep(60)
    if sys.argv[1] == "fail":
        print(json.dumps({"error": "no"}), flush=True)
    sys.exit({"fail": 1, "crash": 3}[sys.argv[1]])
except KeyboardInterrupt:
    sys.exit(130)
"""


def played(how):
    return [sys.executable, "-c", PLAY, how]


def until(client, job, *states):
    for _ in range(600):
        told = client.get(f"/jobs/{job}.json").json()
        if told["state"] in states:
            return told
        time.sleep(0.1)
    raise AssertionError(told)


def test_a_job_whose_process_ends_before_it_is_told_what_to_do_has_failed(make_client, tmp_path):
    server = make_client(home=tmp_path / "new", command=[sys.executable, "-c", "raise SystemExit(3)"])
    jobs = server.desk.jobs
    # More than a pipe holds, so that it breaks whenever the process ends.
    spec = {"kind": "analyze", "output": str(tmp_path / "new" / "run"), "settings": "x" * 1_000_000}
    for _ in range(2):
        job = jobs.start(jobs.new_id(), spec, "ann")
        assert "3" in until(server, job.id, "failed")["error"]
    assert jobs.running == 0


def upload(client, content=CSV, name="shop.csv"):
    response = client.post("/new", data={"csrf": csrf_of(client)}, files={"file": (name, content)})
    assert response.status_code == 303, response.text
    return response.headers["location"]


def fields_of(page):
    """Give what the form would send as it stands."""
    fields = [(html.unescape(name), html.unescape(value)) for name, value in
              re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)]  # fmt: skip
    for name, options in re.findall(
        r'<select id="m-[^"]+" name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        fields += [(name, html.unescape(value)) for value in re.findall(r'value="([^"]*)" selected', options)]
    return fields


@pytest.fixture
def server(make_client, tmp_path):
    return make_client(house=House([], tmp_path / "new"), home=tmp_path / "new")


def send(client, address, fields, **more):
    data = {}
    for name, value in [*fields, *more.items()]:
        data.setdefault(name, []).append(value)
    return client.post(address, data=data)


def test_the_preview_shows_how_it_would_be_read_and_takes_another_column(server):
    address = upload(server)
    page = server.get(address).text
    assert "20 rows" in page
    assert "The parcel came late again" in page
    fields = dict(fields_of(page))
    assert fields["map.text"] == "body"
    changed = [
        (k, "shop" if k == "map.text" else "" if k == "map.product" else v) for k, v in fields_of(page)
    ]
    again = send(server, address, changed, do="look").text
    assert dict(fields_of(again))["map.text"] == "shop"
    assert 'name="by.text" value="given"' in again
    # What was chosen stays chosen when the page is sent as it stands.
    assert dict(fields_of(send(server, address, fields_of(again), do="look").text))["map.text"] == "shop"


def test_a_file_that_cannot_be_read_is_told_in_one_line(server):
    page = server.get(upload(server, b"a,b\n1,2\n"))
    assert page.status_code == 400
    assert 'class="alarm"' in page.text
    assert "Analyse" not in page.text
    assert "/tmp" not in page.text


def start(server, **more):
    address = upload(server)
    response = send(server, address, [("csrf", csrf_of(server))], do="start", **more)
    assert response.status_code == 303, response.text
    return response.headers["location"].rpartition("/")[2]


def test_a_job_is_followed_stopped_and_gone_on_with(server):
    server.desk.jobs._command = played("wait")
    job = start(server, name="a/../b c")
    told = until(server, job, "running")
    while told["done"] != 5:
        told = server.get(f"/jobs/{job}.json").json()
    assert (told["total"], told["run"]) == (10, "a-..-b-c")
    csrf = csrf_of(server)
    assert server.post(f"/jobs/{job}/stop").status_code == 403
    server.post(f"/jobs/{job}/stop", data={"csrf": csrf})
    assert until(server, job, "stopped")["error"] == ""
    assert "Go on where it stopped" in server.get(f"/jobs/{job}").text
    server.post(f"/jobs/{job}/resume", data={"csrf": csrf})
    told = until(server, job, "running")
    while told["doing"] != "resumed":
        told = server.get(f"/jobs/{job}.json").json()
    waiting = start(server)
    assert server.get(f"/jobs/{waiting}.json").json()["state"] == "waiting"
    server.post(f"/jobs/{waiting}/stop", data={"csrf": csrf})
    assert server.get(f"/jobs/{waiting}.json").json()["state"] == "stopped"
    server.post(f"/jobs/{job}/stop", data={"csrf": csrf})
    until(server, job, "stopped")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_job_is_told_of_in_the_language_of_who_follows_it(server, language):
    server.desk.jobs._command = played("wait")
    job, reader = start(server), {"accept-language": language}
    until(server, job, "running")
    while (told := server.get(f"/jobs/{job}.json", headers=reader).json())["done"] != 5:
        time.sleep(0.05)
    with speaking(language):
        said = {"doing": "reading", "rows": say("serve.job.rows", done=5, n=10)}
        said["state"] = say("serve.job.state.running")
    assert (told["state"], told["said"]) == ("running", said)
    page = server.get(f"/jobs/{job}", headers=reader).text
    assert f"<strong data-state>{said['state']}</strong>" in page
    assert f"data-rows>{said['rows']}<" in page
    runs = server.get("/", headers=reader).text
    assert f"{said['state']}, {said['rows']}" in runs
    assert said["state"] in server.get("/jobs", headers=reader).text
    if language != "en":
        for address in ("/", "/jobs", f"/jobs/{job}"):
            left = english_left(server.get(address, headers=reader).text, ["reading"], language)
            assert left == set(), address
    # Programs read the same in any language.
    assert "said" not in server.get(f"/api/v1/jobs/{job}", headers=reader).json()
    server.post(f"/jobs/{job}/stop", data={"csrf": csrf_of(server)})
    until(server, job, "stopped")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_is_looked_at_in_the_readers_language(server, language):
    reader = {"accept-language": language}
    page = html.unescape(server.get(upload(server), headers=reader).text)
    with speaking(language):
        assert say("serve.preview.read", rows=say("n.rows", n=20), how="csv, utf-8") in page
        assert f">{say('serve.preview.start', n=20)}</button>" in page
        assert f'<label for="m-text">{say("serve.asked.text")}</label>' in page
        assert f'<th scope="col">{say("serve.asked.text")}</th>' in page
        assert say("serve.model.auto") in page
        assert say("serve.scale.whole", ends="1..10", how=say("found.recognised")) in page
        refused = server.get(upload(server, b"a,b\n1,2\n"), headers=reader)
        assert say("serve.preview.again") in refused.text
        empty = server.post(
            "/new", data={"csrf": csrf_of(server)}, files={"file": ("x.csv", b"")}, headers=reader
        )
        assert f"x.csv: {say('stored.served.empty')}" in empty.text
    if language != "en":
        given = [CSV.decode(), *pack_names(), "--map created_at=when", "--map rating="]
        assert english_left(page, given, language) == set()


@pytest.mark.parametrize(("how", "said"), [("fail", "no"), ("crash", "ended with 3")])
def test_a_job_that_fails_says_why(server, how, said):
    server.desk.jobs._command = played(how)
    assert said in until(server, start(server), "failed")["error"]


def test_jobs_outlive_the_server(server, make_client, tmp_path):
    server.desk.jobs._command = played("fail")
    job = start(server)
    until(server, job, "failed")
    after = make_client(house=House([], tmp_path / "new"), home=tmp_path / "new")
    assert after.get(f"/jobs/{job}.json").json()["state"] == "failed"
    assert after.desk.jobs.get(job).resumable


def test_only_so_many_jobs_wait(server):
    server.desk.jobs._command = played("wait")
    first = start(server)
    until(server, first, "running")
    for _ in range(19):
        start(server)
    response = send(server, upload(server), [("csrf", csrf_of(server))], do="start")
    assert response.status_code == 400
    assert "too many jobs" in response.text


def test_from_a_file_to_a_run_to_its_themes_changed(server):
    """All of it, with the models: upload, analysis, a merge, the new run, and back."""
    job = start(server, name="shops", model="fast")
    told = until(server, job, "done", "failed")
    assert (told["state"], told["served"]) == ("done", "shops"), told
    assert "20 reviews" in server.get("/runs/shops").text
    csrf = csrf_of(server)
    assert server.get("/api/v1/runs/shops/reviews/1").json()["sentiment"] == "positive"
    right = server.post("/runs/shops/reviews/1/correct", data={"csrf": csrf, "what": "sentiment=negative"})
    told = until(server, right.headers["location"].rpartition("/")[2], "done", "failed")
    assert (told["state"], told["served"]) == ("done", "shops"), told
    assert server.get("/api/v1/runs/shops/reviews/1").json()["sentiment"] == "negative"
    wrong = server.post("/runs/shops/reviews/1/correct", data={"csrf": csrf, "what": "text=mine"})
    assert wrong.status_code == 404
    before = server.get("/api/v1/runs/shops/themes").json()["rows"]
    page = "/runs/shops/workshop"
    assert "Begin a copy" in server.get(page).text
    for action, data in (
        ("begin", {}),
        ("merge", {"themes": ["delivery.courier", "support.attitude"], "into": "delivery.speed"}),
        ("rename", {"theme": "delivery.speed", "label": "Slow <b>post</b>"}),
        ("move", {"theme": "price.value", "touchpoint": "store"}),
        ("undo", {}),
    ):
        response = server.post(f"{page}/{action}", data={"csrf": csrf, **data})
        assert response.status_code == 303, (action, response.text)
    text = server.get(page).text
    assert "change 3 taken back" in text
    assert "Slow &lt;b&gt;post&lt;/b&gt;" in text
    wrong = server.post(f"{page}/rename", data={"csrf": csrf, "theme": "no.such", "label": "x"})
    assert wrong.status_code == 400
    apply = server.post(f"{page}/apply", data={"csrf": csrf})
    told = until(server, apply.headers["location"].rpartition("/")[2], "done", "failed")
    assert told["state"] == "done", told
    after = server.get(f"/api/v1/runs/{told['served']}/themes").json()["rows"]
    assert {row["theme"] for row in after} <= {row["theme"] for row in before} | {"delivery.speed"}
    assert "Slow <b>post</b>" in {row["label"] for row in after}
    # The new run goes on with the same themes, and the old one stays as it was.
    assert "Undo the last change" in server.get(f"/runs/{told['served']}/workshop").text
    assert server.get("/api/v1/runs/shops/themes").json()["rows"] == before


def test_the_api_takes_a_file_and_only_settings_that_are_harmless(server):
    server.desk.jobs._command = played("wait")
    files = {"file": ("shop.csv", CSV)}
    response = server.post("/api/v1/runs", files=files, data={"settings": '{"input": {"redact": true}}'})
    assert response.status_code == 202
    job = response.json()
    assert server.get(f"/api/v1/jobs/{job['id']}").json()["run"] == "shop"
    for settings in (
        '{"loyalty": {"margins": "/etc/passwd"}}',
        '{"themes": {"taxonomy": "/etc/passwd"}}',
        "[]",
        "no",
        '{"sentiment": {"model": "/tmp"}}',
        '{"behaviour": {"orders": "/etc/passwd"}}',
        '{"stages": {"add": ["x"]}}',
        '{"input": {"columns": {"nobody": "x"}}}',
        '{"loyalty": {"level": 7}}',
    ):
        response = server.post("/api/v1/runs", files=files, data={"settings": settings})
        assert response.status_code == 400, settings


def test_a_server_without_a_folder_makes_no_runs(client):
    assert "makes no runs here" in client.get("/new").text
    assert "New run" not in client.get("/").text
