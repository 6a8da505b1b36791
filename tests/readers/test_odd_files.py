"""Files as customers have them, invented: shops' and help desks' exports, odd scales, dates and dialects."""

from __future__ import annotations

import csv
import io
import json

import pytest

from earful.errors import InputError
from earful.readers import open_inputs

GOOD = [
    "The fit is lovely and the fabric is soft.",
    "Arrived early, well packed, very happy.",
    "Works as it should, nothing to add.",
    "My son uses it every day and loves it.",
    "Great value, bought a second one.",
]
BAD = [
    "The zip broke after a week of use.",
    "Nobody answers the phone in the shop.",
    "Colour is nothing like the picture.",
    "Waited an hour for a cold soup.",
    "It stopped charging after two days.",
]
WORDS = [text for pair in zip(GOOD, BAD, strict=True) for text in pair]
STARS = [5, 1, 4, 2, 3, 1, 5, 1, 4, 2]


def table(header, *columns, delimiter=",", encoding="utf-8"):
    """Write ten rows; a column is a list, a value for all, or two that take turns."""
    out = io.StringIO()
    rows = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    rows.writerow(header)
    for at in range(10):
        rows.writerow([one[at % len(one)] if isinstance(one, list | tuple) else one for one in columns])
    return out.getvalue().encode(encoding)


def days(form):
    return [form.format(day=day) for day in range(1, 11)]


_AGREE = [
    *("Pilnīgi piekrītu", "Pilnīgi nepiekrītu", "Piekrītu", "Nepiekrītu", "Ne piekrītu, ne nepiekrītu"),
]
_GRADES = ["Отлично", "Плохо", "Хорошо", "Неудовлетворительно", "Удовлетворительно"]
_YOTPO = "Review ID,Review Score,Review Content,Product Title,Sentiment Score,Published,Review Creation Date"
_JUDGEME = "title,body,rating,review_date,reviewer_name,reviewer_email,product_handle,reply,ip_address"
_NODES = [{"node": {"id": f"r{at}", "body": text, "score": STARS[at]}} for at, text in enumerate(WORDS)]

