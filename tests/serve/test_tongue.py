"""In which language a page answers."""

import pytest

from earful.serve.desk import Desk
from earful.serve.house import House
from earful.serve.policy import Limits
from earful.serve.tongue import CHOICE, language_for

from .conftest import open_client


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


def test_pages_of_one_run_are_kept_apart_by_language(folder):
    with open_client(Desk(House([folder]), limits=Limits(burst=5000))) as client:
        first = client.get("/runs/demo/method").text
        other = client.get("/runs/demo/method", headers={"accept-language": "ru"}).text
        assert "How it was made" in first
        assert "How it was made" not in other
        assert client.get("/runs/demo/method").text.partition("csrf")[0] == first.partition("csrf")[0]
