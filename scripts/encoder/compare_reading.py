"""Compare ways to the verdict of a review: read whole, or from its sentences in context, or one by one.

    python -m scripts.encoder.compare_reading WORK/accurate [--cap 100]

On the dev splits whose texts are long. `whole` is the review head; `in context` the mean of what the segment
head says of each sentence within the review, by its length; `one by one` the mean of what it says of each
sentence alone.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from earful.encoder.form import line_of
from scripts.encoder.checkpoint import read_run
from scripts.encoder.measure import read, scores, splits
from scripts.encoder.network import half
from scripts.encoder.reader import Reader, Spans
from scripts.encoder.rows import DATA, WORK
from scripts.encoder.stream import BEGIN, END, shorten

LONG = "skytrax_airline|skytrax_seat|ru_otzovik|ru_livelib|ru_kinopoisk|zomato|womens|trustpilot|cinexio"
LIMIT = 254


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, nargs="?", default=WORK / "accurate")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--cap", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    reader, cut, _ = read_run(args.run)
    for split in splits(args.data, f"({LONG}).*/dev$", args.cap):
        whole = read(reader, cut, split.texts)["review"]
        within = np.array([in_context(reader, cut, text) for text in split.texts])
        alone = one_by_one(reader, cut, split.texts)
        line = [f"{split.name:28}"]
        for name, got in (
            ("whole", whole),
            ("in context", within),
            ("one by one", alone),
            ("both", whole + within),
        ):
            found = scores(got, split.labels)
            line.append(f"{name} {found['f1']:.3f} {found['accuracy']:.3f} {found['two']:.3f}")
        print(" | ".join(line), flush=True)


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where the sentences of a text begin and end, roughly."""
    ends = [found.end() for found in re.finditer(r"[.!?…]+[)\"»]*(?=\s)|\s\|\s", text)]
    begins = [0, *ends]
    pairs = zip(begins, [*ends, len(text)], strict=True)
    return [(a, b) for a, b in pairs if re.search(r"\w", text[a:b])]


def in_context(reader: Reader, cut: Tokenizer, text: str) -> np.ndarray:
    """Return the mean of what the segment head says of a review's sentences, by their length."""
    line = line_of([("", text)])
    one = cut.encode(line.text, add_special_tokens=False)
    ids, offsets = shorten(one.ids, one.offsets, LIMIT)
    first = line.spans[0][0] if line.spans else 0
    spans = []
    for begin, end in sentences(line.text[first:]):
        own = [i for i, (a, b) in enumerate(offsets) if a < end + first and b > begin + first and b > a]
        if own:
            spans.append((own[0] + 1, own[-1] + 2))
    spans = spans or [(1, len(ids) + 1)]
    begins, ends = (torch.tensor(side) for side in zip(*spans, strict=True))
    with torch.inference_mode():
        given = torch.tensor([[BEGIN, *ids, END]])
        with half():
            states = reader.encoder(given, torch.ones_like(given, dtype=torch.bool)).float()
        parts = reader.parts(states, Spans(torch.zeros_like(begins), begins, ends))
        found = reader.segment(parts).softmax(dim=-1).numpy()
    weights = (ends - begins).numpy().astype(float)
    return (found * weights[:, None]).sum(axis=0) / weights.sum()


def one_by_one(reader: Reader, cut: Tokenizer, texts: list[str]) -> np.ndarray:
    """Return the mean of what the segment head says of sentences that it reads alone, by their length."""
    told = [[text[a:b] for a, b in sentences(text)][:30] or [text] for text in texts]
    found = read(reader, cut, [sentence for some in told for sentence in some])["segment"]
    out, at = [], 0
    for some in told:
        weights = np.array([len(sentence) for sentence in some], float)
        out.append((found[at : at + len(some)] * weights[:, None]).sum(axis=0) / weights.sum())
        at += len(some)
    return np.array(out)


if __name__ == "__main__":
    main()
