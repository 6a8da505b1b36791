"""Settings: defaults < file < environment (``EARFUL_*``) < command line.

Every key is optional; an unknown key is refused with the nearest known one.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from earful.errors import ConfigError, nearest
from earful.input_columns import INPUT_COLUMNS
from earful.schema import OWN_CUTS, TABLES

__all__ = [
    "CPU",
    "EMULATED",
    "Anchor",
    "AspectsConfig",
    "BehaviourConfig",
    "CesScale",
    "ComplaintsConfig",
    "Config",
    "CsatScale",
    "InputConfig",
    "LoyaltyConfig",
    "NpsScale",
    "ReportConfig",
    "ScalesConfig",
    "SentimentConfig",
    "StagesConfig",
    "ThemesConfig",
    "load_config",
    "merged",
    "toml_value",
]

#: What the rows are cut by unless one of these is named alone.
_CUTS = ("product", "touchpoint")
#: Names that mean something else in the tables; databases do not tell capitals apart.
_TAKEN = {name.casefold() for table in TABLES.values() for name in table.schema.names} - {*_CUTS, *OWN_CUTS}
_TAKEN |= {"p_value", "adjusted_p", "baseline", "baseline_reviews", "overall"}
#: What could run as a formula, steer a terminal or turn its text around, and what parts two names.
_NO_NAME = re.compile("^[=+@-]|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069,]")
_LONGEST_NAME = 60
#: What stands between cuts that are crossed, and how many may be.
_CROSS, _MOST_CROSSED = "*", 3
#: The question that an index is measured on.
Anchor = Literal["auto", "nps", "recommend", "rating", "csat", "words"]
#: Where models run. ``emulated`` computes on the processor as a GPU would, slowly: to see what one changes.
CPU, EMULATED = "cpu", "emulated"
_DEVICES = f"{CPU}, cuda, cuda:N, {EMULATED}"
_DEVICE = re.compile(rf"{CPU}|{EMULATED}|cuda(:\d{{1,2}})?")
NPS_PRESETS = {"standard": (6, 9), "promoters_8": (6, 8)}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputConfig(_Section):
    """How the input is read: ``columns`` maps our names to theirs, an empty one means that none is used.

    ``redact`` masks personal details before anything is written.

    Of ``text`` several columns may be given: each is a part of the review. ``question`` is what the survey
    asked, where the texts are answers to one: "the queues" says otherwise after "What could we improve?".
    ``sheet`` of a workbook goes by its name or number; ``skip_rows`` are passed over at the top of a table,
    and ``header_rows`` (0: none) come next. ``per_touchpoint`` makes a row of each thing that a line answers
    about (``NPS delivery``, ``NPS store``).
    """

    columns: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    question: str | None = Field(default=None, max_length=1000)
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    redact: bool = False
    sheet: str | int | None = None
    header_rows: int | None = Field(default=None, ge=0, le=10)
    skip_rows: int = Field(default=0, ge=0)
    per_touchpoint: bool = False

    def columns_of(self, ours: str) -> tuple[str, ...]:
        """Give the columns that are given for one of ours; none where that is left open or has none."""
        given = self.columns.get(ours) or ()
        return (given,) if isinstance(given, str) else given

    @field_validator("columns", mode="before")
    @classmethod
    def _known(cls, columns: Any) -> Any:
        if not isinstance(columns, Mapping):
            return columns
        for name in map(str, columns):
            if name not in INPUT_COLUMNS:
                hint, allowed = nearest(name, INPUT_COLUMNS), ", ".join(INPUT_COLUMNS)
                raise ValueError(f"{name!r} is not a column of ours{hint}; allowed: {allowed}")
            if isinstance(columns[name], list | tuple) and name != "text":
                raise ValueError(f"{name!r} can be one column only; of several, text alone is made")
        return {
            ours: "" if theirs is None else tuple(theirs) if isinstance(theirs, list) else theirs
            for ours, theirs in columns.items()
        }


class NpsScale(_Section):
    """The NPS question's scale and cut points.

    ``preset`` names cut points: ``standard`` (promoters from 9) or ``promoters_8`` (promoters from 8); both
    have detractors up to 6.
    """

    min: int = 0
    max: int = 10
    detractor_max: int = 6
    promoter_min: int = 9
    preset: Literal["standard", "promoters_8"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _apply_preset(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and values.get("preset") in NPS_PRESETS:
            detractor_max, promoter_min = NPS_PRESETS[values["preset"]]
            return {"detractor_max": detractor_max, "promoter_min": promoter_min, **values}
        return values

    @model_validator(mode="after")
    def _ordered(self) -> NpsScale:
        if not self.min <= self.detractor_max < self.promoter_min <= self.max:
            raise ValueError(
                f"cut points must run min <= detractor_max < promoter_min <= max, got {self.min}, "
                f"{self.detractor_max}, {self.promoter_min}, {self.max}"
            )
        return self


class CsatScale(_Section):
    """The satisfaction question's scale; answers from ``satisfied_min`` up count as satisfied."""

    min: int = 1
    max: int = 5
    satisfied_min: int = 4

    @model_validator(mode="after")
    def _ordered(self) -> CsatScale:
        if not self.min < self.satisfied_min <= self.max:
            raise ValueError(f"satisfied_min must be in {self.min + 1}..{self.max}, got {self.satisfied_min}")
        return self


