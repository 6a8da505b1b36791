"""How deep, which attention, which pooling: small networks from plain Gemma, each tuned alike.

    python -m scripts.trials.tuned --work WORK [--train 3200] [--cap 150] [--threads 2]

Every form of :data:`FORMS` is tuned once on the same training rows, a like number of each language, and read
on the dev splits of ``layers.py``: mean macro-F1, and texts tuned a second. The embedding stays; a
layer's rate follows from its place among the twelve, whatever lies above it.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from earful.models.home import models_home
from scripts.data import DEFAULT_DATA
from scripts.sentiment.evaluate import Split, macro_f1, splits
from scripts.sentiment.gemma import load_base
from scripts.sentiment.mixture import LABELS
from scripts.sentiment.train_accurate import SEED, WIDTH, Pieces, Reader, padded, parameter_groups, plan
from scripts.trials.layers import DEV, training_rows

#: Layers, whether a piece sees those after it, and whether the head is given the mean alone.
FORMS = ((8, False, False), (10, False, False), (12, False, False), (12, False, True), (12, True, False))
RATE, WARMUP = 1e-4, 20


class Form(Reader):
    """A reader whose attention may look both ways, and whose head may be given the mean alone."""

    both_ways = False
    mean_alone = False

    def states(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Give what the layers put out; what is padding is seen by nobody."""
        if not self.both_ways:
            return super().states(ids, lengths)
        inside = torch.arange(ids.shape[1])[None] < lengths[:, None]
        seen = torch.where(inside, 0.0, -1e9)[:, None, None, :].expand(-1, 1, ids.shape[1], -1)
        masks = {"full_attention": seen, "sliding_attention": seen}
        out = self.layers(inputs_embeds=self.embed(ids), attention_mask=masks, use_cache=False)
        return out.last_hidden_state.float()

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Give logits, shape (n, 3)."""
        if self.mean_alone:
            with torch.no_grad():
                self.head.weight[:, :WIDTH] = 0.0
        return super().forward(ids, lengths)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--work", type=Path, required=True, help="folder of the base model")
    parser.add_argument("--train", type=int, default=3200)
    parser.add_argument("--cap", type=int, default=150)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rows, measured = training_rows(args.data, args.train), splits(args.data, DEV, args.cap)
    texts, labels = rows.text.tolist(), rows.label.map(LABELS.index).to_numpy()
    cut = Pieces(models_home() / "accurate" / "tokenizer.json")
    names = [split.name for split in measured]
    print("| layers | sees | head | mean | " + " | ".join(names) + " | texts/s |", flush=True)
    print("| --- " * (len(names) + 5) + "|", flush=True)
    for layers, both_ways, mean_alone in FORMS:
        form = first_form(layers, args.work)
        form.both_ways, form.mean_alone = both_ways, mean_alone
        speed = tune(form, cut(texts), labels)
        scores = [score(form, cut(split.texts), split) for split in measured]
        sees, head = "both ways" if both_ways else "what came before", "mean" if mean_alone else "last, mean"
        told = [layers, sees, head, *[f"{number:.3f}" for number in (np.mean(scores), *scores)]]
        print("| " + " | ".join(map(str, told)) + f" | {speed:.1f} |", flush=True)


def first_form(layers: int, work: Path) -> Form:
    """Give the first layers of plain Gemma, over the pieces that are shipped."""
    base, tokenizer = load_base(layers, work)
    shipped = json.loads((models_home() / "accurate" / "tokenizer.json").read_text(encoding="utf-8"))
    pieces = sorted(shipped["model"]["vocab"], key=shipped["model"]["vocab"].get)
    kept = tokenizer.convert_tokens_to_ids(pieces)
    torch.manual_seed(SEED)
    form = Form(base.config, len(kept))
    form.layers.layers.load_state_dict(base.layers.state_dict())
    with torch.no_grad():
        form.embed.weight.copy_(base.embed_tokens.weight[kept] * WIDTH**0.5)
    return form


def tune(form: Form, pieces: list[list[int]], labels: np.ndarray) -> float:
    """Tune every layer over the texts once; give texts a second."""
    lengths, target = np.array([len(ids) for ids in pieces]), torch.from_numpy(labels.copy())
    batches = plan(np.arange(len(pieces)), lengths, 1.0)
    groups = parameter_groups(form, RATE, frozen=0)[1:]
    form.embed.weight.requires_grad_(False)
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    started = time.perf_counter()
    for step, batch in enumerate(batches):
        for group in optimiser.param_groups:
            group["lr"] = group["top_rate"] * min(1.0, (step + 1) / WARMUP) * (1.0 - step / len(batches))
        logits = form(*padded([pieces[row] for row in batch], "cpu"))
        loss = nn.functional.cross_entropy(logits, target[batch], label_smoothing=0.03)
        optimiser.zero_grad(set_to_none=False)
        loss.backward()
        nn.utils.clip_grad_norm_(form.parameters(), 1.0)
        optimiser.step()
    return len(batches) * len(batches[0]) / (time.perf_counter() - started)


def score(form: Form, pieces: list[list[int]], split: Split) -> float:
    """Give the macro-F1 on a split."""
    with torch.inference_mode():
        best = [int(form(*padded([ids], "cpu")).argmax()) for ids in pieces]
    return macro_f1(split.labels, np.array(best), sorted(set(split.labels.tolist())))


if __name__ == "__main__":
    main()
