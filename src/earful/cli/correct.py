"""``earful correct``: what a person says overrides the models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from earful.cli.options import Quiet, RunFolder, pair

__all__ = ["correct"]

#: Of the corrections of a file the last so many are shown.
_SHOWN = 20


def correct(
    run: RunFolder,
    review: Annotated[
        str | None, typer.Option(metavar="ID", help="The review: its review_id in the tables and the report.")
    ] = None,
    segment: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="The segment of it that this is about.")
    ] = None,
    settings: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="What is right: sentiment=negative, add_theme=delivery.speed, remove_theme=price.value, "
            "polarity:delivery.speed=negative, product=Lamp, lang=bg, nps=7, rating=; undo=sentiment.",
        ),
    ] = [],  # noqa: B006
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who says so; by default your user name.")
    ] = None,
    source: Annotated[
        str, typer.Option(metavar="INPUT", help="The input of the review, where ids of several are the same.")
    ] = "",
    given: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="CSV with review_id, field, value; if it has them segment, who, when.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Correct a run: tables, index, themes and report follow; with no option, by corrections.csv as it is."""
    from earful.errors import ConfigError
    from earful.jobs.correct import correct as put_right
    from earful.runs.run import open_run

    if bool(settings) != bool(review) or (given and review):
        raise ConfigError(
            "what to correct is not plain",
            where="earful correct",
            allowed="--review ID with --set FIELD=VALUE, or --from FILE, or neither",
        )
    before = open_run(run)
    pairs = [pair(text, "--set", "field=value", blank=True) for text in settings]
    told: Any = given
    if given is None:
        place = {"review_id": review, "segment": segment, "source": source}
        told = [{**place, "field": field, "value": value} for field, value in pairs]
    index = _index(before)
    after = put_right(run, told, by=by)
    if quiet:
        return
    done = [row for row in after.table("corrections").to_pylist() if row["applied"]]
    new = _SHOWN if given else sum(field != "undo" for field, _ in pairs)
    for row in done[max(len(done) - new, 0) :]:
        at = "" if row["segment"] is None else f" segment {row['segment']}"
        shown = f"{_told(row['before'])} -> {_told(row['value'])}"
        typer.echo(f"{row['review_id']}{at} {row['field']}: {shown}")
    typer.echo(f"{len(done)} corrections hold in {after.path}; index {index} -> {_index(after)}")
    for warning in after.manifest["warnings"]:
        if "not fit this run" in warning:
            typer.echo(f"Note: {warning}")


def _index(run: Any) -> str:
    overall = run.loyalty[run.loyalty["grouping"] == "overall"].iloc[0]
    # No minus before a nought.
    return f"{round(overall['index'], 1) + 0.0:+.1f}"


def _told(value: Any) -> str:
    return "none" if value in {None, ""} else str(value)
