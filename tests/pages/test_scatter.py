import re

import pytest

from earful.pages.numbers import points
from earful.pages.scatter import Dot, axis_near, scatter_svg


def drawn(dots, **options):
    axis = axis_near([-40.0, 40.0], (-100.0, 100.0), points)
    return str(scatter_svg(dots, axis, axis, label="x & y", x_name="x", y_name="y", **options))


def test_an_axis_holds_its_values_with_round_ticks_and_stays_in_bounds():
    axis = axis_near([2.31, 4.93], (1.0, 5.0), str)
    assert axis.ticks == (2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
    assert axis_near([-97.0, 99.0], (-100.0, 100.0), str).low >= -100
    for odd in ([], [None, float("nan")], [3.0], [0.0, 0.0], [100.0], [20.0, 20.0]):
        axis = axis_near(odd, (0.0, 100.0), str)
        assert axis.low < axis.high
        assert len(axis.ticks) >= 2


def test_dots_and_whiskers_stand_where_their_values_are():
    svg = drawn([Dot((0.0, -20.0, 20.0), (40.0, None, None), "said")])
    assert '<circle class="dot" cx="53.50%" cy="30.0"' in svg
    assert svg.count('class="reach"') == 1
    assert "<title>said</title>" in svg


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        ((0.0, 1.0), ("9.00%", "98.00%")),
        ((0.0, 2.0), ("31.25%", "75.75%")),
        ((0.0, -2.0), ("31.25%", "75.75%")),
        ((10.0, 0.0), ("9.00%", "98.00%")),
    ],
)
def test_a_line_is_cut_off_where_it_leaves_the_drawing(line, ends):
    found = re.search(r'class="fit" x1="([^"]+)" y1="[^"]+" x2="([^"]+)"', drawn([], line=line))
    assert found.groups() == ends


@pytest.mark.parametrize("line", [(500.0, 1.0), (500.0, 0.0), (float("nan"), 1.0)])
def test_a_line_outside_the_drawing_is_not_drawn(line):
    assert 'class="fit"' not in drawn([], line=line)


def boxes(svg):
    """Rectangles that names take on a drawing of 1200 pixels, at seven pixels a letter."""
    found = []
    for kind, x, y, off, name in re.findall(
        r'<text class="([a-z ]*name[a-z ]*)" x="([\d.]+)%" y="([\d.]+)" dx="(-?\d+)">([^<]*)<', svg
    ):
        start, wide = 12 * float(x) + int(off), 7 * len(name)
        left = start - wide if kind.startswith("end") else start
        found.append((left, left + wide, float(y) - 11, float(y)))
    return found


def test_every_dot_of_a_few_has_its_name_and_none_lies_on_another():
    spots = [(0, 0), (1, 1), (2, -1), (30, 30), (31, 29), (-40, -40), (40, 40), (-20, 0), (-19, 1), (0, 2)]
    dots = [
        Dot((x, None, None), (y, None, None), "w", name=f"Product no. {k}", name_left=k % 2 == 0, minor=k > 3)
        for k, (x, y) in enumerate(spots)
    ]
    svg = drawn(dots)
    taken = boxes(svg)
    assert len(taken) == len(spots)
    for k, (left, right, top, bottom) in enumerate(taken):
        assert left >= 0
        assert right <= 1200
        for other in taken[k + 1 :]:
            assert right <= other[0] or other[1] <= left or bottom <= other[2] or other[3] <= top
    # On a phone those that matter less give way.
    assert svg.count("name minor") == 6


def test_names_are_escaped_and_do_not_lie_on_each_other():
    dots = [Dot((0.0, None, None), (0.0, None, None), "w", "neg", f"<b>{k}") for k in range(9)]
    svg = drawn(dots)
    places = re.findall(
        r'<text class="((?:end )?name)" x="[^"]+" y="([^"]+)" dx="-?8">&lt;b&gt;\d</text>', svg
    )
    assert len(places) == len(set(places)) == 9
    assert "<b>" not in svg
