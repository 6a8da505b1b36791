"""Header names that are recognised, as data.

Names are written the readable way; they are compared after :func:`earful.readers.columns.fold`, so case,
spaces, punctuation and diacritics do not matter. Within a column the order is the priority: where a source
has two of these names, the one further up is taken.
"""

from __future__ import annotations

__all__ = ["NAMES", "PATTERNS", "SCALE_NAMES", "WEAK_NAMES"]


def _list(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := " ".join(part.split())))


#: Our column -> names that mean it, best first. English, then Russian, Bulgarian, Latvian, then a few others.
NAMES: dict[str, tuple[str, ...]] = {
    "text": _list(
        """
        text, review text, review body, review content, review comment, reviews.text, comment text,
        feedback text, response text, comment body, feedback comment, nps comment, nps feedback, nps
        reason, csat comment, ces comment, score comment, reason for score, reason for your score,
        reason for rating, rating reason, rating comment, verbatim, verbatims, verbatim comment,
        customer comment, customer feedback, customer review, guest comment, guest review, user
        review, user comment, user feedback, public comment, review, reviews, comment, comments,
        feedback, body, message body, content, full text, full review, raw text, original text,
        message, opinion, remark, remarks, open ended response, open ended, open text, free text,
        freetext, answer, response, testimonial, tweet, post, description, note, notes, last
        teammate rating remark, sentence, document, utterance, narrative, complaint, consumer
        complaint narrative, текст отзыва, текст комментария, текст сообщения, текст обращения,
        отзыв, отзывы, комментарий, комментарии, комментарий клиента, отзыв клиента, отзыв
        покупателя, текст, мнение, мнения, сообщение, содержание, содержание отзыва, обращение,
        жалоба, обратная связь, ответ, рецензия, примечание, описание, текст на отзива, текст на
        ревюто, текст на коментара, отзив, отзиви, ревю, ревюта, коментар, коментари, мнения на
        клиенти, съдържание, съобщение, обратна връзка, отговор, оплакване, бележка, бележки,
        atsauksmes teksts, komentāra teksts, atsauksme, atsauksmes, klienta atsauksme, komentārs,
        komentāri, klienta komentārs, viedoklis, viedokļi, teksts, saturs, ziņa, atgriezeniskā
        saite, atbilde, sūdzība, piezīme, piezīmes, apraksts, recenzija, bewertungstext, rezension,
        kommentar, rückmeldung, avis, commentaire, verbatim client, reseña, opinión, comentario,
        comentarios, recensione, commento, opinia, komentarz, atsiliepimas, komentaras, yorum,
        yorumlar, відгук, коментар клієнта, текст відгуку
        """
    ),
    "title": _list(
        """
        title, review title, review headline, headline, subject, summary, review summary, heading,
        заголовок, заголовок отзыва, тема, тема отзыва, заглавие, заглавие на отзива, virsraksts,
        atsauksmes virsraksts, temats, titel, titre, título, titolo, tytuł, konu
        """
    ),
    "rating": _list(
        """
        rating, star rating, stars, review rating, review stars, rating stars, user rating, overall
        rating, rating overall, overall score, overall, customer rating, product rating, review
        score, reviewer score, rating value, review rating value, rate, star, n stars, rating score,
        num stars, points, grade, mark, score, рейтинг, оценка, оценка отзыва, оценка покупателя,
        общая оценка, звезды, звёзды, звезд, балл, баллы, количество звезд, число звезд, обща
        оценка, брой звезди, звезди, оценка на клиента, точки, vērtējums, kopējais vērtējums,
        zvaigznes, zvaigžņu skaits, novērtējums, reitings, atzīme, bewertung, sterne, note globale,
        note client, étoiles, puntuación, calificación, estrellas, valutazione, stelle, ocena,
        įvertinimas, puan, оцінка
        """
    ),
    "nps": _list(
        """
        nps, nps score, nps rating, nps answer, nps response, nps value, net promoter score, net
        promoter, likelihood to recommend, likely to recommend, ltr, ltr score, recommendation
        score, recommendation likelihood, would recommend score, индекс nps, оценка nps, балл nps,
        вероятность рекомендации, готовность рекомендовать, готовность рекомендации, вероятност за
        препоръка, вероятность рекомендовать, nps оценка, nps vērtējums, ieteikšanas varbūtība,
        iespējamība ieteikt
        """
    ),
    "csat": _list(
        """
        csat, csat score, csat rating, customer satisfaction, customer satisfaction score,
        satisfaction, satisfaction score, satisfaction rating, overall satisfaction, satisfaction
        level, survey result, survey results, cx score rating, удовлетворенность, удовлетворённость,
        уровень удовлетворенности, оценка удовлетворенности, степень удовлетворенности, индекс
        удовлетворенности, удовлетвореност, удовлетвореност на клиента, ниво на удовлетвореност,
        apmierinātība, klientu apmierinātība, apmierinātības vērtējums, apmierinātības līmenis,
        zufriedenheit, satisfacción, soddisfazione
        """
    ),
    "ces": _list(
        """
        ces, ces score, ces rating, customer effort, customer effort score, effort, effort score,
        ease score, ease of use score, ease rating, усилия, оценка усилий, индекс усилий,
        усилие, оценка на усилието, piepūle, piepūles vērtējums
        """
    ),
    "product": _list(
        """
        product, product name, product title, product id, item, item name, product sku, sku, asin,
        parent asin, productid, product model, model name, app name, app, package name, hotel, hotel
        name, restaurant, restaurant name, location name, store name, store, shop, branch, branch
        name, venue, place name, business name, business id, company name, webshop name, service,
        service name, brand, brand name, movie, book title, course, airline, airline name, airport,
        airport name, lounge name, clothing id, drug name, продукт, название товара, наименование
        товара, товар, название продукта, артикул, модель, наименование, услуга, магазин, филиал,
        отель, ресторан, приложение, бренд, продукт име, име на продукта, име на продукт, стока,
        артикул номер, хотел, обект, приложение име, марка, филм, produkts, produkta nosaukums,
        prece, preces nosaukums, pakalpojums, veikals, filiāle, viesnīca, restorāns, lietotne,
        zīmols, modelis, produkt, produktname, artikel, produit, nom du produit, producto, prodotto,
        ürün, prekė
        """
    ),
    "touchpoint": _list(
        """
        touchpoint, touch point, journey stage, journey step, customer journey stage, stage,
        interaction, interaction type, survey touchpoint, moment, episode, точка контакта, точка
        касания, точка взаимодействия, этап, этап пути, этап пути клиента, допирна точка, точка на
        контакт, етап, saskarsmes punkts, saskares punkts, kontaktpunkts, posms
        """
    ),
    "channel": _list(
        """
        channel, survey channel, feedback channel, distribution channel, source of review, review
        source, contact channel, platform, medium, via, канал, канал обращения, канал связи,
        источник отзыва, площадка, канал на обратна връзка, източник на отзива, платформа, kanāls,
        saziņas kanāls, atsauksmes avots, platforma
        """
    ),
    "author_id": _list(
        """
        author id, customer id, user id, reviewer id, respondent id, client id, member id, review
        consumer user id, consumer id, person id, contact id, recipient id, profile id, author,
        author name, reviewer, reviewer name, reviewer nickname, username, user name, review
        username, nickname, customer, respondent, user, user email, email, email address, id автора,
        автор, имя автора, id клиента, клиент, покупатель, id пользователя, пользователь, имя
        пользователя, ник, код клиента, номер клиента, автор на отзива, id на клиента, клиентски
        номер, потребител, потребителско име, купувач, autors, klienta id, klients, klienta numurs,
        lietotājs, lietotājvārds, pircējs
        """
    ),
    "created_at": _list(
        """
        created at, created, review date, date of review, review created, review created at, review
        submit date and time, review submit millis since epoch, submitted at, submit date,
        submission date, response date, recorded date, recordeddate, completed at, creation date,
        created date, created time, date created, conversation started at, conversation created at,
        posted at, post date, published at, publish date, publication date, date published, answered
        at, feedback date, survey date, date, datetime, date time, date and time, timestamp, unix
        review time, unixreviewtime, review time, time, end date, start date, дата отзыва, дата
        публикации, дата создания, дата ответа, дата обращения, дата и время, дата, создано, время,
        опубликовано, дата на отзива, дата на публикуване, дата на създаване, дата и час,
        публикувано, час, atsauksmes datums, publicēšanas datums, izveides datums, datums un laiks,
        datums, laiks, izveidots, publicēts, datum, fecha, tarih
        """
    ),
    "review_id": _list(
        """
        review id, response id, comment id, feedback id, survey response id, ticket id, answer id,
        conversation id, message id, tweet id, complaint id, reference id, record id, row id, id,
        uuid, guid, id отзыва, номер отзыва, id комментария, id ответа, код отзыва, номер обращения,
        id на отзива, номер на отзива, id на коментара, atsauksmes id, atsauksmes numurs, komentāra
        id, id nr
        """
    ),
    "recommended": _list(
        """
        recommended, recommend, would recommend, recommended ind, is recommended, recommends,
        recommend flag, recommended flag, would you recommend, voted up, recommendation, recommends
        product, recommends company, recommend to a friend, рекомендую, рекомендует, рекомендация,
        порекомендую, рекомендовали бы, советую, препоръчва, препоръчвам, бихте ли препоръчали,
        препоръка, iesaka, iesaku, ieteiktu, vai ieteiktu, ieteikums
        """
    ),
    # A weight is never recognised: it would change every number, and "weight" may be a product's.
    "received": _list(
        """
        received at, received, date received, received date, complaint date, complaint received,
        complaint received at, дата жалобы, дата поступления, дата на жалбата, sūdzības datums
        """
    ),
    "acknowledged": _list(
        """
        acknowledged at, acknowledged, acknowledged date, first response at, first response date, first
        reply at, first reply date, first responded at, first response time stamp, дата первого ответа,
        дата на първи отговор, pirmās atbildes datums
        """
    ),
    "apologised": _list(
        """
        apologised at, apologized at, apologised, apologized, apology sent at, apology date, apology
        """
    ),
    "resolved": _list(
        """
        resolved at, resolved, resolution date, date resolved, resolved date, solved at, solved date,
        closed at, closed date, дата решения, дата закрытия, дата на решаване, atrisināts
        """
    ),
    "followed_up": _list(
        """
        followed up at, followed up, follow up date, follow up at, followup date, followed up date
        """
    ),
    "orders": _list(
        """
        orders, order count, orders count, number of orders, n orders, total orders, num orders, purchases,
        purchase count, number of purchases, visits, number of visits, visit count, количество заказов,
        число заказов, количество покупок, брой поръчки, pasūtījumu skaits
        """
    ),
    "order_value": _list(
        """
        order value, average order value, avg order value, aov, order amount, order total, basket value,
        average basket, average ticket, purchase amount, сумма заказа, средний чек, стойност на поръчката,
        pasūtījuma summa
        """
    ),
    "annual_value": _list(
        """
        annual value, annual customer value, customer annual value, yearly value, yearly customer value
        """
    ),
    "churned": _list(
        """
        churned, churn, is churned, has churned, churn flag, is churn, customer churned, ушел, отток
        """
    ),
    "retained": _list(
        """
        retained, is retained, customer retained, came back, repurchased, repeat purchase, renewed
        """
    ),
}

