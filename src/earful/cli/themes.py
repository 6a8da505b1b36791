"""The commands of the taxonomy workshop: ``earful themes ...``. Each calls the function that does the job."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from earful.errors import ConfigError

__all__ = ["register"]

Taxonomy = Annotated[Path, typer.Argument(metavar="THEMES", help="Your taxonomy, a TOML file.")]
AnyTaxonomy = Annotated[
    str, typer.Argument(metavar="THEMES", help="cx, a pack, a TOML file or a folder; several joined by +.")
]
Theme = Annotated[str, typer.Argument(metavar="THEME", help="A theme's id, such as delivery.speed.")]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="A finished run folder.")]


def register(app: typer.Typer, reported: Callable[[Any], Any]) -> None:
    """Add the commands to an app; ``reported`` turns errors into one line and an exit code."""
    for command in (
        show,
        copy,
        rename,
        move,
        merge,
        split,
        undo,
        history,
        apply,
        learn,
        discover,
        adopt,
        audit,
        untagged,
    ):
        app.command()(reported(command))


def show(
    themes: AnyTaxonomy = "cx",
    lang: Annotated[str, typer.Option(help="Language of the labels.")] = "en",
) -> None:
    """List the themes of a taxonomy, and the industry packs there are."""
    from earful.themes.taxonomy import load_taxonomy, pack_names

    taxonomy = load_taxonomy(themes)
    width = max(len(theme.id) for theme in taxonomy.themes)
    for theme in taxonomy.themes:
        typer.echo(f"{theme.id:{width}}  {theme.label(lang)}")
    spoken = ", ".join(taxonomy.languages) or "none"
    typer.echo(f"{len(taxonomy)} themes, phrases in: {spoken}; checksum {taxonomy.checksum[:12]}")
    typer.echo(f"Packs: {', '.join(pack_names())}; with cx: --themes cx+{pack_names()[0]}")


def copy(
    themes: AnyTaxonomy,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
) -> None:
    """Write a taxonomy as one file of your own, to change."""
    from earful.workshop.history import copy_taxonomy

    typer.echo(f"wrote {len(copy_taxonomy(themes, target))} themes to {target}")


def rename(
    themes: Taxonomy,
    theme: Theme,
    to: Annotated[str | None, typer.Argument(metavar="[NEW]", help="The new id.")] = None,
    label: Annotated[str | None, typer.Option(help="A new English label.")] = None,
) -> None:
    """Give a theme another id, another label, or both."""
    from earful.workshop.changes import Rename

    _change(themes, Rename(theme, to, label))


def move(
    themes: Taxonomy,
    theme: Theme,
    touchpoint: Annotated[str, typer.Argument(metavar="TOUCHPOINT", help="Where it belongs.")],
) -> None:
    """Put a theme under another touchpoint."""
    from earful.workshop.changes import Move

    _change(themes, Move(theme, touchpoint))


def merge(
    themes: Taxonomy,
    sources: Annotated[list[str], typer.Argument(metavar="THEME...", help="The themes that go.")],
    into: Annotated[str, typer.Option(help="The theme that takes them in.")],
) -> None:
    """Make one theme of several."""
    from earful.workshop.changes import Merge

    _change(themes, Merge(tuple(sources), into))


def split(
    themes: Taxonomy,
    theme: Theme,
    parts: Annotated[Path, typer.Option(help="A taxonomy file with the themes it becomes.")],
) -> None:
    """Make several themes of one; its mentions go by the phrases of the parts."""
    from earful.themes.taxonomy import load_taxonomy
    from earful.workshop.changes import Split

    _change(themes, Split(theme, load_taxonomy(parts).themes))


def undo(themes: Taxonomy) -> None:
    """Take back the last change that still stands."""
    from earful.workshop.history import undo as take_back

    typer.echo(f"{themes}: {len(take_back(themes))} themes")


def history(themes: Taxonomy) -> None:
    """List the changes made to a taxonomy, the oldest first."""
    from earful.workshop.history import history as versions

    for version in versions(themes):
        done = {name: value for name, value in version.change.items() if name != "kind" and value is not None}
        told = " ".join(f"{name}={_told(value)}" for name, value in done.items())
        typer.echo(f"{version.number}  {version.change['kind']}  {told}  -> {version.after[:12]}")


def apply(
    themes: Taxonomy,
    run: Run,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="NEW", help="Write a new run, or FILE.parquet: its mentions."),
    ] = None,
) -> None:
    """Find the themes of a changed taxonomy in a finished run, with no model; show which counts change."""
    import pyarrow.parquet as pq

    from earful.jobs.apply import rematched, write_run
    from earful.themes.taxonomy import load_taxonomy
    from earful.workshop.changes import count_diff

    mentions, aspects = rematched(run, load_taxonomy(themes))
    before = pq.read_table(run / "mentions.parquet").to_pandas()
    diff = count_diff(before, mentions.to_pandas())
    for row in diff.itertuples():
        typer.echo(f"{row.theme}: {row.n_before} -> {row.n_after} ({row.change:+d})")
    typer.echo(f"{len(before)} mentions before, {mentions.num_rows} after; {len(diff)} themes changed")
    if output is None:
        return
    if output.suffix == ".parquet":
        pq.write_table(mentions, output, compression="zstd")
    else:
        write_run(run, themes, mentions, aspects, output)
    typer.echo(f"wrote {output}")


def learn(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="The model to write.")],
    labelled: Annotated[
        Path | None, typer.Argument(metavar="[LABELLED]", help="CSV with a text and a theme column.")
    ] = None,
    corrections: Annotated[
        list[Path],
        typer.Option(
            metavar="RUN", help="A run: reviews whose themes people corrected (earful correct) are rows too."
        ),
    ] = [],  # noqa: B006
    text: Annotated[str, typer.Option(help="The column of the words.")] = "text",
    theme: Annotated[
        str, typer.Option(help="The column of the theme; several are parted by | in it.")
    ] = "theme",
    precision: Annotated[
        float, typer.Option(min=0.0, max=0.99, help="Give a theme only where it is right this often.")
    ] = 0.0,
    themes: Annotated[
        str | None, typer.Option(help="A taxonomy whose descriptions tell what the themes are about.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="accurate, the default, or fast, which takes half the time to tag.")
    ] = None,
) -> None:
    """Learn themes from rows labelled by hand; state for each how far it can be trusted."""
    from earful.encoder import load_encoder
    from earful.jobs.judged import judged_themes
    from earful.themes.taxonomy import load_taxonomy
    from earful.workshop.learn import learn as teach
    from earful.workshop.learn import read_labelled

    if labelled is None and not corrections:
        raise ConfigError("names no rows", where="earful themes learn", allowed="LABELLED, --corrections RUN")
    texts, labels = read_labelled(labelled, text, theme) if labelled is not None else ([], [])
    for run in corrections:
        more, said = judged_themes(run)
        typer.echo(f"{run}: {len(more)} texts whose themes people corrected")
        texts, labels = [*texts, *more], [*labels, *said]
    taxonomy = load_taxonomy(themes) if themes else None
    told = {one.id: f"{one.label()}. {one.description}" for one in taxonomy.themes} if taxonomy else None
    encoder = load_encoder(model) if model else None
    learned = teach(texts, labels, precision=precision, descriptions=told, encoder=encoder)
    learned.save(output)
    typer.echo("theme | rows | precision | recall, on rows not taught")
    for report in learned.reports:
        typer.echo(f"{report.theme} | {report.n} | {report.precision:.2f} | {report.recall:.2f}")
    typer.echo(f"wrote {output}")


def discover(
    run: Run,
    complaints: Annotated[bool, typer.Option(help="Look at negative segments only.")] = True,
    most: Annotated[int, typer.Option(min=2, help="Groups at most.")] = 60,
    least: Annotated[int, typer.Option(min=2, help="Different texts in a group at least.")] = 5,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Read the texts anew with this reader: accurate finds surer groups than what the run kept.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the groups, JSON.")
    ] = None,
) -> None:
    """Group what no theme covers: a name, a count and quotes for each group."""
    from dataclasses import asdict

    from earful.encoder import load_encoder
    from earful.themes.meaning import vectors as read
    from earful.workshop.discovery import discover as group
    from earful.workshop.uncovered import uncovered_segments

    texts, langs, vectors = uncovered_segments(run, complaints=complaints)
    if model:
        vectors = read(load_encoder(model), texts)
    found = group(texts, langs, vectors=vectors, most=most, least=least)
    for one in found.groups:
        typer.echo(f"{one.number:3d}  {one.n:6d}  {one.label}  (stability {one.stability:.2f})")
        for quote in one.quotes:
            typer.echo(f"        {' '.join(quote.split())}")
    typer.echo(
        f"{len(texts)} segments without a theme, {found.n_non_answers} of them say nothing; "
        f"{len(found.groups)} groups, {100 * found.left_over:.0f} % left over"
    )
    if output is not None:
        groups = [asdict(one) for one in found.groups]
        text = json.dumps({"left_over": found.left_over, "groups": groups}, ensure_ascii=False, indent=1)
        output.write_text(text + "\n", encoding="utf-8")
        typer.echo(f"wrote {output}")


def adopt(
    groups: Annotated[Path, typer.Argument(metavar="GROUPS", help="What discover -o wrote.")],
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The group's number.")],
    themes: Taxonomy,
    theme: Annotated[str, typer.Argument(metavar="THEME", help="The new theme's id, touchpoint.name.")],
    label: Annotated[str | None, typer.Option(help="Its English name.")] = None,
) -> None:
    """Put a discovered group into your taxonomy as a theme."""
    from earful.workshop.adoption import adopt_group

    found = adopt_group(groups, number, themes, theme, label)
    typer.echo(f"{themes}: added {found.id}; earful themes apply {themes} RUN shows what it finds")


def audit(
    run: Run,
    n: Annotated[int, typer.Option("-n", min=2, help="Mentions and untagged complaints, together.")] = 200,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The sample to judge, CSV.")
    ] = Path("audit.csv"),
    judged: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The judged sample: give precision and recall.")
    ] = None,
) -> None:
    """Draw a sample of mentions and untagged complaints to judge by hand, or read the judgements back."""
    from earful.workshop.audit import draw_sample, read_judged, write_sample

    if judged is not None:
        said = read_judged(run, judged)
        typer.echo(f"precision of themes  {said.precision}")
        typer.echo(f"right polarity       {said.polarity}")
        typer.echo(f"untagged complaints that should have had a theme  {said.missed}")
        typer.echo(f"recall in complaints {said.recall}")
        return
    if output.exists():
        raise ConfigError(
            "is there already and may hold judgements", where=str(output), fix="name another -o"
        )
    sample = draw_sample(run, n)
    typer.echo(
        f"wrote {len(sample)} rows to {write_sample(sample, output)}: "
        f"fill theme_right and polarity_right with y or n, "
        f"missed_theme with a theme or -; then earful themes audit {run} --judged {output}"
    )


def untagged(
    run: Run,
    most: Annotated[int, typer.Option("-n", min=1, help="Complaints at most.")] = 50,
) -> None:
    """List the complaints that no theme covers, those that cost most first."""
    from earful.workshop.audit import untagged as costly

    typer.echo("cost | times | complaint")
    for cost, times, text in costly(run, most):
        typer.echo(f"{cost:.2f} | {times} | {text}")


def _change(path: Path, change: Any) -> None:
    from earful.workshop.history import change_file

    taxonomy = change_file(path, change)
    typer.echo(f"{path}: {len(taxonomy)} themes; earful themes apply {path} RUN shows what it changes")


def _told(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)
