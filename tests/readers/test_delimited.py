from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from earful.errors import InputError
from earful.readers.values import is_lost


@pytest.mark.parametrize(
    ("content", "delimiter", "texts"),
    [
        ("text,rating\nGood,5\nBad,1\n", ",", ["Good", "Bad"]),
        ("text;rating\nGood, but dear;4,5\nNo, no, no;1,0\n", ";", ["Good, but dear", "No, no, no"]),
        ("text\trating\nGood, yes\t5\nBad; no\t1\n", "\t", ["Good, yes", "Bad; no"]),
        ("text|rating\nGood, yes|5\nBad, no|1\n", "|", ["Good, yes", "Bad, no"]),
        (
            "review\nClean, and good\nBad; rude\nI like it\n",
            None,
            ["Clean, and good", "Bad; rude", "I like it"],
        ),
        ('id;text\n1;"a, b, c"\n2;"e; f"\n', ";", ["a, b, c", "e; f"]),
        ("text,rating,product\nGood,5,A\nFine,3,B\n", ",", ["Good", "Fine"]),
        ("sep=;\ntext;rating\nGood;5\n", ";", ["Good"]),
        (
            'text,rating\n"He said \\"hi, you\\" ok",5\n"x \\"y\\", z",3\n',
            ",",
            ['He said "hi, you" ok', 'x "y", z'],
        ),
        ("\n\n;;\ntext;rating;\n\nGood;5;\nBad;1\n", ";", ["Good", "Bad"]),
    ],
)
def test_delimiter_is_found(read, content, delimiter, texts):
    outcome = read(content)
    assert outcome.survey.delimiter == delimiter
    assert outcome.column("text") == texts
    assert outcome.rejects == []


def test_a_line_of_delimiters_and_a_blank_line_are_no_rows(read):
    outcome = read("text;rating\nGood;5\n;\n\n  \n \t;\nBad;1\n;;;\n")
    assert outcome.column("text") == ["Good", "Bad"]
    assert outcome.rejects == []


def test_configured_delimiter_wins(read):
    outcome = read("text^rating\na;b,c^5\n", config={"delimiter": "^"})
    assert outcome.column("text") == ["a;b,c"]
    with pytest.raises(InputError, match="cannot be a delimiter"):
        read("text,rating\na,1\n", config={"delimiter": "ab"})


def test_ragged_rows_are_rejected_with_their_line_and_text(read):
    content = 'text,rating,product\nGood,5,A\n"two\nlines",4,B\nBad, really,1,C\nShort,2\nTrailing,3,D,,\n'
    outcome = read(content)
    assert outcome.column("text") == ["Good", "two\nlines", "Trailing"]
    assert [(r.line, r.reason, r.record) for r in outcome.rejects] == [
        (5, "4 fields where the header has 3", "Bad, really,1,C\n"),
        (6, "2 fields where the header has 3", "Short,2\n"),
    ]


def test_unclosed_quote_costs_one_line(read):
    outcome = read('id,text,rating\n1,"never closed,5\n2,Fine,4\n3,"has ""quotes"", yes",3\n4,plain,2\n')
    assert outcome.column("review_id") == ["2", "3", "4"]
    assert outcome.column("text")[1] == 'has "quotes", yes'
    assert [(r.line, "quote" in r.reason) for r in outcome.rejects] == [(2, True)]


def test_stray_quotes_inside_a_quoted_cell_are_kept(read):
    outcome = read('text,rating\n"He said "hi, you" to me",5\n5" screen,4\n')
    assert outcome.column("text") == ['He said "hi, you" to me', '5" screen']


def test_many_unclosed_quotes_end_in_time(read):
    outcome = read("text,rating\n" + '"open ""a,1\n' * 3000)
    assert len(outcome.rejects) == outcome.feed.n_rows


def test_nul_bytes_survive(read):
    outcome = read(b"text,rating\nGo\0od,5\n\0\0,3\nBad,1\n")
    assert outcome.column("text") == ["Go\0od", "", "Bad"]


