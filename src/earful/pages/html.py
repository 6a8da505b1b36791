"""The report as one page of HTML that opens from disk: no script, no network, all escaped."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import os
import re
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from earful.errors import EarfulError
from earful.pages import names, numbers
from earful.pages.tables import Tables
from earful.report.view import build

__all__ = ["render", "write_page", "write_report"]

#: What HTML cannot hold, and what would turn the page's own text around.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def write_report(run_dir: Path, out: Path | None = None) -> Path:
    """Write ``report.html`` from a run folder alone.

    The same folder gives the same bytes: times come from the manifest, quotes have a total order.

    Parameters
    ----------
    run_dir
        The run folder.
    out
        Where to write; ``report.html`` in the run folder by default.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    RunError
        There is no such folder, or a file in it is damaged.
    EarfulError
        The page cannot be written there.
    """
    path = Path(run_dir) / "report.html" if out is None else Path(out)
    with Tables(Path(run_dir)) as tables:
        view = build(tables)
    write_page(path, render("report.html.j2", view))
    return path


def write_page(path: Path, page: str) -> None:
    """Write a page whole or not at all.

    Raises
    ------
    EarfulError
        It cannot be written there.
    """
    part = path.with_name(path.name + ".tmp")
    try:
        part.write_text(page, encoding="utf-8", newline="\n")
        os.replace(part, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        fix = "give a file in a folder that exists and may be written"
        raise EarfulError(f"cannot be written ({error.strerror})", where=str(path), fix=fix) from None


def render(template: str, view: dict[str, Any]) -> str:
    """Fill a template of this room; the page holds its styles, and a policy that lets nothing else load."""
    environment = _environment()
    source, _, _ = environment.loader.get_source(environment, "report.css")  # type: ignore[union-attr]
    css = _squeezed(source)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return environment.get_template(template).render(**view, css=Markup(css), policy=policy)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("earful.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    for name in ("count", "date", "interval", "month", "percent", "points", "q_value", "several", "signed"):
        environment.filters[name] = getattr(numbers, name)
    environment.filters["short"] = names.short
    environment.filters["language"] = names.language
    environment.filters["touchpoint"] = names.touchpoint
    environment.globals["RTL"] = names.RTL
    return environment


def _printable(value: Any) -> Any:
    """Make a value fit to print: nothing for ``None``, a replacement sign for what HTML cannot hold."""
    if value is None:
        return ""
    if isinstance(value, Markup):
        return Markup(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value))
    if isinstance(value, str):
        return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


def _squeezed(css: str) -> str:
    """Drop comments and indentation, so that the page and its checksum carry rules only."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return "\n".join(line.strip() for line in css.splitlines() if line.strip())
