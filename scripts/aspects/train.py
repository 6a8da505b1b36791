"""Train the aspect model: a small convolutional network under a linear chain.

    python -m scripts.aspects.train --data ../shared/data --out models/aspects

One process, one thread; the same command gives the same weights on one kind of machine. Dev and test splits
of the sets in the table of ``evaluate.py`` are not read, but for the blend of the polarity, which is
fitted on the dev splits that it names.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from earful.aspects.chain import Chain
from earful.aspects.files import load_aspects, save_aspects
from earful.aspects.model import AspectModel, Network
from earful.aspects.vectors import Vectors
from earful.aspects.words import SHAPES, WordFeatures
from scripts.aspects.card import write_card
from scripts.aspects.data import STYLES, Sentence, load_sentences, silver
from scripts.aspects.fit import fit_blend, term_f1
from scripts.aspects.vectors import make_vectors
from scripts.data import DEFAULT_DATA

SEED, BATCH, LONGEST = 1, 48, 100
BITS, ROW, SHAPE, HIDDEN, VALUES, INNER = 16, 48, 8, 128, 48, 64
WIDTHS = (5, 3)
#: Of each style, the weight of a sentence and the share that an epoch draws.
WEIGHT = {"mams": 0.4, "oats": 0.5, "mabsa": 0.35, "csrest": 0.8}
SHARE = {"mams": 0.4, "oats": 0.2, "mabsa": 0.06}
KINDRED_SHARE, SILVER_SHARE = 0.2, 0.2  # of translated sets in Russian, Croatian, Slovak; of silver
KINDRED = ("ru", "hr", "sk")
FORBIDDEN = -1e4


class Words:
    """The words of the corpus, with the rows that each reads."""

    def __init__(self, sentences: Sequence[Sentence], vectors: Vectors) -> None:
        self.number: dict[tuple[str, str], int] = {}
        for sentence in sentences:
            for word in sentence.words:
                self.number.setdefault((sentence.lang, word), len(self.number) + 1)
        features = WordFeatures(BITS)
        rows = [features.rows(word) for _, word in self.number]
        self.lengths = np.array([0, *(len(own) for own in rows)])
        self.offsets = np.concatenate([[0], np.cumsum(self.lengths)])
        self.rows = np.concatenate(rows)
        self.shapes = torch.tensor([0, *(features.shape(word) for _, word in self.number)])
        self.vectors = torch.zeros(len(self.lengths), vectors.width)
        self.known = torch.zeros(len(self.lengths), 1)
        for (lang, word), place in self.number.items():
            vector = vectors.find(word, lang)
            if vector is not None:
                self.vectors[place], self.known[place] = torch.from_numpy(vector * 3.0), 1.0

    def numbers(self, sentence: Sentence) -> list[int]:
        """Give the words of a sentence by their numbers."""
        return [self.number[sentence.lang, word] for word in sentence.words[:LONGEST]]


class Net(nn.Module):
    """The network as :mod:`earful.aspects.model` runs it, with dropout."""

    def __init__(self, words: Words, drop: float) -> None:
        super().__init__()
        self.words, self.drop = words, drop
        width = ROW + SHAPE + words.vectors.shape[1] + 1
        self.table = nn.Embedding(1 << BITS, ROW)
        nn.init.normal_(self.table.weight, 0, 0.1)
        self.shapes = nn.Embedding(len(SHAPES), SHAPE)
        self.styles = nn.Embedding(len(STYLES), HIDDEN)
        nn.init.normal_(self.styles.weight, 0, 0.05)
        inputs = [width, *[HIDDEN] * (len(WIDTHS) - 1)]
        self.layers = nn.ModuleList(
            nn.Conv1d(size, HIDDEN, reach, padding=reach // 2)
            for size, reach in zip(inputs, WIDTHS, strict=True)
        )
        self.tags = nn.Linear(HIDDEN, 3)
        self.start, self.moves = nn.Parameter(torch.tensor([0.0, 0.0, 0.0])), nn.Parameter(torch.zeros(3, 3))
        self.values, self.attention = nn.Linear(HIDDEN, VALUES), nn.Linear(HIDDEN, 1, bias=False)
        self.distances = nn.Parameter(-0.15 * torch.arange(-12, 13).abs().float())
        self.inner, self.outer = nn.Linear(HIDDEN + 2 * VALUES, INNER), nn.Linear(INNER, 3)

    def read(self, numbers: np.ndarray) -> Tensor:
        """Give what each word brings, shape (words, width); in training, parts of it are left out."""
        words = self.words
        lengths = words.lengths[numbers]
        places = np.concatenate(
            [np.arange(words.offsets[n], words.offsets[n] + words.lengths[n]) for n in numbers]
        )
        weights = np.repeat(np.maximum(lengths - 2, 1) ** -0.5, lengths)
        firsts = (np.cumsum(lengths) - lengths)[lengths > 0]
        weights[firsts] = weights[firsts + 1] = 1.0
        brought = (
            self.table(torch.from_numpy(words.rows[places])) * torch.from_numpy(weights).float()[:, None]
        )
        bag = torch.from_numpy(np.repeat(np.arange(len(numbers)), lengths))
        summed = torch.zeros(len(numbers), ROW).index_add(0, bag, brought)
        vectors, known = words.vectors[numbers], words.known[numbers]
        if self.training:
            heard = (torch.rand(len(numbers), 1) > 0.15).float()
            summed = summed * (torch.rand(len(numbers), 1) > 0.1).float()
            vectors, known = vectors * heard, known * heard
        return torch.cat([summed, self.shapes(words.shapes[numbers]), vectors, known], 1)

    def forward(self, numbers: Tensor, mask: Tensor, styles: Tensor) -> Tensor:
        """Give the hidden layer, shape (sentences, words, HIDDEN)."""
        distinct, which = np.unique(numbers.numpy(), return_inverse=True)
        there = mask[..., None]
        x = self.read(distinct)[torch.from_numpy(which.reshape(numbers.shape))] * there
        x = functional.dropout(x, self.drop, self.training).transpose(1, 2)
        first, *others = self.layers
        h = functional.relu(first(x).transpose(1, 2) + self.styles(styles)[:, None]) * there
        for layer in others:
            h = functional.dropout(h, self.drop, self.training)
            h = (h + functional.relu(layer(h.transpose(1, 2)).transpose(1, 2))) * there
        return functional.dropout(h, self.drop, self.training)

    def chain_loss(self, scores: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Give minus the log-probability of each sentence's tags."""
        moves, start = self._chain()
        total = start + scores[:, 0]
        gold = start[tags[:, 0]] + scores[:, 0].gather(1, tags[:, :1])[:, 0]
        for place in range(1, scores.shape[1]):
            there = mask[:, place : place + 1]
            step = torch.logsumexp(total[:, :, None] + moves, 1) + scores[:, place]
            total = torch.where(there > 0, step, total)
            own = scores[:, place].gather(1, tags[:, place : place + 1])[:, 0]
            gold = gold + there[:, 0] * (moves[tags[:, place - 1], tags[:, place]] + own)
        return torch.logsumexp(total, 1) - gold

    def polarity(self, h: Tensor, mask: Tensor, terms: Tensor) -> Tensor:
        """Give the logits of each term's polarity; ``terms`` has sentence, first and last word."""
        of, first, last = terms[:, 0], terms[:, 1:2], terms[:, 2:3]
        own, there = h[of], mask[of]
        places = torch.arange(h.shape[1])[None]
        inside = ((places >= first) & (places <= last)).float()
        distance = (places - first).clamp(max=0) + (places - last).clamp(min=0)
        loud = self.attention(own)[..., 0] + self.distances[distance.clamp(-12, 12) + 12]
        heard = torch.softmax(loud.masked_fill(there == 0, -1e9), 1)
        values = torch.tanh(self.values(own))
        near = torch.exp(-distance.abs().float() / 3) / 3 * there
        read = [(own * inside[..., None]).sum(1) / inside.sum(1, keepdim=True)]
        read += [(weights[..., None] * values).sum(1) for weights in (heard, near)]
        inner = functional.relu(self.inner(torch.cat(read, 1)))
        return self.outer(functional.dropout(inner, self.drop, self.training))

    def _chain(self) -> tuple[Tensor, Tensor]:
        forbidden = torch.zeros(3, 3)
        forbidden[0, 2] = FORBIDDEN
        return self.moves + forbidden, self.start + torch.tensor([0.0, 0.0, FORBIDDEN])

    @torch.no_grad()
    def export(self, vectors: Vectors, name: str) -> AspectModel:
        """Give the model as it is shipped: 8 and 16 bits a number."""
        table = self.table.weight.numpy()
        scales = (np.abs(table).max(axis=1) / 127).astype(np.float16).astype(np.float32)
        table8 = np.clip(np.rint(table / np.maximum(scales, 1e-8)[:, None]), -127, 127).astype(np.int8)

        def half(tensor: Tensor) -> np.ndarray:
            return np.ascontiguousarray(tensor.numpy().astype(np.float16).astype(np.float32))

        def linear(layer: nn.Linear) -> tuple[np.ndarray, np.ndarray]:
            return half(layer.weight.T), half(layer.bias)

        network = Network(
            table=table8,
            scales=scales,
            shapes=half(self.shapes.weight),
            layers=tuple(
                (half(layer.weight.permute(2, 1, 0).reshape(-1, HIDDEN)), half(layer.bias))
                for layer in self.layers
            ),
            guidelines=half(self.styles.weight[:2]),
            tags=linear(self.tags),
            values=linear(self.values),
            attention=half(self.attention.weight[0]),
            distances=half(self.distances),
            inner=linear(self.inner),
            outer=linear(self.outer),
        )
        moves, start = (np.round(part.double().numpy(), 6) for part in self._chain())
        moves[0, 2] = start[2] = -np.inf
        chain = Chain(tuple(start.tolist()), tuple(tuple(row) for row in moves.tolist()))
        return AspectModel(name, "", WordFeatures(BITS), network, vectors, chain)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--out", type=Path, default=Path("models/aspects"))
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--drop", type=float, default=0.35)
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    vectors = make_vectors(args.data)
    gold = load_sentences(args.data)
    train(gold, silver(gold, args.data), vectors, args)


