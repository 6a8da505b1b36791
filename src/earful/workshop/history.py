"""The workshop: change a taxonomy file, keep its history, undo, and bring finished runs up to date.

The history stands beside the file, one JSON line a change, and is only ever added to: ``themes.toml`` has
``themes.toml.history.jsonl``. Both belong under version control.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from earful.errors import TaxonomyError
from earful.pipeline import Batch, Stage, run_stages
from earful.runs.parts import whole
from earful.schema import INPUT, MENTIONS, conform
from earful.themes.taxonomy import Taxonomy, load_taxonomy, parse_taxonomy
from earful.workshop.changes import Change, change_taxonomy, to_record

__all__ = ["Version", "change_file", "copy_taxonomy", "history", "rematch", "undo"]

_BATCH = 512
_SCORES = ("p_negative", "p_neutral", "p_positive", "score")


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
    _write_whole(path, taxonomy.to_toml())
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
    standing: list[Version] = []
    for version in history(file):
        if version.change["kind"] == "undo":
            standing.pop()
        else:
            standing.append(version)
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


def rematch(
    reviews: pa.Table, segments: pa.Table, taxonomy: Taxonomy, embeddings: pa.Table | None = None
) -> pa.Table:
    """Find the themes of a taxonomy in the texts of a finished run, without running the models again.

    Parameters
    ----------
    reviews
        ``row``, ``text`` and ``lang`` of a run.
    segments
        ``row``, ``segment`` and the polarity columns of the same run.
    taxonomy
        The themes to look for.
    embeddings
        The same run's vectors, as ``schema.EMBEDDINGS``. Where it has none and a theme is to be found by
        meaning, they are made anew.

    Returns
    -------
    pyarrow.Table
        As ``schema.MENTIONS``: what a run with this taxonomy would have found.

    Raises
    ------
    ValueError
        The segments are not those of the texts: the run was made by another version.
    """
    from earful.text.normalise import Normalise
    from earful.text.segment import Segment
    from earful.themes.stage import Themes

    normalise, segment, themes = Normalise(), Segment(), Themes(taxonomy)
    scores = segments.select(["row", "segment", *_SCORES]).to_pandas()
    embed = _Kept(embeddings) if embeddings is not None and embeddings.num_rows else _embedding(taxonomy)
    found = []
    for start in range(0, reviews.num_rows, _BATCH):
        part = reviews.slice(start, _BATCH)
        batch = Batch(reviews=conform(part, INPUT).append_column("lang", part.column("lang")))
        batch = run_stages(batch, [normalise, segment])
        assert batch.segments is not None
        joined = (
            batch.segments.select(["row", "segment"])
            .to_pandas()
            .merge(scores, how="left", on=["row", "segment"])
        )
        if joined["score"].isna().any() and not scores["score"].isna().any():
            raise ValueError("the run's segments are not those of its texts; it was made by another version")
        columns = {name: pa.array(joined[name], from_pandas=True, type=pa.float64()) for name in _SCORES}
        stages: list[Stage] = [embed, themes] if embed else [themes]
        mentions = run_stages(batch.with_segments(**columns), stages).mentions
        found.append(mentions)
    return pa.concat_tables([MENTIONS.empty_table(), *found])


class _Kept:
    """Stands in for the embedding stage with the vectors that a run kept, given out in order."""

    name = "embedding"
    requires: tuple[str, ...] = ("segments",)
    adds: tuple[str, ...] = ("embeddings",)

    def __init__(self, embeddings: pa.Table) -> None:
        self._left = embeddings

    def __call__(self, batch: Batch) -> Batch:
        assert batch.segments is not None
        part = self._left.slice(0, batch.segments.num_rows)
        self._left = self._left.slice(batch.segments.num_rows)
        for name in ("row", "segment"):
            if part.column(name).to_pylist() != batch.segments.column(name).to_pylist():
                raise ValueError(
                    "the run's vectors are not those of its texts; it was made by another version"
                )
        return replace(batch, embeddings=part)


def _embedding(taxonomy: Taxonomy) -> Stage | None:
    from earful.encoder import load_encoder
    from earful.themes.embedding import Embedding
    from earful.themes.semantic import needs_vectors

    return Embedding(load_encoder()) if needs_vectors(taxonomy) else None


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
    _write_whole(file, new)
    return after


def _history_of(file: Path) -> Path:
    return file.with_name(file.name + ".history.jsonl")


def _write_whole(path: Path, text: str) -> None:
    with whole(path) as target:
        target.write_text(text, encoding="utf-8")
