"""Fit what stands around a network: shares, calibration, pooling, and when ``auto`` asks ``accurate``.

    python -m scripts.sentiment.calibrate fast --held 30000 --cap 2000
    python -m scripts.sentiment.calibrate accurate --work WORK

1. Shares: how much of the logits of the simpler model is added, by language: what gives the best macro-F1
   over the dev splits, and over the written sentences and the rows of ``bg_cinexio`` that were held out.
2. Calibration by language of the sum.
3. Pooling over the segments of a review.
4. ``unsure_below``: the texts that ``auto`` gives to ``accurate`` are those that ``fast`` is less sure of. It
   is the lowest threshold whose macro-F1 stays within half a point of ``accurate``'s, on average over splits.

Shares, calibration and threshold come from rows that are split off the training rows and from dev splits;
``bg_cinexio/dev``, which has no test split beside it, is left out. A slow network reads each row once; with
``--work`` its logits are kept in that folder.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from earful.encoder.calibration import Calibration, fit_calibration, fit_scaling
from earful.jobs.judged import judged_texts
from earful.models.folder import Folder
from earful.sentiment.blend import Blend, Part
from earful.sentiment.model import SentimentModel, load_model, load_part, model_folder
from earful.sentiment.pooling import Pooling, fit_pooling, summarise
from earful.text.segment import segment_spans
from scripts.data import DEFAULT_DATA
from scripts.sentiment.evaluate import macro_f1, splits
from scripts.sentiment.mixture import LABELS, balanced, load_mixture

#: The simpler model beside each network.
BESIDE = {"fast": "ngrams", "accurate": "fast"}
SHARES = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5)
THRESHOLDS = tuple(np.round(np.arange(0.35, 1.0001, 0.05), 2))
NOT_TUNED_ON = "bg_cinexio/dev"
#: Sources whose held-out rows count like a dev split: the written ones, and the one that has none.
OWN_SPLIT = ("written", "bg_cinexio")
FEW = 400  # held-out rows of a language: where there are no more, all count
# A language with so many rows has its own scaling, drawn so strongly to the common one.
MIN_ROWS, PULL = 40, 60.0
WITHIN = 0.005


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=sorted(BESIDE))
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--work", type=Path, help="folder that keeps the logits")
    parser.add_argument("--held", type=int, default=2500, help="held-out training rows beside the written")
    parser.add_argument(
        "--corrections", type=Path, nargs="*", default=[], help="runs whose sentiment people corrected"
    )
    parser.add_argument("--cap", type=int, default=150, help="rows of a dev split")
    parser.add_argument("--reviews", type=int, default=500, help="whole reviews for the pooling")
    args = parser.parse_args()

    folder = Folder.open(model_folder(args.model))
    network, beside = load_part(folder), load_model(BESIDE[args.model])
    mixture = load_mixture(args.data, late=True)
    held = mixture[mixture.held_out]
    rows = calibration_rows(held, args)
    texts, langs = rows.text.tolist(), rows.lang.tolist()
    read = kept_logits(network, texts, args.work)
    simpler = beside.logits(texts, langs)
    shares = fit_shares(read, simpler, rows)
    print("shares:", shares, flush=True)
    added = read + rows.lang.map(shares).fillna(shares["*"]).to_numpy()[:, None] * simpler
    fitted = Calibration.from_dict(
        fit_calibration(added, rows.label.to_numpy(), langs, balanced(rows, 0.5), MIN_ROWS, PULL).to_dict()
    )
    blend = Blend(args.model, network, beside, shares, fitted, network.pooling)
    reviews = held[held.review]
    spread = np.linspace(0, len(reviews) - 1, min(args.reviews, len(reviews))).astype(int)
    settings = {
        "beside": {"model": beside.name, "checksum": beside.checksum, "share": shares},
        "calibration": fitted.to_dict(),
        "pooling": fit_review_pooling(blend, reviews.iloc[spread]).to_dict(),
    }
    if args.model == "accurate":
        settings["unsure_below"] = fit_threshold(
            fitted.probabilities(added, langs), load_model("fast").predict(texts, langs), rows
        )
    config = {key: value for key, value in folder.config.items() if key != "format"}
    Folder.write(folder.path, config | settings)


def calibration_rows(held: pd.DataFrame, args: argparse.Namespace) -> pd.DataFrame:
    """Give texts with language, label (0, 1, 2), split and weight; every split weighs alike."""
    own = held.source.str.startswith(OWN_SPLIT)
    many = held.groupby("lang").text.transform("size") > FEW
    others = held[~own & many]
    others = others.iloc[np.linspace(0, len(others) - 1, min(args.held, len(others))).astype(int)]
    others = pd.concat([others, held[~own & ~many]])
    parts = [
        pd.DataFrame(
            {"text": rows.text, "lang": rows.lang, "label": rows.label.map(LABELS.index), "split": name}
        )
        for rows, name in ((others, "held"), (held[own], held.source[own]))
    ]
    for split in splits(args.data, "/dev", args.cap):
        if split.name != NOT_TUNED_ON:
            part = {"text": split.texts, "lang": split.langs, "label": split.labels, "split": split.name}
            parts.append(pd.DataFrame(part))
    for run in args.corrections:
        told = judged_texts(run)
        label = told.sentiment.map(LABELS.index)
        parts.append(pd.DataFrame({"text": told.text, "lang": told.lang, "label": label, "split": str(run)}))
    rows = pd.concat(parts, ignore_index=True).astype({"label": np.int64})
    rows["weight"] = 100.0 / np.sqrt(rows.groupby(["split", "lang"]).text.transform("size"))
    return rows


def kept_logits(network: Part, texts: list[str], work: Path | None) -> np.ndarray:
    """Give the network's logits; the work folder keeps them."""
    if work is None:
        return network.logits(texts, [])
    path = work / f"logits_{network.name}.npz"
    known = dict(zip(*np.load(path, allow_pickle=False).values(), strict=True)) if path.exists() else {}
    new = [text for text in dict.fromkeys(texts) if text not in known]
    for at in range(0, len(new), 500):
        known |= dict(zip(new[at : at + 500], network.logits(new[at : at + 500], []), strict=True))
        print(f"{at} of {len(new)} texts read", flush=True)
        np.savez(path, texts=np.array(list(known)), logits=np.array(list(known.values())))
    return np.array([known[text] for text in texts])


