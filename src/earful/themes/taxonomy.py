"""A taxonomy: the themes a company looks for in its feedback, read from TOML.

A taxonomy is one TOML file, or a folder of them that are read in the order of their names. ``cx`` is built
in. The file's shape is described in ``docs/taxonomy.md``.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeGuard

from earful.errors import TaxonomyError, nearest
from earful.themes.notation import check_phrases

__all__ = [
    "ANY",
    "Taxonomy",
    "Theme",
    "builtin_taxonomies",
    "check_id",
    "in_words",
    "load_taxonomy",
    "pack_names",
    "parse_taxonomy",
]

#: Key of words and phrases that are looked for in every language.
ANY = "und"

_DATA = Path(__file__).parent / "data"
_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_WORD_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LANG = re.compile(r"[a-z]{2,3}")
_TOP_KEYS = ("name", "words", "theme")
_THEME_KEYS = ("id", "description", "instead_of", "labels", "examples", "phrases")
_LONGEST_LINE = 100

_EMPTY: Mapping[str, Any] = MappingProxyType({})


def in_words(theme_id: str) -> str:
    """Return a theme's id as words: ``delivery.on_time`` is "delivery: on time"."""
    return theme_id.replace("_", " ").replace(".", ": ")


@dataclass(frozen=True)
class Theme:
    """One theme: what it is called, what it means, and the words that show it.

    Attributes
    ----------
    id
        ``touchpoint.name``, stable for ever: the words of a label may change, the id may not.
    labels
        Name by language (ISO 639-1); may be empty.
    description
        One or two sentences in any language: what belongs in the theme and what does not.
    examples
        Sentences that carry the theme, by language.
    phrases
        What the phrase matcher looks for, by language, in the notation of :mod:`earful.themes.notation`.
    instead_of
        Ids of themes, of other taxonomies too, that are left out where this one is found in the same words.
    """

    id: str
    labels: Mapping[str, str]
    description: str
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _EMPTY)
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _EMPTY)
    instead_of: tuple[str, ...] = ()

    @property
    def touchpoint(self) -> str:
        """The part of the id before the dot."""
        return self.id.partition(".")[0]

    def label(self, lang: str = "en") -> str:
        """Return the label in a language, else in English, else the first there is, else the id in words."""
        for key in (lang, "en"):
            if key in self.labels:
                return self.labels[key]
        spelled = in_words(self.id)
        return next(iter(self.labels.values()), spelled[0].upper() + spelled[1:])


