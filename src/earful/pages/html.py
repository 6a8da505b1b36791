"""One page of HTML that opens from disk: no network, all escaped, and no script but its own."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from earful.errors import EarfulError
from earful.pages import names, numbers, words
from earful.runs.files import whole

__all__ = ["environment", "script", "styles", "write_page"]

#: What HTML cannot hold, and what would turn the page's own text around.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

_FILTERS = (
    numbers.count, numbers.date, numbers.interval, numbers.moment, numbers.month, numbers.percent,
    numbers.points, numbers.plain, numbers.q_value, numbers.short_number, numbers.signed, names.cut,
    names.language, names.own_language, names.polarity, names.short, names.touchpoint, words.stated,
)  # fmt: skip


def write_page(
    path: Path, room: str, template: str, variables: dict[str, Any], *, scripted: bool = False
) -> Path:
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
    scripted
        Whether the page holds the script that sorts and filters tables (``_tools.html.j2``), and may run it.

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
    if scripted:
        policy += f"; script-src '{_digest(script())}'"
    page = (
        environment(room).get_template(template).render(**variables, css=css, policy=policy, script=script())
    )
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
    css = _lean("page.css")
    policy = f"default-src 'none'; style-src '{_digest(css)}'; base-uri 'none'; form-action 'none'"
    return Markup(css), policy


@functools.cache
def script() -> Markup:
    """Give the script that sorts and filters tables."""
    return Markup(_lean("page.js"))


def _lean(name: str) -> str:
    text = (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@functools.cache
def environment(*rooms: str) -> jinja2.Environment:
    """Give what fills the templates of some packages, those of the first found first, and of this one."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([_templates(room) for room in (*rooms, "earful.pages")]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    environment.filters |= {one.__name__: _when_filled(one) for one in _FILTERS}
    # Words of the language that is spoken when the page is filled.
    environment.globals |= {"t": words.tell, "has": words.has, "named": words.named, "spoken": words.spoken}
    return environment


def _templates(room: str) -> str:
    """Give the folder of a package's templates; the package itself is not loaded, as it may be dear."""
    found = find_spec(room)
    if found is None or found.origin is None:
        raise ValueError(f"there is no package {room}")
    return str(Path(found.origin).parent / "templates")


def _when_filled(told: Callable[..., str]) -> Callable[..., str]:
    """Make a filter wait until a page is filled.

    What it says of a constant would else be worked out once, with the template, in the language of that time.
    """

    @jinja2.pass_context
    @functools.wraps(told)
    def tell(context: jinja2.runtime.Context, *given: Any) -> str:
        return told(*given)

    return tell


def _printable(value: Any) -> Any:
    """Make a value fit to print: nothing for ``None``, a replacement sign for what HTML cannot hold."""
    if value is None:
        return ""
    if isinstance(value, str) and not value.isprintable():
        return type(value)(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value))
    return value
