"""Could one pass serve themes too? What the vectors of each network know of topics.

    python -m scripts.sentiment.to_transformers --work WORK --out FOLDER
    python -m scripts.trials.vectors --accurate FOLDER [--rows 1500] [--threads 2]

The vectors of the sentence encoder, which themes use, beside what the head of ``fast`` is given and the mean
of the pieces after the middle and the last layer of ``accurate``. Theme by the nearest mean of 8 training
rows a theme, and k-means of the measured rows, on the development rows of ``themes/evaluate.py``: accuracy
and normalised mutual information. Vectors are centred on the training rows.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score
from sklearn.preprocessing import normalize
from transformers import AutoModel, AutoTokenizer

from earful.encoder import load_encoder
from earful.models.home import models_home
from earful.themes.meaning import vectors
from scripts.data import DEFAULT_DATA
from scripts.sentiment.student import packed
from scripts.sentiment.train_accurate import LAYERS
from scripts.sentiment.train_student import Cutter, first_student
from scripts.themes.evaluate import read
from scripts.trials.layers import PARTS, states

SETS, FEW, SEED = ("banking77", "us_airline_tweets"), 8, 43
READ = (LAYERS // 2, LAYERS)
MEAN = PARTS[1]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--accurate", type=Path, required=True, help="what to_transformers.py wrote")
    parser.add_argument("--rows", type=int, default=1500, help="measured rows of a set")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    accurate = AutoModel.from_pretrained(args.accurate).eval()
    tokenizer = AutoTokenizer.from_pretrained(args.accurate)
    print("| set | vectors | nearest mean | k-means |\n| --- | --- | --- | --- |")
    for name in SETS:
        train, measured = read(args.data, name, "dev")
        few = train.groupby("theme").head(FEW)
        measured = measured.iloc[np.linspace(0, len(measured) - 1, min(args.rows, len(measured))).astype(int)]
        texts = few.text.tolist() + measured.text.tolist()
        found = {"encoder": vectors(load_encoder(), texts), "fast": fast_states(texts)}
        inner = states(accurate, tokenizer, texts, READ)[..., MEAN]
        found |= {f"accurate, layer {layer}": inner[:, place] for place, layer in enumerate(READ)}
        for way, rows in found.items():
            right, information = known(rows.astype(np.float32), few.theme, measured.theme)
            print(f"| {name} | {way} | {right:.3f} | {information:.3f} |", flush=True)


def known(rows: np.ndarray, few: pd.Series, measured: pd.Series) -> tuple[float, float]:
    """Give the accuracy of the nearest mean, and how much k-means and the themes say of each other.

    ``rows`` holds the vectors of the few training rows, then those of the measured ones.
    """
    rows = normalize(rows - rows[: len(few)].mean(axis=0))
    shown, asked = rows[: len(few)], rows[len(few) :]
    themes = np.array(sorted(set(few)))
    means = normalize(np.stack([shown[(few == theme).to_numpy()].mean(axis=0) for theme in themes]))
    right = themes[(asked @ means.T).argmax(axis=1)] == measured.to_numpy()
    groups = KMeans(len(themes), n_init=4, random_state=SEED).fit_predict(asked)
    return float(right.mean()), float(normalized_mutual_info_score(measured, groups))


def fast_states(texts: list[str]) -> np.ndarray:
    """Give what the head of ``fast`` is given: mean, both layers of the tail and what attention gathers."""
    student = first_student(models_home() / "fast").eval()
    given: list[np.ndarray] = []
    student.head.register_forward_hook(lambda head, inputs, out: given.append(inputs[0].numpy()))
    with torch.inference_mode():
        for pieces in Cutter()(texts):
            student(*packed([pieces]))
    return np.concatenate(given)


if __name__ == "__main__":
    main()
