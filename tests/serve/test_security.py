"""The door, the headers, the limits."""

import gzip
import hashlib
import io
import json
import time
import zipfile
from collections import OrderedDict

import pytest
from fastapi.testclient import TestClient

from earful.errors import ConfigError, InputError
from earful.pages.words import say, speaking
from earful.serve.access import Access, Person, add_user, read_token, read_users
from earful.serve.desk import Desk
from earful.serve.house import House
from earful.serve.policy import HEADERS, Limits
from earful.serve.uploading import checked
from tests.serve.conftest import BASE, BROWSER, csrf_of, open_client


def with_token(make_client, house, **more):
    from earful.serve.access import _hashed

    return make_client(house=house, access=Access(token=_hashed("s3cret"), **more), host="0.0.0.0")


@pytest.mark.parametrize(
    "address", ["/", "/runs/demo", "/nowhere", "/api/v1/runs", "/static/serve.js", "/metrics"]
)
def test_every_answer_says_what_may_load(client, address):
    headers = client.get(address).headers
    for name, value in HEADERS.items():
        assert headers[name] == value
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers


@pytest.mark.parametrize(
    "page", ["/", "/runs/demo", "/runs/demo/reviews", "/runs/demo/compare", "/new", "/api"]
)
def test_no_page_needs_what_the_policy_forbids(client, page):
    text = client.get(page).text
    assert "<style" not in text
    assert " style=" not in text
    assert "http://" not in text.replace("http://127.0.0.1", "")
    assert "https://" not in text


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8350", "127.0.0.1.evil.example", "", "[::2]:80"]
)
def test_a_page_elsewhere_cannot_reach_this_machine_by_a_name_of_its_own(client, host):
    assert client.get("/", headers={"host": host}).status_code == 421


def test_behind_another_server_it_goes_by_the_public_name_and_sessions_keep_to_tls(house):
    desk = Desk(house, Access(token="x" * 64), public="https://earful.example", limits=Limits(burst=500))
    with open_client(desk) as client:
        assert client.get("/login", headers={"host": "earful.example"}).status_code == 200
        assert client.get("/login", headers={"host": "evil.example"}).status_code == 421
        desk.access.token = hashlib.sha256(b"s3cret").hexdigest()
        told = {"host": "earful.example", "origin": "https://earful.example"}
        response = client.post("/login", data={"secret": "s3cret"}, headers=told)
        assert response.status_code == 303
        assert "secure" in response.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("peer", "told", "caller"),
    [
        ("127.0.0.1", "1.2.3.4, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "evil", "127.0.0.1"),
        ("203.0.113.9", "203.0.113.7", "203.0.113.9"),
    ],
)
def test_the_server_before_it_is_believed_who_calls_and_nobody_else(peer, told, caller):
    from earful.serve.policy import _from_afar

    scope = {"type": "http", "client": (peer, 1)}
    assert _from_afar(scope, {"x-forwarded-for": told})["client"][0] == caller


@pytest.mark.parametrize("host", ["127.0.0.1:8350", "localhost", "LOCALHOST:1", "[::1]:8350"])
def test_this_machine_goes_by_its_names(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ],
)
def test_other_sites_can_send_nothing(client, headers):
    for address in ("/new", "/logout", "/api/v1/score", "/runs/demo/workshop/begin"):
        assert client.post(address, headers=headers).status_code == 403


def test_a_form_needs_the_token_of_its_session(house, make_client, tmp_path):
    client = make_client(house=house, home=tmp_path)
    right = csrf_of(client)
    for token in ("", "0" * 64, right[:-1], right + "0", "é"):
        assert client.post("/runs/demo/workshop/begin", data={"csrf": token}).status_code == 403
    other = client.desk.access.form_token("somebody else")
    assert client.post("/runs/demo/workshop/begin", data={"csrf": other}).status_code == 403


