"""How the rows of a source are read, as plain values: what a run keeps to read more rows of it later."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from earful.errors import InputError
from earful.readers.cuts import Cut
from earful.readers.dates import DateForm
from earful.readers.exports import exports
from earful.readers.mapping import Typed
from earful.readers.scales import ScaleRule
from earful.readers.survey import Plan

__all__ = ["plan_of", "plan_values"]

_OFFSET = re.compile(r"UTC([+-])(\d\d):(\d\d)")


def plan_values(plan: Plan) -> dict[str, Any]:
    """Give a plan as values that JSON can hold; a known export by its name."""
    return {
        "mapping": plan.mapping,
        "parts": plan.parts,
        "rules": _rules().dump_python(plan.rules, mode="json"),
        "dates": {ours: [form.month_first, form.serial, str(form.zone)] for ours, form in plan.dates.items()},
        "typed": _typed().dump_python(plan.typed, mode="json"),
        "export": None if plan.export is None else plan.export.name,
        "cuts": {name: asdict(cut) for name, cut in plan.cuts.items()},
    }


def plan_of(values: Mapping[str, Any]) -> Plan:
    """Give the plan that was written as values.

    Raises
    ------
    InputError
        The values are those of another version.
    """
    try:
        return Plan(
            mapping=dict(values["mapping"]),
            parts=dict(values["parts"]),
            rules=_rules().validate_python(values["rules"]),
            dates={
                ours: DateForm(first, serial, _zone(zone))
                for ours, (first, serial, zone) in values["dates"].items()
            },
            typed=_typed().validate_python(values["typed"]),
            export=None if values["export"] is None else exports()[values["export"]],
            cuts={
                name: Cut(cut["theirs"], cut["codes"], tuple(cut["values"]))
                for name, cut in values.get("cuts", {}).items()
            },
        )
    except (KeyError, TypeError, ValueError, ValidationError):
        raise InputError(
            "says how rows were read in a way that this version does not know",
            where="plan in the manifest",
            fix="run earful analyze again",
        ) from None


def _zone(name: str) -> tzinfo:
    if match := _OFFSET.fullmatch(name):
        ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(-ahead if match[1] == "-" else ahead)
    return UTC if name == "UTC" else ZoneInfo(name)


@cache
def _rules() -> TypeAdapter[Any]:
    return TypeAdapter(dict[str, ScaleRule])


@cache
def _typed() -> TypeAdapter[Any]:
    return TypeAdapter(Typed | None)
