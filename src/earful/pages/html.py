"""One page of HTML that opens from disk: no script, no network, all escaped."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import re
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from earful.errors import EarfulError
from earful.pages import names, numbers
from earful.runs.files import whole

__all__ = ["environment", "styles", "write_page"]

#: What HTML cannot hold, and what would turn the page's own text around.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

_FILTERS = (
    numbers.count, numbers.date, numbers.interval, numbers.month, numbers.percent, numbers.points,
    numbers.q_value, numbers.several, numbers.signed, names.language, names.short, names.touchpoint,
)  # fmt: skip


def write_page(path: Path, room: str, template: str, variables: dict[str, Any]) -> Path:
    """Fill a template and write the page, whole or not at all.

    The page holds its styles, and a policy that lets nothing else load.

    Parameters
    ----------
    path
        Where to write.
    room
        The package whose templates are used, e.g. ``earful.report``; what they include, import or extend may
        also stand in this one.
    template, variables
        Which template, and what it speaks of.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    EarfulError
        It cannot be written there.
    """
    css, policy = styles()
    page = environment(room).get_template(template).render(**variables, css=css, policy=policy)
    try:
        with whole(path) as part:
            part.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        fix = "give a file in a folder that exists and may be written"
        raise EarfulError(f"cannot be written ({error.strerror})", where=str(path), fix=fix) from None
    return path


@functools.cache
def styles() -> tuple[Markup, str]:
    """Give the styles without comments and indentation, and the policy that allows them alone."""
    css = (Path(__file__).parent / "templates" / "page.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = "\n".join(line.strip() for line in css.splitlines() if line.strip())
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return Markup(css), policy


@functools.cache
def environment(*rooms: str) -> jinja2.Environment:
    """Give what fills the templates of some packages, those of the first found first, and of this one."""
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package) for package in (*rooms, "earful.pages")]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    environment.filters |= {one.__name__: one for one in _FILTERS}
    return environment


def _printable(value: Any) -> Any:
    """Make a value fit to print: nothing for ``None``, a replacement sign for what HTML cannot hold."""
    if value is None:
        return ""
    if isinstance(value, str):
        return type(value)(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value))
    return value
