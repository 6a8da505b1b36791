"""How the report was made, as the manifest says: model, scales, inputs, settings, versions."""

from __future__ import annotations

import json
from typing import Any

from earful.pages.names import short
from earful.pages.numbers import finite, moment
from earful.pages.tables import as_dict

__all__ = ["making"]

_MOST = 60
#: Code points of a checksum that are shown; the manifest has it whole.
_CHECKSUM = 20
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def making(manifest: dict[str, Any]) -> dict[str, Any]:
    """Put the manifest into lines of name and value; keys that it lacks are left out."""
    return {
        "sources": _sources(_list(manifest.get("inputs"))),
        "when": moment(manifest["created_at"]) if manifest.get("created_at") else "",
        "facts": [(name, value) for name, value in _facts(manifest) if value],
        "inputs": [_input(one) for one in _list(manifest.get("inputs"))[:_MOST]],
        "hidden_inputs": max(0, len(_list(manifest.get("inputs"))) - _MOST),
        "settings": _flat(as_dict(manifest.get("config")))[:_MOST],
        "versions": sorted((str(k), str(v)) for k, v in as_dict(manifest.get("versions")).items())[:_MOST],
        "warnings": [_text(one) for one in _list(manifest.get("warnings"))[:_MOST]],
    }


def _sources(inputs: list[Any]) -> list[str]:
    named = [short(_text(as_dict(one).get("source")), 60) for one in inputs]
    return named if len(named) <= 3 else [*named[:2], f"{len(named) - 2} more inputs"]


def _facts(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    seconds = finite(manifest.get("seconds"))
    facts = [
        ("Earful", _text(manifest.get("earful"))),
        ("Command", _text(manifest.get("command"))),
        ("Started", moment(manifest["created_at"]) if manifest.get("created_at") else ""),
        ("Finished", moment(manifest["finished_at"]) if manifest.get("finished_at") else ""),
        ("Took", "" if seconds is None else f"{seconds:,.1f} s"),
        ("Sentiment model", _stamped(manifest.get("model"))),
        ("Row model", _stamped(manifest.get("likelihood"))),
        ("Themes", _stamped(manifest.get("taxonomy"))),
    ]
    scales = as_dict(manifest.get("scales"))
    return facts + [
        (f"{name.upper() if len(name) < 5 else name} scale", _text(scales[name])) for name in sorted(scales)
    ]


def _stamped(thing: Any) -> str:
    """Write a thing of the manifest that has a name and a checksum."""
    if not isinstance(thing, dict):
        return _text(thing)
    rest = [
        f"{key} {text if len(text) <= _CHECKSUM else text[:_CHECKSUM] + '…'}"
        for key, value in sorted(thing.items())
        if key != "name" and (text := _text(value))
    ]
    return ", ".join([_text(thing.get("name")) or "unnamed", *rest])


def _input(one: Any) -> dict[str, Any]:
    given = as_dict(one)
    by = as_dict(given.get("mapped_by"))
    delimiter = _text(given.get("delimiter"))
    shape = [_text(given.get("format")), _text(given.get("encoding")), _DELIMITERS.get(delimiter, delimiter)]
    rows = finite(given.get("rows"))
    return {
        "source": _text(given.get("source")) or _text(one),
        "shape": ", ".join(
            [part for part in shape if part] + ([f"{rows:,.0f} rows"] if rows is not None else [])
        ),
        "mapping": [
            (str(ours), _text(theirs), _text(by.get(ours)))
            for ours, theirs in as_dict(given.get("mapping")).items()
        ],
        "scales": [(str(name), _scale(scale)) for name, scale in as_dict(given.get("scales")).items()],
        "ignored": [_text(name) for name in _list(given.get("ignored"))[:_MOST]],
        "notes": [_text(note) for note in _list(given.get("notes"))[:_MOST]],
    }


def _scale(scale: Any) -> str:
    given = as_dict(scale)
    low, high = finite(given.get("min")), finite(given.get("max"))
    if low is None or high is None:
        return _text(scale)
    how = _text(given.get("how"))
    return f"{low:g} to {high:g}" + (f" ({how})" if how else "")


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
