"""The theme workshop in the browser: a run's taxonomy changed, undone, and applied to the run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from earful.errors import TaxonomyError
from earful.pages import names
from earful.pages.making import part_of
from earful.pages.words import say, spoken
from earful.serve.addresses import Addresses
from earful.serve.desk import Desk
from earful.serve.frame import AnEditor, AReader, Sent, TheDesk, TheRun, back_to, render
from earful.serve.house import Served
from earful.serve.views.overview import shared
from earful.workshop.changes import Change, Merge, Move, Rename

router = APIRouter(include_in_schema=False)

_Text = Annotated[str, Form(max_length=300)]
_Texts = Annotated[list[str], Form(max_length=60)]
#: Where taxonomies that were changed in the browser lie, in the folder of runs.
_HOME = "themes"


@router.get("/runs/{run}/workshop")
def workshop(request: Request, served: TheRun, desk: TheDesk, person: AReader) -> HTMLResponse:
    """Show the themes that the run was made with, and what was changed since."""
    from earful.themes.taxonomy import load_taxonomy
    from earful.workshop.history import history

    own, problem, taxonomy = _own(desk, served), "", None
    begun = own is not None and own.is_file()
    try:
        taxonomy = load_taxonomy(own if begun and own else _name(served))
    except TaxonomyError as error:
        problem = error.what
    changes = history(own) if begun and own else []
    page = {
        "title": say("serve.workshop.title"),
        "begun": begun,
        "problem": problem,
        "taxonomy": taxonomy,
        "themes": _themes(served, taxonomy) if taxonomy else [],
        "touchpoints": sorted({theme.touchpoint for theme in taxonomy.themes}) if taxonomy else [],
        "changes": [_said(one.number, one.change) for one in reversed(changes)][:20],
        "undoable": _standing(changes) > 0,
        "changed": begun and taxonomy is not None and _checksum(served) != taxonomy.checksum,
        "possible": desk.home is not None,
    }
    with served.tables() as tables:
        page |= shared(tables, served.overall)
    return render(request, "workshop.html.j2", page, served=served, tab="workshop")


@router.post("/runs/{run}/workshop/begin", dependencies=[Sent])
def begin(served: TheRun, desk: TheDesk, person: AnEditor) -> Response:
    """Copy the run's taxonomy to change it."""
    from earful.workshop.history import copy_taxonomy

    own = _needed(desk, served)
    own.parent.mkdir(parents=True, exist_ok=True)
    if not own.is_file():
        copy_taxonomy(_name(served), own)
        desk.audit.note(person.name, "copy themes", run=served.name, file=own.name)
    return back_to(Addresses(served.name).page("workshop"))


@router.post("/runs/{run}/workshop/rename", dependencies=[Sent])
def rename(
    served: TheRun, desk: TheDesk, person: AnEditor, theme: _Text, label: _Text = "", to: _Text = ""
) -> Response:
    """Give a theme another name in the language of the page, another id, or both."""
    change = Rename(theme, to.strip() or None, label.strip() or None, spoken())
    return _change(desk, served, person.name, change)


@router.post("/runs/{run}/workshop/move", dependencies=[Sent])
def move(served: TheRun, desk: TheDesk, person: AnEditor, theme: _Text, touchpoint: _Text) -> Response:
    """Put a theme under another touchpoint."""
    return _change(desk, served, person.name, Move(theme, touchpoint.strip()))


@router.post("/runs/{run}/workshop/merge", dependencies=[Sent])
def merge(served: TheRun, desk: TheDesk, person: AnEditor, into: _Text, themes: _Texts) -> Response:
    """Make one theme of several."""
    return _change(desk, served, person.name, Merge(tuple(themes), into))


@router.post("/runs/{run}/workshop/undo", dependencies=[Sent])
def undo(served: TheRun, desk: TheDesk, person: AnEditor) -> Response:
    """Take back the last change that stands."""
    from earful.workshop.history import undo as take_back

    take_back(_needed(desk, served))
    desk.audit.note(person.name, "undo", run=served.name)
    return back_to(Addresses(served.name).page("workshop"))


