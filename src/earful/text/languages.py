"""What is known of languages by hand: scripts, alphabets, frequent words. Read by ``language``."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ALPHABETS",
    "ROMANISED",
    "SCRIPTS",
    "SINGLE_LANGUAGE_SCRIPTS",
    "TELLING_LETTERS",
    "WORDS",
    "Script",
    "romanised",
]


@dataclass(frozen=True, slots=True)
class Script:
    """A script: its ranges of code points, and the languages that are written in it."""

    name: str
    ranges: tuple[tuple[int, int], ...]
    languages: frozenset[str] = frozenset()


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


SCRIPTS = {
    script.name: script
    for script in (
        Script(
            "Latin",
            (
                (0x41, 0x5A),
                (0x61, 0x7A),
                (0xAA, 0xAA),
                (0xBA, 0xBA),
                (0xC0, 0x24F),
                (0x1E00, 0x1EFF),
                (0xFF21, 0xFF5A),
            ),
            _codes(
                "af az bs ca cs cy da de en eo es et eu fi fr ga gl hr ht hu id is it jv ku la lb lt lv "
                "mg ms mt nb nl nn no oc pl pt qu ro rw sk sl so sq sr sv sw tl tr uz vi wa wo xh yo zu"
            ),
        ),
        Script(
            "Cyrillic",
            ((0x400, 0x52F), (0x1C80, 0x1C8F), (0xA640, 0xA69F)),
            _codes("be bg kk ky mk mn ru sr tg tt uk"),
        ),
        Script(
            "Arabic",
            ((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
            _codes("ar fa ps ug ur"),
        ),
        Script("Devanagari", ((0x900, 0x97F), (0xA8E0, 0xA8FF)), _codes("hi mr ne")),
        Script("Greek", ((0x370, 0x3FF), (0x1F00, 0x1FFF))),
        Script("Hebrew", ((0x590, 0x5FF), (0xFB1D, 0xFB4F))),
        Script("Armenian", ((0x530, 0x58F),)),
        Script("Georgian", ((0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F))),
        Script("Bengali", ((0x980, 0x9FF),), _codes("as bn")),
        Script("Gurmukhi", ((0xA00, 0xA7F),)),
        Script("Gujarati", ((0xA80, 0xAFF),)),
        Script("Oriya", ((0xB00, 0xB7F),)),
        Script("Tamil", ((0xB80, 0xBFF),)),
        Script("Telugu", ((0xC00, 0xC7F),)),
        Script("Kannada", ((0xC80, 0xCFF),)),
        Script("Malayalam", ((0xD00, 0xD7F),)),
        Script("Sinhala", ((0xD80, 0xDFF),)),
        Script("Thai", ((0xE00, 0xE7F),)),
        Script("Lao", ((0xE80, 0xEFF),)),
        Script("Myanmar", ((0x1000, 0x109F),)),
        Script("Khmer", ((0x1780, 0x17FF),)),
        Script("Ethiopic", ((0x1200, 0x139F),)),
        Script("Hangul", ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))),
        Script("Kana", ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9D))),
        Script("Han", ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))),
    )
}

#: Scripts that, in customer feedback, one language is written in.
SINGLE_LANGUAGE_SCRIPTS = {
    "Greek": "el",
    "Hebrew": "he",
    "Armenian": "hy",
    "Georgian": "ka",
    "Gurmukhi": "pa",
    "Gujarati": "gu",
    "Oriya": "or",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Sinhala": "si",
    "Thai": "th",
    "Lao": "lo",
    "Myanmar": "my",
    "Khmer": "km",
    "Ethiopic": "am",
    "Hangul": "ko",
    "Kana": "ja",
    "Han": "zh",
}

_CYRILLIC = "абвгдежзклмнопрстуфхцчш"
#: Letters of each language, beyond a to z in the Latin ones. One that has none here is seldom met
#: in feedback, and often guessed by mistake.
ALPHABETS = {
    "be": _CYRILLIC + "ёійўыьэюя",
    "bg": _CYRILLIC + "ийщъьюяѝ",
    "kk": _CYRILLIC + "ёийщъыьэюяәғқңөұүһі",
    "mk": _CYRILLIC + "ѓѕиј" + "љњќџѐѝ",
    "ru": _CYRILLIC + "ёийщъыьэюя",
    "sr": _CYRILLIC + "ђијљњћџ" + "čćđšž",
    "uk": _CYRILLIC + "ґєиіїйщьюя",
    "bs": "čćđšž",
    "ca": "àçéèíïóòúü",
    "cs": "áčďéěíňóřšťúůýž",
    "da": "æøåé",
    "de": "äöüß",
    "en": "",
    "es": "áéíóúñü",
    "et": "äöõüšž",
    "fi": "äöå",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "hr": "čćđšž",
    "hu": "áéíóöőúüű",
    "it": "àèéìòù",
    "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņšūž",
    "nb": "æøåé",
    "nl": "ëéïóöüèáúí",
    "no": "æøåé",
    "pl": "ąćęłńóśźż",
    "pt": "áâãàçéêíóôõúü",
    "ro": "ăâîșțşţ",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "sl": "čšž",
    "sv": "åäöé",
    "tr": "çğıöşüâîû̇",
}
#: Letters that a Cyrillic language cannot do without for long, and their share of its letters.
TELLING_LETTERS = {
    "be": ("іўыэё", 0.15),
    "kk": ("әғқңөұүһі", 0.2),
    "mk": ("јѓќљњџѕ", 0.05),
    "sr": ("јђљњћџ", 0.07),
    "uk": ("іїєґ", 0.08),
    "ru": ("ыэё", 0.025),
    "bg": ("ъ", 0.015),
}
#: Languages so near each other that a short text is often right in each.
ONE_LANGUAGE = ("bs", "hr", "sr")
#: Languages that most feedback is in.
COMMON = frozenset({"bg", "de", "en", "es", "fr", "it", "lv", "nl", "pl", "pt", "ru", "tr"})

#: Frequent words of each language, and the words that short feedback is made of.
WORDS = {
    "en": (
        "the and is was it to of i a in for not you my this that with very good great nice bad love app "
        "are but have has had be they we so can no just all at from as your or if please thanks thank "
        "excellent best service awesome amazing easy helpful price quality what when how will would "
        "don't doesn't it's i'm works work nothing never always too much more really ok okay well back "
        "time get use it up out only one like happy poor terrible worst cool perfect delivery product "
        "food place staff friendly clean slow fast cheap expensive recommend money"
    ),
    "de": (
        "der die das und ist nicht ich es ein eine zu mit sehr gut aber auch auf für war wir sie den dem "
        "im von wie so schlecht schön immer alles nur noch kein keine bei bin hat haben wurde leider "
        "essen preis danke toll man super nichts mehr schnell freundlich nett mir mein was oder wenn als "
        "zum"
    ),
    "fr": (
        "le la les et est pas de des un une je il très bien mais pour dans que qui avec ne ce c'est du "
        "au sur plus bon bonne merci trop tout nous vous mon service prix rien produit mauvais rapide "
        "accueil j'ai était été fait sont on en l'accueil d'un peu choix magasin personnel qualité "
        "client caisse manque"
    ),
    "es": (
        "el la los las y es no de un una que en muy bien pero con por para me se lo mi todo bueno buena "
        "malo mala gracias servicio comida excelente más como está este esta del al sin nada siempre "
        "mejor precio calidad lugar recomiendo son fue si su yo te hay"
    ),
    "it": (
        "il la le e è non di un una che in molto bene ma con per mi si lo mio tutto buono buona ottimo "
        "grazie servizio più come sono anche questo questa del della al alla ho ha nel sempre prezzo "
        "qualità ottima cibo gli"
    ),
    "pt": (
        "o a os as e é não de um uma que em muito bem mas com por para me se meu tudo bom boa ótimo "
        "obrigado serviço mais como está este esta do da no na ao sem nada sempre melhor preço qualidade "
        "foi são eu você já"
    ),
    "nl": (
        "de het en is niet een ik van dat die in met voor zijn op te was maar ook erg goed heel lekker "
        "zeer we je er aan om bij eten slecht bediening prijs geen wel hebben naar nog dit als mooi "
        "vriendelijk"
    ),
    "pl": (
        "i w nie na się z do to jest że jak ale o co za bardzo dobry dobra dobrze tak po był była "
        "polecam tylko już przez od jestem mam pan doktor lekarz hotel obsługa dla jedzenie są te ten ta "
        "czy miły oraz wszystko super"
    ),
    "cs": (
        "a je se v na to že s z do i o ale jak tak za jsem byl byla bylo velmi dobré dobrý jen už co ve "
        "si jsme mi není jídlo obsluha by jako pro nic moc super k po jsou od výborné restaurace"
    ),
    "sk": (
        "a je sa v na to že s z do i o ale ako tak za som bol bola bolo veľmi dobré dobrý len už čo vo "
        "si sme mi nie jedlo obsluha by pre nič super k po sú od výborné"
    ),
    "lv": (
        "un ir ka no uz ar bet ļoti man es par kā tas vai nav lai pie ja bija tikai vēl jau tā arī to "
        "gan kas labi labs laba slikti paldies pa kad mēs jūs viņš tur te nu tad būs visu viss nekas "
        "tomēr šis šo garšīgi garšīga ēst šodien lieliski apkalpošana piegāde cena kvalitāte iesaku ātri "
        "forši super dēļ būt savu tev mums vairs pat pēc jo cik kur kafija "
        "jauki jauka smuka forša garšīgs garšoja kažoku žēl ātra lēni dārgi lēti skaisti ļauni "
        "cilvēki vienmēr nekad laipni laipna apkalpo garša ēdiens pirkums sūtījums veikals "
        "atbilst teicami teicama izcili normāli nezinu varbūt manis sev"
    ),
    "lt": (
        "ir yra kad į su bet labai man aš apie kaip tai ar nėra kol prie jei buvo tik dar jau taip ne iš "
        "per už gerai geras gera blogai ačiū po kai mes jūs jis čia viskas nieko vis šis šį skanu kaina "
        "kokybė rekomenduoju greitai puiku o kas nuo prekė aptarnavimas pristatymas puikus puikiai labas"
    ),
    "et": (
        "ja on ei see ma oli et ka väga kui ta mis hea mu sa aga siis kas nii oma seda ole me kõik mida "
        "veel midagi pole teenindus toit aitäh selle minu ning või sest ära"
    ),
    "tr": (
        "ve bir bu çok için de da ne ama ile var yok güzel iyi kötü gibi daha en mi değil o ben olarak "
        "kadar her şey hizmet yemek teşekkürler süper fiyat lezzetli mekan servis"
    ),
    "ro": (
        "și si este nu de un o la în cu pe din pentru foarte bun bună dar mai sunt am a fost care mi ce să"
    ),
    "hu": "a az és nem egy hogy is de nagyon jó van volt csak meg ez már szép mert ki mint rossz",
    "sv": ("och är inte det att en jag som på med för av så var mycket bra men till den ett har dålig"),
    "da": ("og er ikke det at en jeg som på med for af så var meget god men til den et har dårlig godt"),
    "no": ("og er ikke det at en jeg som på med for av så var veldig bra men til den et har dårlig god"),
    "fi": ("ja on ei se että oli hyvä mutta en olen kun niin ovat ole tämä todella hyvin huono palvelu"),
    "hr": (
        "i je u da se na su za ne od s što nije ali to kao sam koji vrlo dobro dobar jako samo bi smo "
        "hrana sve si te ovo mi me ti šta što tko bio bila treba nema ovaj "
        "odličan odlična odlično najbolji najbolja baš ocjena preporuka sjajan sjajno osoblje "
        "ljubazno usluga cijena ukusno"
    ),
    "sr": (
        "i je u da se na su za ne od s sto šta sta nije ali to kao sam koji vrlo dobro dobar jako samo "
        "bi smo sve film filma ovaj ovo mi me ti bio bila treba nema ima и је у да се на су за не од с "
        "што шта није али то као сам који врло добро добар само све филм овај ово ми ме ти био била "
        "треба нема има "
        "odličan odlican odlična odlicna odlično odlicno najbolji najbolja baš bas glupost užas "
        "uzas ocena preporuka sjajan sjajno sta večeras gledao gledala filma glumci prica priča"
    ),
    "bs": ("i je u da se na su za ne od s što šta nije ali to kao sam koji vrlo dobro samo bi smo sve"),
    "sl": (
        "in je v da se na so za ne od z s kaj ni ali to kot sem ki zelo dobro dober samo bi smo vse pa "
        "tako še mi me ti kako bil bila biti ga jaz"
    ),
    "ru": (
        "и в не на что я с это как но а по у за то все всё так очень из мне для от был была было они мы "
        "он она хорошо плохо хороший отлично спасибо только меня уже если или нет да бы же есть книга "
        "книги банк банка сбербанк нормально супер ещё еще до быстро удобно рекомендую качество доставка "
        "товар цена вы чтобы когда их ее его просто можно ничего сервис этот эта фильм больше надо "
        "почему где кто всем вам хорошая отличный "
        "прекрасно прекрасный прекрасная ужасно ужасный ужас круто класс отличное отличные хорошее "
        "хорошие плохой плохая понравилось понравился понравилась нравится читать книгу фильма "
        "смотреть автор история приложение работает телефон деньги карта обслуживание персонал "
        "вкусно вкусный вкусная дорого дешево дёшево медленно долго никогда всегда сегодня "
        "благодарю пожалуйста красиво красота люди человек день время лет года раз давно "
        "много мало быстро его тут там себя"
    ),
    "uk": (
        "і й в не на що я з це як але а та у за то все так дуже із мені для від був була було вони ми "
        "він вона добре погано гарний чудово дякую тільки мене вже якщо або ні бути до швидко зручно "
        "рекомендую якість доставка товар ціна є немає ще щоб коли його її мій нормально "
        "чудовий чудова смачно жахливо дуже обслуговування персонал швидка гарно гарна гарний коли "
        "хто цей ця ці книга люди час"
    ),
    "be": (
        "і не на што я з гэта як але а у за то усё так вельмі мне для ад быў была было яны мы ён яна "
        "добра дзякуй толькі ўжо калі або няма"
    ),
    "bg": (
        "и в не на че да се е с за от но по как това много ми си са го ще съм има няма беше добър добре "
        "хубав филм филма филмът най до със той тя те ни също само още вече ли един една за аз което "
        "който която като но нещо нищо всичко страхотен супер интересен при след бих препоръчвам "
        "качество доставка цена бързо лошо доста ама може трябва какво защо кой къде така просто повече "
        "две сте сме бяха ги му ти вас тези тази този зле "
        "забавен забавно забавна смешен смешно смешна скучен скучно скучна слаб слаба слабо ужасен "
        "ужасна ужасно става красив красива хубаво хубава хубави добро добра добри велик велика "
        "гениален уникален уникално страхотна страхотно страхотни тъп тъпо време пари заслужава "
        "гледах гледане гледам филмче филмчето сюжет игра актьори благодаря моля бързо бавно скъпо "
        "евтино обслужване персонал храна вкусно вкусна нищо никога винаги голям голяма малък малка "
        "човек хора ден също заради твърде"
    ),
    "mk": (
        "и во не на дека да се е со за од но по како тоа многу ми си го ќе сум има нема беше добро добар "
        "убав филм со тој таа тие ни исто само уште веќе ли еден една јас што кој која ништо сѐ се сте "
        "сме оваа овој"
    ),
}

#: How Bulgarian and Russian are typed in Latin letters: one scheme a line, letters it changes by the first.
_LATIN = dict(zip("абвгдезийклмнопрстуфх", "abvgdeziiklmnoprstufh", strict=True))
_SCHEMES = {
    "bg": (
        "ж:zh ц:ts ч:ch ш:sh щ:sht ъ:a ь:y ю:yu я:ya й:y",
        "ж:j ц:c ч:ch ш:sh щ:sht ъ:y ь:i ю:iu я:ia й:i",
        "ж:j ц:c ч:4 ш:6 щ:6t ъ:u ь:i ю:iu я:q й:j",
        "ж:j ц:c ч:ch ш:sh щ:sht ъ:u ь:i ю:iu я:q й:i в:w",
    ),
    "ru": (
        "ж:zh ц:ts ч:ch ш:sh щ:sch ъ: ь: ы:y э:e ю:yu я:ya ё:yo й:y",
        "ж:j ц:c ч:ch ш:sh щ:sh ъ: ь: ы:i э:e ю:u я:ia ё:e й:i х:kh",
        "ж:zh ц:c ч:ch ш:sh щ:shh ъ:' ь:' ы:y э:e ю:ju я:ja ё:jo й:j х:x",
    ),
}


def romanised(text: str, lang: str) -> list[str]:
    """Give a Bulgarian or Russian text as it may be typed in Latin letters, by each way of typing."""
    tables: list[dict[str, str | int | None]] = [
        {**_LATIN, **{pair[0]: pair[2:] for pair in scheme.split()}} for scheme in _SCHEMES[lang]
    ]
    return list(dict.fromkeys(text.translate(str.maketrans(table)) for table in tables))


#: Words that mean no language when they are typed in Latin letters.
_INTERNATIONAL = frozenset({"банк", "банка", "класс", "персонал", "супер", "телефон", "фильм", "филм"})
#: Words of Cyrillic languages as they are typed in Latin letters.
ROMANISED = {
    lang: " ".join(
        way
        for word in WORDS[lang].split()
        if len(word) > 1 and word not in _INTERNATIONAL
        for way in romanised(word, lang)
    )
    for lang in _SCHEMES
}
