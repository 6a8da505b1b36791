"""Measure whether the theme vector still knows topics, beside the base model's own vector.

    python -m scripts.encoder.evaluate_themes WORK/accurate

The share of a text's five nearest neighbours that have its theme, among the texts of a dev split: of themes
that were trained (airline reasons, kinds of app reviews) and of categories that were not (restaurants,
hotels, food). And how many sentences find their own translation first.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from earful.encoder.form import line_of
from scripts.encoder.checkpoint import read_run
from scripts.encoder.network import Encoder, half
from scripts.encoder.reader import Reader
from scripts.encoder.rows import DATA, WORK, read_rows
from scripts.encoder.stream import BEGIN, END, PAD, framed

THEMED = {
    "airline": "themes/us_airline_tweets",
    "gplay": "themes/gplay_review_types",
    "restaurants en": "absa/semeval2016rest_en",
    "restaurants ru": "absa/semeval2016rest_ru",
    "hotels en": "absa/oats-hotels_en",
    "food en": "absa/oats-amazon_ff_en",
}
PAIRED = {"hotel en-ru": ("hotel", "ru"), "laptop en-hr": ("laptop", "hr"), "phone en-de": ("phone", "de")}
CAP, NEAREST = 600, 5


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, nargs="?", default=WORK / "accurate")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    reader, cut, base = read_run(args.run)
    for name, path in THEMED.items():
        texts, themes = themed(args.data / f"{path}.jsonl.gz")
        own = same_theme(vectors(reader, cut, texts), themes)
        before = same_theme(vectors(base, cut, texts), themes)
        print(
            f"{name:16} {len(texts):4} texts, {len(set(themes)):3} themes: {own:.3f}, base {before:.3f}",
            flush=True,
        )
    for name, (domain, lang) in PAIRED.items():
        sides = paired(args.data, domain, lang)
        own, before = ([vectors(model, cut, side) for side in sides] for model in (reader, base))
        print(f"{name:16} {len(sides[0]):4} pairs: {found(*own):.3f}, base {found(*before):.3f}", flush=True)


def themed(path: Path) -> tuple[list[str], list[str]]:
    """Return dev texts of one theme, and the theme of each."""
    rows = []
    for row in read_rows(path):
        if row["split"] != "dev":
            continue
        if "aspects" in row:
            names = {(aspect["category"] or "").split("#")[0] for aspect in row["aspects"] or []} - {""}
            theme = next(iter(names)) if len(names) == 1 else None
        else:
            theme = row.get("theme")
        if theme and theme != "Can't Tell":
            rows.append((row["text"], theme))
    rows = [rows[i] for i in np.linspace(0, len(rows) - 1, min(len(rows), CAP)).astype(int)]
    return [text for text, _ in rows], [theme for _, theme in rows]


def paired(data: Path, domain: str, lang: str) -> tuple[list[str], list[str]]:
    """Return dev sentences and their translations, in the order of the files."""
    sides = []
    for code in ("en", lang):
        rows = [
            row for row in read_rows(data / f"absa/mabsa-{domain}_{code}.jsonl.gz") if row["split"] == "dev"
        ]
        sides.append([row["text"] for row in rows][:300])
    if len(sides[0]) != len(sides[1]):
        raise SystemExit(f"{domain}: {len(sides[0])} and {len(sides[1])} sentences")
    return sides[0], sides[1]


def same_theme(rows: np.ndarray, themes: list[str]) -> float:
    """Return the share of the nearest neighbours with the same theme."""
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -2)
    nearest = np.argsort(-cosines, axis=1)[:, :NEAREST]
    names = np.array(themes)
    return float((names[nearest] == names[:, None]).mean())


def found(left: np.ndarray, right: np.ndarray) -> float:
    """Return the share of rows on the left whose own on the right lies nearest."""
    return float(((left @ right.T).argmax(axis=1) == np.arange(len(left))).mean())


def vectors(model: Reader | Encoder, cut: Tokenizer, texts: list[str]) -> np.ndarray:
    """Return theme vectors of texts, or the base model's own."""
    encoder = model.encoder if isinstance(model, Reader) else model
    out = np.zeros((len(texts), encoder.pieces.weight.shape[1]), np.float32)
    lines = [framed(cut, line_of([("", text)]).text) for text in texts]
    order = np.argsort([len(line) for line in lines])
    for at in range(0, len(order), 32):
        own = order[at : at + 32]
        longest = max(len(lines[i]) for i in own)
        ids = torch.tensor([lines[i] + [PAD] * (longest - len(lines[i])) for i in own])
        inside = torch.arange(longest)[None] < torch.tensor([len(lines[i]) for i in own])[:, None]
        with torch.inference_mode():
            with half():
                states = encoder(ids, inside)
            if isinstance(model, Reader):
                inside = inside & (ids != BEGIN) & (ids != END)  # as the head learned it
            weights = inside.float()[..., None]
            mean = (states.float() * weights).sum(dim=1) / weights.sum(dim=1)
            row = (
                model.vector(mean)
                if isinstance(model, Reader)
                else torch.nn.functional.normalize(mean, dim=-1)
            )
            out[own] = row.numpy()
    return out


if __name__ == "__main__":
    main()
