"""Months in words: English, Russian, Bulgarian, Latvian, and a dozen languages of Europe besides."""

from __future__ import annotations

from functools import cache

__all__ = ["month_by_start", "month_number"]

#: For each month its names and cases in full; a cell may cut them short.
_NAMES = (
    "january январь января януари janvāris janvāra janvārī januar jänner enero janvier ianuarie gennaio"
    " janeiro stycznia styczeń jaanuar sausio ocak січня",
    "february февраль февраля февруари februāris februāra februārī februar febrero février februarie"
    " febbraio fevereiro lutego luty veebruar vasario şubat лютого",
    "march март марта mart marts marta martā märz mrz marzo mars martie março marca marzec märts kovo"
    " березня",
    "april апрель апреля април aprīlis aprīļa aprīlī abril avril aprilie aprile kwietnia kwiecień aprill"
    " balandžio nisan квітня",
    "may май мая maijs maija maijā mai mayo mei maggio maio maja gegužės mayıs травня",
    "june июнь июня юни jūnijs jūnija jūnijā juni junio juin iunie giugno junho czerwca czerwiec juuni"
    " birželio haziran червня",
    "july июль июля юли jūlijs jūlija jūlijā juli julio juillet iulie luglio julho lipca lipiec juuli liepos"
    " temmuz липня",
    "august август августа augusts augusta augustā agosto août augustus sierpnia sierpień rugpjūčio ağustos"
    " серпня",
    "september sept сентябрь сентября септември septembris septembra septembrī septiembre septembre"
    " settembre setembro septembrie września wrzesień rugsėjo eylül вересня",
    "october октябрь октября октомври oktobris oktobra oktobrī oktober octubre octobre octombrie ottobre"
    " outubro października październik oktoober spalio ekim жовтня",
    "november ноябрь ноября ноември novembris novembra novembrī noviembre novembre noiembrie novembro"
    " listopada listopad lapkričio kasım листопада",
    "december декабрь декабря декември decembris decembra decembrī dezember diciembre décembre decembrie"
    " dicembre dezembro grudnia grudzień detsember gruodžio aralık грудня",
)

#: The one that is cut shorter still, in Bulgarian.
_SHORTEST = {"ян": 1}


@cache
def month_number(word: str) -> int | None:
    """Give the month that a word in lower case names in full or cut short to three letters or more."""
    word = word.rstrip(".")
    if len(word) < 3:
        return None
    for number, names in enumerate(_NAMES, 1):
        if any(name.startswith(word) for name in names.split()):
            return number
    return None


@cache
def _starts() -> dict[str, int]:
    starts: dict[str, int] = {}
    for number, names in enumerate(_NAMES, 1):
        for name in names.split():
            starts.setdefault(name[:3], number)
    # The names of two months start alike, in French, Estonian, Lithuanian, and in Polish and Croatian.
    return {start: number for start, number in starts.items() if start not in {"jui", "juu", "rug", "lip"}}


def month_by_start(word: str) -> int | None:
    """Give the month by the first three letters of a word, whatever its ending: for dates with a year."""
    return _starts().get(word[:3]) or month_number(word) or _SHORTEST.get(word.rstrip("."))