#: Name, content, what is mapped, the first two scores with their scale, rows refused, a part of a note.
FILES = [
    (
        "judgeme.csv",
        table(
            _JUDGEME.split(","),
            ["Nice", "Bad"],
            WORDS,
            STARS,
            days("2026-01-{day:02d} 10:00:00 UTC"),
            days("Ann {day}"),
            "a@x.org",
            ["red", "blue"],
            ["Thank you, we are glad!", ""],
            "10.0.0.1",
        ),
        {"text": "body", "rating": "rating", "title": "title", "created_at": "review_date"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        0,
        "",
    ),
    (
        "yotpo.csv",
        table(
            [
                "Review ID",
                "Review Score",
                "Review Content",
                "Product Title",
                "Sentiment Score",
                "Published",
                "Review Creation Date",
            ],
            days("10{day}"),
            STARS,
            WORDS,
            ["Lamp", "Desk"],
            [0.97, 0.12],
            "true",
            days("01/{day}/2026"),
        ),
        {"rating": "Review Score", "created_at": "Review Creation Date", "product": "Product Title"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        0,
        "",
    ),
    (
        "hotel-average-first.csv",
        table(
            ["Property", "Property rating", "Guest rating", "Guest comments", "Stay date", "Review date"],
            ["Sea", "Hill"],
            [4.4, 3.9],
            STARS,
            WORDS,
            days("2025-12-{day:02d}"),
            days("2026-01-{day:02d}"),
        ),
        {
            "product": "Property",
            "rating": "Guest rating",
            "text": "Guest comments",
            "created_at": "Review date",
        },
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        0,
        "",
    ),
    (
        "school-grades.csv",
        table(["Note (1 = sehr gut, 6 = ungenügend)", "Kommentar"], [1, 6, 2, 5], WORDS, delimiter=";"),
        {"rating": None, "text": "Kommentar"},
        None,
        0,
        "1 is the best answer, so it is not read",
    ),
    (
        "rating-1-is-best.csv",
        table(["Rating (1 = very good, 5 = very bad)", "Comment"], [1, 5, 2, 4], WORDS),
        {"rating": None},
        None,
        0,
        "1 is the best answer, so it is not read",
    ),
    (
        "percent.csv",
        table(["Satisfaction", "Feedback"], ["100 %", "10 %", "85 %", "25 %"], WORDS),
        {"csat": "Satisfaction"},
        ("csat", [(100, 0, 100), (10, 0, 100)]),
        0,
        "",
    ),
    (
        "faces.csv",
        table(["How was it?", "Comment"], list("😀😡🙂😠😐"), WORDS),
        {"text": "Comment"},
        None,
        0,
        "'How was it?' may be answers",
    ),
    (
        "sterne.csv",
        table(
            ["Bewertung", "Rezension", "Datum"],
            ["5 Sterne", "1 Stern", "4 Sterne"],
            WORDS,
            days("{day}. Januar 2026"),
            delimiter=";",
        ),
        {"rating": "Bewertung", "created_at": "Datum"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        0,
        "",
    ),
    (
        "comma-decimals.csv",
        table(
            ["Оценка", "Отзыв"],
            ["5,0", "1,0", "4,0"],
            ["Сидит отлично.", "Сломалась."],
            delimiter=";",
            encoding="cp1251",
        ),
        {"rating": "Оценка", "text": "Отзыв"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        0,
        "cp1251",
    ),
    (
        "nps-worded.csv",
        table(
            ["How likely is it that you would recommend us to a friend or colleague?", "Why?"],
            ["10 - Extremely likely", "0 - Not at all likely", "9", "3"],
            WORDS,
        ),
        {"text": "Why?"},
        ("nps", [(10, 0, 10), (0, 0, 10)]),
        0,
        "",
    ),
    (
        "enps.csv",
        table(
            ["eNPS", "What do you like about working here?", "What should we improve?"],
            [10, 2, 9, 4],
            GOOD,
            BAD,
        ),
        {"nps": "eNPS"},
        ("nps", [(10, 0, 10), (2, 0, 10)]),
        0,
        "",
    ),
    (
        "ru-liked.csv",
        table(
            ["Дата", "Что понравилось", "Что не понравилось", "Оценка", "Филиал"],
            days("{day:02d}.02.2026"),
            "Вежливый персонал",
            "Долго ждали заказ",
            STARS,
            ["Центр", "Юг"],
            delimiter=";",
            encoding="cp1251",
        ),
        {"rating": "Оценка", "product": "Филиал", "created_at": "Дата"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        0,
        "",
    ),
    (
        "bg-liked.csv",
        table(
            ["Какво Ви хареса?", "Какво да подобрим?", "Оценка от 1 до 6", "Обект"],
            "Любезен персонал",
            "Дълга опашка на касата",
            [6, 1, 5, 2],
            ["Варна", "Русе"],
            delimiter=";",
        ),
        {"rating": "Оценка от 1 до 6", "product": "Обект"},
        ("rating", [(6, 1, 6), (1, 1, 6)]),
        0,
        "",
    ),
    (
        "lv-liked.csv",
        table(
            ["Kas patika?", "Kas nepatika?", "Vērtējums"],
            "Laipns personāls",
            "Gara rinda pie kases",
            STARS,
            delimiter="\t",
        ),
        {"rating": "Vērtējums"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        0,
        "",
    ),
    (
        "pending.csv",
        table(["Rating", "Review"], ["5", "pending", "4", "-", "1"], WORDS),
        {"rating": "Rating"},
        ("rating", [(5, 1, 5), (None, None, None)]),
        0,
        "'pending' 2",
    ),
    (
        "ticks.csv",
        table(["Would you recommend us?", "Comments"], ["✓", "✗"], WORDS),
        {"recommended": "Would you recommend us?"},
        None,
        0,
        "",
    ),
    (
        "title-and-totals-bg.csv",
        "Отчет за отзиви;;\nПериод: 01.01.2026 - 31.01.2026;;\n;;\n".encode()
        + table(
            ["Дата", "Отзив", "Звезди"],
            days("{day:02d}.01.2026 г."),
            ["Платът е мек.", "Ципът се счупи."],
            STARS,
            delimiter=";",
        )
        + "Общо;;28\n".encode(),
        {"rating": "Звезди", "created_at": "Дата"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        1,
        "2 rows above the header",
    ),
    (
        "index-column.csv",
        table(["Unnamed: 0", "review_text", "stars"], days("{day}"), WORDS, STARS),
        {"text": "review_text", "rating": "stars"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        0,
        "",
    ),
    (
        "lv-agree.csv",
        table(["Es ieteiktu šo veikalu draugiem", "Komentārs"], _AGREE, ["Audums mīksts.", "Saplīsa."]),
        {"text": "Komentārs"},
        None,
        0,
        "'Es ieteiktu šo veikalu draugiem' may be answers",
    ),
    (
        "ru-grades.csv",
        table(["Как вы оцениваете сервис?", "Комментарий"], _GRADES, ["Сидит отлично.", "Сломалась."]),
        {"text": "Комментарий"},
        None,
        0,
        "to use it: --map 'rating=Как вы оцениваете сервис?'",
    ),
    (
        "two-dates.csv",
        table(
            ["Purchase date", "Review date", "Comment", "Score (1-10)"],
            days("12/{day}/25"),
            days("1/{day}/26 5:02 PM"),
            WORDS,
            [10, 1, 8, 3],
        ),
        {"created_at": "Review date", "rating": "Score (1-10)"},
        ("rating", [(10, 1, 10), (1, 1, 10)]),
        0,
        "",
    ),
    (
        "sep-line.csv",
        b"sep=;\n" + table(["Rating", "Review"], STARS, WORDS, delimiter=";"),
        {"rating": "Rating"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        0,
        "",
    ),
    (
        "header-again.csv",
        table(["Rating", "Review"], STARS, WORDS) * 2,
        {"rating": "Rating", "text": "Review"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        1,
        "",
    ),
    (
        "graphql.json",
        json.dumps({"data": {"product": {"reviews": {"edges": _NODES}}}}).encode(),
        {"text": "node.body", "rating": "node.score"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        0,
        "data.product.reviews.edges",
    ),
    (
        "markdown.md",
        b"| Review | Stars |\n|---|---|\n"
        + "".join(f"| {text} | {n} |\n" for text, n in zip(WORDS, STARS, strict=True)).encode(),
        {"text": "Review", "rating": "Stars"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        1,
        "",
    ),
    (
        "verdict.csv",
        table(["verdict", "hours", "review"], ["Recommended", "Not Recommended"], days("{day}.5"), WORDS),
        {"text": "review"},
        None,
        0,
        "--map recommended=verdict",
    ),
    (
        "pipe.txt",
        table(["Store", "Stars", "What our guest said"], ["A", "B"], STARS, WORDS, delimiter="|"),
        {"text": "What our guest said", "product": "Store"},
        ("rating", [(5, 1, 5), (1, 1, 5)]),
        0,
        "",
    ),
    (
        "out-of-100.csv",
        table(["score_out_of_100", "verbatim"], [100, 20, 85, 30], WORDS),
        {"rating": "score_out_of_100"},
        ("rating", [(100, 0, 100), (20, 0, 100)]),
        0,
        "",
    ),
    (
        "zero-padded.csv",
        table(["NPS", "Comment"], ["09", "00", "10", "02"], WORDS),
        {"nps": "NPS"},
        ("nps", [(9, 0, 10), (0, 0, 10)]),
        0,
        "",
    ),
    (
        "below-zero.csv",
        table(["Mood (-2 to 2)", "Comment"], [2, -2, 1, -1, 0], WORDS),
        {"text": "Comment"},
        None,
        0,
        "'Mood (-2 to 2)' may be answers",
    ),
]


@pytest.mark.parametrize("case", FILES, ids=[case[0] for case in FILES])
def test_a_file_is_read_right(tmp_path, case):
    name, content, mapping, scores, refused, note = case
    (tmp_path / name).write_bytes(content)
    with open_inputs([tmp_path / name]) as feed:
        (survey,) = feed.surveys
        ((accepted, rejects),) = feed.batches(100)
    assert {ours: survey.mapping.get(ours) for ours in mapping} == mapping
    rows = accepted.to_pylist()
    assert len(rejects) == refused
    assert len(rows) in {10, 20}
    assert len(rows) + refused == survey.n_rows
    assert all(row["text"] for row in rows)
    if scores is not None:
        ours, expected = scores
        found = [(row[ours], row[f"{ours}_min"], row[f"{ours}_max"]) for row in rows[:2]]
        assert found == expected
    assert not note or any(note in said for said in survey.notes), survey.notes


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "a.xml",
            "<?xml version='1.0'?><reviews><review><stars>5</stars></review></reviews>",
            "is an XML file",
        ),
    ],
)
def test_what_is_no_table_is_refused_by_name(tmp_path, name, content, said):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as told:
        open_inputs([tmp_path / name])
    assert said in str(told.value)


def test_a_product_may_be_called_total(tmp_path):
    (tmp_path / "a.csv").write_text("Product,Review,Rating\nTotal,Good oil,5\nTotal,,4\nSum,Fine,3\n")
    with open_inputs([tmp_path / "a.csv"]) as feed:
        ((accepted, rejects),) = feed.batches(100)
    assert accepted.column("product").to_pylist() == ["Total", "Total", "Sum"]
    assert not rejects