@dataclass(frozen=True)
class Taxonomy:
    """A set of themes with the word lists their phrases share.

    Attributes
    ----------
    name
        The file's ``name``, or the stem of its file name.
    themes
        The themes in the order of the file; ids are unique.
    words
        Word lists by language and name; a phrase refers to one as ``@name``.
    source
        Where it was read from; not part of the checksum.
    """

    name: str
    themes: tuple[Theme, ...]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _EMPTY)
    source: str = ""

    @cached_property
    def by_id(self) -> Mapping[str, Theme]:
        """The themes by id."""
        return MappingProxyType({theme.id: theme for theme in self.themes})

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages that have phrases, sorted; without :data:`ANY`."""
        return tuple(sorted({lang for theme in self.themes for lang in theme.phrases} - {ANY}))

    @cached_property
    def checksum(self) -> str:
        """SHA-256 (hexadecimal) over everything that decides what is found; not over layout or comments."""
        content = {
            "name": self.name,
            "words": self.words,
            "themes": [_content(theme) for theme in self.themes],
        }
        canonical = json.dumps(
            content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=dict
        )
        return hashlib.sha256(canonical.encode()).hexdigest()

    def __hash__(self) -> int:
        return int(self.checksum[:15], 16)

    def __len__(self) -> int:
        return len(self.themes)

    def __getitem__(self, theme_id: str) -> Theme:
        try:
            return self.by_id[theme_id]
        except KeyError:
            raise TaxonomyError(
                f"there is no theme {theme_id!r}{nearest(theme_id, self.by_id)}",
                where=self.source or self.name,
            ) from None

    def to_toml(self) -> str:
        """Return the taxonomy as TOML; reading it gives an equal one. Comments of a file are not kept."""
        lines = list(_entries({"name": self.name}))
        for lang, lists in self.words.items():
            lines += ["", f"[words.{lang}]", *_entries(lists)]
        for theme in self.themes:
            lines += ["", "[[theme]]"]
            for key in _THEME_KEYS:
                value = getattr(theme, key)
                if isinstance(value, str | tuple):
                    lines += _entries({key: value} if value else {})
                elif value:
                    lines += [f"[theme.{key}]", *_entries(value)]
        return "\n".join(lines) + "\n"


def builtin_taxonomies() -> tuple[str, ...]:
    """Names that :func:`load_taxonomy` knows without a path."""
    return tuple(sorted(path.stem for path in _DATA.iterdir() if path.is_dir() or path.suffix == ".toml"))


def pack_names() -> tuple[str, ...]:
    """Names of the built-in industry packs: all that is built in but ``cx``."""
    return tuple(name for name in builtin_taxonomies() if name != "cx")


def load_taxonomy(name_or_path: str | Path) -> Taxonomy:
    """Read a taxonomy: a built-in one by name, a TOML file, or a folder of TOML files.

    Several joined by ``+``, such as ``cx+bank`` or ``cx+mine.toml``, become one.

    Raises
    ------
    TaxonomyError
        There is no such taxonomy, or the file cannot be used; one line that names the file and the theme.
    """
    text = str(name_or_path)
    if "+" in text and not Path(text).exists():
        from earful.themes.packs import combine

        names = list(dict.fromkeys(name.strip() for name in text.split("+")))
        return combine([load_taxonomy(name) for name in names], "+".join(names))
    ours = text in builtin_taxonomies()
    path = _DATA / text if ours else Path(name_or_path)
    if path.is_dir():
        files = sorted(path.glob("*.toml"))
        if not files:
            raise TaxonomyError("folder holds no .toml file", where=text)
    elif path.is_file():
        files = [path]
    else:
        known = builtin_taxonomies()
        raise TaxonomyError(
            f"there is no taxonomy {text!r}{nearest(text, known)}",
            allowed=f"{', '.join(known)}, a .toml file or a folder of them; several are joined by +",
        )
    documents = [(str(file), _read(file)) for file in files]
    return parse_taxonomy(documents, name=path.stem, source=text, trusted=ours)


def parse_taxonomy(
    documents: Iterable[tuple[str, str]], *, name: str, source: str = "", trusted: bool = False
) -> Taxonomy:
    """Build a taxonomy from TOML texts.

    Parameters
    ----------
    documents
        Pairs of a name to report errors under and the TOML text.
    name
        The taxonomy's name where no document gives one.
    source
        Where it came from, for later messages.
    trusted
        Its phrases are known to follow the notation, as those of our own files are: tests check them, and to
        do so here would take longer than all the rest.

    Raises
    ------
    TaxonomyError
        A text is not TOML, or breaks the shape of a taxonomy.
    """
    themes: dict[str, Theme] = {}
    found_in: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {}
    for where, text in documents:
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise TaxonomyError(f"is not TOML ({error})", where=where) from None
        _known_keys(data, _TOP_KEYS, where)
        name = _name(data, where) or name
        _add_words(words, data.get("words", {}), where)
        for theme in _themes(data.get("theme", []), where):
            if theme.id in themes:
                also = "" if found_in[theme.id] == where else f" (also in {found_in[theme.id]})"
                raise TaxonomyError(f"theme {theme.id!r} is there twice{also}", where=where)
            themes[theme.id], found_in[theme.id] = theme, where
    if not themes:
        raise TaxonomyError("holds no theme", where=source or name, fix="add a [[theme]] table")
    for theme in () if trusted else themes.values():
        check_phrases(theme, words, found_in[theme.id])
    return Taxonomy(name, tuple(themes.values()), words, source)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise TaxonomyError(f"cannot be read ({reason})", where=str(path)) from None


def _name(data: Mapping[str, Any], where: str) -> str:
    name: str = data.get("name", "")
    if "name" in data and not _is_said(name):
        raise TaxonomyError(f"name must be words, got {name!r}", where=where)
    return name.strip()


def _add_words(words: dict[str, dict[str, str]], data: Any, where: str) -> None:
    for lang, lists in _by_language(data, "words must be tables by language: [words.en]", where):
        if not isinstance(lists, dict):
            raise TaxonomyError(f"words.{lang} must be a table of word lists", where=where)
        for key, value in lists.items():
            if not _WORD_NAME.fullmatch(key):
                raise TaxonomyError(f"word list {key!r} must be named a-z, 0-9 and _", where=where)
            if not _is_said(value):
                raise TaxonomyError(
                    f"words.{lang}.{key} must be words parted by |, got {value!r}", where=where
                )
            if key in words.setdefault(lang, {}):
                raise TaxonomyError(f"words.{lang}.{key} is there twice", where=where)
            words[lang][key] = value.strip()


def _themes(entries: Any, where: str) -> Iterable[Theme]:
    if not isinstance(entries, list):
        raise TaxonomyError("theme must be a list of tables", where=where, fix="write [[theme]], not [theme]")
    for number, entry in enumerate(entries, start=1):
        theme_id = entry.get("id") if isinstance(entry, dict) else None
        if not _is_said(theme_id):
            raise TaxonomyError(f"theme number {number} has no id", where=where)
        yield _theme(theme_id, entry, f"{where}, theme {theme_id!r}")


def _theme(theme_id: str, entry: Mapping[str, Any], where: str) -> Theme:
    check_id(theme_id, where)
    _known_keys(entry, _THEME_KEYS, where)
    description = entry.get("description", "")
    if not isinstance(description, str):
        raise TaxonomyError(f"description must be words, got {description!r}", where=where)
    examples = _lists(entry.get("examples", {}), "examples", where)
    phrases = _lists(entry.get("phrases", {}), "phrases", where)
    if not description.strip() and not examples and not phrases:
        raise TaxonomyError("says nothing", where=where, fix="add a description, examples or phrases")
    labels = _labels(entry.get("labels", {}), where)
    return Theme(theme_id, labels, description.strip(), examples, phrases, _instead_of(entry, where))


def _instead_of(entry: Mapping[str, Any], where: str) -> tuple[str, ...]:
    ids = entry.get("instead_of", [])
    if not isinstance(ids, list) or not all(map(_is_said, ids)):
        raise TaxonomyError(f"instead_of must be a list of ids in quotes, got {ids!r}", where=where)
    for one in ids:
        check_id(one, where)
    return tuple(ids)


def _content(theme: Theme) -> dict[str, Any]:
    """Return what decides what is found; a theme that stands instead of none says nothing of it."""
    content = {key: getattr(theme, key) for key in _THEME_KEYS}
    if not theme.instead_of:
        del content["instead_of"]
    return content


def check_id(theme_id: str, where: str) -> None:
    """Refuse an id of the wrong shape.

    Raises
    ------
    TaxonomyError
        One line that says where.
    """
    if not _ID.fullmatch(theme_id):
        raise TaxonomyError(
            f"id {theme_id!r} has the wrong shape",
            where=where,
            allowed="touchpoint.name in a-z, 0-9 and _, e.g. delivery.speed",
        )


def _labels(value: Any, where: str) -> Mapping[str, str]:
    labels: dict[str, str] = {}
    value = {"en": value} if isinstance(value, str) else value
    for lang, label in _by_language(value, "labels must be a table by language", where):
        if not _is_said(label):
            raise TaxonomyError(f"labels.{lang} is empty", where=where)
        labels[lang] = label.strip()
    return labels


def _lists(value: Any, key: str, where: str) -> Mapping[str, tuple[str, ...]]:
    result: dict[str, tuple[str, ...]] = {}
    value = {ANY: value} if isinstance(value, list) else value
    for lang, values in _by_language(value, f"{key} must be lists by language", where):
        if not isinstance(values, list) or not all(map(_is_said, values)):
            raise TaxonomyError(f"{key}.{lang} must be a list of words in quotes, none empty", where=where)
        if values:
            result[lang] = tuple(" ".join(v.split()) for v in values)
    return result


def _by_language(value: Any, otherwise: str, where: str) -> Iterator[tuple[str, Any]]:
    """Return the entries of a table by language; what is none is refused with the words ``otherwise``."""
    if not isinstance(value, dict):
        raise TaxonomyError(f"{otherwise}, got {value!r}", where=where)
    for lang in value:
        if not _LANG.fullmatch(lang):
            raise TaxonomyError(
                f"{lang!r} is not a language code", where=where, allowed="ISO 639-1, e.g. en, ru, bg, lv"
            )
        yield lang, value[lang]


def _is_said(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())


def _known_keys(data: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise TaxonomyError(
                f"unknown key {key!r}{nearest(key, known)}", where=where, allowed=", ".join(known)
            )


def _entries(table: Mapping[str, Any]) -> Iterator[str]:
    """Write the lines of a table: a value is words or a list of them, a long list stands in several lines."""
    for key, value in table.items():
        if isinstance(value, str):
            yield f"{key} = {_string(value)}"
            continue
        items = [_string(item) for item in value]
        line = f"{key} = [{', '.join(items)}]"
        yield from [line] if len(line) <= _LONGEST_LINE else [f"{key} = [", *(f"  {i}," for i in items), "]"]


def _string(text: str) -> str:
    # JSON's escapes are TOML's too, but for the one control character that JSON leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
