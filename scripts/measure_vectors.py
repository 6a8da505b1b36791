"""Could one pass serve themes too? What the vectors of each network know of topics.

    python scripts/measure_vectors.py --work WORK [--rows 1500] [--threads 2]

The vectors of the sentence encoder, which themes use, beside what the heads of ``fast`` and ``accurate`` are
given. Theme by the nearest mean of 8 training rows a theme, and k-means of the measured rows, on the
development rows of ``evaluate_themes.py``: accuracy and normalised mutual information. Vectors are centred on
the training rows; ``accurate`` is also read at its middle layer.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score

from earful.encoder import load_encoder
from earful.sentiment.model import models_home
from earful.themes.meaning import vectors
from evaluate_themes import read
from gemma import base_config
from mixture import DEFAULT_DATA
from shipped import shipped_states
from student import packed
from train_accurate import LAYERS, Pieces, Reader, padded
from train_student import Cutter, first_student

SETS, FEW, SEED = ("banking77", "us_airline_tweets"), 8, 43
Vectors = Callable[[list[str]], np.ndarray]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--work", type=Path, required=True, help="folder of the base model's settings")
    parser.add_argument("--rows", type=int, default=1500, help="measured rows of a set")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    encoder = load_encoder()
    ways = {"encoder": lambda texts: vectors(encoder, texts), "fast": of_fast(), **of_accurate(args.work)}
    print("| set | vectors | nearest mean | k-means |\n| --- | --- | --- | --- |")
    for name in SETS:
        train, measured = read(args.data, name, "dev")
        few = train.groupby("theme").head(FEW)
        measured = measured.iloc[np.linspace(0, len(measured) - 1, min(args.rows, len(measured))).astype(int)]
        for way, embed in ways.items():
            right, information = known(embed, few, measured)
            print(f"| {name} | {way} | {right:.3f} | {information:.3f} |", flush=True)


def known(embed: Vectors, few: pd.DataFrame, measured: pd.DataFrame) -> tuple[float, float]:
    """Give the accuracy of the nearest mean, and how much k-means and the themes say of each other."""
    shown, asked = (embed(rows.text.tolist()).astype(np.float32) for rows in (few, measured))
    centre = shown.mean(axis=0)
    shown, asked = _unit(shown - centre), _unit(asked - centre)
    themes = np.array(sorted(set(few.theme)))
    means = _unit(np.stack([shown[(few.theme == theme).to_numpy()].mean(axis=0) for theme in themes]))
    right = themes[(asked @ means.T).argmax(axis=1)] == measured.theme.to_numpy()
    groups = KMeans(len(themes), n_init=4, random_state=SEED).fit_predict(asked)
    return float(right.mean()), float(normalized_mutual_info_score(measured.theme, groups))


def of_fast() -> Vectors:
    """Give what the head of ``fast`` is given: mean, both layers of the tail and what attention gathers."""
    student, cut = first_student(models_home() / "fast").eval(), Cutter()
    given: list[np.ndarray] = []
    student.head.register_forward_hook(lambda head, inputs, out: given.append(inputs[0].numpy()))

    def embed(texts: list[str]) -> np.ndarray:
        given.clear()
        with torch.inference_mode():
            for text in texts:
                student(*packed(cut([text])))
        return np.concatenate(given)

    return embed


def of_accurate(work: Path) -> dict[str, Vectors]:
    """Give the mean of the pieces after the middle and the last layer of ``accurate``."""
    folder = models_home() / "accurate"
    states = shipped_states(folder, LAYERS)
    reader = Reader(base_config(LAYERS, work), len(states["embed.weight"]))
    reader.load_state_dict(states)
    reader.eval()
    cut = Pieces(folder / "tokenizer.json")

    def embed(texts: list[str], layer: int) -> np.ndarray:
        given = []
        with torch.inference_mode():
            for pieces in cut(texts):
                ids, _ = padded([pieces], "cpu")
                out = reader.layers(
                    inputs_embeds=reader.embed(ids), output_hidden_states=True, use_cache=False
                )
                given.append(out.hidden_states[layer][0, 1:].mean(dim=0).numpy())
        return np.stack(given)

    return {
        f"accurate, layer {layer}": lambda texts, layer=layer: embed(texts, layer)
        for layer in (LAYERS // 2, LAYERS)
    }


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)


if __name__ == "__main__":
    main()
