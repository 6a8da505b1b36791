"""Slides of a run: the index, what to do next, groups and themes as charts that can be edited."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from earful.errors import EarfulError
from earful.pages import names
from earful.pages.making import language_of
from earful.pages.numbers import interval, points
from earful.pages.words import say, speaking, stated
from earful.report import sections
from earful.report.anchors import anchor_words
from earful.report.page import pages_of
from earful.report.tables import Tables
from earful.runs.files import whole

__all__ = ["write_slides"]

#: How much one slide holds, and how long its texts may be.
_BARS, _LONG, _NAME = 12, 320, 40
#: What XML cannot hold, and what would turn a slide's own text around.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_NEGATIVE, _POSITIVE, _INK, _SOFT = "B8470F", "1864AB", "1D2126", "5A626C"
_WIDE, _HIGH = 13.333, 7.5


def write_slides(run: Path, out: Path, *, lang: str | None = None) -> Path:
    """Write slides for PowerPoint, Impress or Keynote; the charts are native and hold their numbers.

    Parameters
    ----------
    run
        The run folder.
    out
        Where to write, a ``.pptx``.
    lang
        The language, as the report takes it.

    Raises
    ------
    EarfulError
        The extra ``slides`` is not installed.
    """
    try:
        from pptx import Presentation
        from pptx.util import Inches
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "pptx":
            raise
        raise EarfulError(
            "slides need python-pptx", where="--pptx", fix="pip install 'earful[slides]'"
        ) from None
    with Tables(run) as tables, speaking(language_of(tables.manifest, lang)), whole(out) as part:
        page = pages_of(tables)
        deck = Presentation()
        deck.slide_width, deck.slide_height = Inches(_WIDE), Inches(_HIGH)
        deck.core_properties.title, deck.core_properties.author = _fit(page["title"]), "Earful"
        _headline(deck, page)
        _next(deck, page["todo"])
        for by, noun in (("product", "products"), ("touchpoint", "touchpoints")):
            _ranked(deck, page["rankings"][by], say(f"section.{noun}"))
        _mentioned(deck, page["themes"]["lines"])
        _voices(deck, page["themes"]["lines"])
        deck.save(str(part))
    return out


def _headline(deck: Any, page: dict[str, Any]) -> None:
    overall, anchor = page["overall"], anchor_words(page["overall"])
    slide = _slide(deck, page["title"])
    known = page["headline"] and (anchor is None or anchor["level"])
    index = (
        points(overall["index"])
        if known
        else say("summary.no_level" if page["headline"] else "summary.no_index")
    )
    on = say("summary.index_on", on=anchor["on"]) if anchor else say("summary.index")
    _text(slide, on, 0.7, 1.5, 11.9, 0.5, 18, _SOFT)
    _text(slide, index, 0.7, 1.9, 11.9, 1.6, 80 if known else 44, _INK, bold=True)
    if known:
        _text(slide, interval(overall["index_low"], overall["index_high"]), 0.7, 3.4, 11.9, 0.6, 22, _INK)
    told = [say("report.reviews", n=page["rows"]["accepted"])]
    if overall and overall["scale"]:
        told.append(stated(overall["scale"]))
    if overall and overall["grade"]:
        meaning = sections.grades(overall).get(overall["grade"], "")
        told.append(f"{say('col.grade')} {overall['grade']}: {meaning}")
    _text(slide, told, 0.7, 4.2, 11.9, 1.4, 16, _SOFT)
    found = [f"{one.lead}: {one.words}" for one in page["findings"][:4]]
    _text(slide, found, 0.7, 5.6, 11.9, 1.6, 14, _INK)


def _next(deck: Any, todo: dict[str, Any]) -> None:
    if not todo["lines"]:
        return
    slide = _slide(deck, say("todo.title", n=len(todo["lines"])))
    width = 11.9 / 3
    for k, line in enumerate(todo["lines"]):
        left = 0.7 + k * width
        _text(slide, f"{k + 1}. {line['name']}", left, 1.5, width - 0.3, 0.8, 20, _INK, bold=True)
        _text(slide, line["product"], left, 2.3, width - 0.3, 0.4, 14, _SOFT)
        _text(slide, line["words"], left, 2.7, width - 0.3, 2.2, 14, _INK)
        quotes = [f"“{quote.before}{quote.term}{quote.after}”" for quote in line["quotes"][:1]]
        _text(slide, quotes, left, 4.9, width - 0.3, 1.7, 13, _NEGATIVE)
    if todo["worth"]:
        _text(slide, say("todo.method"), 0.7, 6.7, 11.9, 0.6, 11, _SOFT)


def _ranked(deck: Any, ranking: dict[str, Any], title: str) -> None:
    """Chart the groups of a ranking with the claim interval of each, the highest on top."""
    lines = [line for line in ranking["groups"] if line["row"]["index"] is not None][:_BARS]
    if not lines or ranking["measure"]:
        return
    slide = _slide(deck, title)
    rows = [line["row"] for line in lines]
    chart = _bars(slide, [line["name"] for line in lines], {say("col.index"): [row["index"] for row in rows]})
    reaches = [(row["index"] - row["index_low"], row["index_high"] - row["index"]) for row in rows]
    _whiskers(chart, reaches)
    _colour(chart, 0, _POSITIVE)
    _text(slide, f"{say('method.claim.name')}: {say('groups.lines')}", 0.7, 6.7, 11.9, 0.6, 11, _SOFT)


def _mentioned(deck: Any, lines: Sequence[dict[str, Any]]) -> None:
    shown = list(lines[:_BARS])
    if not shown:
        return
    slide = _slide(deck, f"{say('section.themes')}: {say('themes.bars')}")
    series = {
        say("col.negative"): [line["row"]["n_negative"] for line in shown],
        say("col.positive"): [line["row"]["n_positive"] for line in shown],
    }
    chart = _bars(slide, [line["name"] for line in shown], series)
    _colour(chart, 0, _NEGATIVE)
    _colour(chart, 1, _POSITIVE)


def _voices(deck: Any, lines: Sequence[dict[str, Any]]) -> None:
    quoted = [line for line in lines if line["quotes"]][:4]
    if not quoted:
        return
    slide = _slide(deck, say("themes.voices"))
    for k, line in enumerate(quoted):
        left, top = 0.7 + 6.0 * (k % 2), 1.5 + 2.8 * (k // 2)
        quote = line["quotes"][0]
        tone = _NEGATIVE if quote.review["polarity"] == "negative" else _POSITIVE
        _text(slide, line["name"], left, top, 5.7, 0.5, 16, _INK, bold=True)
        _text(slide, f"“{quote.before}{quote.term}{quote.after}”", left, top + 0.5, 5.7, 2.1, 14, tone)


def _slide(deck: Any, title: str) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    from pptx.util import Inches, Pt

    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = (Inches(x) for x in (0.7, 0.4, 11.9, 0.9))
    shape.text_frame.text = _fit(title, 80)
    run = shape.text_frame.paragraphs[0]
    run.font.size, run.font.bold = Pt(30), True
    run.alignment = 1
    return slide


def _text(
    slide: Any,
    said: str | Sequence[str],
    left: float,
    top: float,
    width: float,
    height: float,
    size: int,
    colour: str,
    bold: bool = False,
) -> None:
    """Put a box of text on a slide, a paragraph for each text; places and sizes in inches and points."""
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    frame = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height)).text_frame
    frame.word_wrap = True
    for number, one in enumerate([said] if isinstance(said, str) else said):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = _fit(one)
        run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, RGBColor.from_string(colour)


def _bars(slide: Any, categories: Sequence[str], series: dict[str, list[float]]) -> Any:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
    from pptx.util import Inches, Pt

    data = CategoryChartData(number_format="0")
    data.categories = [_fit(name, _NAME) for name in categories]
    for name, values in series.items():
        data.add_series(_fit(name, _NAME), values)
    box = (Inches(0.7), Inches(1.4), Inches(11.9), Inches(5.2))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *box, data).chart
    chart.has_legend = len(series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.has_title = False
    axis = chart.category_axis
    # The first stands on top, its name beside the chart and not across the bars.
    axis.reverse_order, axis.tick_label_position = True, XL_TICK_LABEL_POSITION.LOW
    axis.tick_labels.font.size = chart.value_axis.tick_labels.font.size = Pt(12)
    plot = chart.plots[0]
    plot.gap_width, plot.has_data_labels = 60, True
    plot.data_labels.font.size, plot.data_labels.show_value = Pt(11), True
    plot.data_labels.position = (
        XL_LABEL_POSITION.INSIDE_BASE if len(series) == 1 else XL_LABEL_POSITION.OUTSIDE_END
    )
    return chart


def _colour(chart: Any, number: int, colour: str) -> None:
    from pptx.dml.color import RGBColor

    series = chart.plots[0].series[number]
    series.invert_if_negative = False
    series.format.fill.solid()
    series.format.fill.fore_color.rgb = RGBColor.from_string(colour)


def _whiskers(chart: Any, reaches: Sequence[tuple[float, float]]) -> None:
    """Put an interval on each bar: error bars, for which the library has no words of its own."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    def values(kind: str, numbers: Sequence[float]) -> str:
        points = "".join(f'<c:pt idx="{k}"><c:v>{max(n, 0):.4f}</c:v></c:pt>' for k, n in enumerate(numbers))
        return f'<c:{kind}><c:numLit><c:ptCount val="{len(numbers)}"/>{points}</c:numLit></c:{kind}>'

    ends = values("plus", [up for _, up in reaches]) + values("minus", [down for down, _ in reaches])
    line = f'<a:ln w="19050"><a:solidFill><a:srgbClr val="{_INK}"/></a:solidFill></a:ln>'
    bars = parse_xml(
        f'<c:errBars {nsdecls("c", "a")}><c:errBarType val="both"/><c:errValType val="cust"/>'
        f'<c:noEndCap val="0"/>{ends}<c:spPr>{line}</c:spPr></c:errBars>'
    )
    # Its place among the parts of a series is before the categories.
    series = chart.plots[0].series[0]._element
    series.find("{*}cat").addprevious(bars)


def _fit(text: Any, most: int = _LONG) -> str:
    """Cut a text to what a slide has room for, on one line, without what XML cannot hold."""
    return (
        names.short(_UNFIT.sub("\N{REPLACEMENT CHARACTER}", " ".join(str(text).split())) or " ", most).strip()
        or " "
    )
