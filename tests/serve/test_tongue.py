"""In which language a page answers, and what it says there of what went wrong."""

import ast
import html
import re
import threading
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import earful
from earful.pages.words import LANGUAGES, messages, retold, say, speaking
from earful.serve.access import Access, _hashed
from earful.serve.app import make_app
from earful.serve.desk import Desk
from earful.serve.house import House
from earful.serve.policy import Limits
from earful.serve.tongue import CHOICE, language_for
from tests.spoken_pages import english_left

from .conftest import BASE, BROWSER, csrf_of, open_client

OTHERS = [language for language in LANGUAGES if language != "en"]
SOURCE = Path(earful.__file__).parent


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("lv-LV,lv;q=0.9,en;q=0.8", "lv"),
        ("de, bg;q=0.5, en;q=0.4", "bg"),
        ("en;q=0.1, ru;q=0.2", "ru"),
        ("ru;q=0, lv;q=0.1", "lv"),
        ("RU-ru", "ru"),
        ("*", "en"),
        ("de;q=nonsense, ;;;, ru;q=abc, bg", "bg"),
        ("ru;q=nan, bg", "bg"),
        ("xx," * 100_000 + "ru", "en"),
    ],
)
def test_a_browser_is_answered_in_the_language_of_ours_it_likes_best(accepted, language):
    assert language_for(accepted) == language


def language_of(response):
    return response.text.partition('<html lang="')[2][:2]


