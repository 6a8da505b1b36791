"""The command line. Each command calls the function of the same name."""

from __future__ import annotations

import functools
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from earful import __version__
from earful.cli.themes import register as register_themes
from earful.errors import ConfigError, EarfulError

__all__ = ["app", "main"]

app = typer.Typer(
    name="earful",
    help="Turn an earful of customer feedback into one loyalty number you can defend.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models_app = typer.Typer(help="Shipped models, with cards and checksums.", no_args_is_help=True)
app.add_typer(models_app, name="models")
themes_app = typer.Typer(
    help="The taxonomy workshop: change themes, learn them, discover new ones.", no_args_is_help=True
)
app.add_typer(themes_app, name="themes")

_Command = TypeVar("_Command", bound=Callable[..., None])


def _reported(command: _Command) -> _Command:
    """Turn our errors into one line on stderr and the exit code of the contract."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except EarfulError as error:
            typer.echo(f"earful: {error}", err=True)
            raise typer.Exit(1) from None
        except OSError as error:
            typer.echo(f"earful: {error.filename or 'the system'}: {error.strerror or error}", err=True)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            typer.echo("earful: interrupted", err=True)
            raise typer.Exit(130) from None

    return run  # type: ignore[return-value]


register_themes(themes_app, _reported)

Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT...", help="Files, glob patterns, or - for standard input.")
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="RUN", help="The run folder to write.")]
Map = Annotated[
    list[str],
    typer.Option(
        "--map",
        metavar="OURS=THEIRS",
        help="Which of your columns is which of ours: --map text=body; --map ces= uses none for it.",
    ),
]
By = Annotated[
    list[str], typer.Option("--by", metavar="COLUMN", help="Cut the index by product, touchpoint, or both.")
]
ConfigFile = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings, a TOML file.")]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="NAME", help="Read the input as this format; see: earful formats"),
]
Themes = Annotated[
    str | None, typer.Option("--themes", metavar="FILE", help="A taxonomy file, or cx, the built-in one.")
]
Model = Annotated[
    str | None, typer.Option("--model", help="auto, fast, accurate, a folder, or a Hugging Face hub id.")
]
Set = Annotated[
    list[str],
    typer.Option("--set", metavar="KEY=VALUE", help="Any other setting: --set scales.ces.direction=ease"),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]


@app.command()
@_reported
def analyze(
    inputs: Inputs,
    output: Output,
    config: ConfigFile = None,
    columns: Map = [],  # noqa: B006 (Typer copies it)
    by: By = [],  # noqa: B006
    input_format: Format = None,
    themes: Themes = None,
    model: Model = None,
    settings: Set = [],  # noqa: B006
    workers: Annotated[int, typer.Option(min=1, help="Processes to work with.")] = 1,
    batch_size: Annotated[int, typer.Option(min=1, help="Rows in a batch; changes no number.")] = 512,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Read the first N rows only.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    quiet: Quiet = False,
) -> None:
    """Turn feedback into scored rows, themes, a loyalty index per product and touchpoint, and a report."""
    import earful
    from earful.cli.progress import Console

    with Console(quiet=quiet) as console:
        run = earful.analyze(
            inputs,
            output,
            config=_settings(config, columns, by, input_format, themes, model, settings),
            workers=workers,
            batch_size=batch_size,
            limit=limit,
            resume=resume,
            watcher=console,
            command=shlex.join(["earful", *sys.argv[1:]]),
        )
        console.summary(run)


@app.command()
@_reported
def demo(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="RUN", help="The run folder to write.")
    ] = Path("runs/demo"),
    quiet: Quiet = False,
) -> None:
    """Do the main job on the bundled sample: four languages, several products, some bad rows."""
    import earful
    from earful.cli.progress import Console
    from earful.data import demo_inputs

    with Console(quiet=quiet) as console:
        run = earful.analyze(
            demo_inputs(), output, watcher=console, command=shlex.join(["earful", *sys.argv[1:]])
        )
        console.summary(run)


@app.command()
@_reported
def score(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A file, or - for standard input.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT", help="A .parquet, .csv or .jsonl file.")
    ],
    config: ConfigFile = None,
    columns: Map = [],  # noqa: B006
    input_format: Format = None,
    model: Model = None,
    settings: Set = [],  # noqa: B006
    quiet: Quiet = False,
) -> None:
    """Score sentiment only: one output row per input row, in the same order."""
    from earful.cli.progress import Console
    from earful.jobs.score import score_file

    with Console(quiet=quiet) as console:
        score_file(
            source,
            output,
            config=_settings(config, columns, [], input_format, None, model, settings),
            watcher=console,
        )


@app.command()
@_reported
def tag(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A file, or - for standard input.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT", help="A .parquet, .csv or .jsonl file.")
    ],
    themes: Themes = None,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Leave out themes that are less sure than this.")
    ] = 0.0,
    help_desk: Annotated[
        bool, typer.Option("--help-desk", help="Write id and tags alone, as help desks import them.")
    ] = False,
    config: ConfigFile = None,
    columns: Map = [],  # noqa: B006
    input_format: Format = None,
    settings: Set = [],  # noqa: B006
    quiet: Quiet = False,
) -> None:
    """Find themes only, for tickets: one output row per input row, in the same order."""
    from earful.cli.progress import Console
    from earful.jobs.tag import tag_file

    resolved = _settings(config, columns, [], input_format, themes, None, settings)
    with Console(quiet=quiet) as console:
        tag_file(
            source,
            output,
            resolved.themes.taxonomy,
            min_confidence=min_confidence,
            help_desk=help_desk,
            config=resolved,
            watcher=console,
        )


@app.command()
@_reported
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A finished run folder.")],
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write the page; by default in the run.")
    ] = None,
) -> None:
    """Rebuild the report of a run."""
    from earful.report import write_report
    from earful.runs.run import open_run

    typer.echo(write_report(open_run(run).path, html))


@app.command()
@_reported
def compare(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A finished run folder.")],
    other: Annotated[
        Path | None,
        typer.Option("--with", metavar="RUN2", help="A later run: tell what changed from RUN to it."),
    ] = None,
    by: Annotated[
        list[str],
        typer.Option(metavar="COLUMN", help="Compare by product (the default), touchpoint, both, or period."),
    ] = [],  # noqa: B006
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER",
            help="Where to write; by default the folder compare, or compare-with-RUN2, in RUN.",
        ),
    ] = None,
    measured: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The measured side: nps, recommend, csat or rating; by default the first that was answered.",
        ),
    ] = None,
    min_reviews: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Reviews a group needs; by default as RUN was set.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Set words and index against the measured NPS, product by product; or a run against a later one."""
    import earful
    from earful.cli.comparison import print_comparison

    found = earful.compare(
        run,
        other,
        ",".join(by) or "product",
        measured=measured,
        min_reviews=min_reviews,
    )
    page = found.write(output or found.home)
    if not quiet:
        print_comparison(found, page)


@app.command()
@_reported
def formats() -> None:
    """List the formats that are read."""
    from earful.readers import formats as known

    for name, what in known().items():
        typer.echo(f"{name:10} {what}")


@models_app.command("list")
@_reported
def list_models() -> None:
    """List the models that are shipped."""
    from earful.sentiment.model import model_folder, shipped_models

    for name in shipped_models():
        folder = model_folder(name)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        typer.echo(f"{name:12} {size / 1e6:7.1f} MB  {folder}")


@models_app.command("show")
@_reported
def show_model(name: Annotated[str, typer.Argument(help="A shipped model's name.")]) -> None:
    """Show a model's card: what it is, what it was trained on, how well it does."""
    from earful.sentiment.model import model_folder

    typer.echo((model_folder(name) / "README.md").read_text(encoding="utf-8"))


@models_app.command("verify")
@_reported
def verify_models() -> None:
    """Check the shipped weights against their checksums."""
    from earful.sentiment import load_model, shipped_models

    for name in shipped_models():
        # Loading checks every file against the sums in the model's own list.
        typer.echo(f"{name:12} ok  sha256 {load_model(name).checksum}")


def _settings(
    config: Path | None,
    columns: list[str],
    by: list[str],
    input_format: str | None,
    themes: str | None,
    model: str | None,
    settings: list[str],
) -> Any:
    """Gather the settings of the command line over the file's and the environment's."""
    from earful.config import load_config, merged, toml_value

    overrides: dict[str, Any] = {}
    for pair in settings:
        path, text = _pair(pair, "--set", "section.key=value")
        setting: Any = toml_value(text)
        for name in reversed(path.split(".")):
            setting = {name: setting}
        overrides = merged(overrides, setting)
    given = {
        ("input", "columns"): dict(_pair(pair, "--map", "ours=theirs", blank=True) for pair in columns),
        ("input", "format"): input_format,
        ("loyalty", "by"): [name for names in by for name in names.split(",")],
        ("themes", "taxonomy"): themes,
        ("sentiment", "model"): model,
    }
    for (section, key), value in given.items():
        if value:
            overrides = merged(overrides, {section: {key: value}})
    return load_config(config, overrides)


def _pair(text: str, option: str, form: str, blank: bool = False) -> tuple[str, str]:
    left, equals, right = text.partition("=")
    if not (left.strip() and equals and (blank or right.strip())):
        raise ConfigError(f"cannot read {text!r}", where=option, allowed=form)
    return left.strip(), right.strip()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"earful {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line."""
    app()
