"""Measure whole jobs: `earful analyze` at growing sizes in four languages, beside common pipelines.

python -m scripts.bench.whole --rows 10000 100000 --model fast auto --workers 1 2

Every job is a process of its own. Reviews are whole ones, drawn with repeats from public data and told apart
by a number at their end, so that none is a duplicate. Beside them in the same run: transformers pipelines of
BERT-base and DistilBERT shape (random weights: speed does not depend on them), VADER, and with ``--bertopic
FOLDER`` (as for ``scripts.themes.evaluate``) BERTopic on vectors of MiniLM, which finds topics alone.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from scripts.data import DEFAULT_DATA, read_rows

#: Reviews of each language.
SOURCES = {
    "en": ("sentiment/en_trustpilot", "sentiment/en_tripadvisor"),
    "ru": ("sentiment/ru_otzovik_sberbank", "sentiment/ru_ozon"),
    "bg": ("sentiment/bg_cinexio",),
    "lv": ("sentiment/lv_ltec_food_tweets", "sentiment/lv_viksna_tweets"),
}
#: Rows that a pipeline is measured on, whose rate does not depend on how many there are, and BERTopic.
_FEW, _FEW_FOR_TOPICS = 200, 2_000
_PRODUCTS = 40
_SEED = 20
#: Seconds between two looks at a job.
_LOOK = 0.05


@dataclass(frozen=True)
class Measured:
    """What one job took."""

    what: str
    rows: int
    seconds: float
    processor: float
    peak: float | None = None
    first_part: float | None = None

    @property
    def line(self) -> str:
        """A row of the table."""
        first = "" if self.first_part is None else f"{self.first_part:.1f}"
        peak = "" if self.peak is None else f"{self.peak:.2f}"
        million = self.processor * 1e6 / self.rows
        return (
            f"| {self.what} | {self.rows:,} | {self.rows / self.seconds:,.1f} | {self.seconds:,.1f} "
            f"| {million:,.0f} | {peak} | {first} |"
        )


def main() -> None:
    """Print a table of jobs, the growth exponents, and the stages of one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000])
    parser.add_argument("--model", nargs="*", default=["fast"])
    parser.add_argument("--workers", type=int, nargs="*", default=[1])
    parser.add_argument("--set", nargs="*", default=[], dest="settings", metavar="KEY=VALUE")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--longest", type=int, help="draw reviews of at most so many characters")
    parser.add_argument("--no-others", action="store_true", help="leave the other pipelines out")
    parser.add_argument("--bertopic", type=Path, help="where bertopic and what it needs were installed")
    options = parser.parse_args()

    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| job | rows | rows/s | seconds | processor s per million | peak GB | first part s |")
    print("|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as place:
        files = {rows: made_up(Path(place), rows, options.data, options.longest) for rows in options.rows}
        if not options.no_others:
            texts = [row["review"] for row in islice(read_csv(files[min(files)]), _FEW_FOR_TOPICS)]
            for name, others in OTHERS.items():
                try:
                    print(other(name, partial(others, options.data), texts[:_FEW]).line, flush=True)
                except ModuleNotFoundError as error:
                    print(f"| {name}: {error.name} is not installed | | | | | | |", flush=True)
            if options.bertopic is not None:
                make = partial(_bertopic, options.bertopic)
                found_by = other("BERTopic on MiniLM, topics alone", make, texts, _FEW_FOR_TOPICS // 2)
                print(found_by.line, flush=True)
        for model in options.model:
            for workers in options.workers:
                found = []
                for rows, path in files.items():
                    found.append(whole(path, rows, model, workers, options.settings))
                    print(found[-1].line, flush=True)
                if len(found) > 1:
                    print(f"| {model}, {workers}: time grows as n^{exponent(found):.3f} | | | | | | |")


def made_up(place: Path, rows: int, data: Path, longest: int | None = None) -> Path:
    """Write so many reviews, a fourth in each language, as a CSV file."""
    chance = random.Random(_SEED)
    texts = {
        lang: [
            text
            for name in names
            for text in read_rows(data / f"{name}.jsonl.gz")["text"]
            if text.strip() and (longest is None or len(text) <= longest)
        ]
        for lang, names in SOURCES.items()
    }
    langs, path = list(SOURCES), place / f"reviews-{rows}.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "product", "date", "stars", "review"])
        for row in range(rows):
            text = chance.choice(texts[langs[row % len(langs)]])
            date = f"2026-{1 + chance.randrange(12):02d}-{1 + chance.randrange(28):02d}"
            product = f"product {chance.randrange(_PRODUCTS):02d}"
            writer.writerow([f"r{row}", product, date, 1 + chance.randrange(5), f"{text} ({row})"])
    return path


def read_csv(path: Path) -> Iterator[dict[str, str]]:
    """Give the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def whole(path: Path, rows: int, model: str, workers: int, settings: Sequence[str]) -> Measured:
    """Measure a whole job in a process of its own."""
    with tempfile.TemporaryDirectory() as run:
        command = [sys.executable, "-m", "earful", "analyze", str(path), "-o", run, "--quiet"]
        command += ["--model", model, "--workers", str(workers), *(f"--set={one}" for one in settings)]
        before, began = _processor(), time.perf_counter()
        peak, first = 0.0, None
        with subprocess.Popen(command) as job:
            while job.poll() is None:
                peak = max(peak, _memory(job.pid))
                if first is None and next(Path(run).glob("parts/*[0-9]/receipt.json"), None):
                    first = time.perf_counter() - began
                time.sleep(_LOOK)
        seconds = time.perf_counter() - began
        if job.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {job.returncode}")
        said = json.loads((Path(run) / "manifest.json").read_text(encoding="utf-8"))["rows"]
        assert said["read"] == rows, said
    who = f"earful, {model}, {workers} worker{'s' * (workers > 1)}"
    return Measured(who, rows, seconds, _processor() - before, peak, first)


def other(
    name: str, make: Callable[[], Callable[[list[str]], object]], texts: list[str], first: int = 4
) -> Measured:
    """Measure another pipeline in this process, its loading and the first so many texts left out.

    Its memory is not told: the process holds what others left.
    """
    read = make()
    read(texts[:first])
    began, before = time.perf_counter(), time.process_time()
    read(texts)
    seconds, processor = time.perf_counter() - began, time.process_time() - before
    return Measured(name, len(texts), seconds, processor)


def exponent(found: Sequence[Measured]) -> float:
    """Give the exponent of n that time grows with, by least squares on logarithms."""
    x = [math.log(one.rows) for one in found]
    y = [math.log(one.seconds) for one in found]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    rise = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return rise / sum((a - mean_x) ** 2 for a in x)


def _bert(layers: int, data: Path) -> Callable[[list[str]], object]:
    """Give a sentiment pipeline of BERT-base's shape with so many layers: 12, or DistilBERT's 6."""
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        PreTrainedTokenizerFast,
        TextClassificationPipeline,
    )

    with tempfile.TemporaryDirectory() as place:
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=_wordpieces(Path(place), data), pad_token="[PAD]", unk_token="[UNK]"
        )
    config = BertConfig(vocab_size=tokenizer.vocab_size, num_hidden_layers=layers, num_labels=3)
    model = BertForSequenceClassification(config).eval()
    pipeline = TextClassificationPipeline(model=model, tokenizer=tokenizer, device=-1)
    return lambda texts: pipeline(texts, batch_size=16, truncation=True, max_length=512)


def _wordpieces(place: Path, data: Path) -> str:
    """Write a tokenizer of word pieces learned from the public data, as multilingual BERT cuts words."""
    from tokenizers import BertWordPieceTokenizer

    texts = [
        text
        for names in SOURCES.values()
        for text in read_rows(data / f"{names[0]}.jsonl.gz")["text"].head(2_000)
    ]
    tokenizer = BertWordPieceTokenizer(lowercase=False)
    tokenizer.train_from_iterator(texts, vocab_size=30_000, show_progress=False)
    path = place / "tokenizer.json"
    tokenizer.save(str(path))
    return str(path)


def _vader(data: Path) -> Callable[[list[str]], object]:
    from scripts.sentiment.baselines import vader_predictor

    return vader_predictor()


def _bertopic(folder: Path) -> Callable[[list[str]], object]:
    from scripts.themes.evaluate import by_bertopic, minilm

    return lambda texts: by_bertopic(texts, minilm(texts, folder), folder)


OTHERS: dict[str, Callable[[Path], Callable[[list[str]], object]]] = {
    "pipeline of BERT-base shape": partial(_bert, 12),
    "pipeline of DistilBERT shape": partial(_bert, 6),
    "VADER, sentiment alone": _vader,
}


def _processor() -> float:
    """Give the processor seconds of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(pid: int) -> float:
    """Give the memory of a process and its children in GB; what they share is counted once."""
    total, todo = 0.0, [pid]
    while todo:
        one = Path(f"/proc/{todo.pop()}")
        try:
            rollup = (one / "smaps_rollup").read_text()
            todo += [int(child) for child in (one / "task" / one.name / "children").read_text().split()]
        except (OSError, ValueError):
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1e6
    return total


if __name__ == "__main__":
    main()