#: Names that are taken only where nothing better is there.
WEAK_NAMES: dict[str, tuple[str, ...]] = {
    "product": _list(
        """
        entity, entity name, company, business, place, name, domain url, название
        """
    ),
    "text": _list(
        """
        pros, reply text, summary
        """
    ),
}

#: Whole questions as headers, as (our column, pattern); compared with the header in lower case, without
#: diacritics and punctuation. The first match wins.
PATTERNS: tuple[tuple[str, str], ...] = (
    ("nps", r"how likely .*recommend|likel.* (to|you) .*recommend|recommend.* likel"),
    ("nps", r"on a scale.*recommend"),
    ("nps", r"насколько вероятно.*(рекоменд|посовет)|вероятн.*порекоменд"),
    ("nps", r"готовы.*(рекоменд|посовет).*(друз|знаком)"),
    ("nps", r"колко вероятно.*препор|доколко.*препор|вероятн.*препор"),
    ("nps", r"cik (liela|iespejam|ticam).*iete?i[kc]|iespejamib.*iete?i[kc]"),
    ("nps", r"varbutib.*iete?i[kc]"),
    ("nps", r"(recommend|порекоменд|посовет|препоръч|iete?i[kc]|iesak).* [01] (to |до |lidz )?10\b"),
    ("recommended", r"(would|do|will) you recommend|порекомендуете|рекомендуете ли|посоветуете ли"),
    ("recommended", r"бихте ли .*препоръчали|препоръчвате ли|vai (jus |tu )?(ieteiktu|iesakat|ieteiksiet)"),
    ("ces", r"how (easy|difficult) |made it easy|how much effort"),
    ("ces", r"насколько (легко|просто|сложно)|сколько усилий"),
    ("ces", r"колко (лесно|трудно) |колко усили|cik (viegli|gruti|vienkarsi) |cik daudz pul"),
    ("csat", r"how satisfied|satisfied .*(are|were) you|насколько .*(удовлетвор|довол)"),
    ("csat", r"доколко .*доволн"),
    ("csat", r"колко .*(доволн|удовлетвор)|cik apmierinat"),
    ("rating", r"how would you rate|rate (your|our|the) |оцените |как .*оценяте|бихте ли оценили"),
    ("rating", r"ka jus vertejat|novertejiet"),
    ("text", r"(reason|why) .*(score|rating|answer)|why did you|tell us (more|why|what|about)"),
    ("text", r"please (explain|describe)"),
    ("text", r"what (could|can|should|would|did|do|is|was|made) |anything (else|to add)"),
    ("text", r"(other|additional) (comment|feedback)"),
    ("text", r"(your|any) (comment|feedback|review|opinion|thoughts)|improve|suggestion"),
    ("text", r"почему |поясните|расскажите|что (нам|мы|вам|бы|можно|понравил|не понравил)"),
    ("text", r"пожелания|предложения"),
    ("text", r"защо |разкажете|споделете|какво (можем|ви|не ви|да)|предложения|препоръки за"),
    ("text", r"kapec |pastastiet|ludzu paskaidrojiet|ko (mes|jums|varam|var)|ieteikumi"),
    ("text", r"priekslikumi"),
)

#: What a column with the ends of a signal's scale is called: ``{}`` stands for a name of the signal's.
SCALE_NAMES: dict[str, tuple[str, ...]] = {
    "min": (
        "{} min",
        "min {}",
        "{} scale min",
        "{} minimum",
        "minimum {}",
        "lowest {}",
        "worst {}",
        "{} from",
    ),
    "max": (
        "{} max",
        "max {}",
        "{} scale max",
        "{} maximum",
        "maximum {}",
        "highest {}",
        "best {}",
        "{} out of",
        "{} scale",
    ),
}
