"""The manifest: how a run was made, what became of every row, and what to beware of."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any

from earful import __version__

if TYPE_CHECKING:
    from earful.jobs.assembly import Assembly
    from earful.readers import Feed, Survey
    from earful.runs.parts import Receipt
    from earful.runs.store import Store

__all__ = ["all_warnings", "build_manifest"]


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
    command: str | None,
) -> dict[str, Any]:
    """Put together the manifest of a run.

    ``rows`` always adds up: ``read == accepted + rejected``. ``analyses`` says of each analysis that needs
    something of the data (dates, weights, further columns) how it was made, or why it was not.
    """
    finished = datetime.now(UTC)
    negative, covered = store.complaint_coverage()
    tallies = store.tallies()
    inputs = [_input(survey) for survey in feed.surveys]
    rows = {
        "read": sum(receipt.rows for receipt in receipts),
        "accepted": sum(receipt.accepted for receipt in receipts),
        "rejected": sum(receipt.rejected for receipt in receipts),
        **tallies,
        **marked,
    }
    return {
        "earful": __version__,
        "command": command,
        "created_at": started.isoformat(timespec="seconds"),
        "finished_at": finished.isoformat(timespec="seconds"),
        "seconds": round((finished - started).total_seconds(), 1),
        "rows": rows,
        "inputs": inputs,
        "config": assembly.config.model_dump(mode="json"),
        **assembly.identity(),
        "languages": store.languages(),
        "complaints": {"segments": negative, "with_theme": covered},
        "analyses": analyses,
        "warnings": all_warnings(rows, inputs, warnings),
        "versions": _versions(),
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


def _input(survey: Survey) -> dict[str, Any]:
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
    }


def _row_warnings(rows: dict[str, int]) -> list[str]:
    said = {
        "rejected": "rows were refused; each stands in rejects.jsonl with its reason",
        "duplicates": "rows repeat another row in every field (duplicate_of); the index counts copies once",
        "near_duplicates": "texts are nearly those of another row of their product (near_duplicate_of)",
        "bursts": "rows are three or more of one author, or of the same words, in a minute; marked in burst",
        "asides": "texts hold what is not their writer's own word and not scored; the column aside says what",
        "truncated": "texts were too long and scored in their first part only; they are marked in truncated",
        "non_answers": "answers say nothing (n/a, don't know); they are marked in non_answer",
    }
    return [f"{rows[what]:,} {words}" for what, words in said.items() if rows.get(what)]