def test_a_cell_of_ten_megabytes(read):
    text = 'words, "and" more;\n' * 550_000
    quoted = text.replace('"', '""')
    outcome = read(f'text,rating\n"{quoted}",5\nBad,1\n')
    assert outcome.column("text") == [text, "Bad"]


def test_column_named_like_a_formula(read):
    outcome = read("=cmd|' /C calc'!A0,text,rating\n1,Good,5\n")
    assert outcome.column("text") == ["Good"]
    assert outcome.survey.ignored == ["=cmd|' /C calc'!A0"]


def test_blank_and_repeated_headers_get_names(read):
    outcome = read("text,text,,rating\na,b,c,1\n")
    assert outcome.survey.ignored == ["text (2)", "column 3"]
    assert outcome.column("text") == ["a"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings(read, ending):
    outcome = read(ending.join(["text,rating", "Good,5", "a,b,x", ""]).encode())
    assert outcome.column("text") == ["Good"]
    assert outcome.rejects[0].line == 3


_cell = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\0"), max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_cell, st.integers(1, 5)), min_size=1, max_size=8), st.sampled_from(",;\t|"))
@example([("0", 1)] * 5, ",")
def test_what_the_csv_module_writes_is_read_back(read, rows, delimiter):
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["text", "rating"])
    writer.writerows(rows)
    # Named, as a column of numbers alone is not taken for words by its header.
    columns = {"text": "text", "rating": "rating"}
    outcome = read(stream.getvalue(), config={"encoding": "utf-8", "columns": columns})
    blank = " \t\r\n\0\u00a0\ufeff\u200b"
    given = ["" if is_lost(text) or not text.strip(blank) else text for text, _ in rows]
    assert outcome.column("text") == given
    assert outcome.column("rating") == [rating for _, rating in rows]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text('a",;\n\r1 \0', max_size=60))
def test_any_rubbish_is_accounted_for(read, rubbish):
    outcome = read("text,title\nfirst,5\n" + rubbish + "\n")
    assert outcome.column("text")[:1] == ["first"]
    written = "".join(r.record if isinstance(r.record, str) else str(r.record) for r in outcome.rejects)
    kept = written + "".join(row["text"] + (row["title"] or "") for row in outcome.rows)
    assert rubbish.count("a") <= kept.count("a")


def test_quotes_in_a_file_of_tabs_that_quotes_nothing(read):
    texts = [
        '"Great" they said',
        '"unclosed here',
        "fine",
        'ends"',
        'he said "ok"',
        '5" screen',
        '"a ""b"" c"',
    ]
    rows = [f"{number}\t{text}\t{number % 5 + 1}" for number, text in enumerate(texts)]
    outcome = read("\n".join(["id\ttext\trating", *rows]) + "\n", "a.tsv")
    assert outcome.column("text") == [*texts[:-1], 'a "b" c']
    assert outcome.column("rating") == [1, 2, 3, 4, 5, 1, 2]
    assert outcome.rejects == []
    # With the open quote in the last cell, the next line tells.
    last = [f"{number}\t{number % 5 + 1}\t{text}" for number, text in enumerate(texts)]
    outcome = read("\n".join(["id\trating\ttext", *last]) + "\n", "a.tsv")
    assert outcome.column("text") == [*texts[:-1], 'a "b" c']


def test_cells_of_several_lines_in_a_file_of_tabs(read):
    content = 'id\ttext\trating\n1\t"two\nlines"\t5\n2\tone\t4\n'
    assert read(content, "a.tsv").column("text") == ["two\nlines", "one"]
    content = 'id\trating\ttext\n1\t5\t"two\nlines"\n2\t4\tone\n'
    outcome = read(content, "a.tsv")
    assert outcome.column("text") == ["two\nlines", "one"]
    assert outcome.rejects == []
