"""Model folders: settings in ``config.json``, files beside it, and the checksums that say they are whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earful.errors import ModelError

__all__ = ["Folder"]

_CONFIG = "config.json"
_SUMS = "SHA256SUMS"
_UNSUMMED = {_SUMS, "README.md", "metrics.json"}
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Folder:
    """A model folder whose files have been checked.

    Attributes
    ----------
    path
        Where it lies.
    config
        Its settings: ``kind``, ``name`` and what that kind needs.
    checksum
        SHA-256 over the list of the files' own checksums: one word that names these weights.
    """

    path: Path
    config: Mapping[str, Any]
    checksum: str

    @classmethod
    def open(cls, path: Path) -> Folder:
        """Read a model folder and check every file against its checksum.

        Raises
        ------
        ModelError
            A file is missing, damaged or of a later format.
        """
        sums = _read(path / _SUMS)
        for name, expected in _parse_sums(sums, path).items():
            got = _sha256(path / name)
            if got != expected:
                raise ModelError(
                    f"file is damaged: its SHA-256 is {got[:12]}…",
                    where=str(path / name),
                    allowed=f"{expected[:12]}…",
                    fix="install the package or fetch the model folder again",
                )
        try:
            config = json.loads(_read(path / _CONFIG))
        except json.JSONDecodeError as error:
            raise ModelError(f"is not JSON ({error})", where=str(path / _CONFIG)) from None
        if config.get("format") != _FORMAT:
            raise ModelError(
                f"model format {config.get('format')!r} is not known",
                where=str(path / _CONFIG),
                allowed=str(_FORMAT),
            )
        return cls(path, config, hashlib.sha256(sums).hexdigest())

    @classmethod
    def is_one(cls, path: Path) -> bool:
        """Say whether a folder is one of our models: it carries its checksums."""
        return (path / _SUMS).is_file()

    @classmethod
    def kind_of(cls, path: Path) -> str | None:
        """Say what kind of model a folder claims to be, unchecked; ``None`` where it is none of ours."""
        try:
            kind = json.loads((path / _CONFIG).read_bytes()).get("kind") if cls.is_one(path) else None
        except (OSError, ValueError, AttributeError):
            return None
        return kind if isinstance(kind, str) else None

    @classmethod
    def write(cls, path: Path, config: Mapping[str, Any]) -> None:
        """Write the settings, then the checksums of every file in the folder but cards and metrics."""
        text = json.dumps({"format": _FORMAT, **config}, indent=2, ensure_ascii=False, sort_keys=True)
        (path / _CONFIG).write_text(text + "\n", encoding="utf-8")
        names = sorted(p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file())
        lines = [f"{_sha256(path / name)}  {name}\n" for name in names if name not in _UNSUMMED]
        (path / _SUMS).write_text("".join(lines), encoding="utf-8")

    def read(self, name: str) -> bytes:
        """Read one of the folder's files whole."""
        return _read(self.path / name)


def _parse_sums(sums: bytes, path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in sums.decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name or Path(name).is_absolute() or ".." in Path(name).parts:
            raise ModelError(f"unreadable line {line[:80]!r}", where=str(path / _SUMS))
        found[name] = digest
    if _CONFIG not in found:
        raise ModelError(f"does not list {_CONFIG}", where=str(path / _SUMS))
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"cannot be read ({error.strerror})", where=str(path), fix="fetch the model folder again"
        ) from None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except OSError as error:
        raise ModelError(
            f"cannot be read ({error.strerror})", where=str(path), fix="fetch the model folder again"
        ) from None
    return digest.hexdigest()
