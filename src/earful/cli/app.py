"""The command line. Each command calls the job of the same name."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from earful import __version__
from earful.cli.correct import correct
from earful.cli.options import (
    MaybeInputs,
    MaybeRunOutput,
    Quiet,
    RunFolder,
    RunOutput,
    Source,
    Sql,
    Target,
    reported,
    with_settings,
)
from earful.cli.themes import register as register_themes

__all__ = ["app", "main"]

#: First rows that a preview shows, unless --limit says how many.
PREVIEW_ROWS = 5

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


register_themes(themes_app, reported)
app.command()(reported(correct))


@app.command()
@reported
@with_settings(
    "config",
    "columns",
    "by",
    "input_format",
    "sheet",
    "header_rows",
    "skip_rows",
    "question",
    "redact",
    "themes",
    "model",
    "device",
    "lang",
    "settings",
)
def analyze(
    inputs: MaybeInputs = None,
    config: Any = None,
    sql: Sql = None,
    output: MaybeRunOutput = None,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help="Show columns, scales, doubts and the first rows as they would be read; nothing is written.",
        ),
    ] = False,
    engine: Annotated[
        str, typer.Option("--engine", metavar="NAME", help="Where to work: local, or ray, a cluster.")
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option("--address", metavar="HOST:PORT", help="The ray cluster; by default the one at hand."),
    ] = None,
    parts: Annotated[
        str | None,
        typer.Option(
            "--parts",
            metavar="URL",
            help="Where a cluster keeps parts until the run is finished, such as s3://; by default in RUN.",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes to work with.")] = 1,
    gpus: Annotated[
        float | None,
        typer.Option(
            "--gpus",
            metavar="SHARE",
            help="Of each worker of a cluster, with --device cuda: 1, or .25 for a fourth of one.",
        ),
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Rows in a batch; changes no number.")] = 512,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Read the first N rows only.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    append: Annotated[
        bool,
        typer.Option("--append", help="Add unseen and edited reviews to the finished run in RUN."),
    ] = False,
    retry: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Take mended rows of rejects.jsonl into the run at -o; no INPUT beside it.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Turn feedback into scored rows, themes, a loyalty index per product and touchpoint, and a report."""
    import earful
    from earful.cli.progress import Console

    if retry is not None and (inputs or sql):
        raise typer.BadParameter("name files to read, or --retry FILE without any", param_hint="INPUT...")
    if retry is None and not inputs and not sql:
        raise typer.BadParameter(
            "name files to read, --sql URL QUERY, or --retry FILE", param_hint="INPUT..."
        )
    many = [*(inputs or ()), *([earful.Query(*sql)] if sql else ())]
    if preview and retry is None:
        typer.echo(earful.preview(many, config=config, n=limit or PREVIEW_ROWS))
        return
    if output is None:
        raise typer.BadParameter("name the run folder to write", param_hint="'--output' / '-o'")
    if retry is not None:
        run = earful.retry(output, retry)
        with Console(quiet=quiet) as console:
            console.summary(run)
        return
    with Console(quiet=quiet) as console:
        run = earful.analyze(
            many,
            output,
            config=config,
            engine=engine,
            address=address,
            parts=parts,
            workers=workers,
            gpus=gpus,
            batch_size=batch_size,
            limit=limit,
            resume=resume,
            append=append,
            watcher=console,
            command=_command(),
        )
        console.summary(run)


@app.command()
@reported
@with_settings("lang")
def demo(config: Any, output: RunOutput = Path("runs/demo"), quiet: Quiet = False) -> None:
    """Do the main job on the bundled sample: four languages, several products, some bad rows."""
    import earful
    from earful.cli.progress import Console
    from earful.data import demo_inputs

    with Console(quiet=quiet) as console:
        run = earful.analyze(demo_inputs(), output, config=config, watcher=console, command=_command())
        console.summary(run)


