"""Sentences that the fit of built-in themes reads: written ones, public ones, and those that were judged."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from earful.encoder import Review
from earful.encoder.form import plain
from earful.encoder.reading import ReviewReader
from earful.themes.meaning import VECTOR_SCALE, readable
from earful.themes.taxonomy import Taxonomy, load_taxonomy, pack_names
from scripts.encoder.examples import located
from scripts.encoder.rows import key_of, read_rows, unit_of

HERE = Path(__file__).parent
WRITTEN = HERE.parent / "encoder" / "written"
LANGS = ("en", "ru", "bg", "lv")
CUT = re.compile(r"(?<=[.!?…])\s+|\n+")  # where public reviews were cut into what was judged
HELD_OUT = 0.03  # as the encoder's training holds out
SEGMENTS = 60  # sentences of each public set that thresholds are set on
SAVED = 2048  # rows after which what was read is kept


@dataclass(slots=True)
class Sentence:
    """A sentence, or part of a review, and the theme it was written for (-1: none)."""

    text: str
    lang: str
    theme: int
    idea: str
    whole: str
    begin: int = 0
    source: str = "written"
    unseen: bool = False


def everything() -> Taxonomy:
    """Return ``cx`` and all packs as one."""
    return load_taxonomy("+".join(["cx", *pack_names()]))


def written(place: dict[str, int]) -> list[Sentence]:
    """Return the written sentences, each segment of a review by itself."""
    found: dict[str, Sentence] = {}
    for lang in LANGS:
        for row in read_rows(WRITTEN / f"{lang}.jsonl"):
            if not isinstance(row.get("text"), str):
                continue
            whole = plain(row["text"])
            idea, unseen = str(row.get("group") or row["text"]), unit_of(key_of(whole)) < HELD_OUT
            told = row.get("segments") or []
            parts = [(0, len(whole), row.get("theme"))]
            if told:
                themes = {plain(one.get("text") or ""): one.get("theme") for one in told}
                marks = located(whole, told)
                parts = [(m.begin, m.end, themes[whole[m.begin : m.end]]) for m in marks]
            for begin, end, theme in parts:
                one = Sentence(
                    whole[begin:end], lang, place.get(theme, -1), idea, whole, begin, unseen=unseen
                )
                found.setdefault(f"{whole}\0{begin}", one)
    return list(found.values())


def short(place: dict[str, int]) -> list[Sentence]:
    """Return the short sentences: under ``# theme`` one a line, under ``# -`` those without one."""
    rows = []
    for lang in LANGS:
        theme = -1
        for line in (HERE / "short" / f"{lang}.txt").read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                theme = -1 if line == "# -" else place[line.removeprefix("# ")]
            elif line.strip():
                text = plain(line)
                rows.append(Sentence(text, lang, theme, text, text, source="short"))
    return rows


def told(taxonomy: Taxonomy, place: dict[str, int]) -> list[Sentence]:
    """Return what the taxonomies say of their themes."""
    rows = []
    for theme in taxonomy.themes:
        texts = [(lang, label) for lang, label in theme.labels.items()] + [("en", theme.description)]
        texts += [(lang, text) for lang, some in theme.examples.items() for text in some]
        rows += [Sentence(t, lang, place[theme.id], t, t, source="taxonomy") for lang, t in texts]
    return rows


def public(data: Path, place: dict[str, int]) -> list[Sentence]:
    """Return the training rows of public sets whose labels lead to one theme, or to none."""
    rows = []
    for name, table in tomllib.loads((HERE / "public.toml").read_text(encoding="utf-8")).items():
        cap, by_label = table.pop("cap"), defaultdict(dict)
        for row in read_rows(data / f"{name}.jsonl.gz"):
            if row["split"] != "train" or not row.get("text"):
                continue
            labels = {"*"} if "*" in table else _labels(row)
            themes = {table.get(label) for label in labels}
            if len(themes) == 1 and None not in themes:
                by_label[min(labels)][key_of(row["text"])] = (row["text"], row.get("lang") or "en", *themes)
        for some in by_label.values():
            for key in sorted(some, key=lambda key: unit_of("public" + key))[:cap]:
                text, lang, theme = some[key]
                text, unseen = plain(readable(text)[:400]), unit_of(key) < HELD_OUT
                rows.append(
                    Sentence(text, lang, place.get(theme, -1), text, text, source=name, unseen=unseen)
                )
    return rows


def _labels(row: dict[str, Any]) -> set[str]:
    return {one["category"] for one in row["aspects"] or []} if "aspects" in row else {row.get("theme")}


