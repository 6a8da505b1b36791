"""The columns an input may have, each declared once: what it holds and which headers mean it.

What settings and ``--map`` may name, how a header is recognised, how a cell becomes a value and which columns
a source needs all follow from here; ``schema.INPUT`` documents what comes out, and a test holds the two
together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "EMPTY_FIELDS",
    "FIELDS",
    "GENERIC_SCORES",
    "INPUT_COLUMNS",
    "QUALIFIED",
    "QUESTIONS",
    "REPLIES",
    "SCALE_NAMES",
    "SURVEY_TYPES",
    "TYPE_COLUMNS",
    "WHEN_EVENTS",
    "WHEN_WORDS",
    "InputColumn",
    "Kind",
    "of_kind",
]

Kind = Literal[
    "id", "label", "date", "words", "score", "flag", "weight", "received", "stage", "amount", "outcome"
]
"""How a cell becomes a value: a string (``id``, ``label``, ``words``), a moment (``date``), a number on a
scale (``score``) or without one (``weight``, ``amount``), yes or no (``flag``, ``outcome``), or that or a
moment (``received``, ``stage``). A weight that cannot be read refuses its row; anything else becomes null and
is counted in a note.
"""


@dataclass(frozen=True)
class InputColumn:
    """A column of ours that an input may fill.

    Attributes
    ----------
    name
        Its name: the left side of ``--map`` and ``[input] columns``.
    kind
        How its cells become values.
    headers
        Headers that mean it, best first, parted by commas: English, then Russian, Bulgarian, Latvian, then a
        few others. They are compared after :func:`earful.readers.columns.fold`, so case, spaces, punctuation
        and diacritics do not matter.
    weak
        Headers that mean it only where nothing better is there.
    by_name
        Whether its headers are recognised; else it is taken only where it is given.
    """

    name: str
    kind: Kind
    headers: str
    weak: str = ""
    by_name: bool = True


# fmt: off
_COLUMNS = (
    InputColumn("review_id", "id", """
        review id, response id, comment id, feedback id, survey response id, ticket id, answer id,
        conversation id, message id, tweet id, complaint id, reference id, record id, row id, unique id, id,
        uuid, guid, issue key, ticket key, case number, ticket number, conversation number, survey id,
        submission id, id отзыва, номер отзыва, id комментария, id ответа, код отзыва, номер обращения, id на
        отзива, номер
        на отзива, id на коментара, atsauksmes id, atsauksmes numurs, komentāra id, id nr
        """),
    InputColumn("product", "label", """
        product, product name, product title, product id, item, item name, product sku, sku, asin, parent
        asin, productid, product model, model name, app name, app, package name, hotel, hotel name,
        restaurant, restaurant name, location name, store name, store, shop, branch, branch name, venue, place
        name, business name, business id, company name, webshop name, service, service name, brand, brand
        name, movie, book title, course, airline, airline name, airport, airport name, lounge name, property,
        property name, listing name, listing, employer, employer name, firm, clothing id, drug name, game,
        game name, bank, clinic, salon, outlet, outlet name, unit, unit name, продукт, название товара,
        наименование товара, товар, название продукта, наименование, модель, услуга, магазин, торговая точка,
        филиал, отель, ресторан, приложение, бренд, артикул, продукт име, име на продукта, име на продукт,
        стока, артикул номер, хотел, търговски обект, обект, приложение име, марка, филм, produkts, produkta
        nosaukums, prece, preces nosaukums, pakalpojums, tirdzniecības vieta, veikals, filiāle, viesnīca,
        restorāns, lietotne, zīmols, modelis, produkt, produktname, artikel, filiale, arbeitgeber, produit,
        nom du produit, magasin, boutique, producto, nombre del producto, tienda, sucursal, prodotto, negozio,
        nazwa produktu, sklep, produto, produs, magazin, ürün, ürün adı, prekė, toode, kauplus
        """, weak="""
        entity, entity name, company, business, place, name, domain url, handle, product handle, listing id,
        course id, book id, movie id, game id, app id, hotel id, restaurant id, store id, shop id, branch id,
        seller, seller name, продавец, търговец, station, location id, place id, gmap id, property id, tour
        id, unternehmen, entreprise, empresa, azienda,
        firma, название
        """),
    InputColumn("touchpoint", "label", """
        touchpoint, touch point, journey stage, journey step, customer journey stage, stage, interaction,
        interaction type, survey touchpoint, moment, episode, точка контакта, точка касания, точка
        взаимодействия, этап, этап пути, этап пути клиента, допирна точка, точка на контакт, етап, saskarsmes
        punkts, saskares punkts, kontaktpunkts, posms
        """),
    InputColumn("channel", "label", """
        channel, survey channel, feedback channel, distribution channel, source of review, review source,
        contact channel, platform, medium, via, канал, канал обращения, канал связи, источник отзыва,
        площадка, канал на обратна връзка, източник на отзива, платформа, kanāls, saziņas kanāls, atsauksmes
        avots, platforma
        """),
    InputColumn("author_id", "label", """
        author id, customer id, user id, reviewer id, respondent id, client id, member id, review consumer
        user id, consumer id, person id, contact id, recipient id, profile id, author, author name, reviewer,
        reviewer name, reviewer nickname, username, user name, review username, nickname, customer,
        respondent, user, user email, email, email address, id автора, автор, имя автора, id клиента, клиент,
        покупатель, id пользователя, пользователь, имя пользователя, ник, код клиента, номер клиента, автор на
        отзива, id на клиента, клиентски номер, потребител, потребителско име, купувач, autors, klienta id,
        klients, klienta numurs, lietotājs, lietotājvārds, pircējs
        """),
    InputColumn("created_at", "date", """
        created at, created, review date, date of review, review created, review created at, review submit
        date and time, review submit millis since epoch, submitted at, submit date, submission date, response
        date, recorded date, recordeddate, completed at, creation date, created date, created time, date
        created, conversation started at, conversation created at, posted at, post date, published at, publish
        date, publication date, date published, answered at, feedback date, survey date, date, datetime, date
        time, date and time, timestamp, unix review time, unixreviewtime, review time, time, end date, start
        date, дата отзыва, дата публикации, дата создания, дата ответа, дата обращения, дата и время, дата,
        создано, время, опубликовано, дата на отзива, дата на публикуване, дата на създаване, дата и час,
        публикувано, час, atsauksmes datums, publicēšanas datums, izveides datums, datums un laiks, datums,
        laiks, izveidots, publicēts, datum, fecha, tarih, published, published date, published at date, date
        reviewed, reviewed at, review datetime, review datetime utc, review creation date, review created
        date, review timestamp, time stamp, create time, dates published date, date of experience, date
        submitted, date posted, date added, posted, posted on, submitted, submitted on, submission time,
        completion time, tweet created, created on, created at date, date review, review dt, created utc,
        creation timestamp, year month, visit date, date of visit, date of stay, stay date, отметка времени,
        дата написания, дата размещения, дата отправки, дата заполнения, дата и время заполнения, дата
        добавления, дата визита, время создания, клеймо за време, времево клеймо, дата на изпращане, дата на
        попълване, дата на посещение, дата на ревюто, laika zīmogs, laikspiedols, iesniegšanas datums,
        aizpildīšanas datums, iesūtīšanas datums, apmeklējuma datums, zeitstempel, horodateur, marca temporal,
        at, добавлено, размещено, написано, добавена на, pievienots, publicēšanas laiks, data, data recenzji,
        data opinii, data recensione, data avaliação, date avis, bewertungsdatum, fecha reseña,
        kuupäev
        """, weak="""
        updated at, updated, last updated, updated time, month, period, месяц, период, месец, mēnesis,
        periods,
        monat, mois, mes, mese, miesiąc
        """),
    InputColumn("title", "words", """
        title, review title, review headline, headline, subject, summary, review summary, heading, заголовок,
        заголовок отзыва, тема, тема отзыва, заглавие, заглавие на отзива, virsraksts, atsauksmes virsraksts,
        temats, titel, titre, título, titolo, tytuł, konu
        """),
    InputColumn("text", "words", """
        text, review text, review body, review content, review comment, reviews.text, comment text, feedback
        text, response text, comment body, feedback comment, nps comment, nps feedback, nps reason, csat
        comment, ces comment, score comment, reason for score, reason for your score, reason for rating,
        rating reason, rating comment, verbatim, verbatims, verbatim comment, customer comment, customer
        feedback, customer review, guest comment, guest review, user review, user comment, user feedback,
        public comment, review, reviews, comment, comments, feedback, body, message body, content, full text,
        full review, raw text, original text, message, opinion, remark, remarks, open ended response, open
        ended, open text, free text, freetext, answer, response, testimonial, tweet, post, description, note,
        notes, last teammate rating remark, sentence, document, utterance, narrative, complaint, consumer
        complaint narrative, текст отзыва, текст комментария, текст сообщения, текст обращения, отзыв, отзывы,
        комментарий, комментарии, комментарий клиента, отзыв клиента, отзыв покупателя, текст, мнение, мнения,
        сообщение, содержание, содержание отзыва, обращение, жалоба, обратная связь, ответ, рецензия,
        примечание, описание, текст на отзива, текст на ревюто, текст на коментара, отзив, отзиви, ревю,
        ревюта, коментар, коментари, мнения на клиенти, съдържание, съобщение, обратна връзка, отговор,
        оплакване, бележка, бележки, atsauksmes teksts, komentāra teksts, atsauksme, atsauksmes, klienta
        atsauksme, komentārs, komentāri, klienta komentārs, viedoklis, viedokļi, teksts, saturs, ziņa,
        atgriezeniskā saite, atbilde, sūdzība, piezīme, piezīmes, apraksts, recenzija, bewertungstext,
        rezension, kommentar, rückmeldung, avis, commentaire, verbatim client, reseña, opinión, comentario,
        comentarios, recensione, commento, opinia, komentarz, atsiliepimas, komentaras, yorum, yorumlar,
        відгук, коментар клієнта, текст відгуку, suggestions, suggestion, improvements, пожелания,
        предложения, препоръки, предложения за подобрение, ieteikumi, priekšlikumi, opinión del cliente,
        verbesserungsvorschläge, sugerencias, sugestie, uwagi, treść opinii, recenzie, arvustus,
        advice to management, advice
        """, weak="reply text, summary"),
    InputColumn("rating", "score", """
        rating, star rating, stars, review rating, review stars, rating stars, user rating, overall rating,
        rating overall, overall score, overall, customer rating, guest rating, client rating, traveler rating,
        traveller rating, buyer rating, author rating, reviewer rating, member rating, visitor rating, patient
        rating, diner rating, student rating, my rating, your rating, note, ваша оценка, вашата оценка, оценка
        гостя, оценка клиента, оценка пользователя, оценка посетителя, моя оценка, моята оценка, jūsu
        vērtējums, klienta vērtējums, pircēja vērtējums, mans vērtējums, member score, visitor score, guest
        score, customer score, product rating, review score, reviewer score, rating value, review rating
        value, rate, star, n stars, rating score, num stars, points, grade, mark, score, рейтинг, оценка,
        оценка отзыва, оценка покупателя, общая оценка, звезды, звёзды, звезд, балл, баллы, количество звезд,
        число звезд, обща оценка, брой звезди, звезди, оценка на клиента, точки, vērtējums, kopējais
        vērtējums, zvaigznes, zvaigžņu skaits, novērtējums, reitings, atzīme, bewertung, sterne, note globale,
        note client, étoiles, puntuación, calificación, estrellas, valutazione, stelle, voto, ocena,
        įvertinimas, puan, оцінка, gesamtbewertung, valoración, valoración general, gwiazdki, liczba gwiazdek,
        note sur, hinnang, hinne, avaliação, beoordeling, betyg, оценка заказа, оценка покупки, оценка визита,
        emotion, happiness rating, survey score, survey rating
        """),
    InputColumn("nps", "score", """
        nps, nps score, nps rating, nps group, nps category, nps segment, nps class, nps answer, nps response,
        nps value, net promoter score, net promoter, likelihood to recommend, likely to recommend, ltr, ltr
        score, recommendation score, recommendation likelihood, would recommend score, индекс nps, оценка nps,
        балл nps, вероятность рекомендации, готовность рекомендовать, готовность рекомендации, вероятност за
        препоръка, вероятность рекомендовать, nps оценка, группа nps, категория nps, сегмент nps, nps група,
        nps сегмент, nps grupa, nps kategorija, nps segments, nps vērtējums, ieteikšanas varbūtība,
        iespējamība ieteikt
        """),
    InputColumn("csat", "score", """
        csat, csat score, csat rating, customer satisfaction, customer satisfaction score, satisfaction,
        satisfaction score, satisfaction rating, overall satisfaction, satisfaction level, ticket
        satisfaction,
        ticket satisfaction rating, ticket satisfaction score, survey result,
        survey results, cx score rating, удовлетворенность, удовлетворённость, уровень удовлетворенности,
        оценка удовлетворенности, степень удовлетворенности, индекс удовлетворенности, удовлетвореност,
        удовлетвореност на клиента, ниво на удовлетвореност, apmierinātība, klientu apmierinātība,
        apmierinātības vērtējums, apmierinātības līmenis, zufriedenheit, satisfacción, soddisfazione
        """),
    InputColumn("ces", "score", """
        ces, ces score, ces rating, customer effort, customer effort score, effort, effort score, ease score,
        ease of use score, ease rating, усилия, оценка усилий, индекс усилий, усилие, оценка на усилието,
        piepūle, piepūles vērtējums
        """),
    InputColumn("recommended", "flag", """
        recommended, recommend, would recommend, recommended ind, is recommended, recommends, recommend flag,
        recommended flag, would you recommend, voted up, recommendation, recommends product, do recommend,
        recommends company, recommend to a friend, рекомендую, рекомендует, рекомендация, порекомендую,
        рекомендовали бы, советую, препоръчва, препоръчвам, бихте ли препоръчали, препоръка, iesaka, iesaku,
        ieteiktu, vai ieteiktu, ieteikums, рекомендую друзьям, рекомендует друзьям, weiterempfehlung,
        weiterempfehlen, recommande, je recommande, recomienda, lo recomienda, consiglio, polecam, poleca,
        soovitan
        """),
    # A weight is never recognised: it would change every number, and "weight" may be a product's.
    InputColumn("weight", "weight", """
        weight, weights, weighting, sample weight, survey weight, respondent weight
        """, by_name=False),
    InputColumn("received", "received", """
        received at, received, date received, received date, complaint date, complaint received, complaint
        received at, дата жалобы, дата поступления, дата на жалбата, sūdzības datums
        """),
    InputColumn("acknowledged", "stage", """
        acknowledged at, acknowledged, acknowledged date, first response at, first response date, first reply
        at, first reply date, first responded at, first response time stamp, дата первого ответа, дата на
        първи отговор, pirmās atbildes datums
        """),
    InputColumn("apologised", "stage", """
        apologised at, apologized at, apologised, apologized, apology sent at, apology date, apology
        """),
    InputColumn("resolved", "stage", """
        resolved at, resolved, resolution date, date resolved, resolved date, solved at, solved date, closed
        at, closed date, дата решения, дата закрытия, дата на решаване, atrisināts
        """),
    InputColumn("followed_up", "stage", """
        followed up at, followed up, follow up date, follow up at, followup date, followed up date
        """),
    InputColumn("orders", "amount", """
        orders, order count, orders count, number of orders, n orders, total orders, num orders, purchases,
        purchase count, number of purchases, visits, number of visits, visit count, количество заказов, число
        заказов, количество покупок, брой поръчки, pasūtījumu skaits
        """),
    InputColumn("order_value", "amount", """
        order value, average order value, avg order value, aov, order amount, order total, basket value,
        average basket, average ticket, purchase amount, сумма заказа, средний чек, стойност на поръчката,
        pasūtījuma summa
        """),
    InputColumn("annual_value", "amount", """
        annual value, annual customer value, customer annual value, yearly value, yearly customer value
        """),
    InputColumn("retained", "outcome", """
        retained, is retained, customer retained, came back, repurchased, repeat purchase, renewed
        """),
    InputColumn("churned", "outcome", """
        churned, churn, is churned, has churned, churn flag, is churn, customer churned, ушел, отток
        """),
)
# fmt: on

#: Every column by its name, in the order in which a mapping is shown.
INPUT_COLUMNS: dict[str, InputColumn] = {column.name: column for column in _COLUMNS}

#: Whole questions as headers, as (our column, pattern); compared with the header in lower case, without
#: diacritics and punctuation. The first match wins.
QUESTIONS: tuple[tuple[str, str], ...] = (
    ("nps", r"how likely .*recommend|likel.* (to|you) .*recommend|recommend.* likel"),
    ("nps", r"on a scale.*recommend|wie wahrscheinlich .*empfehl|que tan probable .*recom[ie]"),
    ("nps", r"(quelle .*probabilit|probable) .*recommand|jak .*prawdopodobn.* pole[cć]"),
    ("nps", r"quanto .*probabile .*consigli"),
    ("nps", r"насколько вероятно.*(рекоменд|посовет)|вероятн.*порекоменд"),
    ("nps", r"готовы.*(рекоменд|посовет).*(друз|знаком)"),
    ("nps", r"колко вероятно.*препор|доколко.*препор|вероятн.*препор"),
    ("nps", r"cik (liela|iespejam|ticam).*iete?i[kc]|iespejamib.*iete?i[kc]"),
    ("nps", r"varbutib.*iete?i[kc]"),
    ("nps", r"(recommend|порекоменд|посовет|препоръч|iete?i[kc]|iesak).* [01] (to |до |lidz )?10\b"),
    ("recommended", r"(would|do|will) you recommend|порекомендуете|рекомендуете ли|посоветуете ли"),
    ("recommended", r"бихте ли .*препоръчали|препоръчвате ли|vai (jus |tu )?(ieteiktu|iesakat|ieteiksiet)"),
    ("recommended", r"(wurden|werden) sie .*empfehlen|nos recomendaria|(recommanderiez|recommandez) vous"),
    ("recommended", r"czy (polec|zarekomend)|(ci |vi )?consiglier(este|ebbe|esti)"),
    ("ces", r"how (easy|difficult) |made it easy|how much effort"),
    ("ces", r"wie (einfach|leicht|schwierig) |que tan facil|jak łatwo|quanto e stato facile"),
    ("ces", r"насколько (легко|просто|сложно)|сколько усилий"),
    ("ces", r"колко (лесно|трудно) |колко усили|cik (viegli|gruti|vienkarsi) |cik daudz pul"),
    ("csat", r"how satisfied|satisfied .*(are|were) you|насколько .*(удовлетвор|довол)"),
    ("csat", r"wie zufrieden|(que tan|cuan) satisfech|(etes|avez) vous .*satisfait"),
    ("csat", r"jak .*zadowolon|quanto .*soddisfatt"),
    ("csat", r"доколко .*доволн"),
    ("csat", r"^(удовлетворенность|удовлетвореност) (сервис|обслуж|работ|качеств|покупк|от |с )"),
    ("csat", r"^apmierinatiba ar |^satisfaction with |^zufriedenheit mit "),
    ("csat", r"колко .*(доволн|удовлетвор)|cik apmierinat"),
    ("rating", r"how would you rate|rate (your|our|the) |оцените |как .*оценяте|бихте ли оценили"),
    ("rating", r"ka jus vertejat|novertejiet"),
    ("text", r"(reason|why) .*(score|rating|answer)|why did you|tell us (more|why|what|about)"),
    ("text", r"please (explain|describe)"),
    ("text", r"what (could|can|should|would|did|do|is|was|made) |anything (else|to add)"),
    ("text", r"(other|additional) (comment|feedback)"),
    ("text", r"advice (to|for) |was (hat|konnen|konnten|sollten|wurden|war) |warum |por que |pourquoi "),
    ("text", r"que (podemos|podriamos|pouvons|pourrions)|cosa (possiamo|ti|vi)"),
    ("text", r"dlaczego |co (mozemy|mozna|sie|powinni)"),
    ("text", r"(your|any) (comment|feedback|review|opinion|thoughts)|improve|suggestion"),
    ("text", r"почему |поясните|расскажите|что (нам|мы|вам|бы|можно|понравил|не понравил)"),
    ("text", r"пожелания|предложения"),
    ("text", r"защо |разкажете|споделете|какво (можем|ви|не ви|да)|предложения|препоръки за"),
    ("text", r"kas (jums|tev|jus) (vis\w+ )?(patik|nepatik)"),
    ("text", r"kapec |pastastiet|ludzu paskaidrojiet|ko (mes|jums|varam|var)|ieteikumi"),
    ("text", r"priekslikumi"),
)

# fmt: off
#: Fields of a review that are parts of what it says, whatever else is: headers of praise, then of complaint.
FIELDS: tuple[str, ...] = (
    """
    pros, pro, liked, likes, what i liked, what i like, likes about, things i liked, positive review, positive
    reviews, positive comment, positive feedback, positives, positive, positive text, advantages, advantage,
    benefits, strengths, the good, good things, best, best thing, best things, best part, the best, praise,
    compliments, what went well, review pros, pros text, достоинства, достоинство, плюсы, преимущества,
    понравилось, что понравилось, положительное, положительный отзыв, понравилось гостю, что вам понравилось,
    предимства, плюсове, положително, похвали, харесва ми, какво ви хареса, положителен отзив, priekšrocības,
    plusi, pozitīvais, pozitīvā atsauksme, patika, kas patika, kas jums patika, vorteile, gefallen, hat mir
    gefallen, gut am arbeitgeber finde ich, avantages, points positifs, points forts, ce que j ai aimé, j ai
    aimé, ventajas, puntos fuertes, lo mejor, lo bueno, lo positivo, lo que más me gustó, lo que me gustó, me
    gustó, vantaggi, pregi, mi è piaciuto, vantagens, zalety, plusy, podobało mi się, co mi się podobało,
    privalumai, eelised, plussid, переваги, artılar, avantajlar, voordelen, pluspunten, fördelar, fordele,
    hyvää
    """,
    """
    cons, con, disliked, dislikes, what i disliked, what i dislike, negative review, negative reviews,
    negative comment, negative feedback, negatives, negative, negative text, disadvantages, disadvantage,
    drawbacks, weaknesses, the bad, bad things, worst, worst thing, worst things, worst part, the worst,
    criticism, criticisms, what went wrong, review cons, cons text, недостатки, недостаток, минусы, не
    понравилось, что не понравилось, отрицательное, отрицательный отзыв, не понравилось гостю, что вам не
    понравилось, недостатъци, минуси, отрицателно, критики, не харесва ми, какво не ви хареса, отрицателен
    отзив, trūkumi, mīnusi, negatīvais, negatīvā atsauksme, nepatika, kas nepatika, kas jums nepatika,
    nachteile, nicht gefallen, hat mir nicht gefallen, schlecht am arbeitgeber finde ich, inconvénients,
    points négatifs, points faibles, ce que je n ai pas aimé, je n ai pas aimé, desventajas, contras, puntos
    débiles, lo peor, lo malo, lo negativo, lo que menos me gustó, lo que no me gustó, no me gustó, svantaggi,
    difetti, non mi è piaciuto, desvantagens, wady, minusy, nie podobało mi się, co mi się nie podobało,
    trūkumai, puudused, miinused, недоліки, eksiler, dezavantajlar, nadelen, minpunten, nackdelar, ulemper,
    huonoa
    """,
)
#: What stands in a field in which nothing is said, besides the answers that say nothing anywhere.
EMPTY_FIELDS = """
    no negative, no negatives, no positive, no positives, nothing, nothing at all, none, no cons, no pros, no
    complaints, нет недостатков, недостатков нет, не обнаружено, не обнаружил, не обнаружила, не выявлено, не
    нашел, не нашла, не нашёл, отсутствуют, пока нет, пока не обнаружил, пока не обнаружено, пока не выявлено,
    без недостатков, ничего, нету, нема, няма недостатъци, няма такива, нищо, без забележки, nav trūkumu, nav
    mīnusu, nekas, neko, neatradu, pagaidām nav, nekādu, keine, nichts, aucun, rien, ninguno, ninguna, nada,
    nessuno, niente, brak, nic, nėra, puudub, yok, geen
