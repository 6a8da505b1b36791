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
    from earful.serve.house import House

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

        from earful.serve.access import LOOPBACK, Access, read_token, read_users
        from earful.serve.app import make_app
        from earful.serve.desk import Desk
        from earful.serve.house import House
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] == "earful":
            raise
        raise ConfigError(
            f"needs a package that is not here ({error.name})", fix="pip install 'earful[serve]'"
        ) from None
    if host not in LOOPBACK and token_file is None and users is None:
        raise ConfigError(
            f"host {host} can be reached by other machines",
            where="--host",
            fix="say who may come in: --token-file FILE or --users FILE",
        )
    access = Access()
    if users is not None:
        access = Access(users=read_users(users))
    elif token_file is not None:
        known, fresh = read_token(token_file)
        access = Access(token=known)
        if fresh is not None:
            told(f"The token, shown this once: {fresh}")
    seen: set[tuple[str, int]] = set()

    def indexing(name: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if total > 20_000 and (name, tenth) not in seen:
            seen.add((name, tenth))
            told(f"{name}: making the search index, {done:,} of {total:,} reviews")

    house = House([Path(run) for run in runs], new, indexing)
    if not house.names() and new is None:
        raise ConfigError("has no run to serve", fix="name one, or a folder for new ones: --new FOLDER")
    desk = Desk(house, access, host, model=model)
    app = make_app(desk)
    shown = f"[{host}]" if ":" in host else host
    told(f"Earful is at http://{shown}:{port}/ (stop it with Ctrl-C)")
    threading.Thread(target=lambda: _warm(house), name="earful-warm", daemon=True).start()
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


def _warm(house: House) -> None:
    """Work out the first page of each run, so that nobody waits for it."""
    from earful.serve.views.overview import warm

    for name in house.names():
        with contextlib.suppress(EarfulError):  # who asks for it is told
            warm(house.get(name))
