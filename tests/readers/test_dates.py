from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earful.readers.date_profile import DateProfile
from earful.readers.dates import read_date


def _utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2019-05-25", _utc(2019, 5, 25)),
        ("2019-05-25T15:54:01Z", _utc(2019, 5, 25, 15, 54, 1)),
        ("2019-05-25 15:54:01.25+03:00", _utc(2019, 5, 25, 12, 54, 1, 250000)),
        ("2019-05-25T15:54:01.123456789-0530", _utc(2019, 5, 25, 21, 24, 1, 123456)),
        ("2019/05/25 1:05 PM", _utc(2019, 5, 25, 13, 5)),
        ("2019-05-25 12:05 am", _utc(2019, 5, 25, 0, 5)),
        ("20190525", _utc(2019, 5, 25)),
        (20190525, _utc(2019, 5, 25)),
        ("20190525T155401Z", _utc(2019, 5, 25, 15, 54, 1)),
        ("2019-05", _utc(2019, 5, 1)),
        ("25.05.2019", _utc(2019, 5, 25)),
        ("1.6.2019 12:30", _utc(2019, 6, 1, 12, 30)),
        ("25.05.19", _utc(2019, 5, 25)),
        ("25.05.2019 г.", _utc(2019, 5, 25)),
        ("5/25/2019 15:54", _utc(2019, 5, 25, 15, 54)),
        ("5/6/2019", _utc(2019, 5, 6)),
        ("1558799640", _utc(2019, 5, 25, 15, 54)),
        (1558799640, _utc(2019, 5, 25, 15, 54)),
        (1558799640000, _utc(2019, 5, 25, 15, 54)),
        (1558799640000000, _utc(2019, 5, 25, 15, 54)),
        (1558799640000000000, _utc(2019, 5, 25, 15, 54)),
        ("1558799640.5", _utc(2019, 5, 25, 15, 54, 0, 500000)),
        ("May 25, 2019", _utc(2019, 5, 25)),
        ("25 May 2019 10:00 GMT", _utc(2019, 5, 25, 10)),
        ("Sat, 25 May 2019 10:00:00 +0200", _utc(2019, 5, 25, 8)),
        ("Sat May 25 20:19:24 +0000 2019", _utc(2019, 5, 25, 20, 19, 24)),
        ("25 мая 2019 г.", _utc(2019, 5, 25)),
        ("25 май 2019", _utc(2019, 5, 25)),
        ("3 юни 2019", _utc(2019, 6, 3)),
        ("2019. gada 25. maijs", _utc(2019, 5, 25)),
        ("25. jūnijs 2019", _utc(2019, 6, 25)),
        ("2019/05/25 10:22:33 AM GMT+3", _utc(2019, 5, 25, 7, 22, 33)),
        ("2019/05/25 10:22:33 AM GMT+5:30", _utc(2019, 5, 25, 4, 52, 33)),
        ("25-May-19", _utc(2019, 5, 25)),
        ("25.май.19", _utc(2019, 5, 25)),
        ("Sat May 25 2019 10:22:33 GMT+0300 (Eastern European Summer Time)", _utc(2019, 5, 25, 7, 22, 33)),
        ("25.5.2019 г. 10:22:33 ч.", _utc(2019, 5, 25, 10, 22, 33)),
        ("25 мая 2019 г., 15:30 (МСК)", _utc(2019, 5, 25, 12, 30)),
        ("2019. gada 25. maijs, plkst. 10:22", _utc(2019, 5, 25, 10, 22)),
        ("25. Mai 2019", _utc(2019, 5, 25)),
        ("25 de mayo de 2019", _utc(2019, 5, 25)),
        ("May 2019", _utc(2019, 5, 1)),
        ("Reviewed in the United States on May 25, 2019", _utc(2019, 5, 25)),
        ("Reviewed in the United Kingdom \U0001f1ec\U0001f1e7 on 25 May 2019", _utc(2019, 5, 25)),
        ("Отзыв из России, 25 мая 2019 г.", _utc(2019, 5, 25)),
        ("Date of experience: May 25, 2019", _utc(2019, 5, 25)),
        ("Posted on 2019-05-25", _utc(2019, 5, 25)),
        (dt.date(2019, 5, 25), _utc(2019, 5, 25)),
        (dt.datetime(2019, 5, 25, 3), _utc(2019, 5, 25, 3)),
        (pd.Timestamp("2019-05-25 03:00", tz="Europe/Riga"), _utc(2019, 5, 25)),
        ("n/a", None),
        (None, None),
        (pd.NaT, None),
    ],
)
def test_dates(cell, moment):
    assert read_date(cell, month_first=True) == moment


@pytest.mark.parametrize(
    "cell",
    [
        "soon",
        "2 days ago",
        "45294.38542",
        "version 2019",
        "the best of May",
        "31.31.2019",
        "2019-02-30",
        "1066-01-01",
        "2150-01-01",
        "12",
        12,
        "2019",
        "25:61",
        True,
        "1e99",
        10**30,
        "x" * 999,
    ],
)
def test_what_is_no_date(cell):
    with pytest.raises(ValueError, match=r"."):
        read_date(cell, month_first=True)


