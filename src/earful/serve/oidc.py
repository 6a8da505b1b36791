"""Coming in with an account of elsewhere: OpenID Connect, the authorization code with PKCE.

The provider says who somebody is; who of them may look and who may change things stands in a file here.
"""

from __future__ import annotations

import fnmatch
import hmac
import secrets
import threading
import time
import tomllib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from earful.errors import ConfigError, EarfulError
from earful.serve.access import LOOPBACK, Person, Role

__all__ = ["CALLBACK", "Provider", "Refused", "read_provider"]

#: Where the provider sends people back to.
CALLBACK = "/login/oidc/back"
#: Seconds that somebody has for it, how many may be under way, and seconds that an answer is waited for.
_SPAN, _MOST, _WAIT = 600.0, 1_000, 10.0
#: Signatures that are believed: none that the client's own secret could make.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_KEYS_KEPT = 300.0

_Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Refused(EarfulError):  # noqa: N818 - it reads as what it says
    """Somebody does not come in this way."""


class Settings(BaseModel):
    """The file that ``--oidc`` names.

    ``viewers`` and ``editors`` are patterns of ``claim``, such as ``ann@example.com`` or ``*@example.com``.
    """

    model_config = ConfigDict(extra="forbid")

    issuer: _Text
    client_id: _Text
    client_secret_file: str = ""
    claim: _Text = "email"
    viewers: list[_Text] = []
    editors: list[_Text] = []
    scope: _Text = "openid email"


@dataclass(slots=True)
class _Begun:
    """Somebody on their way to the provider and back."""

    browser: str
    nonce: str
    verifier: str
    after: str
    at: float


def read_provider(path: Path, public: str) -> Provider:
    """Read the file of a provider.

    Parameters
    ----------
    path
        A TOML file, as docs/serve.md shows it.
    public
        The address that people reach this server at: the provider sends them back to it.

    Raises
    ------
    ConfigError
        The file cannot be used, or the address is missing.
    """
    try:
        given = Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot be read ({error})", where=str(path)) from None
    except ValidationError as error:
        told = "; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors()[:5])
        raise ConfigError(told, where=str(path), allowed=", ".join(Settings.model_fields)) from None
    for name, address in (("issuer", given.issuer), ("--public", public)):
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise ConfigError(f"{name} is {address!r}", where=str(path), allowed="https://...")
    if not given.viewers and not given.editors:
        raise ConfigError(
            "lets nobody in", where=str(path), fix='say who: editors = ["ann@example.com"], viewers = [...]'
        )
    secret = ""
    if given.client_secret_file:
        at = path.parent / given.client_secret_file
        try:
            secret = at.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"cannot be read ({error.strerror})", where=str(at)) from None
    return Provider(given, secret, public.rstrip("/"))


