"""Coming in with an account of elsewhere: the whole way, against a small provider on this machine."""

import base64
import hashlib
import http.server
import json
import threading
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

pytest.importorskip("authlib")

from joserfc import jwk, jwt

from earful.errors import ConfigError
from earful.serve.access import Access
from earful.serve.house import House
from earful.serve.oidc import CALLBACK, read_provider
from tests.serve.conftest import BASE

KEY = jwk.RSAKey.generate_key(2048, auto_kid=True)
OTHER = jwk.RSAKey.generate_key(2048, auto_kid=True)


class Provider(http.server.BaseHTTPRequestHandler):
    """Says of whoever comes what ``claims`` says, signed with ``key``."""

    def do_GET(self):
        if self.path.startswith("/.well-known/"):
            self._say(
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys",
                }
            )
        else:
            self._say({"keys": [KEY.as_dict(private=False)]})

    def do_POST(self):
        asked = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        self.asked.append((asked, self.headers.get("authorization")))
        verifier = asked["code_verifier"][0].encode()
        proof = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        if asked["code"] != ["a code"] or proof != self.expected["code_challenge"]:
            self._say({"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": "earful",
            "sub": "1",
            "exp": now + 60,
            "iat": now,
            "nonce": self.expected["nonce"],
            "email": "ann@example.com",
            "email_verified": True,
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.alg, "kid": KEY.kid}
        key = jwk.OctKey.import_key("the client's secret") if self.alg == "HS256" else self.key
        token = jwt.encode(header, claims, key, algorithms=[self.alg])
        self._say({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def _say(self, what, status=200):
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def provider():
    handler = type(
        "Handler", (Provider,), {"claims": {}, "asked": [], "expected": {}, "key": KEY, "alg": "RS256"}
    )
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    handler.url = handler.issuer = f"http://127.0.0.1:{server.server_port}"
    yield handler
    server.shutdown()
    server.server_close()


def file_of(tmp_path, provider, **more):
    told = {"issuer": provider.url, "client_id": "earful", "client_secret_file": "secret"} | more
    told |= {"editors": ["ann@example.com"], "viewers": ["*@example.com"]} if "editors" not in more else {}
    (tmp_path / "secret").write_text("the client's secret\n", encoding="utf-8")
    path = tmp_path / "oidc.toml"
    path.write_text(
        "\n".join(f"{name} = {json.dumps(value)}" for name, value in told.items()), encoding="utf-8"
    )
    return path


@pytest.fixture
def server(make_client, folder, provider, tmp_path):
    client = make_client(house=House([folder], tmp_path / "new"), access=Access(elsewhere=True))
    client.desk.provider = read_provider(file_of(tmp_path, provider), BASE)
    return client


def go(server, provider, after="/runs/demo?x=1"):
    """Go to the provider, and give what it sends back: the address and the query."""
    response = server.get("/login/oidc", params={"after": after})
    assert response.status_code == 303
    parts = urlsplit(response.headers["location"])
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{provider.url}/authorize"
    assert asked["redirect_uri"] == BASE + CALLBACK
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    provider.expected.update(asked)
    assert "samesite=lax" in response.headers["set-cookie"].lower()
    return {"state": asked["state"], "code": "a code"}


def come(server, query):
    # The provider's page sends the browser back: another site begins this request.
    return server.get(f"{CALLBACK}?{urlencode(query)}", headers={"sec-fetch-site": "cross-site"})


def test_somebody_comes_in_with_an_account_of_elsewhere(server, provider):
    first = server.get("/runs/demo")
    assert first.headers["location"].startswith("/login")
    page = server.get(first.headers["location"]).text
    assert "Come in with 127.0.0.1" in page
    assert 'type="password"' not in page
    response = come(server, go(server, provider))
    assert response.status_code == 200
    assert "You came in as <bdi>ann@example.com</bdi>" in response.text
    assert '<meta http-equiv="refresh" content="0;url=/runs/demo?x=1">' in response.text
    assert "samesite=strict" in response.headers["set-cookie"].lower()
    assert server.get("/runs/demo").status_code == 200
    assert server.get("/new").status_code == 200
    assert provider.asked[0][1].startswith("Basic ")
    assert server.get("/api/v1/runs").status_code == 200
    server.post("/logout", data={"csrf": server.desk.access.form_token(server.cookies["earful_session"])})
    assert server.get("/runs/demo").status_code == 303


def test_another_one_of_the_house_may_only_look(server, provider):
    provider.claims["email"] = "Bob@Example.com"
    assert come(server, go(server, provider)).status_code == 200
    assert server.get("/runs/demo").status_code == 200
    assert server.get("/new").status_code == 403


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"email": "eve@evil.example"}, "not among those"),
        ({"email": "ann@example.com.evil.example"}, "not among those"),
        ({"email": None}, "has no email"),
        ({"email": ["ann@example.com"]}, "has no email"),
        ({"email": "ann@example.com\r\nx"}, "has no email"),
        ({"email_verified": False}, "did not check"),
        ({"nonce": "of another"}, "does not hold"),
        ({"nonce": None}, "does not hold"),
        ({"aud": "another"}, "does not hold"),
        ({"aud": ["another", "earful"]}, "for another"),
        ({"iss": "https://evil.example"}, "does not hold"),
        ({"exp": 1_000_000}, "does not hold"),
        ({"sub": None}, "does not hold"),
    ],
)
def test_whoever_is_not_meant_stays_outside(server, provider, claims, said):
    provider.claims.update(claims)
    response = come(server, go(server, provider))
    assert response.status_code == 403
    assert said in response.text
    assert server.get("/runs/demo").status_code == 303