def fit_shares(read: np.ndarray, simpler: np.ndarray, rows: pd.DataFrame) -> dict[str, float]:
    """Choose, by language, the share with the best mean macro-F1.

    Each share is calibrated before it is measured. Of the rows split off the training rows :data:`OWN_SPLIT`
    alone counts here: the n-grams know the writers of the others too well.
    """
    shares = {}
    dev = (rows.split != "held").to_numpy()
    for lang in ["*", *sorted(set(rows.lang))]:
        inside = dev if lang == "*" else dev & (rows.lang == lang).to_numpy()
        if inside.sum() < 300 or rows.label[inside].nunique() < 3:
            continue
        found = [_mean_f1(read[inside] + share * simpler[inside], rows[inside]) for share in SHARES]
        shares[lang] = SHARES[int(np.argmax(found))]
        by_share = dict(zip(SHARES, np.round(found, 4).tolist(), strict=True))
        print(lang, int(inside.sum()), by_share, flush=True)
    return shares


def _mean_f1(logits: np.ndarray, rows: pd.DataFrame) -> float:
    labels, weights = rows.label.to_numpy(), balanced(rows, 0.5)
    read = fit_scaling(logits, labels, weights, pull=PULL).apply(logits)
    named = [(rows.split == name).to_numpy() for name in sorted(set(rows.split))]
    return float(np.mean([_f1(labels[split], read[split]) for split in named]))


def fit_threshold(accurate: np.ndarray, fast: np.ndarray, rows: pd.DataFrame) -> float:
    """Choose when ``auto`` asks ``accurate``; prints the curve."""
    labels = rows.label.to_numpy()
    named = [(rows.split == name).to_numpy() for name in sorted(set(rows.split))]
    full = np.mean([_f1(labels[split], accurate[split]) for split in named])
    chosen = 1.0
    print(f"accurate for every text: macro-F1 {full:.4f}")
    for threshold in reversed(THRESHOLDS):
        asked = fast.max(axis=1) < threshold
        both = np.where(asked[:, None], accurate, fast)
        f1 = np.mean([_f1(labels[split], both[split]) for split in named])
        share = np.mean([asked[split].mean() for split in named])
        print(f"unsure below {threshold:.2f}: asked for {share:.1%}, macro-F1 {f1:.4f}", flush=True)
        if full - f1 <= WITHIN:
            chosen = float(threshold)
    return chosen


def _f1(labels: np.ndarray, read: np.ndarray) -> float:
    return macro_f1(labels, read.argmax(axis=1), sorted(set(labels.tolist())))


def fit_review_pooling(model: SentimentModel, held: pd.DataFrame) -> Pooling:
    """Learn the pooling from the whole reviews among held-out rows (``review`` is true)."""
    reviews = held[held.review].reset_index(drop=True)
    pieces = [
        [text[start:end] for start, end in segment_spans(text, lang)] or [text]
        for text, lang in zip(reviews.text, reviews.lang, strict=True)
    ]
    flat = [piece for parts in pieces for piece in parts]
    langs = [lang for lang, parts in zip(reviews.lang, pieces, strict=True) for _ in parts]
    read = np.split(model.predict(flat, langs), np.cumsum([len(parts) for parts in pieces])[:-1])
    titles = model.predict(reviews.title.tolist(), reviews.lang.tolist())
    summaries = [
        summarise(probabilities, headline if title.strip() else None)
        for probabilities, headline, title in zip(read, titles, reviews.title, strict=True)
    ]
    labels = reviews.label.map(LABELS.index).to_numpy()
    counts = pd.Series(labels).map(pd.Series(labels).value_counts())
    sources = reviews.source.map(reviews.source.value_counts())
    weights = (1.0 / np.sqrt(counts * sources)).to_numpy()
    return fit_pooling(summaries, labels, weights)


if __name__ == "__main__":
    main()
