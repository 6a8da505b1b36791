"""Measure a sentiment model on every public dev and test split, against VADER where the text is English.

And on sentences written for this project to trip models up: ``tests/sentiment/behaviour``, and of the kinds
that published suites test ``tests/sentiment/kinds``.

    python -m scripts.sentiment.evaluate fast --data ../shared/data [--baseline models/other ...] [--write]

With ``--write`` it writes ``metrics.json`` into the model's folder and the table into its card
(``README.md``).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from earful.encoder.calibration import expected_calibration_error
from earful.loyalty.intervals import wilson
from earful.polarity import LABELS, REVIEW_LEAD, classes
from earful.sentiment.model import SentimentModel, load_model, model_folder
from scripts.cards import write_measured
from scripts.data import DEFAULT_DATA, read_rows
from scripts.encoder.rows import SUITES
from scripts.sentiment.baselines import vader_predictor

SPLITS = {
    "en_product_sentences_cr": ("sentiment/en_product_sentences_cr.jsonl.gz", "dev test"),
    "en_sst5_dev": ("sentiment/en_sst5_dev.jsonl.gz", "dev"),
    "en_android_apps": ("sentiment/en_android_apps.jsonl.gz", "dev test"),
    "en_uber_gplay": ("sentiment/en_uber_gplay.jsonl.gz", "dev test"),
    "en_trustpilot": ("sentiment/en_trustpilot.jsonl.gz", "dev test"),
    "en_tripadvisor": ("sentiment/en_tripadvisor.jsonl.gz", "test"),
    "en_tweeteval": ("sentiment/en_tweeteval_test.jsonl.gz", "test"),
    "us_airline_tweets": ("themes/us_airline_tweets.jsonl.gz", "dev test"),
    "skytrax_airline": ("loyalty/skytrax_airline.jsonl.gz", "dev test"),
    "skytrax_seat": ("loyalty/skytrax_seat.jsonl.gz", "dev test"),
    "zomato_restaurants": ("loyalty/zomato_restaurants.jsonl.gz", "dev test"),
    "womens_clothing": ("loyalty/womens_clothing.jsonl.gz", "dev test"),
    "semeval2016rest_en": ("absa/semeval2016rest_en.jsonl.gz", "dev test"),
    "multi_umsab_tweets": ("sentiment/multi_umsab_tweets.jsonl.gz", "test"),
    "ru_otzovik_sberbank": ("sentiment/ru_otzovik_sberbank.jsonl.gz", "dev test"),
    "ru_opensentimentcorpus": ("sentiment/ru_opensentimentcorpus.jsonl.gz", "dev test"),
    "ru_bank_telecom_tweets": ("sentiment/ru_bank_telecom_tweets.jsonl.gz", "test"),
    "ru_livelib_books_a": ("sentiment/ru_livelib_books_a.jsonl.gz", "dev test"),
    "ru_kinopoisk": ("sentiment/ru_kinopoisk.jsonl.gz", "dev test"),
    "semeval2016rest_ru": ("absa/semeval2016rest_ru.jsonl.gz", "dev"),
    "bg_cinexio": ("sentiment/bg_cinexio.jsonl.gz", "dev"),
    "lv_ltec_food_tweets": ("sentiment/lv_ltec_food_tweets.jsonl.gz", "test"),
    "lv_viksna_tweets": ("sentiment/lv_viksna_tweets.jsonl.gz", "dev test"),
    "lv_gov_tweets": ("sentiment/lv_gov_tweets.jsonl.gz", "dev test"),
    "lv_nicmanis_tweets": ("sentiment/lv_nicmanis_tweets.jsonl.gz", "dev test"),
    "pl_hotels_doctors": ("sentiment/pl_hotels_doctors.jsonl.gz", "dev test"),
    "sr_film_comments": ("sentiment/sr_film_comments.jsonl.gz", "dev test"),
    "semeval2016rest_es": ("absa/semeval2016rest_es.jsonl.gz", "test"),
    "semeval2016rest_fr": ("absa/semeval2016rest_fr.jsonl.gz", "test"),
    "semeval2016rest_nl": ("absa/semeval2016rest_nl.jsonl.gz", "test"),
    "semeval2016rest_tr": ("absa/semeval2016rest_tr.jsonl.gz", "test"),
    "csrest_cs": ("absa/csrest_cs.jsonl.gz", "test"),
}
MANY_LANGUAGES = "multi_umsab_tweets"
BEHAVIOUR, KINDS = SUITES
RESAMPLES = 400


@dataclass(frozen=True)
class Split:
    """A public split: texts with the language and label of each."""

    name: str
    texts: list[str]
    langs: list[str]
    labels: np.ndarray


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="auto, fast, accurate or a folder")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--baseline", action="append", default=[], help="another model to show beside it")
    parser.add_argument("--only", default="", help="regular expression on the names of the splits")
    parser.add_argument("--cap", type=int, default=0, help="at most so many rows a split, taken evenly")
    parser.add_argument("--write", action="store_true", help="write metrics.json and the card's table")
    args = parser.parse_args()

    models = {name: load_model(name) for name in [args.model, *args.baseline]}
    report, calibration = evaluate(models, args.data, args.only, args.cap)
    suite = behaviour(models)
    hard = as_suite(behaviour(models, KINDS), "of hard kinds read right")
    print(as_suite(suite), hard, as_calibration(calibration), as_table(report, list(models)), sep="\n\n")
    if args.write:
        folder = Path(args.model) if os.sep in args.model else model_folder(args.model)
        write(report, suite, calibration, folder, command_of(args))


def evaluate(
    models: dict[str, SentimentModel], data: Path, only: str = "", cap: int = 0
) -> tuple[list[dict], dict[str, dict[str, list[float]]]]:
    """Measure models, and VADER on English, on every split whose name matches.

    Returns
    -------
    list of dict
        What was measured on each split.
    dict
        By model and language: the calibration error over all rows of the language's splits, and their number.
    """
    vader = vader_predictor()
    report = []
    read_by: dict[tuple[str, str], list[tuple[np.ndarray, np.ndarray]]] = {}
    for split in splits(data, only, cap):
        lang = "+".join(sorted(set(split.langs)))
        entry: dict = {"split": split.name, "lang": lang, "n": len(split.texts)}
        for name, model in models.items():
            started = time.perf_counter()
            read = model.predict(split.texts, split.langs)
            seconds = time.perf_counter() - started
            entry[name] = measure(read, split.labels) | {"texts_per_s": round(len(read) / max(seconds, 1e-9))}
            read_by.setdefault((name, lang), []).append((read, split.labels))
        if lang == "en":
            entry["vader"] = measure(vader(split.texts), split.labels)
            del entry["vader"]["ece"]
        report.append(entry)
    calibration: dict[str, dict[str, list[float]]] = {name: {} for name in models}
    for (name, lang), parts in sorted(read_by.items()):
        read, labels = (np.concatenate(side) for side in zip(*parts, strict=True))
        calibration[name][lang] = [_round(expected_calibration_error(read, labels)), len(labels)]
    return report, calibration


def behaviour(
    models: dict[str, SentimentModel], folder: Path = BEHAVIOUR
) -> dict[str, dict[str, list[float]]]:
    """Give the share of the written sentences that each model reads right, by language, with its interval.

    Parameters
    ----------
    folder
        Where the sentences are, a file for each language.

    Returns
    -------
    dict
        By model and language: share, lower and upper end of Wilson's 95 % interval, number of sentences.
    """
    found: dict[str, dict[str, list[float]]] = {name: {} for name in models}
    for path in sorted(folder.glob("*.tsv")):
        rows = read_rows(path)
        labels = rows.label.map(LABELS.index).to_numpy()
        for name, model in models.items():
            best = classes(model.predict(rows.text.tolist(), [path.stem] * len(rows)), REVIEW_LEAD)
            right = int((best == labels).sum())
            interval = wilson(right, len(rows))
            ends = (right / len(rows), float(interval.low), float(interval.high))
            found[name][path.stem] = [*map(_round, ends), len(rows)]
    return found


def splits(data: Path, only: str = "", cap: int = 0) -> list[Split]:
    """Read the public dev and test splits; a set of many languages gives one split for each of them."""
    found = []
    for name, (path, parts) in SPLITS.items():
        wanted = [part for part in parts.split() if re.search(only, f"{name}/{part}")]
        if not wanted:
            continue
        rows = read_rows(Path(data) / path)
        rows["label"] = rows["label"] if "label" in rows else rows["aspects"].map(aspect_label)
        rows = rows[rows.label.isin(LABELS)]
        for part in wanted:
            chosen = rows[rows.split == part]
            if name == MANY_LANGUAGES:
                found += [_split(f"{name}_{lang}/{part}", own, cap) for lang, own in chosen.groupby("lang")]
            else:
                found.append(_split(f"{name}/{part}", chosen, cap))
    return found


def aspect_label(aspects: Any) -> str | None:
    """Give the polarity that all aspect terms of a sentence share, or ``None``."""
    found = {aspect["polarity"] for aspect in aspects or []}
    return next(iter(found)) if len(found) == 1 and found <= set(LABELS) else None


def _split(name: str, rows: pd.DataFrame, cap: int) -> Split:
    if cap and len(rows) > cap:
        rows = rows.iloc[np.linspace(0, len(rows) - 1, cap).astype(int)]
    return Split(name, rows.text.tolist(), rows.lang.tolist(), rows.label.map(LABELS.index).to_numpy())


def measure(read: np.ndarray, labels: np.ndarray) -> dict:
    """Give macro-F1 and accuracy with 95 % bootstrap intervals, two-class accuracy, and calibration error."""
    best = classes(read, REVIEW_LEAD)
    polar = labels != 1
    two = np.where(read[:, 2] >= read[:, 0], 2, 0)
    present = sorted(set(labels.tolist()))
    rng = np.random.default_rng(7)
    draws = [rng.integers(0, len(labels), len(labels)) for _ in range(RESAMPLES)]
    f1s = [macro_f1(labels[draw], best[draw], present) for draw in draws]
    accuracies = [float((labels[draw] == best[draw]).mean()) for draw in draws]
    return {
        "macro_f1": _round(macro_f1(labels, best, present)),
        "macro_f1_interval": [_round(q) for q in np.quantile(f1s, [0.025, 0.975])],
        "accuracy": _round((labels == best).mean()),
        "accuracy_interval": [_round(q) for q in np.quantile(accuracies, [0.025, 0.975])],
        "accuracy_two_class": _round((labels[polar] == two[polar]).mean()),
        "ece": _round(expected_calibration_error(read, labels)),
    }


def macro_f1(labels: np.ndarray, best: np.ndarray, present: list[int]) -> float:
    """Macro-F1 over the classes that the split has."""
    counts = np.bincount(labels * 3 + best, minlength=9).reshape(3, 3)
    right = np.diag(counts)
    f1 = 2 * right / np.maximum(counts.sum(axis=0) + counts.sum(axis=1), 1)
    return float(f1[present].mean())


def as_table(report: list[dict], names: list[str]) -> str:
    """Give the report as a Markdown table: macro-F1 with its interval, accuracies, ECE."""
    head = ["split", "lang", "n"]
    for name in names:
        head += [f"{name}: macro-F1", "accuracy", "two-class", "ECE"]
    rows = []
    for entry in report:
        cells = [entry["split"], entry["lang"], str(entry["n"])]
        for name in names:
            got = entry[name]
            low, high = got["macro_f1_interval"]
            cells.append(f"{got['macro_f1']:.3f} ({low:.3f}-{high:.3f})")
            cells += [f"{got[key]:.3f}" for key in ("accuracy", "accuracy_two_class", "ece")]
        vader = entry.get("vader")
        cells += [f"{vader['macro_f1']:.3f}", f"{vader['accuracy_two_class']:.3f}"] if vader else ["", ""]
        rows.append(cells)
    return _markdown([*head, "VADER: macro-F1", "two-class"], rows)


def as_suite(suite: dict[str, dict[str, list[float]]], title: str = "sentences read right") -> str:
    """Give what :func:`behaviour` found as a Markdown table."""
    counts = next(iter(suite.values()))
    heads = [f"{lang}, n = {row[3]}" for lang, row in counts.items()]
    rows = [
        [name, *(f"{share:.3f} ({low:.3f}-{high:.3f})" for share, low, high, _ in found.values())]
        for name, found in suite.items()
    ]
    return _markdown([title, *heads], rows)


def as_calibration(calibration: dict[str, dict[str, list[float]]]) -> str:
    """Give the calibration errors by language as a Markdown table."""
    counts = next(iter(calibration.values()))
    heads = [f"{lang}, n = {n}" for lang, (_, n) in counts.items()]
    rows = [[name, *(f"{error:.3f}" for error, _ in found.values())] for name, found in calibration.items()]
    return _markdown(["calibration error (ECE)", *heads], rows)


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, ["---"] * len(head), *rows])


def command_of(args: argparse.Namespace) -> str:
    """Give the command line that the results come from, without the place of the data."""
    beside = "".join(f" --baseline {name}" for name in args.baseline)
    only = f" --only '{args.only}'" if args.only else ""
    cap = f" --cap {args.cap}" if args.cap else ""
    return f"python -m scripts.sentiment.evaluate {args.model}{beside}{cap}{only} --write"


def write(
    report: list[dict],
    suite: dict[str, dict[str, list[float]]],
    calibration: dict[str, dict[str, list[float]]],
    folder: Path,
    command: str,
) -> None:
    """Write ``metrics.json`` and put the tables behind the card's marker."""
    machine = f"{os.cpu_count()} CPU cores, {platform.machine()}, Python {platform.python_version()}"
    record = {"command": command, "machine": machine, "bootstrap_resamples": RESAMPLES}
    record |= {"behaviour": suite, "calibration": calibration, "splits": report}
    (folder / "metrics.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    tables = "\n\n".join([as_suite(suite), as_calibration(calibration), as_table(report, list(suite))])
    write_measured(folder, f"Measured with `{command}` on {machine}.\n\n{tables}\n")


def _round(value: float) -> float:
    return round(float(value), 4)


if __name__ == "__main__":
    main()
