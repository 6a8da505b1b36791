"""What commands share: options declared once, settings gathered from them, errors told in one line."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from earful.errors import ConfigError, EarfulError

if TYPE_CHECKING:
    from earful.config import Config

__all__ = [
    "MaybeInputs",
    "MaybeRunOutput",
    "Quiet",
    "RunFolder",
    "RunOutput",
    "Source",
    "Sql",
    "Target",
    "pair",
    "reported",
    "with_settings",
]

_Command = TypeVar("_Command", bound=Callable[..., None])

MaybeInputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT...",
        help="Files, folders of Parquet, glob patterns, addresses such as s3://, or - for standard input.",
    ),
]
Sql = Annotated[
    tuple[str, str] | None,
    typer.Option("--sql", metavar="URL QUERY", help="Read what a query to a database gives."),
]
Source = Annotated[str, typer.Argument(metavar="INPUT", help="A file, or - for standard input.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A finished run folder.")]
MaybeRunOutput = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="RUN", help="The run folder to write.")
]
RunOutput = Annotated[Path, typer.Option("--output", "-o", metavar="RUN", help="The run folder to write.")]
Target = Annotated[
    Path, typer.Option("--output", "-o", metavar="OUT", help="A .parquet, .csv or .jsonl file.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]

#: The options that make settings, by the name of the parameter that a command gets none of: its type, its
#: default, and the setting it gives, where that is one.
_SETTINGS: dict[str, tuple[Any, Any, tuple[str, str] | None]] = {
    "config": (
        Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings, a TOML file.")],
        None,
        None,
    ),
    "columns": (
        Annotated[
            list[str],
            typer.Option(
                "--map",
                metavar="OURS=THEIRS",
                help="Which of your columns is which of ours: --map text=body; --map ces= uses none for it; "
                "text given twice is made of both.",
            ),
        ],
        [],
        ("input", "columns"),
    ),
    "by": (
        Annotated[
            list[str],
            typer.Option(
                "--by",
                metavar="COLUMN",
                help="Cut by product, touchpoint or both, and by any column besides: --by country, or under "
                "a name of your own, --by country='Ship-to country'; --by 'product*country' crosses them.",
            ),
        ],
        [],
        ("loyalty", "by"),
    ),
    "input_format": (
        Annotated[
            str | None,
            typer.Option(
                "--format", metavar="NAME", help="Read the input as this format; see: earful formats"
            ),
        ],
        None,
        ("input", "format"),
    ),
    "sheet": (
        Annotated[
            str | None,
            typer.Option("--sheet", metavar="NAME", help="The sheet of a workbook, by its name or number."),
        ],
        None,
        ("input", "sheet"),
    ),
    "header_rows": (
        Annotated[
            int | None,
            typer.Option(
                "--header-rows",
                min=0,
                max=10,
                metavar="N",
                help="Rows that the header takes; 0: there is none.",
            ),
        ],
        None,
        ("input", "header_rows"),
    ),
    "skip_rows": (
        Annotated[
            int | None,
            typer.Option("--skip-rows", min=0, metavar="N", help="Rows above the header that are not read."),
        ],
        None,
        ("input", "skip_rows"),
    ),
    "question": (
        Annotated[
            str | None,
            typer.Option(
                "--question",
                metavar="TEXT",
                help="What the survey asked, for models that read whole reviews.",
            ),
        ],
        None,
        ("input", "question"),
    ),
    "redact": (
        Annotated[
            bool,
            typer.Option("--redact", help="Mask personal details before anything is written."),
        ],
        False,
        ("input", "redact"),
    ),
    "themes": (
        Annotated[
            str | None,
            typer.Option(
                "--themes",
                metavar="FILE",
                help="A taxonomy file, cx, or an industry pack; several joined by +: cx+bank.",
            ),
        ],
        None,
        ("themes", "taxonomy"),
    ),
    "model": (
        Annotated[
            str | None,
            typer.Option("--model", help="auto, fast, accurate, a folder, or a Hugging Face hub id."),
        ],
        None,
        ("sentiment", "model"),
    ),
    "device": (
        Annotated[
            str | None,
            typer.Option(
                "--device",
                metavar="NAME",
                help="Where the model runs: cpu, or a GPU, cuda or cuda:N, whose numbers differ a little.",
            ),
        ],
        None,
        ("sentiment", "device"),
    ),
    "lang": (
        Annotated[
            str | None,
            typer.Option("--lang", metavar="CODE", help="Language of the report: en, ru, bg or lv."),
        ],
        None,
        ("report", "lang"),
    ),
    "settings": (
        Annotated[
            list[str],
            typer.Option(
                "--set", metavar="KEY=VALUE", help="Any other setting: --set scales.ces.direction=ease"
            ),
        ],
        [],
        None,
    ),
}


def with_settings(*names: str) -> Callable[[_Command], _Command]:
    """Give a command the options that make settings, beside its own, in place of its parameter ``config``.

    Parameters
    ----------
    names
        Which of them, in the order of the help; they stand before the command's first option of its own that
        has a default.
    """

    def decorate(command: _Command) -> _Command:
        signature = inspect.signature(command, eval_str=True)
        own = [parameter for parameter in signature.parameters.values() if parameter.name != "config"]
        first = next((at for at, p in enumerate(own) if p.default is not p.empty), len(own))
        shared = [
            inspect.Parameter(name, own[0].kind, default=_SETTINGS[name][1], annotation=_SETTINGS[name][0])
            for name in names
        ]

        @functools.wraps(command)
        def run(**given: Any) -> None:
            told = {name: given.pop(name) for name in names}
            command(config=_gathered(told), **given)

        run.__signature__ = signature.replace(parameters=own[:first] + shared + own[first:])  # type: ignore[attr-defined]
        return run  # type: ignore[return-value]

    return decorate


def _gathered(told: dict[str, Any]) -> Config:
    """Gather the settings of the command line over the file's and the environment's."""
    from earful.config import load_config, merged, toml_value

    overrides: dict[str, Any] = {}
    for setting_ in told.get("settings", ()):
        path, text = pair(setting_, "--set", "section.key=value")
        setting: Any = toml_value(text)
        for name in reversed(path.split(".")):
            setting = {name: setting}
        overrides = merged(overrides, setting)
    if "columns" in told:
        told["columns"] = _columns(told["columns"])
    given = told.get("by", ())
    told["by"] = [name for names in given for name in ([names] if "=" in names else names.split(","))]
    for name, value in told.items():
        place = _SETTINGS[name][2]
        if value not in (None, "", [], {}) and place is not None:
            overrides = merged(overrides, {place[0]: {place[1]: value}})
    return load_config(told.get("config"), overrides)


def _columns(pairs: list[str]) -> dict[str, Any]:
    """Give ours -> theirs; text that is given more than once is made of several columns."""
    columns: dict[str, Any] = {}
    for one in pairs:
        ours, theirs = pair(one, "--map", "ours=theirs", blank=True)
        if ours == "text" and theirs and columns.get(ours):
            before = columns[ours]
            columns[ours] = [*(before if isinstance(before, list) else [before]), theirs]
        else:
            columns[ours] = theirs
    return columns


def pair(text: str, option: str, form: str, blank: bool = False) -> tuple[str, str]:
    """Take a pair ``left=right`` of the command line apart; ``blank`` lets the right side be empty.

    Raises
    ------
    ConfigError
        It is none.
    """
    left, equals, right = text.partition("=")
    if not (left.strip() and equals and (blank or right.strip())):
        raise ConfigError(f"cannot read {text!r}", where=option, allowed=form)
    return left.strip(), right.strip()


def reported(command: _Command) -> _Command:
    """Turn our errors into one line on stderr and the exit code of the contract."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        from earful.models.cores import own_process

        own_process()
        try:
            command(*args, **kwargs)
        except EarfulError as error:
            typer.echo(f"earful: {error}", err=True)
            raise typer.Exit(1) from None
        except MemoryError:
            typer.echo("earful: the memory is used up; try fewer --workers, a smaller --batch-size", err=True)
            raise typer.Exit(1) from None
        except OSError as error:
            typer.echo(f"earful: {error.filename or 'the system'}: {error.strerror or error}", err=True)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            typer.echo("earful: interrupted", err=True)
            raise typer.Exit(130) from None

    return run  # type: ignore[return-value]
