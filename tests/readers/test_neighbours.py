"""Neighbours of the files people complain of: the same kinds, with other names, languages, notations and layouts."""

# ruff: noqa: E501

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

import openpyxl
import pytest

from earful.readers import open_inputs
from tests.readers.test_odd_files import BAD, GOOD, STARS, WORDS, days, table

RU = [
    "Сидит отлично, ткань мягкая.",
    "Молния сломалась через неделю.",
    "Пришло рано, всё хорошо упаковано.",
    "В магазине никто не отвечает.",
]
BG = [
    "Стои чудесно, платът е мек.",
    "Ципът се счупи след седмица.",
    "Дойде рано и добре опаковано.",
    "Никой не вдига телефона.",
]
LV = [
    "Der lieliski, audums ir mīksts.",
    "Rāvējslēdzējs salūza pēc nedēļas.",
    "Atnāca ātri un labi iepakots.",
    "Neviens neatbild uz zvaniem.",
]
FIVE = [5, 1, 4, 2, 3]


@dataclass
class Case:
    """A file, and what is to be read of it: columns, first values, rows refused, a part of a note."""

    name: str
    content: bytes
    mapping: dict[str, str | None] = field(default_factory=dict)
    values: dict[str, list[Any]] = field(default_factory=dict)
    refused: int = 0
    note: str = ""
    rows: int = 10


def sheet(*rows, merged=(), others=()):
    """Write a workbook: rows of the sheet that counts, ranges that are merged, sheets before it."""
    book = openpyxl.Workbook()
    page = book.active
    for title, lines in others:
        page.title = title
        for line in lines:
            page.append(line)
        page = book.create_sheet("Data")
    for row in rows:
        page.append(row)
    for cells in merged:
        page.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def lines(rows):
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def stars_words(header, *more, words=WORDS, **keywords):
    return table(header, STARS, words, *more, **keywords)


BODY = [[star, words] for star, words in zip(STARS, WORDS, strict=True)]
TEN = [9, 1, 8, 3, 6]
NODES = [{"id": f"x{at}", "rating": {"value": star}, "body": words} for at, (star, words) in enumerate(BODY)]

