"""Personal details: found in four languages, and little else taken for one."""

import random
import re
import time
from pathlib import Path

import pytest

from earful.text.pii import MASK, find, is_personal_header, mask

_MARK = re.compile(r"\{(\w+)\|([^}]*)\}")
_FOLDER = Path(__file__).parent / "personal"
FILES = [
    "strings",
    "later",
    "fresh",
    "fresher",
    "blind",
    "blinder",
    "blindest",
    "unseen",
    "sealed",
    "names",
    "closings",
]


def read_strings(name="strings"):
    """Give language, text and the details marked in it, as (start, end, kind)."""
    lang, found = "", []
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            lang = line.strip("[]")
        elif line and not line.startswith("#"):
            text, marked, at = "", [], 0
            line = line.replace("\\n", "\n")
            for match in _MARK.finditer(line):
                text += line[at : match.start()]
                marked.append((len(text), len(text) + len(match[2]), match[1]))
                text, at = text + match[2], match.end()
            found.append((lang, text + line[at:], marked))
    return found


def overlaps(one, other):
    return one[0] < other[1] and other[0] < one[1]


def covers(found, marked):
    """Say whether every letter and digit of a marked detail is within what was found."""
    inside = set().union(*(range(start, end) for start, end, _ in found)) if found else set()
    return set(range(marked[0], marked[1])) <= inside


def measure(strings):
    """Count what was marked, found wholly, and what was found and is none."""
    marked = hit = found = false = 0
    misses = []
    for _, text, details in strings:
        own = find(text)
        marked, found = marked + len(details), found + len(own)
        for detail in details:
            if covers(own, detail):
                hit += 1
            else:
                misses.append(("missed", text[detail[0] : detail[1]], text))
        for one in own:
            if not any(overlaps(one, detail) for detail in details):
                false += 1
                misses.append(("false", text[one.start : one.end], text))
    return marked, hit, found, false, misses


def test_enough_strings_of_each_language():
    strings = read_strings()
    assert len(strings) >= 200
    for lang in ("en", "ru", "bg", "lv"):
        own = [details for code, _, details in strings if code == lang]
        assert len(own) >= 50
        assert sum(not details for details in own) >= 20


@pytest.mark.parametrize("name", FILES)
def test_recall_and_precision(name):
    marked, hit, found, false, misses = measure(read_strings(name))
    assert hit >= 0.98 * marked, misses
    assert found - false >= 0.95 * found, misses


@pytest.mark.parametrize("name", FILES)
def test_masks_are_as_long_as_what_they_hide(name):
    for _, text, _ in read_strings(name):
        masked, n = mask(text)
        assert len(masked) == len(text)
        hidden = find(text)
        assert n == len(hidden)
        for at, (before, after) in enumerate(zip(text, masked, strict=True)):
            inside = any(one.start <= at < one.end for one in hidden)
            assert after == (MASK if inside else before), text
        assert mask(masked)[0] == masked, text


@pytest.mark.parametrize(
    "text",
    [
        "Mr Muscle works, Dr Martens last, Mrs is no name.",
        "It was an MS. My neurologist said so.",
        "I tried a medicine called Focalin XR.\nP.S. Thanks to all",
        "Мастер Ничего не починил. Господин случай помог.",
        "Консултантът Нищо не каза. Служителят Беше груб.",
        "Konsultants Neko nezināja. Kungs un kundze strīdējās.",
    ],
)
def test_titles_and_servants_are_no_names_by_themselves(text):
    assert find(text) == []


def test_a_check_digit_alone_is_not_enough():
    """Ten digits at random are no citizen's number and no card's, whatever their check digit says."""
    rng = random.Random(7)
    for _ in range(3000):
        digits = "".join(rng.choice("0123456789") for _ in range(rng.choice([10, 11, 12, 16])))
        assert not find(f"It says {digits} on the box")


def test_a_check_digit_tells_where_the_word_is_not_right_beside():
    assert [one.kind for one in find("ЕГН-то на майка ми беше написано, 8032056031, на гърба")] == ["id"]
    assert not find("ЕГН-то на майка ми беше написано, 8032056032, на гърба")


def test_a_pension_number_is_checked():
    from earful.text.pii_numbers import _snils

    assert _snils("11223344595")
    assert not _snils("11223344596")


@pytest.mark.parametrize(
    ("header", "personal"),
    [
        ("Customer name", True), ("E-mail", True), ("phone_number", True), ("Имя клиента", True),
        ("ФИО", True),
        ("Vārds", True), ("Имейл", True), ("Name", True), ("Product name", False), ("hotel_name", False),
        ("Rating", False), ("Review text", False), ("Store name", False), ("Име на продукта", False),
    ],
)  # fmt: skip
def test_headers_of_personal_columns(header, personal):
    assert is_personal_header(header) is personal


def test_long_and_hostile_texts_take_linear_time():
    for hostile in (
        "a@" * 50_000,
        "1 " * 50_000,
        "Dear " * 20_000,
        "a." * 50_000 + "@",
        "http://x/" * 20_000,
    ):
        started = time.process_time()
        find(hostile)
        assert time.process_time() - started < 5
