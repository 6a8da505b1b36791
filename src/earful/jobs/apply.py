"""A finished run with another taxonomy: a new run folder, whose models did not run again."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from earful.aspects.joining import join
from earful.errors import RunError
from earful.themes.taxonomy import Taxonomy
from earful.workshop.history import rematch

__all__ = ["rematched", "write_run"]

_READ = ("reviews", "segments", "mentions")
_MANIFEST = "manifest.json"
#: What the new run does not take over: it is counted anew.
_COUNTED = (
    "mentions",
    "aspects",
    "loyalty",
    "themes",
    "drivers",
    "trends",
    "emerging",
    "complaints",
    "behaviour",
)


def rematched(run: Path, taxonomy: Taxonomy) -> tuple[pa.Table, pa.Table]:
    """Find the themes of another taxonomy in the texts of a run.

    Returns
    -------
    tuple
        The mentions that the run would have with this taxonomy, as ``schema.MENTIONS``, and its aspects, as
        ``schema.ASPECTS``: the same terms with the themes that stand with them now.

    Raises
    ------
    RunError
        The folder is not a finished run, or one of another version.
    """
    for name in _READ:
        if not (run / f"{name}.parquet").is_file():
            raise RunError(f"has no {name}.parquet", where=str(run), fix="name a finished run folder")
    reviews, segments = (pq.read_table(run / f"{name}.parquet") for name in _READ[:2])
    kept = run / "embeddings.parquet"
    try:
        found = rematch(reviews, segments, taxonomy, pq.read_table(kept) if kept.is_file() else None)
    except ValueError as error:
        raise RunError(str(error), where=str(run), fix="run earful analyze again") from None
    terms = pq.read_table(run / "aspects.parquet").to_pylist() if (run / "aspects.parquet").is_file() else []
    aspects, mentions = join(terms, found)
    return mentions, aspects


def write_run(run: Path, themes: Path, mentions: pa.Table, aspects: pa.Table, output: Path) -> Path:
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
    from earful.config import Config
    from earful.jobs.assembly import Assembly
    from earful.jobs.finish import write_aggregates
    from earful.loyalty.mismatch import mismatches
    from earful.report import write_report
    from earful.runs.parts import ROW_GROUP, write_json, write_table
    from earful.runs.store import Store

    if output.exists() and (output.is_file() or any(output.iterdir())):
        raise RunError("is there already", where=str(output), fix="name a new folder")
    if not (run / _MANIFEST).is_file():
        raise RunError(f"has no {_MANIFEST}", where=str(run), fix="name a finished run folder")
    manifest = json.loads((run / _MANIFEST).read_text(encoding="utf-8"))
    settings = manifest["config"]
    settings["themes"] = {**settings.get("themes", {}), "taxonomy": str(themes)}
    assembly = Assembly(Config.model_validate(settings))
    output.mkdir(parents=True, exist_ok=True)
    for path in sorted(run.iterdir()):
        if path.is_file() and path.suffix in {".parquet", ".csv", ".jsonl"} and path.stem not in _COUNTED:
            shutil.copy2(path, output / path.name)
    pq.write_table(mentions, output / "mentions.parquet", compression="zstd", row_group_size=ROW_GROUP)
    write_table(aspects, output / "aspects.parquet")
    store = Store(*(str(output / f"{name}.parquet") for name in _READ))
    rows = store.rows()
    analyses, _ = write_aggregates(output, store, assembly, rows.join(mismatches(rows)), store.mentions())
    write_json(output / _MANIFEST, _manifest(manifest, analyses, assembly, store, run), sort_keys=False)
    write_report(output)
    return output


def _manifest(old: dict[str, Any], analyses: dict[str, Any], assembly: Any, store: Any, run: Path) -> Any:
    negative, covered = store.complaint_coverage()
    taxonomy = assembly.taxonomy
    new = {**old, "analyses": analyses}
    new["config"] = assembly.config.model_dump(mode="json")
    new["taxonomy"] = {"name": taxonomy.name, "checksum": taxonomy.checksum}
    new["complaints"] = {"segments": negative, "with_theme": covered}
    new["applied"] = {
        "to": str(run),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "taxonomy_before": old.get("taxonomy"),
    }
    return new
