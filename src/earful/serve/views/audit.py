"""A sample of what was found and missed, judged by a person; what the judgements say of all of it."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.datastructures import FormData

from earful.pages import charts, names
from earful.pages.words import say
from earful.serve.addresses import Addresses
from earful.serve.desk import Desk
from earful.serve.frame import AnEditor, AReader, Sent, TheDesk, TheRun, back_to, render
from earful.serve.house import Served
from earful.serve.marks import Mark, cut, pieces
from earful.workshop.audit import COLUMNS, MENTION, draw_sample, read_judged, read_sample, write_sample

router = APIRouter(include_in_schema=False)

#: Rows of a sample, and of those that are shown to be judged at once.
_SIZE, _EACH = 100, 8
#: Where samples lie, in the folder of runs.
_HOME = "audits"
_TONES = {"negative": "neg", "neutral": "mid", "positive": "pos"}
_writing = threading.Lock()


@router.get("/runs/{run}/audit")
def audit(request: Request, served: TheRun, desk: TheDesk, person: AReader) -> HTMLResponse:
    """Show what was judged so far and what it says, and the next rows to judge."""
    path = _place(desk, served)
    rows = read_sample(path) if path and path.is_file() else []
    open_rows = _in_turn(rows)
    page: dict[str, Any] = {
        "title": say("serve.audit.title"),
        "possible": path is not None,
        "begun": bool(rows),
        "n": len(rows),
        "done": len(rows) - len(open_rows),
        "shares": _shares(served, path) if path and rows else [],
        "open": [_shown(served, at, rows[at]) for at in open_rows[:_EACH]],
        "labels": served.labels,
        "size": _SIZE,
    }
    return render(request, "audit.html.j2", page, served=served, tab="workshop")


@router.post("/runs/{run}/audit/begin", dependencies=[Sent])
def begin(served: TheRun, desk: TheDesk, person: AnEditor) -> Response:
    """Draw the sample; one that was drawn already stays."""
    path = _needed(desk, served)
    with _writing:
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_sample(draw_sample(served.run, _SIZE), path)
            desk.audit.note(person.name, "draw audit sample", run=served.name)
    return back_to(Addresses(served.name).page("audit"))


@router.post("/runs/{run}/audit", dependencies=[Sent])
async def judged(request: Request, served: TheRun, desk: TheDesk, person: AnEditor) -> Response:
    """Keep judgements."""
    form = await request.form()
    await run_in_threadpool(_keep, _needed(desk, served), form, served)
    desk.audit.note(person.name, "judge sample", run=served.name)
    return back_to(Addresses(served.name).page("audit"))


@router.get("/runs/{run}/audit.csv")
def as_csv(served: TheRun, desk: TheDesk, person: AReader) -> Response:
    """Give the sample with its judgements, as ``earful themes audit --judged`` reads it."""
    path = _place(desk, served)
    if path is None or not path.is_file():
        raise HTTPException(404, say("serve.audit.undrawn"))
    return FileResponse(path, media_type="text/csv", filename=f"audit-{served.name}.csv")


def _place(desk: Desk, served: Served) -> Path | None:
    """Give where the sample of a run lies: another run under its name has another."""
    if desk.home is None:
        return None
    made = str(served.manifest.get("created_at") or "")
    digest = hashlib.sha256(made.encode()).hexdigest()[:8]
    return desk.home / _HOME / f"{served.name}-{digest}.csv"


def _needed(desk: Desk, served: Served) -> Path:
    path = _place(desk, served)
    if path is None:
        raise HTTPException(400, say("serve.refused.nothing_kept"))
    return path


def _keep(path: Path, form: FormData, served: Served) -> None:
    with _writing:
        if not path.is_file():
            raise HTTPException(400, say("serve.audit.undrawn"))
        rows = read_sample(path)
        for at, row in enumerate(rows):
            given = {name: str(form.get(f"{name}.{at}") or "") for name in COLUMNS[-3:]}
            if row["kind"] == MENTION:
                for name in ("theme_right", "polarity_right"):
                    if given[name] in ("y", "n"):
                        row[name] = given[name]
            elif given["missed_theme"] == "-" or given["missed_theme"] in served.labels:
                row["missed_theme"] = given["missed_theme"]
        write_sample(rows, path)


def _in_turn(rows: list[dict[str, str]]) -> list[int]:
    """Give the places of what is not judged yet; mentions and complaints in turn, so that both soon speak."""
    ranks: Counter[str] = Counter()
    places = []
    for at, row in enumerate(rows):
        places.append((ranks[row["kind"]], at))
        ranks[row["kind"]] += 1
    return [at for _, at in sorted(places) if not _is_judged(rows[at])]


def _is_judged(row: dict[str, str]) -> bool:
    if row["kind"] != MENTION:
        return bool(row["missed_theme"])
    return row["theme_right"] == "n" or bool(row["theme_right"] and row["polarity_right"])


def _shares(served: Served, path: Path) -> list[dict[str, Any]]:
    """Give what the judgements say, each share with its interval drawn on 0 to 100 %."""
    found = served.kept(
        ("audit", path.stat().st_mtime_ns, path.stat().st_size), lambda: read_judged(served.run, path)
    )
    axis = charts.axis_between(0.0, 100.0, lambda value: f"{value:.0f} %")
    told = []
    for measure in (field.name for field in fields(found)):
        share, name = getattr(found, measure), say(f"serve.audit.measure.{measure}")
        ends = (100 * share.value, 100 * share.low, 100 * share.high)
        told.append(
            {
                "name": name,
                "what": say(f"serve.audit.meaning.{measure}"),
                "share": share,
                "plot": charts.whisker_svg(axis, *ends, label=name) if share.n else "",
            }
        )
    return told


def _shown(served: Served, at: int, row: dict[str, str]) -> dict[str, Any]:
    """Give a row as it is judged: its words, and of a mention the term marked in them."""
    text, term = row["text"], row["term"]
    start = text.find(term) if term else -1
    marks = [Mark(start, start + len(term), _TONES.get(row["polarity"], "mid"))] if start >= 0 else []
    begin, end = cut(text, marks)
    return {
        "at": at,
        "row": row,
        "mention": row["kind"] == MENTION,
        "pieces": pieces(text, marks, begin, end),
        "cut_before": begin > 0,
        "cut_after": end < len(text),
        "theme": served.labels.get(row["theme"], row["theme"]),
        "lang": row["lang"],
        "product": names.short(row["product"]) if row["product"] else "",
        "href": Addresses(served.name).review(int(row["row"])),
    }