"""
#: Words that stand before or after the subject where a survey asks the same of several: "Comment delivery".
#: A number under such a header is no overall score where there are several of them.
QUALIFIED: dict[str, str] = {
    "nps": "nps",
    "csat": "csat",
    "ces": "ces",
    "text": """
        comment, comments, feedback, review, reason, verbatim, remark, remarks, комментарий, отзыв, коментар,
        отзив, komentārs, atsauksme, kommentar, commentaire, comentario
        """,
}
#: What an answer of the business is called; it is never the customer's words. As patterns over a header in
#: lower case, without diacritics and punctuation.
REPLIES = (
    r"(?<!\w)(owner|developer|dev|seller|merchant|company|business|host|hotel|management|manager|shop|store|vendor"
    r"|agent|support|staff|brand|provider|supplier|admin|our) ?(s )?(reply|answer|response)"
    # A comment on the store or the staff is the customer's.
    r"|(?<!\w)(owner|developer|dev|seller|merchant|company|business|host|manager|vendor|agent|operator|admin"
    r"|our) ?(s )?(comment|message)"
    r"|^(review)?reply( |$)|^(review )?repl(y|ied)|(reply|replies)( |$)(?!to)|^response from"
    r"|(ответ|сообщение) (продавца|компании|магазина|производителя|разработчика|представителя|бренда"
    r"|поддержки|отеля|оператора|агента|сотрудника|менеджера|администратора|специалиста)"
    r"|(отговор|съобщение) (на|от) (търговеца|магазина|компанията|продавача|фирмата|хотела|оператора"
    r"|служителя)"
    r"|(uznemuma|pardeveja|veikala|razotaja|izstradataja|operatora|darbinieka) (atbilde|zina)"
    r"|antwort des|reponse du|respuesta del"
)

#: What a column is called in which another program says what it read in the words: no answer of a customer's,
#: though a form may ask for an emotion. As a pattern over a header in lower case, without diacritics.
READ_BY_OTHERS = (
    r"(?<!\w)(sentiments?|emotions?|polarity|tone|mood|тональност\w*|сентимент\w*|эмоци\w+|настроени\w+|тоналност\w*"
    r"|емоци\w+|noskanojum\w+|emocij\w+|stimmung|emozion\w+|emocion(es)?|sentimientos?)(?!\w)"
)

#: A header made of these alone says when a review was written: what dates are called, what is done with a
#: review, and the words between ("Survey scored datetime", "Date de l'avis", "Дата создания отзыва").
WHEN_WORDS = """
    date, datetime, time, timestamp, day, on, at, of, the, utc, gmt, local, дата, время, дня, день, и, на, в,
    час, datums, laiks, un, datum, zeit, am, der, des, fecha, de, la, del, el, l, le, data, da, do, op,
    godzina, kuupäev
