"""Reviews made of two sentences that stand against each other: once and now, others and the writer."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace

import numpy as np

from scripts.encoder.examples import Example, Part
from scripts.encoder.rows import HERE

SHARE = 0.5  # of the sentences that could
LONGEST, FEWEST = 140, 3  # letters and words of a sentence that is put into a frame
_SLOTS = re.compile(r"\{([ab])\}")


class Contrasts:
    """Puts two sentences of opposite polarity into a frame; the review has the polarity of the second."""

    def __init__(self) -> None:
        self._frames = tomllib.loads((HERE / "contrasts.toml").read_text(encoding="utf-8"))

    def taken(self, examples: list[Example], lang: str, rng: np.random.Generator) -> list[Example]:
        """Take some sentences out of a list, and return the reviews made of them."""
        if lang not in self._frames:
            return []
        chosen: dict[int, list[Example]] = {0: [], 2: []}
        for one in list(examples):
            text = one.forms[0][0].text
            fits = one.label in chosen and not one.aspects and len(text) <= LONGEST
            if fits and len(text.split()) >= FEWEST and rng.random() < SHARE:
                chosen[one.label].append(one)
        pairs = list(zip(chosen[0], chosen[2], strict=False))
        used = {id(one) for pair in pairs for one in pair}
        examples[:] = [one for one in examples if id(one) not in used]
        return [self._against(*(pair if rng.random() < 0.5 else pair[::-1]), lang, rng) for pair in pairs]

    def _against(self, first: Example, second: Example, lang: str, rng: np.random.Generator) -> Example:
        """Return a review in which the second sentence is what is meant."""
        kind = "once" if rng.random() < 0.5 else "others"
        frame = str(rng.choice(self._frames[lang][kind]))
        parts = {"a": first.forms[0][0], "b": second.forms[0][0]}
        text, marks, at = "", [], 0
        for slot in _SLOTS.finditer(frame):
            part = parts[slot[1]]
            text += frame[at : slot.start()]
            at = slot.end()
            # What others say is no opinion of the writer's.
            if kind == "once" or slot[1] == "b":
                by = len(text)
                marks += [replace(mark, begin=mark.begin + by, end=mark.end + by) for mark in part.marks]
            text += _ended(part.text)
        weight = min(first.weight, second.weight)
        return Example([[Part(("",), text + frame[at:], marks)]], lang, "contrast", second.label, weight)


def _ended(text: str) -> str:
    return text if text[-1:] in ".!?…)" else text + "."
