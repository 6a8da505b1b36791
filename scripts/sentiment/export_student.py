"""Turn the student's checkpoint into a model folder, in 8 bits, and say how near it stays.

    python -m scripts.sentiment.export_student --work WORK --out models/fast

Shares, calibration and pooling are the work of ``calibrate.py``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from earful.encoder import load_encoder
from earful.models.folder import Folder
from earful.models.home import models_home
from earful.sentiment.pooling import Pooling
from earful.sentiment.student import load_student
from scripts.data import DEFAULT_DATA
from scripts.sentiment.evaluate import splits
from scripts.sentiment.student import Student, packed
from scripts.sentiment.train_student import Cutter, encoder_arrays, labelled_texts
from scripts.text.export_encoder import ORDERS, eighth, measured_ranges

TEXTS = 4000


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models/fast"))
    args = parser.parse_args()

    student = trained(args.work)
    arrays = arrays_of(student)
    args.out.mkdir(parents=True, exist_ok=True)
    with (args.out / "network.npz").open("wb") as stream:
        np.savez_compressed(stream, **arrays)
    texts = labelled_texts(args.data, TEXTS)
    whole = arrays | load_encoder().network.table
    config = {
        "kind": "student",
        "name": "fast",
        "encoder": Folder.open(models_home() / "encoder").checksum,
        "ranges": measured_ranges(whole, Cutter()(texts)),
        "calibration": {},
        "pooling": Pooling().to_dict(),
    }
    Folder.write(args.out, config)
    print(f"{sum(array.nbytes for array in arrays.values()) / 1e6:.1f} MB before packing", flush=True)
    compare(student, args.out, args.data)


def trained(work: Path) -> Student:
    """Give the student with the running mean of its weights."""
    student = Student(encoder_arrays())
    stored = torch.load(work / "student.pt", map_location="cpu", weights_only=True)["average"]
    student.load_state_dict(
        {name.removeprefix("module."): value for name, value in stored.items() if name.startswith("module.")}
    )
    return student.eval()


def arrays_of(student: Student) -> dict[str, np.ndarray]:
    """Round the tuned layers to 8 bits a column, the learned table to 8 bits a row."""
    rows = student.learned.weight.detach().numpy()
    step = np.maximum(np.abs(rows).max(axis=1) / 127, 1e-9).astype(np.float32)
    arrays = {
        "learned": np.rint(rows / step[:, None]).astype(np.int8),
        "learned.step": step,
        "norm1.gain": np.concatenate([_plain(norm.weight) for norm in student.norms]),
        "norm1.bias": np.concatenate([_plain(norm.bias) for norm in student.norms]),
        "norm2.gain": _plain(student.norm.weight),
        "norm2.bias": _plain(student.norm.bias),
    }
    layers = {name: getattr(student, name) for name in ("project", "pool", "gather", "head", "attend")}
    layers |= {name: getattr(student, name) for name in ("d0", "d1", "p1", "d2", "project_learned")}
    for order, branch in zip(ORDERS, student.branches, strict=True):
        layers |= {f"conv{order}.1": branch.first, f"conv{order}.2": branch.second}
    for name, layer in layers.items():
        arrays |= eighth(name, _plain(layer.weight).T)
        if layer.bias is not None:
            arrays[f"{name}.bias"] = _plain(layer.bias)
    return arrays


def compare(student: Student, out: Path, data: Path) -> None:
    """Print how far the probabilities of the folder lie from those of the checkpoint on dev rows."""
    texts = [text for split in splits(data, "/dev", 60) for text in split.texts]
    cut = Cutter()
    with torch.inference_mode():
        theirs = [student(*packed(cut(texts[at : at + 64]))) for at in range(0, len(texts), 64)]
    short = np.array([len(ids) < 96 for ids in cut(texts)])  # a longer one is cut in training
    exact = torch.softmax(torch.cat(theirs), dim=1).numpy()
    ours = load_student(Folder.open(out)).logits(texts)
    rounded = torch.softmax(torch.from_numpy(ours), dim=1).numpy()
    gap = np.abs(exact - rounded).max(axis=1)[short]
    same = (exact.argmax(axis=1) == rounded.argmax(axis=1))[short].mean()
    print(f"{len(gap)} texts: mean gap {gap.mean():.4f}, largest {gap.max():.4f}, same class {same:.4f}")


def _plain(value: torch.Tensor) -> np.ndarray:
    return value.detach().numpy().astype(np.float32)


if __name__ == "__main__":
    main()
