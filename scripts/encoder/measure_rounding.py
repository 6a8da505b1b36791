"""Measure how far the 8-bit network is from full precision, text by text, and how fast each is.

    python -m scripts.encoder.measure_rounding FOLDER [--texts 500] [--write FILE | --against FILE]

``--write`` keeps the probabilities, so that another processor, or an emulated one, can be held against them.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from earful.encoder.form import line_of
from scripts.encoder.measure import splits
from scripts.encoder.rows import DATA, WORK

LIMIT = 254


class Rounded:
    """A network of :mod:`export` with its heads, one text at a time."""

    def __init__(self, folder: Path, network: str, work: Path = WORK, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._run = onnxruntime.InferenceSession(
            str(folder / network), options, providers=["CPUExecutionProvider"]
        )
        self._pieces = np.load(folder / "pieces.npy", mmap_mode="r")
        self._places = np.load(folder / "places.npy")
        self._heads = dict(np.load(folder / "heads.npz"))
        self._cut = Tokenizer.from_file(str(work / "tokenizer.json"))

    def pieces(self, text: str) -> list[int]:
        """Return the numbers of a text's pieces."""
        return [0, *self._cut.encode(line_of([("", text)]).text, add_special_tokens=False).ids[:LIMIT], 2]

    def states(self, ids: list[int]) -> np.ndarray:
        """Return a state for each piece."""
        rows = self._pieces[ids].astype(np.float32) + self._places[: len(ids)]
        filled = np.zeros((1, len(ids)), np.float32)
        return self._run.run(None, {"rows": rows[None], "filled": filled})[0][0]

    def read(self, text: str) -> np.ndarray:
        """Return the probabilities of the review head and of the segment head, shape (2, 3)."""
        states = self.states(self.pieces(text))
        first = states[0]
        wholes = {"review": states.mean(axis=0), "segment": states[3:-1].mean(axis=0)}
        out = []
        for name, mean in wholes.items():
            logits = (
                self._heads[f"{name}.weight"] @ np.concatenate([mean, first]) + self._heads[f"{name}.bias"]
            )
            odds = np.exp(logits - logits.max())
            out.append(odds / odds.sum())
        return np.array(out)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--texts", type=int, default=500)
    parser.add_argument("--networks", nargs="+", default=["full.onnx", "network.onnx"])
    parser.add_argument("--write", type=Path)
    parser.add_argument("--against", type=Path)
    args = parser.parse_args()
    texts = sample(args.data, args.texts)
    read = {}
    for network in args.networks:
        model = Rounded(args.folder, network, args.work)
        began, spent = time.perf_counter(), time.process_time()
        read[network] = np.array([model.read(text) for text in texts])
        pieces = sum(len(model.pieces(text)) for text in texts)
        wall, used = time.perf_counter() - began, time.process_time() - spent
        print(f"{network}: {len(texts) / wall:.0f} texts/s, {pieces / used:.0f} pieces a processor second")
    if args.write:
        np.savez(args.write, **read)
    against = dict(np.load(args.against)) if args.against else dict.fromkeys(read, read[args.networks[0]])
    for network, got in read.items():
        if network not in against:
            continue
        other = against[network]
        apart = np.abs(got - other).max(axis=(1, 2))
        labels = (got.argmax(axis=2) != other.argmax(axis=2)).any(axis=1).sum()
        print(
            f"{network}: largest {apart.max():.4f}, 99 of 100 within {np.quantile(apart, 0.99):.4f}, "
            f"mean {apart.mean():.4f}; {labels} labels differ"
        )


def sample(data: Path, count: int) -> list[str]:
    """Return so many dev texts, as many of each split."""
    chosen = splits(data, "/dev", -(-count // 20))
    texts = [text for row in zip(*(split.texts for split in chosen), strict=False) for text in row]
    return texts[:count]


if __name__ == "__main__":
    main()
