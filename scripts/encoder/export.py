"""Turn a run's last checkpoint into a folder that ``earful`` loads: 8 bits a weight.

    PYTHONPATH=SITE python -m scripts.encoder.export RUN models/accurate [--full FILE]

It needs ``onnx`` beside what the package needs. The network takes the pieces' rows (numpy gathers them, so
that models of one family share one table, in the folder ``encoder`` beside) and gives the states; the heads
are few numbers and stay in numpy. ``--full`` keeps the same network in full precision, to measure against.
Calibrations that the folder has are dropped: :mod:`scripts.encoder.calibrate` goes after. Measured before:
onnxruntime's own dynamic rounding, by text, moves a probability by .043 on average; its ``MatMulNBits`` by
.008, at half the speed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from earful.encoder.form import line_of
from earful.encoder.heads import HEADS as NAMES
from earful.encoder.loading import HEADS, KIND, NETWORK, PLACES, VOCABULARY
from earful.encoder.vocabulary import KIND as PIECES
from earful.encoder.vocabulary import ROWS, STEPS, TOKENIZER, rounded_rows
from earful.models.folder import Folder
from scripts.encoder.checkpoint import read_run
from scripts.encoder.examples import read_examples
from scripts.encoder.graph import write_graph
from scripts.encoder.reader import STYLES, Reader
from scripts.encoder.rounding import moments_of
from scripts.encoder.rows import WORK, unit_of
from scripts.encoder.stream import framed

WINDOW = 256  # pieces that a text of the training had at most, marks of begin and end counted
LARGEST = 95_000_000
SEEN, OURS = 160, ("en", "ru", "bg", "lv")  # texts that the rounding looks at
#: Texts that show what all vectors share, directions that most of it lies in, and how long, beside the
#: vectors, their mean is where they share something at all.
SHARED_SEEN, SHARED, ALIKE = 2000, 4, 0.4


def lines_of(cut: Tokenizer, many: int = SEEN) -> list[list[int]]:
    """Return pieces of texts that were held out of training."""
    examples, _ = read_examples(held_out=True)
    told = [
        line_of([(part.names[0], part.text) for part in one.forms[-1]]).text
        for one in examples
        if one.lang in OURS
    ]
    return [framed(cut, line) for line in sorted(told, key=unit_of)[:many]]


def cleared(folder: Path) -> None:
    """Make a folder, and leave nothing in it but a card."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.name != "README.md":
            old.unlink()


def write_vocabulary(folder: Path, tokenizer: str, table: np.ndarray) -> str:
    """Write the folder of the pieces, the same for every model of a family; return its checksum."""
    cleared(folder)
    rows, steps = rounded_rows(table.astype(np.float32))
    np.save(folder / ROWS, rows)
    np.save(folder / STEPS, steps)
    (folder / TOKENIZER).write_text(tokenizer, encoding="utf-8")
    Folder.write(folder, {"kind": PIECES, "name": folder.name})
    back = rows * steps[:, None]
    lengths = np.maximum(np.linalg.norm(back, axis=1) * np.linalg.norm(table, axis=1), 1e-12)
    print(f"pieces: least cosine to full precision {((back * table).sum(axis=1) / lengths).min():.6f}")
    return Folder.open(folder).checksum


def write_reader(folder: Path, arrays: dict[str, np.ndarray], pieces: str) -> None:
    """Write heads, places and settings beside a network that lies in the folder."""
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / HEADS)
    Folder.write(folder, {"kind": KIND, "name": folder.name, "pieces": pieces, "window": WINDOW})


def heads_of(reader: Reader) -> dict[str, np.ndarray]:
    """Return a reader's heads, and what is added by a piece's place, by name."""
    heads = {
        f"{name}.{part}": getattr(getattr(reader, name), part).detach().numpy()
        for name in NAMES
        for part in ("weight", "bias")
    }
    # Terms as the first style marks them are what ships.
    for part in ("weight", "bias"):
        every, first = np.split(heads[f"tag.{part}"], 1 + len(STYLES))[:2]
        heads[f"tag.{part}"] = every + first
    return heads | {PLACES: reader.encoder.places.weight.detach().numpy()}


def told_apart(reader: Reader, cut: Tokenizer) -> dict[str, np.ndarray]:
    """Return a theme head without what all texts share.

    Nine tenths of the length of a vector were the same for every text, which hides what a text is about: the
    mean over texts goes, and the directions in which they differ most, whatever they are about. A run that
    was begun from a shipped reader has lost that already, and stays as it is.
    """
    rows = []
    with torch.inference_mode():
        for line in lines_of(cut, SHARED_SEEN):
            ids = torch.tensor([line])
            states = reader.encoder(ids, torch.ones_like(ids, dtype=torch.bool))
            rows.append(reader.theme(states[0, 1:-1].mean(dim=0)).numpy())
    found = np.array(rows, np.float64)
    mean = found.mean(axis=0)
    if np.linalg.norm(mean) < ALIKE * np.linalg.norm(found, axis=1).mean():
        return {}
    _, _, directions = np.linalg.svd(found - mean, full_matrices=False)
    keep = np.eye(len(mean)) - directions[:SHARED].T @ directions[:SHARED]
    weight, bias = (part.detach().numpy() for part in (reader.theme.weight, reader.theme.bias))
    told = {"theme.weight": keep @ weight, "theme.bias": keep @ (bias - mean)}
    return {name: part.astype(np.float32) for name, part in told.items()}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--full", type=Path, help="where to write the network in full precision")
    args = parser.parse_args()
    torch.set_num_threads(1)
    reader, cut, _ = read_run(args.run, args.work)
    if args.full:
        write_graph(reader.encoder, args.full, whole=False)
    cleared(args.folder)
    write_graph(reader.encoder, args.folder / NETWORK, moments_of(reader.encoder, lines_of(cut)))
    table = reader.encoder.pieces.weight.detach().numpy()
    pieces = write_vocabulary(args.folder.parent / VOCABULARY, cut.to_str(), table)
    write_reader(args.folder, heads_of(reader) | told_apart(reader, cut), pieces)
    large = [path.name for path in args.folder.parent.rglob("*") if path.stat().st_size > LARGEST]
    if large:
        raise SystemExit(f"over {LARGEST} bytes: {', '.join(large)}")


if __name__ == "__main__":
    main()
