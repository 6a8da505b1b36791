"""Files that come over the network: kept under a name of ours, and looked at before anything unpacks them."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from earful.errors import InputError, RunError
from earful.runs.files import write_json
from earful.serve.jobs import Jobs
from earful.serve.policy import Limits

__all__ = ["Upload", "checked", "keep", "kept"]

_KEPT = "upload.json"
_CHUNK = 1 << 20
#: Parts of a packed file.
_PARTS = 20_000
_ENDINGS = re.compile(
    r"\.(csv|tsv|txt|tab|jsonl|ndjson|json|parquet|xlsx|xlsm|xlsb|xls|ods|html|htm)(\.gz)?$", re.IGNORECASE
)
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file: the id of its folder, where it lies, and what its sender called it."""

    id: str
    path: Path
    name: str


def keep(jobs: Jobs, stream: IO[bytes], name: str, limits: Limits) -> Upload:
    """Keep a file under its name's letters, in a folder of its own.

    Raises
    ------
    InputError
        Its ending is none that is read, it is empty, or it unpacks to more than may be.
    """
    shown = name.replace("\\", "/").rpartition("/")[2][:120].strip() or "upload"
    ending = _ENDINGS.search(shown)
    if ending is None:
        raise InputError(
            f"cannot be read by its ending: {shown!r}",
            allowed=".csv, .tsv, .txt, .jsonl, .json, .parquet, .xlsx, .xls, .ods, and .gz of those",
        )
    stem = re.sub(r"[^\w.-]+", "-", shown[: ending.start()]).strip("-.") or "upload"
    upload_id = jobs.new_id()
    path = jobs.work / upload_id / f"{stem[:80]}{ending.group().lower()}"
    size = 0
    with path.open("xb") as out:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limits.upload:
                break
            out.write(chunk)
    try:
        if not 0 < size <= limits.upload:
            raise InputError(
                "is empty" if not size else f"is larger than {limits.upload:,} bytes", where=shown
            )
        checked(path, limits.unpacked, shown)
    except InputError:
        path.unlink()
        path.parent.rmdir()
        raise
    write_json(path.parent / _KEPT, {"file": path.name, "name": shown})
    return Upload(upload_id, path, shown)


def kept(jobs: Jobs, upload_id: str) -> Upload:
    """Give an upload by its id.

    Raises
    ------
    RunError
        There is none.
    """
    folder = jobs.work / upload_id
    if not re.fullmatch(r"[0-9a-f]{16}", upload_id) or not (folder / _KEPT).is_file():
        raise RunError("is no upload; it may have been taken away")
    told: dict[str, Any] = json.loads((folder / _KEPT).read_text(encoding="utf-8"))
    return Upload(upload_id, folder / told["file"], told["name"])


def checked(path: Path, most: int, name: str) -> None:
    """Check that a packed file does not unpack to more than may be; what it says of itself is not believed.

    Raises
    ------
    InputError
        It does, or it is damaged.
    """
    with path.open("rb") as file:
        begin = file.read(4)
    too_large = InputError(f"unpacks to more than {most:,} bytes", where=name, fix="upload a part of it")
    if begin[:2] == _GZIP:
        if _gunzipped(path, most) > most:
            raise too_large
    elif begin == _ZIP:
        try:
            unpacked = _unzipped(path, most)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
            raise InputError("is damaged, or locked with a password", where=name) from None
        if unpacked > most:
            raise too_large


def _gunzipped(path: Path, most: int) -> int:
    """Count what a gzip file unpacks to, as far as ``most``; damage in it is the reader's to tell."""
    total, inflate = 0, zlib.decompressobj(wbits=31)
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            while data and total <= most:
                try:
                    total += len(inflate.decompress(data, _CHUNK))
                except zlib.error:
                    return total
                data = inflate.unused_data.lstrip(b"\0") or inflate.unconsumed_tail
                if inflate.eof:
                    inflate = zlib.decompressobj(wbits=31)
    return total


def _unzipped(path: Path, most: int) -> int:
    total = 0
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > _PARTS:
            return most + 1
        for part in parts:
            with archive.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    total += len(chunk)
                    if total > most:
                        return total
    return total
