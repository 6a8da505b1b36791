"""Windows: each piece is read by one, and knows its neighbours."""

import pytest

from earful.encoder.layers import groups
from earful.encoder.windows import windows


@pytest.mark.parametrize("count", [0, 1, 5, 20, 21, 22, 40, 41, 100, 999])
def test_windows_share_out_all_pieces_and_overlap(count):
    room, margin = 20, 3
    found = windows(count, room, margin)
    owned = [piece for window in found for piece in range(window.first, window.last)]
    assert owned == list(range(count))
    for window in found:
        assert 0 <= window.begin <= window.first <= window.last <= window.end <= count
        assert window.end - window.begin <= room
        assert window.first - window.begin in (0, margin) or window.begin == 0
        assert window.last == count or window.end > window.last
    sizes = {window.last - window.first for window in found}
    assert max(sizes) - min(sizes) <= 1


def test_lines_are_run_with_those_that_are_filled_up_alike():
    lengths = [3, 4, 90, 17, 1, 91, 4] + [8] * 40
    found = groups(lengths)
    assert sorted(place for _, places in found for place in places) == list(range(len(lengths)))
    for longest, places in found:
        assert len(places) == 1 or longest * len(places) <= 128
        for place in places:
            # To what length a line is filled up follows from the line alone.
            assert longest == groups([lengths[place]])[0][0] >= lengths[place]
