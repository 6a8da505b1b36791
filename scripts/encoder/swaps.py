"""Words that may stand for one another without moving any label: names, places, peoples, faiths, days."""

from __future__ import annotations

import re
import tomllib

import numpy as np

from scripts.encoder.examples import Mark
from scripts.encoder.rows import HERE


class Swaps:
    """Puts another word of its list for a word, and says who writes."""

    def __init__(self) -> None:
        told = tomllib.loads((HERE / "swaps.toml").read_text(encoding="utf-8"))
        self._lists: dict[str, dict[str, list[str]]] = {}
        self._said: dict[str, list[list[str]]] = {}
        self._found: dict[str, re.Pattern[str]] = {}
        for lang, own in told.items():
            self._lists[lang] = {word: words for words in own["lists"] for word in words}
            self._said[lang] = own["said"]
            words = "|".join(sorted(self._lists[lang], key=len, reverse=True))
            self._found[lang] = re.compile(rf"(?<!\w)(?:{words})(?!\w)")

    def has(self, text: str, lang: str) -> bool:
        """Tell whether a text has a word that can be swapped."""
        return lang in self._found and self._found[lang].search(text) is not None

    def swapped(self, text: str, lang: str, rng: np.random.Generator) -> str:
        """Return a text with another word for each that can be swapped; the same word gets the same one."""
        if lang not in self._found:
            return text
        chosen: dict[str, str] = {}

        def other(found: re.Match[str]) -> str:
            word = found[0]
            return chosen.setdefault(word, str(rng.choice(self._lists[lang][word])))

        return self._found[lang].sub(other, text)

    def said(self, lang: str, rng: np.random.Generator) -> str:
        """Return a sentence that says who writes, and nothing else; none in a language that has none."""
        if lang not in self._said:
            return ""
        form, *words = self._said[lang][int(rng.integers(len(self._said[lang])))]
        return form.format(rng.choice(words))

    def told(
        self, text: str, marks: list[Mark], lang: str, rng: np.random.Generator
    ) -> tuple[str, list[Mark]]:
        """Return a text that says first, or last, who writes: a segment that is neutral and a fact."""
        said = self.said(lang, rng)
        if not said or not text:
            return text, marks
        own = Mark(0, len(said), 1, 1)
        if rng.random() < 0.7:
            by = len(said) + 1
            moved = [Mark(m.begin + by, m.end + by, m.label, m.problem, m.theme, m.aspect) for m in marks]
            return f"{said} {text}", [own, *moved]
        before = text if text[-1:] in ".!?…)" else text + "."
        by = len(before) + 1
        return before + " " + said, [*marks, Mark(by, by + len(said), 1, 1)]
