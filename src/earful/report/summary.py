"""The summary of a run: one page of Markdown, for a message or a wiki."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from earful.pages import names
from earful.pages.making import language_of
from earful.pages.numbers import count, interval, points
from earful.pages.words import say, speaking, stated
from earful.report import sections
from earful.report.anchors import anchor_words
from earful.report.page import pages_of
from earful.report.tables import Tables
from earful.runs.files import whole

__all__ = ["write_summary"]

_GROUPS, _THEMES = 10, 10
#: What Markdown or HTML would take for its own.
_MARKS = re.compile(r"([\\`*_\[\]<>|~&])|^([-+](?=\s)|[#=])|^(\d+)(?=[.)])")


def write_summary(run: Path, out: Path, *, lang: str | None = None) -> Path:
    """Write the index, what to do next, what stands out, and the groups and themes, as Markdown.

    Parameters
    ----------
    run
        The run folder.
    out
        Where to write.
    lang
        The language, as the report takes it.
    """
    with Tables(run) as tables, speaking(language_of(tables.manifest, lang)), whole(out) as part:
        text = "\n".join(_lines(tables, pages_of(tables))) + "\n"
        part.write_text(text.encode("utf-8", "replace").decode("utf-8"), encoding="utf-8", newline="\n")
    return out


def _lines(tables: Tables, page: dict[str, Any]) -> Iterable[str]:
    overall, anchor = page["overall"], anchor_words(page["overall"])
    yield f"# {say('report.title')}"
    yield ""
    on = say("summary.index_on", on=anchor["on"]) if anchor else say("summary.index")
    if page["headline"] and (anchor is None or anchor["level"]):
        ends = interval(overall["index_low"], overall["index_high"])
        yield f"**{_plain(on)}: {points(overall['index'])}** ({ends})"
    elif page["headline"]:
        yield f"**{_plain(on)}: {say('summary.no_level')}**"
    else:
        yield f"**{say('summary.no_index')}**"
    yield ""
    if overall and overall["scale"]:
        yield f"{say('summary.definition')}: {_plain(stated(overall['scale']))}  "
    if overall and overall["grade"]:
        meaning = sections.grades(overall).get(overall["grade"], "")
        yield f"{say('col.grade')}: {_plain(overall['grade'])}, {_plain(meaning)}  "
    yield f"{say('report.reviews', n=page['rows']['accepted'])}"
    yield from _todo(page["todo"])
    if page["findings"]:
        yield from ("", f"## {say('summary.stands_out')}", "")
        yield from (f"- **{_plain(one.lead)}**: {_plain(one.words)}" for one in page["findings"])
    for by, noun in (("product", "products"), ("touchpoint", "touchpoints")):
        yield from _groups(page["rankings"][by], by, say(f"section.{noun}"))
    yield from _themes(page["themes"]["lines"])
    if page["making"]["warnings"]:
        yield from ("", f"## {say('making.warnings')}", "")
        yield from (f"- {_plain(one)}" for one in page["making"]["warnings"])


def _todo(todo: dict[str, Any]) -> Iterable[str]:
    if not todo["lines"]:
        return
    yield from ("", f"## {say('todo.title', n=len(todo['lines']))}", "")
    for number, line in enumerate(todo["lines"], 1):
        where = f", {_plain(line['product'])}" if line["product"] else ""
        yield f"{number}. **{_plain(line['name'])}**{where}. {_plain(line['words'])}"
        for quote in line["quotes"][:1]:
            yield f"   > {_plain(quote.before + quote.term + quote.after)}"


def _groups(ranking: dict[str, Any], by: str, title: str) -> Iterable[str]:
    lines = [*ranking["groups"], *ranking["ranges"]]
    if not lines:
        return
    head = [
        say("col.place"),
        say(f"noun.{by}.col"),
        say("col.index"),
        ranking["beside"],
        say("col.reviews"),
        say("col.grade"),
    ]
    yield from ("", f"## {title}", "", _row(head), _row(["---"] * len(head)))
    for line in lines[:_GROUPS]:
        row = line["row"]
        ends = interval(row["index_low"], row["index_high"])
        index = f"{points(row['index'])} ({ends})" if line["place"] else ends
        told = line["measured"] if line["place"] else (line["measured"][1] or line["measured"][0], "")
        measured = " ".join(filter(None, (told[0], told[1] and f"({told[1]})")))
        cells = [line["place"], line["name"], index, measured, count(row["n_reviews"]), row["grade"] or "–"]
        yield _row([_plain(cell) for cell in cells])


def _themes(lines: Sequence[dict[str, Any]]) -> Iterable[str]:
    if not lines:
        return
    head = [say("col.theme"), say("themes.both"), say("themes.net")]
    yield from ("", f"## {say('section.themes')}", "", _row(head), _row(["---"] * len(head)))
    for line in lines[:_THEMES]:
        row = line["row"]
        net = f"{points(row['net_sentiment'])} ({interval(row['net_low'], row['net_high'])})"
        cells = [line["name"], f"{count(row['n_negative'])} / {count(row['n_positive'])}", net]
        yield _row([_plain(cell) for cell in cells])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: Any) -> str:
    """Write a text so that it is read as it stands: on one line, nothing of it a mark of Markdown or HTML."""
    return _MARKS.sub(
        lambda mark: mark[0] + "\\" if mark[3] else "\\" + mark[0],
        " ".join(names.short(str(text), 600).split()) if str(text).strip() else "",
    )