class CesScale(_Section):
    """The effort question's scale; ``direction`` says whether a high answer means ease or effort."""

    min: int = 1
    max: int = 7
    direction: Literal["ease", "effort"]


class ScalesConfig(_Section):
    """Scales that are set; one left out is recognised from the data (a CES direction never is)."""

    rating: tuple[float, float] | None = None
    nps: NpsScale | None = None
    csat: CsatScale | None = None
    ces: CesScale | None = None

    @field_validator("rating")
    @classmethod
    def _ordered(cls, rating: tuple[float, float] | None) -> tuple[float, float] | None:
        if rating is not None and rating[0] >= rating[1]:
            raise ValueError(f"rating must be [worst, best] with worst < best, got {list(rating)}")
        return rating


class SentimentConfig(_Section):
    """Which model reads the words: ``auto``, ``fast``, ``accurate``, a folder or a hub id.

    ``device`` is where it runs: ``cpu``, or a GPU, ``cuda`` or ``cuda:N``, which works in 16 bits, so that
    numbers differ a little from those of the processor.
    """

    model: str = "auto"
    device: str = CPU

    @field_validator("device")
    @classmethod
    def _a_device(cls, device: str) -> str:
        if not _DEVICE.fullmatch(device):
            raise ValueError(f"{device[:80]!r} is no device; allowed: {_DEVICES}")
        return device


class ThemesConfig(_Section):
    """Which themes are looked for: ``cx`` (built in) or a TOML file; none with ``find = false``.

    ``embeddings`` keeps a vector of every segment in the run, for ``earful themes discover`` and ``apply``.
    """

    taxonomy: str = "cx"
    find: bool = True
    embeddings: bool = True


class AspectsConfig(_Section):
    """Whether the words that an opinion is about are found; if not, a theme has its segment's polarity."""

    find: bool = True


class StagesConfig(_Section):
    """Stages of other packages that a run is to have besides its own, by the names of their entry points."""

    add: tuple[str, ...] = ()


