"""Abbreviations whose dot may end no sentence, and the labels that feedback forms put before an answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

__all__ = ["LABELS", "Known", "abbreviations"]

#: Abbreviations that always have something after them: titles, units before a name, "for example".
_NEVER = {
    "en": (
        "mr mrs ms dr prof st mt vs e.g i.e eg ie cf no. nos fig figs vol pp ca approx gen sen rep gov "
        "capt lt col sgt rev hon dept messrs al viz"
    ),
    "ru": (
        "т.е т.к т.н т.о напр г-н г-жа гр ул просп пр-т пл обл р-н стр гл рис табл см ср проф акад доц "
        "зам зав им св кв д корп тел факс моб сокр букв б.у и.о в.т.ч т.ч ок пос дер наб пер ш бул"
    ),
    "bg": (
        "напр т.е т.нар т.н г-н г-жа г-ца проф доц д-р инж бул ул кв бл вх ет ап обл общ стр гл вж ср св "
        "тел арх акад полк ген кап чл ал в с"
    ),
    "lv": (
        "piem t.i t.s sk resp prof dr doc kand tālr nod lpp red sast tulk dz d.v plkst gs bij t.sk š.g sv"
    ),
    "lt": "pvz t.y prof dr doc g pr al pl vnt tel žr plg t.t vad",
    "uk": "напр т.зв т.к проф акад доц вул просп пл обл р-н див ст св ім тел м с",
    "de": (
        "z.b bzw ca d.h dr prof hr fr nr str tel evtl ggf inkl exkl vgl sog st o.ä u.a zzgl max min mio mrd"
    ),
    "fr": "m mm mme mlle dr pr st ste cf env tél p.ex av bd ex vol",
    "es": "sr sra srta dr dra d dña prof ud uds vd pág núm tel av avda c p.ej aprox ej",
    "it": "sig sigg dott dott.ssa prof ing avv es p.es tel pag vol cfr ca",
    "pt": "sr sra dr dra prof profa av pág tel p.ex ex núm aprox",
    "nl": ("dhr mevr mw dr prof ir drs bijv bv d.w.z o.a nl m.b.t t.o.v i.p.v incl excl ca evt vgl tel"),
    "pl": ("np m.in tj tzn tzw dr prof mgr inż ul al pl św pan godz ok tel os str zob por ks hab lek ww jw"),
    "cs": "např tj tzv mj dr ing mgr prof doc ul nám tel str resp popř cca kap p pí sv",
    "sk": "napr tj tzv mgr ing dr prof doc ul nám tel str resp príp cca p sv",
    "hr": "npr tj tzv dr prof ing ul sv god br str g gđa",
    "sr": "npr tj tzv dr prof ul sv god br str нпр тј тзв др проф ул св бр стр",
    "tr": "dr prof doç sn av bkz örn vb tel cad sok mah no",
}
#: Abbreviations that may stand at a sentence's end: the next letter's case decides.
_MAYBE = {
    "en": (
        "etc inc ltd co corp jr sr a.m p.m am pm u.s u.k u.s.a ph.d approx min max sec hrs hr oz lb lbs "
        "ft ave blvd rd jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun est "
        "dept p.s no"
    ),
    "ru": (
        "т.д т.п др пр г гг в вв н.э руб р коп тыс млн млрд трлн мин сек час ч шт кг гр л м см км мм п "
        "пп чел стр экз долл т.к янв февр апр авг сент окт нояб дек и.т.д итд п.с"
    ),
    "bg": ("др т.н пр г гг н.е лв ст хил млн млрд мин сек ч бр кг гр л м см км мм чл и.т.н т.н итн"),
    "lv": ("u.c utt u.tml tml gs g milj mljrd tūkst min sek st gab kg l m cm km eur lat sant p.s u.t.t nr"),
    "lt": "kt t.t pan d m mln mlrd tūkst min val vnt eur ct nr r",
    "uk": "т.д т.п ін р рр ст грн коп тис млн млрд хв год шт кг",
    "de": "usw etc u.s.w uvm std min sek tel u.ä jan feb okt nov dez nr",
    "fr": "etc min max no",
    "es": "etc min máx ee.uu no",
    "it": "ecc etc min max n no",
    "pt": "etc min máx n",
    "nl": "enz etc min max nr no",
    "pl": "itd itp r w zł gr tys mln mld min sek szt nr",
    "cs": "atd apod aj kč min hod č r tis mil",
    "sk": "atď apod a i min hod č r tis mil",
    "hr": "itd sl min sat kn st br",
    "sr": "itd sl min din итд сл мин дин",
    "tr": "vs vd tl dk saat",
}
#: Languages that write an ordinal as a number and a dot.
_ORDINALS = frozenset(
    (
        "lv",
        "de",
        "cs",
        "sk",
        "hr",
        "sr",
        "bs",
        "sl",
        "et",
        "hu",
        "da",
        "nb",
        "no",
        "fi",
        "pl",
        "lt",
        "tr",
        "mk",
    )
)
_CAPITAL_NOUNS = frozenset({"de"})


@dataclass(frozen=True, slots=True)
class Known:
    """The abbreviations of a language, case folded, without their last dot."""

    never: frozenset[str]
    maybe: frozenset[str]
    ordinals: bool
    capital_nouns: bool

    def ordinal(self, number: str, following: str) -> bool:
        """Say whether a number with a dot is an ordinal, from the character that follows."""
        return (self.ordinals and following.islower()) or (
            self.capital_nouns and len(number) < 3 and following.isupper()
        )


@cache
def abbreviations(lang: str) -> Known:
    """Give the abbreviations of a language; of all languages where it has none listed."""
    langs = [lang] if lang in _NEVER else list(_NEVER)
    maybe = frozenset(word for one in langs for word in _MAYBE[one].split())
    never = frozenset(word for one in langs for word in _NEVER[one].split())
    return Known(never - maybe, maybe, lang in _ORDINALS or lang not in _NEVER, lang in _CAPITAL_NOUNS)


#: Labels of feedback forms, as alternatives of a regular expression; a colon follows them.
LABELS = (
    r"pros|cons|advantages|disadvantages|likes|dislikes|plus(?:es)?|minus(?:es)?|summary|verdict|"
    r"bottom line|достоинства|недостатки|плюсы|минусы|преимущества|отзыв|комментарий|вывод|итог|"
    r"понравилось|не понравилось|предимства|недостатъци|плюсове|минуси|плюс|минус|мнение|коментар|"
    r"заключение|plusi|mīnusi|priekšrocības|trūkumi|atsauksme|komentārs|secinājums|vorteile|nachteile|"
    r"fazit|avantages|inconvénients|points forts|points faibles|ventajas|desventajas|inconvenientes|"
    r"vantaggi|svantaggi|pregi|difetti|vantagens|desvantagens|voordelen|nadelen|pluspunten|minpunten|"
    r"zalety|wady|výhody|nevýhody|klady|zápory|artıları|eksileri|переваги|недоліки|privalumai|trūkumai"
)
