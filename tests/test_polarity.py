import pytest

from earful.polarity import polarity


@pytest.mark.parametrize(
    ("p", "name"),
    [
        ((0.5, 0.2, 0.3), "negative"),
        ((0.2, 0.5, 0.3), "neutral"),
        ((0.2, 0.3, 0.5), "positive"),
        ((0.4, 0.2, 0.4), "neutral"),
        ((None, None, None), "neutral"),
    ],
)
def test_polarity(p, name):
    assert polarity(*p) == name
