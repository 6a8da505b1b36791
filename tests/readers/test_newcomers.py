"""Files of survey tools, marketplaces, help desks and statistics programs that no other test has."""

# ruff: noqa: E501

from __future__ import annotations

import gzip
import io
import json

import pytest

from earful.errors import InputError
from earful.readers import open_inputs
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
from tests.readers.test_strangers import D1, DAY, packed

DE = [
    "Sitzt perfekt, der Stoff ist weich.",
    "Der Reißverschluss ging nach einer Woche kaputt.",
    "Kam früh und gut verpackt an.",
    "Im Laden geht niemand ans Telefon.",
]
ES = [
    "Queda perfecto y la tela es suave.",
    "La cremallera se rompió en una semana.",
    "Llegó pronto y bien embalado.",
    "Nadie contesta al teléfono.",
]
FR = [
    "Taille parfaite, tissu très doux.",
    "La fermeture a cassé après une semaine.",
    "Arrivé tôt et bien emballé.",
    "Personne ne répond au téléphone.",
]
PL = [
    "Leży świetnie, materiał jest miękki.",
    "Zamek zepsuł się po tygodniu.",
    "Przyszło szybko i dobrze zapakowane.",
    "W sklepie nikt nie odbiera telefonu.",
]
IDS = list(range(4001, 4011))

