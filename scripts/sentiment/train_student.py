"""Train the student: the sentence encoder's layers, tuned to polarity on labels and on the teacher's reading.

    python -m scripts.sentiment.teacher --work WORK
    python -m scripts.sentiment.train_student --work WORK [--start models/fast] [--device cuda]

It goes on from its last checkpoint. Which texts a step sees, and how they are altered, follows from the seed
and the step's number alone. ``export_student.py`` turns the checkpoint into a model folder.
"""

from __future__ import annotations

import argparse
import io
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.nn import functional

from earful.encoder import load_encoder
from earful.models.folder import Folder
from earful.models.home import models_home
from earful.sentiment.windows import plain
from scripts.data import DEFAULT_DATA
from scripts.sentiment.alter import Alter, word_lists
from scripts.sentiment.evaluate import macro_f1
from scripts.sentiment.mixture import LABELS, balanced, load_mixture
from scripts.sentiment.student import Student, packed

SEED, BATCH, TAUGHT, WARMUP = 29, 64, 13, 200
LONGEST = 96  # pieces of a training text
SMOOTHING = 0.03
UNKNOWN = 0  # the piece that stands for what is in none


@dataclass(frozen=True)
class Texts:
    """Training texts with the probabilities to learn, shape (n, 3), and how likely each is drawn."""

    text: list[str]
    lang: list[str]
    target: np.ndarray
    chance: np.ndarray

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Give the places of ``n`` texts."""
        return np.searchsorted(np.cumsum(self.chance), rng.random(n))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--work", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--start", type=Path, help="model folder to go on from; without it, the encoder")
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--bf16", action="store_true", help="multiply in 16 bits, where that is faster")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.work.mkdir(parents=True, exist_ok=True)
    mixture = load_mixture(args.data, late=True)
    train(labelled(mixture), taught(args.work / "taught.parquet"), mixture[mixture.held_out], args)


def labelled(mixture: pd.DataFrame) -> Texts:
    """Give the rows that are not held out, each drawn by its weight."""
    rows = mixture[~mixture.held_out]
    target = np.eye(len(LABELS), dtype=np.float32)[rows.label.map(LABELS.index)]
    chance = balanced(rows, 0.5)
    return Texts(
        rows.text.tolist(),
        rows.lang.tolist(),
        target * (1 - SMOOTHING) + SMOOTHING / len(LABELS),
        chance / chance.sum(),
    )


def labelled_texts(data: Path, n: int) -> list[str]:
    """Give texts of the mixture, drawn as training draws them."""
    rows = labelled(load_mixture(data, late=True))
    return [rows.text[at] for at in rows.draw(np.random.default_rng(SEED), n)]


def taught(path: Path) -> Texts:
    """Give the clauses that the teacher read."""
    rows = pd.read_parquet(path)
    read = rows[["p0", "p1", "p2"]].to_numpy(dtype=np.float32)
    return Texts(rows.text.tolist(), rows.lang.tolist(), read, np.full(len(rows), 1 / len(rows)))


def train(rows: Texts, clauses: Texts, held: pd.DataFrame, args: argparse.Namespace) -> None:
    """Tune the student, a checkpoint every few minutes."""
    torch.manual_seed(SEED)
    student = first_student(args.start).to(args.device)
    average = torch.optim.swa_utils.AveragedModel(
        student, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.999)
    )
    cut, alter = Cutter(), Alter(word_lists(args.data))
    optimiser = torch.optim.AdamW(parameter_groups(student, args.rate), weight_decay=0.01, fused=True)
    step = first = resume(student, average, optimiser, args)
    watched = held.iloc[np.linspace(0, len(held) - 1, 2500).astype(int)]
    started, running = time.perf_counter(), 0.0
    while step < args.steps:
        speed = min(1.0, (step + 1) / WARMUP) * (1.0 - step / args.steps)
        for group in optimiser.param_groups:
            group["lr"] = group["top_rate"] * speed
        pieces, target = batch_of(rows, clauses, cut, alter, np.random.default_rng((SEED, step)))
        student.train()
        with torch.autocast(args.device, torch.bfloat16, enabled=args.bf16):
            logits = student(*packed(pieces, args.device))
        loss = functional.cross_entropy(logits.float(), target.to(args.device))
        optimiser.zero_grad(set_to_none=False)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        average.update_parameters(student)
        step += 1
        running = 0.98 * running + 0.02 * loss.item() if running else loss.item()
        if step % 100 == 0:
            rate = BATCH * (step - first) / (time.perf_counter() - started)
            print(f"step {step}: loss {running:.4f}, {rate:.0f} texts/s", flush=True)
        if step % 1000 == 0 or step == args.steps:
            save(student, average, optimiser, step, args.work)
            print("held out:", watch(average.module, cut, watched, args.device), flush=True)


class Cutter:
    """Cuts texts into the encoder's pieces."""

    def __init__(self) -> None:
        self._pieces = load_encoder().cutter

    def __call__(self, texts: list[str]) -> list[np.ndarray]:
        """Give the piece numbers of each text; what is too long keeps its beginning and its end."""
        return [
            ids if len(ids) <= LONGEST else np.concatenate([ids[: LONGEST // 3], ids[-2 * LONGEST // 3 :]])
            for ids in self._pieces.numbers([plain(text) for text in texts])
        ]


def batch_of(
    rows: Texts, clauses: Texts, cut: Cutter, alter: Alter, rng: np.random.Generator
) -> tuple[list[np.ndarray], torch.Tensor]:
    """Draw the texts of a step, alter some, leave some pieces out."""
    parts = [(rows, rows.draw(rng, BATCH - TAUGHT)), (clauses, clauses.draw(rng, TAUGHT))]
    texts = [alter(some.text[at], some.lang[at], rng) for some, drawn in parts for at in drawn]
    pieces = [np.where(rng.random(len(ids)) < 0.04, UNKNOWN, ids) for ids in cut(texts)]
    return pieces, torch.from_numpy(np.concatenate([some.target[drawn] for some, drawn in parts]))


def first_student(start: Path | None) -> Student:
    """Give the encoder's layers with new ones around them, or those that a model folder holds."""
    if start is None:
        return Student(encoder_arrays())
    shipped = dict(np.load(start / "network.npz"))
    student = Student(encoder_arrays() | shipped)
    student.take(shipped)
    return student


def encoder_arrays() -> dict[str, np.ndarray]:
    """Give the arrays of the shipped encoder."""
    stored = np.load(io.BytesIO(Folder.open(models_home() / "encoder").read("weights.npz")))
    return {name: stored[name] for name in stored.files}


def parameter_groups(student: Student, rate: float) -> list[dict]:
    """Give what is new a higher rate than what the encoder brings."""
    new = ("head", "attend", "gather", "learned", "project_learned")
    named = list(student.named_parameters())
    fresh = [value for name, value in named if name.startswith(new)]
    old = [value for name, value in named if not name.startswith(new)]
    return [{"params": old, "top_rate": rate}, {"params": fresh, "top_rate": 4 * rate}]


def watch(student: Student, cut: Cutter, held: pd.DataFrame, device: str) -> dict[str, float]:
    """Give the macro-F1 on held-out training rows by language."""
    student.eval()
    best = []
    with torch.inference_mode():
        for at in range(0, len(held), BATCH):
            ids, lengths = packed(cut(held.text.iloc[at : at + BATCH].tolist()), device)
            best += student(ids, lengths).argmax(dim=1).tolist()
    labels, best = held.label.map(LABELS.index).to_numpy(), np.array(best)
    found = {"all": macro_f1(labels, best, [0, 1, 2])}
    for lang in ("en", "ru", "bg", "lv", "pl"):
        inside = (held.lang == lang).to_numpy()
        found[lang] = macro_f1(labels[inside], best[inside], [0, 1, 2])
    return {lang: round(value, 3) for lang, value in found.items()}


def save(student: Student, average: torch.nn.Module, optimiser: object, step: int, work: Path) -> None:
    """Write a checkpoint; a cut while writing leaves the one before."""
    state = {"student": student, "average": average, "optimiser": optimiser}
    torch.save({name: one.state_dict() for name, one in state.items()} | {"step": step}, work / "student.tmp")
    (work / "student.tmp").rename(work / "student.pt")


def resume(
    student: Student, average: torch.nn.Module, optimiser: torch.optim.Optimizer, args: argparse.Namespace
) -> int:
    """Take up the last checkpoint, if there is one; give its step."""
    path = args.work / "student.pt"
    if not path.exists():
        return 0
    state = torch.load(path, map_location=args.device, weights_only=True)
    student.load_state_dict(state["student"])
    average.load_state_dict(state["average"])
    optimiser.load_state_dict(state["optimiser"])
    return state["step"]


if __name__ == "__main__":
    main()
