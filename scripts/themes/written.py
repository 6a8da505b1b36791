"""Measure the phrases of taxonomies on sentences with a theme written for the training of the encoder.

    PYTHONPATH=src python -m scripts.themes.written FOLDER --themes cx --half a

``FOLDER`` holds one ``<language>.jsonl`` a language with ``text`` and ``theme`` (or ``segments`` with them).
The sentences are parted into two halves by hash, those written together kept together: gaps are looked for
in half ``a``; half ``b`` is only measured.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from earful.themes.phrases import PhraseMatcher
from earful.themes.taxonomy import load_taxonomy


@dataclass
class Tally:
    """What was found in the sentences of one language or theme."""

    themed: int = 0
    right: int = 0
    any_theme: int = 0
    found: int = 0
    found_right: int = 0
    plain: int = 0
    plain_found: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return the counts as shares."""
        recall, some = self.right / max(self.themed, 1), self.any_theme / max(self.themed, 1)
        precision, alarm = self.found_right / max(self.found, 1), self.plain_found / max(self.plain, 1)
        return (
            f"{self.themed:6d} sentences, right theme {recall:.3f}, any theme {some:.3f}, "
            f"of the found ones right {precision:.3f}, alarms in {self.plain} without {alarm:.3f}"
        )


def sentences(folder: Path, lang: str, half: str) -> Iterator[tuple[str, str | None, str]]:
    """Give text, theme and label of every sentence of one half."""
    for line in (folder / f"{lang}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        key = row.get("group") or row["text"]
        if "ab"[hashlib.sha256(key.encode()).digest()[0] % 2] != half:
            continue
        for one in row.get("segments") or [row]:
            yield one["text"], one["theme"], one["label"]


def measure(folder: Path, names: str, half: str, langs: list[str]) -> dict[tuple[str, str], Tally]:
    """Return the tallies by language and by language and theme."""
    taxonomy = load_taxonomy(names)
    matcher = PhraseMatcher(taxonomy)
    tallies: dict[tuple[str, str], Tally] = {}
    for lang in langs:
        for text, theme, label in sentences(folder, lang, half):
            if theme is not None and theme not in taxonomy.by_id:
                continue
            found = {match.theme for match in matcher.match(text.split(), lang)}
            for key in ((lang, "all"), (lang, theme or "none")):
                _count(tallies.setdefault(key, Tally()), theme, label, found, text)
    return tallies


def _count(tally: Tally, theme: str | None, label: str, found: set[str], text: str) -> None:
    if theme is None:
        tally.plain += 1
        tally.plain_found += bool(found)
        if found:
            tally.wrong.append(f"{sorted(found)} {label}: {text}")
        return
    tally.themed += 1
    tally.right += theme in found
    tally.any_theme += bool(found)
    tally.found += len(found)
    tally.found_right += theme in found
    if theme not in found:
        tally.missed.append(f"{theme} [{label[:3]}] {sorted(found)}: {text}")


def main() -> None:
    """Print the tallies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--themes", default="cx")
    parser.add_argument("--half", choices=("a", "b"), default="a")
    parser.add_argument("--langs", default="en,ru,bg,lv")
    parser.add_argument("--by-theme", action="store_true")
    parser.add_argument("--missed", type=Path, help="write what was missed and the alarms here; half a only")
    args = parser.parse_args()
    tallies = measure(args.folder, args.themes, args.half, args.langs.split(","))
    missed: Counter[str] = Counter()
    for (lang, what), tally in tallies.items():
        if what == "all" or args.by_theme:
            print(f"{lang} {what:28}{tally.line()}")
        if what != "all" and args.missed and args.half == "a":
            missed.update(f"{lang} {line}" for line in (*tally.missed, *tally.wrong))
    if args.missed:
        args.missed.write_text("\n".join(sorted(missed)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
