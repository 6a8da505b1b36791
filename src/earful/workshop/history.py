"""The workshop: change a taxonomy file, keep its history, undo, and bring finished runs up to date.

The history stands beside the file, one JSON line a change, and is only ever added to: ``themes.toml`` has
``themes.toml.history.jsonl``. Both belong under version control.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earful.errors import TaxonomyError
from earful.runs.files import write_text
from earful.themes.taxonomy import Taxonomy, load_taxonomy, parse_taxonomy
from earful.workshop.changes import Change, Move, change_taxonomy, to_record

__all__ = ["Version", "change_file", "copy_taxonomy", "history", "moved_ids", "undo"]


@dataclass(frozen=True, slots=True)
class Version:
    """One line of a history: what was done, and the file before it.

    Attributes
    ----------
    number
        From 1.
    change
        ``kind`` (rename, move, merge, split, undo) and what it was done to.
    before, after
        Checksums of the taxonomy.
    text
        The file before the change, whole.
    """

    number: int
    change: dict[str, Any]
    before: str
    after: str
    text: str


def copy_taxonomy(name_or_path: str | Path, target: str | Path) -> Taxonomy:
    """Write a taxonomy, built in or not, as one file of your own to change.

    Raises
    ------
    TaxonomyError
        There is no such taxonomy, or the target is there already.
    """
    path = Path(target)
    if path.exists():
        raise TaxonomyError("is there already", where=str(path), fix="name another file")
    taxonomy = load_taxonomy(name_or_path)
    write_text(path, taxonomy.to_toml())
    return load_taxonomy(path)


def change_file(path: str | Path, change: Change) -> Taxonomy:
    """Change a taxonomy file and note the change in its history. Comments in the file are not kept.

    Raises
    ------
    TaxonomyError
        The taxonomy is not a single file of yours, or the change cannot be made; nothing is written then.
    """
    file, taxonomy, text = _own_file(path)
    after = change_taxonomy(taxonomy, change).to_toml()
    return _write(file, taxonomy, text, after, to_record(change))


def undo(path: str | Path) -> Taxonomy:
    """Take back the last change that still stands; the undoing is noted in the history too.

    Raises
    ------
    TaxonomyError
        There is nothing to take back, or the file was changed by hand since.
    """
    file, taxonomy, text = _own_file(path)
    standing = _standing(history(file))
    if not standing:
        raise TaxonomyError("there is no change to take back", where=str(file))
    last = standing[-1]
    if history(file)[-1].after != taxonomy.checksum:
        raise TaxonomyError(
            "was changed by hand since the last change", where=str(file), fix="undo that first"
        )
    return _write(file, taxonomy, text, last.text, {"kind": "undo", "of": last.number})


def history(path: str | Path) -> list[Version]:
    """Return the changes made to a taxonomy file, the oldest first.

    Raises
    ------
    TaxonomyError
        The history is damaged.
    """
    file = _history_of(Path(path))
    if not file.exists():
        return []
    try:
        return [Version(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines() if line]
    except (json.JSONDecodeError, TypeError, UnicodeDecodeError):
        raise TaxonomyError(
            "history is damaged", where=str(file), fix="restore it from version control"
        ) from None


def moved_ids(path: str | Path, since: str) -> dict[str, str]:
    """Give the ids that themes were renamed, moved or merged away from, and what they are called now.

    Parameters
    ----------
    path
        A taxonomy file of yours.
    since
        Checksum of the taxonomy that the ids are of; where the history does not know it, all of it counts.
    """
    versions = history(path)
    first = next((at for at, version in enumerate(versions) if version.before == since), 0)
    now: dict[str, str] = {}
    for version in _standing(versions[first:]):
        step = _renamed(version.change)
        now = step | {old: step.get(new, new) for old, new in now.items()}
    return now


def _renamed(change: dict[str, Any]) -> dict[str, str]:
    """Give the old ids of a change and the new one of each."""
    kind = change["kind"]
    if kind == "rename":
        return {change["theme"]: change["to"]} if change.get("to") else {}
    if kind == "move":
        return {change["theme"]: Move(change["theme"], change["touchpoint"]).as_rename().to or ""}
    return dict.fromkeys(change["themes"], change["into"]) if kind == "merge" else {}


def _standing(versions: list[Version]) -> list[Version]:
    """Leave out the changes that were taken back."""
    standing: list[Version] = []
    for version in versions:
        if version.change["kind"] != "undo":
            standing.append(version)
        elif standing:
            standing.pop()
    return standing


def _own_file(path: str | Path) -> tuple[Path, Taxonomy, str]:
    file = Path(path)
    if not file.is_file():
        raise TaxonomyError(
            "is not a taxonomy file of yours",
            where=str(path),
            fix="copy one first: earful themes copy cx my.toml",
        )
    taxonomy = load_taxonomy(file)
    return file, taxonomy, file.read_text(encoding="utf-8-sig")


def _write(file: Path, before: Taxonomy, old: str, new: str, change: dict[str, Any]) -> Taxonomy:
    after = parse_taxonomy([(str(file), new)], name=file.stem, source=str(file))
    version = {
        "number": len(history(file)) + 1,
        "change": change,
        "before": before.checksum,
        "after": after.checksum,
        "text": old,
    }
    with _history_of(file).open("a", encoding="utf-8") as out:
        out.write(json.dumps(version, ensure_ascii=False) + "\n")
    write_text(file, new)
    return after


def _history_of(file: Path) -> Path:
    return file.with_name(file.name + ".history.jsonl")
