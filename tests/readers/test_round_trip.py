"""Feedback in four languages, written as spreadsheets of each country write it, comes back the same."""

import csv
import io
import json
import re

import pytest

from earful.data import demo_inputs

_LETTERS = {"lv": "[āčēģīķļņšūž]", "ru": "[ыэё]|ие |ого ", "bg": "[ъ]|та |ите |ето |ят "}
#: What each country's programs write; a mark or UTF-16 holds any language.
_PAGES = {"en": ["cp1251", "cp1257"], "ru": ["cp1251"], "bg": ["cp1251"], "lv": ["cp1257"]}
_ANYWHERE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
_HEADER = ["Review ID", "Date", "Product", "Text", "Stars"]


def _language(text):
    if not re.search("[а-я]", text, re.IGNORECASE):
        return "lv" if re.search(_LETTERS["lv"], text, re.IGNORECASE) else "en"
    return next((name for name in ("ru", "bg") if re.search(_LETTERS[name], text, re.IGNORECASE)), "bg")


def _rows():
    """The bundled sample by language: id, date, product, text and a score."""
    found = {name: [] for name in _PAGES}
    first, second = demo_inputs()
    with open(first, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            cells = [row["review_id"], row["date"], row["product"], row["text"], row["stars"]]
            if _sound(cells):
                found[_language(row["text"])].append(cells)
    with open(second, encoding="utf-8") as lines:
        for row in filter(None, map(_parsed, lines)):
            date, score = str(row.get("submitted_at"))[:10], str(row.get("csat"))
            cells = [row.get("id"), date, row.get("product"), row.get("comment"), score]
            if _sound(cells):
                found[_language(cells[3])].append(cells)
    return found


def _sound(cells):
    """Leave out the rows of the sample that are there to be refused."""
    whole = all(isinstance(cell, str) and cell.strip() for cell in cells)
    return whole and re.fullmatch(r"2026-\d\d-\d\d", cells[1]) and cells[4] in "12345"


def _parsed(line):
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


ROWS = _rows()


def _written(rows, encoding, delimiter, ends, quoting):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ends, quoting=quoting)
    writer.writerows([_HEADER, *rows])
    return out.getvalue().encode(encoding)


def _awkward(rows, delimiter):
    """Put what makes delimited text hard into some of the texts."""
    added = [f'said "no{delimiter} never"', f"one{delimiter} two", "first line\nsecond line", "", " padded "]
    return [
        [*cells[:3], f"{cells[3]} {added[at % 5]}" if at % 4 == 0 else cells[3], cells[4]]
        for at, cells in enumerate(rows)
    ]


def test_there_are_four_languages():
    assert all(len(rows) >= 40 for rows in ROWS.values()), {name: len(rows) for name, rows in ROWS.items()}


@pytest.mark.parametrize("size", [12, None])
@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize(
    ("language", "encoding"),
    [(name, page) for name, pages in _PAGES.items() for page in [*pages, *_ANYWHERE]],
)
def test_the_same_rows_come_out(read, language, encoding, delimiter, size):
    # A code page has no emoji: what it cannot hold was lost before it was written.
    rows = [
        [cell.encode(encoding, "ignore").decode(encoding) for cell in cells]
        for cells in ROWS[language][:size]
    ]
    rows = _awkward(rows, delimiter)
    for ends, quoting in (("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL)):
        came = read(_written(rows, encoding, delimiter, ends, quoting))
        assert not came.rejects
        assert came.column("review_id") == [cells[0] for cells in rows]
        assert [str(moment.date()) for moment in came.column("created_at")] == [cells[1] for cells in rows]
        assert came.column("product") == [cells[2].strip() for cells in rows]
        assert came.column("text") == [cells[3] for cells in rows]
        assert came.column("rating") == [float(cells[4]) for cells in rows]
        assert came.survey.delimiter == delimiter
