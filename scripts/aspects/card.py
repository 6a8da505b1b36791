"""Write the aspect model's card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from scripts.aspects.data import LICENCES, SETS, SHARE_TEXT, Sentence
from scripts.cards import write_head

HEAD = """# aspects

Finds the words an opinion is about ("great **camera**, awful **battery**") and what is thought of each.

A convolutional network of two layers under a linear chain of tags, run in NumPy. A word is read as hashed
rows of its form and of its character n-grams in Latin letters (8 bits a number), its shape and, where it is
frequent, its vector (English, Russian, Bulgarian, Latvian; one space for all four). The polarity of a term is
read from the same layers and joined with what the sentiment model says of the clause.

There is no marked text in Bulgarian and Latvian: what the model knows of them it has from kindred languages,
from word vectors that a dictionary carries over, and from English sentences put into them word by word. How
well it does there is **not measured**.

It learned mostly from restaurants, hotels, laptops, phones and courses; in other trades it will miss terms.

Made with `python -m scripts.aspects.train --out models/aspects` (one thread). `SHA256SUMS` is checked at
every load.
"""


def write_card(folder: Path, train: Sequence[Sentence]) -> None:
    """Write ``README.md``; what was measured before stays below its marker."""
    counts = Counter(sentence.source for sentence in train)
    terms = Counter(sentence.source for sentence in train for _ in sentence.terms)
    lines = [
        "## Learned from",
        "",
        "Licences: open = CC0, CC BY, CC BY-SA, MIT or Apache; R = research use. Train splits only. The sets",
        "`mabsa-*` are machine-translated. " + SHARE_TEXT,
        "",
        "| source | licence | sentences | terms |",
        "| --- | --- | --- | --- |",
        *(f"| {name} | {LICENCES.get(name, 'R')} | {counts[name]} | {terms[name]} |" for name in SETS),
        *(
            f"| English sentences above, word by word into {lang} | R; dictionary CC BY-SA | "
            f"{counts[f'silver_{lang}']} | {terms[f'silver_{lang}']} |"
            for lang in ("bg", "lv")
        ),
        "",
        "The word vectors were counted, without labels, in the train splits of all sets of reviews,",
        "tickets and tweets that the card of `ngrams` lists and those above (licences open, none stated, R;",
        "none that forbids commercial use or is under the GPL) and joined with Wiktionary's translations",
        "(CC BY-SA).",
    ]
    write_head(folder, "\n".join([HEAD, *lines]))