# fmt: off
CASES = [
    # --- A
    Case('a1-place-average.csv', table(['place_name', 'place_rating', 'user_ratings_total', 'author_rating', 'review'], ['Sea', 'Hill'], [4.6, 4.1], [812, 77], STARS, WORDS), {'rating': 'author_rating', 'text': 'review'}, {'rating': [5, 1, 4]}),
    Case('a2-empty-rating.csv', table(['rating', 'star_rating', 'comment'], '', STARS, WORDS), {'rating': 'star_rating'}, {'rating': [5, 1, 4]}),
    Case('a3-overall.csv', table(['avgRating', 'overall', 'reviewText'], [4.37, 3.92], STARS, WORDS), {'rating': 'overall'}, {'rating': [5, 1]}),
    Case('a4-ces-score.csv', table(['survey_type', 'score', 'comment'], 'ces', [7, 1, 6, 2], WORDS), {}, {'ces': [7, 1, 6], 'rating': [None]}),
    Case('a5-csat-type.csv', table(['question_type', 'score', 'comment'], ['CSAT', 'NPS'], [5, 9, 4, 2], WORDS), {}, {'csat': [5, None, 4], 'nps': [None, 9, None]}),
    Case('a6-helpful-votes.csv', table(['helpful_votes', 'review_stars', 'review_body'], [3, 0, 12, 1], STARS, WORDS), {'rating': 'review_stars'}),
    Case('a7-id-as-score.csv', table(['score_id', 'score', 'text'], days('{day}'), STARS, WORDS), {'rating': 'score'}, {'rating': [5, 1]}),
    Case('a8-respondent-name.csv', table(['Name', 'Branch', 'Rating', 'Comment'], days('Ann {day}'), ['North', 'South'], STARS, WORDS), {'product': 'Branch'}),
    Case('a9-ru-average.csv', table(['Товар', 'Средняя оценка товара', 'Оценка покупателя', 'Отзыв'], ['Чайник', 'Лампа'], ['4,6', '3,9'], STARS, RU, delimiter=';', encoding='cp1251'), {'rating': 'Оценка покупателя', 'product': 'Товар'}, {'rating': [5, 1]}),
    Case('a10-lv-average.csv', table(['Produkts', 'Vidējais vērtējums', 'Vērtējums', 'Atsauksme'], ['Lampa', 'Galds'], ['4,6', '3,9'], STARS, LV, delimiter=';', encoding='cp1257'), {'rating': 'Vērtējums', 'product': 'Produkts'}, {'rating': [5, 1]}),
    Case('a11-bg-average.csv', table(['Продукт', 'Средна оценка', 'Оценка', 'Отзив'], ['Лампа', 'Маса'], ['4,6', '3,9'], STARS, BG, delimiter=';'), {'rating': 'Оценка', 'product': 'Продукт'}, {'rating': [5, 1]}),
    Case('a12-sku-and-title.csv', table(['sku', 'product_title', 'stars', 'review'], [100234, 100777], ['Red lamp', 'Desk'], STARS, WORDS), {'product': 'product_title'}),
    # --- B
    Case('b1-seven-satisfaction.csv', table(['How satisfied are you overall?', 'Comment'], ['Extremely satisfied', 'Extremely dissatisfied', 'Moderately satisfied', 'Neither satisfied nor dissatisfied', 'Slightly satisfied', 'Slightly dissatisfied', 'Moderately dissatisfied'], WORDS), {}, {'csat': [7, 1, 6, 4, 5]}),
    Case('b2-three-happy.csv', table(['Satisfaction', 'Comment'], ['Happy', 'Unhappy', 'Neutral'], WORDS), {}, {'csat': [3, 1, 2]}),
    Case('b3-ru-satisfied.csv', table(['Удовлетворённость сервисом', 'Комментарий'], ['Полностью удовлетворён', 'Совсем не удовлетворён', 'Скорее удовлетворён', 'Скорее не удовлетворён', 'Затрудняюсь ответить'], RU), {}, {'csat': [5, 1, 4, 2, None]}),
    Case('b4-bg-satisfied.csv', table(['Удовлетвореност', 'Коментар'], ['Много доволен', 'Много недоволен', 'Доволен', 'Недоволен', 'Нито доволен, нито недоволен'], BG), {}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b5-lv-satisfied.csv', table(['Apmierinātība', 'Komentārs'], ['Ļoti apmierināts', 'Ļoti neapmierināts', 'Apmierināts', 'Neapmierināts', 'Neitrāli'], LV), {}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b6-promoter.csv', table(['NPS group', 'Feedback'], ['Promoter', 'Detractor', 'Passive'], WORDS), {}, {}),
    Case('b7-ru-promoter.csv', table(['NPS', 'Комментарий'], ['Промоутер', 'Критик', 'Нейтрал'], RU), {'nps': 'NPS'}),
    Case('b8-effort-words.csv', table(['How easy was it to solve your issue?', 'Comment'], ['Very easy', 'Very difficult', 'Easy', 'Difficult', 'Neither'], WORDS), {}, {'ces': [5, 1, 4, 2, 3]}),
    Case('b9-bg-yes-maybe-no.csv', table(['Бихте ли ни препоръчали?', 'Коментар'], ['Да', 'Не', 'Може би'], BG), {'recommended': 'Бихте ли ни препоръчали?'}, {'recommended': [True, False, None]}),
    Case('b10-lv-yes-no.csv', table(['Vai ieteiktu mūs draugiem?', 'Komentārs'], ['Jā', 'Nē', 'Varbūt'], LV), {}, {'recommended': [True, False, None]}),
    Case('b11-ru-yes-no.csv', table(['Порекомендуете нас друзьям?', 'Комментарий'], ['Да', 'Нет', 'Не знаю'], RU), {}, {'recommended': [True, False, None]}),
    Case('b12-number-words.csv', table(['Stars', 'Review'], ['five', 'one', 'four', 'two', 'three'], WORDS), {'rating': 'Stars'}, {'rating': FIVE}),
    Case('b13-agree-7.csv', table(['I would recommend this shop (CSAT)', 'Comment'], ['Strongly agree', 'Strongly disagree', 'Agree', 'Disagree', 'Somewhat agree', 'Somewhat disagree', 'Neither agree nor disagree'], WORDS), {}, {}),
    Case('b14-thumbs-words.csv', table(['Rating', 'Comment'], ['thumbs up', 'thumbs down'], WORDS), {'rating': 'Rating'}, {'rating': [1, 0]}),
    Case('b15-poor-excellent.csv', table(['Rating', 'Comment'], ['Excellent', 'Poor', 'Good', 'Fair', 'Very good'], WORDS), {'rating': 'Rating'}, {'rating': [5, 1, 3, 2, 4]}),
    # --- C
    Case('c1-nps-na.csv', table(['NPS', 'Comment'], ['10', 'N/A', 'did not answer', '3', 'skip'], WORDS), {'nps': 'NPS'}, {'nps': [10, None, None, 3, None]}),
    Case('c2-out-of-range.csv', table(['NPS', 'Comment'], [10, 2, 9, 6, 99], WORDS), {'nps': 'NPS'}, {'nps': [10, 2, 9, 6, None]}),
    Case('c3-ru-no-rating.csv', table(['Оценка', 'Отзыв'], ['5', 'без оценки', '4', 'нет', '1'], RU, delimiter=';'), {'rating': 'Оценка'}, {'rating': [5, None, 4, None, 1]}),
    Case('c4-lv-no-rating.csv', table(['Vērtējums', 'Atsauksme'], ['5', 'nav vērtēts', '4', '-', '1'], LV), {'rating': 'Vērtējums'}, {'rating': [5, None, 4, None, 1]}),
    Case('c5-flag-maybe.csv', table(['recommend', 'rating', 'text'], ['yes', 'unsure', 'no'], STARS, WORDS), {}, {'recommended': [True, None, False], 'rating': [5, 1, 4]}),
    # --- D
    Case('d1-lv-stamp.csv', table(['Laika zīmogs', 'Vērtējums', 'Komentārs'], days('{day:02d}.01.2026 14:05:00'), STARS, LV), {'created_at': 'Laika zīmogs'}, {'created_at': ['2026-01-01']}),
    Case('d2-ru-stamp.csv', table(['Отметка времени', 'Оценка', 'Комментарий'], days('{day:02d}.01.2026 14:05:00'), STARS, RU), {'created_at': 'Отметка времени'}, {'created_at': ['2026-01-01']}),
    Case('d3-english-month.csv', stars_words(['stars', 'review', 'Date Posted'], days('{day:02d}-Jan-24')), {'created_at': 'Date Posted'}, {'created_at': ['2024-01-01']}),
    Case('d4-reviewed-in.csv', stars_words(['stars', 'review', 'date'], days('Reviewed in the United Kingdom on {day} March 2024')), {'created_at': 'date'}, {'created_at': ['2024-03-01']}),
    Case('d5-gmt.csv', stars_words(['stars', 'review', 'Timestamp'], days('2026/01/{day:02d} 9:05:00 PM GMT+3')), {'created_at': 'Timestamp'}, {'created_at': ['2026-01-01']}),
    Case('d6-epoch.csv', stars_words(['stars', 'review', 'created'], [1704103200, 1704189600]), {'created_at': 'created'}, {'created_at': ['2024-01-01', '2024-01-02']}),
    Case('d7-epoch-ms.csv', stars_words(['stars', 'review', 'timestamp'], [1704103200000, 1704189600000]), {'created_at': 'timestamp'}, {'created_at': ['2024-01-01']}),
    Case('d8-ru-genitive.csv', table(['Дата', 'Оценка', 'Отзыв'], days('{day} января 2024 г.'), STARS, RU), {'created_at': 'Дата'}, {'created_at': ['2024-01-01']}),
    Case('d9-lv-month.csv', table(['Datums', 'Vērtējums', 'Atsauksme'], days('2024. gada {day}. janvāris'), STARS, LV), {'created_at': 'Datums'}, {'created_at': ['2024-01-01']}),
    Case('d10-relative.csv', stars_words(['stars', 'review', 'when'], ['2 days ago', 'a month ago']), {}, {'created_at': [None, None]}),
    Case('d11-js.csv', stars_words(['stars', 'review', 'date'], days('Mon Jan {day:02d} 2024 10:00:00 GMT+0200 (Eastern European Standard Time)')), {'created_at': 'date'}, {'created_at': ['2024-01-01']}),
    Case('d12-unmapped.csv', stars_words(['stars', 'review', 'zz'], days('2024-01-{day:02d}')), {}, {}, note='zz'),
    Case('d13-future.csv', stars_words(['stars', 'review', 'date'], days('2099-01-{day:02d}')), {'created_at': 'date'}, {}, note='future'),
    Case('d14-bg-hour.csv', table(['Клеймо за време', 'Оценка', 'Коментар'], days('{day:02d}.01.2024 г., 14:05 ч.'), STARS, BG), {'created_at': 'Клеймо за време'}, {'created_at': ['2024-01-01']}),
    # --- E
    Case('e1-slash-ten.csv', table(['NPS', 'Comment'], ['9/10', '1/10', '8/10', '3/10'], WORDS), {'nps': 'NPS'}, {'nps': [9, 1, 8, 3]}),
    Case('e2-von.csv', table(['Bewertung', 'Kommentar'], ['5 von 5', '1 von 5', '4 von 5'], WORDS), {'rating': 'Bewertung'}, {'rating': [5, 1, 4]}),
    Case('e3-iz.csv', table(['Оценка', 'Отзыв'], ['5 из 5', '1 из 5', '4 из 5'], RU), {'rating': 'Оценка'}, {'rating': [5, 1, 4]}),
    Case('e4-no.csv', table(['Vērtējums', 'Atsauksme'], ['5 no 5', '1 no 5', '4 no 5'], LV), {'rating': 'Vērtējums'}, {'rating': [5, 1, 4]}),
    Case('e5-ot.csv', table(['Оценка', 'Отзив'], ['5 от 5', '1 от 5', '4 от 5'], BG), {'rating': 'Оценка'}, {'rating': [5, 1, 4]}),
    Case('e6-half.csv', table(['Rating', 'Review'], ['★★★½', '★', '★★★★★', '★★'], WORDS), {'rating': 'Rating'}, {'rating': [3.5, 1, 5, 2]}),
    Case('e7-white-stars.csv', table(['Rating', 'Review'], ['★★★★☆', '★☆☆☆☆', '★★★★★'], WORDS), {'rating': 'Rating'}, {'rating': [4, 1, 5]}),
    Case('e8-emoji-stars.csv', table(['Rating', 'Review'], ['⭐⭐⭐⭐⭐', '⭐', '⭐⭐⭐⭐'], WORDS), {'rating': 'Rating'}, {'rating': [5, 1, 4]}),
    Case('e9-bubbles-class.csv', table(['rating', 'review'], ['ui_bubble_rating bubble_50', 'ui_bubble_rating bubble_10', 'ui_bubble_rating bubble_40'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4]}),
    Case('e10-out-of.csv', table(['rating', 'review'], ['5.0 out of 5 stars', '1.0 out of 5 stars', '4.0 out of 5 stars'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4]}),
    Case('e11-header-scale.csv', table(['On a scale of 1 to 10, how satisfied were you?', 'Comment'], [10, 1, 8, 3], WORDS), {}, {'csat': [10, 1, 8]}),
    Case('e12-ru-header-scale.csv', table(['Оцените качество обслуживания (от 1 до 10)', 'Комментарий'], [9, 1, 8, 3], RU), {}, {'rating_max': [10, 10]}),
    Case('e13-us-date.csv', table(['rating', 'review'], ['5-Apr', '5-Jan', '5-May', '5-Feb'], WORDS), {'rating': 'rating'}, {'rating': [4, 1, 5, 2]}),
    Case('e14-comma-slash.csv', table(['Оценка', 'Отзыв'], ['4,5/5', '1/5', '3,5/5'], RU, delimiter=';'), {'rating': 'Оценка'}, {'rating': [4.5, 1, 3.5]}),
    Case('e15-points.csv', table(['Score', 'Review'], ['9 points', '1 point', '8 points', '3 points', '10 points'], WORDS), {'rating': 'Score'}, {'rating': [9, 1, 8]}),
    # --- F
    Case('f1-translated.csv', table(['rating', 'review'], STARS, ['(Translated by Google) The lid broke. (Original) Крышка сломалась.', 'Great shop']), {'text': 'review'}, {'rating': [5, 1]}),
    # --- G
    Case('g1-title-above.csv', b'Customer reviews, January\nExported 2026-02-01\n\n' + stars_words(['Stars', 'Review']), {'rating': 'Stars', 'text': 'Review'}, {'rating': [5, 1]}),
    Case('g2-title.xlsx', sheet(['Отчёт по отзывам'], [], ['Оценка', 'Отзыв'], *[[star, RU[at % 4]] for at, star in enumerate(STARS)], merged=['A1:B1']), {'rating': 'Оценка', 'text': 'Отзыв'}, {'rating': [5, 1]}),
    Case('g3-cover.xlsx', sheet(['Stars', 'Review'], *BODY, others=[('Read me', [['This file holds reviews.'], ['Do not share.']])]), {'rating': 'Stars'}, {'rating': [5, 1]}),
    Case('g4-groups.xlsx', sheet(['Customer', None, 'Answers', None], ['Name', 'Branch', 'Stars', 'Review'], *[['Ann', ['N', 'S'][at % 2], *row] for at, row in enumerate(BODY)], merged=['A1:B1', 'C1:D1']), {}, {'rating': [5, 1]}),
    Case('g5-merged-product.xlsx', sheet(['Product', 'Stars', 'Review'], *[['Lamp' if at == 0 else 'Desk' if at == 5 else None, *row] for at, row in enumerate(BODY)], merged=['A2:A6', 'A7:A11']), {'product': 'Product'}, {'product': ['Lamp', 'Lamp', 'Lamp']}),
    Case('g6-total.xlsx', sheet(['Stars', 'Review'], *BODY, ['Total', None]), {'rating': 'Stars'}, {'rating': [5, 1]}, refused=1),
    Case('g7-ru-total.csv', table(['Оценка', 'Отзыв'], STARS, RU) + 'Итого: 10,\n'.encode(), {'rating': 'Оценка'}, {'rating': [5, 1]}, refused=1),
    Case('g8-lv-total.csv', table(['Produkts', 'Vērtējums', 'Atsauksme'], 'Lampa', STARS, LV) + 'Kopā,28,\n'.encode(), {'rating': 'Vērtējums'}, {}, refused=1),
    Case('g9-qualtrics-two.csv', b'Q1,Q2\nHow likely are you to recommend us?,Why?\n' + table(['{"ImportId":"QID1"}', '{"ImportId":"QID2"}'], TEN, WORDS), {}, {'nps': [9, 1, 8]}),
    Case('g10-header-again.csv', table(['stars', 'review'], STARS, WORDS) + table(['stars', 'review'], STARS, GOOD + BAD), {'rating': 'stars'}, {}, refused=1, rows=20),
    # --- H
    Case('h1-pros-cons.csv', table(['stars', 'pros', 'cons'], STARS, 'Soft fabric', 'The zip broke'), {}, {'text': ['pros: Soft fabric\ncons: The zip broke']}),
    Case('h2-likes.csv', table(['stars', 'What do you like best?', 'What do you dislike?'], STARS, 'Soft fabric and colour', 'The zip broke soon'), {}, {'text': ['What do you like best? Soft fabric and colour\nWhat do you dislike? The zip broke soon']}),
    Case('h3-ru-plus.csv', table(['Оценка', 'Плюсы', 'Минусы', 'Комментарий'], STARS, 'Мягкая ткань', 'Сломалась молния', RU), {}, {'text': [f'Плюсы: Мягкая ткань\nМинусы: Сломалась молния\nКомментарий: {RU[0]}']}),
    Case('h4-bg-plus.csv', table(['Оценка', 'Предимства', 'Недостатъци'], STARS, 'Мек плат', ['няма', 'Ципът се счупи']), {}, {'text': ['Предимства: Мек плат', 'Предимства: Мек плат\nНедостатъци: Ципът се счупи']}),
    Case('h5-lv-plus.csv', table(['Vērtējums', 'Plusi', 'Mīnusi'], STARS, 'Mīksts audums', ['nav', 'Salūza']), {}, {'text': ['Plusi: Mīksts audums', 'Plusi: Mīksts audums\nMīnusi: Salūza']}),
    Case('h6-de.csv', table(['Sterne', 'Vorteile', 'Nachteile'], STARS, 'Der Stoff ist weich', 'Der Reißverschluss klemmt', delimiter=';'), {}, {'text': ['Vorteile: Der Stoff ist weich\nNachteile: Der Reißverschluss klemmt']}),
    Case('h7-fr.csv', table(['Note', 'Points positifs', 'Points négatifs'], STARS, 'Le tissu est doux', 'La fermeture casse', delimiter=';'), {}, {'text': ['Points positifs: Le tissu est doux\nPoints négatifs: La fermeture casse']}),
    Case('h8-no-positive.csv', table(['Reviewer_Score', 'Positive_Review', 'Negative_Review'], [9.2, 3.1], ['No Positive', 'Lovely staff and room'], ['The lift was broken', 'No Negative']), {}, {'text': ['Negative Review: The lift was broken', 'Positive Review: Lovely staff and room']}),
    # --- I
    Case('i1-html.xls', ('<html><body><table><tr><th>Stars</th><th>Review</th></tr>' + ''.join((f'<tr><td>{star}</td><td>{words}</td></tr>' for star, words in BODY)) + '</table></body></html>').encode(), {'rating': 'Stars'}, {'rating': [5, 1]}),
    Case('i2-split.json', json.dumps({'columns': ['stars', 'review'], 'index': list(range(10)), 'data': BODY}).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i3-columns.json', json.dumps({'stars': {str(at): star for at, star in enumerate(STARS)}, 'review': {str(at): words for at, words in enumerate(WORDS)}}).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i4-tsv.txt', '\n'.join(['stars\treview', *[f'{star}\tHe said "{words}' for star, words in BODY]]).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i5-empty-lines.csv', stars_words(['stars', 'review']) + b',\n' * 5000, {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i6-mojibake.csv', table(['stars', 'review'], STARS, ['Сидит отлично, ткань мягкая'.encode().decode('cp1252', 'ignore')] * 2), {'rating': 'stars'}),
    Case('i7-value-error.csv', table(['stars', 'review', 'country'], STARS, WORDS, ['#VALUE!', 'LV']), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i8-quoted-lines.csv', b'\n'.join(b'"' + line.replace(b'"', b'""') + b'"' for line in stars_words(['stars', 'review'], words=['It is "soft", really', 'The zip, it broke']).splitlines()), {'rating': 'stars', 'text': 'review'}, {'rating': [5, 1], 'text': ['It is "soft", really', 'The zip, it broke']}),
    Case('i9-quoted-lines-semicolon.csv', b'\r\n'.join(b'"' + line.replace(b'"', b'""') + b'"' for line in table(['Оценка', 'Отзыв'], STARS, ['Ткань; мягкая', 'Сломалась'], delimiter=';', encoding='cp1251').splitlines()), {'rating': 'Оценка', 'text': 'Отзыв'}, {'rating': [5, 1], 'text': ['Ткань; мягкая', 'Сломалась']}),
    Case('i10-list-cells.csv', table(['stars', 'review'], STARS, ["['The fabric is soft']", "['The zip broke']"]), {'text': 'review'}, {'text': ['The fabric is soft', 'The zip broke']}),
    Case('i11-dict-cells.csv', table(['review', 'shop'], [json.dumps({'rating': 5, 'text': 'The fabric is soft and warm'}), json.dumps({'rating': 1, 'text': 'The zip broke after a week'})], ['N', 'S']), {}, {'text': ['The fabric is soft and warm', 'The zip broke after a week'], 'rating': [5, 1]}),
    Case('i12-python-dict-cells.csv', table(['review', 'shop'], [str({'rating': 5, 'text': 'The fabric is soft and warm'}), str({'rating': 1, 'text': "It's broken after a week"})], ['N', 'S']), {}, {'text': ['The fabric is soft and warm', "It's broken after a week"], 'rating': [5, 1]}),
    Case('i13-nested.json', json.dumps({'data': {'reviews': {'edges': [{'node': node} for node in NODES]}}}).encode(), {}, {'rating': [5, 1], 'text': WORDS[:2]}),
    Case('i14-utf16.csv', stars_words(['stars', 'review'], delimiter='\t', encoding='utf-16'), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i15-pipe.csv', stars_words(['stars', 'review'], delimiter='|'), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i16-unicode-escapes.csv', table(['stars', 'review'], STARS, ['\\u0422\\u043a\\u0430\\u043d\\u044c \\u043c\\u044f\\u0433\\u043a\\u0430\\u044f', 'The zip broke']), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i17-list-of-lists.json', json.dumps([['stars', 'review'], *BODY]).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i18-markdown.csv', ('| stars | review |\n|---|---|\n' + '\n'.join((f'| {star} | {words} |' for star, words in BODY))).encode(), {'rating': 'stars'}, {'rating': [5, 1]}, refused=1),
]
# fmt: on


def near(value, expected):
    """Say whether a value is what was expected; a moment by its day alone."""
    if isinstance(expected, str) and hasattr(value, "date"):
        return value.date().isoformat() == expected
    return value == expected


def check(tmp_path, case):
    """Read a case's file and compare what comes out with its right answer."""
    path = tmp_path / case.name
    path.write_bytes(case.content)
    rows, refused = [], []
    with open_inputs([path]) as feed:
        for part, rejects in feed.batches(4):
            rows += part.to_pylist()
            refused += rejects
        survey = feed.surveys[0]
        assert len(rows) + len(refused) == feed.n_rows
    assert {ours: survey.mapping.get(ours) for ours in case.mapping} == case.mapping, survey.notes
    assert (len(rows), len(refused)) == (case.rows, case.refused), [one.reason for one in refused]
    for ours, expected in case.values.items():
        got = [row.get(ours) for row in rows[: len(expected)]]
        assert all(map(near, got, expected)), (ours, got, survey.mapping, survey.notes)
    assert any(case.note in note for note in survey.notes) or not case.note, survey.notes


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_neighbour_is_read_right(tmp_path, case):
    check(tmp_path, case)


def test_there_are_neighbours_of_every_kind():
    assert {case.name[0] for case in CASES} == set("abcdefghi")
    assert len(CASES) >= 60
