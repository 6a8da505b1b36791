"""Tune the encoder and its heads together; the same command goes on from the last checkpoint.

    python -m scripts.encoder.train --run WORK/accurate [--rate 5e-5] [--planned 1000000] [--stop TEXTS]

The rate rises over the first texts, stays, and falls from ``--fall`` texts on; a later session may name more
texts. New written sentences are taken up at each start and now and then while it runs. ``vocabulary.py`` goes
before.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn

from earful.encoder.form import PREFIX
from scripts.encoder.examples import Example, read_examples
from scripts.encoder.losses import WEIGHTS, Losses, Taught, taught_by
from scripts.encoder.measure import quick
from scripts.encoder.network import Encoder, Matrix, half
from scripts.encoder.reader import Reader, Spans, first_reader
from scripts.encoder.rounding import set_apart
from scripts.encoder.rows import DATA, HERE, WORK
from scripts.encoder.stream import Batch, Stream, batches_of, framed

SEED = 53
THEMES = 1024  # room for so many
TAUGHT = 0.15  # share of the texts whose theme vector is held near the base model's
SAVE_EVERY, READ_EVERY = 300.0, 2400.0  # seconds: a checkpoint; a look for new written sentences
LOG_EVERY, CHECK_EVERY = 50, 40_000  # steps, texts
LOWER = 0.88  # the rate of a layer, by that of the one above
MEAN = 0.999  # how slowly the mean of the weights moves


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, default=WORK, help="folder of tokenizer.json and pieces.npy")
    parser.add_argument(
        "--run", type=Path, default=WORK / "accurate", help="folder of the checkpoint and log"
    )
    parser.add_argument("--layers", type=int, default=12)
    settle(parser, rate=6e-5)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.run.mkdir(parents=True, exist_ok=True)
    Training(args).run()


def settle(parser: argparse.ArgumentParser, rate: float) -> None:
    """Add what says how fast and how long to learn."""
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--warm", type=int, default=8000, help="texts over which the rate rises")
    parser.add_argument("--fall", type=int, default=10**9, help="texts from which the rate falls")
    parser.add_argument("--planned", type=int, default=10**9, help="texts at which it has fallen to a tenth")
    parser.add_argument("--round", type=int, default=10**9, help="texts from which matrices are rounded")
    parser.add_argument("--stop", type=int, default=10**9, help="stop at so many texts")
    parser.add_argument("--threads", type=int, default=2)


class Training:
    """A run: the reader, what it learns from, and how far it is."""

    def __init__(self, args: argparse.Namespace) -> None:
        torch.manual_seed(SEED)
        self.args = args
        self.cut = Tokenizer.from_file(str(args.work / "tokenizer.json"))
        self.reader, self.teacher = self.begin()
        self.reader.train()
        self.themes: dict[str, int] = {}
        self.optimiser = torch.optim.AdamW(groups(self.reader, args.rate), betas=(0.9, 0.98), fused=True)
        self.mean = {n: p.detach().clone() for n, p in self.reader.named_parameters() if p.requires_grad}
        self.state: dict[str, Any] = {"step": 0, "texts": 0, "chunk": 0, "read": {}}
        self.ending = False
        signal.signal(signal.SIGTERM, self._end)
        self._resume()
        self.reload()

    def _end(self, *_: object) -> None:
        """Stop at the end of the chunk, with a checkpoint."""
        self.ending = True

    def begin(self) -> tuple[Reader, Encoder]:
        """Return the reader to begin with, and the base model."""
        return first_reader(self.args.work, THEMES, self.args.layers)

    def reload(self) -> None:
        """Read all sources anew; themes that were not there before get a number and the base's vector."""
        self.changed, self.looked = newest(), time.monotonic()
        examples, settings = read_examples(self.args.data)
        self.stream = Stream(examples, settings, self.cut, SEED)
        fresh = sorted(set(themes_of(examples)) - set(self.themes))
        if fresh:
            lines = [framed(self.cut, theme_line(name)) for name in fresh]
            first = len(self.themes)
            self.themes |= {name: first + i for i, name in enumerate(fresh)}
            with torch.no_grad():
                self.reader.themes.weight[first : first + len(fresh)] = taught_by(self.teacher, lines)
                self.mean["themes.weight"].copy_(self.reader.themes.weight)
        self.losses = Losses(self.themes)
        top = sorted(self.stream.shares().items(), key=lambda item: -item[1])
        self._log(
            {
                "examples": len(examples),
                "themes": len(self.themes),
                "shares": {k: round(v, 4) for k, v in top},
            }
        )

    def run(self) -> None:
        """Go on until the texts to stop at have been seen."""
        state, sums = self.state, defaultdict(float)
        started, seen, saved = time.perf_counter(), 0, time.monotonic()
        checked = state["texts"] // CHECK_EVERY
        batches = batches_of(self.stream, state["chunk"], state["read"])
        while state["texts"] < self.args.stop:
            chunk, batch = next(batches)
            for name, loss in self._step(batch).items():
                sums[name] += loss
            seen += len(batch.texts)
            if state["step"] % LOG_EVERY == 0:
                speed = seen / (time.perf_counter() - started)
                found = {name: round(total / LOG_EVERY, 4) for name, total in sums.items()}
                self._log({"step": state["step"], "texts": state["texts"], "per_s": round(speed, 1), **found})
                sums.clear()
                started, seen = time.perf_counter(), 0
            if chunk < 0:
                continue
            state["chunk"] = chunk
            if self.ending:
                break
            if state["texts"] // CHECK_EVERY > checked:
                checked = state["texts"] // CHECK_EVERY
                self.check()
                started, seen = time.perf_counter(), 0
            if newest() > self.changed and time.monotonic() - self.looked > READ_EVERY:
                self.reload()
                batches = batches_of(self.stream, chunk, state["read"])
            # Chunks are the places to go on from: what is known of the stream holds at their ends.
            if time.monotonic() - saved > SAVE_EVERY:
                self.save()
                saved = time.monotonic()
        self.save()
        if not self.ending:
            self.check()

    def _step(self, batch: Batch) -> dict[str, float]:
        state = self.state
        rate = self._rate(state["texts"])
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["share"]
        if state["texts"] >= self.args.round and not Matrix.rounding:
            set_apart(self.reader.encoder, [text.ids for text in batch.texts])
            Matrix.rounding = True
        losses = self.measured(batch, np.random.default_rng((SEED, 1, state["step"])))
        loss = sum(losses.values())
        # A batch of long texts is small: it moves the weights less, but not in proportion.
        loss = loss * (len(batch.texts) / 32) ** 0.5
        self.optimiser.zero_grad(set_to_none=False)
        loss.backward()
        nn.utils.clip_grad_norm_(self.reader.parameters(), 1.0)
        self.optimiser.step()
        state["step"] += 1
        state["texts"] += len(batch.texts)
        keep = min(MEAN, (1 + state["step"]) / (20 + state["step"]))
        with torch.no_grad():
            own = [p for _, p in self.reader.named_parameters() if p.requires_grad]
            torch._foreach_lerp_(list(self.mean.values()), own, 1 - keep)
        return {name: value.item() for name, value in losses.items()}

    def measured(self, batch: Batch, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        """Return the losses of a batch, each with its weight."""
        taught = self._taught(batch, rng)
        with half():
            states = self.reader.encoder(batch.ids, batch.inside)
        losses = self.losses(self.reader, states.float(), batch, taught)
        return {name: WEIGHTS[name] * loss for name, loss in losses.items()}

    def _taught(self, batch: Batch, rng: np.random.Generator) -> Taught | None:
        """Return the base model's vectors of some texts, or of a segment of theirs by itself."""
        rows, begins, ends, lines = [], [], [], []
        for row, text in enumerate(batch.texts):
            if not text.example.twin and rng.random() >= TAUGHT:
                continue
            begin, end, line = 1, len(text.ids) - 1, text.drawn.clean
            own = [(a, b, mark) for a, b, mark in text.marks if not mark.aspect]
            if len(own) > 1 and rng.random() < 0.7:
                begin, end, mark = own[int(rng.integers(len(own)))]
                line = PREFIX + text.drawn.line[mark.begin : mark.end]
            rows.append(row)
            begins.append(begin)
            ends.append(end)
            lines.append(framed(self.cut, line))
        if not rows:
            return None
        rounding, Matrix.rounding = Matrix.rounding, False
        with half():
            vectors = taught_by(self.teacher, lines)
        Matrix.rounding = rounding
        return Taught(Spans(torch.tensor(rows), torch.tensor(begins), torch.tensor(ends)), vectors)

    def _rate(self, texts: int) -> float:
        args = self.args
        fallen = min(1.0, max(0.0, (texts - args.fall) / max(args.planned - args.fall, 1)))
        return args.rate * min(1.0, (texts + 50) / args.warm) * (1 - 0.9 * fallen)

    def check(self) -> None:
        """Measure the mean of the weights on a few dev rows."""
        own = {n: p.detach().clone() for n, p in self.reader.named_parameters() if n in self.mean}
        self._put(self.mean)
        self.reader.eval()
        self._log({"texts": self.state["texts"], "dev": quick(self.reader, self.cut, self.args.data, 100)})
        self.reader.train()
        self._put(own)

    def _put(self, weights: dict[str, torch.Tensor]) -> None:
        with torch.no_grad():
            for name, parameter in self.reader.named_parameters():
                if name in weights:
                    parameter.copy_(weights[name])

    def save(self) -> None:
        """Write a checkpoint; a cut while writing leaves the one before."""
        own = {n: p.detach() for n, p in self.reader.named_parameters() if n in self.mean}
        state = {"own": own, "mean": self.mean, "optimiser": self.optimiser.state_dict()}
        state |= {"themes": self.themes, "state": self.state, "layers": self.args.layers}
        path = self.args.run / "checkpoint.tmp"
        torch.save(state, path)
        os.replace(path, path.with_suffix(".pt"))

    def _resume(self) -> None:
        path = self.args.run / "checkpoint.pt"
        if not path.exists():
            return
        found = torch.load(path, weights_only=True)
        self._put(found["own"])
        for name, tensor in found["mean"].items():
            self.mean[name].copy_(tensor)
        if "optimiser" in found:  # a restored run has none
            self.optimiser.load_state_dict(found["optimiser"])
        self.themes, self.state = found["themes"], found["state"]

    def _log(self, entry: dict[str, Any]) -> None:
        entry = {"at": time.strftime("%H:%M:%S")} | entry
        with (self.args.run / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")
        print(json.dumps(entry), flush=True)


def groups(reader: Reader, rate: float) -> list[dict[str, Any]]:
    """Return groups of parameters: lower layers learn slowly, heads fast; the pieces stay."""
    reader.encoder.pieces.weight.requires_grad_(False)
    depth = len(reader.encoder.layers)
    lowest = [*reader.encoder.norm.parameters(), reader.encoder.places.weight]
    out = [{"params": lowest, "share": LOWER**depth, "weight_decay": 0.0}]
    for i, layer in enumerate(reader.encoder.layers):
        share = LOWER ** (depth - 1 - i)
        matrices = [p for p in layer.parameters() if p.ndim > 1]
        vectors = [p for p in layer.parameters() if p.ndim == 1]
        out.append({"params": matrices, "share": share, "weight_decay": 0.01})
        out.append({"params": vectors, "share": share, "weight_decay": 0.0})
    heads = [reader.review, reader.segment, reader.answer, reader.problem, reader.tag, reader.tone]
    out.append(
        {"params": [p for head in heads for p in head.parameters()], "share": 10.0, "weight_decay": 0.01}
    )
    out.append({"params": [*reader.theme.parameters()], "share": 2.0, "weight_decay": 0.0})
    out.append({"params": [reader.themes.weight], "share": 10.0, "weight_decay": 0.0})
    return [group | {"lr": rate * group["share"]} for group in out]


def theme_line(name: str) -> str:
    """Return the line by which a theme is named, without its set."""
    return PREFIX + name.split(":", 1)[1].replace(".", " ").replace("_", " ")


def themes_of(examples: list[Example]) -> list[str]:
    """Return the names of all themes, in order."""
    return sorted(
        {m.theme for one in examples for form in one.forms for part in form for m in part.marks if m.theme}
    )


def newest() -> float:
    """Return when a file of written sentences last changed."""
    return max((path.stat().st_mtime for path in (HERE / "written").glob("*.jsonl")), default=0.0)


if __name__ == "__main__":
    main()
