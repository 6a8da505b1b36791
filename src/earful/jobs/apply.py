"""A finished run with another taxonomy: a new run folder, whose models did not run again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from earful.config import CPU, Config
from earful.errors import RunError
from earful.jobs.assembly import Assembly
from earful.jobs.corrections import read_corrections, write_corrections
from earful.jobs.overlay import overlay, uncorrected
from earful.pipeline import Batch, run_stages, with_columns
from earful.polarity import LABELS
from earful.runs.files import write_table
from earful.runs.parts import ROW_GROUP
from earful.runs.run import CORRECTIONS, REJECTS, Run, open_run, write_manifest
from earful.schema import ASPECTS, INPUT, MENTIONS, TABLES, conform
from earful.workshop.history import moved_ids

if TYPE_CHECKING:
    from earful.themes.taxonomy import Taxonomy

__all__ = ["rematched", "write_run"]

_BATCH = 512
_SCORES = (*(f"p_{label}" for label in LABELS), "score")
_VERSION = {"fix": "run earful analyze again"}


def rematched(run: str | Path, taxonomy: Taxonomy) -> tuple[pa.Table, pa.Table]:
    """Find the themes of another taxonomy in the texts of a run, without running the models again.

    Returns
    -------
    tuple
        The mentions that the run would have with this taxonomy, as ``schema.MENTIONS``, and its aspects, as
        ``schema.ASPECTS``: the same terms with the themes that stand with them now.

    Raises
    ------
    RunError
        The folder is not a finished run, one of another version, or its vectors are of another encoder.
    """
    opened = open_run(run)
    # Its vectors are those of the model that it was made with.
    settings = opened.manifest.get("config", {})
    read_with = Config.model_validate({"sentiment": settings.get("sentiment", {})})
    assembly = Assembly(read_with, taxonomy, CPU)
    kept = {"reviews.lang", "segments.score", *(f"segments.{name}" for name in _SCORES), "aspects"}
    if opened.has("embeddings") and assembly.by_meaning:
        opened.check_vectors(assembly.encoder.name, assembly.encoder.checksum)
        kept.add("embeddings")
    stages = assembly.stages(("mentions.polarity", "aspects.theme"), kept)
    # What the run kept is put in when the texts are cut, as its rows must be those of the segments.
    cut = 1 + max(at for at, stage in enumerate(stages) if "segments" in stage.adds)
    mentions, aspects = [MENTIONS.empty_table()], [ASPECTS.empty_table()]
    for batch, own in _batches(opened, kept):
        done = run_stages(_with_kept(run_stages(batch, stages[:cut]), own, opened), stages[cut:])
        mentions.append(conform(done.mentions, MENTIONS))
        aspects.append(conform(done.aspects, ASPECTS))
    return pa.concat_tables(mentions), pa.concat_tables(aspects)


def _batches(run: Run, kept: set[str]) -> Iterator[tuple[Batch, dict[str, pa.Table]]]:
    """Give the reviews of a run in batches, each with its rows of the tables that are kept."""
    reviews = uncorrected(run.path, "reviews", run.table("reviews"))
    names = [name for name in ("segments", "aspects", "embeddings") if name == "segments" or name in kept]
    tables: dict[str, pa.Table] = {name: uncorrected(run.path, name, run.table(name)) for name in names}
    rows = {name: table.column("row").to_numpy() for name, table in tables.items()}
    for start in range(0, reviews.num_rows, _BATCH):
        part = reviews.slice(start, _BATCH)
        ends = part.column("row")[0].as_py(), part.column("row")[-1].as_py()
        own = {}
        for name, table in tables.items():
            first, last = rows[name].searchsorted(ends[0], "left"), rows[name].searchsorted(ends[1], "right")
            own[name] = table.slice(first, last - first)
        yield Batch(conform(part, INPUT).append_column("lang", part.column("lang"))), own


def _with_kept(batch: Batch, own: dict[str, pa.Table], run: Run) -> Batch:
    """Put what the run kept of the batch's segments beside them."""
    assert batch.segments is not None
    place = ["row", "segment"]
    for name in ("segments", "embeddings"):
        if name in own and not own[name].select(place).equals(batch.segments.select(place)):
            what = f"keeps {name} that are not those of its texts: it was made by another version"
            raise RunError(what, where=str(run.path), **_VERSION)
    scores = {name: own["segments"].column(name) for name in _SCORES}
    return replace(
        batch,
        segments=with_columns(batch.segments, scores),
        aspects=own["aspects"],
        embeddings=own.get("embeddings"),
    )


def write_run(run: str | Path, themes: Path, mentions: pa.Table, aspects: pa.Table, output: Path) -> Path:
    """Write a new run folder: the old one's rows with other mentions, all tables and the report made anew.

    Parameters
    ----------
    run
        A finished run; it stays as it is.
    themes
        The taxonomy's file, which the new run's settings name.
    mentions, aspects
        What :func:`rematched` gave.
    output
        A folder that is not there yet, or empty.

    Raises
    ------
    RunError
        The output holds something, or the run is not finished.
    """
    from earful.jobs.finish import remade
    from earful.report import write_report

    if output.exists() and (output.is_file() or any(output.iterdir())):
        raise RunError("is there already", where=str(output), fix="name a new folder")
    opened = open_run(run)
    settings = opened.manifest["config"]
    settings["themes"] = {**settings.get("themes", {}), "taxonomy": str(themes)}
    assembly = Assembly(Config.model_validate(settings), device=CPU)
    output.mkdir(parents=True, exist_ok=True)
    taken = [name for name, table in TABLES.items() if table.parts and name not in {"mentions", "aspects"}]
    for name in taken:
        if opened.has(name):
            table = uncorrected(opened.path, name, opened.table(name))
            pq.write_table(table, output / f"{name}.parquet", compression="zstd", row_group_size=ROW_GROUP)
    shutil.copy2(opened.path / REJECTS, output / REJECTS)
    pq.write_table(mentions, output / "mentions.parquet", compression="zstd", row_group_size=ROW_GROUP)
    write_table(aspects, output / "aspects.parquet")
    _take_corrections(opened, themes, output)
    manifest = remade(output, _manifest(opened, assembly), assembly, overlay(output, assembly))
    write_manifest(output, manifest)
    write_report(output)
    return output


def _take_corrections(old: Run, themes: Path, output: Path) -> None:
    """Take over what people corrected, under the names that its themes have now."""
    file = old.path / CORRECTIONS
    if file.exists():
        since = (old.manifest.get("taxonomy") or {}).get("checksum", "")
        now = moved_ids(themes, since)
        write_corrections(output / CORRECTIONS, [one.renamed(now) for one in read_corrections(file)])


def _manifest(old: Run, assembly: Assembly) -> dict[str, Any]:
    taxonomy, before = assembly.taxonomy, old.manifest
    return {
        **before,
        "config": assembly.config.model_dump(mode="json"),
        "taxonomy": {"name": taxonomy.name, "checksum": taxonomy.checksum},
        "applied": {
            "to": str(old.path),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "taxonomy_before": before.get("taxonomy"),
        },
    }