@router.post("/runs/{run}/workshop/apply", dependencies=[Sent])
def apply(served: TheRun, desk: TheDesk, person: AnEditor) -> Response:
    """Make a new run of this one with the changed themes; no model runs again."""
    own = _needed(desk, served)
    if not own.is_file():
        raise HTTPException(400, say("serve.workshop.unchanged"))
    output = desk.jobs.free_run(f"{served.name}-themes")
    spec = {"kind": "apply", "source": str(served.run.path), "themes": str(own), "output": str(output)}
    job = desk.jobs.start(desk.jobs.new_id(), spec, person.name)
    desk.audit.note(person.name, "apply themes", run=served.name, to=job.run)
    return back_to(f"/jobs/{job.id}")


def _change(desk: Desk, served: Served, by: str, change: Change) -> Response:
    from earful.workshop.changes import to_record
    from earful.workshop.history import change_file

    change_file(_needed(desk, served), change)
    told = {f"of_{name}": str(value) for name, value in to_record(change).items() if value is not None}
    desk.audit.note(by, "change themes", run=served.name, **told)
    return back_to(Addresses(served.name).page("workshop"))


def _name(served: Served) -> str:
    return str(part_of(served.manifest, "config", "themes").get("taxonomy") or "cx")


def _checksum(served: Served) -> str:
    return str(part_of(served.manifest, "taxonomy").get("checksum") or "")


def _own(desk: Desk, served: Served) -> Path | None:
    """Give the file that is changed: the one the run was made with if it is of here, else a copy's place."""
    if desk.home is None:
        return None
    folder = desk.home / _HOME
    used = Path(_name(served))
    if used.suffix == ".toml" and used.resolve().parent == folder.resolve() and used.is_file():
        return used
    return folder / f"{served.name}.toml"


def _needed(desk: Desk, served: Served) -> Path:
    own = _own(desk, served)
    if own is None:
        raise HTTPException(400, say("serve.refused.nothing_kept"))
    return own


def _themes(served: Served, taxonomy: Any) -> list[dict[str, Any]]:
    """Give every theme with how often the run has it."""
    at = Addresses(served.name)
    with served.tables() as tables:
        rows = tables.top("themes", "grouping = 'overall'", "theme")
    counts = {row["theme"]: row for row in rows}
    return [
        {
            "id": theme.id,
            "label": theme.label(spoken()),
            "touchpoint": names.touchpoint(theme.touchpoint),
            "row": counts.get(theme.id),
            "href": at.theme(theme.id) if theme.id in counts else "",
            "reviews": at.reviews(theme=theme.id),
        }
        for theme in taxonomy.themes
    ]


def _standing(changes: list[Any]) -> int:
    """Count the changes that were not taken back."""
    return sum(-1 if one.change["kind"] == "undo" else 1 for one in changes)


def _said(number: int, change: dict[str, Any]) -> str:
    kind = change["kind"]
    if kind == "merge":
        return say(
            "serve.workshop.merged", number=number, themes=", ".join(change["themes"]), into=change["into"]
        )
    if kind == "move":
        return say(
            "serve.workshop.moved", number=number, theme=change["theme"], touchpoint=change["touchpoint"]
        )
    if kind == "rename":
        label, to = change.get("label") or "", change.get("to") or ""
        key = "relabelled" if not to else "renamed" if label else "reidentified"
        return say(f"serve.workshop.{key}", number=number, theme=change["theme"], label=label, to=to)
    if kind == "undo":
        return say("serve.workshop.undone", number=number, of=change["of"])
    if kind in ("split", "add"):
        return say(f"serve.workshop.{kind}", number=number, theme=change["theme"])
    return f"{number}. {kind}"  # of a later version
