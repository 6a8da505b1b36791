"""Alerts: what is one, and how they are sent on."""

import hmac
import http.server
import json
import threading

import pytest

from earful.errors import ConfigError
from earful.serve import outgoing
from earful.serve.alerts import alerts
from earful.serve.audit import Audit
from earful.serve.house import House
from earful.serve.outgoing import NotSent, checked_url, post
from earful.serve.webhooks import Hooks, Webhooks, read_secret, signature

SECRET = "a secret of many letters"


@pytest.fixture
def house(full):
    full.rising("delivery.speed")
    full.rising("price.value", product="Desk", grouping="product")
    for month, change in (
        ("2026-01-01", -9.0),
        ("2026-03-01", None),
        ("2026-04-01", None),
        ("2026-05-01", -20.0),
    ):
        more = {"change": change, "change_point": change is not None, "change_q": 0.01}
        full.trend(month, 3.0, **more)
    return House([full.write()])


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what it is sent, and answers as it is told."""

    answers, got = [], []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append((self.path, dict(self.headers), body))
        status = self.answers.pop(0) if self.answers else 204
        self.send_response(status)
        if status == 302:
            self.send_header("location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    handler = type("Handler", (Receiver,), {"answers": [], "got": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    handler.url = f"http://127.0.0.1:{server.server_port}/hook?to=us"
    yield handler
    server.shutdown()
    server.server_close()


def hooks_of(house, receiver, tmp_path, **more):
    hooks = Hooks((receiver.url,), SECRET, tmp_path / "sent", private=True, base="https://earful.example")
    return Webhooks(house, hooks, Audit(tmp_path / "audit.jsonl"), tries=(0, 0, 0), **more)


def test_alerts_are_what_is_on_the_rise_and_what_changed_of_late(house):
    found = alerts(house.get("run"))
    assert [one["kind"] for one in found] == ["theme_rising", "theme_rising", "level_changed"]
    assert [one["period"] for one in found if one["kind"] == "level_changed"] == ["2026-05-01"]
    assert len({one["id"] for one in found}) == 3
    assert all(one["address"].startswith("/runs/run/") and one["what"] for one in found)


def test_the_api_gives_the_same_alerts(house, make_client):
    client = make_client(house=house)
    answer = client.get("/api/v1/runs/run/alerts")
    assert [one["id"] for one in answer.json()["alerts"]] == [one["id"] for one in alerts(house.get("run"))]
    assert (
        client.get("/api/v1/runs/run/alerts", headers={"if-none-match": answer.headers["etag"]}).status_code
        == 304
    )
    for one in answer.json()["alerts"]:
        assert client.get(one["address"]).status_code in (200, 404)  # the run by hand has no such theme page


def test_an_alert_is_sent_once_and_signed(house, receiver, tmp_path):
    hooks = hooks_of(house, receiver, tmp_path)
    assert hooks.check("run") == 1
    ((path, headers, body),) = receiver.got
    assert path == "/hook?to=us"
    told = json.loads(body)
    assert [one["id"] for one in told["alerts"]] == [one["id"] for one in alerts(house.get("run"))]
    assert told["alerts"][0]["url"].startswith("https://earful.example/runs/run/")
    expected = signature(SECRET, headers["earful-timestamp"], body)
    assert hmac.compare_digest(headers["earful-signature"], expected)
    assert signature("another secret", headers["earful-timestamp"], body) != expected
    assert signature(SECRET, headers["earful-timestamp"], body + b" ") != expected
    # Neither this server nor one that is started after it sends it again.
    assert hooks.check("run") == 0
    assert hooks_of(house, receiver, tmp_path).check("run") == 0
    assert len(receiver.got) == 1
    assert "to=us" not in (tmp_path / "audit.jsonl").read_text(encoding="utf-8")


def test_what_does_not_arrive_is_tried_again_and_later_still(house, receiver, tmp_path):
    receiver.answers[:] = [500, 302, 503, 503, 200]
    hooks = hooks_of(house, receiver, tmp_path)
    assert hooks.check("run") == 0
    assert len(receiver.got) == 3  # and no redirect was followed
    assert hooks.check("run") == 0  # not at once again
    assert len(receiver.got) == 3
    hooks._later.clear()
    assert hooks.check("run") == 1
    assert len({headers["earful-delivery"] for _, headers, _ in receiver.got[3:]}) == 1
    said = (tmp_path / "audit.jsonl").read_text(encoding="utf-8")
    assert "answered with 503" in said


def test_who_says_that_it_is_gone_is_not_tried_again(house, receiver, tmp_path):
    receiver.answers[:] = [410]
    assert hooks_of(house, receiver, tmp_path).check("run") == 0
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_nothing_is_sent_into_a_private_network(monkeypatch, address):
    family = 10 if ":" in address else 2
    told = [(2, 1, 6, "", ("93.184.215.14", 443)), (family, 1, 6, "", (address, 443))]
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *_, **__: told)
    with pytest.raises(NotSent, match="private network") as error:
        post("https://hooks.example/x", b"{}", {})
    assert error.value.fatal


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch, receiver):
    asked = []
    port = int(receiver.url.split(":")[2].split("/")[0])

    def look_up(host, *_, **__):
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(outgoing, "_public", lambda address: True)
    plain = outgoing.socket.create_connection
    met = []
    monkeypatch.setattr(
        outgoing.socket, "create_connection", lambda at, *more: (met.append(at), plain(at, *more))[1]
    )
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", look_up)
    assert post(f"http://hooks.example:{port}/x", b"{}", {"content-type": "application/json"}) == 204
    assert met == [("127.0.0.1", port)]
    assert asked[0] == "hooks.example"
    assert receiver.got[0][1]["Host"] == f"hooks.example:{port}"


def test_over_tls_the_name_is_checked_and_the_certificate(monkeypatch, tmp_path):
    import datetime
    import ssl

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem)
    )
    handler = type("Handler", (Receiver,), {"answers": [], "got": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told = [(2, 1, 6, "", ("127.0.0.1", server.server_port))]
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *_, **__: told)
    address = f"https://hooks.example:{server.server_port}/x"
    with pytest.raises(NotSent, match="SSLCertVerificationError"):
        post(address, b"{}", {}, private=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    assert post(address, b"{}", {}, private=True) == 204
    with pytest.raises(NotSent, match="SSLCertVerificationError"):
        post(address.replace("hooks", "others"), b"{}", {}, private=True)
    assert len(handler.got) == 1
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/", "ftp://hooks.example/", "file:///etc/passwd", "https://", "https:///x",
        "hooks",
        "https://user:pw@hooks.example/", "https://hooks.example/ x", "https://hooks.example/\r\nX: 1", "",
        "https://hooks.example:99999/", "gopher://x/", "//hooks.example/",
    ],
)  # fmt: skip
def test_what_is_no_address_to_send_to_is_refused(url):
    with pytest.raises(ConfigError, match="cannot send"):
        checked_url(url, private=False)


def test_the_network_s_own_addresses_need_a_word():
    assert checked_url("http://127.0.0.1:9/x", private=True)
    with pytest.raises(ConfigError, match="--webhook-private"):
        checked_url("http://127.0.0.1:9/x", private=False)


def test_the_secret_is_made_once_and_is_nobody_else_s(tmp_path):
    file = tmp_path / "deep" / "secret"
    secret, made = read_secret(file)
    assert made
    assert len(secret) >= 40
    assert file.stat().st_mode & 0o077 == 0
    assert read_secret(file) == (secret, False)
    file.write_text("short", encoding="utf-8")
    with pytest.raises(ConfigError, match="no secret"):
        read_secret(file)


def test_hooks_need_a_secret(folder):
    from earful.serve.start import serve

    with pytest.raises(ConfigError, match="--webhook-secret"):
        serve([folder], webhooks=["https://hooks.example/"])


def test_a_server_looks_by_itself(house, receiver, tmp_path):
    hooks = hooks_of(house, receiver, tmp_path, look=0.05)
    hooks.start()
    for _ in range(200):
        if receiver.got:
            break
        threading.Event().wait(0.05)
    hooks.close()
    assert len(receiver.got) == 1