@app.command()
@reported
@with_settings(
    "config",
    "columns",
    "input_format",
    "sheet",
    "header_rows",
    "skip_rows",
    "question",
    "redact",
    "model",
    "device",
    "settings",
)
def score(source: Source, output: Target, config: Any, quiet: Quiet = False) -> None:
    """Score sentiment only: one output row per input row, in the same order."""
    from earful.cli.progress import Console
    from earful.jobs.score import score_file

    with Console(quiet=quiet) as console:
        score_file(source, output, config=config, watcher=console)


@app.command()
@reported
@with_settings(
    "themes",
    "config",
    "columns",
    "input_format",
    "sheet",
    "header_rows",
    "skip_rows",
    "question",
    "model",
    "redact",
    "settings",
)
def tag(
    source: Source,
    output: Target,
    config: Any,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Leave out themes that are less sure than this.")
    ] = 0.0,
    help_desk: Annotated[
        bool, typer.Option("--help-desk", help="Write id and tags alone, as help desks import them.")
    ] = False,
    polarity: Annotated[
        bool, typer.Option("--polarity", help="Say of each theme negative, neutral or positive; slower.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Find themes only, for tickets: one output row per input row, in the same order."""
    from earful.cli.progress import Console
    from earful.jobs.tag import tag_file

    with Console(quiet=quiet) as console:
        tag_file(
            source,
            output,
            config.themes.taxonomy,
            min_confidence=min_confidence,
            help_desk=help_desk,
            polarity=polarity,
            config=config,
            watcher=console,
        )


@app.command()
@reported
def report(
    run: RunFolder,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write the page; by default in the run.")
    ] = None,
    xlsx: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write a workbook too: loyalty, themes, drivers, reviews, mentions."
        ),
    ] = None,
    pptx: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write slides too; needs the extra slides.")
    ] = None,
    md: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a summary in Markdown too, e.g. summary.md.")
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="The language: en, ru, bg or lv; by default as the run was set."),
    ] = None,
    before: Annotated[
        Path | None, typer.Option(metavar="RUN", help="The run before: say what changed since.")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write reviews.csv and mentions.csv too, with text and product."),
    ] = None,
    bom: Annotated[
        bool, typer.Option("--bom/--no-bom", help="Begin CSV with the mark by which spreadsheets know UTF-8.")
    ] = True,
) -> None:
    """Rebuild the report of a run; as slides, a workbook, tables or a summary too."""
    from earful.report import write_csv_files, write_report, write_slides, write_summary, write_workbook
    from earful.runs.run import open_run

    folder = open_run(run).path
    typer.echo(write_report(folder, html, lang=lang, before=before))
    for out, write in ((pptx, write_slides), (md, write_summary)):
        if out is not None:
            typer.echo(write(folder, out, lang=lang))
    if xlsx is not None:
        typer.echo(write_workbook(folder, xlsx))
    for path in write_csv_files(folder, csv, bom) if csv is not None else ():
        typer.echo(path)


