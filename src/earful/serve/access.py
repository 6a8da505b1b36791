"""Who may look and who may change things: nobody is asked on this machine, a token or names elsewhere."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from earful.errors import ConfigError, EarfulError
from earful.runs.files import write_private

__all__ = ["LOOPBACK", "Access", "Person", "Role", "TooManyTries", "add_user", "read_token", "read_users"]

Role = Literal["viewer", "editor"]

#: Hosts that only this machine can reach.
LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: How long a session lasts without being used, in seconds, and how many there are at once.
_IDLE, _MOST = 12 * 3600, 10_000
#: Seconds in which wrong secrets of a caller are counted.
_SPAN = 300.0
_LONGEST_SECRET = 1024


class TooManyTries(EarfulError):  # noqa: N818 - it reads as what it says
    """A caller was wrong about who they are too often."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asking; ``role`` is viewer or editor."""

    name: str
    role: Role

    @property
    def edits(self) -> bool:
        """Whether the person may change things."""
        return self.role == "editor"


@dataclass(slots=True)
class _Session:
    person: Person
    used: float


@dataclass
class Access:
    """The door.

    Attributes
    ----------
    token
        SHA-256 of the token, in hex; ``None`` where none is asked for.
    users
        Name -> role and argon2 hash; empty where nobody has a name.
    tries
        How often a caller may be wrong in five minutes.
    elsewhere
        Whether people come in with an account of elsewhere.
    """

    token: str | None = None
    users: dict[str, tuple[Role, str]] = field(default_factory=dict)
    tries: int = 10
    elsewhere: bool = False

    def __post_init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def open(self) -> bool:
        """Whether nobody is asked who they are."""
        return self.token is None and not self.users and not self.elsewhere

    def with_secret(self, name: str, secret: str, caller: str) -> Person | None:
        """Give who a token or a name with a password belongs to; ``None`` where to nobody.

        Raises
        ------
        TooManyTries
            The caller was wrong too often of late.
        """
        now = time.monotonic()
        with self._lock:
            wrong = [at for at in self._wrong.pop(caller, []) if now - at < _SPAN]
            self._wrong[caller] = wrong
            while len(self._wrong) > _MOST:
                self._wrong.popitem(last=False)
        if len(wrong) >= self.tries:
            raise TooManyTries("too many tries", fix="wait five minutes")
        person = self._known(name, secret)
        if person is None:
            wrong.append(now)
        return person

    def _known(self, name: str, secret: str) -> Person | None:
        if len(secret) > _LONGEST_SECRET:
            return None
        if self.users:
            return self._with_password(name, secret)
        if self.token is not None and hmac.compare_digest(_hashed(secret), self.token):
            return Person("token", "editor")
        return None

    def _with_password(self, name: str, password: str) -> Person | None:
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        # An unknown name takes as long as a known one.
        role, known = self.users.get(name, ("viewer", _nobody()))
        try:
            PasswordHasher().verify(known, password)
        except (VerificationError, InvalidHashError):
            return None
        return Person(name, role) if name in self.users else None

    def begin(self, person: Person) -> str:
        """Begin a session and give its id."""
        session = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions[session] = _Session(person, time.monotonic())
            while len(self._sessions) > _MOST:
                self._sessions.popitem(last=False)
        return session

    def end(self, session: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(session, None)

    def person(self, session: str) -> Person | None:
        """Give whose session it is; ``None`` where it has ended or never began."""
        if self.open:
            return Person("local", "editor")
        now = time.monotonic()
        with self._lock:
            found = self._sessions.get(session)
            if found is None:
                return None
            if now - found.used > _IDLE:
                del self._sessions[session]
                return None
            found.used = now
            self._sessions.move_to_end(session)
            return found.person

    def form_token(self, session: str) -> str:
        """Give the token that the forms of a session carry, so that no other page can send them."""
        return hmac.new(self._key, session.encode(), hashlib.sha256).hexdigest()

    def fits(self, session: str, token: str) -> bool:
        """Say whether a form came from a page of the session."""
        return bool(session) and hmac.compare_digest(self.form_token(session).encode(), token.encode())


def _hashed(secret: str) -> str:
    # A token has 256 bits of chance in it, so a fast hash keeps it as well as a slow one would.
    return hashlib.sha256(secret.encode()).hexdigest()


_nobodys: list[str] = []


def _nobody() -> str:
    """Give the hash of a password that nobody has."""
    if not _nobodys:
        from argon2 import PasswordHasher

        _nobodys.append(PasswordHasher().hash(secrets.token_urlsafe(32)))
    return _nobodys[0]


def read_token(path: Path) -> tuple[str, str | None]:
    """Read the hash of the token, or make a token and write its hash where the file is not there.

    Returns
    -------
    tuple
        The hash, and the token itself where it was made now: nobody can read it again.
    """
    if path.exists():
        kept = path.read_text(encoding="utf-8").strip()
        if len(kept) != 64 or set(kept) - set("0123456789abcdef"):
            raise ConfigError(
                "holds no hash of a token",
                where=str(path),
                allowed="64 hexadecimal digits",
                fix="name a file that is not there: a token is then made",
            )
        return kept, None
    token = secrets.token_urlsafe(32)
    write_private(path, _hashed(token) + "\n")
    return _hashed(token), token


def read_users(path: Path) -> dict[str, tuple[Role, str]]:
    """Read a file of users: a JSON object a line, with ``name``, ``role`` and ``hash``."""
    if not path.is_file():
        raise ConfigError(
            "does not exist", where=str(path), fix=f"begin it: earful serve --users {path} --add-user NAME"
        )
    users: dict[str, tuple[Role, str]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            name, role, known = given["name"], given["role"], given["hash"]
        except (ValueError, KeyError, TypeError):
            name, role, known = "", "", ""
        if role not in ("viewer", "editor") or not name or not str(known).startswith("$argon2"):
            raise ConfigError(
                f"line {number} is no user",
                where=str(path),
                allowed="lines as --add-user writes them",
                fix="take the line out",
            )
        users[str(name)] = (role, str(known))
    if not users:
        raise ConfigError("names nobody", where=str(path), fix="add somebody with --add-user NAME")
    return users


def add_user(path: Path, name: str, role: Role, password: str) -> None:
    """Put a user into a file of users, or give a known one another role and password."""
    from argon2 import PasswordHasher

    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise ConfigError(f"cannot be a name: {name[:40]!r}", allowed="1 to 100 characters that can be seen")
    if len(password) < 10 or len(password) > _LONGEST_SECRET:
        raise ConfigError("the password is too short or too long", allowed="10 to 1024 characters")
    users = read_users(path) if path.exists() else {}
    users[name] = (role, PasswordHasher().hash(password))
    lines = [
        json.dumps({"name": one, "role": kind, "hash": known}, ensure_ascii=False)
        for one, (kind, known) in users.items()
    ]
    write_private(path, "\n".join(lines) + "\n")
