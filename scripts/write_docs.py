"""Write the generated pages of docs/: the commands from their help, the tables from the schema.

``--check`` writes nothing and fails where a page is not what it would be.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from typer.main import get_command

from earful.cli.app import app
from earful.comparison.columns import TABLES as COMPARISON_TABLES
from earful.schema import TABLES

DOCS = Path(__file__).parents[1] / "docs"


def commands() -> str:
    """Give the page of commands."""
    lines = ["# Commands", "", "Generated from the command line itself by `make docs`.", ""]
    for path, command in _commands():
        lines += [
            f"## earful {path}",
            "",
            command.help or "",
            "",
            "| argument or option | what it does |",
            "|---|---|",
        ]
        lines += [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
        lines.append("")
    return "\n".join(lines)


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = parameter.metavar or parameter.name.upper()
    else:
        name = ", ".join(parameter.opts) + (f" {parameter.metavar}" if parameter.metavar else "")
    default = parameter.default
    shown = default not in (None, False, [], ()) and not callable(default) and not parameter.required
    note = f" (default: `{default}`)" if shown else " (required)" if parameter.required else ""
    return f"| `{name}` | {(parameter.help or '').replace('|', chr(92) + '|')}{note} |"


def tables() -> str:
    """Give the page of tables."""
    lines = [
        "# Tables",
        "",
        "Generated from `earful.schema` by `make docs`. The last three are what `earful compare` writes:",
        "`compare` for one run; for two, `compare_changes` (in `compare.parquet`) and `compare_themes`.",
        "Columns of signals are explained in [signals.md](signals.md).",
        "",
    ]
    schemas = {name: table.schema for name, table in TABLES.items()}
    for name, schema in {**schemas, **COMPARISON_TABLES}.items():
        lines += [f"## {name}", "", *_files(name), "| column | type | meaning |", "|---|---|---|"]
        lines += [
            f"| `{field.name}` | {_type(field.type)} | {field.metadata[b'doc'].decode()} |"
            for field in schema
        ]
        lines.append("")
    return "\n".join(lines)


def _files(name: str) -> list[str]:
    """Give the line that says what a row of a run's table is and which files hold it."""
    if name not in TABLES:
        return []
    table = TABLES[name]
    files = f"`{name}.parquet`" + f" and `{name}.csv`" * table.csv
    where = ", there only where the input or a setting gives something for it" * table.optional
    return [f"{table.what[0].upper()}{table.what[1:]}. In {files}{where}.", ""]


def _commands() -> Iterator[tuple[str, Any]]:
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        children = getattr(command, "commands", None)
        if children is None:
            yield name, command
        else:
            yield from ((f"{name} {child}", grandchild) for child, grandchild in children.items())


def _type(kind: pa.DataType) -> str:
    return {"double": "float64", "timestamp[us, tz=UTC]": "timestamp (UTC)"}.get(str(kind), str(kind))


def main() -> None:
    """Write or check the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where a page is out of date")
    check = parser.parse_args().check
    stale = []
    for name, text in (("commands.md", commands()), ("tables.md", tables())):
        path = DOCS / name
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            stale.append(name)
        elif not check:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(f"out of date: docs/{', docs/'.join(stale)}; run: make docs")


if __name__ == "__main__":
    main()