def read_by(rows: list[Sentence], reader: ReviewReader) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors of sentences in context, in bytes, and their chances of blame and of praise."""
    by_whole: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        by_whole[row.whole].append(at)
    out, opinions = np.zeros((len(rows), reader.encoder.size), np.int8), np.zeros((len(rows), 2), np.float32)
    wholes = sorted(by_whole, key=len)
    for start in range(0, len(wholes), 64):
        some = wholes[start : start + 64]
        asked = []
        for whole in some:
            own = [rows[at] for at in by_whole[whole]]
            spans = [(one.begin, max(one.begin + len(one.text), one.begin + 1)) for one in own]
            asked.append(Review(whole, segments=spans, lang=own[0].lang))
        for whole, reading in zip(some, reader.read(asked), strict=True):
            codes = np.clip(np.rint(reading.vectors * VECTOR_SCALE), -127, 127)
            out[by_whole[whole]] = codes.astype(np.int8)
            opinions[by_whole[whole]] = reading.segments[:, [0, 2]]
    return out, opinions


class Kept:
    """What a reader said of rows before, in one file of a folder; only new ones are read again."""

    def __init__(self, folder: Path, reader: ReviewReader) -> None:
        self.reader, size = reader, reader.encoder.size
        self.path = folder / f"read-{reader.checksum[:16]}.npz"
        self.place: dict[bytes, int] = {}
        self.vectors, self.opinions = np.zeros((0, size), np.int8), np.zeros((0, 2), np.float32)
        if self.path.exists():
            with np.load(self.path) as stored:
                self.place = {key: at for at, key in enumerate(stored["keys"].tolist())}
                self.vectors, self.opinions = stored["vectors"], stored["opinions"]

    def fill(self, rows: list[Sentence]) -> None:
        """Read what is not there yet, and write the file after every so many rows."""
        new = {self.key(row): row for row in rows if self.key(row) not in self.place}
        keys = sorted(new, key=lambda key: (unit_of(new[key].whole), new[key].begin))
        for start in range(0, len(keys), SAVED):
            some = keys[start : start + SAVED]
            vectors, opinions = read_by([new[key] for key in some], self.reader)
            self.place |= {key: len(self.place) + at for at, key in enumerate(some)}
            self.vectors = np.concatenate([self.vectors, vectors])
            self.opinions = np.concatenate([self.opinions, opinions])
            self.path.parent.mkdir(parents=True, exist_ok=True)
            stored = np.array(list(self.place))
            np.savez(self.path, keys=stored, vectors=self.vectors, opinions=self.opinions)
            print(f"read {start + len(some)} of {len(keys)} new rows", flush=True)

    def of(self, rows: list[Sentence]) -> tuple[np.ndarray, np.ndarray]:
        """Return the vectors and the opinions of rows."""
        self.fill(rows)
        at = [self.place[self.key(row)] for row in rows]
        return self.vectors[at], self.opinions[at]

    @staticmethod
    def key(row: Sentence) -> bytes:
        """Return a hash of what is read."""
        told = f"{row.lang}\1{row.whole}\1{row.begin}\1{row.text}"
        return hashlib.blake2b(told.encode(), digest_size=12).hexdigest().encode()


def _parts(path: Path, train: bool) -> Iterator[tuple[dict[str, Any], str]]:
    """Give the sentences of a public set's training rows, or of its other rows, each with its row."""
    for row in read_rows(path):
        if (row["split"] == "train") == train and row.get("text"):
            yield from ((row, part) for part in CUT.split(plain(readable(row["text"]))))


def read_judged(
    path: Path, data: Path, own: list[Sentence], place: dict[str, int]
) -> tuple[list[tuple[Sentence, int]], np.ndarray]:
    """Return the pairs of a sentence and a theme that were read one by one, and which of them are right.

    The file names sentences by a hash of their words: public reviews are no part of this repository.
    """
    told = list(read_rows(path))
    known = {("written", digest(row.text)): row.text for row in own if row.unseen}
    for name in {row["set"] for row in told} - {"written"}:
        for _, text in _parts(data / f"{name}.jsonl.gz", train=False):
            known[name, digest(text)] = text.strip()
    pairs, right = [], []
    for row in told:
        text = known.get((row["set"], row["key"]))
        if text is not None and row["theme"] in place:
            pairs.append((Sentence(text, row["lang"], -1, "", text), place[row["theme"]]))
            right.append(row["right"])
    return pairs, np.array(right)


def read_by_eye(path: Path, data: Path, place: dict[str, int]) -> list[tuple[Sentence, frozenset[int], bool]]:
    """Return sentences of training rows that were read for all their themes: which, and whether drawn as is.

    Those drawn from what no phrase finds are learned from; those drawn from all say how sure a theme is.
    """
    rows = {(row["set"], row["key"]): row for row in read_rows(path)}
    found = []
    for name in sorted({row["set"] for row in rows.values()}):
        for _, part in _parts(data / f"{name}.jsonl.gz", train=True):
            row = rows.pop((name, digest(part)), None)
            if row is not None:
                themes = [place[theme] for theme in row["themes"]]
                text = part.strip()
                main = themes[0] if themes else -1
                one = Sentence(text, row["lang"], main, text, text, source="read")
                found.append((one, frozenset(themes), row["drawn"] == "any"))
    return found


def public_segments(path: Path, data: Path) -> list[Sentence]:
    """Return sentences of the public reviews that the judged ones are from, chosen by a hash."""
    found = []
    for name in sorted({row["set"] for row in read_rows(path)} - {"written"}):
        own: dict[str, Sentence] = {}
        for row, part in _parts(data / f"{name}.jsonl.gz", train=False):
            text = part.strip()
            if 15 <= len(text) <= 200:
                own[text] = Sentence(text, row.get("lang") or "en", -1, text, text, source=name)
        found += [own[text] for text in sorted(own, key=unit_of)[:SEGMENTS]]
    return found


def digest(text: str) -> str:
    """Return the hash by which a sentence is named."""
    return hashlib.blake2b(key_of(text).encode(), digest_size=8).hexdigest()