def test_order_is_decided_by_the_whole_source(read):
    outcome = read("text,date\na,1/2/2020\nb,3/4/2020\nc,25/12/2020\n")
    assert [moment.month for moment in outcome.column("created_at")] == [2, 4, 12]
    outcome = read("text,date\na,1/2/2020\nb,12/25/2020\n")
    assert [moment.month for moment in outcome.column("created_at")] == [1, 12]
    assert outcome.survey.notes == []


def test_undecided_order_is_noted(read):
    outcome = read("text,date\na,1/2/2020\n")
    assert outcome.column("created_at") == [_utc(2020, 1, 2)]
    assert any("month first was taken" in note for note in outcome.survey.notes)


def test_unreadable_dates_are_null_counted_and_shown(read):
    outcome = read("text,date\na,2020-01-01\nb,someday\nc,12/25/2020\nd,12/26/2020\ne,25/12/2020\n")
    assert [moment is None for moment in outcome.column("created_at")] == [False, True, False, False, True]
    assert outcome.rejects == []
    assert (
        "2 dates in 'date' cannot be read and became null, for instance '25/12/2020'" in outcome.survey.notes
    )


@given(st.permutations(["1/2/2020", "13/2/2020", "2/13/2020", "14/2/2020", "x", "y", "2020-01-01"]))
def test_profile_does_not_depend_on_order(cells):
    profile = DateProfile()
    for cell in cells:
        profile.add(cell)
    assert profile.order is False
    assert profile.describe("date") == [
        "3 dates in 'date' cannot be read and became null, for instance '2/13/2020'",
    ]


@given(st.text("0123456789./-: TZapm+", max_size=30), st.booleans())
def test_any_text_gives_a_utc_moment_or_is_refused(cell, month_first):
    try:
        moment = read_date(cell, month_first)
    except ValueError:
        return
    assert moment is None or (moment.tzinfo == dt.UTC and 1970 <= moment.year <= 2100)


def test_days_of_a_spreadsheet_are_told_by_the_column(read):
    outcome = read("text,date\na,45294.38542\nb,45297\nc,2024-01-09\n")
    assert outcome.column("created_at") == [_utc(2024, 1, 3, 9, 15), _utc(2024, 1, 6), _utc(2024, 1, 9)]
    assert outcome.survey.notes == [
        "2 cells of 'date' are days as a spreadsheet numbers them (45294 is 2024-01-03)"
    ]


def test_a_zone_in_the_header_moves_times_and_no_days(read):
    outcome = read(
        "text,Created at (America/New_York)\na,2024-01-03 09:15\nb,2024-07-03 09:15\nc,2024-01-05\n"
    )
    assert outcome.column("created_at") == [
        _utc(2024, 1, 3, 14, 15),
        _utc(2024, 7, 3, 13, 15),
        _utc(2024, 1, 5),
    ]
    assert any("were read as America/New_York" in note for note in outcome.survey.notes)
    outcome = read("text,Дата (МСК)\na,03.01.2024 09:15\nb,2024-01-03T09:15:00Z\n")
    assert outcome.column("created_at") == [_utc(2024, 1, 3, 6, 15), _utc(2024, 1, 3, 9, 15)]


@pytest.mark.parametrize(
    "cells",
    [
        ["2 days ago", "a month ago", "yesterday"],
        ["3 дня назад", "месяц назад", "вчера"],
        ["преди 3 дни", "преди месец", "вчера"],
        ["pirms 3 dienām", "pirms mēneša", "vakar"],
    ],
)
def test_dates_that_count_from_the_export_are_null_and_said(read, cells):
    outcome = read("text,date\nz,2024-01-03\n" + "".join(f"a,{cell}\n" for cell in cells))
    assert outcome.column("created_at") == [_utc(2024, 1, 3), None, None, None]
    (note,) = outcome.survey.notes
    assert note.startswith("3 cells in 'date' count from the day of the export")


def test_a_date_in_the_future_is_said(read):
    outcome = read("text,date\na,2024-01-03\nb,2093-01-03\n")
    assert outcome.survey.notes == ["1 date in 'date' lie in the future, the latest is 2093-01-03"]


def test_dates_that_are_not_used_are_named(read):
    rows = "".join(f"fine film {day},2024-01-0{day},{day}\n" for day in range(1, 7))
    outcome = read("text,watched,seats\n" + rows)
    assert outcome.survey.notes == [
        "'watched' holds dates and is not used; if they say when the words were written: "
        "--map created_at=watched"
    ]
    outcome = read(
        "text,watched,date\n" + "".join(f"film,2024-01-0{day},2024-02-01\n" for day in range(1, 7))
    )
    assert outcome.survey.notes == []


@pytest.mark.parametrize(
    "header",
    [
        "at",
        "published",
        "publishedAtDate",
        "Отметка времени",
        "Клеймо за време",
        "Laika zīmogs",
        "Year_Month",
    ],
)
def test_headers_of_dates(read, header):
    outcome = read(f"text,{header}\na,2024-01-03\n")
    assert outcome.column("created_at") == [_utc(2024, 1, 3)]