# fmt: off
CASES = [
    # --- A
    Case('a1-feefo.csv', table(['Feedback Date', 'Order Ref', 'Product Code', 'Product Name', 'Product Rating', 'Service Rating', 'Product Review', 'Service Review'], DAY, IDS, ['L-1', 'D-2'], ['Lamp', 'Desk'], STARS, [5, 4], WORDS, WORDS[::-1]), {'product': 'Product Name', 'rating': 'Product Rating', 'created_at': 'Feedback Date'}, {'rating': [5, 1], 'text': [f'Product Review: {WORDS[0]}\nService Review: {WORDS[-1]}']}),
    Case('a2-yotpo.csv', table(['review_id', 'review_title', 'review_content', 'review_score', 'date', 'product_id', 'product_title', 'display_name', 'email', 'comment_content', 'comment_public', 'comment_created_at'], IDS, 'Fine', WORDS, STARS, DAY, [71, 72], ['Lamp', 'Desk'], days('Ann {day}'), 'a@x.org', 'Thank you for your kind words, come again!', 'TRUE', '2024-03-01'), {'text': 'review_content', 'rating': 'review_score', 'product': 'product_title', 'title': 'review_title', 'created_at': 'date', 'review_id': 'review_id'}, {'rating': [5, 1], 'text': WORDS[:2], 'created_at': D1}),
    Case('a3-bazaarvoice.csv', table(['Review ID', 'Product ID', 'Product Name', 'Average Overall Rating', 'Overall Rating', 'Rating: Quality', 'Rating: Value', 'Review Title', 'Review Text', 'Submission Time', 'Would Recommend', 'Moderation Status'], IDS, [71, 72], ['Lamp', 'Desk'], [4.31, 3.88], STARS, [5, 4], [3, 2], 'Fine', WORDS, days('2024-01-{day:02d}T10:00:00.000+00:00'), ['true', 'false'], 'APPROVED'), {'text': 'Review Text', 'rating': 'Overall Rating', 'product': 'Product Name', 'created_at': 'Submission Time', 'recommended': 'Would Recommend'}, {'rating': [5, 1], 'recommended': [True, False]}),
    Case('a4-loox.csv', table(['id', 'handle', 'rating', 'author', 'email', 'body', 'created_at', 'photo_url', 'verified_purchase', 'reply', 'replied_at'], ['k3jf', 'p9sd'], ['red-lamp', 'oak-desk'], STARS, days('Ann {day}'), 'a@x.org', WORDS, DAY, '', 'true', 'Thank you so much for the review, come back soon!', '2024-02-02'), {'rating': 'rating', 'text': 'body', 'created_at': 'created_at', 'product': 'handle'}, {'rating': [5, 1], 'text': WORDS[:2]}),
    Case('a5-stamped.csv', table(['productId', 'productTitle', 'productUrl', 'author', 'email', 'location', 'reviewRating', 'reviewTitle', 'reviewMessage', 'dateCreated', 'reviewState', 'reviewReply', 'replyDate'], [71, 72], ['Lamp', 'Desk'], 'https://x.org/p', days('Ann {day}'), 'a@x.org', 'Riga', STARS, 'Fine', WORDS, DAY, 'Published', 'We are glad to hear that it serves you well.', '2024-03-01'), {'rating': 'reviewRating', 'text': 'reviewMessage', 'created_at': 'dateCreated', 'product': 'productTitle', 'title': 'reviewTitle'}, {'rating': [5, 1], 'text': WORDS[:2]}),
    Case('a6-reviewsio.csv', table(['Store', 'Order Number', 'Date Created', 'Reviewer', 'Rating', 'Comments', 'SKU', 'Product Name', 'Store Average'], 'acme', IDS, DAY, days('Ann {day}'), STARS, WORDS, ['L1', 'D2'], ['Lamp', 'Desk'], 4.7), {'rating': 'Rating', 'text': 'Comments', 'created_at': 'Date Created', 'product': 'Product Name'}, {'rating': [5, 1]}),
    Case('a7-kununu.csv', table(['Arbeitgeber', 'Gesamtbewertung', 'Titel', 'Gut am Arbeitgeber finde ich', 'Schlecht am Arbeitgeber finde ich', 'Verbesserungsvorschläge', 'Arbeitsatmosphäre', 'Datum'], ['Acme', 'Zeta'], ['4,8', '1,2', '3,9'], 'In Ordnung', 'Nette Leute und kurze Wege im Haus', 'Zu wenig Lohn und lange Schichten', DE, [4, 3], days('{day:02d}.01.2024'), delimiter=';'), {'rating': 'Gesamtbewertung', 'product': 'Arbeitgeber', 'created_at': 'Datum', 'title': 'Titel'}, {'rating': [4.8, 1.2, 3.9], 'rating_max': [5], 'text': [f'Gut am Arbeitgeber finde ich: Nette Leute und kurze Wege im Haus\nSchlecht am Arbeitgeber finde ich: Zu wenig Lohn und lange Schichten\nVerbesserungsvorschläge: {DE[0]}']}),
    Case('a8-glassdoor.csv', table(['review_id', 'review_date_time', 'rating_overall', 'rating_ceo', 'rating_career_opportunities', 'rating_work_life_balance', 'employer_name', 'employer_overall_rating', 'summary', 'pros', 'cons'], IDS, days('2024-01-{day:02d}T10:00:00.000'), STARS, ['APPROVE', 'DISAPPROVE'], [4, 2], [5, 3], ['Acme', 'Zeta'], [3.9, 4.2], 'In short', 'Kind people all round', 'Long hours and low pay'), {'rating': 'rating_overall', 'product': 'employer_name', 'created_at': 'review_date_time', 'title': 'summary', 'review_id': 'review_id'}, {'rating': [5, 1], 'text': ['pros: Kind people all round\ncons: Long hours and low pay']}),
    Case('a9-indeed.csv', table(['company', 'overall_company_rating', 'review_title', 'review_rating', 'review_text', 'job_title', 'review_date', 'helpful_yes', 'helpful_no'], ['Acme', 'Zeta'], [3.9, 4.2], 'In short', STARS, WORDS, ['Clerk', 'Cook'], days('January {day}, 2024'), [3, 0], [1, 0]), {'rating': 'review_rating', 'product': 'company', 'text': 'review_text', 'created_at': 'review_date', 'title': 'review_title'}, {'rating': [5, 1], 'created_at': D1}),
    Case('a10-holidaycheck.csv', table(['Hotel', 'Ort', 'Gesamtbewertung', 'Lage', 'Zimmer', 'Titel', 'Bewertungstext', 'Weiterempfehlung', 'Reisezeit'], ['Mer', 'See'], 'Rust', ['6,0 / 6', '1,5 / 6', '5,3 / 6'], ['5,0 / 6', '4,0 / 6'], ['6,0 / 6', '2,0 / 6'], 'Kurz', DE, ['ja', 'nein'], 'Januar 2024', delimiter=';'), {'rating': 'Gesamtbewertung', 'product': 'Hotel', 'text': 'Bewertungstext', 'recommended': 'Weiterempfehlung'}, {'rating': [6, 1.5, 5.3], 'rating_max': [6], 'recommended': [True, False]}),
    Case('a11-yandex.json', json.dumps({'params': {'count': 10}, 'reviews': [{'reviewId': f'y{at}', 'businessId': '110', 'author': {'name': f'П {at}', 'professionLevel': 'Знаток города 7 уровня'}, 'text': RU[at % 4], 'rating': star, 'updatedTime': f'2024-01-{at + 1:02d}T10:00:00.000Z', 'businessComment': {'text': 'Спасибо за отзыв, ждём вас снова в гости!', 'updatedTime': '2024-03-01T10:00:00.000Z'}, 'reactions': {'likes': at, 'dislikes': 0}} for at, star in enumerate(STARS)]}).encode(), {'rating': 'rating', 'text': 'text', 'created_at': 'updatedTime', 'review_id': 'reviewId'}, {'rating': [5, 1], 'text': RU[:2], 'created_at': D1}),
    Case('a12-2gis.json', json.dumps({'meta': {'branch_rating': 4.3, 'branch_reviews_count': 10, 'code': 200}, 'reviews': [{'id': str(at), 'rating': star, 'provider': '2gis', 'text': RU[at % 4], 'is_hidden': False, 'date_created': f'2024-01-{at + 1:02d}T10:00:00.000000+03:00', 'date_edited': None, 'object': {'id': '7000', 'type': 'branch'}, 'user': {'id': f'u{at}', 'name': 'Имя', 'reviews_count': 3}, 'official_answer': {'id': f'o{at}', 'text': 'Спасибо, что выбрали нас, приходите ещё!', 'date_created': '2024-03-01'}, 'likes_count': at, 'comments_count': 0} for at, star in enumerate(STARS)]}).encode(), {'rating': 'rating', 'text': 'text', 'created_at': 'date_created', 'review_id': 'id'}, {'rating': [5, 1], 'text': RU[:2], 'created_at': D1}),
    Case('a13-avito.csv', table(['Продавец', 'Рейтинг продавца', 'Объявление', 'Этап сделки', 'Оценка', 'Текст отзыва', 'Дата'], ['Вело', 'Лыжи'], ['4,9', '4,6'], ['Рама', 'Палки'], ['Сделка состоялась', 'Не договорились'], STARS, RU, days('{day} января 2024'), delimiter=';'), {'rating': 'Оценка', 'text': 'Текст отзыва', 'created_at': 'Дата', 'touchpoint': None}, {'rating': [5, 1], 'created_at': D1}),
    Case('a14-otzovik.csv', table(['Название', 'Заголовок отзыва', 'Достоинства', 'Недостатки', 'Отзыв', 'Общее впечатление', 'Рекомендую друзьям', 'Оценка', 'Дата публикации'], ['Чайник', 'Лампа'], 'Коротко', 'Мягкий свет', ['Нет', 'Шумит ночью'], RU, 'В целом доволен', ['Да', 'Нет'], STARS, days('{day:02d} янв 2024'), delimiter=';', encoding='cp1251'), {'rating': 'Оценка', 'product': 'Название', 'title': 'Заголовок отзыва', 'recommended': 'Рекомендую друзьям', 'created_at': 'Дата публикации'}, {'rating': [5, 1], 'recommended': [True, False], 'text': [f'Достоинства: Мягкий свет\nОтзыв: {RU[0]}', f'Достоинства: Мягкий свет\nНедостатки: Шумит ночью\nОтзыв: {RU[1]}']}),
    Case('a15-lamoda.csv', table(['Артикул', 'Наименование', 'Соответствие размеру', 'Оценка', 'Комментарий', 'Дата'], ['MP1', 'MP2'], ['Куртка', 'Шарф'], ['Большемерит', 'Соответствует размеру', 'Маломерит'], STARS, RU, days('{day:02d}.01.2024'), delimiter=';'), {'rating': 'Оценка', 'product': 'Наименование', 'text': 'Комментарий'}, {'rating': [5, 1]}),
    Case('a16-emag.csv', table(['Produs', 'Rating', 'Titlu', 'Recenzie', 'Autor', 'Data'], ['Lampa', 'Birou'], STARS, 'Bun', WORDS, days('Ana {day}'), days('{day} ian. 2024')), {'rating': 'Rating', 'text': 'Recenzie', 'product': 'Produs', 'created_at': 'Data'}, {'rating': [5, 1], 'created_at': D1}),
    Case('a17-tiki.csv', table(['', 'id', 'title', 'content', 'thank_count', 'customer_id', 'rating', 'created_at', 'customer_name', 'purchased_at', 'product_id'], list(range(10)), IDS, 'Cực kì hài lòng', WORDS, [3, 0], IDS, STARS, [1704103200, 1704189600], days('Anh {day}'), 1700000000, [71, 72]), {'rating': 'rating', 'text': 'content', 'created_at': 'created_at', 'product': 'product_id', 'title': 'title', 'review_id': 'id'}, {'rating': [5, 1], 'created_at': D1}),
    Case('a18-lv-shop.csv', table(['Preces nosaukums', 'Preces vidējais vērtējums', 'Vērtējums', 'Plusi', 'Mīnusi', 'Atsauksme', 'Datums', 'Pircējs'], ['Lampa', 'Galds'], ['4,6', '3,9'], STARS, 'Mīksta gaisma', ['Nav', 'Naktī trokšņo'], LV, days('{day:02d}.01.2024.'), days('A {day}'), delimiter=';', encoding='cp1257'), {'rating': 'Vērtējums', 'product': 'Preces nosaukums', 'created_at': 'Datums'}, {'rating': [5, 1], 'text': [f'Plusi: Mīksta gaisma\nAtsauksme: {LV[0]}', f'Plusi: Mīksta gaisma\nMīnusi: Naktī trokšņo\nAtsauksme: {LV[1]}']}),
    Case('a19-ee-shop.csv', table(['Toode', 'Hinnang', 'Arvustus', 'Kuupäev'], ['Lamp', 'Laud'], STARS, WORDS, days('{day:02d}.01.2024'), delimiter=';'), {'rating': 'Hinnang', 'product': 'Toode', 'text': 'Arvustus', 'created_at': 'Kuupäev'}, {'rating': [5, 1]}),
    Case('a20-hubspot.csv', table(['Record ID', 'Survey name', 'Survey type', 'Rating', 'Response group', 'Follow-up response', 'Submission date'], IDS, ['Shop', 'Help'], ['NPS', 'CES'], [9, 7, 3, 2], ['Promoter', ''], WORDS, DAY), {'created_at': 'Submission date', 'rating': None}, {'nps': [9, None, 3, None], 'ces': [None, 7, None, 2], 'text': WORDS[:2]}),
    Case('a21-salesforce.csv', table(['CaseNumber', 'Account.Name', 'Subject', 'Description', 'CSAT_Score__c', 'Priority', 'CreatedDate', 'IsClosed'], [f'0000{one}' for one in IDS], ['Acme', 'Zeta'], 'Order', WORDS, STARS, ['High', 'Low'], days('2024-01-{day:02d}T10:00:00.000Z'), 'true'), {'csat': 'CSAT_Score__c', 'text': 'Description', 'title': 'Subject', 'created_at': 'CreatedDate'}, {'csat': [5, 1], 'created_at': D1}),
    Case('a22-gorgias.csv', table(['Ticket ID', 'Ticket subject', 'Channel', 'Survey score', 'Survey comment', 'Survey scored datetime', 'Number of messages'], IDS, 'Order', ['email', 'chat'], STARS, WORDS, DAY, [3, 9]), {'text': 'Survey comment', 'channel': 'Channel', 'created_at': 'Survey scored datetime'}, {'text': WORDS[:2], 'rating': [5, 1]}),
    Case('a23-medallia.csv', table(['Survey ID', 'Response Date', 'Unit Name', 'Likelihood to Recommend', 'Overall Satisfaction', 'Staff Friendliness', 'Reason for Score (Comment)', 'Alert Status'], IDS, days('01/{day:02d}/2024'), ['Riga', 'Sofia'], [9, 2, 8], [10, 3, 7], [9, 5], WORDS, ['Closed', 'Open']), {'nps': 'Likelihood to Recommend', 'csat': 'Overall Satisfaction', 'text': 'Reason for Score (Comment)', 'product': 'Unit Name'}, {'nps': [9, 2], 'csat': [10, 3], 'csat_max': [10]}),
    Case('a24-hotjar.csv', table(['Number', 'User', 'Date Submitted', 'Country', 'Source URL', 'Device', 'Browser', 'Hotjar User ID', 'Emotion (1-5)', 'Message'], list(range(1, 11)), ['f3a', 'b2c'], days('2024-01-{day:02d} 10:00:00'), 'Latvia', 'https://x.org/a', 'desktop', 'Chrome', ['u1', 'u2'], STARS, WORDS), {'rating': 'Emotion (1-5)', 'text': 'Message', 'created_at': 'Date Submitted'}, {'rating': [5, 1], 'rating_max': [5]}),
    Case('a25-uservoice.csv', table(['Id', 'Title', 'Description', 'Votes', 'Supporters', 'Comments count', 'Status', 'Created at'], IDS, 'Dark mode', WORDS, [812, 7], [90, 2], [4, 0], ['planned', 'declined'], DAY), {'text': 'Description', 'title': 'Title', 'rating': None, 'created_at': 'Created at'}),
    Case('a26-spotify.csv', table(['Time_submitted', 'Review', 'Rating', 'Total_thumbsup', 'Reply'], days('2024-01-{day:02d} 15:00:00'), WORDS, STARS, [2, 0], 'Hey! Thanks for telling us about this trouble.'), {'text': 'Review', 'rating': 'Rating', 'created_at': 'Time_submitted'}, {'rating': [5, 1], 'created_at': D1, 'text': WORDS[:2]}),
    Case('a27-airbnb.csv', table(['listing_id', 'id', 'date', 'reviewer_id', 'reviewer_name', 'comments'], [2818, 3209], IDS, DAY, IDS, days('Ann {day}'), WORDS), {'product': 'listing_id', 'review_id': 'id', 'text': 'comments', 'author_id': 'reviewer_id', 'created_at': 'date'}),
    Case('a28-udemy.csv', table(['id', 'course_id', 'rate', 'date', 'display_name', 'comment'], IDS, [25, 30], ['5.0', '1.0', '4.5'], days('2024-01-{day:02d}T10:00:00-07:00'), days('Ann {day}'), WORDS), {'product': 'course_id', 'rating': 'rate', 'text': 'comment', 'review_id': 'id'}, {'rating': [5, 1, 4.5]}),
    Case('a29-goodreads.csv', table(['user_id', 'book_id', 'review_id', 'rating', 'review_text', 'date_added', 'read_at', 'n_votes', 'n_comments'], ['u1', 'u2'], [71, 72], [f'r{one}' for one in IDS], STARS, WORDS, days('Mon Jan {day:02d} 10:00:00 -0800 2024'), '', [16, 0], [1, 0]), {'product': 'book_id', 'rating': 'rating', 'text': 'review_text', 'created_at': 'date_added'}, {'rating': [5, 1], 'created_at': D1}),
    Case('a30-critics.csv', table(['rotten_tomatoes_link', 'critic_name', 'top_critic', 'publisher_name', 'review_type', 'review_score', 'review_date', 'review_content'], ['m/sea', 'm/hill'], days('Ann {day}'), ['True', 'False'], 'Post', ['Fresh', 'Rotten'], ['3.5/5', 'B+', '2/4', '7/10'], DAY, WORDS), {'text': 'review_content', 'rating': 'review_score', 'created_at': 'review_date'}, {'rating': [3.5, None, 2, 7], 'rating_max': [5, None, 4, 10]}),
    Case('a31-google-local.jsonl', lines([{'user_id': f'1{at}', 'name': f'Ann {at}', 'time': 1704103200000 + 86400000 * at, 'rating': star, 'text': words, 'pics': None, 'resp': {'time': 1709290000000, 'text': 'Thank you for visiting us, please come again!'}, 'gmap_id': ['0x80:1', '0x80:2'][at % 2]} for at, (star, words) in enumerate(BODY)]), {'rating': 'rating', 'text': 'text', 'created_at': 'time', 'product': 'gmap_id'}, {'rating': [5, 1], 'text': WORDS[:2], 'created_at': D1}),
    Case('a32-lime.csv', table(['id', 'submitdate', 'lastpage', 'startlanguage', 'seed', 'G01Q01', 'G01Q02[SQ001]', 'G01Q02[SQ002]', 'G02Q03'], list(range(1, 11)), days('2024-01-{day:02d} 10:00:00'), 3, 'lv', [1882, 9031], [9, 1], [5, 4], [3, 2], LV), {'created_at': 'submitdate', 'text': 'G02Q03', 'review_id': 'id'}, {'text': LV[:2], 'created_at': D1}, note="'G01Q01'"),
    Case('a33-es-tienda.csv', table(['Producto', 'Valoración media', 'Valoración', 'Opinión', 'Fecha', 'Respuesta de la tienda'], ['Lámpara', 'Mesa'], ['4,4', '3,8'], STARS, ES, days('{day:02d}/01/2024'), 'Gracias por su opinión, vuelva pronto por favor.', delimiter=';'), {'rating': 'Valoración', 'product': 'Producto', 'text': 'Opinión', 'created_at': 'Fecha'}, {'rating': [5, 1], 'text': ES[:2]}),
    Case('a34-fr-avis.csv', table(['Magasin', 'Note moyenne', 'Note', 'Avis', "Date de l'avis", 'Réponse du magasin'], ['Nord', 'Sud'], ['4,4', '3,8'], STARS, FR, days('{day:02d}/01/2024'), 'Merci pour votre avis, à très bientôt chez nous.', delimiter=';'), {'rating': 'Note', 'text': 'Avis', 'product': 'Magasin', 'created_at': "Date de l'avis"}, {'rating': [5, 1], 'text': FR[:2]}),
    Case('a35-pl-ceneo.csv', table(['Produkt', 'Średnia ocena', 'Gwiazdki', 'Treść opinii', 'Zalety', 'Wady', 'Polecam', 'Data dodania'], ['Lampa', 'Biurko'], ['4,4', '3,8'], ['5/5', '1/5', '4,5/5'], PL, 'Miękkie światło', ['brak', 'Głośna nocą'], ['Polecam', 'Nie polecam'], days('{day:02d}.01.2024'), delimiter=';'), {'rating': 'Gwiazdki', 'product': 'Produkt', 'created_at': 'Data dodania', 'recommended': 'Polecam'}, {'rating': [5, 1, 4.5], 'recommended': [True, False], 'text': [f'Treść opinii: {PL[0]}\nZalety: Miękkie światło', f'Treść opinii: {PL[1]}\nZalety: Miękkie światło\nWady: Głośna nocą']}),
    Case('a36-telegram.json', json.dumps({'name': 'Shop chat', 'type': 'public_supergroup', 'id': 1, 'messages': [{'id': at, 'type': 'message', 'date': f'2024-01-{at + 1:02d}T10:00:00', 'date_unixtime': str(1704103200 + 86400 * at), 'from': f'A {at}', 'from_id': f'user{at}', 'text': ['Look: ', {'type': 'bold', 'text': words}] if at % 2 else words, 'text_entities': [{'type': 'plain', 'text': words}]} for at, words in enumerate(WORDS)]}).encode(), {'created_at': 'date'}, {'text': [WORDS[0]], 'created_at': D1}),
    Case('a37-bg-google-forms.csv', table(['Клеймо за време', 'Кой магазин посетихте?', 'Колко вероятно е да ни препоръчате на приятел?', 'Какво да подобрим?'], days('2024/01/{day:02d} 2:05:33 pm GMT+2'), ['Варна', 'Русе'], [9, 1, 8], BG), {'nps': 'Колко вероятно е да ни препоръчате на приятел?', 'created_at': 'Клеймо за време', 'text': 'Какво да подобрим?'}, {'nps': [9, 1, 8], 'created_at': D1}),
    Case('a38-ru-google-forms.csv', table(['Отметка времени', 'Адрес электронной почты', 'Насколько вы довольны покупкой?', 'Что мы можем улучшить?'], days('{day:02d}.01.2024 14:05:33'), 'a@x.org', STARS, RU), {'csat': 'Насколько вы довольны покупкой?', 'created_at': 'Отметка времени', 'text': 'Что мы можем улучшить?', 'author_id': 'Адрес электронной почты'}, {'csat': [5, 1]}),
    Case('a39-lv-google-forms.csv', table(['Laikspiedols', 'Kuru veikalu apmeklējāt?', 'Cik apmierināts esat ar pirkumu?', 'Ko mēs varētu uzlabot?'], days('{day:02d}.01.2024 14:05:33'), ['Centrs', 'Purvciems'], STARS, LV), {'csat': 'Cik apmierināts esat ar pirkumu?', 'created_at': 'Laikspiedols', 'text': 'Ko mēs varētu uzlabot?'}, {'csat': [5, 1]}),
    Case('a40-de-google-forms.csv', table(['Zeitstempel', 'Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?', 'Was können wir besser machen?'], days('{day:02d}.01.2024 14:05:33'), [9, 1, 8], DE), {'created_at': 'Zeitstempel', 'nps': 'Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?', 'text': 'Was können wir besser machen?'}, {'nps': [9, 1, 8]}),
    # --- B
    Case('b1-hate-to-love.csv', table(['Emotion', 'Message'], ['Love', 'Hate', 'Like', 'Dislike', 'Neutral'], WORDS), {'rating': 'Emotion'}, {'rating': [5, 1, 4, 2, 3]}),
    Case('b2-help-scout.csv', table(['Rating', 'Comments', 'Customer', 'Created At'], ['Great', 'Not Good', 'Okay'], WORDS, days('Ann {day}'), DAY), {'rating': 'Rating', 'text': 'Comments'}, {'rating': [3, 1, 2]}),
    Case('b3-zoho.csv', table(['Ticket Id', 'Happiness Rating', 'Feedback', 'Rated Time'], IDS, ['Good', 'Bad', 'Okay'], WORDS, DAY), {'text': 'Feedback'}, {'rating': [3, 1, 2]}),
    Case('b4-five-likely.csv', table(['How likely are you to recommend us?', 'Why?'], ['Extremely likely', 'Not at all likely', 'Very likely', 'Slightly likely', 'Moderately likely'], WORDS), {'text': 'Why?'}, {'nps': [10, 0]}),
    Case('b5-how-often.csv', table(['How often do you use our app?', 'Comment'], ['Always', 'Never', 'Often', 'Rarely', 'Sometimes'], WORDS), {'rating': None, 'csat': None, 'nps': None, 'text': 'Comment'}),
    Case('b6-pl-grades.csv', table(['Ocena', 'Opinia'], ['Bardzo dobra', 'Bardzo zła', 'Dobra', 'Zła', 'Przeciętna'], PL, delimiter=';'), {'rating': 'Ocena'}, {'rating': [5, 1, 4, 2, 3]}),
    Case('b7-de-grades.csv', table(['Bewertung', 'Kommentar'], ['sehr gut', 'sehr schlecht', 'gut', 'schlecht', 'mittelmäßig'], DE, delimiter=';'), {'rating': 'Bewertung'}, {'rating': [5, 1, 4, 2, 3]}),
    Case('b8-es-grades.csv', table(['Calificación', 'Comentario'], ['Excelente', 'Muy malo', 'Bueno', 'Malo', 'Regular'], ES, delimiter=';'), {'rating': 'Calificación'}, {'rating': [5, 1, 4, 2, 3]}),
    Case('b9-fr-grades.csv', table(['Note', 'Commentaire'], ['Excellent', 'Très mauvais', 'Bon', 'Mauvais', 'Moyen'], FR, delimiter=';'), {'rating': 'Note'}, {'rating': [5, 1, 4, 2, 3]}),
    Case('b10-ru-recommend.csv', table(['Порекомендуете ли вы нас друзьям?', 'Комментарий'], ['Точно порекомендую', 'Точно не порекомендую', 'Скорее порекомендую', 'Скорее не порекомендую', 'Не знаю'], RU), {}, {'recommended': [True, False, True, False, None]}),
    Case('b11-bg-agree.csv', table(['Удовлетвореност', 'Коментар'], ['Напълно съгласен', 'Напълно несъгласен', 'По-скоро съгласен', 'По-скоро несъгласен', 'Нито съгласен, нито несъгласен'], BG), {}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b12-lv-ease.csv', table(['Cik viegli bija atrisināt jautājumu?', 'Komentārs'], ['Ļoti viegli', 'Ļoti grūti', 'Viegli', 'Grūti', 'Ne viegli, ne grūti'], LV), {}, {'ces': [5, 1, 4, 2, 3]}),
    Case('b13-ru-seven.csv', table(['CSAT', 'Комментарий'], ['Полностью согласен', 'Полностью не согласен', 'Согласен', 'Не согласен', 'Скорее согласен', 'Скорее не согласен', 'Нейтрально'], RU), {'csat': 'CSAT'}, {'csat': [7, 1, 6, 2, 5, 3, 4]}),
    Case('b14-was-it-helpful.csv', table(['Was this article helpful?', 'Comment'], ['Yes', 'No'], WORDS), {'recommended': None, 'text': 'Comment'}),
    Case('b15-upper-three.csv', table(['csat', 'comment'], ['SATISFIED', 'DISSATISFIED', 'NEUTRAL'], WORDS), {'csat': 'csat'}, {'csat': [3, 1, 2]}),
    Case('b16-shortcodes.csv', table(['Rating', 'Comment'], [':smiley:', ':cry:', ':neutral_face:'], WORDS), {}, {}, note="'Rating' is not taken as rating"),
    Case('b17-ru-like.csv', table(['Оценка', 'Отзыв'], ['Нравится', 'Не нравится'], RU), {'rating': 'Оценка'}, {'rating': [1, 0]}),
    Case('b18-imdb.csv', table(['review', 'sentiment'], WORDS, ['positive', 'negative']), {'text': 'review', 'rating': None, 'csat': None}),
    Case('b19-dot-code.csv', table(['Satisfaction', 'Comment'], ['5. Very satisfied', '1. Very dissatisfied', '4. Satisfied', '2. Dissatisfied', '3. Neutral'], WORDS), {'csat': 'Satisfaction'}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b20-bracket-code.csv', table(['Satisfaction', 'Comment'], ['(5) Very satisfied', '(1) Very dissatisfied', '(4) Satisfied', '(2) Dissatisfied', '(3) Neutral'], WORDS), {'csat': 'Satisfaction'}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b21-ru-en-dash.csv', table(['Оценка', 'Отзыв'], ['5 – Отлично', '1 – Ужасно', '4 – Хорошо', '2 – Плохо', '3 – Сойдёт'], RU, delimiter=';'), {'rating': 'Оценка'}, {'rating': [5, 1, 4, 2, 3]}),
    Case('b22-tend-to-agree.csv', table(['Satisfaction', 'Comment'], ['Totally agree', 'Totally disagree', 'Tend to agree', 'Tend to disagree', 'Neutral'], WORDS), {'csat': 'Satisfaction'}, {'csat': [5, 1, 4, 2, 3]}),
    Case('b23-school-marks.csv', table(['Note', 'Kommentar'], ['1 (sehr gut)', '5 (mangelhaft)', '2 (gut)', '4 (ausreichend)', '3 (befriedigend)'], DE, delimiter=';'), {'rating': None}, {}, note="'Note'"),
    Case('b24-es-recommend.csv', table(['¿Nos recomendaría?', 'Comentario'], ['Sí', 'No', 'Tal vez'], ES, delimiter=';'), {}, {'recommended': [True, False, None]}),
    Case('b25-pl-recommend.csv', table(['Czy poleciłbyś nas znajomym?', 'Komentarz'], ['Zdecydowanie tak', 'Zdecydowanie nie', 'Raczej tak', 'Raczej nie', 'Trudno powiedzieć'], PL, delimiter=';'), {}, {'recommended': [True, False, True, False, None]}),
    Case('b26-steam-words.csv', table(['Game', 'Rating', 'Review'], ['Sea', 'Hill'], ['Recommended', 'Not Recommended'], WORDS), {}, {'rating': [1, 0]}),
    Case('b27-nps-with-words.csv', table(['NPS', 'Comment'], ['10 - Extremely likely', '0 - Not at all likely', '8', '5'], WORDS), {'nps': 'NPS'}, {'nps': [10, 0, 8, 5]}),
    Case('b28-lv-recommend-words.csv', table(['Vai jūs ieteiktu mūs draugiem?', 'Komentārs'], ['Jā, noteikti', 'Nē, nekad', 'Droši vien jā', 'Droši vien nē', 'Nezinu'], LV), {}, {'recommended': [True, False, True, False, None]}),
    Case('b29-bg-ease.csv', table(['Колко лесно беше да направите поръчка?', 'Коментар'], ['Изключително лесно', 'Изключително трудно', 'По-скоро лесно', 'По-скоро трудно', 'Нито лесно, нито трудно'], BG), {}, {'ces': [5, 1, 4, 2, 3]}),
    Case('b30-de-likely.csv', table(['Würden Sie uns weiterempfehlen?', 'Kommentar'], ['Ja', 'Nein', 'Vielleicht'], DE, delimiter=';'), {}, {'recommended': [True, False, None]}),
    # --- C
    Case('c1-survey-sent.csv', table(['Satisfaction score', 'Comment'], ['5', 'sent', 'not sent', '4', '1'], WORDS), {'csat': 'Satisfaction score'}, {'csat': [5, None, None, 4, 1]}),
    Case('c2-de-no-answer.csv', table(['Bewertung', 'Kommentar'], ['5', 'k. A.', 'keine Angabe', '4', '1'], DE, delimiter=';'), {'rating': 'Bewertung'}, {'rating': [5, None, None, 4, 1]}),
    Case('c3-es-no-answer.csv', table(['Puntuación', 'Comentario'], ['5', 'NS/NC', 'Sin respuesta', '4', '1'], ES, delimiter=';'), {'rating': 'Puntuación'}, {'rating': [5, None, None, 4, 1]}),
    Case('c4-pandas-none.csv', table(['rating', 'text', 'date'], ['5.0', 'nan', '<NA>', '4.0', 'None'], WORDS, ['2024-01-01', 'NaT']), {'rating': 'rating'}, {'rating': [5, None, None, 4, None], 'created_at': ['2024-01-01', None]}),
    Case('c5-spss-missing.csv', table(['nps', 'why'], ['9', '.', ' ', '-99', '998', '0', '10'], WORDS), {'nps': 'nps'}, {'nps': [9, None, None, None, None, 0, 10]}),
    Case('c6-blank-words.csv', table(['CSAT', 'Comment'], ['5', '(blank)', '(empty)', 'undefined', 'Skipped'], WORDS), {'csat': 'CSAT'}, {'csat': [5, None, None, None, None]}),
    Case('c7-errors-of-sheets.csv', table(['Rating', 'Comment'], ['5', '#DIV/0!', '#N/A', '4', '#REF!'], WORDS), {'rating': 'Rating'}, {'rating': [5, None, None, 4, None]}),
    Case('c8-awaiting.csv', table(['CSAT', 'Comment'], ['5', 'Awaiting feedback', 'Expired', 'Not yet rated', '2'], WORDS), {'csat': 'CSAT'}, {'csat': [5, None, None, None, 2]}),
    Case('c9-flag-with-reservations.csv', table(['Рекомендую', 'Оценка', 'Отзыв'], ['Да', 'Да, но с оговорками', 'Нет'], STARS, RU), {'recommended': 'Рекомендую', 'rating': 'Оценка'}, {'rating': [5, 1, 4], 'recommended': [True, None, False]}),
    Case('c10-off-the-scale.csv', table(['Rating (1-5)', 'Comment'], [5, 7, 4, 55, 1], WORDS), {}, {'rating': [5, None, 4, None, 1]}),
    # --- D
    Case('d1-jira.csv', table(['Issue key', 'Summary', 'Satisfaction rating', 'Satisfaction comment', 'Created'], [f'IT-{one}' for one in IDS], 'Printer', STARS, WORDS, days('{day:02d}/Jan/24 2:05 PM')), {'created_at': 'Created', 'csat': 'Satisfaction rating', 'text': 'Satisfaction comment', 'title': 'Summary', 'review_id': 'Issue key'}, {'created_at': D1}),
    Case('d2-irecommend.csv', table(['Оценка', 'Отзыв', 'Дата'], STARS, RU, days('{day} Январь, 2024 - 14:05')), {'created_at': 'Дата'}, {'created_at': D1}),
    Case('d3-fr-at.csv', table(['Note', 'Avis', 'Date de publication'], STARS, FR, days('{day} janvier 2024 à 14:05'), delimiter=';'), {'created_at': 'Date de publication'}, {'created_at': D1}),
    Case('d4-es-de.csv', table(['Puntuación', 'Reseña', 'Fecha de publicación'], STARS, ES, days('{day} de enero de 2024'), delimiter=';'), {'created_at': 'Fecha de publicación'}, {'created_at': D1}),
    Case('d5-pl-r.csv', table(['Ocena', 'Opinia', 'Data wystawienia'], STARS, PL, days('{day} stycznia 2024 r.'), delimiter=';'), {'created_at': 'Data wystawienia'}, {'created_at': D1}),
    Case('d6-de-um-uhr.csv', table(['Bewertung', 'Kommentar', 'Erstellt am'], STARS, DE, days('{day}. Januar 2024 um 14:05 Uhr'), delimiter=';'), {'created_at': 'Erstellt am'}, {'created_at': D1}),
    Case('d7-lv-short.csv', table(['Vērtējums', 'Atsauksme', 'Datums'], STARS, LV, days('{day}. janv. 2024'), delimiter=';'), {'created_at': 'Datums'}, {'created_at': D1}),
    Case('d8-pdt.csv', table(['target', 'date', 'user', 'text'], [4, 0], days('Mon Jan {day:02d} 10:19:45 PDT 2024'), days('ann{day}'), WORDS), {'created_at': 'date', 'text': 'text'}, {'created_at': D1}),
    Case('d9-jotform.csv', table(['Submission Date', 'Rate your visit', 'Anything to add?', 'Submission ID'], days('Jan {day}, 2024 at 2:05 PM'), STARS, WORDS, IDS), {'created_at': 'Submission Date', 'rating': 'Rate your visit', 'text': 'Anything to add?'}, {'created_at': D1}),
    Case('d10-tally.csv', table(['Submission ID', 'Respondent ID', 'Submitted at', 'How likely are you to recommend us?', 'What could we do better?'], ['k1', 'k2'], ['r1', 'r2'], days('2024-01-{day:02d} 10:00:00'), [9, 1, 8], WORDS), {'created_at': 'Submitted at', 'nps': 'How likely are you to recommend us?', 'text': 'What could we do better?'}, {'nps': [9, 1]}),
    Case('d11-spss.csv', table(['rating', 'text', 'date'], STARS, WORDS, days('{day:02d}-JAN-2024 00:00:00')), {'created_at': 'date'}, {'created_at': D1}),
    Case('d12-basic-iso.csv', table(['rating', 'text', 'created'], STARS, WORDS, days('202401{day:02d}T140533Z')), {'created_at': 'created'}, {'created_at': D1}),
    Case('d13-ru-ago.csv', table(['Оценка', 'Отзыв', 'Дата'], STARS, RU, ['2 недели назад', 'месяц назад', 'вчера']), {'created_at': None}, {'created_at': [None]}, note="'Дата'"),
    Case('d14-year-dots.csv', table(['rating', 'text', 'date'], STARS, WORDS, days('2024.01.{day:02d}. 14:05')), {'created_at': 'date'}, {'created_at': D1}),
    Case('d15-bg-comma.csv', table(['Оценка', 'Отзив', 'Дата'], STARS, BG, days('{day} януари 2024 г., 14:05 ч.')), {'created_at': 'Дата'}, {'created_at': D1}),
    Case('d16-fr-hours.csv', table(['Note', 'Avis', 'Date'], STARS, FR, days('{day:02d}/01/2024 14h05'), delimiter=';'), {'created_at': 'Date'}, {'created_at': D1}),
    Case('d17-dined-on.csv', table(['Overall', 'Food', 'Service', 'Review', 'Date'], STARS, [4, 3], [5, 2], WORDS, days('Dined on January {day}, 2024')), {'created_at': 'Date', 'rating': 'Overall'}, {'created_at': D1}),
    Case('d18-stayed.csv', table(['rating', 'text', 'Date of stay'], STARS, WORDS, ['Date of stay: January 2024', 'Date of stay: February 2024']), {'created_at': 'Date of stay'}, {'created_at': ['2024-01-01', '2024-02-01']}),
    Case('d19-ru-at.csv', table(['Оценка', 'Отзыв', 'Дата'], STARS, RU, days('{day:02d}.01.24 в 14:05')), {'created_at': 'Дата'}, {'created_at': D1}),
    Case('d20-no-year.csv', table(['Оценка', 'Отзыв', 'Дата'], STARS, RU, days('{day} января')), {'created_at': None}, {}, note="'Дата'"),
    Case('d21-future.csv', table(['rating', 'text', 'date'], STARS, WORDS, days('2097-01-{day:02d}')), {'created_at': 'date'}, {}, note='future'),
    Case('d22-de-ago.csv', table(['Sterne', 'Rezension', 'Datum'], STARS, DE, ['vor 2 Wochen', 'vor einem Monat'], delimiter=';'), {'created_at': None, 'rating': 'Sterne'}, {}, note="'Datum'"),
    Case('d23-iso-in-words.csv', table(['rating', 'text', 'Дата создания отзыва'], STARS, RU, days('2024-01-{day:02d}, 14:05 МСК')), {'created_at': 'Дата создания отзыва'}, {'created_at': D1}),
    Case('d24-us-zone.csv', table(['rating', 'text', 'Completed Time'], STARS, WORDS, days('Jan {day:02d}, 2024 02:05:33 PM (UTC)')), {'created_at': 'Completed Time'}, {'created_at': D1}),
    # --- E
    Case('e1-sterne.csv', table(['Bewertung', 'Kommentar'], ['5 Sterne', '1 Stern', '4,5 Sterne'], DE, delimiter=';'), {'rating': 'Bewertung'}, {'rating': [5, 1, 4.5]}),
    Case('e2-gwiazdki.csv', table(['Ocena', 'Opinia'], ['5 gwiazdek', '1 gwiazdka', '4 gwiazdki'], PL, delimiter=';'), {'rating': 'Ocena'}, {'rating': [5, 1, 4]}),
    Case('e3-etoiles.csv', table(['Note', 'Avis'], ['5 étoiles', '1 étoile', '4 étoiles'], FR, delimiter=';'), {'rating': 'Note'}, {'rating': [5, 1, 4]}),
    Case('e4-estrellas.csv', table(['Puntuación', 'Reseña'], ['5 estrellas', '1 estrella', '4 estrellas'], ES, delimiter=';'), {'rating': 'Puntuación'}, {'rating': [5, 1, 4]}),
    Case('e5-rating-out-of-stars.csv', table(['rating', 'review'], ['Rating: 5 out of 5 stars', 'Rating: 1 out of 5 stars', 'Rating: 4 out of 5 stars'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4]}),
    Case('e6-ru-out-of.csv', table(['Оценка', 'Отзыв'], ['Оценка: 5 из 5', 'Оценка: 1 из 5', 'Оценка: 4 из 5'], RU), {'rating': 'Оценка'}, {'rating': [5, 1, 4]}),
    Case('e7-number-star.csv', table(['rating', 'review'], ['5.0 ★', '1.0 ★', '4.5 ★'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4.5]}),
    Case('e8-class-name.csv', table(['rating', 'review'], ['ui_bubble_rating bubble_50', 'ui_bubble_rating bubble_10', 'ui_bubble_rating bubble_40'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4]}),
    Case('e9-percent-header.csv', table(['Rating (%)', 'Comment'], [80, 20, 100, 60], WORDS), {'rating': 'Rating (%)'}, {'rating': [80, 20], 'rating_max': [100]}),
    Case('e10-out-of-decimals.csv', table(['rating', 'review'], ['5.00 out of 5.00', '1.00 out of 5.00', '4.50 out of 5.00'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4.5], 'rating_max': [5]}),
    Case('e11-anchors-in-header.csv', table(['CSAT (1 = Very dissatisfied, 5 = Very satisfied)', 'Comment'], [4, 3, 4, 3], WORDS), {'csat': 'CSAT (1 = Very dissatisfied, 5 = Very satisfied)'}, {'csat': [4, 3], 'csat_max': [5], 'csat_min': [1]}),
    Case('e12-ces-header.csv', table(['CES (1-7)', 'Comment'], [5, 2, 4], WORDS), {'ces': 'CES (1-7)'}, {'ces': [5, 2], 'ces_max': [7]}),
    Case('e13-ru-hundred.csv', table(['Оценка (0–100)', 'Отзыв'], [80, 20, 9], RU), {'rating': 'Оценка (0–100)'}, {'rating': [80, 20, 9], 'rating_max': [100]}),
    Case('e14-half-signs.csv', table(['rating', 'review'], ['4½', '1', '3½', '5'], WORDS), {'rating': 'rating'}, {'rating': [4.5, 1, 3.5, 5]}),
    Case('e15-de-percent.csv', table(['Bewertung', 'Kommentar'], ['80,0 %', '20,0 %', '100,0 %'], DE, delimiter=';'), {'rating': 'Bewertung'}, {'rating': [80, 20, 100], 'rating_max': [100]}),
    Case('e16-de-date.csv', table(['Bewertung', 'Kommentar'], ['05. Apr', '05. Jan', '05. Mai', '05. Feb'], DE, delimiter=';'), {'rating': 'Bewertung'}, {'rating': [4, 1, 5, 2]}),
    Case('e17-lv-date.csv', table(['Vērtējums', 'Atsauksme'], ['05.apr', '05.janv', '05.maijs', '05.febr'], LV, delimiter=';'), {'rating': 'Vērtējums'}, {'rating': [4, 1, 5, 2]}),
    Case('e18-slash-ten-header.csv', table(['Note /10', 'Avis'], [8, 2, 5, 4], FR, delimiter=';'), {'rating': 'Note /10'}, {'rating': [8, 2], 'rating_max': [10]}),
    Case('e19-of-twenty.csv', table(['Note sur 20', 'Avis'], [15, 4, 18, 9], FR, delimiter=';'), {'rating': 'Note sur 20'}, {'rating': [15, 4], 'rating_max': [20]}),
    Case('e20-three-scales.csv', table(['CSAT', 'Comment'], ['5/5', '2/10', '80%', '4/5'], WORDS), {'csat': 'CSAT'}, {'csat': [5, 2, 80, 4], 'csat_max': [5, 10, 100, 5]}),
    Case('e21-arabic-digits.csv', table(['rating', 'review'], ['٥', '١', '٤', '٢'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4, 2]}),
    Case('e22-full-width.csv', table(['rating', 'review'], ['５', '１', '４', '２'], WORDS), {'rating': 'rating'}, {'rating': [5, 1, 4, 2]}),
    # --- G
    Case('g1-spss-labels.csv', b'v1,v2,v3,v4\nDate of interview,Branch,How likely are you to recommend us?,Why did you say so?\n' + table(['2024-01-01', 'N', '9', 'The fit is lovely and the fabric is soft.'], DAY, ['N', 'S'], [9, 1, 8], WORDS), {'nps': 'How likely are you to recommend us?', 'text': 'Why did you say so?'}, {'nps': [9, 9, 1], 'text': [WORDS[0], WORDS[0]]}, rows=11),
    Case('g2-salesforce-footer.csv', table(['Case Number', 'Created Date', 'CSAT', 'Customer Comment'], IDS, days('1/{day}/2024'), STARS, WORDS) + b'\n"Survey Responses"\n"Copyright (c) 2000-2024 salesforce.com, inc. All rights reserved."\n"Confidential Information - Do Not Distribute"\n"Generated By:  Ann  1/12/2024 2:05 PM"\n', {'csat': 'CSAT', 'text': 'Customer Comment', 'created_at': 'Created Date'}, {'csat': [5, 1]}, refused=4),
    Case('g3-sep-line.csv', b'sep=;\n' + table(['Stars', 'Comment'], STARS, WORDS, delimiter=';'), {'rating': 'Stars'}, {'rating': [5, 1]}),
    Case('g4-old-qualtrics.csv', b'V1,V2,V3,V7,V8,V9,Q1,Q2\nResponseID,ResponseSet,Name,Status,StartDate,EndDate,How likely are you to recommend us to a friend?,What is the reason for your score?\n' + table(['R_1', 'Default', '', '0', '2024-01-01', '2024-01-01', '9', 'The fit is lovely and the fabric is soft.'], [f'R_{one}' for one in IDS], 'Default', '', 0, DAY, DAY, [9, 1, 8], WORDS), {'nps': 'How likely are you to recommend us to a friend?', 'text': 'What is the reason for your score?'}, {'nps': [9, 9, 1]}, rows=11),
    Case('g5-loop-and-merge.csv', b'StartDate,EndDate,Status,ResponseId,1_Q2,1_Q3,2_Q2,2_Q3\nStart Date,End Date,Response Type,Response ID,How satisfied are you with Riga?,What should we improve in Riga?,How satisfied are you with Sofia?,What should we improve in Sofia?\n' + b'"{""ImportId"":""startDate""}","{""ImportId"":""endDate""}","{""ImportId"":""status""}","{""ImportId"":""_recordId""}","{""ImportId"":""1_QID2""}","{""ImportId"":""1_QID3""}","{""ImportId"":""2_QID2""}","{""ImportId"":""2_QID3""}"\n' + table(['2024-01-01', '2024-01-01', 'IP Address', 'R_0', '5', 'Open longer on Sundays please', '4', 'More seats by the window please'], DAY, DAY, 'IP Address', [f'R_{one}' for one in IDS], STARS, WORDS, STARS[::-1], WORDS[::-1]), {'review_id': 'ResponseId'}, {'text': ['What should we improve in Riga? Open longer on Sundays please\nWhat should we improve in Sofia? More seats by the window please']}, rows=11),
    Case('g6-row-names.csv', b'"stars" "review"\n' + b'\n'.join(f'"{at + 1}" {star} "{words}"'.encode() for at, (star, words) in enumerate(BODY)), {'rating': 'stars', 'text': 'review'}, {'rating': [5, 1], 'text': WORDS[:2]}),
    Case('g7-r-semicolon.csv', b'"";"stars";"review"\n' + b'\n'.join(f'"{at + 1}";{star};"{words}"'.encode() for at, (star, words) in enumerate(BODY)), {'rating': 'stars', 'text': 'review'}, {'rating': [5, 1]}),
    Case('g8-total-first.csv', 'Магазин;Оценка;Отзыв\nИтого;2,8;\n'.encode() + table(['Центр', '5', 'Сидит отлично, ткань мягкая.'], ['Центр', 'Юг'], STARS, RU, delimiter=';'), {'rating': 'Оценка', 'product': 'Магазин'}, {'rating': [5, 5, 1], 'rating_max': [5]}, refused=1, rows=11),
    Case('g9-pandas-levels.csv', b',answers,answers,meta\n,stars,comment,date\nid,,,\n' + b'\n'.join(f'{at},{star},"{words}",2024-01-{at + 1:02d}'.encode() for at, (star, words) in enumerate(BODY)), {}, {'rating': [5, 1], 'text': WORDS[:2], 'created_at': D1}, refused=1),
    Case('g10-lv-total.xlsx', sheet([None, 'Atsauksmju pārskats', None, None], [None, None, None, None], [None, 'Veikals', 'Vērtējums', 'Komentārs'], *[[None, ['Centrs', 'Purvciems'][at % 2], star, LV[at % 4]] for at, star in enumerate(STARS)], [None, 'Kopā', 28, None]), {'rating': 'Vērtējums', 'product': 'Veikals'}, {'rating': [5, 1]}, refused=1),
    Case('g11-groups-filled-down.xlsx', sheet(['Филиал', 'Дата', 'Оценка', 'Отзыв'], *[[{0: 'Центр', 5: 'Юг'}.get(at), f'2024-01-{at + 1:02d}', star, RU[at % 4]] for at, star in enumerate(STARS)], merged=['A2:A6', 'A7:A11']), {'product': 'Филиал', 'rating': 'Оценка'}, {'product': ['Центр', 'Центр', 'Центр', 'Центр', 'Центр', 'Юг', 'Юг']}),
    Case('g12-question-numbers.csv', table(['Q1. How satisfied are you with our service?', 'Q2. Would you recommend us?', 'Q3. Any other comments?'], STARS, ['Yes', 'No'], WORDS), {'csat': 'Q1. How satisfied are you with our service?', 'recommended': 'Q2. Would you recommend us?', 'text': 'Q3. Any other comments?'}, {'csat': [5, 1]}),
    Case('g13-matrix.csv', table(['Submission Date', 'Rate us >> Staff', 'Rate us >> Price', 'Rate us >> Overall', 'Comments'], DAY, [4, 3], [2, 5], STARS, WORDS), {'rating': 'Rate us >> Overall', 'text': 'Comments', 'created_at': 'Submission Date'}, {'rating': [5, 1]}),
    Case('g14-notes-below-header.xlsx', sheet(['Rating', 'Comment'], ['1 = bad, 5 = good', 'in your own words'], *BODY), {'rating': 'Rating'}, {'rating': [5, 1]}),
    Case('g15-cover-and-two.xlsx', sheet(['Дата', 'Оценка', 'Отзыв'], *[[f'2024-01-{at + 1:02d}', star, RU[at % 4]] for at, star in enumerate(STARS)], others=[('Обложка', [['Отчёт отдела качества'], ['Январь 2024']]), ('Сводка', [['Показатель', 'Значение'], ['Средняя оценка', 2.8], ['Отзывов', 10]])]), {'rating': 'Оценка', 'text': 'Отзыв'}, {'rating': [5, 1]}),
    # --- H
    Case('h1-start-stop-continue.csv', table(['Team', 'Start', 'Stop', 'Continue'], ['A', 'B'], WORDS, WORDS[::-1], [f'Yes. {one}' for one in WORDS]), {}, {}, note='not read'),
    Case('h2-fr-aime.csv', table(['Note', "Ce que j'ai aimé", "Ce que je n'ai pas aimé"], STARS, 'Le tissu est très doux', 'La fermeture a vite cassé', delimiter=';'), {'rating': 'Note'}, {'text': ["Ce que j'ai aimé: Le tissu est très doux\nCe que je n'ai pas aimé: La fermeture a vite cassé"]}),
    Case('h3-es-gusto.csv', table(['Puntuación', 'Lo que más me gustó', 'Lo que menos me gustó'], STARS, 'La tela es muy suave', 'La cremallera se rompe', delimiter=';'), {'rating': 'Puntuación'}, {'text': ['Lo que más me gustó: La tela es muy suave\nLo que menos me gustó: La cremallera se rompe']}),
    Case('h4-de-questions.csv', table(['Sterne', 'Was hat Ihnen gefallen?', 'Was können wir besser machen?'], STARS, DE, DE[::-1], delimiter=';'), {'rating': 'Sterne'}, {'text': [f'Was hat Ihnen gefallen? {DE[0]}\nWas können wir besser machen? {DE[-1]}']}),
    Case('h5-pl-questions.csv', table(['Ocena', 'Co się Panu podobało?', 'Co możemy poprawić?'], STARS, PL, PL[::-1], delimiter=';'), {'rating': 'Ocena'}, {'text': [f'Co się Panu podobało? {PL[0]}\nCo możemy poprawić? {PL[-1]}']}),
    Case('h6-bg-plus-minus.csv', table(['Оценка', 'Плюсове', 'Минуси', 'Мнение'], STARS, 'Мекият плат и цветът', ['Няма', 'Ципът се счупи'], BG), {'rating': 'Оценка'}, {'text': [f'Плюсове: Мекият плат и цветът\nМнение: {BG[0]}', f'Плюсове: Мекият плат и цветът\nМинуси: Ципът се счупи\nМнение: {BG[1]}']}),
    Case('h7-ru-most.csv', table(['NPS', 'Что вам понравилось больше всего?', 'Что улучшить?'], [9, 1, 8], RU, RU[::-1]), {'nps': 'NPS'}, {'text': [f'Что вам понравилось больше всего? {RU[0]}\nЧто улучшить? {RU[-1]}']}),
    Case('h8-lv-most.csv', table(['NPS', 'Kas patika visvairāk?', 'Ko uzlabot?'], [9, 1, 8], LV, LV[::-1]), {'nps': 'NPS'}, {'text': [f'Kas patika visvairāk? {LV[0]}\nKo uzlabot? {LV[-1]}']}),
    Case('h9-advice.csv', table(['rating', 'pros', 'cons', 'advice_to_management'], STARS, 'Kind people all round', 'Long hours and low pay', WORDS), {'rating': 'rating'}, {'text': [f'pros: Kind people all round\ncons: Long hours and low pay\nadvice to management: {WORDS[0]}']}),
    Case('h10-customer-and-agent.csv', table(['Customer message', 'Agent message', 'CSAT'], WORDS, 'Thank you for writing, we have sent the refund.', STARS), {'text': 'Customer message', 'csat': 'CSAT'}, {'text': WORDS[:2]}),
    Case('h11-by-class.csv', table(['NPS', 'Promoter comment', 'Passive comment', 'Detractor comment'], [9, 2, 8], [WORDS[0], '', ''], ['', '', WORDS[2]], ['', WORDS[1], '']), {'nps': 'NPS'}, {'text': [f'Promoter comment: {WORDS[0]}', f'Detractor comment: {WORDS[1]}', f'Passive comment: {WORDS[2]}']}),
    Case('h12-translated-bracket.csv', table(['Stars', 'Comment (original)', 'Comment (translated)'], STARS, RU, WORDS), {'rating': 'Stars'}, {'text': [RU[0]]}),
    Case('h13-english-beside.csv', table(['Stars', 'Review', 'Review (English)'], STARS, RU, WORDS), {'rating': 'Stars', 'text': 'Review'}, {'text': [RU[0]]}),
    Case('h14-lv-liked.csv', table(['Vērtējums', 'Kas Jums patika?', 'Kas Jums nepatika?', 'Cits komentārs'], STARS, 'Mīkstais audums', ['nekas', 'Salūza rāvējslēdzējs'], ['', LV[1]]), {'rating': 'Vērtējums'}, {'text': ['Kas Jums patika? Mīkstais audums', f'Kas Jums patika? Mīkstais audums\nKas Jums nepatika? Salūza rāvējslēdzējs\nCits komentārs: {LV[1]}']}),
    Case('h15-best-worst.csv', table(['Score', 'Best thing', 'Worst thing'], STARS, 'The fabric is soft and warm', 'The zip broke after a week'), {'rating': 'Score'}, {'text': ['Best thing: The fabric is soft and warm\nWorst thing: The zip broke after a week']}),
    Case('h16-ru-bookings.csv', table(['Отель', 'Оценка', 'Понравилось гостю', 'Не понравилось гостю'], ['Море', 'Лес'], ['9,2', '2,5'], 'Тихий номер с видом', ['Ничего', 'Холодный завтрак и шум'], delimiter=';'), {'rating': 'Оценка', 'product': 'Отель'}, {'text': ['Понравилось гостю: Тихий номер с видом', 'Понравилось гостю: Тихий номер с видом\nНе понравилось гостю: Холодный завтрак и шум'], 'rating_max': [10]}),
    # --- I
    Case('i1-python-dicts.json', '\n'.join(str({'overall': float(star), 'reviewText': words + " It's fine.", 'verified': bool(star % 2), 'vote': None}) for star, words in BODY).encode(), {'rating': 'overall', 'text': 'reviewText'}, {'rating': [5, 1]}),
    Case('i2-rows-of-lists.json', json.dumps([['stars', 'review'], *BODY]).encode(), {'rating': 'stars', 'text': 'review'}, {'rating': [5, 1]}),
    Case('i3-nan.json', json.dumps([{'stars': float('nan') if at == 1 else star, 'review': words} for at, (star, words) in enumerate(BODY)]).encode(), {'rating': 'stars'}, {'rating': [5, None, 4]}),
    Case('i4-mysql-escapes.csv', b'stars,review\n' + b'\n'.join(f'{star},"He said \\"fine\\", {words}"'.encode() for star, words in BODY), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i5-double-colon.txt', b'stars::shop::review\n' + b'\n'.join(f'{star}::N::{words}'.encode() for star, words in BODY), {}, {'rating': [5, 1], 'text': WORDS[:2]}),
    Case('i6-cp866.csv', table(['Оценка', 'Отзыв', 'Магазин'], STARS, RU, 'Юг', delimiter=';', encoding='cp866'), {'rating': 'Оценка', 'text': 'Отзыв'}, {'text': RU[:2]}),
    Case('i7-koi8.csv', table(['Оценка', 'Отзыв', 'Магазин'], STARS, RU, 'Юг', delimiter=';', encoding='koi8-r'), {'rating': 'Оценка', 'text': 'Отзыв'}, {'text': RU[:2]}),
    Case('i8-mac-cyrillic.csv', table(['Оценка', 'Отзыв', 'Магазин'], STARS, RU, 'Юг', delimiter=';', encoding='mac-cyrillic'), {'rating': 'Оценка', 'text': 'Отзыв'}, {'text': RU[:2]}),
    Case('i9-unicode-text.txt', b'\xff\xfe' + table(['Vērtējums', 'Atsauksme'], STARS, LV, delimiter='\t', encoding='utf-16-le'), {'rating': 'Vērtējums'}, {'text': LV[:2]}),
    Case('i10-gzip-named.csv', gzip.compress(table(['stars', 'review'], STARS, WORDS)), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i11-zip-named.csv', packed(**{'reviews.csv': table(['stars', 'review'], STARS, WORDS)}), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i12-two-marks.csv', b'\xef\xbb\xbf\xef\xbb\xbf' + table(['stars', 'review'], STARS, WORDS), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i13-trailing-comma.json', ('[' + ',\n'.join(json.dumps({'stars': star, 'review': words}) for star, words in BODY) + ',]').encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i14-js-variable.js', ('window.reviews = ' + json.dumps([{'stars': star, 'review': words} for star, words in BODY]) + ';').encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i15-fasttext.txt', '\n'.join(f'__label__{1 + (star > 3)} {words}' for star, words in BODY).encode(), {}, {}, note='first row', rows=9),
    Case('i16-facebook-bytes.json', json.dumps([{'stars': star, 'review': RU[at % 4].encode().decode('latin-1')} for at, star in enumerate(STARS)]).encode(), {'rating': 'stars', 'text': 'review'}, {'rating': [5, 1]}),
    Case('i17-columns-of-index.json', json.dumps({'stars': {f'r{at}': star for at, star in enumerate(STARS)}, 'review': {f'r{at}': words for at, words in enumerate(WORDS)}}).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('i18-graphql.json', json.dumps({'data': {'product': {'name': 'Lamp', 'reviews': {'edges': [{'cursor': f'c{at}', 'node': {'id': f'r{at}', 'body': words, 'score': star, 'createdAt': f'2024-01-{at + 1:02d}T10:00:00Z'}} for at, (star, words) in enumerate(BODY)], 'pageInfo': {'hasNextPage': False}}}}}).encode(), {}, {'rating': [5, 1], 'text': WORDS[:2], 'created_at': D1}),
    Case('i19-elastic.json', json.dumps({'took': 3, 'hits': {'total': {'value': 10}, 'hits': [{'_index': 'reviews', '_id': f'x{at}', '_score': 1.0, '_source': {'stars': star, 'review': words}} for at, (star, words) in enumerate(BODY)]}}).encode(), {}, {'rating': [5, 1], 'text': WORDS[:2]}),
    Case('i20-odata.json', json.dumps({'@odata.context': 'x', 'value': [{'Stars': star, 'Comment': words, 'Created': f'2024-01-{at + 1:02d}T10:00:00Z'} for at, (star, words) in enumerate(BODY)]}).encode(), {'rating': 'Stars', 'text': 'Comment'}, {'rating': [5, 1]}),
    Case('i21-firebase.json', json.dumps({'reviews': {f'-N{at}': {'stars': star, 'review': words} for at, (star, words) in enumerate(BODY)}}).encode(), {}, {'rating': [5, 1], 'text': WORDS[:2]}),
    Case('i22-dynamo.jsonl', lines([{'Item': {'stars': {'N': str(star)}, 'review': {'S': words}}} for star, words in BODY]), {}, {'rating': [5, 1], 'text': WORDS[:2]}),
    # --- written after the kinds above were mended
    Case('k1-pt-marketplace.csv', table(['Produto', 'Nota média', 'Avaliação', 'Comentário', 'Data da avaliação'], ['Lâmpada', 'Mesa'], ['4,4', '3,8'], STARS, ES, days('{day} de janeiro de 2024'), delimiter=';'), {'rating': 'Avaliação', 'product': 'Produto', 'text': 'Comentário', 'created_at': 'Data da avaliação'}, {'rating': [5, 1], 'created_at': D1}),
    Case('k2-nl-shop.csv', table(['Product', 'Beoordeling', 'Review', 'Geplaatst op'], ['Lamp', 'Bureau'], ['5 sterren', '1 ster', '4 sterren'], WORDS, days('{day} januari 2024'), delimiter=';'), {'rating': 'Beoordeling', 'product': 'Product', 'text': 'Review', 'created_at': 'Geplaatst op'}, {'rating': [5, 1, 4], 'created_at': D1}),
    Case('k3-uk-rozetka.csv', table(['Товар', 'Оцінка', 'Відгук', 'Переваги', 'Недоліки', 'Дата'], ['Чайник', 'Лампа'], STARS, RU, 'Тихий і швидкий', ['Немає', 'Кришка ламається'], days('{day} січня 2024'), delimiter=';'), {'rating': 'Оцінка', 'product': 'Товар', 'created_at': 'Дата'}, {'rating': [5, 1], 'created_at': D1, 'text': [f'Відгук: {RU[0]}\nПереваги: Тихий і швидкий']}),
    Case('k4-delivery-club.csv', table(['Ресторан', 'Рейтинг ресторана', 'Оценка заказа', 'Отзыв гостя', 'Дата заказа', 'Дата отзыва'], ['Море', 'Лес'], ['4,8', '4,2'], STARS, RU, days('{day:02d}.12.2023'), days('{day:02d}.01.2024'), delimiter=';'), {'rating': 'Оценка заказа', 'product': 'Ресторан', 'text': 'Отзыв гостя', 'created_at': 'Дата отзыва'}, {'rating': [5, 1], 'created_at': D1}),
    Case('k5-bg-olx.csv', table(['Търговец', 'Рейтинг на търговеца', 'Оценка', 'Отзив', 'Дата на отзива'], ['Вело', 'Ски'], ['4,9', '4,6'], STARS, BG, days('{day} януари 2024 г.'), delimiter=';'), {'rating': 'Оценка', 'product': 'Търговец', 'created_at': 'Дата на отзива'}, {'rating': [5, 1], 'created_at': D1}),
    Case('k6-lv-forms-grid.csv', table(['Laikspiedols', 'Novērtējiet mūs [Apkalpošana]', 'Novērtējiet mūs [Cena]', 'Novērtējiet mūs [Kopumā]', 'Jūsu komentārs'], days('{day:02d}.01.2024 14:05:33'), [4, 3], [2, 5], STARS, LV), {'text': 'Jūsu komentārs', 'created_at': 'Laikspiedols'}, {}, note='Novērtējiet mūs'),
    Case('k7-zendesk-messaging.csv', table(['Ticket ID', 'Ticket satisfaction rating', 'Ticket satisfaction comment', 'Ticket created - Timestamp', 'Ticket brand'], IDS, ['Good', 'Bad', 'Offered', 'Unoffered'], WORDS, days('2024-01-{day:02d}T10:00:00'), ['North', 'South']), {'text': 'Ticket satisfaction comment', 'created_at': 'Ticket created - Timestamp', 'review_id': 'Ticket ID'}, {'csat': [1, 0, None, None]}),
    Case('k8-front.csv', table(['Conversation ID', 'CSAT rating', 'CSAT comment', 'Responded at'], ['cnv_1', 'cnv_2'], STARS, WORDS, DAY), {'csat': 'CSAT rating', 'text': 'CSAT comment', 'created_at': 'Responded at'}, {'csat': [5, 1]}),
    Case('k9-sparrow.csv', table(['Submission Id', 'Status', 'Started Time', 'Completed Time', 'On a scale of 0-10, how likely are you to recommend us?', 'What do you like the most?'], IDS, 'Completed', days('Jan {day}, 2024 10:00 AM'), days('Jan {day}, 2024 10:05 AM'), [9, 1, 8], WORDS), {'nps': 'On a scale of 0-10, how likely are you to recommend us?', 'text': 'What do you like the most?'}, {'nps': [9, 1], 'created_at': D1}),
    Case('k10-it-words.csv', table(['Soddisfazione', 'Commento'], ['Molto soddisfatto', 'Molto insoddisfatto', 'Soddisfatto', 'Insoddisfatto', 'Neutrale'], ES, delimiter=';'), {'csat': 'Soddisfazione'}, {'csat': [5, 1, 4, 2, 3]}),
    Case('k11-de-agree.csv', table(['Zufriedenheit', 'Kommentar'], ['5 = sehr zufrieden', '1 = sehr unzufrieden', '4 = zufrieden', '2 = unzufrieden'], DE, delimiter=';'), {'csat': 'Zufriedenheit'}, {'csat': [5, 1, 4, 2]}),
    Case('k12-reversed-en.csv', table(['How satisfied are you?', 'Comment'], ['1 - Very satisfied', '5 - Very dissatisfied', '2 - Satisfied', '4 - Dissatisfied'], WORDS), {'csat': None}, {}, note='1 is the best'),
    Case('k13-reversed-ru.csv', table(['Оценка', 'Комментарий'], ['1 – Отлично', '5 – Ужасно', '2 – Хорошо', '4 – Плохо'], RU), {'rating': None}, {}, note='1 is the best'),
    Case('k14-mostly-timed-out.csv', table(['CSAT', 'Comment'], ['Timed out', '5', 'Timed out', '4', 'Closed by agent'], WORDS) + table(['Timed out', WORDS[0]], ['Timed out', '5', 'Closed by agent', '1', 'Timed out'], WORDS), {'csat': 'CSAT'}, {'csat': [None, 5, None, 4, None]}, rows=21),
    Case('k15-film-rating.csv', table(['title', 'rating', 'review'], ['Sea', 'Hill'], ['PG-13', 'R', 'PG', 'G'], WORDS), {'rating': None, 'text': 'review'}),
    Case('k16-ru-maybe.csv', table(['Посоветуете ли вы нас друзьям?', 'Комментарий'], ['Скорее всего да', 'Точно нет', 'Обязательно посоветую', 'Вряд ли', 'Возможно'], RU), {}, {'recommended': [True, False, None, None, None]}),
    Case('k17-us-dates-comma.csv', table(['stars', 'review', 'date'], STARS, WORDS, ['01/02/2024', '02/02/2024']), {'created_at': 'date'}, {'created_at': ['2024-01-02', '2024-02-02']}),
    Case('k18-ru-slash-dates.csv', table(['Оценка', 'Отзыв', 'Дата'], STARS, RU, ['01/02/2024', '02/02/2024']), {'created_at': 'Дата'}, {'created_at': ['2024-02-01', '2024-02-02']}),
    Case('k19-jsonp-like.js', ('const data = ' + json.dumps({'items': [{'stars': star, 'review': words} for star, words in BODY]}, indent=1) + ';\n').encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('k20-python-dicts-gz.json.gz', gzip.compress('\n'.join(str({'overall': star, 'reviewText': words}) for star, words in BODY).encode()), {'rating': 'overall'}, {'rating': [5, 1]}),
    Case('k21-keyed-in-depth.json', json.dumps({'app': {'reviews': {f'k{at}': {'stars': star, 'review': words, 'user': {'name': 'A'}} for at, (star, words) in enumerate(BODY)}}}).encode(), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('k22-total-brand.csv', table(['Station', 'Stars', 'Review'], ['Total', 'Shell'], STARS, WORDS), {'product': 'Station'}, {'product': ['Total', 'Shell']}),
    Case('k23-total-brand-stars-alone.csv', table(['Station', 'Stars', 'Review'], ['Total', 'Total', 'Shell'], STARS, ''), {'product': 'Station'}, {'product': ['Total', 'Total', 'Shell']}),
    Case('k24-response-time-minutes.csv', table(['First response time (min)', 'CSAT', 'Comment'], [12, 40], STARS, WORDS), {'created_at': None, 'csat': 'CSAT'}, {'csat': [5, 1]}),
    Case('k25-twitter-handle.csv', table(['handle', 'tweet', 'created'], days('@ann{day}'), WORDS, DAY), {'product': None, 'text': 'tweet', 'created_at': 'created'}),
    Case('k26-updated-and-created.csv', table(['updated_at', 'created_at', 'stars', 'review'], days('2024-03-{day:02d}'), DAY, STARS, WORDS), {'created_at': 'created_at'}, {'created_at': D1}),
    Case('k27-birth-date-alone.csv', table(['date_of_birth', 'stars', 'review'], days('1990-03-{day:02d}'), STARS, WORDS), {'created_at': None}),
    Case('k28-survey-date-beside-order.csv', table(['order_date', 'survey date', 'stars', 'review'], days('2023-03-{day:02d}'), DAY, STARS, WORDS), {'created_at': 'survey date'}, {'created_at': D1}),
    Case('k29-emotion-of-a-model.csv', table(['text', 'emotion'], WORDS, ['joy', 'anger', 'fear']), {'rating': None, 'text': 'text'}),
    Case('k29b-classes-of-a-model.csv', table(['text', 'emotion'], WORDS, ['happy', 'sad', 'neutral']), {'rating': None, 'csat': None, 'text': 'text'}, note="to take it: --map rating=emotion"),
    Case('k29c-sentiment-beside-stars.csv', table(['text', 'Sentiment', 'stars'], WORDS, ['positive', 'negative', 'neutral'], STARS), {'rating': 'stars'}, {'rating': [5, 1]}),
    Case('k29d-sentiment-alone.csv', table(['text', 'predicted_sentiment'], WORDS, ['Positive', 'Negative', 'Neutral']), {'rating': None, 'csat': None}, note="'predicted_sentiment' looks like what another program read"),
    Case('k29e-russian-tone.csv', table(['Текст', 'Тональность'], RU, ['хорошо', 'плохо', 'нейтрально']), {'rating': None, 'csat': None}),
    Case('k29f-score-inside-sentiment.jsonl', lines([{'text': WORDS[at % 4], 'sentiment': {'label': 'POS', 'score': (0.98, 0.12, 0.71)[at % 3]}} for at in range(10)]), {'rating': None, 'text': 'text'}, note="'sentiment.score' looks like what another program read"),
    Case('k29g-form-of-five-emotions.csv', table(['Message', 'Emotion'], WORDS, ['love', 'hate', 'like', 'dislike', 'neutral']), {'rating': 'Emotion'}, {'rating': [5, 1, 4]}),
    Case('k30-customer-and-operator.csv', table(['Сообщение клиента', 'Ответ оператора', 'Оценка'], RU, 'Здравствуйте, деньги вернули сегодня утром.', STARS), {'text': 'Сообщение клиента', 'rating': 'Оценка'}, {'text': RU[:2]}),
]
# fmt: on


def arrow():
    import pyarrow as pa

    out = io.BytesIO()
    rows = pa.table({"stars": STARS, "review": WORDS})
    with pa.ipc.new_file(out, rows.schema) as writer:
        writer.write_table(rows)
    return out.getvalue()


#: Files of programs that are not read, and the word by which each is refused.
REFUSED = [
    ("answers.sav", b"$FL2@(#) SPSS DATA FILE MS Windows 25.0" + bytes(range(256)) * 4, "SPSS"),
    ("answers.zsav", b"$FL3@(#) SPSS DATA FILE MS Windows 25.0" + bytes(range(256)) * 4, "SPSS"),
    ("answers.dta", b"<stata_dta><header><release>118</release>" + bytes(range(256)) * 4, "Stata"),
    ("answers.rds", gzip.compress(b"X\n\0\0\0\3\0\4\2\1" + bytes(range(256)) * 4), " R "),
    ("answers.RData", gzip.compress(b"RDX3\nX\n\0\0\0\3\0\4\2\1" + bytes(range(256)) * 4), " R "),
    (
        "answers.sas7bdat",
        b"\0" * 12
        + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\0\x09\xc7\x31\x8c\x18\x1f\x10\x11"
        + b"\0" * 900,
        "SAS",
    ),
    ("answers.feather", arrow(), "Arrow"),
    ("answers.avro", b"Obj\x01\x04\x16avro.schema" + bytes(range(256)) * 4, "Avro"),
    ("answers.orc", b"ORC" + bytes(range(256)) * 4 + b"\x08\x03ORC\x17", "ORC"),
    (
        "answers.pkl",
        b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x11pandas.core.frame" + bytes(range(256)) * 2,
        "pickle",
    ),
    ("answers.db", b"SQLite format 3\0" + bytes(range(256)) * 8, "--sql"),
    ("answers.7z", b"7z\xbc\xaf\x27\x1c" + bytes(range(256)) * 4, "7z"),
    ("answers.rar", b"Rar!\x1a\x07\x01\x00" + bytes(range(256)) * 4, "rar archive"),
    (
        "answers.docx",
        packed(**{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"}),
        "Word",
    ),
    (
        "answers.ods",
        packed(
            mimetype="application/vnd.oasis.opendocument.spreadsheet",
            **{"content.xml": "<office:document-content/>"},
        ),
        "OpenDocument",
    ),
    (
        "answers.numbers",
        packed(**{"Index/Document.iwa": b"\0\1\2", "Metadata/Properties.plist": b"bplist00"}),
        "iWork",
    ),
    ("answers.xlsb", packed(**{"[Content_Types].xml": "<Types/>", "xl/workbook.bin": b"\0\1"}), "xlsb"),
    (
        "answers.xml",
        b'<?xml version="1.0" encoding="UTF-8"?>\n<reviews><review stars="5">Good</review><review stars="1">Bad</review></reviews>',
        "XML",
    ),
    ("answers.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "picture"),
    (
        "answers.yaml",
        "".join(f"- stars: {star}\n  review: {words}\n" for star, words in BODY).encode(),
        "YAML",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_newcomer_is_read_right(tmp_path, case):
    check(tmp_path, case)


@pytest.mark.parametrize(("name", "content", "word"), REFUSED, ids=[name for name, *_ in REFUSED])
def test_what_is_not_read_is_called_by_its_name(tmp_path, name, content, word):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as refused, open_inputs([path]) as feed:
        list(feed.batches(4))
    assert word in str(refused.value)
