"""Fit what stands around readers: how sure each head may be, and when ``auto`` asks ``accurate``.

    python -m scripts.encoder.calibrate models [--only fast] [--cap 120] [--dev 100]

1. Of each reader in the folder a temperature and a bias for each class, by head, drawn towards the common one
   by language, on texts that were held out of training. Classes and sources count by the root of their size.
2. ``unsure_below``, where both readers are there: reviews that ``fast`` is less sure of go to ``accurate``.
   It is the lowest threshold whose macro-F1 stays within half a point of ``accurate``'s over the dev splits.

It prints calibration errors before and after, the curve of ``auto``, and what other values of ``REVIEW_LEAD``
would be worth to each reader.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from earful.encoder import Review
from earful.encoder.calibration import Calibration, expected_calibration_error, fit_calibration, softmax
from earful.encoder.form import TITLE, plain
from earful.encoder.loading import load_reader
from earful.encoder.reader import Features, Reader
from earful.jobs.judged import judged_texts
from earful.models.folder import Folder
from earful.polarity import REVIEW_LEAD
from scripts.encoder.examples import UNKNOWN, Example, Part, read_examples
from scripts.encoder.measure import Split, scores, splits
from scripts.encoder.rows import DATA, LABELS

#: A language with so many rows has its own scaling, drawn so strongly to the common one.
MIN_ROWS, PULL = 150, 60.0
THRESHOLDS = tuple(np.round(np.arange(0.4, 1.0001, 0.05), 2))
WITHIN = 0.005
LEADS = (1.0, 1.25, REVIEW_LEAD, 1.75, 2.0)
#: Of each split the probabilities of its texts.
Answers = list[np.ndarray]
NOT_TUNED_ON = "bg_cinexio/dev"  # has no test split beside it


@dataclass
class Known:
    """Logits of a head, and what is right.

    Attributes
    ----------
    groups
        The source and language of each row.
    """

    logits: list[np.ndarray] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    groups: list[tuple[str, str]] = field(default_factory=list)

    def add(self, logits: np.ndarray, label: int, example: Example) -> None:
        """Add a row."""
        self.logits.append(logits)
        self.labels.append(label)
        self.groups.append((example.source, example.lang))

    @property
    def langs(self) -> list[str]:
        """The language of each row."""
        return [lang for _, lang in self.groups]

    def weights(self) -> np.ndarray:
        """Return how much each row counts: sources, and classes of a language, by the root of their size."""
        sources, classes = Counter(self.groups), Counter(zip(self.langs, self.labels, strict=True))
        rows = zip(self.groups, zip(self.langs, self.labels, strict=True), strict=True)
        found = np.array([(sources[group] * classes[own]) ** -0.5 for group, own in rows])
        return found / found.mean()


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path)
    parser.add_argument("--only", help="calibrate this reader alone")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--cap", type=int, default=120, help="held-out texts of a source and language")
    parser.add_argument("--dev", type=int, default=100, help="rows of a dev split")
    parser.add_argument(
        "--corrections", type=Path, nargs="*", default=[], help="runs whose sentiment people corrected"
    )
    args = parser.parse_args()
    names = [name for name in ("fast", "accurate") if Folder.kind_of(args.models / name) == "reader"]
    examples = [*held_out(args.data, args.cap), *(one for run in args.corrections for one in judged(run))]
    print(f"{len(examples)} held-out texts", flush=True)
    for name in names:
        if args.only in (None, name):
            calibrate(args.models / name, examples)
    chosen = [split for split in splits(args.data, "/dev", args.dev) if split.name != NOT_TUNED_ON]
    read = {name: read_all(args.models / name, chosen) for name in names}
    for name, found in read.items():
        for lead in LEADS:
            print(
                f"{name}, a side {lead} times as likely as neutral: macro-F1 {mean(found, chosen, lead):.4f}"
            )
    if len(read) == 2:
        threshold = choose_threshold(read["fast"], read["accurate"], chosen)
        folder = Folder.open(args.models / "accurate")
        Folder.write(folder.path, {**folder.config, "unsure_below": threshold})


def held_out(data: Path, cap: int) -> list[Example]:
    """Return texts that were held out of training, so many of a source and language at most."""
    examples, _ = read_examples(data, held_out=True)
    taken: Counter[tuple[str, str]] = Counter()
    found = []
    for example in examples:
        group = example.source, example.lang
        if taken[group] < cap and not example.twin:
            taken[group] += 1
            found.append(example)
    return found


def judged(run: Path) -> Iterator[Example]:
    """Give the texts of a run whose sentiment people gave."""
    for row in judged_texts(run).itertuples():
        label, whole = LABELS.index(row.sentiment), Part(("",), plain(row.text))
        yield Example([[whole]], row.lang or "und", f"corrections of {run.name}", label)


def review_of(example: Example) -> Review:
    """Return an example in its fullest form, its marks as segments."""
    title, text = "", ""
    fields, spans = [], []
    for part in example.forms[-1]:
        if part.names[0] == TITLE:
            title = part.text
            continue
        text += "\n" if text else ""
        if part.names[0]:
            fields.append((len(text), part.names[0]))
        spans += [(mark.begin + len(text), mark.end + len(text)) for mark in part.marks]
        text += part.text
    langs = [example.lang] * len(spans)
    return Review(text, spans, example.lang, langs, title, fields)


def calibrate(path: Path, examples: list[Example]) -> None:
    """Fit the calibration of a reader's heads and write it into its folder."""
    folder = Folder.open(path)
    reader = load_reader(folder)
    reader.heads.calibrations.clear()
    known: dict[str, Known] = defaultdict(Known)
    read = reader.features([review_of(example) for example in examples])
    for example, features in zip(examples, read, strict=True):
        for head, logits, label in rows_of(reader, example, features):
            known[head].add(logits, label, example)
    found: dict[str, Calibration] = {}
    for head, rows in sorted(known.items()):
        logits, labels = np.array(rows.logits), np.array(rows.labels)
        found[head] = fit_calibration(logits, labels, rows.langs, rows.weights(), MIN_ROWS, PULL)
        after = found[head].probabilities(logits, rows.langs)
        told = [expected_calibration_error(chances, labels) for chances in (softmax(logits), after)]
        right = [(chances.argmax(axis=1) == labels).mean() for chances in (logits, after)]
        print(
            f"{path.name} {head}: {len(labels)} rows, calibration error {told[0]:.3f} to {told[1]:.3f}, "
            f"right {right[0]:.3f} to {right[1]:.3f}",
            flush=True,
        )
    written = {head: calibration.to_dict() for head, calibration in found.items()}
    Folder.write(path, {**folder.config, "calibration": written})


