"""Fit the constants of ``earful.themes.semantic``: how sure a likeness and a lead make a theme.

    python -m scripts.themes.calibrate --data ../shared/data

Positives and rivals: the training rows of us_airline_tweets against ``airline_reasons.toml`` and of banking77
against its labels' names. Background, which carries none of these themes: training rows of five other sets,
half as heavy. Of each row the three likeliest themes count. Prints the three numbers, then precision and
recall by threshold on development rows (for banking77 a fifth of the training rows, held out by hash).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from earful.encoder import load_encoder
from earful.themes import semantic
from earful.themes.meaning import vectors
from earful.themes.taxonomy import Taxonomy, Theme, load_taxonomy
from scripts.data import DEFAULT_DATA
from scripts.themes.evaluate import DESCRIBED, read, reason_of

BACKGROUND = (
    "themes/gplay_review_types",
    "loyalty/womens_clothing",
    "sentiment/en_android_apps",
    "sentiment/ru_ozon",
    "sentiment/bg_cinexio",
)


def named(labels: list[str]) -> Taxonomy:
    """Make a taxonomy of nothing but names."""
    themes = [
        Theme(f"x.t{number}", {"en": label.replace("_", " ").capitalize()}, "")
        for number, label in enumerate(labels)
    ]
    return Taxonomy("named", tuple(themes))


def likeness_and_lead(matcher: semantic.SemanticMatcher, codes: np.ndarray) -> np.ndarray:
    """Give both features of the three likeliest themes, shape (rows, 3, 2), and which themes they are."""
    scale = semantic._SCALE * semantic.VECTOR_SCALE
    likeness = (codes.astype(np.float32) @ matcher._codes.T) / scale
    top = np.argsort(-likeness, axis=1)[:, :3]
    best = np.take_along_axis(likeness, top, 1)
    rival = np.maximum(np.where(np.arange(3) == 0, best[:, 1:2], best[:, :1]), semantic._FLOOR)
    return np.stack([best, best - rival], axis=-1), top


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    options = parser.parse_args()
    encoder = load_encoder()
    other = []
    for name in BACKGROUND:
        rows = pd.read_json(options.data / f"{name}.jsonl.gz", lines=True)
        other += rows.loc[rows["split"] == "train", "text"].dropna().str[:300].tolist()[:600]
    background = vectors(encoder, other)
    features, truth, weights, measured = [], [], [], {}
    for name in ("us_airline_tweets", "banking77"):
        train, dev = read(options.data, name, "dev")
        if name == "banking77":
            labels = sorted(train["theme"].unique())
            taxonomy, place = named(labels), {label: at for at, label in enumerate(labels)}
        else:
            taxonomy = load_taxonomy(DESCRIBED)
            at = {reason_of(theme.id): number for number, theme in enumerate(taxonomy.themes)}
            place = {label: at[reason_of(label)] for label in train["theme"].unique()}
        matcher = semantic.SemanticMatcher(taxonomy, encoder)
        train = train.iloc[:: max(1, len(train) // 4000)]
        found, top = likeness_and_lead(matcher, vectors(encoder, train["text"].tolist()))
        right = top == train["theme"].map(place).to_numpy()[:, None]
        beside, _ = likeness_and_lead(matcher, background)
        for rows, true, weight in ((found, right, 1.0), (beside, np.zeros(beside.shape[:2], bool), 0.5)):
            features.append(rows.reshape(-1, 2))
            truth.append(true.ravel())
            weights.append(np.full(true.size, 1000 * weight / len(rows)))
        codes = vectors(encoder, dev["text"].tolist())
        measured[name] = (matcher, codes, dev["theme"].map(place).to_numpy())
    model = LogisticRegression(C=1e3).fit(
        np.vstack(features), np.concatenate(truth), sample_weight=np.concatenate(weights)
    )
    semantic._LIKENESS, semantic._LEAD = (round(float(value), 1) for value in model.coef_[0])
    semantic._BIAS = round(float(model.intercept_[0]), 1)
    print(f"_LIKENESS, _LEAD, _BIAS = {semantic._LIKENESS}, {semantic._LEAD}, {semantic._BIAS}\n")
    print("| set | threshold | precision | recall | given in the background |\n|---|---|---|---|---|")
    for name, (matcher, codes, true) in measured.items():
        chances, beside = matcher.confidences(codes), matcher.confidences(background)
        hit = true[:, None] == np.arange(chances.shape[1])
        for threshold in (0.3, 0.4, 0.5, 0.6, 0.7):
            given = chances >= threshold
            precision, recall = (given & hit).sum() / max(given.sum(), 1), (given & hit).sum() / len(true)
            wrong = 100 * (beside >= threshold).any(axis=1).mean()
            print(f"| {name} | {threshold} | {precision:.2f} | {recall:.2f} | {wrong:.1f} % |")
        print(
            f"{name}: the likeliest theme is right in {100 * (chances.argmax(axis=1) == true).mean():.1f} %"
        )


if __name__ == "__main__":
    main()
