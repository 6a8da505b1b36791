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

from earful.config import Config
from earful.errors import RunError
from earful.jobs.assembly import Assembly
from earful.pipeline import Batch, run_stages, with_columns
from earful.polarity import LABELS
from earful.runs.files import write_json, write_table
from earful.runs.parts import ROW_GROUP
from earful.runs.run import MANIFEST, REJECTS, Run, open_run
from earful.schema import ASPECTS, INPUT, MENTIONS, TABLES, conform

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
    assembly = Assembly(Config(), taxonomy)
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
    reviews = run.table("reviews")
    names = [name for name in ("segments", "aspects", "embeddings") if name == "segments" or name in kept]
    tables: dict[str, pa.Table] = {name: run.table(name) for name in names}
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
    from earful.jobs.finish import write_aggregates
    from earful.loyalty.mismatch import mismatches
    from earful.report import write_report
    from earful.runs.store import Store

    if output.exists() and (output.is_file() or any(output.iterdir())):
        raise RunError("is there already", where=str(output), fix="name a new folder")
    opened = open_run(run)
    settings = opened.manifest["config"]
    settings["themes"] = {**settings.get("themes", {}), "taxonomy": str(themes)}
    assembly = Assembly(Config.model_validate(settings))
    output.mkdir(parents=True, exist_ok=True)
    taken = [name for name, table in TABLES.items() if table.parts and name not in {"mentions", "aspects"}]
    for path in [*(opened.file(name) for name in taken if opened.has(name)), opened.path / REJECTS]:
        shutil.copy2(path, output / path.name)
    pq.write_table(mentions, output / "mentions.parquet", compression="zstd", row_group_size=ROW_GROUP)
    write_table(aspects, output / "aspects.parquet")
    with Store.of(output) as store:
        rows = store.rows(assembly.config.loyalty.cuts)
        found = write_aggregates(output, store, assembly, rows.join(mismatches(rows)), store.mentions())
        write_json(output / MANIFEST, _manifest(opened, *found, assembly, store), sort_keys=False)
    write_report(output)
    return output


def _manifest(
    old: Run, analyses: dict[str, Any], warnings: list[str], assembly: Assembly, store: Any
) -> dict[str, Any]:
    from earful.jobs.manifest import all_warnings

    negative, covered = store.complaint_coverage()
    taxonomy, before = assembly.taxonomy, old.manifest
    return {
        **before,
        "config": assembly.config.model_dump(mode="json"),
        "taxonomy": {"name": taxonomy.name, "checksum": taxonomy.checksum},
        "complaints": {"segments": negative, "with_theme": covered},
        "analyses": analyses,
        "warnings": all_warnings(before["rows"], before["inputs"], warnings),
        "applied": {
            "to": str(old.path),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "taxonomy_before": before.get("taxonomy"),
        },
    }
