"""Making a run in the browser: a file uploaded, its reading looked at and mended, the job watched."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.datastructures import FormData

from earful.errors import ConfigError, InputError
from earful.input_columns import INPUT_COLUMNS
from earful.jobs.analyze import resolve
from earful.pages.words import named, say, spoken, stated
from earful.serve.addresses import Addresses
from earful.serve.desk import Desk
from earful.serve.frame import AnEditor, AReader, Sent, TheDesk, back_to, explained, render
from earful.serve.jobs import Job
from earful.serve.uploading import Upload, keep, kept

if TYPE_CHECKING:
    from earful.readers.scales import Scale

__all__ = ["UPLOADS", "begin", "checked_settings", "router"]

router = APIRouter(include_in_schema=False)

#: Addresses that take large bodies.
UPLOADS = ("/new", "/api/v1/runs")
_ROWS, _CELL = 5, 400
#: Our columns that the page asks for; what they are called there stands under ``serve.asked``.
_OURS = (
    *("text", "title", "product", "touchpoint", "channel", "created_at", "rating", "nps", "csat", "ces"),
    *("recommended", "author_id", "review_id"),
)
_MODELS = ("auto", "fast", "accurate")
#: What callers may set; the rest names files of this machine or is the server's to decide.
_SETTABLE = {
    "input": ("columns", "redact", "sheet", "header_rows", "skip_rows", "format"),
    "scales": ("rating", "nps", "csat", "ces"),
    "sentiment": ("model",),
    "themes": ("taxonomy",),
    "loyalty": ("by", "anchor", "about", "period", "level", "min_reviews", "target"),
}
_SHOWN = ("text", "title", "product", "touchpoint", "created_at", "rating", "nps", "csat", "ces")


@router.get("/new")
def new(request: Request, desk: TheDesk, person: AnEditor) -> HTMLResponse:
    """Ask for a file."""
    _ = desk.jobs.work  # a server that makes no runs says so
    variables = {"title": say("serve.new.title"), "most": desk.limits.upload // 1_000_000}
    return render(request, "new.html.j2", variables)


@router.post("/new", dependencies=[Sent])
def upload(request: Request, desk: TheDesk, person: AnEditor, file: UploadFile) -> Response:
    """Keep the file and go on to what would be read of it."""
    found = keep(desk.jobs, file.file, file.filename or "", desk.limits)
    desk.audit.note(person.name, "upload", file=found.name, upload=found.id)
    return back_to(f"/new/{found.id}")


@router.get("/new/{upload_id}")
def look(request: Request, desk: TheDesk, person: AnEditor, upload_id: str) -> HTMLResponse:
    """Show how the file would be read."""
    return _preview(request, desk, kept(desk.jobs, upload_id), FormData())


@router.post("/new/{upload_id}", dependencies=[Sent])
async def look_again(request: Request, desk: TheDesk, person: AnEditor, upload_id: str) -> Response:
    """Show how it would be read with the columns chosen, or begin."""
    from fastapi.concurrency import run_in_threadpool

    form = await request.form()
    found = kept(desk.jobs, upload_id)
    if form.get("do") != "start":
        return await run_in_threadpool(_preview, request, desk, found, form)
    job = begin(desk, person.name, found, _settings(form), str(form.get("name") or ""))
    return back_to(f"/jobs/{job.id}")


@router.get("/jobs/{job_id}.json")
def job_state(desk: TheDesk, person: AReader, job_id: str) -> JSONResponse:
    """Say how far a job is, for programs and, under ``said``, as the page says it."""
    job = desk.jobs.get(job_id)
    return JSONResponse({**job.shown(), "said": _said(job)}, headers={"cache-control": "no-store"})


@router.get("/jobs/{job_id}")
def job_page(request: Request, desk: TheDesk, person: AReader, job_id: str) -> HTMLResponse:
    """Show how far a job is."""
    job = desk.jobs.get(job_id)
    href = Addresses(job.served).page() if job.served else ""
    variables = {
        "title": job.run,
        "job": job,
        "told": _said(job),
        "href": href,
        "back": job.spec.get("back", ""),
    }
    return render(request, "job.html.j2", variables)


@router.post("/jobs/{job_id}/{do}", dependencies=[Sent])
def steer(request: Request, desk: TheDesk, person: AnEditor, job_id: str, do: str) -> Response:
    """Stop a job, or let it go on."""
    job = desk.jobs.get(job_id)
    if do == "stop":
        desk.jobs.stop(job)
    elif do == "resume":
        desk.jobs.resume(job)
    desk.audit.note(person.name, f"{do[:20]} job", run=job.run)
    return back_to(f"/jobs/{job.id}")


def _said(job: Job) -> dict[str, str]:
    """Say how far a job is, in the language that is spoken."""
    return {
        "state": named("serve.job.state", job.state),
        "doing": stated(job.doing),
        "rows": say("serve.job.rows", done=job.done, n=job.total) if job.total else "",
    }


def begin(desk: Desk, by: str, found: Upload, settings: dict[str, Any], name: str) -> Job:
    """Begin the analysis of an uploaded file."""
    output = desk.jobs.free_run(name.strip() or found.path.name.partition(".")[0])
    spec = {"kind": "analyze", "source": str(found.path), "output": str(output), "settings": settings}
    job = desk.jobs.start(found.id, spec, by)
    desk.audit.note(by, "analyze", file=found.name, run=job.run, settings=str(settings))
    return job


def _preview(request: Request, desk: Desk, found: Upload, form: FormData) -> HTMLResponse:
    import earful
    from earful.themes.taxonomy import pack_names

    settings, problem, seen = _settings(form), "", None
    try:
        seen = earful.preview(str(found.path), config=settings, n=_ROWS)
    except InputError as error:
        problem = f"{found.name}: {'; '.join(explained(error))}"
    survey = seen.surveys[0] if seen else None
    theirs = _theirs(survey, form)
    rows = seen.rows.to_dict("records") if seen else []
    shown = [name for name in _SHOWN if any(_cell(row.get(name)) for row in rows)]
    variables = {
        "title": found.name,
        "upload": found,
        "problem": problem,
        "survey": survey,
        "columns": _OURS,
        "theirs": theirs,
        "chosen": _chosen(survey),
        "given": settings["input"].get("columns", {}),
        "form": {name: str(form.get(name) or "") for name in ("sheet", "themes", "model", "redact")},
        "shown": shown,
        "scales": {name: _scale(scale) for name, scale in survey.scales.items()} if survey else {},
        "models": _MODELS,
        "rows": [[_cell(row.get(name)) for name in shown] for row in rows],
        "rejects": [(reject.row, reject.reason) for reject in seen.rejects] if seen else [],
        "n_rows": seen.n_rows if seen else 0,
        "doubts": [str(doubt) for doubt in seen.doubts] if seen else [],
        "packs": ["cx", *(f"cx+{pack}" for pack in pack_names())],
        "name": str(form.get("name") or found.path.name.partition(".")[0]),
    }
    return render(request, "preview.html.j2", variables, status=400 if problem else 200)


def _settings(form: FormData) -> dict[str, Any]:
    """Give the settings that the form asks for: only columns that were changed are given, others found."""
    columns: dict[str, Any] = {}
    for ours in _OURS:
        if ours not in INPUT_COLUMNS or f"was.{ours}" not in form:
            continue
        was = [str(one) for one in form.getlist(f"was.{ours}") if one]
        now = [str(one) for one in form.getlist(f"map.{ours}") if one]
        given = str(form.get(f"by.{ours}") or "")
        if now != was or given:
            columns[ours] = "" if not now else now[0] if len(now) == 1 else now
    settings: dict[str, Any] = {"input": {"columns": columns} if columns else {}}
    if form.get("redact"):
        settings["input"]["redact"] = True
    if sheet := str(form.get("sheet") or "").strip():
        settings["input"]["sheet"] = sheet[:100]
    if themes := str(form.get("themes") or ""):
        settings["themes"] = {"taxonomy": _known_taxonomy(themes)}
    if spoken() != "en":
        settings["report"] = {"lang": spoken()}
    model = str(form.get("model") or "")
    if model in _MODELS:
        settings["sentiment"] = {"model": model}
    return settings


def checked_settings(text: str) -> dict[str, Any]:
    """Read settings that came over the API: columns, scales, cuts; nothing that names a file of this machine.

    Raises
    ------
    ConfigError
        They are no JSON object, or hold what may not be set from outside.
    """
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict) or not all(isinstance(part, dict) for part in given.values()):
        raise ConfigError(
            "the settings are no JSON object of sections", allowed='{"input": {"redact": true}}'
        )
    for section, part in given.items():
        for key in part:
            if key not in _SETTABLE.get(section, ()):
                allowed = ", ".join(f"{name}.{one}" for name, keys in _SETTABLE.items() for one in keys)
                raise ConfigError(f"{section[:40]}.{key[:40]} cannot be set from outside", allowed=allowed)
    if "taxonomy" in given.get("themes", {}):
        _known_taxonomy(str(given["themes"]["taxonomy"]))
    model = given.get("sentiment", {}).get("model", "auto")
    if model not in _MODELS:
        raise ConfigError(f"there is no model {str(model)[:40]!r}", allowed=", ".join(_MODELS))
    resolve(given)
    return given


def _known_taxonomy(name: str) -> str:
    from earful.themes.taxonomy import pack_names

    known = ("cx", *pack_names())
    if strangers := [part for part in name.split("+") if part not in known]:
        raise InputError(f"there is no taxonomy {strangers[0]!r}", allowed=", ".join(known))
    return name


def _chosen(survey: Any) -> dict[str, list[str]]:
    """Give which of their columns is which of ours, as the file is read now."""
    if survey is None:
        return {}
    chosen = {ours: [theirs] for ours, theirs in survey.mapping.items()}
    return chosen | ({"text": list(survey.parts)} if survey.parts else {})


def _theirs(survey: Any, form: FormData) -> list[str]:
    """Give all of their columns, in an order that a choice does not change."""
    if survey is None:
        return sorted(
            {str(one) for key, one in form.multi_items() if key.startswith(("map.", "was.")) and one}
        )
    return sorted({*survey.mapping.values(), *survey.parts, *survey.ignored})


def _scale(scale: Scale) -> str:
    """Say what scale a score is read on, and how it was found."""
    by = {None: "whole", "cell": "cell"}.get(scale.by_row, "row")
    ends, how = f"{scale.min:g}..{scale.max:g}", named("found", scale.how)
    return say(f"serve.scale.{by}", ends=ends, how=how, column=scale.by_row)


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    text = text.removesuffix("+00:00").removesuffix(" 00:00:00") if isinstance(value, datetime) else text
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


@router.get("/jobs")
def all_jobs(request: Request, desk: TheDesk, person: AReader) -> HTMLResponse:
    """Show the jobs."""
    return render(request, "jobs.html.j2", {"title": say("serve.job.title"), "jobs": desk.jobs.all()})
