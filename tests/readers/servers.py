"""The server that tests start themselves, on loopback: PostgreSQL of the system's packages."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

#: Where Debian keeps the programs of each version.
_HOMES = "/usr/lib/postgresql"
PASSWORD = "top secret@/:&"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def postgres_programs() -> Path | None:
    """Where initdb and pg_ctl are, the newest version first; None where they are not installed."""
    versions = Path(_HOMES).glob("*/bin/initdb")
    newest = sorted(versions, key=lambda path: float(path.parent.parent.name), reverse=True)
    found = shutil.which("initdb")
    return next((path.parent for path in [*newest, *([Path(found)] if found else [])]), None)


@contextlib.contextmanager
def postgres():
    """Run a server with a data folder of its own; give host, port, user and database as a dictionary."""
    programs = postgres_programs()
    assert programs is not None
    with tempfile.TemporaryDirectory(prefix="earful-postgres-") as folder:
        # The server does not run as root.
        other = {"user": "postgres"} if os.geteuid() == 0 else {}
        if other:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        secret = Path(folder) / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        data, port = f"{folder}/data", free_port()
        quiet = {"cwd": folder, "check": True, "stdout": subprocess.DEVNULL, **other}
        made = ["-D", data, "-U", "earful", "-A", "scram-sha-256", "--pwfile", str(secret), "--no-sync"]
        subprocess.run([programs / "initdb", *made, "-E", "UTF8", "--locale=C.UTF-8"], **quiet)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        control = [programs / "pg_ctl", "-D", data, "-w", "-l", f"{folder}/log"]
        subprocess.run([*control, "-o", options, "start"], **quiet)
        try:
            yield {"host": "127.0.0.1", "port": port, "user": "earful", "dbname": "postgres"}
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
