"""Turn a run's last checkpoint into files that onnxruntime and numpy read: 8 bits a weight.

    PYTHONPATH=SITE python -m scripts.encoder.export RUN FOLDER

It needs ``onnx`` beside what the package needs. The network takes the pieces' rows (numpy gathers them, so
that models of one family share one table) and gives the states; the heads are few numbers and stay in numpy.
``full.onnx`` is the same network in full precision. Measured before: onnxruntime's own dynamic rounding, by
text, moves a probability by .043 on average; its ``MatMulNBits`` by .008, at half the speed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from scripts.encoder.checkpoint import read_run
from scripts.encoder.examples import read_examples
from scripts.encoder.form import line_of
from scripts.encoder.graph import write_graph
from scripts.encoder.rounding import moments_of
from scripts.encoder.rows import WORK, unit_of
from scripts.encoder.stream import BEGIN, END, shorten

HEADS = ("review", "segment", "answer", "problem", "tag", "tone", "theme")
SEEN, OURS = 160, ("en", "ru", "bg", "lv")  # texts that the rounding looks at


def lines_of(cut: Tokenizer) -> list[list[int]]:
    """Return pieces of texts that were held out of training, to round by."""
    examples, _ = read_examples(held_out=True)
    told = [
        line_of([(part.names[0], part.text) for part in one.forms[-1]]).text
        for one in examples
        if one.lang in OURS
    ]
    pieces = [cut.encode(line, add_special_tokens=False) for line in sorted(told, key=unit_of)[:SEEN]]
    return [[BEGIN, *shorten(one.ids, one.offsets, 126)[0], END] for one in pieces]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, default=WORK)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    reader, cut, _ = read_run(args.run, args.work)
    write_graph(reader.encoder, args.folder / "full.onnx", whole=False)
    moments = moments_of(reader.encoder, lines_of(cut))
    write_graph(reader.encoder, args.folder / "network.onnx", moments)
    heads = {
        f"{name}.{part}": getattr(getattr(reader, name), part).detach().numpy()
        for name in HEADS
        for part in ("weight", "bias")
    }
    np.savez(args.folder / "heads.npz", **heads)
    np.save(args.folder / "pieces.npy", reader.encoder.pieces.weight.detach().numpy().astype(np.float16))
    np.save(args.folder / "places.npy", reader.encoder.places.weight.detach().numpy())


if __name__ == "__main__":
    main()
