"""Alerts sent on: each once to every address, signed, tried again where it did not arrive."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from earful import __version__
from earful.errors import ConfigError, EarfulError
from earful.runs.files import write_private
from earful.serve.alerts import alerts
from earful.serve.audit import Audit
from earful.serve.house import House
from earful.serve.outgoing import NotSent, checked_url, post

__all__ = ["Hooks", "Webhooks", "read_secret", "signature"]

_log = logging.getLogger("earful.serve")

#: Seconds before each try of a message, between looks at the runs, and after a message that never arrived.
_TRIES, _LOOK, _LATER = (0.0, 2.0, 15.0, 60.0), 30.0, 600.0
#: Ids that are remembered of an address.
_KEPT = 5_000

Send = Callable[..., int]


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where alerts go.

    Attributes
    ----------
    urls
        The addresses.
    secret
        What messages are signed with.
    private
        Whether addresses may be of this network, and without TLS.
    sent
        The file that says what was sent already.
    base
        The address that people reach this server at, put before the addresses in messages.
    """

    urls: tuple[str, ...]
    secret: str
    sent: Path
    private: bool = False
    base: str = ""

    def __post_init__(self) -> None:
        for url in self.urls:
            checked_url(url, self.private)


def signature(secret: str, moment: str, body: bytes) -> str:
    """Sign a message: HMAC-SHA-256 over its moment, a point, and its bytes."""
    return "v1=" + hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def read_secret(path: Path) -> tuple[str, bool]:
    """Read what messages are signed with, or make it; give whether it was made now.

    Raises
    ------
    ConfigError
        The file holds none.
    """
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32) + "\n")
        return path.read_text(encoding="utf-8").strip(), True
    found = path.read_text(encoding="utf-8").strip()
    if len(found) < 16 or not found.isprintable():
        raise ConfigError("holds no secret", where=str(path), allowed="16 characters or more, in one line")
    return found, False


@dataclass
class Webhooks:
    """Looks at the runs now and then, and sends the alerts that were not sent yet.

    Attributes
    ----------
    house
        The runs.
    hooks
        Where alerts go.
    audit
        Where it is noted what was sent.
    send
        What sends a message.
    tries, look
        Seconds before each try, and between looks at the runs.
    """

    house: House
    hooks: Hooks
    audit: Audit
    send: Send = post
    tries: Sequence[float] = _TRIES
    look: float = _LOOK

    _seen: dict[str, str] = field(default_factory=dict)
    _later: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="earful-webhooks", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Stop; a message on its way is not waited for."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.is_set():
            for name in self.house.names():
                try:
                    self.check(name)
                except EarfulError:
                    continue  # a run that is being changed has its turn later
                except Exception:
                    # One run that cannot be looked at must not keep the others from being heard of.
                    _log.exception("alerts of %s", name)
            self._over.wait(self.look)

    def check(self, name: str) -> int:
        """Send what is new of a run, and give how many messages arrived."""
        served = self.house.get(name)
        if self._seen.get(name) == served.stamp or time.monotonic() < self._later.get(name, 0.0):
            return 0
        found, sent, arrived, whole = alerts(served), self._read(), 0, True
        for url in self.hooks.urls:
            known = sent.setdefault(_key(url, name), [])
            new = [one for one in found if one["id"] not in known]
            if not new:
                continue
            if self._send(url, name, new):
                known.extend(one["id"] for one in new)
                del known[:-_KEPT]
                write_private(self.hooks.sent, json.dumps(sent) + "\n")
                arrived += 1
            else:
                whole = False
        if whole:
            self._seen[name] = served.stamp
        else:
            self._later[name] = time.monotonic() + _LATER
        return arrived

    def _send(self, url: str, run: str, found: list[dict[str, Any]]) -> bool:
        """Send one message, as often as it takes; say whether it arrived."""
        base = self.hooks.base.rstrip("/")
        told = [one | {"url": base + one["address"]} for one in found] if base else found
        message = {"event": "alerts", "run": run, "alerts": told}
        body = json.dumps(message, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        delivery, why = secrets.token_hex(12), ""
        for wait in self.tries:
            if self._over.wait(wait):
                return False
            moment = datetime.now(UTC).isoformat(timespec="seconds")
            headers = {
                "content-type": "application/json",
                "user-agent": f"earful/{__version__}",
                "earful-delivery": delivery,
                "earful-timestamp": moment,
                "earful-signature": signature(self.hooks.secret, moment, body),
            }
            try:
                status = self.send(url, body, headers, private=self.hooks.private)
            except NotSent as error:
                why = error.what
                if error.fatal:
                    break
                continue
            if 200 <= status < 300:
                self.audit.note("earful", "send alerts", run=run, to=_shown(url), alerts=len(found))
                return True
            why = f"answered with {status}"
            if status == 410:
                break
        self.audit.note("earful", "alerts not sent", run=run, to=_shown(url), why=why)
        return False

    def _read(self) -> dict[str, list[str]]:
        try:
            found = json.loads(self.hooks.sent.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _key(url: str, run: str) -> str:
    return hashlib.sha256(f"{url}\0{run}".encode()).hexdigest()[:24]


def _shown(url: str) -> str:
    """Give an address without what may be a secret in it: its path and what follows."""
    from urllib.parse import urlsplit

    return urlsplit(url).netloc
