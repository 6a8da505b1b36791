"""Draw what a job's time went to, from stacks that py-spy sampled, as an SVG.

py-spy record --format raw -o stacks.txt -- python -m earful analyze FILE -o RUN --quiet
python -m scripts.bench.flame stacks.txt -o docs/images/flame.svg --title "1,500 reviews, fast"

What calls lies above what is called, and a bar is as wide as its share of all samples. Bars begin where the
job does: what the command line calls to get there is left out, and so is the machinery of imports, and what
stands in a thread of its own is under the job too. Thin bars are left out, so that the file stays small.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

#: Frames as py-spy writes them: "function (file.py:12)".
_FRAME = re.compile(r"(?P<name>.*) \((?P<file>.*?)(?::\d+)?\)")
#: The job begins below this frame.
_JOB = ("run", "earful/jobs/analysis.py")
#: What only carries calls on.
_CARRIERS = ("<frozen", "threading.py", "concurrent/futures", "contextlib.py", "functools.py")
_WIDTH, _ROW, _LETTER = 1200, 17, 6.2
_TOP = 46
_COLOURS = {
    "encoder": "#7aa6c2",
    "readers": "#c9b458",
    "text": "#8fb98b",
    "themes": "#d98c6a",
    "aspects": "#b48ead",
    "jobs": "#a8a8a8",
    "runs": "#a8a8a8",
}
_OTHER = "#d9d4cc"


@dataclass
class Bar:
    """What was sampled in one function and below it."""

    label: str
    room: str = ""
    samples: int = 0
    below: dict[str, Bar] = field(default_factory=dict)


def main() -> None:
    """Write the SVG and print the widest functions of each room."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stacks", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--title", default="")
    parser.add_argument("--least", type=float, default=0.004, help="share of a bar that is still drawn")
    options = parser.parse_args()
    top = read_stacks(options.stacks.read_text(encoding="utf-8").splitlines())
    options.output.write_text(svg(top, options.title, options.least), encoding="utf-8")
    for label, samples in sorted(own_time(top).items(), key=lambda one: -one[1])[:25]:
        print(f"{samples / top.samples:6.1%}  {label}")


def read_stacks(lines: Iterable[str]) -> Bar:
    """Put stacks together, ``frame;frame;frame samples`` a line."""
    top = Bar("all")
    for line in lines:
        stack, _, samples = line.rstrip().rpartition(" ")
        if not stack or not samples.isdigit():
            continue
        bar, n = top, int(samples)
        bar.samples += n
        for label, room in _frames(stack.split(";")):
            bar = bar.below.setdefault(label, Bar(label, room))
            bar.samples += n
    return top


def _frames(stack: list[str]) -> Iterator[tuple[str, str]]:
    """Give the label and the room of each frame that is shown."""
    found = [(match["name"], match["file"]) for frame in stack if (match := _FRAME.fullmatch(frame))]
    begin = next((at + 1 for at, (name, file) in enumerate(found) if _is_job(name, file)), None)
    if begin is None and any(file.startswith("threading.py") for _, file in found[:3]):
        yield "threads", ""
    elif begin is None:
        yield "before the job", ""
    for name, file in found[begin or 0 :]:
        if file.startswith(_CARRIERS) or (begin is None and file.startswith(("typer", "earful/cli"))):
            continue
        ours, inner = file.startswith("earful/"), file.removeprefix("earful/")
        place = inner.removesuffix(".py") if ours else file.partition("/")[0].removesuffix(".py")
        yield f"{place}: {name}", inner.partition("/")[0] if ours else ""


def _is_job(name: str, file: str) -> bool:
    return name.rpartition(".")[2] == _JOB[0] and file == _JOB[1]


def own_time(bar: Bar) -> dict[str, int]:
    """Count the samples in which each function ran itself."""
    found: dict[str, int] = {}
    todo = [bar]
    while todo:
        one = todo.pop()
        own = one.samples - sum(below.samples for below in one.below.values())
        found[one.label] = found.get(one.label, 0) + own
        todo += one.below.values()
    return found


def svg(top: Bar, title: str, least: float) -> str:
    """Draw the bars, the caller above the called."""
    drawn = list(_drawn(top, 0.0, 0, least * top.samples))
    height = _TOP + _ROW * (1 + max(row for _, _, row in drawn)) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="monospace" font-size="10.5">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="8" y="18" font-size="14">{escape(title)}</text>',
        *_key(),
    ]
    for bar, x, row in drawn:
        share = bar.samples / top.samples
        left, width, y = x / top.samples * _WIDTH, share * _WIDTH, _TOP + row * _ROW
        room = int(width / _LETTER) - 1
        text = bar.label if len(bar.label) <= room else bar.label[: max(room - 1, 0)] + "…"
        parts.append(
            f'<g><title>{escape(bar.label)}: {share:.1%}</title><rect x="{left:.1f}" y="{y}" '
            f'width="{width:.1f}" height="{_ROW - 1}" fill="{_COLOURS.get(bar.room, _OTHER)}"/>'
            + (f'<text x="{left + 3:.1f}" y="{y + 12}">{escape(text)}</text>' if room > 2 else "")
            + "</g>"
        )
    return "\n".join([*parts, "</svg>", ""])


def _key() -> Iterator[str]:
    x = 8
    for room, colour in [*_COLOURS.items(), ("others", _OTHER)]:
        yield f'<rect x="{x}" y="26" width="10" height="10" fill="{colour}"/>'
        yield f'<text x="{x + 14}" y="35">{room}</text>'
        x += 30 + round(_LETTER * len(room)) + 10


def _drawn(bar: Bar, x: float, row: int, least: float) -> Iterator[tuple[Bar, float, int]]:
    """Give the bars that are wide enough, with where each begins."""
    yield bar, x, row
    for below in sorted(bar.below.values(), key=lambda one: -one.samples):
        if below.samples >= least:
            yield from _drawn(below, x, row + 1, least)
        x += below.samples


if __name__ == "__main__":
    main()