@dataclass
class Provider:
    """An OpenID provider.

    Attributes
    ----------
    settings
        Which, and whom it lets in.
    secret
        Of this client; empty for one that has none.
    public
        The address that people reach this server at.
    """

    settings: Settings
    secret: str
    public: str
    _begun: OrderedDict[str, _Begun] = field(default_factory=OrderedDict)
    _known: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Name the provider for people."""
        return urlsplit(self.settings.issuer).hostname or self.settings.issuer

    def begin(self, after: str) -> tuple[str, str]:
        """Begin: give the address to go to, and what the browser keeps until it is back.

        Raises
        ------
        Refused
            The provider does not answer.
        """
        state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        begun = _Begun(browser, secrets.token_urlsafe(32), secrets.token_urlsafe(48), after, time.monotonic())
        with self._asking() as client:
            address, _ = client.create_authorization_url(
                self._about(client)["authorization_endpoint"],
                state=state,
                nonce=begun.nonce,
                code_verifier=begun.verifier,
            )
        with self._lock:
            self._begun[state] = begun
            while len(self._begun) > _MOST:
                self._begun.popitem(last=False)
        return str(address), browser

    def finish(self, query: Mapping[str, str], browser: str) -> tuple[Person, str]:
        """Give who came back, and the page that they wanted.

        Parameters
        ----------
        query
            What the provider sent them back with.
        browser
            What the browser kept: nobody comes in with what another browser began.

        Raises
        ------
        Refused
            It is not what was begun here, or the provider's word does not hold, or they may not come in.
        """
        with self._lock:
            begun = self._begun.pop(query.get("state", ""), None)
        same = begun is not None and hmac.compare_digest(begun.browser.encode(), browser.encode())
        if begun is None or not same or time.monotonic() - begun.at > _SPAN:
            raise Refused("was not begun here, or too long ago", fix="come in again")
        if "code" not in query:
            raise Refused("was not let in by the provider")
        return self._person(self._claims(query["code"], begun)), begun.after

    def _claims(self, code: str, begun: _Begun) -> Mapping[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from joserfc import errors, jwk, jwt

        with self._asking() as client:
            about = self._about(client)
            try:
                given = client.fetch_token(
                    about["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=begun.verifier,
                )
            except (AuthlibBaseError, ValueError):
                raise Refused("was not let in by the provider") from None
            rules = jwt.JWTClaimsRegistry(
                leeway=60,
                iss={"essential": True, "value": about["issuer"]},
                aud={"essential": True, "value": self.settings.client_id},
                exp={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": begun.nonce},
            )
            try:
                keys = jwk.KeySet.import_key_set(self._keys(client, about))
                claims = jwt.decode(str(given.get("id_token") or ""), keys, algorithms=_ALGORITHMS).claims
                rules.validate(claims)
            except (errors.JoseError, ValueError, KeyError, TypeError):
                raise Refused("came with a word of the provider that does not hold") from None
        aud, party = claims["aud"], claims.get("azp")
        if isinstance(aud, list) and len(aud) > 1 and party != self.settings.client_id:
            raise Refused("came with a word that is for another")
        return claims

    def _person(self, claims: Mapping[str, Any]) -> Person:
        name = claims.get(self.settings.claim)
        # An address that the provider did not check may be anybody's.
        if not isinstance(name, str) or not 0 < len(name) <= 200 or not name.isprintable():
            raise Refused(f"has no {self.settings.claim} at the provider")
        if self.settings.claim == "email" and claims.get("email_verified") is False:
            raise Refused("has an e-mail address that the provider did not check")
        roles: tuple[tuple[Role, list[str]], ...] = (
            ("editor", self.settings.editors),
            ("viewer", self.settings.viewers),
        )
        for role, patterns in roles:
            if any(fnmatch.fnmatchcase(name.casefold(), one.casefold()) for one in patterns):
                return Person(name, role)
        raise Refused("is known, and not among those who may come in")

    def _asking(self) -> Any:
        import httpx2
        from authlib.integrations.httpx_client import OAuth2Client

        class Client(OAuth2Client):  # type: ignore[misc]
            """One that tells in our words where the provider cannot be reached."""

            def __exit__(self, kind: Any = None, error: Any = None, trace: Any = None) -> None:
                super().__exit__(kind, error, trace)
                if isinstance(error, httpx2.HTTPError | KeyError):
                    raise Refused("cannot be checked: the provider does not answer as it should") from None

        return Client(
            self.settings.client_id,
            self.secret or None,
            token_endpoint_auth_method="client_secret_basic" if self.secret else "none",
            scope=self.settings.scope,
            redirect_uri=self.public + CALLBACK,
            code_challenge_method="S256",
            timeout=_WAIT,
            follow_redirects=False,
        )

    def _about(self, client: Any) -> dict[str, Any]:
        """Give what the provider says of itself; it has to be the one that was named."""
        issuer = self.settings.issuer.rstrip("/")
        about = self._kept("about", client, f"{issuer}/.well-known/openid-configuration")
        if str(about["issuer"]).rstrip("/") != issuer:
            raise Refused("cannot be checked: the provider goes by another name")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            parts = urlsplit(str(about[name]))
            if parts.scheme != "https" and parts.hostname not in LOOPBACK:
                raise Refused("cannot be checked: the provider speaks without TLS")
        return about

    def _keys(self, client: Any, about: dict[str, Any]) -> Any:
        return self._kept("keys", client, about["jwks_uri"])

    def _kept(self, name: str, client: Any, address: str) -> dict[str, Any]:
        """Ask the provider, or give what it said a moment ago."""
        at, found = self._known.get(name, (0.0, None))
        if found is None or time.monotonic() - at > _KEYS_KEPT:
            answer = client.request("GET", address, withhold_token=True)
            answer.raise_for_status()
            try:
                found = answer.json()
            except ValueError:
                found = None
            if not isinstance(found, dict):
                raise Refused("cannot be checked: the provider does not answer as it should")
            self._known[name] = (time.monotonic(), found)
        kept: dict[str, Any] = found
        return kept