def test_the_session_is_read_by_no_script_and_sent_by_no_other_site(house, make_client):
    client = make_client(house=house)
    cookie = client.get("/").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_with_a_token_nobody_comes_in_without(house, make_client):
    client = with_token(make_client, house)
    for page in ("/", "/runs/demo", "/runs/demo/reviews?q=late", "/new", "/api"):
        response = client.get(page)
        assert response.status_code == 303
        assert response.headers["location"].startswith("/login?after=")
    for address in ("/api/v1/runs", "/api/v1/runs/demo/reviews", "/metrics"):
        response = client.get(address)
        assert response.status_code == 401
        assert set(response.json()) == {"status", "error", "details"}
    assert client.post("/api/v1/score", json={"texts": ["x"]}).status_code == 401
    assert client.get("/api/v1/runs", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/api/v1/runs", headers={"authorization": "Bearer s3cret"}).status_code == 200
    assert client.get("/api/v1/health").status_code == 200


def test_who_has_the_token_comes_in_and_goes_out(house, make_client):
    client = with_token(make_client, house)
    assert client.post("/login", data={"secret": "wrong"}).status_code == 403
    client.cookies.set("earful_session", "chosen-by-an-attacker")
    response = client.post("/login", data={"secret": "s3cret", "after": "/runs/demo?x=1"})
    assert (response.status_code, response.headers["location"]) == (303, "/runs/demo?x=1")
    session = response.cookies["earful_session"]
    assert session != "chosen-by-an-attacker"
    client.cookies.clear()
    client.cookies.set("earful_session", session)
    assert client.get("/runs/demo").status_code == 200
    csrf = client.desk.access.form_token(session)
    assert client.post("/logout", data={"csrf": csrf}).status_code == 303
    assert client.get("/runs/demo").status_code == 303


@pytest.mark.parametrize(
    "after",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_nobody_is_sent_elsewhere_after_coming_in(house, make_client, after):
    client = with_token(make_client, house)
    response = client.post("/login", data={"secret": "s3cret", "after": after})
    assert response.headers["location"] == "/"
    assert "a=b" not in response.headers["set-cookie"]


def test_secrets_cannot_be_guessed_for_long(house, make_client):
    client = with_token(make_client, house, tries=3)
    codes = [client.post("/login", data={"secret": f"guess {n}"}).status_code for n in range(5)]
    assert codes == [403, 403, 403, 429, 429]
    assert client.post("/login", data={"secret": "s3cret"}).status_code == 429
    assert client.get("/api/v1/runs", headers={"authorization": "Bearer s3cret"}).status_code == 429


def test_users_have_roles(folder, make_client, tmp_path):
    file = tmp_path / "users.jsonl"
    add_user(file, "ann", "viewer", "a long password")
    add_user(file, "bob", "editor", "another password")
    assert "a long password" not in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0
    runs = House([folder], tmp_path / "new")
    client = make_client(house=runs, access=Access(users=read_users(file)), host="0.0.0.0")
    assert client.get("/api/v1/runs", auth=("ann", "a long password")).status_code == 200
    assert client.get("/api/v1/runs", auth=("ann", "another password")).status_code == 401
    assert client.get("/api/v1/runs", auth=("eve", "a long password")).status_code == 401
    assert client.get("/api/v1/runs", headers={"authorization": "Basic !!!"}).status_code == 401
    for name, password, code in (("ann", "a long password", 403), ("bob", "another password", 303)):
        session = client.post("/login", data={"name": name, "secret": password}).cookies["earful_session"]
        client.cookies.clear()
        client.cookies.set("earful_session", session)
        csrf = client.desk.access.form_token(session)
        assert client.get("/new").status_code == (403 if name == "ann" else 200)
        assert client.post("/runs/demo/workshop/begin", data={"csrf": csrf}).status_code == code


def test_sessions_end(monkeypatch):
    access = Access(token="x" * 64)
    session = access.begin(Person("token", "editor"))
    assert access.person(session) is not None
    clock = time.monotonic() + 13 * 3600
    monkeypatch.setattr("earful.serve.access.time.monotonic", lambda: clock)
    assert access.person(session) is None


def test_a_token_is_shown_once_and_kept_as_a_hash(tmp_path):
    file = tmp_path / "token"
    known, fresh = read_token(file)
    assert fresh is not None
    assert fresh not in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0
    assert read_token(file) == (known, None)
    assert Access(token=known).with_secret("", fresh, "me") == Person("token", "editor")
    file.write_text("my token", encoding="utf-8")
    with pytest.raises(ConfigError, match="no hash"):
        read_token(file)


@pytest.mark.parametrize(
    "line", ["{}", "not json", '{"name": "a", "role": "king", "hash": "$argon2"}', "[]", ""]
)
def test_a_file_of_users_that_is_none_is_refused(tmp_path, line):
    file = tmp_path / "users"
    file.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        read_users(file)


def test_another_host_needs_a_door(tmp_path, folder):
    from earful.serve.start import serve

    with pytest.raises(ConfigError, match="--token-file"):
        serve([folder], host="0.0.0.0")
    with pytest.raises(ConfigError, match="--public"):
        serve([folder], public="https://earful.example")


@pytest.mark.parametrize(
    "path",
    [
        "/runs/../etc/passwd",
        "/runs/..%2f..%2fetc%2fpasswd",
        "/runs/%2e%2e/%2e%2e/",
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/runs/demo/..%5c..",
        "/static//etc/passwd",
        "/jobs/..%2f..",
        "/new/..%2fx",
        "/api/v1/runs/..%2f..%2fetc",
        "/api/v1/jobs/%2e%2e",
        "/runs/demo%00",
    ],
)
def test_no_address_leads_out(client, path):
    response = client.get(path)
    assert response.status_code in (400, 404, 405, 422)
    assert "root:" not in response.text


def test_a_body_has_a_limit(house, make_client):
    client = make_client(house=house, limits=Limits(burst=500, body=10_000))
    response = client.post("/api/v1/score", json={"texts": ["x" * 20_000]})
    assert response.status_code == 413
    assert response.json()["status"] == 413

    def drops():
        for _ in range(30):
            yield b"x" * 1000

    response = client.post("/api/v1/score", content=drops(), headers={"content-type": "application/json"})
    assert response.status_code == 413
    for length in ("-1", "9" * 30, "abc", "1e3"):
        assert client.post("/api/v1/score", headers={"content-length": length}).status_code in (400, 413)


def test_a_body_that_comes_too_slowly_is_not_waited_for(house):
    import asyncio

    from earful.serve.metrics import Metrics
    from earful.serve.policy import Policy

    async def app(scope, receive, send):
        while (await receive()).get("more_body"):
            pass

    async def ask():
        async def receive():
            await asyncio.sleep(0.02)
            return {"type": "http.request", "body": b"x", "more_body": True}

        told = []

        async def send(message):
            told.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "headers": [(b"host", b"localhost")],
            "client": ("a", 1),
        }
        await Policy(app, Limits(seconds=0.1), Metrics())(scope, receive, send)
        return told[0]["status"]

    assert asyncio.run(ask()) == 408


def test_one_caller_has_a_pace(house, make_client):
    client = make_client(house=house, limits=Limits(burst=5, pace=0.001))
    codes = [client.get("/api/v1/health").status_code for _ in range(8)]
    assert codes == [200] * 5 + [429] * 3
    assert client.get("/api/v1/health").headers["retry-after"]


@pytest.mark.parametrize("language", ["en", "ru", "bg", "lv"])
def test_who_is_refused_at_the_door_reads_why_in_their_language(house, make_client, language):
    client = make_client(house=house, limits=Limits(burst=5, pace=0.001, body=10))
    client.headers["accept-language"] = language
    large = client.post("/speak", data={"language": "en", "after": "/"}, headers={"accept": "text/html,*/*"})
    assert large.status_code == 413
    assert large.headers["content-type"].startswith("text/html")
    assert large.headers["content-security-policy"] == HEADERS["content-security-policy"]
    assert f'<html lang="{language}">' in large.text
    with speaking(language):
        assert say("serve.refused.large", n=10) in large.text
        assert client.post("/speak", data={"language": "en", "after": "/"}).json() == {
            "status": 413,
            "error": say("serve.refused.large", n=10),
            "details": [],
        }
    program = client.post("/api/v1/score", content=b"x" * 50, headers={"accept": "text/html"})
    assert program.json()["error"] == "the request is larger than 10 bytes"


@pytest.mark.parametrize(
    ("method", "address", "status"), [("GET", "/nope", 404), ("GET", "/speak", 405), ("POST", "/logout", 403)]
)
def test_nobody_in_particular_reads_why_on_a_page_that_shows_nothing_else(
    make_client, house, method, address, status
):
    client = with_token(make_client, house)
    answer = client.request(method, address, headers={"accept": "text/html,*/*", "accept-language": "bg"})
    assert '<html lang="bg">' in answer.text
    assert "<nav" not in answer.text
    plain = client.request(method, address)
    assert answer.status_code == plain.status_code == plain.json()["status"]
    assert answer.status_code == status


def test_what_breaks_is_answered_with_the_same_headers(house, make_client, monkeypatch):
    client = make_client(house=house)
    monkeypatch.setattr("earful.serve.views.runs._line", lambda served: 1 / 0)
    monkeypatch.setattr(house.get("demo"), "_kept", OrderedDict())
    quiet = TestClient(client.app, base_url=BASE, headers=BROWSER, raise_server_exceptions=False)
    answer = quiet.get("/", headers={"accept-language": "lv"})
    assert answer.status_code == 500
    assert '<html lang="lv">' in answer.text
    assert all(answer.headers[name] == value for name, value in HEADERS.items())


@pytest.mark.parametrize(
    "name", ["a.csv\r\nX-Evil: 1", '"; filename="b.csv', "../../../x.csv", "x.csv\x00.exe", "  .csv"]
)
def test_the_name_of_an_upload_is_only_a_name(house, make_client, tmp_path, name):
    client = make_client(
        house=__import__("earful.serve.house", fromlist=["House"]).House([], tmp_path / "new")
    )
    csrf = csrf_of(client)
    response = client.post("/new", data={"csrf": csrf}, files={"file": (name, b"text\nfine\n")})
    assert "x-evil" not in response.headers
    assert [
        path for path in tmp_path.rglob("*.csv") if (tmp_path / "new" / ".uploads") not in path.parents
    ] == []
    assert response.status_code in (303, 400, 422)


def bomb(path, kind, size):
    if kind == "gzip":
        with gzip.open(path, "wb") as out:
            out.write(b"0" * size)
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr("xl/worksheets/sheet1.xml", b"0" * size)
    return path


@pytest.mark.parametrize("kind", ["gzip", "zip"])
def test_what_unpacks_to_too_much_is_refused(tmp_path, kind):
    path = bomb(tmp_path / "x", kind, 3_000_000)
    assert path.stat().st_size < 10_000
    with pytest.raises(InputError, match="unpacks to more"):
        checked(path, 1_000_000, "x")
    checked(path, 3_000_000, "x")


def test_a_zip_that_lies_about_its_size_is_not_believed(tmp_path):
    path = bomb(tmp_path / "x", "zip", 3_000_000)
    data = path.read_bytes().replace((3_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(data)
    with pytest.raises(InputError):
        checked(path, 1_000_000, "x")


def test_a_zip_of_very_many_parts_is_refused(tmp_path):
    path = tmp_path / "x"
    with zipfile.ZipFile(path, "w") as out:
        for number in range(20_001):
            out.writestr(f"{number}", b"")
    with pytest.raises(InputError):
        checked(path, 1_000_000, "x")


def test_an_upload_of_the_wrong_kind_or_size_is_refused_and_leaves_nothing(make_client, tmp_path):
    client = make_client(house=House([], tmp_path), limits=Limits(burst=500, upload=5_000, unpacked=100_000))
    csrf = csrf_of(client)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("xl/x.xml", b"0" * 1_000_000)
    for name, content, code in (
        ("x.exe", b"MZ", 400),
        ("x.csv", b"", 400),
        ("x.xlsx", buffer.getvalue(), 400),
        ("x.csv", b"a" * 10_000, 413),
    ):
        response = client.post("/new", data={"csrf": csrf}, files={"file": (name, content)})
        assert response.status_code == code, name
    assert list((tmp_path / ".uploads").glob("*")) == []


def test_changes_are_noted(make_client, tmp_path):
    client = make_client(house=House([], tmp_path))
    csrf = csrf_of(client)
    client.post("/new", data={"csrf": csrf}, files={"file": ("a.csv", b"text\nfine\n")})
    line = json.loads((tmp_path / "audit.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (line["who"], line["did"], line["file"]) == ("local", "upload", "a.csv")
    assert client.desk.audit.last()[0] == line