def test_a_choice_comes_before_the_servers_language_and_that_before_the_browsers(folder):
    browser = {"accept-language": "ru"}
    with open_client(Desk(House([folder]), limits=Limits(burst=5000))) as client:
        assert language_of(client.get("/", headers=browser)) == "ru"
        assert language_of(client.get("/")) == "en"
    with open_client(Desk(House([folder]), limits=Limits(burst=5000), lang="bg")) as client:
        assert language_of(client.get("/", headers=browser)) == "bg"
        sent = client.post("/speak", data={"language": "lv", "after": "/runs/demo/time?x=1"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/runs/demo/time?x=1")
        assert "HttpOnly" in sent.headers["set-cookie"]
        assert language_of(client.get("/", headers=browser)) == "lv"


def test_a_language_there_is_not_is_refused_and_its_cookie_left_out_of_account(folder):
    with open_client(Desk(House([folder]), limits=Limits(burst=5000))) as client:
        assert client.post("/speak", data={"language": "de"}).status_code == 422
        client.cookies.set(CHOICE, "de")
        assert language_of(client.get("/")) == "en"


def test_a_choice_leads_to_no_other_server(folder):
    with open_client(Desk(House([folder]), limits=Limits(burst=5000))) as client:
        sent = client.post("/speak", data={"language": "lv", "after": "https://elsewhere.example/"})
        assert sent.headers["location"] == "/"


def test_programs_are_answered_in_english_whatever_they_like(folder):
    with open_client(Desk(House([folder]), limits=Limits(burst=5000))) as client:
        client.cookies.set(CHOICE, "ru")
        themes = client.get("/api/v1/runs/demo/themes").json()["rows"]
        assert any(row["label"] and row["label"].isascii() for row in themes)
        assert "there is nothing" in client.get("/api/v1/nothing").json()["error"]


def test_the_longest_address_of_a_page_is_come_back_to(folder):
    long = "/runs/demo/reviews?q=" + "%D1%8F" * 700 + "&product=" + "%D1%8F" * 700
    with open_client(Desk(House([folder]), limits=Limits(burst=5000))) as client:
        sent = client.post("/speak", data={"language": "lv", "after": long})
        assert (sent.status_code, sent.headers["location"]) == (303, long)


def test_who_has_a_connection_goes_on_with_it_and_gives_it_back(folder):
    served = House([folder]).get("demo")
    served._room = threading.Semaphore(1)
    found = []

    def ask():
        with served.tables() as first, served.tables() as second:
            found.append(first is second)
        with served.tables():
            found.append(bool(served.labels))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(30)
    assert found == [True, True]
    assert served._room.acquire(blocking=False)


def test_what_is_not_there_and_what_fails_keeps_nothing(folder):
    served = House([folder]).get("demo")
    assert served.kept("something", lambda: 1) == served.kept("something", lambda: 2) == 1
    for number in range(300):
        assert served.kept(("nothing", number), lambda: None) is None
        with pytest.raises(ZeroDivisionError):
            served.kept(("broken", number), lambda: 1 / 0)
    assert served.kept("something", lambda: 2) == 1
    assert not served._locks


def test_pages_of_one_run_are_kept_apart_by_language(folder):
    with open_client(Desk(House([folder]), limits=Limits(burst=5000))) as client:
        first = client.get("/runs/demo/method").text
        other = client.get("/runs/demo/method", headers={"accept-language": "ru"}).text
        assert "How it was made" in first
        assert "How it was made" not in other
        assert client.get("/runs/demo/method").text.partition("csrf")[0] == first.partition("csrf")[0]


def told_in(client, address, language, **more):
    """Give the status of a page, and what it says."""
    response = client.request(
        more.pop("method", "GET"), address, headers={"accept-language": language}, **more
    )
    assert f'<html lang="{language}">' in response.text
    return response.status_code, html.unescape(response.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_went_wrong_is_told_in_the_readers_language(folder, language):
    def said(key, **values):
        with speaking(language):
            return say(key, **values)

    with open_client(Desk(House([folder]), limits=Limits(burst=5000))) as client:
        client.desk = client.app.state.desk
        status, page = told_in(client, "/runs/none", language)
        assert status == 404
        assert f"<h1>{said('serve.problem.missing')}</h1>" in page
        assert said("stored.served.no_run", name="'none'") in page
        assert said("serve.problem.allowed", values="demo") in page
        assert said("serve.problem.nothing") in told_in(client, "/nowhere", language)[1]
        status, page = told_in(client, "/new", language)
        assert status == 400
        assert said("stored.served.no_home") in page
        assert said("stored.served.home") in page
        sent = {"data": {"csrf": "another"}, "method": "POST"}
        status, page = told_in(client, "/runs/demo/workshop/begin", language, **sent)
        assert (status, said("serve.refused.form") in page) == (403, True)
        assert csrf_of(client)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_comes_in_is_asked_and_refused_in_their_language(folder, language):
    access = Access(token=_hashed("s3cret"), tries=1)
    with open_client(Desk(House([folder]), access, limits=Limits(burst=5000))) as client, speaking(language):
        assert say("serve.login.where") in told_in(client, "/login", language)[1]
        for status, key in ((403, "serve.login.wrong"), (429, "serve.login.tries")):
            found, page = told_in(client, "/login", language, method="POST", data={"secret": "guess"})
            assert found == status
            assert f'role="alert">{say(key)}<' in page
            assert language == "en" or english_left(page, [], language) == set()


def test_what_breaks_is_told_in_the_readers_language_and_to_programs_in_english(folder, monkeypatch):
    desk = Desk(House([folder]), limits=Limits(burst=5000))

    def broken():
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(desk.house, "names", broken)
    with TestClient(make_app(desk), base_url=BASE, headers=BROWSER, raise_server_exceptions=False) as client:
        status, page = told_in(client, "/", "lv")
        with speaking("lv"):
            assert (status, say("serve.problem.broken") in page) == (500, True)
        answer = client.get("/api/v1/runs", headers={"accept-language": "lv"})
        assert (answer.status_code, answer.json()["error"]) == (500, say("serve.problem.broken"))


def written(node):
    """Give the texts that an expression can be, with a number in its places; none for what is no text."""
    if isinstance(node, ast.Constant):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return written(node.body) + written(node.orelse)
    return []


@pytest.mark.parametrize(
    ("file", "errors", "least"),
    [
        ("house.py", ("RunError",), 1),
        ("jobs.py", ("RunError",), 6),
        ("uploading.py", ("InputError", "RunError"), 7),
        ("oidc.py", ("Refused",), 10),
    ],
)
@pytest.mark.parametrize("language", OTHERS)
def test_every_refusal_of_the_server_itself_is_known(file, errors, least, language):
    tree = ast.parse((SOURCE / "serve" / file).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    calls = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in errors]
    told = [text for call in calls for text in written(call.args[0])]
    if errors != ("Refused",):  # of these the page says what, and no more
        told += [
            text
            for call in calls
            for more in call.keywords
            if more.arg != "where"
            for text in written(more.value)
        ]
    assert len(told) >= least
    with speaking(language):
        assert [text for text in told if not retold(text)[1]] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_step_of_a_job_and_every_change_in_the_log_is_known(language):
    sources = [
        path.read_text(encoding="utf-8")
        for room in ("jobs", "serve")
        for path in (SOURCE / room).rglob("*.py")
    ]
    step = re.compile(r'doing(?:\(f?|=| = (?:"running", )?)"([^"]+)"')
    steps = [found for source in sources for found in step.findall(source)]
    noted = re.compile(r'\.note\((?:person\.name|by|"earful"), f?"([^"]+)"')
    did = [found for source in sources for found in noted.findall(source)]
    assert len(steps) >= 12
    assert len(did) >= 12
    with speaking(language):
        assert [text for text in steps if not retold(text.replace("{part}", "3"))[1]] == []
    did = [one.replace("{do[:20]}", do) for one in did for do in ("stop", "resume")]
    assert [one for one in did if f"serve.did.{one}" not in messages(language)] == []