def train(
    gold: Sequence[Sentence], made: Sequence[Sentence], vectors: Vectors, args: argparse.Namespace
) -> None:
    """Fit the network, then the blend on top of it, and write the folder."""
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    learned = [sentence for sentence in [*gold, *made] if sentence.split == "train"]
    print(f"{len(learned)} sentences to learn from, of those {len(made)} silver", flush=True)
    net = Net(Words(learned, vectors), args.drop)
    held = [sentence for sentence in gold if sentence.split == "held"]
    fit(net, learned, args, lambda: print_held(net.export(vectors, "aspects"), held))
    model = net.export(vectors, "aspects")
    model.blend = fit_blend(model, gold)
    print("blend", model.blend)
    save_aspects(model, args.out)
    write_card(args.out, learned)
    print_held(load_aspects(args.out), held)


def fit(net: Net, train: Sequence[Sentence], args: argparse.Namespace, report: object) -> None:
    """Fit by Adam, with a rate that rises over the first steps and then falls to nothing."""
    rng = np.random.default_rng(args.seed)
    shares = np.array([_share(sentence) for sentence in train])
    steps = args.epochs * (int(shares.sum()) // BATCH + 1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / 200) * max(0.02, 1 - step / steps)
    )
    started = time.perf_counter()
    for epoch in range(args.epochs):
        net.train()
        drawn = np.flatnonzero(rng.random(len(train)) < shares)
        lost = []
        for batch in _batches([train[place] for place in drawn], rng):
            loss = _loss(net, batch)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            lost.append(float(loss.detach()))
        seconds = time.perf_counter() - started
        print(
            f"epoch {epoch + 1}: {len(drawn)} sentences, loss {np.mean(lost):.3f}, {seconds:.0f} s",
            flush=True,
        )
        net.eval()
        if epoch % 2:
            report()  # type: ignore[operator]