@app.command()
@reported
def compare(
    run: RunFolder,
    other: Annotated[
        Path | None,
        typer.Option("--with", metavar="RUN2", help="A later run: tell what changed from RUN to it."),
    ] = None,
    by: Annotated[
        list[str],
        typer.Option(
            metavar="COLUMN",
            help="Compare by product (the default), touchpoint, both, period, or a column of --by in RUN.",
        ),
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
    lang: Annotated[
        str | None,
        typer.Option(
            metavar="CODE", help="Language of the page: en, ru, bg or lv; by default as RUN was set."
        ),
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
    page = found.write(output or found.home, lang=lang)
    if not quiet:
        print_comparison(found, page)


@app.command()
@reported
def serve(
    runs: Annotated[
        list[Path] | None, typer.Argument(metavar="RUN...", help="Finished run folders.", show_default=False)
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to listen.")] = 8350,
    host: Annotated[
        str,
        typer.Option(
            metavar="HOST",
            help="This machine alone by default; one that others can reach needs a token or users.",
        ),
    ] = "127.0.0.1",
    new: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where runs made in the browser are written, and changed themes; those there are served.",
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="Ask for a token; its hash is kept here. Where there is none, one is made and shown once.",
        ),
    ] = None,
    users: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Ask for a name and a password; the file that --add-user writes."),
    ] = None,
    add_user: Annotated[
        str | None,
        typer.Option(
            "--add-user",
            metavar="NAME",
            help="Put a user into the file of users, ask the password, and leave.",
        ),
    ] = None,
    role: Annotated[str, typer.Option(metavar="ROLE", help="Of the user: viewer or editor.")] = "viewer",
    model: Annotated[
        str | None, typer.Option(help="The model that texts sent to the API are scored with.")
    ] = None,
    oidc: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Let people in with accounts of an OpenID provider (docs/serve.md)."
        ),
    ] = None,
    public: Annotated[
        str,
        typer.Option(
            metavar="URL", help="The address that people reach the server at, behind one that speaks TLS."
        ),
    ] = "",
    webhook: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="Send alerts there; can be given again.")
    ] = None,
    webhook_secret: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="What alerts are signed with; made and shown once if it is not there.",
        ),
    ] = None,
    webhook_private: Annotated[
        bool, typer.Option("--webhook-private", help="Alerts may go to addresses of this network, also http.")
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="The language of the pages for readers who chose none: en, ru, bg or lv; by default their "
            "browser's.",
        ),
    ] = None,
) -> None:
    """Look at runs in a browser and ask them over a REST API: a dashboard on this machine."""
    from earful.serve.start import serve as start

    if add_user is not None:
        _add_user(users, add_user, role)
        return
    start(
        runs or [],
        host=host,
        port=port,
        new=new,
        token_file=token_file,
        users=users,
        model=model,
        oidc=oidc,
        public=public,
        webhooks=webhook or (),
        webhook_secret=webhook_secret,
        webhook_private=webhook_private,
        lang=lang or "",
        told=typer.echo,
    )


def _add_user(users: Path | None, name: str, role: str) -> None:
    from earful.serve.access import add_user

    if users is None or role not in ("viewer", "editor"):
        raise typer.BadParameter("say --users FILE, and --role viewer or editor", param_hint="'--add-user'")
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    add_user(users, name, role, password)  # type: ignore[arg-type]
    typer.echo(f"{name} is a {role} in {users}")


@app.command()
@reported
def formats() -> None:
    """List the formats that are read, and the exports of other programs that are recognised."""
    from earful.readers import formats as known
    from earful.readers.exports import exports

    for name, what in known().items():
        typer.echo(f"{name:10} {what}")
    typer.echo(
        "exports    of other programs, recognised by their headers in any of these; --format NAME forces one:"
    )
    for export in exports().values():
        unproven = f" (unproven: {export.unproven})" if export.unproven else ""
        typer.echo(f"{export.name:24} {export.title}{unproven}")


@models_app.command("list")
@reported
def list_models() -> None:
    """List the models that are shipped."""
    from earful.models.home import models_home, shipped

    for name, kind in shipped().items():
        folder = models_home() / name
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        typer.echo(f"{name:12} {kind:12} {size / 1e6:7.1f} MB  {folder}")
    typer.echo(f"{'auto':12} {'two models':12} {'':10}  fast, and accurate where fast is unsure")


@models_app.command("show")
@reported
def show_model(name: Annotated[str, typer.Argument(help="A shipped model's name.")]) -> None:
    """Show a model's card: what it is, what it was trained on, how well it does."""
    from earful.models.home import shipped_folder

    typer.echo((shipped_folder("fast" if name == "auto" else name) / "README.md").read_text(encoding="utf-8"))


@models_app.command("verify")
@reported
def verify_models() -> None:
    """Check the shipped weights against their checksums."""
    from earful.models.folder import Folder
    from earful.models.home import models_home, shipped

    for name in shipped():
        typer.echo(f"{name:12} ok  sha256 {Folder.open(models_home() / name).checksum}")


def _command() -> str:
    """Give the command line as the manifest keeps it: without passwords."""
    from earful.readers.urls import without_secrets

    return shlex.join(["earful", *map(without_secrets, sys.argv[1:])])


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
