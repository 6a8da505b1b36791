"""Measure a reader on public splits: macro-F1, accuracy, and accuracy of two classes, uncalibrated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from earful.encoder.form import line_of
from earful.polarity import classes
from scripts.encoder.network import half
from scripts.encoder.reader import Reader, Spans
from scripts.encoder.rows import LABELS, SUITES, read_rows
from scripts.encoder.stream import PAD, framed

#: Path, the parts that there are, and what kind of text it is.
SPLITS = {
    "en_product_sentences_cr": ("sentiment", "dev test", "short"),
    "en_sst5_dev": ("sentiment", "dev", "short"),
    "en_android_apps": ("sentiment", "dev test", "review"),
    "en_uber_gplay": ("sentiment", "dev test", "review"),
    "en_trustpilot": ("sentiment", "dev test", "review"),
    "en_tripadvisor": ("sentiment", "test", "story"),
    "en_tweeteval_test": ("sentiment", "test", "tweet"),
    "us_airline_tweets": ("themes", "dev test", "tweet"),
    "skytrax_airline": ("loyalty", "dev test", "story"),
    "skytrax_seat": ("loyalty", "dev test", "story"),
    "zomato_restaurants": ("loyalty", "dev test", "review"),
    "womens_clothing": ("loyalty", "dev test", "review"),
    "semeval2016rest_en": ("absa", "dev test", "short"),
    "multi_umsab_tweets": ("sentiment", "test", "tweet"),
    "ru_otzovik_sberbank": ("sentiment", "dev test", "form"),
    "ru_opensentimentcorpus": ("sentiment", "dev test", "short"),
    "ru_bank_telecom_tweets": ("sentiment", "test", "tweet"),
    "ru_livelib_books_a": ("sentiment", "dev test", "story"),
    "ru_kinopoisk": ("sentiment", "dev test", "story"),
    "semeval2016rest_ru": ("absa", "dev", "short"),
    "bg_cinexio": ("sentiment", "dev", "review"),
    "lv_ltec_food_tweets": ("sentiment", "test", "tweet"),
    "lv_viksna_tweets": ("sentiment", "dev test", "tweet"),
    "lv_gov_tweets": ("sentiment", "dev test", "tweet"),
    "lv_nicmanis_tweets": ("sentiment", "dev test", "tweet"),
    "pl_hotels_doctors": ("sentiment", "dev test", "short"),
    "sr_film_comments": ("sentiment", "dev test", "review"),
    "semeval2016rest_es": ("absa", "test", "short"),
    "semeval2016rest_fr": ("absa", "test", "short"),
    "semeval2016rest_nl": ("absa", "test", "short"),
    "semeval2016rest_tr": ("absa", "test", "short"),
    "csrest_cs": ("absa", "test", "short"),
    "cfpb_complaints": ("themes", "dev test", "ticket"),
    "comcast_complaints": ("themes", "dev test", "ticket"),
}
COMPLAINTS = ("cfpb_complaints", "comcast_complaints")  # every row of theirs is one
MANY = "multi_umsab_tweets"
LIMIT = 256
#: Kinds of splits that are told by the share read right: some have one class alone.
BY_SHARE = ("facts", "hard", "ticket")
SENTENCE = 160  # characters up to which the whole text is one segment too


@dataclass(frozen=True)
class Split:
    """A public split: texts with the language and the label of each."""

    name: str
    kind: str
    texts: list[str]
    langs: list[str]
    labels: np.ndarray


def splits(data: Path, only: str = "", cap: int = 0) -> list[Split]:
    """Return the splits whose name and part match, with at most so many rows each, taken evenly."""
    found = []
    for name, (folder, parts, kind) in SPLITS.items():
        wanted = [part for part in parts.split() if re.search(only, f"{_short(name)}/{part}")]
        if not wanted:
            continue
        told = read_rows(Path(data) / folder / f"{name}.jsonl.gz")
        rows = [row | {"label": "negative" if name in COMPLAINTS else _label(row)} for row in told]
        for part in wanted:
            chosen = [row for row in rows if row["split"] == part and row["label"] in LABELS]
            if name != MANY:
                found.append(_split(f"{_short(name)}/{part}", kind, chosen, cap))
                continue
            for lang in sorted({row["lang"] for row in chosen}):
                found.append(
                    _split(f"{name}_{lang}/{part}", kind, [r for r in chosen if r["lang"] == lang], cap)
                )
    return found


def behaviour() -> list[Split]:
    """Return the sentences written to trip models up, by language."""
    return [
        _split(f"{folder.name}_{path.stem}/dev", kind, [r | {"lang": path.stem} for r in read_rows(path)], 0)
        for folder, kind in zip(SUITES, ("facts", "hard"), strict=True)
        for path in sorted(folder.glob("*.tsv"))
    ]


def _short(name: str) -> str:
    return name.removesuffix("_test") if name == "en_tweeteval_test" else name


def _label(row: dict[str, Any]) -> str | None:
    if "aspects" not in row:
        return row.get("label")
    tones = {aspect["polarity"] for aspect in row["aspects"] or []}
    return next(iter(tones)) if len(tones) == 1 else None


def _split(name: str, kind: str, rows: list[dict[str, Any]], cap: int) -> Split:
    if cap and len(rows) > cap:
        rows = [rows[i] for i in np.linspace(0, len(rows) - 1, cap).astype(int)]
    labels = np.array([LABELS.index(row["label"]) for row in rows])
    return Split(name, kind, [row["text"] for row in rows], [row["lang"] for row in rows], labels)


def read(reader: Reader, cut: Tokenizer, texts: list[str], room: int = 4000) -> dict[str, np.ndarray]:
    """Return what the heads say of whole texts: ``review``, ``segment`` and ``problem`` and ``answer``."""
    lines = [framed(cut, line_of([("", text)]).text, LIMIT) for text in texts]
    order = sorted(range(len(lines)), key=lambda i: len(lines[i]))
    out = {
        name: np.zeros((len(texts), size))
        for name, size in (("review", 3), ("segment", 3), ("problem", 4), ("answer", 11))
    }
    at = 0
    while at < len(order):
        count = max(1, min(len(order) - at, room // len(lines[order[min(at + 31, len(order) - 1)]])))
        own = order[at : at + count]
        at += count
        longest = max(len(lines[i]) for i in own)
        ids = torch.tensor([lines[i] + [PAD] * (longest - len(lines[i])) for i in own])
        lengths = torch.tensor([len(lines[i]) for i in own])
        inside = torch.arange(longest)[None] < lengths[:, None]
        with torch.inference_mode():
            with half():
                states = reader.encoder(ids, inside)
            states = states.float()
            whole = reader.whole(states, inside)
            # The text of a single part begins behind <s>, "query" and ":".
            first = torch.full((len(own),), 3)
            parts = reader.parts(states, Spans(torch.arange(len(own)), first, lengths - 1))
            for name, head, source in (
                ("review", reader.review, whole),
                ("segment", reader.segment, parts),
                ("problem", reader.problem, parts),
                ("answer", reader.answer, whole),
            ):
                out[name][own] = head(source).softmax(dim=-1).numpy()
    return out


def scores(found: np.ndarray, labels: np.ndarray, lead: float = 1.0) -> dict[str, float]:
    """Return macro-F1 over the classes there are, accuracy, and accuracy of two classes."""
    best = classes(found, lead)
    present = sorted(set(labels.tolist()))
    counts = np.bincount(labels * 3 + best, minlength=9).reshape(3, 3)
    f1 = 2 * np.diag(counts) / np.maximum(counts.sum(axis=0) + counts.sum(axis=1), 1)
    polar = labels != 1
    two = np.where(found[:, 2] >= found[:, 0], 2, 0)
    return {
        "f1": float(f1[present].mean()),
        "accuracy": float((best == labels).mean()),
        "two": float((labels[polar] == two[polar]).mean()) if polar.any() else float("nan"),
    }


def quick(reader: Reader, cut: Tokenizer, data: Path, cap: int) -> dict[str, Any]:
    """Return macro-F1 on the dev splits by language, from the review head and from the segment head."""
    names: dict[str, float] = {}
    langs: dict[str, list[float]] = {}
    for split in [*splits(data, "/dev", cap), *behaviour()]:
        got = read(reader, cut, split.texts)
        measured = scores(got["review"], split.labels)
        alone = split.kind in BY_SHARE
        names[split.name.removesuffix("/dev")] = round(measured["accuracy" if alone else "f1"], 3)
        group = split.kind if alone else split.langs[0]
        langs.setdefault(f"{group} f1", []).append(measured["f1"])
        langs.setdefault(f"{group} two", []).append(measured["two"])
        langs.setdefault(f"{group} segment f1", []).append(scores(got["segment"], split.labels)["f1"])
    means = {name: round(float(np.mean(values)), 3) for name, values in langs.items()}
    every = [
        value for name, value in names.items() if not name.startswith(("behaviour", "kinds", *COMPLAINTS))
    ]
    return {"mean f1": round(float(np.mean(every)), 4), **means, "splits": names}
