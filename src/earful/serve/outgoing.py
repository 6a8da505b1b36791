"""Messages to addresses that somebody gave: only to machines that all the world may reach.

The name is looked up once and the connection goes to the very address that was checked, so that a name cannot
point elsewhere a moment later. No redirect is followed, and what is answered is not shown to anybody.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

from earful.errors import ConfigError, EarfulError

__all__ = ["NotSent", "checked_url", "post"]

#: Seconds for each step, and for all of it: a server that drips is not waited for.
_STEP, _WHOLE = 10.0, 25.0
#: Networks that lead on to IPv4 addresses, which would hide one of ours: NAT64, 6to4, Teredo.
_LEADING = tuple(
    ipaddress.ip_network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


class NotSent(EarfulError):  # noqa: N818 - it reads as what it says
    """A message did not arrive; ``fatal`` where trying again is no use."""

    def __init__(self, what: str, *, fatal: bool = False) -> None:
        super().__init__(what)
        self.fatal = fatal


def checked_url(url: str, private: bool) -> str:
    """Check an address that messages are to be sent to.

    Parameters
    ----------
    url
        The address.
    private
        Whether it may be of this network, and without TLS.

    Raises
    ------
    ConfigError
        It cannot be one.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    allowed = ("https", "http") if private else ("https",)
    fine = (
        parts.scheme in allowed and host and parts.username is None and url.isprintable() and " " not in url
    )
    if not fine:
        raise ConfigError(
            f"cannot send to {url[:200]!r}",
            where="--webhook",
            allowed="https://host/path" + ("; http:// too" if private else ""),
            fix="" if private else "for addresses of your own network say --webhook-private",
        )
    return url


def post(url: str, body: bytes, headers: Mapping[str, str], *, private: bool = False) -> int:
    """Send a message and give the status that it was answered with.

    Raises
    ------
    NotSent
        It did not arrive, or the address is of a network that nothing is sent to.
    """
    parts = urlsplit(url)
    assert parts.hostname is not None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _address(parts.hostname, port, private)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, parts.hostname, port, address)
    timer = threading.Timer(_WHOLE, _cut, (connection,))
    timer.daemon = True
    timer.start()
    try:
        connection.request("POST", target, body, dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotSent(f"did not arrive ({type(error).__name__})") from None
    finally:
        timer.cancel()
        connection.close()


def _address(host: str, port: int, private: bool) -> str:
    """Look a name up; all of its addresses have to be fit, lest one of them be chosen later."""
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise NotSent("the name of its host is not known") from None
    if not private and not all(map(_public, found)):
        raise NotSent("its host is of a private network; --webhook-private allows that", fatal=True)
    # IPv4 first: it is there on every machine.
    return min(found, key=lambda one: (":" in one, one))


def _public(address: str) -> bool:
    known = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            known = known.ipv4_mapped
        elif any(known in network for network in _LEADING):
            return False
    return known.is_global and not (known.is_multicast or known.is_reserved or known.is_unspecified)


def _connection(scheme: str, host: str, port: int, address: str) -> http.client.HTTPConnection:
    """Give a connection to a checked address that speaks to it by the host's name."""
    connection: http.client.HTTPConnection
    context = ssl.create_default_context() if scheme == "https" else None
    connection = http.client.HTTPConnection(host, port, timeout=_STEP)
    connection.default_port = 443 if context else 80  # else the name would go with its port
    plain = socket.create_connection

    def connect() -> None:
        try:
            sock = plain((address, port), _STEP)
        except OSError as error:
            raise NotSent(f"did not arrive ({type(error).__name__})") from None
        connection.sock = context.wrap_socket(sock, server_hostname=host) if context else sock

    connection.connect = connect  # type: ignore[method-assign]
    return connection


def _cut(connection: http.client.HTTPConnection) -> None:
    with contextlib.suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