class LoyaltyConfig(_Section):
    """How the index is cut, how sure it must be, and whom it stands for.

    ``by`` names ``product``, ``touchpoint`` or both, and any column of the input besides: by its header
    (``country``), or under a name of one's own (``country=Ship-to country``); a star crosses two or three of
    them (``product*country``).
    ``margins`` is a file of known shares of customers (``column,value,share``); ``target`` an index that the
    table says the distance to. ``anchor`` is the question that the index is measured on, by default the best
    that was asked; ``about`` says whom it is about: ``customers`` like those who wrote, or these ``rows``
    alone.
    """

    by: tuple[str, ...] = _CUTS
    anchor: Anchor = "auto"
    about: Literal["customers", "rows"] = "customers"
    period: Literal["week", "month", "quarter", "year"] = "month"
    level: float = Field(default=0.95, gt=0.5, lt=1)
    min_reviews: int = Field(default=30, ge=1)
    margins: str | None = None
    target: float | None = Field(default=None, ge=-100, le=100)

    @property
    def cuts(self) -> dict[str, str]:
        """What the rows are cut by besides product and touchpoint: the name -> the column of the input."""
        pairs = (entry.partition("=") for entry in self.by if entry not in _CUTS and not _is_cross(entry))
        return {name: theirs or name for name, _, theirs in pairs}

    @property
    def crosses(self) -> list[tuple[str, ...]]:
        """What the rows are cut by several at a time, besides product and touchpoint: names of cuts."""
        return [tuple(entry.split(_CROSS)) for entry in self.by if _is_cross(entry)]

    @field_validator("by")
    @classmethod
    def _named(cls, by: tuple[str, ...]) -> tuple[str, ...]:
        plain = [_cut(entry) for entry in by if not _is_cross(entry)]
        crosses = []
        for entry in filter(_is_cross, by):
            crosses.append(_crossed(entry, plain))
            # What is crossed is a cut by itself as well.
            plain += [name for name in crosses[-1] if name not in _names(plain)]
        entries = tuple(dict.fromkeys([*plain, *map(_CROSS.join, crosses)]))
        names = [entry.partition("=")[0].casefold() for entry in entries]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"{twice!r} is named twice")
        # A column is cut by beside product and touchpoint, and not in their place.
        return entries if not entries or set(entries) & set(_CUTS) else (*_CUTS, *entries)


def _is_cross(entry: str) -> bool:
    return "=" not in entry and len(entry.split(_CROSS)) > 1 and all(map(str.strip, entry.split(_CROSS)))


def _names(entries: Iterable[str]) -> list[str]:
    return [entry.partition("=")[0] for entry in entries]


def _crossed(entry: str, plain: Iterable[str]) -> tuple[str, ...]:
    """Check which cuts are to be crossed; those that are named besides may have a name of their own."""
    known = {name.casefold(): name for name in _names(plain)}
    parts = [part.strip() for part in entry.split(_CROSS)]
    names = tuple(known.get(part.casefold()) or _cut(part) for part in parts)
    if len(names) > _MOST_CROSSED or len(set(names)) < len(names):
        raise ValueError(f"{entry[:80]!r} cannot be crossed; allowed: two or three different cuts, A*B")
    return names


def _cut(entry: str) -> str:
    """Check what the rows are to be cut by, and write it one way."""
    name, equals, theirs = (part.strip() for part in entry.partition("="))
    own = next((one for one in (*_CUTS, *OWN_CUTS) if one == name.casefold()), None)
    if own is not None:
        if equals:
            raise ValueError(f"{entry!r}: {own} is a column of ours; say --map {own}={theirs}")
        return own
    if not name or (equals and not theirs) or len(name) > _LONGEST_NAME or _NO_NAME.search(name):
        raise ValueError(
            f"{entry[:80]!r} cannot name a cut; allowed: a column's header, or NAME=HEADER with a name of up "
            f"to {_LONGEST_NAME} letters, digits and spaces"
        )
    if name.casefold() in _TAKEN:
        raise ValueError(
            f"{name!r} is a name that the tables have already; give it another: 'my_{name}={theirs or name}'"
        )
    return f"{name}={theirs}" if equals and theirs != name else name


class ComplaintsConfig(_Section):
    """What is promised to those who complain, and what a complaint puts at risk.

    ``target_share`` of complaints reach ``target_stage`` within ``target_days`` (every day, or ``business``
    days). Open cases have waited until ``as_of``, by default the last moment in the data. ``churn_rate`` and
    ``customer_value`` (a year) stand in for what no column says.
    """

    target_share: float = Field(default=0.85, gt=0, lt=1)
    target_days: float = Field(default=3.0, gt=0)
    target_stage: Literal["acknowledged", "apologised", "resolved", "followed_up"] = "acknowledged"
    calendar: Literal["days", "business"] = "days"
    repeat_days: float = Field(default=90.0, gt=0)
    churn_rate: float | None = Field(default=None, ge=0, le=1)
    customer_value: float | None = Field(default=None, ge=0)
    as_of: date | None = None


