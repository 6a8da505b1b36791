"""More neighbours: nested objects, grades, dates and line ends that other programs write."""

# ruff: noqa: E501

from __future__ import annotations

import gzip
import json

import pytest

from tests.readers.test_neighbours import (
    BG,
    LV,
    RU,
    STARS,
    WORDS,
    Case,
    check,
    days,
    lines,
    sheet,
    stars_words,
    table,
)

SCHEMA = [
    {
        "@type": "Review",
        "reviewRating": {"ratingValue": str(star), "bestRating": "5"},
        "reviewBody": words,
        "author": {"name": "A"},
        "itemReviewed": {"name": ["Lamp", "Desk"][at % 2], "aggregateRating": {"ratingValue": "4.3"}},
        "datePublished": f"2024-01-{at + 1:02d}",
    }
    for at, (star, words) in enumerate(zip(STARS, WORDS, strict=True))
]


# fmt: off
CASES = [
    # --- A
    Case('a20-schema-org.jsonl', lines(SCHEMA), {'text': 'reviewBody', 'rating': 'reviewRating.ratingValue', 'created_at': 'datePublished'}, {'rating': [5, 1], 'rating_max': [5, 5]}),
    Case('a21-sentiment-score.csv', table(['sentiment_score', 'stars', 'text'], [0.91, -0.4], STARS, WORDS), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('a22-sub-ratings.csv', table(['Service rating', 'Price rating', 'Overall rating', 'Comment'], [3, 4], [2, 2], STARS, WORDS), {'rating': 'Overall rating'}, {'rating': [5, 1]}),
    Case('a23-hotel-stars.csv', table(['hotel_name', 'hotel_stars', 'review_score', 'review_text'], ['Sea', 'Hill'], [4, 3], STARS, WORDS), {'rating': 'review_score', 'product': 'hotel_name'}, {'rating': [5, 1]}),
    Case('a24-thumbs-up-count.csv', table(['thumbsUpCount', 'score', 'content', 'at'], [12, 0, 3], STARS, WORDS, days('2024-01-{day:02d} 10:00:00')), {'rating': 'score', 'text': 'content', 'created_at': 'at'}),
    Case('a25-nested-overall.jsonl', lines([{'ratings': {'overall': star, 'rooms': 3}, 'text': words} for star, words in zip(STARS, WORDS, strict=True)]), {'rating': 'ratings.overall'}, {'rating': [5, 1]}),
    Case('a26-bg-branch-average.csv', table(['Обект', 'Средна оценка на обекта', 'Вашата оценка', 'Коментар'], ['Варна', 'Русе'], ['4,5', '3,8'], STARS, BG, delimiter=';', encoding='cp1251'), {'product': 'Обект'}, {'rating': [5, 1]}),
    # --- B
    Case('b20-number-and-words.csv', table(['Satisfaction', 'Comment'], ['5 - Very satisfied', '1 - Very dissatisfied', '4 - Satisfied', '2 - Dissatisfied', '3 - Neutral'], WORDS), {'csat': 'Satisfaction'}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b21-words-and-number.csv', table(['Satisfaction', 'Comment'], ['Very satisfied (5)', 'Very dissatisfied (1)', 'Satisfied (4)', 'Dissatisfied (2)', 'Neutral (3)'], WORDS), {'csat': 'Satisfaction'}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b22-german.csv', table(['Zufriedenheit', 'Kommentar'], ['sehr zufrieden', 'sehr unzufrieden', 'zufrieden', 'unzufrieden', 'neutral'], WORDS, delimiter=';'), {'csat': 'Zufriedenheit'}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b23-ru-likely.csv', table(['Насколько вероятно, что вы порекомендуете нас?', 'Комментарий'], ['10', '0', '9', '3', '7'], RU), {}, {'nps': [10, 0, 9, 3, 7]}),
    Case('b24-lv-agree.csv', table(['CSAT', 'Komentārs'], ['Pilnīgi piekrītu', 'Pilnīgi nepiekrītu', 'Piekrītu', 'Nepiekrītu', 'Ne piekrītu, ne nepiekrītu'], LV), {'csat': 'CSAT'}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b25-bg-easy.csv', table(['Колко лесно беше да решите проблема си?', 'Коментар'], ['Много лесно', 'Много трудно', 'Лесно', 'Трудно', 'Нито лесно, нито трудно'], BG), {}, {'ces': [5, 1, 4, 2, 3]}),
    Case('b26-faces.csv', table(['Rating', 'Comment'], ['😀', '😡', '🙂', '🙁', '😐'], WORDS), {'rating': 'Rating'}, {'rating': [5, 1, 4, 2, 3]}),
    # --- C
    Case('c20-not-applicable.csv', table(['CSAT', 'Comment'], ['5', 'Not applicable', '4', 'n.a.', '1'], WORDS), {'csat': 'CSAT'}, {'csat': [5, None, 4, None, 1]}),
    Case('c21-minus-one.csv', table(['rating', 'text'], [5, -1, 4, 2, 3], WORDS), {'rating': 'rating'}, {}),
    Case('c22-bg-no-answer.csv', table(['Оценка', 'Отзив'], ['5', 'без оценка', '4', 'не знам', '1'], BG), {'rating': 'Оценка'}, {'rating': [5, None, 4, None, 1]}),
    # --- D
    Case('d20-short-year.csv', table(['Дата', 'Оценка', 'Отзыв'], days('{day:02d}.02.24 14:05'), STARS, RU), {'created_at': 'Дата'}, {'created_at': ['2024-02-01', '2024-02-02']}),
    Case('d21-month-alone.csv', stars_words(['stars', 'review', 'Review date'], ['January 2024', 'February 2024']), {'created_at': 'Review date'}, {'created_at': ['2024-01-01', '2024-02-01']}),
    Case('d22-iso-zone.csv', stars_words(['stars', 'review', 'submittedAt'], days('2024-01-{day:02d}T23:30:00-05:00')), {'created_at': 'submittedAt'}, {'created_at': ['2024-01-02']}),
    Case('d23-header-zone.csv', stars_words(['stars', 'review', 'Created at (Europe/Riga)'], days('2024-01-{day:02d} 01:00')), {}, {'created_at': ['2023-12-31']}),
    Case('d24-lv-header.csv', table(['Datums un laiks', 'Vērtējums', 'Atsauksme'], days('{day:02d}.01.2024 14:05'), STARS, LV), {'created_at': 'Datums un laiks'}, {'created_at': ['2024-01-01']}),
    Case('d25-bg-published.csv', table(['Дата на публикуване', 'Оценка', 'Отзив'], days('{day} януари 2024 г.'), STARS, BG), {'created_at': 'Дата на публикуване'}, {'created_at': ['2024-01-01']}),
    Case('d26-excel-serial-time.csv', stars_words(['stars', 'review', 'Date'], [45292.5, 45293.25]), {'created_at': 'Date'}, {'created_at': ['2024-01-01', '2024-01-02']}),
    # --- E
    Case('e20-rated.csv', table(['rating', 'review'], ['Rated 5.0 out of 5', 'Rated 1.0 out of 5', 'Rated 4.0 out of 5'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4]}),
    Case('e21-sur.csv', table(['Note', 'Avis'], ['5 sur 5', '1 sur 5', '4 sur 5'], WORDS, delimiter=';'), {'rating': 'Note'}, {'rating': [5, 1, 4]}),
    Case('e22-de.csv', table(['Puntuación', 'Comentario'], ['5 de 5', '1 de 5', '4 de 5'], WORDS, delimiter=';'), {'rating': 'Puntuación'}, {'rating': [5, 1, 4]}),
    Case('e23-circles.csv', table(['rating', 'review'], ['●●●●●', '●○○○○', '●●●●○'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4]}),
    Case('e24-star-sign.csv', table(['rating', 'review'], ['5*', '1*', '4*', '2*'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4, 2]}),
    Case('e25-star-before.csv', table(['rating', 'review'], ['⭐ 5', '⭐ 1', '⭐ 4'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4]}),
    Case('e26-spaced-slash.csv', table(['Оценка', 'Отзыв'], ['5,0 / 5', '1,0 / 5', '4,0 / 5'], RU, delimiter=';'), {'rating': 'Оценка'}, {'rating': [5, 1, 4]}),
    Case('e27-ten-of-ten.csv', table(['Оценка', 'Отзыв'], ['10 из 10', '1 из 10', '8 из 10'], RU), {'rating': 'Оценка'}, {'rating': [10, 1, 8], 'rating_max': [10]}),
    Case('e28-zvezdi.csv', table(['Оценка', 'Отзив'], ['5 звезди', '1 звезда', '4 звезди'], BG), {'rating': 'Оценка'}, {'rating': [5, 1, 4]}),
    Case('e29-zvaigznes.csv', table(['Vērtējums', 'Atsauksme'], ['5 zvaigznes', '1 zvaigzne', '4 zvaigznes'], LV), {'rating': 'Vērtējums'}, {'rating': [5, 1, 4]}),
    Case('e30-balls.csv', table(['Оценка', 'Отзыв'], ['5 баллов', '1 балл', '4 балла', '3 балла'], RU), {'rating': 'Оценка'}, {'rating': [5, 1, 4, 3]}),
    Case('e31-us-date-text.csv', table(['Rating', 'Review'], ['4-May', '1-May', '5-May', '2-May', '3-May'], WORDS), {'rating': 'Rating'}, {'rating': [4, 1, 5, 2, 3]}),
    # --- G
    Case('g20-footnote.csv', stars_words(['stars', 'review']) + b'\nGenerated by ShopTool on 2024-01-31\n', {'rating': 'stars'}, {'rating': [5, 1]}, refused=1),
    Case('g21-nbsp-header.csv', stars_words(['\xa0Stars ', ' Review\xa0']), {}, {'rating': [5, 1], 'text': WORDS[:2]}),
    Case('g22-upper-header.csv', stars_words(['STAR_RATING', 'REVIEW_TEXT']), {'rating': 'STAR_RATING'}, {'rating': [5, 1]}),
    Case('g23-blank-first-column.xlsx', sheet([None, 'Stars', 'Review'], *[[None, star, words] for star, words in zip(STARS, WORDS, strict=True)]), {'rating': 'Stars'}, {'rating': [5, 1]}),
    Case('g24-average-last.csv', table(['Product', 'Stars', 'Review'], ['Lamp', 'Desk'], STARS, WORDS) + b'Average,2.8,\n', {'rating': 'Stars', 'product': 'Product'}, {'rating': [5, 1]}, refused=1),
    Case('g25-total-and-average.csv', table(['Филиал', 'Оценка', 'Отзыв'], ['Центр', 'Юг'], STARS, RU) + 'Итого,28,\nСреднее,2.8,\n'.encode(), {'rating': 'Оценка'}, {'rating': [5, 1], 'rating_max': [5]}, refused=2),
    Case('g26-bg-title.csv', 'Анкета, януари\n'.encode() + table(['Оценка', 'Отзив'], STARS, BG), {'rating': 'Оценка'}, {'rating': [5, 1]}),
    # --- H
    Case('h20-well-wrong.csv', table(['stars', 'What went well?', 'What went wrong?'], STARS, 'The staff were kind', 'The room was cold'), {}, {'text': ['What went well? The staff were kind\nWhat went wrong? The room was cold']}),
    Case("h21-three-questions-lv.csv", table(["Vērtējums", "Kas jums patika?", "Kas jums nepatika?", "Ko mēs varam uzlabot?"], STARS, LV, LV[::-1], [f"{one} Lūdzu." for one in LV]), {}, {"text": [f"Kas jums patika? {LV[0]}\nKas jums nepatika? {LV[3]}\nKo mēs varam uzlabot? {LV[0]} Lūdzu."]}),
    Case('h22-title-pros-cons.csv', table(['rating', 'title', 'pros', 'cons'], STARS, 'Fine', 'Soft fabric here', 'The zip broke soon'), {'title': 'title'}, {'text': ['pros: Soft fabric here\ncons: The zip broke soon']}),
    # --- I
    Case('i20-bom.json', b'\xef\xbb\xbf' + json.dumps([{'stars': star, 'review': words} for star, words in zip(STARS, WORDS, strict=True)]).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i22-jsonl.jsonl.gz', gzip.compress(lines([{'stars': star, 'review': words} for star, words in zip(STARS, WORDS, strict=True)])), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i23-csv.xls', stars_words(['stars', 'review']), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i24-cr-only.csv', stars_words(['stars', 'review']).replace(b'\n', b'\r'), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i25-null-sign.csv', table(['stars', 'review', 'date'], [5, '\\N', 4], WORDS, '\\N'), {'rating': 'stars'}, {'rating': [5, None, 4]}),
    Case('i26-utf16-no-mark.csv', stars_words(['stars', 'review'], encoding='utf-16-le'), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i27-two-tables.html', ('<table><tr><td>Menu</td></tr></table><table><tr><th>Stars</th><th>Review</th></tr>' + ''.join((f'<tr><td>{star}</td><td>{words}</td></tr>' for star, words in zip(STARS, WORDS, strict=True))) + '</table>').encode(), {'rating': 'Stars'}, {'rating': [5, 1]}),
    Case('i28-records-of-lists.json', json.dumps({'reviews': [{'stars': star, 'review': words} for star, words in zip(STARS, WORDS, strict=True)], 'total': 10}).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i29-latin-1.csv', table(['Sterne', 'Bewertungstext'], STARS, ['Größe paßt, schöner Stoff', 'Reißverschluss klemmt ständig'], delimiter=';', encoding='latin-1'), {'rating': 'Sterne'}, {'text': ['Größe paßt, schöner Stoff']}),
    Case('i30-wrapped-tab.csv', b'\n'.join(b'"' + line + b'"' for line in stars_words(['stars', 'review'], delimiter='\t').splitlines()), {'rating': 'stars'}, {'rating': [5, 1]}),
]
# fmt: on


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_neighbour_is_read_right(tmp_path, case):
    check(tmp_path, case)