@pytest.mark.parametrize(("key", "alg"), [(OTHER, "RS256"), (KEY, "HS256")])
def test_a_word_that_another_signed_is_not_believed(server, provider, key, alg):
    provider.key, provider.alg = key, alg
    assert come(server, go(server, provider)).status_code == 403


def test_what_was_not_begun_in_this_browser_is_refused(server, provider):
    query = go(server, provider)
    kept = server.cookies.get("earful_under_way")
    server.cookies.clear()
    assert come(server, query).status_code == 403  # somebody else's way, put into this browser
    query = go(server, provider)
    assert kept != server.cookies.get("earful_under_way")
    assert come(server, query | {"state": "another"}).status_code == 403
    assert come(server, {name: value for name, value in query.items() if name != "code"}).status_code == 403
    assert come(server, query).status_code == 403  # and each way is gone once
    assert come(server, go(server, provider) | {"code": "another"}).status_code == 403
    assert server.get("/runs/demo").status_code == 303


@pytest.mark.parametrize(
    "after", ["//evil.example", "https://evil.example", "javascript:alert(1)", '"><script>']
)
def test_nobody_is_led_on_to_elsewhere(server, provider, after):
    response = come(server, go(server, provider, after))
    assert 'content="0;url=/"' in response.text
    assert "<script>" not in response.text
    assert "evil" not in response.text


def test_a_provider_under_another_name_is_not_believed(server, provider):
    provider.issuer = "https://evil.example"
    assert server.get("/login/oidc").status_code == 400
    provider.issuer = None
    assert server.get("/login/oidc").status_code == 400


def test_a_provider_that_is_away_is_said(make_client, folder, provider, tmp_path):
    client = make_client(folder, access=Access(elsewhere=True))
    assert client.get("/login/oidc").status_code == 404
    client.desk.provider = read_provider(file_of(tmp_path, provider, issuer="http://127.0.0.1:1"), BASE)
    response = client.get("/login/oidc")
    assert response.status_code == 400
    assert "does not answer" in response.text


@pytest.mark.parametrize(
    ("more", "public", "said"),
    [
        ({"issuer": "http://login.example"}, BASE, "issuer"),
        ({}, "", "--public"),
        ({}, "http://earful.example", "--public"),
        ({"editors": [], "viewers": []}, BASE, "lets nobody in"),
        ({"nobody": 1}, BASE, "nobody"),
        ({"client_secret_file": "none"}, BASE, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path, provider, more, public, said):
    with pytest.raises(ConfigError, match=said):
        read_provider(file_of(tmp_path, provider, **more), public)


def test_another_host_is_fine_behind_it(tmp_path, provider, folder, monkeypatch):
    import uvicorn

    from earful.serve.start import serve

    met = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **more: met.append(app))
    serve([folder], host="0.0.0.0", oidc=file_of(tmp_path, provider), public="https://earful.example")
    assert not met[0].state.desk.access.open