def _share(sentence: Sentence) -> float:
    if sentence.source.startswith("silver"):
        return SILVER_SHARE
    style = STYLES[sentence.style]
    return KINDRED_SHARE if style == "mabsa" and sentence.lang in KINDRED else SHARE.get(style, 1.0)


def _batches(sentences: Sequence[Sentence], rng: np.random.Generator) -> Iterator[list[Sentence]]:
    """Give batches of sentences of about one length, in random order."""
    order = np.argsort([len(s.words) + 4 * rng.random() for s in sentences], kind="stable")
    starts = np.arange(0, len(order), BATCH)
    rng.shuffle(starts)
    for start in starts:
        yield [sentences[place] for place in order[start : start + BATCH]]


def _loss(net: Net, batch: Sequence[Sentence]) -> Tensor:
    longest = min(max(len(sentence.words) for sentence in batch), LONGEST)
    numbers, tags = (
        torch.zeros(len(batch), longest, dtype=torch.long),
        torch.zeros(len(batch), longest, dtype=torch.long),
    )
    mask = torch.zeros(len(batch), longest)
    terms = []
    for at, sentence in enumerate(batch):
        own = net.words.numbers(sentence)
        numbers[at, : len(own)], mask[at, : len(own)] = torch.tensor(own), 1.0
        tags[at, : len(own)] = torch.tensor(sentence.tags()[: len(own)])
        terms += [
            (at, first, last, said) for first, last, said in sentence.terms if last < len(own) and said >= 0
        ]
    weights = torch.tensor([WEIGHT.get(STYLES[sentence.style], 1.0) for sentence in batch])
    h = net(numbers, mask, torch.tensor([sentence.style for sentence in batch]))
    loss = (net.chain_loss(net.tags(h), tags, mask) * weights).sum() / len(batch)
    if terms:
        told = torch.tensor(terms)
        missed = functional.cross_entropy(
            net.polarity(h, mask, told[:, :3]), told[:, 3], reduction="none", label_smoothing=0.05
        )
        loss = loss + (missed * weights[told[:, 0]]).sum() / len(batch)
    return loss


def print_held(model: AspectModel, held: Sequence[Sentence]) -> None:
    """Print term F1 on the held-out training sentences."""
    for source, guideline in (
        ("semeval2016rest_en", "opinion"),
        ("semeval2016rest_ru", "opinion"),
        ("semeval2014rest_en", "every"),
    ):
        own = [sentence for sentence in held if sentence.source == source]
        f1, accuracy = term_f1(model, own, guideline)
        print(f"  {source} ({guideline}): term F1 {f1:.3f}, polarity accuracy {accuracy:.3f}", flush=True)


if __name__ == "__main__":
    main()