class BehaviourConfig(_Section):
    """What is known of customers besides their feedback.

    ``orders`` is a file of orders (customer, time, amount), looked at in the ``days`` before ``as_of``, by
    default the last order; ``asked`` the number of customers who were asked for feedback.
    """

    orders: str | None = None
    days: int = Field(default=365, ge=1)
    as_of: date | None = None
    asked: int | None = Field(default=None, ge=1)


class ReportConfig(_Section):
    """The language of the report: English, Russian, Bulgarian or Latvian."""

    lang: Literal["en", "ru", "bg", "lv"] = "en"


class Config(_Section):
    """All settings of a run, as resolved."""

    input: InputConfig = InputConfig()
    scales: ScalesConfig = ScalesConfig()
    sentiment: SentimentConfig = SentimentConfig()
    themes: ThemesConfig = ThemesConfig()
    aspects: AspectsConfig = AspectsConfig()
    stages: StagesConfig = StagesConfig()
    loyalty: LoyaltyConfig = LoyaltyConfig()
    complaints: ComplaintsConfig = ComplaintsConfig()
    behaviour: BehaviourConfig = BehaviourConfig()
    report: ReportConfig = ReportConfig()


def load_config(
    path: str | Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """Resolve the settings: defaults < file < environment < overrides.

    Parameters
    ----------
    path
        A TOML file, or ``None``.
    overrides
        Nested settings of the command line or of the caller: ``{"sentiment": {"model": "fast"}}``.
    environ
        Where ``EARFUL_SECTION_KEY`` variables are read from; by default the process's environment. A value
        is read as TOML where it is TOML (``[1, 5]``, ``0.9``) and as a plain string otherwise.

    Raises
    ------
    ConfigError
        The file cannot be read, a key is unknown, or a value is out of range.
    """
    settings: dict[str, Any] = {}
    where = "settings"
    if path is not None:
        settings = _read_toml(Path(path))
        where = str(path)
    settings = merged(settings, _from_environment(os.environ if environ is None else environ))
    settings = merged(settings, overrides or {})
    try:
        return Config.model_validate(settings)
    except ValidationError as error:
        raise _as_config_error(error, where) from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot be read ({error.strerror})", where=str(path), fix="check --config"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"is not TOML ({error})", where=str(path)) from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for section in Config.model_fields:
        prefix = f"EARFUL_{section.upper()}_"
        for name, text in environ.items():
            if name.startswith(prefix):
                settings.setdefault(section, {})[name.removeprefix(prefix).lower()] = toml_value(text)
    return settings


def toml_value(text: str) -> Any:
    """Read a setting's value as TOML where it is TOML, and as a plain string otherwise."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Give nested settings with others laid over them; neither is changed."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        result[key] = merged(below, value) if both else value  # type: ignore[arg-type]
    return result


def _as_config_error(error: ValidationError, where: str) -> ConfigError:
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    key = ".".join(path)
    if first["type"] == "extra_forbidden":
        known = list(_section_at(path[:-1]).model_fields)
        return ConfigError(
            f"unknown key {key!r}{nearest(path[-1], known)}", where=where, allowed=", ".join(known)
        )
    message = first["msg"].removeprefix("Value error, ")
    got = first.get("input")
    shown = f", got {got!r}" if isinstance(got, str | int | float) else ""
    return ConfigError(f"{key}: {message}{shown}" if key else message, where=where)


def _section_at(path: list[str]) -> type[BaseModel]:
    section: type[BaseModel] = Config
    for name in path:
        annotation = section.model_fields[name].annotation
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        section = next(c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel))
    return section
