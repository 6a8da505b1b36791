"""Measure the aspect terms that a run's last checkpoint finds, and their polarity, on dev splits.

    python -m scripts.encoder.evaluate_aspects WORK/accurate [--cap 300]

A term counts where it begins and ends at the same letters as one that a person marked. Polarity is measured
on the marked terms.
"""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from earful.encoder.form import line_of
from scripts.encoder.checkpoint import read_run
from scripts.encoder.examples import SOURCES, read_aspects
from scripts.encoder.reader import STYLES, Reader
from scripts.encoder.rows import DATA, WORK, read_rows

SETS = (
    "semeval2016rest_en",
    "mamsatsa_en",
    "oats-hotels_en",
    "semeval2016rest_ru",
    "semeval2016rest_es",
    "semeval2016rest_fr",
    "semeval2016rest_nl",
    "semeval2016rest_tr",
    "csrest_cs",
)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, nargs="?", default=WORK / "accurate")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--cap", type=int, default=300)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    reader, cut, _ = read_run(args.run)
    settings = tomllib.loads(SOURCES.read_text(encoding="utf-8"))
    for name in SETS:
        rows = [row for row in read_rows(args.data / f"absa/{name}.jsonl.gz") if row["split"] == "dev"]
        rows = [rows[i] for i in np.linspace(0, len(rows) - 1, min(len(rows), args.cap)).astype(int)]
        style = STYLES.index(settings[name.replace("-", "_")].get("style", STYLES[0]))
        print(f"{name:24} {len(rows):4} sentences: {measured(reader, cut, rows, style)}", flush=True)


def measured(reader: Reader, cut: Tokenizer, rows: list[dict], style: int) -> str:
    """Return F1 of the terms as a style marks them, and accuracy of the polarity of those that are marked."""
    right = told = marked = tones = 0
    counted = 0
    for row in rows:
        example = read_aspects(row, {})
        part = example.forms[0][0]
        line = line_of([("", part.text)])
        shift = line.spans[0][0] if line.spans else 0
        one = cut.encode(line.text, add_special_tokens=False)
        ids = torch.tensor([[0, *one.ids[:254], 2]])
        with torch.inference_mode():
            states = reader.encoder(ids, torch.ones_like(ids, dtype=torch.bool))[0, 1:-1]
            tags, tone = reader.tags(states)[:, style].argmax(dim=-1).tolist(), reader.tone(states)
        offsets = one.offsets[:254]
        known = {(mark.begin + shift, mark.end + shift): mark.label for mark in part.marks if mark.aspect}
        found = terms(tags, offsets, line.text)
        right, told, marked = right + len(found & set(known)), told + len(found), marked + len(known)
        for (begin, end), label in known.items():
            own = [i for i, (a, b) in enumerate(offsets) if a < end and b > begin and b > a]
            if own and label >= 0:
                tones += int(tone[own].mean(dim=0).argmax()) == label
                counted += 1
    f1 = 2 * right / max(told + marked, 1)
    return f"F1 {f1:.3f} ({marked} marked, {told} told), polarity {tones / max(counted, 1):.3f}"


def terms(tags: list[int], offsets: list[tuple[int, int]], line: str) -> set[tuple[int, int]]:
    """Return where terms begin and end in a line, blanks at their ends left out."""
    found: list[list[int]] = []
    open_ = False
    for tag, (begin, end) in zip(tags, offsets, strict=True):
        if tag == 1 or (tag == 2 and not open_):
            found.append([begin, end])
            open_ = True
        elif tag == 2:
            found[-1][1] = end
        else:
            open_ = False
    out = set()
    for begin, end in found:
        text = line[begin:end]
        out.add((begin + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())))
    return out


if __name__ == "__main__":
    main()
