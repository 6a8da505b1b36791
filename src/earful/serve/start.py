"""Starting a server: settings checked, the door chosen, runs opened."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earful.errors import ConfigError, EarfulError

if TYPE_CHECKING:
    from earful.serve.access import Access
    from earful.serve.house import House
    from earful.serve.oidc import Provider
    from earful.serve.webhooks import Hooks

__all__ = ["serve"]


def serve(
    runs: Sequence[Path],
    *,
    host: str = "127.0.0.1",
    port: int = 8350,
    new: Path | None = None,
    token_file: Path | None = None,
    users: Path | None = None,
    model: str | None = None,
    oidc: Path | None = None,
    public: str = "",
    webhooks: Sequence[str] = (),
    webhook_secret: Path | None = None,
    webhook_private: bool = False,
    lang: str = "",
    told: Callable[[str], Any] = lambda line: None,
) -> None:
    """Serve runs until interrupted.

    Parameters
    ----------
    runs
        Their folders.
    host, port
        Where to listen. A host that other machines can reach needs a token or users.
    new
        Where runs made in the browser are written; those that are finished there are served too.
    token_file
        Holds the hash of the token that is asked for; made, and the token told once, where it is not there.
    users
        A file of users, as ``--add-user`` writes it.
    model
        The sentiment model that texts of callers are scored with.
    oidc
        A file that names an OpenID provider and whom of its people it lets in.
    public
        The address that people reach the server at, where a server that speaks TLS stands before it.
    webhooks
        Addresses that alerts are sent to.
    webhook_secret
        Holds what they are signed with; made, and told once, where it is not there.
    webhook_private
        Whether those addresses may be of this network, and without TLS.
    lang
        One of :data:`~earful.pages.words.LANGUAGES`, for readers who chose none; empty to go by their
        browsers.
    told
        Is told what the person at the terminal should know, line by line.

    Raises
    ------
    RunError
        A folder is not a finished run.
    ConfigError
        The host needs a token or users, or the part that serves is not installed.
    """
    try:
        import uvicorn

        from earful.pages.making import language_of
        from earful.serve.app import make_app
        from earful.serve.desk import Desk
        from earful.serve.house import House
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] == "earful":
            raise
        raise ConfigError(
            f"needs a package that is not here ({error.name})", fix="pip install 'earful[serve]'"
        ) from None
    lang = lang and language_of({}, lang)
    provider = _provider(oidc, public) if oidc is not None else None
    access = _access(host, public, token_file, users, provider, told)
    seen: set[tuple[str, int]] = set()

    def indexing(name: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if total > 20_000 and (name, tenth) not in seen:
            seen.add((name, tenth))
            told(f"{name}: making the search index, {done:,} of {total:,} reviews")

    house = House([Path(run) for run in runs], new, indexing)
    if not house.names() and new is None:
        raise ConfigError("has no run to serve", fix="name one, or a folder for new ones: --new FOLDER")
    hooks = _hooks(webhooks, webhook_secret, webhook_private, public, told)
    desk = Desk(house, access, host, model=model, provider=provider, hooks=hooks, public=public, lang=lang)
    app = make_app(desk)
    shown = f"[{host}]" if ":" in host else host
    told(f"Earful is at http://{shown}:{port}/ (stop it with Ctrl-C)")
    if desk.webhooks is not None:
        desk.webhooks.start()
    threading.Thread(target=lambda: _warm(house, lang), name="earful-warm", daemon=True).start()
    logging.basicConfig(format="%(levelname)s %(message)s")
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=15,
        limit_concurrency=200,
        h11_max_incomplete_event_size=32_768,
        ws="none",
    )


def _access(
    host: str,
    public: str,
    token_file: Path | None,
    users: Path | None,
    provider: Provider | None,
    told: Callable[[str], Any],
) -> Access:
    """Make the door: none on this machine alone, one where others can come."""
    from earful.serve.access import LOOPBACK, Access, read_token, read_users

    reached = host not in LOOPBACK or bool(public)
    if reached and token_file is None and users is None and provider is None:
        raise ConfigError(
            f"{public or host} can be reached by other machines",
            where="--public" if public else "--host",
            fix="say who may come in: --token-file FILE, --users FILE or --oidc FILE",
        )
    access = Access(elsewhere=provider is not None)
    if users is not None:
        access.users = read_users(users)
    elif token_file is not None:
        access.token, fresh = read_token(token_file)
        if fresh is not None:
            told(f"The token, shown this once: {fresh}")
    return access


def _provider(file: Path, public: str) -> Provider:
    from importlib.util import find_spec

    from earful.serve.oidc import read_provider

    if lacking := [name for name in ("authlib", "joserfc", "httpx2") if find_spec(name) is None]:
        raise ConfigError(
            f"needs a package that is not here ({lacking[0]})",
            where="--oidc",
            fix="pip install 'earful[oidc]'",
        )
    return read_provider(file, public)


def _hooks(
    urls: Sequence[str], secret: Path | None, private: bool, public: str, told: Callable[[str], Any]
) -> Hooks | None:
    from earful.serve.webhooks import Hooks, read_secret

    if not urls:
        return None
    if secret is None:
        raise ConfigError(
            "needs a secret that messages are signed with",
            where="--webhook",
            fix="name its file, which is made where it is not there: --webhook-secret FILE",
        )
    known, made = read_secret(secret)
    if made:
        told(f"The secret that messages are signed with, shown this once: {known}")
    return Hooks(tuple(urls), known, secret.with_name(secret.name + ".sent"), private, public)


def _warm(house: House, lang: str) -> None:
    """Work out the first page of each run, so that nobody waits for it."""
    from earful.pages.words import speaking
    from earful.serve.frame import templates
    from earful.serve.views.overview import warm

    pages = templates()
    for name in pages.list_templates(extensions=["j2"]):
        pages.get_template(name)
    for name in house.names():
        # Who asks for it is told.
        with contextlib.suppress(EarfulError), speaking(lang or "en"):
            warm(house.get(name))
