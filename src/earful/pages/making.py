"""How a run was made, as its manifest says: model, scales, inputs, settings, versions."""

from __future__ import annotations

import json
from typing import Any

from earful.errors import ConfigError
from earful.pages.names import short
from earful.pages.numbers import finite, moment, plain, short_number
from earful.pages.words import LANGUAGES, named, say, stated

__all__ = ["language_of", "making", "part_of"]

_MOST = 60
#: Code points of a checksum that are shown; the manifest has it whole.
_CHECKSUM = 20
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def part_of(manifest: Any, *keys: str) -> dict[str, Any]:
    """Give a part of a manifest, e.g. ``config`` and ``loyalty``; an empty one where it has no such part."""
    for key in keys:
        manifest = manifest.get(key) if isinstance(manifest, dict) else None
    return manifest if isinstance(manifest, dict) else {}


def language_of(manifest: dict[str, Any], wanted: str | None = None) -> str:
    """Give the language to write in: the wanted one, else the one that the run was set to, else English."""
    language = wanted or part_of(manifest, "config", "report").get("lang") or "en"
    if language not in LANGUAGES:
        raise ConfigError(f"is {language!r}", where="--lang", allowed=", ".join(LANGUAGES))
    return str(language)


def making(manifest: dict[str, Any]) -> dict[str, Any]:
    """Put the manifest into lines of name and value; keys that it lacks are left out."""
    inputs = _list(manifest.get("inputs"))
    named = [_text(part_of(one).get("source")) for one in inputs]
    return {
        "sources": _sources(inputs),
        "when": _when(manifest.get("created_at")),
        "facts": [(name, value) for name, value in _facts(manifest) if value],
        "inputs": [_input(one) for one in inputs[:_MOST]],
        "hidden_inputs": max(0, len(inputs) - _MOST),
        "settings": _flat(part_of(manifest, "config"))[:_MOST],
        "versions": sorted((str(k), str(v)) for k, v in part_of(manifest, "versions").items())[:_MOST],
        "warnings": [_warning(_text(one), named) for one in _list(manifest.get("warnings"))[:_MOST]],
    }


def _warning(warning: str, sources: list[str]) -> str:
    """Say a warning in the language that is spoken; the name of the input that it begins with stays."""
    for source in filter(None, sources):
        if warning.startswith(f"{source}: "):
            return f"{source}: {stated(warning.removeprefix(f'{source}: '))}"
    return stated(warning)


def _sources(inputs: list[Any]) -> list[str]:
    named = [short(_text(part_of(one).get("source")), 60) for one in inputs]
    return named if len(named) <= 3 else [*named[:2], say("making.more_inputs", n=len(named) - 2)]


def _facts(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    seconds = finite(manifest.get("seconds"))
    return [
        ("Earful", _text(manifest.get("earful"))),
        (say("making.command"), _text(manifest.get("command"))),
        (say("making.started"), _when(manifest.get("created_at"))),
        (say("making.finished"), _when(manifest.get("finished_at"))),
        (say("making.took"), "" if seconds is None else say("making.seconds", seconds=plain(seconds))),
        (say("making.model"), _stamped(manifest.get("model"))),
        (say("making.row_model"), _stamped(manifest.get("likelihood"))),
        (say("making.themes"), _stamped(manifest.get("taxonomy"))),
    ]


def _when(iso: Any) -> str:
    return moment(iso) if iso else ""


def _stamped(thing: Any) -> str:
    """Write a thing of the manifest that has a name and a checksum."""
    if not isinstance(thing, dict):
        return _text(thing)
    rest = [
        f"{say('making.checksum') if key == 'checksum' else key} "
        f"{text if len(text) <= _CHECKSUM else text[:_CHECKSUM] + '…'}"
        for key, value in sorted(thing.items())
        if key != "name" and (text := _text(value))
    ]
    return ", ".join([_text(thing.get("name")) or say("making.unnamed"), *rest])


def _input(one: Any) -> dict[str, Any]:
    given = part_of(one)
    by = part_of(given, "mapped_by")
    delimiter, rows = _text(given.get("delimiter")), finite(given.get("rows"))
    shape = [
        _text(given.get("format")),
        _text(given.get("encoding")),
        say(f"making.delimiter.{_DELIMITERS[delimiter]}") if delimiter in _DELIMITERS else delimiter,
        "" if rows is None else say("n.rows", n=round(rows)),
    ]
    mapping = part_of(given, "mapping").items()
    parts = [_text(column) for column in part_of(given, "parts")]
    return {
        "source": _text(given.get("source")) or _text(one),
        "shape": ", ".join(filter(None, shape)),
        "mapping": [
            (
                _column(ours),
                " + ".join(parts) if ours == "text" and parts else _text(theirs),
                _how(by.get(ours)),
            )
            for ours, theirs in mapping
        ],
        "scales": [(_column(name), _scale(scale)) for name, scale in part_of(given, "scales").items()],
        "ignored": [_text(name) for name in _list(given.get("ignored"))[:_MOST]],
        "notes": [stated(_text(note)) for note in _list(given.get("notes"))[:_MOST]],
        "doubts": [_doubt(part_of(doubt)) for doubt in _list(given.get("doubts"))[:_MOST]],
    }


def _scale(scale: Any) -> str:
    given = part_of(scale)
    low, high = finite(given.get("min")), finite(given.get("max"))
    if low is None or high is None:
        return _text(scale)
    how, ends = _how(given.get("how")), say("range", low=short_number(low), high=short_number(high))
    return f"{ends} ({how})" if how else ends


def _column(name: Any) -> str:
    """Name a column of ours, in words where there are any."""
    return named("column", name)


def _how(how: Any) -> str:
    """Say how a column or a scale was found."""
    return named("found", _text(how))


def _doubt(doubt: dict[str, Any]) -> dict[str, str]:
    """Say what could be read otherwise, and the option that does so."""
    return {"what": stated(_text(doubt.get("what"))), "choose": stated(_text(doubt.get("choose")))}


def _flat(config: dict[str, Any], path: str = "") -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for key, value in config.items():
        if isinstance(value, dict) and value:
            lines.extend(_flat(value, f"{path}{key}."))
        elif value not in (None, {}, []):
            lines.append((f"{path}{key}", _text(value)))
    return lines


def _text(value: Any) -> str:
    if value is None:
        return ""
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 400 else shown[:399] + "…"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
