"""Their columns to ours: as given, else by export, else by name and cells, else (the text) by content."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from earful.config import InputConfig, ScalesConfig
from earful.errors import InputError
from earful.input_columns import INPUT_COLUMNS, of_kind
from earful.readers.columns import (
    Doubt,
    check_given,
    fold,
    is_read_by_others,
    match_names,
    option,
    qualified,
    scale_columns,
)
from earful.readers.mapped import How, Mapped, Typed
from earful.readers.numbers import NumberProfile
from earful.readers.profile import FEW, GENERIC, SURE, Pass
from earful.readers.rejects import headers, listed
from earful.readers.scales import ScaleRule, make_rule
from earful.readers.texts import TextFinder
from earful.readers.values import as_flag, as_number, or_none
from earful.schema import SIGNALS

if TYPE_CHECKING:
    from earful.readers.exports import Export

__all__ = ["How", "Mapped", "Typed", "map_columns"]


#: A source without any of these has nothing to say.
_HAS_WORDS_OR_SCORES = frozenset(of_kind("words", "score", "flag"))
_SCORES = frozenset(of_kind("score", "flag"))
_BEST = (
    r"(?:very good|excellent|best|(?:very|extremely) satisfied|strongly agree|extremely likely|sehr gut"
    r"|sehr zufrieden|отлично|очень хорошо|очень довол|полностью (?:удовлетвор|соглас)|отличен|много добър"
    r"|много довол|напълно съглас|най-добр|ļoti labi|teicami|izcili|ļoti apmierināt|pilnīgi piekrīt"
    r"|très bien|très satisf|excelente|muy satisf|bardzo dobr)"
)
#: A header or a cell that says that 1 is the best: "Note (1 = sehr gut, 6 = ungenügend)", "sehr gut (1)".
_LOW_IS_BEST = re.compile(rf"(?<!\d)1\s*[=:.)(–—-]\s*{_BEST}|^{_BEST}\s*[=:(–—-]\s*1(?!\d)", re.IGNORECASE)
#: No scale goes beyond this.
_MOST_SCALE = 100
#: A column with less than this share of the cells of another that could serve is as good as empty.
_NEARLY_EMPTY = 0.1
_MOST_NAMED = 6
#: A form that asks for an emotion has so many steps ("hate" to "love"); a program tells two or three classes.
_FORM_STEPS = 5
_OTHERS = "looks like what another program read in the words, which is no customer's answer"


def map_columns(
    names: list[str], seen: Pass, config: InputConfig, where: str, export: Export | None = None
) -> Mapped:
    """Settle which of their columns is which of ours.

    Raises
    ------
    InputError
        A given column does not exist, or no column holds words or scores.
    """
    return _Mapper(names, seen, config, where, export).mapped()


class _Mapper:
    """Maps the columns of one source."""

    def __init__(
        self, names: list[str], seen: Pass, config: InputConfig, where: str, export: Export | None
    ) -> None:
        self._names, self._seen, self._config, self._where = names, seen, config, where
        self._export = export
        left_out = export.ignored(names) if export else set()
        self._offered = [
            name
            for name in names
            if not scale_columns(name) and name not in seen.types and name not in left_out
        ]
        self._fullest: dict[str, int] = {}
        for name in self._offered:
            for offer in seen.offers(name):
                filled = seen.columns[name].filled
                self._fullest[offer.ours] = max(self._fullest.get(offer.ours, 0), filled)
        self._product: str | None = None

    def mapped(self) -> Mapped:
        """Map by all means, in the order in which they count."""
        firsts = {ours: (self._config.columns_of(ours) or ("",))[0] for ours in self._config.columns}
        given = check_given(firsts, self._names, self._where)
        unused = {ours: "" for ours, theirs in firsts.items() if not theirs}
        by_export = self._by_export({**given, **unused})
        taken = {**given, **by_export, **unused}
        self._product = taken.get("product") or self._match(taken)[0].get("product")
        by_name, doubts = self._match(taken)
        how: dict[str, How] = {
            **dict.fromkeys(by_name, "name"),
            **dict.fromkeys(by_export, "export"),
            **dict.fromkeys(given, "given"),
        }
        result = Mapped({**by_name, **by_export, **given}, how, doubts=doubts)
        self._without_averages(result)
        self._without_others_readings(result)
        self._with_types(result, unused)
        texts = TextFinder(self._names, self._offered, self._seen, self._config, self._where, self._export)
        texts.turn(result)
        if "text" not in unused:
            texts.find(result)
        self._with_qualified(result, unused)
        self._without_reversed(result)
        self._doubt_scores(result)
        self._doubt_answers(result)
        if _HAS_WORDS_OR_SCORES.isdisjoint(result.columns):
            raise InputError(
                f"no column with words or scores was recognised among: {headers(self._names)}",
                where=self._where,
                fix="name it, for instance --map text=COLUMN",
            )
        result.columns = {ours: result.columns[ours] for ours in INPUT_COLUMNS if ours in result.columns}
        result.how = {ours: result.how[ours] for ours in result.columns}
        return result

    def _match(self, taken: dict[str, str]) -> tuple[dict[str, str], list[Doubt]]:
        return match_names(
            self._offered, taken, self._seen.misfit, offered=self._seen.offers, weigh=self._against
        )

    def _against(self, ours: str, theirs: str) -> int:
        """Say how much speaks against a column: it is empty, or does not look like what it should be."""
        column, fullest = self._seen.columns[theirs], self._fullest.get(ours, 0)
        if column.filled == 0:
            return 4 if fullest else 0
        if fullest >= FEW and column.filled < _NEARLY_EMPTY * fullest:
            return 3
        if ours == "text":
            return 0 if column.wordy or column.filled < FEW else 2
        if ours == "product":
            return int(2 * column.bare >= column.filled)  # a name before a number
        if ours in SIGNALS:
            numbers = 2 * column.bare >= column.filled
            return 2 * (self._seen.varied(theirs, self._product) == 0.0) + (not numbers)
        return 0

    def _by_export(self, taken: dict[str, str]) -> dict[str, str]:
        if self._export is None:
            return {}
        found: dict[str, str] = {}
        for ours, theirs in self._export.mapping(self._names).items():
            if ours in taken:
                continue
            # What is taken out of another cell is there only where a row could be read.
            there = [name for name in theirs if name in self._seen.columns]
            fitting = [name for name in there if self._seen.misfit(ours, name) is None]
            fitting = [name for name in fitting if name not in {*taken.values(), *found.values()}]
            filled = [name for name in fitting if self._seen.columns[name].filled]
            if fitting:
                found[ours] = (filled or fitting)[0]
        return found

    def _without_averages(self, result: Mapped) -> None:
        """Leave out a score that is a product's and not a review's: the same fraction in all its rows."""
        for ours in SIGNALS:
            theirs = result.columns.get(ours)
            if theirs is None or result.how[ours] == "given":
                continue
            column = self._seen.columns[theirs]
            if column.filled < SURE or self._seen.varied(theirs, self._product) != 0.0:
                continue
            what = f"{theirs!r} is the same in every row of a product"
            if 2 * column.fractions >= column.filled:
                del result.columns[ours], result.how[ours]
                what += f", as a product's average is; it is not taken as {ours}"
                result.doubts.append(Doubt(ours, (theirs,), what, f"to take it: {option(ours, theirs)}"))
            elif column.within.get(self._product or "") is not None and self._product:
                what += f"; it is read as each review's {ours}, and may be the product's"
                result.doubts.append(Doubt(ours, (theirs,), what, f"to leave it out: --map {ours}="))

    def _without_others_readings(self, result: Mapped) -> None:
        """Leave out a score that another program read in the words, as its name and its cells say."""
        for ours in SIGNALS:
            theirs = result.columns.get(ours)
            if theirs is None or result.how[ours] != "name" or not self._read_by_others(theirs):
                continue
            del result.columns[ours], result.how[ours]
            what = f"{theirs!r} {_OTHERS}; it is not taken as {ours}"
            result.doubts.append(Doubt(ours, (theirs,), what, f"to take it: {option(ours, theirs)}"))

    def _read_by_others(self, name: str) -> bool:
        """Say whether another program filled a column; a question, numbers or five steps are a form's."""
        column = self._seen.columns[name]
        if name in self._seen.questions or not is_read_by_others(name):
            return False
        if is_read_by_others(name.rpartition(".")[0]):
            return True  # "sentiment.score": a form has no answers inside an emotion
        if self._numeric(name):
            return False
        rule = _rule_of(column.few or {})
        return rule.scale.max - rule.scale.min < _FORM_STEPS - 1

    def _with_types(self, result: Mapped, unused: dict[str, str]) -> None:
        """Where a column names the survey of each row, read a score without a name as the answer to that."""
        by = next((name for name in self._names if self._seen.types.get(name)), None)
        if by is None:
            return
        theirs = self._score_without_name(result)
        if theirs is None:
            return
        kinds = self._seen.types[by]
        wanted = [ours for ours in SIGNALS if ours in kinds.values()]
        for ours in [ours for ours, column in result.columns.items() if column == theirs]:
            if result.how[ours] == "given":
                return
            del result.columns[ours], result.how[ours]
        result.doubts = [doubt for doubt in result.doubts if doubt.theirs[0] != theirs]
        for ours in wanted:
            if ours not in unused and result.how.get(ours) not in ("given", "export"):
                result.columns[ours], result.how[ours] = theirs, "type"
        result.typed = Typed(theirs, by, {cell: ours for cell, ours in kinds.items() if ours in wanted})
        said = ", ".join(sorted(kinds))
        result.notes.append(f"{theirs!r} is read as the question that {by!r} names in each row: {said}")

    def _score_without_name(self, result: Mapped) -> str | None:
        if self._export is not None:
            for name in self._export.typed(self._names):
                return name
        named = [result.columns[ours] for ours in SIGNALS if ours in result.columns]
        named = [name for name in named if fold(name) in GENERIC]
        others = [name for name in self._offered if fold(name) in GENERIC and self._numeric(name)]
        return next(iter([*named, *others]), None)

    def _numeric(self, name: str) -> bool:
        column = self._seen.columns[name]
        return 0 < column.filled <= 2 * column.readable["numbers"]

    def _with_qualified(self, result: Mapped, unused: dict[str, str]) -> None:
        """Take a score of one special case; of several none is the overall one, and all are named."""
        for ours in SIGNALS:
            if ours in result.columns or ours in unused:
                continue
            theirs = [name for name in self._offered if qualified(name) == ours and self._numeric(name)]
            theirs = [name for name in theirs if self._seen.misfit(ours, name) is None]
            if len(theirs) == 1:
                result.columns[ours], result.how[ours] = theirs[0], "name"
            elif theirs:
                shown = listed(theirs, _MOST_NAMED)
                what = (
                    f"{shown} each hold {ours.upper()} answers of their own and none is the overall one;"
                    " none is taken"
                )
                choose = (
                    "to read a row for each: --set input.per_touchpoint=true; "
                    f"to take one: {option(ours, theirs[0])}"
                )
                result.doubts.append(Doubt(ours, tuple(theirs), what, choose))

    def _doubt_scores(self, result: Mapped) -> None:
        """Say where a score that goes by no clear name could answer another question."""
        theirs = result.columns.get("rating")
        if theirs is None or result.how["rating"] != "name" or "nps" in result.columns:
            return
        numbers = self._seen.columns[theirs].numbers
        if fold(theirs) not in GENERIC or numbers is None or numbers.n < 2 * FEW:
            return
        whole = not self._seen.columns[theirs].fractions
        if whole and numbers.zeros and numbers.over[5] and not numbers.over[10]:
            what = (
                f"{theirs!r} holds whole numbers from 0 to 10 and is read as a rating; it may be answers to"
                " 'how likely are you to recommend'"
            )
            choose = f"to read it so: {option('nps', theirs)}"
            result.doubts.append(Doubt("rating", (theirs,), what, choose))

    def _without_reversed(self, result: Mapped) -> None:
        """Leave out a score of which 1 is the best, by its header or its cells: nothing here reads such."""
        for name in self._offered:
            by_header = _LOW_IS_BEST.search(self._seen.questions.get(name) or name)
            if not by_header and not any(map(_LOW_IS_BEST.search, self._seen.columns[name].few or ())):
                continue
            ours = next((ours for ours in SIGNALS if result.columns.get(ours) == name), None)
            if ours is None and not self._seen.columns[name].few:
                continue
            if ours is not None and result.how[ours] != "given":
                del result.columns[ours], result.how[ours]
            said = "read as its worst" if ours in result.columns else "so it is not read"
            told = "header says" if by_header else "cells say"
            what = f"{name!r}: its {told} that 1 is the best answer, {said}"
            choose = "turn the numbers round in the file (7 - x on a scale from 1 to 6), then map it"
            result.doubts.append(Doubt("rating", (name,), what, choose))

    def _doubt_answers(self, result: Mapped) -> None:
        """Where no score is known, name the columns whose cells look like answers on a scale."""
        if not _SCORES.isdisjoint(result.columns):
            return
        used = {*result.columns.values(), *result.parts, *(name for d in result.doubts for name in d.theirs)}
        for name in self._offered:
            few = self._seen.columns[name].few
            # As many values as cells are names or numbers of rows.
            if name in used or not few or len(few) < 2 or sum(few.values()) < max(FEW, 1.5 * len(few)):
                continue
            ours = _answers(few)
            if ours:
                shown = listed(sorted(few), 5)
                what = f"{name!r} may be answers ({shown}); its header names no question, and it is not used"
                if self._read_by_others(name):
                    what = f"{name!r} {_OTHERS} ({shown}); it is not used"
                result.doubts.append(Doubt(ours, (name,), what, f"to use it: {option(ours, name)}"))


def _answers(few: Mapping[str, int]) -> str | None:
    """Say what the few different cells of a column could be: a rating, a yes or no, or neither."""
    if {or_none(as_flag, cell) for cell in few} == {True, False}:
        return "recommended"
    numbers = [number[0] for cell in few if (number := or_none(as_number, cell)) is not None]
    if len(numbers) == len(few):
        return "rating" if all(abs(number) <= _MOST_SCALE for number in numbers) else None
    return "rating" if _rule_of(few).words else None


def _rule_of(few: Mapping[str, int]) -> ScaleRule:
    """Return how the few different cells of a column would be read as ratings."""
    profile = NumberProfile()
    for cell, n in few.items():
        profile.add_cell(cell, None, min(n, FEW))
    return make_rule("rating", "", profile, {}, ScalesConfig())[0]