"""
WHEN_EVENTS = """
    ticket, responded, geplaatst, avaliação, review, reviewed, reviews, submitted, submission, published,
    publication, publish, posted, post, created,
    creation, written, added, rated, scored, survey, feedback, comment, interview, completed, recorded,
    отзыва, отзыв, публикации, размещения, создания, написания, добавления, оценки, комментария, опроса,
    заполнения, отзива, ревюто, публикуване, създаване, добавяне, оценката, коментара, анкетата, попълване,
    atsauksmes, publicēšanas, izveides, pievienošanas, vērtējuma, komentāra, aptaujas, aizpildīšanas,
    bewertung, rezension, erstellt, veröffentlicht, abgegeben, eingereicht, kommentars, avis, publication,
    création, dépôt, publié, commentaire, reseña, opinión, publicación, creación, valoración, recensione,
    pubblicazione, opinii, dodania, wystawienia, utworzenia, publikacji
"""

#: Columns that say of each row which survey it answers, and what they call ours.
TYPE_COLUMNS = """
    survey type, question type, type of survey, survey kind, metric, metric type, score type, feedback type,
    program type, survey metric, rating type, тип опроса, тип вопроса, тип на анкетата, aptaujas veids
"""
SURVEY_TYPES: dict[str, str] = {
    "nps": "nps, net promoter score, enps, relational nps, transactional nps, net promoter, recommend",
    "csat": "csat, customer satisfaction, satisfaction, customer satisfaction score, smileys",
    "ces": "ces, customer effort, customer effort score, effort",
    "rating": "5star, 5 star, 5 stars, five star, star, stars, rating, star rating",
}
#: Headers of a score that do not say which question it answers.
GENERIC_SCORES = """
    score, rating, answer, response, value, points, survey score, response score, answer value, answer score,
    result, survey answer, response value, оценка, балл, ответ, оценка респондента, отговор, vērtējums,
    atbilde
"""
# fmt: on

#: What a column with an end of a signal's scale is called: ``{}`` stands for a header of the signal's.
SCALE_NAMES: dict[str, str] = {
    "min": "{} min, min {}, {} scale min, {} minimum, minimum {}, lowest {}, worst {}, {} from",
    "max": "{} max, max {}, {} scale max, {} maximum, maximum {}, highest {}, best {}, {} out of, {} scale",
}


def of_kind(*kinds: Kind) -> tuple[str, ...]:
    """Give the names of the columns of some kinds."""
    return tuple(column.name for column in _COLUMNS if column.kind in kinds)
