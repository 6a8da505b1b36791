"""Train the n-gram model: hashed character and word n-grams, one linear layer.

    python -m scripts.sentiment.train_ngram --data ../shared/data --out models/ngrams

The same command gives the same weights: batches are shuffled from a fixed seed. Some of the training rows are
held out for the calibration per language and for the pooling over segments. No dev or test split is read.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from earful.encoder.calibration import Calibration, fit_calibration
from earful.sentiment.ngram import Features, NgramModel, save_ngram
from scripts.data import DEFAULT_DATA
from scripts.sentiment.calibrate import fit_review_pooling
from scripts.sentiment.mixture import LABELS, MIXTURE, balanced, load_mixture

SEED, BATCH = 17, 2048


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--mixture", type=Path, default=MIXTURE)
    parser.add_argument("--out", type=Path, default=Path("models/ngrams"))
    parser.add_argument("--name", default="ngrams")
    parser.add_argument("--bits", type=int, default=20)
    parser.add_argument("--power", type=float, default=0.5)
    parser.add_argument("--decay", type=float, default=2e-6, help="strength of the L2 penalty")
    parser.add_argument("--rate", type=float, default=0.3)
    parser.add_argument(
        "--balance", type=float, default=0.5, help="0: classes as they come, 1: equal by language"
    )
    parser.add_argument("--epochs", type=int, default=12)
    args = parser.parse_args()

    frame = load_mixture(args.data, args.mixture)
    model = train(frame, args)
    save_ngram(model, args.out)
    print(f"wrote {args.out}")


def train(frame: pd.DataFrame, args: argparse.Namespace) -> NgramModel:
    """Fit weights on the training rows, then calibration and pooling on the held-out ones."""
    features = Features(bits=args.bits, power=args.power)
    started = time.perf_counter()
    fit = frame[~frame.held_out]
    matrix = count(features, fit.text)
    print(
        f"{matrix.shape[0]} texts, {matrix.nnz / 1e6:.0f} M counts in {time.perf_counter() - started:.0f} s",
        flush=True,
    )

    labels = fit.label.map(LABELS.index).to_numpy()
    coefficients, intercept = fit_softmax(
        matrix, labels, balanced(fit, args.balance), args.decay, args.epochs, args.rate
    )
    print(f"fitted after {time.perf_counter() - started:.0f} s", flush=True)
    weights = coefficients[:, [0, 2]] - coefficients[:, [1]]
    model = NgramModel(
        name=args.name,
        checksum="",
        features=features,
        weights=np.ascontiguousarray(weights.astype(np.float16).astype(np.float32)),
        bias=np.round(intercept - intercept[1], 6),
    )
    held = frame[frame.held_out]
    fitted = fit_calibration(
        model.logits(held.text.tolist()),
        held.label.map(LABELS.index).to_numpy(),
        held.lang.tolist(),
        balanced(held, args.balance),
    )
    model.calibration = Calibration.from_dict(fitted.to_dict())  # as it will be read, to the last digit
    model.pooling = fit_review_pooling(model, held)
    return model


def fit_softmax(
    matrix: sparse.csr_matrix, labels: np.ndarray, weights: np.ndarray, decay: float, epochs: int, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a softmax regression by AdaGrad over shuffled batches: weighted log-loss and a squared penalty.

    Parameters
    ----------
    decay
        Strength of the penalty, per row of weight 1.

    Returns
    -------
    tuple
        Coefficients of shape (features, 3), intercepts of shape (3,).
    """
    rng = np.random.default_rng(SEED)
    rows, width = matrix.shape
    table, sums = np.zeros((width, 3), np.float32), np.full((width, 3), 1e-6, np.float32)
    bias, bias_sums = np.zeros(3), np.full(3, 1e-6)
    target = np.eye(3, dtype=np.float32)[labels]
    for epoch in range(epochs):
        order, lost = rng.permutation(rows), 0.0
        slowed = rate * (1.0 - epoch / epochs)
        for begin in range(0, rows, BATCH):
            batch = order[begin : begin + BATCH]
            x, share = matrix[batch], weights[batch] / weights[batch].sum()
            z = x @ table + bias
            z -= z.max(axis=1, keepdims=True)
            p = np.exp(z)
            total = p.sum(axis=1, keepdims=True)
            lost += float((share * (np.log(total[:, 0]) - z[np.arange(len(batch)), labels[batch]])).sum())
            slope = ((p / total - target[batch]) * share[:, None]).astype(np.float32)
            gradient = x.T @ slope + np.float32(decay) * table
            sums += gradient**2
            table -= np.float32(slowed) * gradient / np.sqrt(sums)
            step = slope.sum(axis=0)
            bias_sums += step**2
            bias -= slowed * step / np.sqrt(bias_sums)
        print(f"epoch {epoch + 1}: loss {lost / np.ceil(rows / BATCH):.4f}", flush=True)
    return table, bias


def count(features: Features, texts: Iterable[str]) -> sparse.csr_matrix:
    """Count the features of texts: exactly what the model sums, as a sparse matrix."""
    numbers: dict[str, int] = {}
    word_ids: list[np.ndarray] = []
    contexts: list[np.ndarray] = []
    scales: list[float] = []
    for text in texts:
        tokens = features.tokens(text)
        word_ids.append(
            np.array([numbers.setdefault(token, len(numbers)) for token in tokens], dtype=np.int64)
        )
        contexts.append(features.context(tokens))
        scales.append(max(len(tokens), 1) ** -features.power)
    words = [features.word(word) for word in numbers]
    word_matrix = _rows([rows for rows, _ in words], 1 << features.bits, [values for _, values in words])
    matrix = _rows(word_ids, len(numbers)) @ word_matrix + _rows(contexts, 1 << features.bits)
    return (sparse.diags(np.array(scales)) @ matrix).tocsr().astype(np.float32)


def _rows(
    indices: Sequence[np.ndarray], width: int, values: Sequence[np.ndarray] | None = None
) -> sparse.csr_matrix:
    lengths = np.array([len(row) for row in indices])
    flat = np.concatenate(indices)
    data = (
        np.ones(len(flat), dtype=np.float32) if values is None else np.concatenate(values).astype(np.float32)
    )
    matrix = sparse.csr_matrix(
        (data, flat, np.concatenate([[0], np.cumsum(lengths)])), shape=(len(indices), width)
    )
    matrix.sum_duplicates()
    return matrix


if __name__ == "__main__":
    main()
