"""Files of programs and collections that no other test has: other headers, languages, scales, dates and shapes."""

# ruff: noqa: E501

from __future__ import annotations

import io
import json
import zipfile

import pytest

from tests.readers.test_neighbours import (
    BG,
    BODY,
    LV,
    RU,
    STARS,
    WORDS,
    Case,
    check,
    days,
    lines,
    sheet,
    table,
)

DAY = days("2024-01-{day:02d}")
D1 = ["2024-01-01", "2024-01-02"]


def packed(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


# fmt: off
CASES = [
    # --- A
    Case('a1-listing-average.csv', table(['listing_name', 'review_scores_rating', 'stars', 'comments', 'reviewer_name', 'date'], ['Loft', 'Cabin'], [4.87, 4.21], STARS, WORDS, days('Ann {day}'), DAY), {'rating': 'stars', 'product': 'listing_name', 'text': 'comments', 'created_at': 'date'}, {'rating': [5, 1]}),
    Case('a2-average-rating-number.csv', table(['title', 'average_rating', 'rating_number', 'rating', 'review'], ['Lamp', 'Desk'], [4.3, 3.7], [1204, 88], STARS, WORDS), {'rating': 'rating', 'text': 'review'}, {'rating': [5, 1]}),
    Case('a3-employer.csv', table(['firm', 'date_review', 'job_title', 'overall_rating', 'work_life_balance', 'culture_values', 'recommend', 'headline', 'pros', 'cons'], ['Acme', 'Zeta'], DAY, ['Clerk', 'Cook'], STARS, [3, 4], [2, 5], ['yes', 'no', 'maybe'], 'In short', 'Kind people all round', 'Long hours and low pay'), {'rating': 'overall_rating', 'product': 'firm', 'created_at': 'date_review', 'title': 'headline'}, {'rating': [5, 1], 'text': ['pros: Kind people all round\ncons: Long hours and low pay']}),
    Case('a4-airlines.csv', table(['airline_name', 'link', 'title', 'author', 'date', 'content', 'cabin_flown', 'overall_rating', 'seat_comfort_rating', 'recommended'], ['Alfa Air', 'Beta Air'], 'http://x.org/r', 'A trip', days('P {day}'), DAY, WORDS, 'Economy', [9, 1, 8, 3, 10], [4, 1], [1, 0]), {'rating': 'overall_rating', 'product': 'airline_name', 'text': 'content', 'title': 'title', 'recommended': 'recommended'}, {'rating': [9, 1, 8], 'rating_max': [10], 'recommended': [True, False]}),
    Case('a5-drugs.csv', table(['uniqueID', 'drugName', 'condition', 'review', 'rating', 'date', 'usefulCount'], list(range(206461, 206471)), ['Alfadon', 'Betazol'], ['Pain', 'Cough'], WORDS, [9, 1, 8, 3, 10], days('May {day}, 2012'), [27, 192, 3]), {'rating': 'rating', 'product': 'drugName', 'review_id': 'uniqueID', 'text': 'review'}, {'rating': [9, 1], 'rating_max': [10], 'created_at': ['2012-05-01']}),
    Case('a6-minus-one-plus-one.csv', table(['app_name', 'review_text', 'review_score', 'review_votes'], ['Alfa', 'Beta'], WORDS, [1, -1], [0, 1]), {'text': 'review_text', 'product': 'app_name'}, {'rating': [1, -1], 'rating_max': [1], 'rating_min': [-1]}),
    Case('a7-datafiniti.csv', table(['name', 'city', 'reviews.date', 'reviews.dateAdded', 'reviews.rating', 'reviews.text', 'reviews.title', 'reviews.username', 'reviews.doRecommend'], ['Sea', 'Hill'], 'Rye', DAY, '2025-01-01', STARS, WORDS, 'T', 'ann', ['true', 'false']), {'rating': 'reviews.rating', 'text': 'reviews.text', 'product': 'name', 'created_at': 'reviews.date', 'recommended': 'reviews.doRecommend'}, {'rating': [5, 1], 'created_at': D1}),
    Case('a8-clothing.csv', table(['', 'Clothing ID', 'Age', 'Title', 'Review Text', 'Rating', 'Recommended IND', 'Positive Feedback Count', 'Department Name'], list(range(10)), [767, 1080], [33, 60], 'Nice', WORDS, STARS, [1, 0], [0, 4], ['Dresses', 'Tops']), {'rating': 'Rating', 'text': 'Review Text', 'title': 'Title', 'recommended': 'Recommended IND'}, {'rating': [5, 1], 'recommended': [True, False]}),
    Case('a9-restaurants.csv', table(['Restaurant', 'Reviewer', 'Review', 'Rating', 'Metadata', 'Time', 'Pictures'], ['Sea', 'Hill'], days('P {day}'), WORDS, STARS, '1 Review , 2 Followers', days('5/{day}/2019 15:54'), [0, 2]), {'rating': 'Rating', 'text': 'Review', 'product': 'Restaurant', 'created_at': 'Time'}, {'rating': [5, 1], 'created_at': ['2019-05-01']}),
    Case('a10-cosmetics.csv', table(['', 'author_id', 'rating', 'is_recommended', 'helpfulness', 'total_feedback_count', 'submission_time', 'review_text', 'review_title', 'product_id', 'product_name', 'brand_name', 'price_usd'], list(range(10)), list(range(100, 110)), STARS, ['1.0', '0.0'], [0.5, 1.0], [2, 3], DAY, WORDS, 'T', ['P1', 'P2'], ['Cream', 'Tonic'], 'Brand', 19.0), {'rating': 'rating', 'recommended': 'is_recommended', 'created_at': 'submission_time', 'product': 'product_name'}, {'rating': [5, 1], 'recommended': [True, False], 'created_at': D1}),
    Case('a11-short-review-long-summary.csv', table(['product_name', 'product_price', 'Rate', 'Review', 'Summary', 'Sentiment'], ['Fan', 'Lamp'], ['3,999', '1,299'], STARS, ['super!', 'awful', 'fair'], WORDS, ['positive', 'negative']), {'rating': 'Rate', 'product': 'product_name', 'text': 'Summary', 'title': 'Review'}, {'rating': [5, 1]}),
    Case('a12-polarity.csv', table(['App', 'Translated_Review', 'Sentiment', 'Sentiment_Polarity', 'Sentiment_Subjectivity'], ['Alfa', 'Beta'], WORDS, ['Positive', 'Negative'], [0.71, -0.4], [0.5, 0.9]), {'text': 'Translated_Review', 'product': 'App', 'rating': None, 'csat': None}),
    Case('a13-ru-maps.csv', table(['Филиал', 'Рейтинг филиала', 'Дата отзыва', 'Автор', 'Оценка', 'Текст отзыва', 'Ответ компании'], ['Центр', 'Юг'], ['4,7', '4,1'], days('{day:02d}.01.2024'), days('П {day}'), STARS, RU, 'Спасибо за отзыв, ждём вас снова!', delimiter=';', encoding='cp1251'), {'rating': 'Оценка', 'product': 'Филиал', 'created_at': 'Дата отзыва', 'text': 'Текст отзыва'}, {'rating': [5, 1], 'created_at': D1}),
    Case('a14-lv-place.csv', table(['Veikals', 'Veikala vērtējums', 'Klienta vērtējums', 'Atsauksme', 'Veikala atbilde'], ['Centrs', 'Purvciems'], ['4,7', '4,1'], STARS, LV, 'Paldies par jūsu atsauksmi!', delimiter=';', encoding='cp1257'), {'rating': 'Klienta vērtējums', 'product': 'Veikals', 'text': 'Atsauksme'}, {'rating': [5, 1]}),
    Case('a15-three-own-ratings.csv', table(['Food', 'Service', 'Ambience', 'Overall', 'Comments'], [4, 3], [2, 5], [3, 3], STARS, WORDS), {'rating': 'Overall', 'product': None}, {'rating': [5, 1]}),
    Case('a16-three-ratings-none-overall.csv', table(['Rating: food', 'Rating: service', 'Rating: price', 'Comments'], STARS, STARS[::-1], [3, 2], WORDS), {'rating': None}, note="'Rating: food' may be answers"),
    Case('a17-product-rating-second.jsonl', lines([{'asin': f'B0{at % 2}', 'product': {'title': ['Lamp', 'Desk'][at % 2], 'rating': 4.3 - at % 2}, 'review': {'rating': star, 'body': words}} for at, (star, words) in enumerate(BODY)]), {'rating': 'review.rating', 'text': 'review.body', 'product': 'product.title'}, {'rating': [5, 1]}),
    # --- B
    Case('b1-likely-words.csv', table(['How likely are you to recommend us to a friend?', 'Comment'], ['Very likely', 'Very unlikely', 'Likely', 'Unlikely', 'Neither likely nor unlikely'], WORDS), {'nps': 'How likely are you to recommend us to a friend?'}, {'nps': [10, 0]}),
    Case('b2-ru-agree.csv', table(['Персонал был вежлив', 'Комментарий'], ['Полностью согласен', 'Категорически не согласен', 'Скорее согласен', 'Скорее не согласен', 'Затрудняюсь ответить'], RU), {'text': 'Комментарий'}, {}, note="'Персонал был вежлив' may be answers"),
    Case('b3-lv-rather.csv', table(['Vai jūs ieteiktu mūs?', 'Komentārs'], ['Noteikti jā', 'Noteikti nē', 'Drīzāk jā', 'Drīzāk nē', 'Grūti pateikt'], LV), {}, {'recommended': [True, False, True, False, None]}),
    Case('b4-bg-rather.csv', table(['Бихте ли препоръчали магазина?', 'Коментар'], ['Определено да', 'Определено не', 'По-скоро да', 'По-скоро не', 'Не мога да преценя'], BG), {}, {'recommended': [True, False, True, False, None]}),
    Case('b5-poor-to-excellent.csv', table(['Rating', 'Comment'], ['Excellent', 'Very Poor', 'Good', 'Poor', 'Average'], WORDS), {'rating': 'Rating'}, {'rating': [5, 1, 4, 2, 3]}),
    Case('b6-ru-bracketed.csv', table(['Оценка', 'Отзыв'], ['5 (отлично)', '1 (ужасно)', '4 (хорошо)', '2 (плохо)', '3 (нормально)'], RU, delimiter=';'), {'rating': 'Оценка'}, {'rating': [5, 1, 4, 2, 3]}),
    Case('b7-code-equals.csv', table(['Satisfaction', 'Comment'], ['5 = Very satisfied', '1 = Very dissatisfied', '4 = Satisfied', '2 = Dissatisfied', '3 = Neutral'], WORDS), {'csat': 'Satisfaction'}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b8-expectations.csv', table(['Rating', 'Comment'], ['Exceeded expectations', 'Below expectations', 'Met expectations'], WORDS), {'rating': 'Rating'}, {'rating': [3, 1, 2]}),
    Case('b9-fr-satisfait.csv', table(['Satisfaction', 'Commentaire'], ['Très satisfait', 'Très insatisfait', 'Satisfait', 'Insatisfait', 'Neutre'], WORDS, delimiter=';'), {'csat': 'Satisfaction'}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b10-bg-likely.csv', table(['Колко вероятно е да ни препоръчате?', 'Коментар'], ['Много вероятно', 'Изобщо не е вероятно', 'Вероятно', 'Малко вероятно', 'Нито вероятно, нито невероятно'], BG), {}, {'nps': [10, 0]}),
    Case('b11-lv-grades.csv', table(['Vērtējums', 'Atsauksme'], ['Teicami', 'Ļoti slikti', 'Labi', 'Slikti', 'Viduvēji'], LV, delimiter=';', encoding='cp1257'), {'rating': 'Vērtējums'}, {'rating': [5, 1, 4, 2, 3]}),
    Case('b12-bg-grades.csv', table(['Оценка', 'Отзив'], ['Отличен', 'Слаб', 'Много добър', 'Среден', 'Добър'], BG, delimiter=';', encoding='cp1251'), {'rating': 'Оценка'}, {'rating': [5, 1, 4, 2, 3]}),
    Case('b13-keycaps.csv', table(['rating', 'review'], ['5️⃣', '1️⃣', '4️⃣', '2️⃣'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4, 2]}),
    Case('b14-hearts.csv', table(['rating', 'review'], ['❤️❤️❤️❤️❤️', '❤️', '❤️❤️❤️❤️'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4]}),
    Case('b15-glowing-stars.csv', table(['rating', 'review'], ['🌟🌟🌟🌟🌟', '🌟', '🌟🌟🌟🌟'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4]}),
    Case('b16-nps-ru-words.csv', table(['Группа NPS', 'Комментарий'], ['Сторонник', 'Критик', 'Нейтральный'], RU), {'nps': 'Группа NPS'}),
    Case('b17-nps-lv-words.csv', table(['NPS', 'Komentārs'], ['Veicinātājs', 'Kritiķis', 'Pasīvs'], LV), {'nps': 'NPS'}),
    Case('b18-nps-bg-words.csv', table(['NPS', 'Коментар'], ['Промоутър', 'Критик', 'Пасивен'], BG), {'nps': 'NPS'}),
    # --- C
    Case('c1-answers-refused.csv', table(['CSAT', 'Comment'], ['5', 'Refused', '4', 'Prefer not to say', '1'], WORDS), {'csat': 'CSAT'}, {'csat': [5, None, 4, None, 1]}),
    Case('c2-ru-hard-to-say.csv', table(['Оценка', 'Комментарий'], ['5', 'затрудняюсь', '4', 'нет ответа', '1'], RU), {'rating': 'Оценка'}, {'rating': [5, None, 4, None, 1]}),
    Case('c3-lv-no-answer.csv', table(['Vērtējums', 'Komentārs'], ['5', 'nav atbildes', '4', 'nezinu', '1'], LV), {'rating': 'Vērtējums'}, {'rating': [5, None, 4, None, 1]}),
    Case('c4-bg-no-answer.csv', table(['Оценка', 'Коментар'], ['5', 'няма отговор', '4', '?', '1'], BG), {'rating': 'Оценка'}, {'rating': [5, None, 4, None, 1]}),
    Case('c5-99-is-no-answer.csv', table(['NPS', 'Comment'], [10, 99, 9, -99, 3, 0], WORDS), {'nps': 'NPS'}, {'nps': [10, None, 9, None, 3, 0]}),
    # --- D
    Case('d1-short-september.csv', table(['stars', 'review', 'date'], STARS, WORDS, days('Sept. {day}, 2023')), {'created_at': 'date'}, {'created_at': ['2023-09-01']}),
    Case('d2-rfc-2822.csv', table(['stars', 'review', 'date'], STARS, WORDS, days('Wed, {day:02d} May 2023 10:22:33 +0000')), {'created_at': 'date'}, {'created_at': ['2023-05-01']}),
    Case('d3-iso-basic-zone.csv', table(['stars', 'review', 'created_time'], STARS, WORDS, days('2024-01-{day:02d}T10:22:33.000+0000')), {'created_at': 'created_time'}, {'created_at': D1}),
    Case('d4-compact.csv', table(['stars', 'review', 'review_dt'], STARS, WORDS, days('202401{day:02d}')), {'created_at': 'review_dt'}, {'created_at': D1}),
    Case('d5-date-and-time.csv', table(['stars', 'review', 'Date', 'Time'], STARS, WORDS, DAY, '10:22:33'), {'created_at': 'Date'}, {'created_at': D1}),
    Case('d6-ru-comma-time.csv', table(['Оценка', 'Отзыв', 'Опубликовано'], STARS, RU, days('{day} мая 2023, 10:22')), {'created_at': 'Опубликовано'}, {'created_at': ['2023-05-01']}),
    Case('d7-lv-locative.csv', table(['Vērtējums', 'Atsauksme', 'Pievienots'], STARS, LV, days('2023. gada {day}. maijā')), {'created_at': 'Pievienots'}, {'created_at': ['2023-05-01']}),
    Case('d8-japanese.csv', table(['stars', 'review', 'date'], STARS, WORDS, days('2024年1月{day}日')), {'created_at': 'date'}, {'created_at': D1}),
    Case('d9-epoch-fraction.csv', table(['stars', 'review', 'created_utc'], STARS, WORDS, ['1704103200.0', '1704189600.0']), {'created_at': 'created_utc'}, {'created_at': D1}),
    Case('d10-zone-by-letters.csv', table(['stars', 'review', 'Submitted On'], STARS, WORDS, days('{day}-Jan-2024 10:22 AM EST')), {'created_at': 'Submitted On'}, {'created_at': D1}),
    Case('d11-month-word-year.csv', table(['stars', 'review', 'Month'], STARS, WORDS, ['Jan-24', 'Feb-24']), {'created_at': 'Month'}, {'created_at': ['2024-01-01', '2024-02-01']}),
    Case('d12-bg-month.csv', table(['Звезди', 'Ревю', 'Дата на ревюто'], STARS, BG, days('{day} ян. 2024')), {'created_at': 'Дата на ревюто', 'rating': 'Звезди', 'text': 'Ревю'}, {'created_at': D1}),
    Case('d13-day-first-told-once.csv', table(['stars', 'review', 'date'], STARS, WORDS, ['03/01/2024', '13/01/2024']), {'created_at': 'date'}, {'created_at': ['2024-01-03', '2024-01-13']}),
    Case('d14-written-on.csv', table(['stars', 'review', 'date'], STARS, WORDS, days('Written January {day}, 2024')), {'created_at': 'date'}, {'created_at': D1}),
    Case('d15-ru-dated.csv', table(['Оценка', 'Отзыв', 'Дата'], STARS, RU, days('Отзыв от {day} января 2024')), {'created_at': 'Дата'}, {'created_at': D1}),
    # --- E
    Case('e1-minus-two-to-two.csv', table(['Satisfaction (-2 to +2)', 'Comment'], [2, -2, 1, -1, 0], WORDS), {}, {'csat': [2, -2, 1, -1, 0], 'csat_min': [-2], 'csat_max': [2]}),
    Case('e2-star-rating-words.csv', table(['rating', 'review'], ['5.0 star rating', '1.0 star rating', '4.0 star rating'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4]}),
    Case('e3-hundred.csv', table(['Review score', 'Review'], ['95/100', '12/100', '80/100'], WORDS), {'rating': 'Review score'}, {'rating': [95, 12, 80], 'rating_max': [100]}),
    Case('e4-fraction.csv', table(['CSAT', 'Comment'], ['1.0', '0.25', '0.75', '0.5', '0'], WORDS), {'csat': 'CSAT'}, {'csat': [1, .25, .75], 'csat_max': [1]}),
    Case('e5-percent-no-space.csv', table(['Rating', 'Review'], ['100%', '20%', '80%'], WORDS), {'rating': 'Rating'}, {'rating': [100, 20, 80], 'rating_max': [100]}),
    Case('e6-lv-comma.csv', table(['Vērtējums', 'Atsauksme'], ['4,5', '1,0', '3,5', '5,0'], LV, delimiter=';', encoding='cp1257'), {'rating': 'Vērtējums'}, {'rating': [4.5, 1, 3.5, 5]}),
    Case('e7-scale-in-question-bg.csv', table(['По скала от 1 до 6, как оценявате обслужването?', 'Коментар'], [6, 1, 5, 2], BG), {}, {}, note=''),
    Case('e8-nps-bracket.csv', table(['NPS (0 = not at all, 10 = definitely)', 'Comment'], [10, 0, 9, 3], WORDS), {'nps': 'NPS (0 = not at all, 10 = definitely)'}, {'nps': [10, 0, 9, 3]}),
    Case('e9-aria-label.csv', table(['rating', 'review'], ['Rated 5 stars out of five stars', 'Rated 1 stars out of five stars', 'Rated 4 stars out of five stars'], WORDS), {}, {'rating': [5, 1, 4]}),
    Case('e10-trailing-mark.csv', table(['Rating', 'Review'], ['5/5.', '1/5.', '4/5.'], WORDS), {'rating': 'Rating'}, {'rating': [5, 1, 4]}),
    Case('e11-colon.csv', table(['Ocena', 'Opinia', 'Data'], ['Ocena: 5', 'Ocena: 1', 'Ocena: 4'], WORDS, days('{day:02d}.01.2024'), delimiter=';'), {'rating': 'Ocena', 'text': 'Opinia', 'created_at': 'Data'}, {'rating': [5, 1, 4], 'created_at': D1}),
    # --- G
    Case('g1-report-lines.csv', b'Report:;Reviews\nPeriod:;January 2024\n\n' + table(['Date', 'Shop', 'Stars', 'Comment'], DAY, ['N', 'S'], STARS, WORDS, delimiter=';'), {'rating': 'Stars', 'product': 'Shop', 'created_at': 'Date'}, {'rating': [5, 1]}),
    Case('g2-units-below.csv', b'Stars,Comment,Date\n(1-5),(free text),(yyyy-mm-dd)\n' + table(['5', 'Great fit and feel', '2024-01-01'], STARS, WORDS, DAY), {'rating': 'Stars', 'text': 'Comment'}, {'rating': [5, 5, 1]}, rows=11),
    Case('g3-subtotals.csv', table(['Магазин', 'Оценка', 'Отзыв'], 'Центр', STARS, RU) + 'Итого по магазину Центр,28,\n'.encode() + 'Юг,5,Всё хорошо и быстро.\n'.encode() + 'Всего,33,\n'.encode(), {'rating': 'Оценка', 'product': 'Магазин'}, {'rating': [5, 1], 'rating_max': [5]}, refused=2, rows=11),
    Case('g4-line-break-in-header.csv', table(['Rating\n(1-5)', 'Your\ncomment'], STARS, WORDS), {}, {'rating': [5, 1], 'text': WORDS[:2]}),
    Case('g5-months.xlsx', sheet(['Stars', 'Review'], *BODY[5:], others=[('Jan', [['Stars', 'Review'], *BODY[:5]])]), {'rating': 'Stars'}, {'rating': [5, 1]}),
    Case('g6-two-groups.xlsx', sheet(['Shop', 'Answers', None, None], [None, 'Rating', 'What did you like?', 'What should we improve?'], *[[['N', 'S'][at % 2], star, words, 'Open longer on Sundays please'] for at, (star, words) in enumerate(BODY)], merged=['A1:A2', 'B1:D1']), {'rating': 'Rating'}, {'rating': [5, 1]}),
    Case('g7-blank-between.csv', table(['stars', 'review'], STARS, WORDS).replace(b'\n', b'\n\n'), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('g8-comment-lines.csv', b'# exported by shoptool 4.2\n# 2024-02-01, all shops, all languages\n' + table(['stars', 'review'], STARS, WORDS), {'rating': 'stars', 'text': 'review'}, {'rating': [5, 1]}),
    Case('g9-limesurvey.csv', table(['id. Response ID', 'submitdate. Date submitted', 'lastpage. Last page', 'startlanguage. Start language', 'Q01. How likely are you to recommend us to a friend?', 'Q02. Why did you give this score?'], list(range(1, 11)), days('2024-01-{day:02d} 10:00:00'), 3, 'en', [9, 1, 8, 3, 10], WORDS), {'text': 'Q02. Why did you give this score?'}, {'nps': [9, 1, 8], 'created_at': D1}),
    # --- H
    Case('h1-ru-liked.csv', table(['Оценка', 'Что понравилось', 'Что не понравилось', 'Пожелания'], STARS, 'Мягкая ткань и цвет', 'Сломалась молния сразу', RU), {}, {'text': [f'Что понравилось: Мягкая ткань и цвет\nЧто не понравилось: Сломалась молния сразу\nПожелания: {RU[0]}']}),
    Case('h2-bg-liked.csv', table(['Оценка', 'Какво ви хареса', 'Какво не ви хареса', 'Препоръки'], STARS, 'Мекият плат и цветът', 'Ципът се счупи веднага', BG), {}, {'text': [f'Какво ви хареса: Мекият плат и цветът\nКакво не ви хареса: Ципът се счупи веднага\nПрепоръки: {BG[0]}']}),
    Case('h3-positives.csv', table(['rating', 'Positives', 'Negatives', 'Suggestions'], STARS, 'Soft fabric and colour', 'The zip broke soon', WORDS), {}, {'text': [f'Positives: Soft fabric and colour\nNegatives: The zip broke soon\nSuggestions: {WORDS[0]}']}),
    Case('h4-translation-beside.csv', table(['stars', 'text', 'text_en', 'language'], STARS, RU, ['Fits well, soft fabric.', 'The zip broke.'], 'ru'), {'text': 'text'}, {'text': [RU[0]]}),
    Case('h5-original-beside.csv', table(['stars', 'Translated text', 'Original text'], STARS, ['Fits well, soft fabric.', 'The zip broke.'], RU), {}, {'text': [RU[0]]}),
    Case('h6-twice-comment.csv', table(['stars', 'Comment', 'Comment'], STARS, WORDS, WORDS[::-1]), {}, {'text': [f'Comment: {WORDS[0]}\nComment (2): {WORDS[-1]}']}),
    Case('h7-it.csv', table(['Voto', 'Pregi', 'Difetti'], STARS, 'Il tessuto è morbido', 'La cerniera si rompe', delimiter=';'), {'rating': 'Voto'}, {'text': ['Pregi: Il tessuto è morbido\nDifetti: La cerniera si rompe']}),
    Case('h8-es.csv', table(['Puntuación', 'Lo mejor', 'Lo peor'], STARS, 'La tela es suave', 'La cremallera se rompe', delimiter=';'), {'rating': 'Puntuación'}, {'text': ['Lo mejor: La tela es suave\nLo peor: La cremallera se rompe']}),
    Case('h9-only-a-reply.csv', table(['stars', 'Owner response'], STARS, WORDS), {'text': None, 'rating': 'stars'}, note="'Owner response' is what the business answered"),
    Case('h10-your-answer.csv', table(['stars', 'Your answer'], STARS, WORDS), {'text': 'Your answer'}),
    Case('h11-store-comments.csv', table(['stars', 'Store comment', 'Delivery comment'], STARS, WORDS, WORDS[::-1]), {}, {'text': [f'Store comment: {WORDS[0]}\nDelivery comment: {WORDS[-1]}']}),
    # --- I
    Case('i1-reviews-inside.jsonl', lines([{'product': 'Lamp', 'avg': 4.3, 'reviews': [{'stars': star, 'text': words} for star, words in BODY[:5]]}, {'product': 'Desk', 'avg': 3.9, 'reviews': [{'stars': star, 'text': words} for star, words in BODY[5:]]}]), {}, {'rating': [5, 1], 'text': WORDS[:2], 'product': ['Lamp']}),
    Case('i2-keyed-by-id.json', json.dumps({f'r{at}': {'stars': star, 'review': words} for at, (star, words) in enumerate(BODY)}).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i3-pretty-objects.json', '\n'.join(json.dumps({'stars': star, 'review': words}, indent=2) for star, words in BODY).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i4-mongo.jsonl', lines([{'_id': {'$oid': f'65a{at}'}, 'stars': {'$numberInt': str(star)}, 'review': words, 'created_at': {'$date': f'2024-01-{at + 1:02d}T10:00:00Z'}} for at, (star, words) in enumerate(BODY)]), {}, {'rating': [5, 1], 'created_at': D1, 'text': WORDS[:2]}),
    Case('i5-one-csv.zip', packed(**{'reviews.csv': table(['stars', 'review'], STARS, WORDS)}), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i6-mac.zip', packed(**{'export/reviews.csv': table(['stars', 'review'], STARS, WORDS), '__MACOSX/export/._reviews.csv': b'\0\5\x16\7'}), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i7-json.zip', packed(**{'reviews.json': json.dumps([{'stars': star, 'review': words} for star, words in BODY])}), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i8-workbook.csv', sheet(['Stars', 'Review'], *BODY), {'rating': 'Stars'}, {'rating': [5, 1]}),
    Case('i9-csv.json', table(['stars', 'review'], STARS, WORDS), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i10-comma-at-end.csv', b'stars,review,\n' + b'\n'.join(f'{star},{words.replace(",", "")},'.encode() for star, words in BODY), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i11-single-quotes.csv', b"stars;review\n" + b'\n'.join(f"'{star}';'{words}'".encode() for star, words in BODY), {'rating': 'stars'}, {'rating': [5, 1], 'text': WORDS[:2]}),
    Case('i12-parallel-lists.json', json.dumps({'stars': STARS, 'review': WORDS}).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i13-products-inside.json', json.dumps({'products': [{'name': 'Lamp', 'reviews': [{'stars': star, 'text': words} for star, words in BODY[:5]]}, {'name': 'Desk', 'reviews': [{'stars': star, 'text': words} for star, words in BODY[5:]]}]}).encode(), {}, {'rating': [5, 1], 'product': ['Lamp'], 'text': WORDS[:2]}),
    # --- A, more
    Case('a20-hotel-stars-and-grade.csv', table(['Hotel', 'Category', 'Hotel stars', 'Note', 'Avis', 'Date'], ['Mer', 'Lac'], 'Resort', [4, 3], ['9,2', '2,5', '7,5'], WORDS, days('{day:02d}/01/2024'), delimiter=';'), {'rating': 'Note', 'product': 'Hotel', 'text': 'Avis'}, {'rating': [9.2, 2.5], 'rating_max': [10]}),
    Case('a21-score-of-a-model.csv', table(['review', 'sentiment', 'sentiment_score', 'confidence', 'stars'], WORDS, ['POS', 'NEG'], [0.98, 0.12], [0.9, 0.8], STARS), {'rating': 'stars', 'text': 'review'}, {'rating': [5, 1]}),
    Case('a22-average-beside-in-turkish.csv', table(['Ürün', 'Ortalama puan', 'Puan', 'Yorum', 'Tarih'], ['Lamba', 'Masa'], ['4,4', '3,8'], STARS, WORDS, days('{day:02d}.01.2024'), delimiter=';'), {'rating': 'Puan', 'product': 'Ürün', 'created_at': 'Tarih'}, {'rating': [5, 1]}),
    Case('a23-empty-first-of-three.csv', table(['Rating', 'Stars', 'Score', 'Text'], '', ['N/A', '-'], STARS, WORDS), {'rating': 'Score', 'text': 'Text'}, {'rating': [5, 1]}),
    Case('a24-empty-comment-before-filled.csv', table(['stars', 'Comment', 'Feedback'], STARS, '', WORDS), {'text': 'Feedback'}, {'text': WORDS[:2]}),
    Case('a25-empty-date-before-filled.csv', table(['stars', 'review', 'created_at', 'submitted_at'], STARS, WORDS, '', DAY), {'created_at': 'submitted_at'}, {'created_at': D1}),
    Case('a26-email-name-order.csv', table(['Order ID', 'Customer name', 'Customer email', 'Item', 'Stars', 'Review'], list(range(5000, 5010)), days('Ann {day}'), 'a@x.org', ['Lamp', 'Desk'], STARS, WORDS), {'product': 'Item', 'rating': 'Stars'}, {'rating': [5, 1]}),
    Case('a27-digits-as-text.csv', table(['comment', 'answer', 'stars'], days('{day}'), WORDS, STARS), {'text': 'answer'}, {'text': WORDS[:2]}),
    Case('a28-survey-type-csat-nps-ru.csv', table(['Тип опроса', 'Оценка', 'Комментарий'], ['NPS', 'CSAT'], [9, 5, 3, 2], RU, delimiter=';', encoding='cp1251'), {}, {'nps': [9, None, 3, None], 'csat': [None, 5, None, 2]}),
    Case('a29-visits-beside.csv', table(['visits', 'nps', 'why'], [3, 11, 40], [9, 1, 8, 10, 3], WORDS), {'nps': 'nps', 'text': 'why'}, {'nps': [9, 1]}),
    Case('a30-name-beside-email.csv', table(['name', 'email', 'stars', 'review'], ['Ann', 'Bob'], ['a@x.org', 'b@x.org'], STARS, WORDS), {'product': None, 'rating': 'stars'}),
    # --- B, more
    Case('b20-de-agree.csv', table(['Zufriedenheit', 'Kommentar'], ['Stimme voll und ganz zu', 'Stimme überhaupt nicht zu', 'Stimme eher zu', 'Stimme eher nicht zu', 'Teils/teils'], WORDS, delimiter=';'), {'csat': 'Zufriedenheit'}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b21-four-steps.csv', table(['Satisfaction', 'Comment'], ['Very satisfied', 'Very dissatisfied', 'Satisfied', 'Dissatisfied'], WORDS), {'csat': 'Satisfaction'}, {'csat': [5, 1, 4, 2]}),
    Case('b22-only-good-answers.csv', table(['Satisfaction', 'Comment'], ['Very satisfied', 'Satisfied'], WORDS), {'csat': 'Satisfaction'}, {'csat': [5, 4], 'csat_max': [5]}),
    Case('b23-mixed-case-spaces.csv', table(['CSAT', 'Comment'], [' VERY SATISFIED ', 'very  dissatisfied', 'Satisfied.', 'dissatisfied', 'NEUTRAL'], WORDS), {'csat': 'CSAT'}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b24-ru-ease.csv', table(['Насколько легко было решить вопрос?', 'Комментарий'], ['Очень легко', 'Очень сложно', 'Легко', 'Сложно', 'Ни легко, ни сложно'], RU), {}, {'ces': [5, 1, 4, 2, 3]}),
    Case('b25-lv-likely.csv', table(['Cik iespējams, ka ieteiksiet mūs draugiem?', 'Komentārs'], ['Ļoti iespējams', 'Nemaz nav iespējams', 'Iespējams', 'Maz iespējams', 'Neitrāli'], LV), {}, {'nps': [10, 0]}),
    Case('b26-scale-with-na.csv', table(['How satisfied are you?', 'Comment'], ['Very satisfied', 'N/A', 'Satisfied', "Don't know", 'Very dissatisfied'], WORDS), {}, {'csat': [5, None, 4, None, 1]}),
    Case('b27-nps-detractor-in-brackets.csv', table(['NPS', 'Comment'], ['Promoter (9-10)', 'Detractor (0-6)', 'Passive (7-8)'], WORDS), {'nps': 'NPS'}, {'nps': [9.5, 3, 7.5]}),
    Case('b28-smileys.csv', table(['Rating', 'Comment'], [':)', ':(', ':|'], WORDS), {}, {}, note="'Rating' is not taken as rating"),
    Case('b29-colours.csv', table(['Rating', 'Comment'], ['green', 'red', 'yellow'], WORDS), {}, {}, note="'Rating' is not taken as rating"),
    # --- D, more
    Case('d20-us-am-pm.csv', table(['stars', 'review', 'Date'], STARS, WORDS, days('1/{day}/24 3:05 PM')), {'created_at': 'Date'}, {'created_at': D1}),
    Case('d21-dot-time.csv', table(['Vērtējums', 'Atsauksme', 'Datums'], STARS, LV, days('{day:02d}.01.2024. 14:05')), {'created_at': 'Datums'}, {'created_at': D1}),
    Case('d22-weekday-ru.csv', table(['Оценка', 'Отзыв', 'Дата'], STARS, RU, days('понедельник, {day} января 2024 г.')), {'created_at': 'Дата'}, {'created_at': D1}),
    Case('d23-iso-week-hours.csv', table(['stars', 'review', 'date'], STARS, WORDS, days('2024-01-{day:02d} 10:00:00.123456+02')), {'created_at': 'date'}, {'created_at': D1}),
    Case('d24-space-dots.csv', table(['stars', 'review', 'date'], STARS, WORDS, days('{day:02d} . 01 . 2024')), {'created_at': 'date'}, {'created_at': D1}),
    Case('d25-dash-day-first.csv', table(['stars', 'review', 'date'], STARS, WORDS, [f'{day:02d}-01-2024' for day in range(10, 20)]), {'created_at': 'date'}, {'created_at': ['2024-01-10']}),
    Case('d26-quoted-iso.jsonl', lines([{'stars': star, 'review': words, 'date': {'seconds': 1704103200 + 86400 * at, 'nanoseconds': 0}} for at, (star, words) in enumerate(BODY)]), {'created_at': 'date.seconds'}, {'created_at': D1}),
    Case('d27-visited.csv', table(['stars', 'review', 'Date'], STARS, WORDS, days('Visited on Jan {day}, 2024')), {'created_at': 'Date'}, {'created_at': D1}),
    Case('d28-edited.csv', table(['stars', 'review', 'Date'], STARS, WORDS, days('{day} January 2024 (edited)')), {'created_at': 'Date'}, {'created_at': D1}),
    Case('d29-two-of-them.csv', table(['stars', 'review', 'order date', 'review date'], STARS, WORDS, days('2023-11-{day:02d}'), DAY), {'created_at': 'review date'}, {'created_at': D1}),
    # --- E, more
    Case('e20-one-to-six-bg.csv', table(['Оценка (2-6)', 'Коментар'], [6, 2, 5, 3], BG), {}, {'rating': [6, 2, 5], 'rating_max': [6], 'rating_min': [2]}),
    Case('e21-thousands.csv', table(['Helpful votes', 'Rating', 'Review'], ['1,204', '88'], ['4.50', '1.00', '3.50'], WORDS), {'rating': 'Rating'}, {'rating': [4.5, 1, 3.5], 'rating_max': [5]}),
    Case('e22-nbsp-slash.csv', table(['Note', 'Avis'], ['4,5 / 5', '1,0 / 5', '3,5 / 5'], WORDS, delimiter=';'), {'rating': 'Note'}, {'rating': [4.5, 1, 3.5], 'rating_max': [5]}),
    Case('e23-zero-to-ten-csat.csv', table(['CSAT (0-10)', 'Comment'], [10, 2, 9, 5], WORDS), {}, {'csat': [10, 2], 'csat_min': [0], 'csat_max': [10]}),
    Case('e24-ten-stars.csv', table(['rating', 'review'], ['★★★★★★★★★☆', '★☆☆☆☆☆☆☆☆☆', '★★★★★★★★☆☆'], WORDS), {'rating': 'rating'}, {'rating': [9, 1, 8], 'rating_max': [10]}),
    Case('e25-html-stars.csv', table(['rating', 'review'], ['&#9733;&#9733;&#9733;&#9733;&#9734;', '&#9733;&#9734;&#9734;&#9734;&#9734;', '&#9733;&#9733;&#9733;&#9734;&#9734;'], WORDS), {'rating': 'rating'}, {'rating': [4, 1, 3]}),
    Case('e26-four-point.csv', table(['Rating (1-4)', 'Comment'], [4, 1, 3, 2], WORDS), {}, {'rating': [4, 1, 3], 'rating_max': [4]}),
    Case('e27-max-column.csv', table(['score', 'max_score', 'comment'], [8, 2, 4], [10, 10, 5], WORDS), {'rating': 'score'}, {'rating': [8, 2, 4], 'rating_max': [10, 10, 5]}),
    # --- G, more
    Case('g20-lone-title-semicolon.csv', 'Отзывы за январь 2024 г.;;;\n;;;\n'.encode('cp1251') + table(['Дата', 'Магазин', 'Оценка', 'Комментарий'], days('{day:02d}.01.2024'), ['Центр', 'Юг'], STARS, RU, delimiter=';', encoding='cp1251'), {'rating': 'Оценка', 'product': 'Магазин', 'created_at': 'Дата'}, {'rating': [5, 1]}),
    Case('g21-group-row.csv', b'Customer,,Answers,\nName,Shop,Stars,Comment\n' + b'\n'.join(f'Ann {at},{["N", "S"][at % 2]},{star},{words.replace(",", "")}'.encode() for at, (star, words) in enumerate(BODY)), {'rating': 'Stars', 'product': 'Shop'}, {'rating': [5, 1]}),
    Case('g22-question-codes-second.csv', b'Timestamp,How satisfied are you?,Any comments?\nts,q1,q2\n' + b'\n'.join(f'2024-01-{at + 1:02d},{star},"{words}"'.encode() for at, (star, words) in enumerate(BODY)), {'text': 'Any comments?'}, {'csat': [None, 5, 1]}, rows=11),
    Case('g23-answers-sheet-third.xlsx', sheet(['Date', 'Rating', 'Comment'], *[[f'2024-01-{at + 1:02d}', *row] for at, row in enumerate(BODY)], others=[('Summary', [['Metric', 'Value'], ['NPS', 42], ['Responses', 10]]), ('Help', [['How to read this file'], ['Contact us']])]), {'rating': 'Rating', 'text': 'Comment'}, {'rating': [5, 1]}),
    Case('g24-title-merged-across.xlsx', sheet(['Customer feedback, January 2024', None, None], [None, None, None], ['Shop', 'Stars', 'Comment'], *[[['N', 'S'][at % 2], *row] for at, row in enumerate(BODY)], merged=['A1:C1']), {'rating': 'Stars', 'product': 'Shop'}, {'rating': [5, 1]}),
    # --- H, more
    Case('h20-praise-criticism.csv', table(['stars', 'Praise', 'Criticism'], STARS, 'The fabric is soft and warm', 'The zip broke after a week'), {}, {'text': ['Praise: The fabric is soft and warm\nCriticism: The zip broke after a week']}),
    Case('h21-lt.csv', table(['Įvertinimas', 'Privalumai', 'Trūkumai', 'Komentaras'], STARS, 'Minkštas audinys', 'Sulūžo užtrauktukas', WORDS, delimiter=';', encoding='cp1257'), {'rating': 'Įvertinimas'}, {'text': [f'Privalumai: Minkštas audinys\nTrūkumai: Sulūžo užtrauktukas\nKomentaras: {WORDS[0]}']}),
    Case('h22-two-open-questions.csv', table(['nps', 'What is the main reason for your score?', 'What one thing should we change?'], [9, 1, 8], WORDS, WORDS[::-1]), {}, {'text': [f'What is the main reason for your score? {WORDS[0]}\nWhat one thing should we change? {WORDS[-1]}']}),
    Case('h23-internal-note.csv', table(['stars', 'review', 'Internal note'], STARS, WORDS, ['Called the customer back on Monday', 'Refund was sent by the team today']), {'text': 'review'}, {'text': WORDS[:2]}),
    Case('h24-dislike-nothing.csv', table(['stars', 'Liked', 'Disliked'], STARS, 'The fabric is soft', ['nothing', 'N/A', '-', 'none', 'No complaints']), {}, {'text': ['Liked: The fabric is soft', 'Liked: The fabric is soft']}),
    # --- I, more
    Case('i21-index-orient.json', json.dumps({str(at): {'stars': star, 'review': words} for at, (star, words) in enumerate(BODY)}).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i23-table-orient.json', json.dumps({'schema': {'fields': [{'name': 'index', 'type': 'integer'}, {'name': 'stars', 'type': 'integer'}, {'name': 'review', 'type': 'string'}], 'primaryKey': ['index']}, 'data': [{'index': at, 'stars': star, 'review': words} for at, (star, words) in enumerate(BODY)]}).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i24-space-after-comma.csv', b'stars, review\n' + b'\n'.join(f'{star}, "{words}"'.encode() for star, words in BODY), {}, {'rating': [5, 1], 'text': WORDS[:2]}),
    Case('i25-smart-quotes.csv', b'stars;review\n' + b'\n'.join(f'{star};“{words}”'.encode() for star, words in BODY), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i26-tilde.csv', table(['stars', 'review', 'shop'], STARS, WORDS, 'N', delimiter='~'), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i27-caret.csv', table(['stars', 'review', 'shop'], STARS, WORDS, 'N', delimiter='^'), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i28-utf8-bom-tab.txt', table(['stars', 'review'], STARS, WORDS, delimiter='\t', encoding='utf-8-sig'), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i29-windows-lines-in-cells.csv', table(['stars', 'review'], STARS, [f'{words}\r\nSecond line.' for words in WORDS]).replace(b'\n', b'\r\n').replace(b'\r\r', b'\r'), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i30-nested-average-inside.json', json.dumps({'place': {'name': 'Sea', 'rating': 4.4}, 'reviews': [{'rating': star, 'text': words, 'author': {'name': 'A'}} for star, words in BODY]}).encode(), {'rating': 'rating', 'text': 'text'}, {'rating': [5, 1]}),
    Case('i31-pages-of-an-api.json', json.dumps([{'page': 1, 'reviews': [{'stars': star, 'body': words} for star, words in BODY[:5]]}, {'page': 2, 'reviews': [{'stars': star, 'body': words} for star, words in BODY[5:]]}]).encode(), {}, {'rating': [5, 1], 'text': WORDS[:2]}),
]
# fmt: on


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_stranger_is_read_right(tmp_path, case):
    check(tmp_path, case)