def rows_of(reader: Reader, example: Example, features: Features) -> Iterator[tuple[str, np.ndarray, int]]:
    """Give head, logits and right class of everything that is known of an example."""
    if example.label != UNKNOWN:
        yield "review", reader.heads.logits("review", features.whole)[0], example.label
    marks = [mark for part in example.forms[-1] if part.names[0] != TITLE for mark in part.marks]
    segments, problems = (reader.heads.logits(head, features.parts) for head in ("segment", "problem"))
    tones = reader.heads.logits("tone", features.parts[:, : reader.size])
    for mark, segment, problem, tone in zip(marks, segments, problems, tones, strict=True):
        if mark.aspect and mark.label != UNKNOWN:
            yield "tone", tone, mark.label
        if not mark.aspect and mark.label != UNKNOWN:
            yield "segment", segment, mark.label
        if not mark.aspect and mark.problem != UNKNOWN:
            yield "problem", problem, mark.problem


def read_all(path: Path, chosen: list[Split]) -> Answers:
    """Return of each split what a reader says of its texts."""
    reader = load_reader(Folder.open(path))
    return [reader.predict(split.texts, split.langs) for split in chosen]


def choose_threshold(
    fast: Answers,
    accurate: Answers,
    chosen: list[Split],
) -> float:
    """Return the lowest threshold at which ``auto`` is about as good as ``accurate``, and print the curve."""
    best = mean(accurate, chosen)
    print(f"accurate alone: macro-F1 {best:.4f}")
    found = float(THRESHOLDS[-1])
    for threshold in reversed(THRESHOLDS):
        unsure = [quick.max(axis=1) < threshold for quick in fast]
        told = [
            np.where(u[:, None], slow, quick) for u, slow, quick in zip(unsure, accurate, fast, strict=True)
        ]
        f1, asked = mean(told, chosen), np.mean([own.mean() for own in unsure])
        print(f"auto at {threshold:.2f}: macro-F1 {f1:.4f}, {asked:.2f} asked", flush=True)
        if f1 >= best - WITHIN:
            found = float(threshold)
    return found


def mean(told: Answers, chosen: list[Split], lead: float = REVIEW_LEAD) -> float:
    """Return the mean macro-F1 over splits of the labels that probabilities give."""
    return float(
        np.mean([scores(own, split.labels, lead)["f1"] for own, split in zip(told, chosen, strict=True)])
    )


if __name__ == "__main__":
    main()
