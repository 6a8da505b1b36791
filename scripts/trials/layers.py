"""How many layers of plain Gemma polarity needs: a linear probe on what each layer puts out, nothing tuned.

    python -m scripts.trials.layers --work WORK [--train 1600] [--cap 150]

For every second layer, macro-F1 on dev splits of logistic regression on the last piece, on the mean of the
pieces, and on both. Fitted on training rows that are not held out, a like number of each language.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from earful.sentiment.windows import plain
from scripts.data import DEFAULT_DATA
from scripts.sentiment.evaluate import macro_f1, splits
from scripts.sentiment.gemma import load_base
from scripts.sentiment.mixture import LABELS, load_mixture

LAYERS, LIMIT = 18, 56
SHOWN = tuple(range(4, LAYERS + 1, 2))
DEV = "airline_tweets/dev|sentences_cr/dev|opensent.*/dev|sberbank/dev|viksna.*/dev|gov.*/dev"
LANGS = ("en", "ru", "bg", "lv")
PARTS = (slice(0, 640), slice(640, 1280), slice(0, 1280))
SEED = 41


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--work", type=Path, required=True, help="folder of the base model")
    parser.add_argument("--train", type=int, default=1600)
    parser.add_argument("--cap", type=int, default=150)
    args = parser.parse_args()
    model, tokenizer = load_base(LAYERS, args.work)
    rows = training_rows(args.data, args.train)
    fit, labels = states(model, tokenizer, rows.text.tolist()), rows.label.map(LABELS.index).to_numpy()
    measured = [(split, states(model, tokenizer, split.texts)) for split in splits(args.data, DEV, args.cap)]
    print("| layers | last piece | mean | both |\n| --- | --- | --- | --- |")
    for place, layer in enumerate(SHOWN):
        scores = [f1(fit[:, place, part], labels, measured, place, part) for part in PARTS]
        print(f"| {layer} | " + " | ".join(f"{score:.3f}" for score in scores) + " |", flush=True)


def training_rows(data: Path, count: int) -> pd.DataFrame:
    """Give short training rows that are not held out, a like number of each first language."""
    rows = load_mixture(data, late=True)
    rows = rows[~rows.held_out & rows.text.str.len().between(8, 200) & (rows.weight >= 1)]
    return rows[rows.lang.isin(LANGS)].groupby("lang").sample(count // len(LANGS), random_state=SEED)


def states(
    model: torch.nn.Module, tokenizer: object, texts: list[str], layers: tuple[int, ...] = SHOWN
) -> np.ndarray:
    """Give the last piece and the mean of the pieces after each of the layers: (n, layers, 1280)."""
    found = []
    with torch.inference_mode():
        for text in texts:
            ids = tokenizer(plain(text), add_special_tokens=False)["input_ids"][: LIMIT - 2]
            ids = [tokenizer.bos_token_id, *ids, tokenizer.eos_token_id]
            hidden = model(torch.tensor([ids]), output_hidden_states=True, use_cache=False).hidden_states
            found.append(
                [torch.cat([hidden[n][0, -1], hidden[n][0, 1:].mean(dim=0)]).numpy() for n in layers]
            )
    return np.array(found, dtype=np.float32)


def f1(fit: np.ndarray, labels: np.ndarray, measured: list, place: int, part: slice) -> float:
    """Give the mean macro-F1 over the splits of a probe on one layer's states."""
    probe = make_pipeline(
        StandardScaler(), LogisticRegression(C=0.003, max_iter=300, class_weight="balanced")
    )
    probe.fit(fit, labels)
    scores = [
        macro_f1(split.labels, probe.predict(held[:, place, part]), sorted(set(split.labels.tolist())))
        for split, held in measured
    ]
    return float(np.mean(scores))


if __name__ == "__main__":
    main()
