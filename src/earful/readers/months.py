"""Months in words: English, Russian, Bulgarian, Latvian, German, Spanish, French."""

from __future__ import annotations

from functools import cache

__all__ = ["month_by_start", "month_number"]

#: For each month its names and cases in full; a cell may cut them short.
_NAMES = (
    "january январь января януари janvāris janvāra janvārī januar jänner enero janvier",
    "february февраль февраля февруари februāris februāra februārī februar febrero février",
    "march март марта mart marts marta martā märz mrz marzo mars",
    "april апрель апреля април aprīlis aprīļa aprīlī abril avril",
    "may май мая maijs maija maijā mai mayo",
    "june июнь июня юни jūnijs jūnija jūnijā juni junio juin",
    "july июль июля юли jūlijs jūlija jūlijā juli julio juillet",
    "august август августа augusts augusta augustā agosto août",
    "september sept сентябрь сентября септември septembris septembra septembrī septiembre septembre",
    "october октябрь октября октомври oktobris oktobra oktobrī oktober octubre octobre",
    "november ноябрь ноября ноември novembris novembra novembrī noviembre novembre",
    "december декабрь декабря декември decembris decembra decembrī dezember diciembre décembre",
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
    # The French names of two months start alike.
    return {start: number for start, number in starts.items() if start != "jui"}


def month_by_start(word: str) -> int | None:
    """Give the month by the first three letters of a word, whatever its ending: for dates with a year."""
    return _starts().get(word[:3]) or month_number(word) or _SHORTEST.get(word.rstrip("."))
