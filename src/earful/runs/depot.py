"""Parts in a store elsewhere (``s3://`` and the like), by fsspec: each an archive, there whole or not at all.

An object store shows an object when all of it has arrived. Elsewhere a half-written archive may stand there;
what a part's receipt says of its files tells it.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earful.errors import RunError
from earful.runs.parts import Parts, Receipt, seal
from earful.runs.run import PLAN

__all__ = ["Depot", "SentParts"]

_PART = re.compile(r"(\d{8,})\.zip")
#: What a part's files are called.
_FILE = re.compile(r"[a-z]+\.[a-z]+")


class Depot:
    """A place in a store that is one unfinished run's; nothing but its plan and its parts is touched there.

    Parameters
    ----------
    url
        Where, such as ``s3://bucket/parts``; a bucket, or a folder of a disk, must exist.
    shown
        The same for messages, without keys.

    Raises
    ------
    RunError
        A package is missing, or there is no such kind of store.
    """

    def __init__(self, url: str, shown: str) -> None:
        self.shown = shown
        with self._told():
            from fsspec.core import url_to_fs

            # Others write there: what was listed once may have changed.
            self._system, root = url_to_fs(url, use_listings_cache=False)
        self._root = root.rstrip("/")

    def plan(self) -> bytes | None:
        """Give the plan of the run whose parts are there, ``None`` where there is none.

        Raises
        ------
        RunError
            The store cannot be reached; so for all that follow.
        """
        return self._read(PLAN)

    def lay(self, plan: bytes) -> None:
        """Lay down the plan of a run, unless it is there.

        Raises
        ------
        RunError
            The parts of another run are there.
        """
        there = self.plan()
        if there is None:
            self._write(PLAN, plan)
        elif there != plan:
            raise RunError("holds the parts of another run", where=self.shown, fix="choose another --parts")

    def parts(self) -> list[int]:
        """Give the numbers of the parts that are there."""
        with self._told():
            try:
                names = self._system.ls(self._root, detail=False)
            except FileNotFoundError:
                return []
        found = (_PART.fullmatch(name.rpartition("/")[2]) for name in names)
        return sorted(int(match[1]) for match in found if match)

    def put(self, part: int, folder: Path) -> None:
        """Send a part's files."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", strict_timestamps=False) as archive:
            for path in sorted(folder.iterdir()):
                archive.write(path, path.name)
        self._write(_name(part), packed.getvalue())

    def take(self, part: int, folder: Path) -> None:
        """Bring a part's files into a folder; those of a damaged archive as far as they can be read."""
        packed = self._read(_name(part))
        try:
            with zipfile.ZipFile(io.BytesIO(packed or b"")) as archive:
                # Names from elsewhere are never paths here.
                for name in filter(_FILE.fullmatch, archive.namelist()):
                    (folder / name).write_bytes(archive.read(name))
        except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError):
            return

    def remove(self, part: int) -> None:
        """Remove a part."""
        self._remove(_name(part))

    def drop(self) -> None:
        """Remove the plan and the parts."""
        # First what says that there is something to go on with.
        self._remove(PLAN)
        for part in self.parts():
            self.remove(part)

    def _read(self, name: str) -> bytes | None:
        with self._told():
            try:
                found: bytes = self._system.cat_file(f"{self._root}/{name}")
            except FileNotFoundError:
                return None
        return found

    def _write(self, name: str, data: bytes) -> None:
        with self._told():
            self._system.pipe_file(f"{self._root}/{name}", data)

    def _remove(self, name: str) -> None:
        with self._told():
            try:
                self._system.rm_file(f"{self._root}/{name}")
            except FileNotFoundError:
                return

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell in one line why the store does not do what it should."""
        try:
            yield
        except ImportError as error:
            fix = "pip install 'earful[lakes]'"
            raise RunError(f"needs a package ({error})", where=self.shown, fix=fix) from None
        except Exception as error:  # each kind of store has errors of its own
            said = " ".join(str(error).split())[:200] or type(error).__name__
            raise RunError(
                f"cannot be used ({said})",
                where=self.shown,
                fix="check --parts and your access to it, then repeat the command with --resume",
            ) from None


class SentParts(Parts):
    """Parts that are made on a machine that does not see the run folder: each is sent to a depot."""

    @staticmethod
    def of(parts: Parts) -> Parts:
        """Give what makes these parts on another machine."""
        return parts if parts.depot is None else SentParts(parts.run, parts.fields, parts.depot)

    def is_planned(self, plan: bytes) -> bool:
        """Say whether the depot is that of the run with this plan."""
        assert self.depot is not None
        return self.depot.plan() == plan

    @contextmanager
    def adding(self, receipt: Receipt) -> Iterator[Path]:
        """Give a folder to write a part's files into; at the end it is sent with its receipt."""
        assert self.depot is not None
        with tempfile.TemporaryDirectory(prefix="earful-") as made:
            folder = Path(made)
            yield folder
            seal(folder, receipt)
            self.depot.put(receipt.part, folder)


def _name(part: int) -> str:
    return f"{part:08d}.zip"
