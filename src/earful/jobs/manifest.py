"""The manifest: how a run was made, what became of every row, and what to beware of."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any

from earful import __version__
from earful.pages.words import say, speaking
from earful.readers.plans import plan_values

if TYPE_CHECKING:
    from earful.jobs.append import Addition
    from earful.jobs.assembly import Assembly
    from earful.readers import Feed, Survey
    from earful.readers.survey import Plan
    from earful.runs.parts import Receipt
    from earful.runs.store import Store

__all__ = ["all_warnings", "build_manifest", "recount"]

#: What became of rows that a reader should know of, in the order it is told.
_COUNTED = (
    "rejected",
    "duplicates",
    "near_duplicates",
    "bursts",
    "asides",
    "truncated",
    "replaced",
    "non_answers",
)


def build_manifest(
    feed: Feed,
    receipts: list[Receipt],
    assembly: Assembly,
    store: Store,
    *,
    marked: dict[str, int],
    warnings: list[str],
    analyses: dict[str, Any],
    started: datetime,
    began: float,
    command: str | None,
    plan: str,
    addition: Addition | None = None,
) -> dict[str, Any]:
    """Put together the manifest of a run.

    ``rows`` always adds up: ``read == accepted + rejected``. ``analyses`` says of each analysis that needs
    something of the data (dates, weights, further columns) how it was made, or why it was not. After an
    addition it is the manifest of the whole run, and ``appended`` says of each addition what became of its
    rows.
    """
    finished = datetime.now(UTC)
    negative, covered = store.complaint_coverage()
    tallies = store.tallies()
    inputs = [_input(survey, plan) for survey, plan in zip(feed.surveys, feed.plans, strict=True)]
    appended = []
    if addition is not None:
        inputs = [*addition.manifest["inputs"], *inputs]
        appended = [*addition.manifest.get("appended", []), addition.told(feed, started)]
        warnings = warnings + addition.warnings
    rows = {
        "read": sum(receipt.rows for receipt in receipts),
        "accepted": sum(receipt.accepted for receipt in receipts),
        "rejected": sum(receipt.rejected for receipt in receipts),
        **tallies,
        **marked,
        **({"replaced": sum(one["replaced"] for one in appended)} if appended else {}),
    }
    return {
        "earful": __version__,
        "command": command,
        "created_at": started.isoformat(timespec="seconds"),
        "finished_at": finished.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - began, 1),
        "rows": rows,
        "inputs": inputs,
        **({"appended": appended} if appended else {}),
        "config": assembly.config.model_dump(mode="json"),
        **assembly.identity(),
        "languages": store.languages(),
        "complaints": {"segments": negative, "with_theme": covered if assembly.config.themes.find else None},
        "analyses": analyses,
        "warnings": all_warnings(rows, inputs, warnings),
        "versions": _versions(),
        "plan": plan,
    }


def recount(
    before: Mapping[str, Any], store: Store, marked: Mapping[str, int], warnings: list[str]
) -> dict[str, Any]:
    """Give a finished run's manifest after its tables were changed: what is counted of them is new."""
    negative, covered = store.complaint_coverage()
    rows = {**before["rows"], **store.tallies(), **marked}
    return {
        **before,
        "rows": rows,
        "languages": store.languages(),
        "complaints": {"segments": negative, "with_theme": covered},
        "warnings": all_warnings(rows, before["inputs"], warnings),
    }


def all_warnings(rows: dict[str, int], inputs: list[dict[str, Any]], told: list[str]) -> list[str]:
    """Gather what to beware of: what became of rows, what was doubted of the input, what the tables told."""
    noted = [f"{one['source']}: {note}" for one in inputs for note in one["notes"]]
    return [*_row_warnings(rows), *noted, *told]


def _versions() -> dict[str, str]:
    """Give the versions of the packages that this one is made of, as any may change a number."""
    needs = [need for need in metadata.requires("earful") or () if "extra ==" not in need]
    names = sorted(re.split(r"[^\w.-]", need)[0] for need in needs)
    return {name: metadata.version(name) for name in names}


def _input(survey: Survey, plan: Plan) -> dict[str, Any]:
    return {
        "source": survey.source,
        "format": survey.format,
        "encoding": survey.encoding,
        "delimiter": survey.delimiter,
        "rows": survey.n_rows,
        "mapping": survey.mapping,
        "mapped_by": survey.mapped_by,
        "parts": survey.parts,
        "cuts": survey.cuts,
        "export": survey.export,
        "ignored": survey.ignored,
        "scales": {
            name: {"min": scale.min, "max": scale.max, "how": scale.how}
            for name, scale in survey.scales.items()
        },
        "notes": survey.notes,
        "doubts": [asdict(doubt) for doubt in survey.doubts],
        # For rows that are mended and taken in later.
        "plan": plan_values(plan),
    }


def _row_warnings(rows: dict[str, int]) -> list[str]:
    told = rows | {"rejected": rows.get("rejected", 0) - rows.get("replaced", 0)}
    with speaking("en"):
        return [say(f"stored.{what}", n=told[what]) for what in _COUNTED if told.get(what)]
