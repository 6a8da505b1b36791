"""Begin a run where a shipped reader stands, when the run that gave it is lost: its 8 bits back as weights.

    PYTHONPATH=SITE python -m scripts.encoder.restore models/fast --run WORK/fast

It needs ``onnx`` beside what the package needs. Tokenizer and kept pieces come into the work folder too. The
theme vectors stay as they ship, without what all texts share; themes that training tells apart get the
vector of their name. Styles of marking terms are lost: all begin as the one that ships.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from earful.encoder.heads import HEADS as NAMES
from earful.encoder.loading import HEADS, NETWORK, PLACES, VOCABULARY
from earful.encoder.vocabulary import TOKENIZER as PIECES
from earful.encoder.vocabulary import load_vocabulary
from earful.encoder.weights import read_weights
from scripts.encoder.base import BASE, TOKENIZER, member
from scripts.encoder.examples import read_examples
from scripts.encoder.reader import STYLES, Reader
from scripts.encoder.rows import DATA, WORK
from scripts.encoder.stream import framed
from scripts.encoder.train import THEMES, theme_line, themes_of

LATER = 5000  # chunk to go on from: far behind the texts that the lost run began with


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a shipped reader")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--run", type=Path, required=True)
    args = parser.parse_args()
    restore_pieces(args.folder.parent / VOCABULARY, args.work)
    reader = restored(args.folder, args.work)
    examples, _ = read_examples(args.data)
    themes = {name: number for number, name in enumerate(themes_of(examples))}
    name_themes(reader, themes, Tokenizer.from_file(str(args.work / PIECES)))
    own = {name: part for name, part in reader.state_dict().items() if name != "encoder.pieces.weight"}
    state = {"step": 0, "texts": 0, "chunk": LATER, "read": {}}
    args.run.mkdir(parents=True, exist_ok=True)
    torch.save(
        {"own": own, "mean": own, "themes": themes, "state": state, "layers": len(reader.encoder.layers)},
        args.run / "checkpoint.pt",
    )


def restore_pieces(folder: Path, work: Path) -> None:
    """Write the tokenizer, and each piece's row in the base model's table, into a work folder."""
    text = (folder / PIECES).read_text(encoding="utf-8")
    (work / PIECES).write_text(text, encoding="utf-8")
    full = json.loads(member(BASE, TOKENIZER))["model"]["vocab"]
    places = {piece: place for place, (piece, _) in enumerate(full)}
    np.save(work / "pieces.npy", np.array([places[piece] for piece, _ in json.loads(text)["model"]["vocab"]]))


def restored(folder: Path, work: Path) -> Reader:
    """Return a shipped reader with weights of full width."""
    weights = read_weights((folder / NETWORK).read_bytes())
    heads = load_file(folder / HEADS)
    reader = Reader(len(np.load(work / "pieces.npy")), weights.layers, THEMES)
    states = {"encoder.places.weight": heads[PLACES]}
    states |= {f"encoder.{name}": array for name, array in weights.arrays.items()}
    for name in NAMES:
        for part in ("weight", "bias"):
            states[f"{name}.{part}"] = heads[f"{name}.{part}"]
    for part in ("weight", "bias"):
        shared = heads[f"tag.{part}"]
        states[f"tag.{part}"] = np.concatenate([shared, *[np.zeros_like(shared)] * len(STYLES)])
    begun = reader.state_dict()
    missing = begun.keys() - states.keys() - {"encoder.pieces.weight", "themes.weight"}
    if missing:
        raise SystemExit(f"{folder}: has no {sorted(missing)}")
    vocabulary = load_vocabulary(folder.parent / VOCABULARY)
    states["encoder.pieces.weight"] = vocabulary.rows(np.arange(len(vocabulary)))
    reader.load_state_dict(
        begun | {name: torch.from_numpy(np.array(part, np.float32)) for name, part in states.items()}
    )
    return reader.eval()


def name_themes(reader: Reader, themes: Mapping[str, int], cut: Tokenizer) -> None:
    """Give each theme of the training the vector of its name."""
    with torch.inference_mode():
        for name, number in themes.items():
            ids = torch.tensor([framed(cut, theme_line(name))])
            states = reader.encoder(ids, torch.ones_like(ids, dtype=torch.bool))
            reader.themes.weight[number] = reader.vector(states[0, 1:-1].mean(dim=0))


if __name__ == "__main__":
    main()
