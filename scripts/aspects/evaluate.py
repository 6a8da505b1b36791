"""Measure the aspects on public annotated sets, through the stages of a run.

    python -m scripts.aspects.evaluate --data ../shared/data [--write]

Term F1 counts exact stretches of the text as received; a text's language is recognised, as in a run.
``opinion`` and ``every`` are the two guidelines that the model knows; a run uses ``opinion``. Polarity
accuracy is of the marked terms with one polarity (negative, neutral or positive). Categories are learned on
the train splits as ``earful themes learn`` does, by sentence; a category is given from its threshold.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from earful.aspects import GUIDELINES, load_aspects
from earful.aspects.stage import Aspects
from earful.config import Config, SentimentConfig
from earful.jobs.assembly import Assembly
from earful.pipeline import Batch, run_stages
from earful.schema import INPUT, conform
from earful.text.tokens import vocabulary_zone
from earful.workshop.learn import learn
from scripts.aspects.data import STYLES, load_sentences
from scripts.aspects.fit import gold_polarity
from scripts.cards import write_measured
from scripts.data import DEFAULT_DATA, read_rows

#: Set, split, guidelines; the first of a set is that of its annotation.
MEASURED = (
    ("semeval2014rest_en", "test", ("every", "opinion")),
    ("semeval2016rest_en", "test", ("opinion", "every")),
    ("semeval2016rest_ru", "dev", ("opinion",)),
    ("semeval2016rest_es", "test", ("opinion",)),
    ("semeval2016rest_fr", "test", ("opinion",)),
    ("semeval2016rest_nl", "test", ("opinion",)),
    ("semeval2016rest_tr", "test", ("opinion",)),
    ("csrest_cs", "test", ("opinion",)),
)
CATEGORIES = (("semeval2014rest_en", "test"), ("semeval2016rest_en", "test"), ("semeval2016rest_ru", "dev"))
SIZE = 256


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--model", type=Path, default=Path("models/aspects"))
    parser.add_argument("--sentiment", default="ngrams", help="the model that reads the clauses")
    parser.add_argument("--write", action="store_true", help="put the table into the card and metrics.json")
    args = parser.parse_args()
    results = {
        "terms": list(terms(args.data, args.model, args.sentiment)),
        "categories": list(categories(args.data)),
    }
    table = markdown(results, args.sentiment)
    print(table)
    if args.write:
        text = json.dumps(results, indent=1) + "\n"
        (args.model / "metrics.json").write_text(text, encoding="utf-8")
        write_measured(args.model, table)


def terms(data: Path, folder: Path, sentiment: str) -> Iterator[dict[str, object]]:
    """Measure terms and their polarity on every set, the clauses read by a sentiment model."""
    model = load_aspects(folder)
    reading = Assembly(Config(sentiment=SentimentConfig(model=sentiment))).stages(
        ("segments.score", "tokens")
    )
    gold = load_sentences(data, [(name, split) for name, split, _ in MEASURED])
    for name, split, guidelines in MEASURED:
        rows = read_rows(data / "absa" / f"{name}.jsonl.gz")
        rows = rows[rows["split"] == split].reset_index(drop=True)
        own = [sentence for sentence in gold if sentence.source == name and sentence.split == split]
        accuracy, n_terms, plain = polarity_accuracy(model, own, sentiment)
        for guideline in guidelines:
            found, segments, seconds = run(rows["text"].tolist(), [*reading, Aspects(model, guideline)])
            yield {
                "set": name,
                "split": split,
                "guideline": guideline,
                "sentences": len(rows),
                **term_scores(rows, found),
                "n_terms": n_terms,
                "polarity_accuracy": accuracy,
                "polarity_accuracy_network_alone": plain,
                "segments": segments,
                "seconds": round(seconds, 2),
                "style": STYLES[own[0].style],
            }


def run(texts: list[str], stages: list[object]) -> tuple[list[dict[str, object]], int, float]:
    """Take texts through the stages; give the terms, the number of segments, seconds of the aspects alone."""
    found: list[dict[str, object]] = []
    segments, seconds = 0, 0.0
    *reading, aspects = stages
    for at in range(0, len(texts), SIZE):
        part = texts[at : at + SIZE]
        table = pa.table({"row": pa.array(range(at, at + len(part)), pa.int64()), "text": part})
        with vocabulary_zone():
            batch = run_stages(Batch(conform(table, INPUT)), reading)
            started = time.process_time()
            batch = run_stages(batch, [aspects])
            seconds += time.process_time() - started
        found += batch.aspects.to_pylist()
        segments += batch.segments.num_rows
    return found, segments, seconds


def term_scores(rows: pd.DataFrame, found: list[dict[str, object]]) -> dict[str, float]:
    """Give precision, recall and F1 of exact terms, and how often a rightly found one has its polarity."""
    gold: dict[tuple[int, int, int], set[str]] = {}
    for row, aspects in enumerate(rows["aspects"]):
        for aspect in aspects or []:
            if aspect["from"] is not None:
                place = (row, int(aspect["from"]), int(aspect["to"]))
                gold.setdefault(place, set()).add(aspect["polarity"])
    got = {(term["row"], term["start"], term["end"]): term["polarity"] for term in found}
    both = got.keys() & gold.keys()
    one = [
        place
        for place in both
        if len(gold[place]) == 1 and gold[place] <= {"negative", "neutral", "positive"}
    ]
    return {
        "gold": len(gold),
        "found": len(got),
        "precision": round(len(both) / max(len(got), 1), 4),
        "recall": round(len(both) / max(len(gold), 1), 4),
        "f1": round(2 * len(both) / max(len(got) + len(gold), 1), 4),
        "polarity_of_found": round(float(np.mean([got[p] in gold[p] for p in one])), 4)
        if one
        else float("nan"),
    }


def polarity_accuracy(model: object, sentences: list[object], sentiment: str) -> tuple[float, int, float]:
    """Give the accuracy on the marked terms, their number, and the network's accuracy without the clause."""
    own, others, *biases = model.blend
    right = alone = total = 0
    for logits, clause, said in gold_polarity(model, sentences, sentiment):
        mixed = own * logits + others * np.log(np.maximum(clause, 1e-4)) + np.array(biases)
        right += int(mixed.argmax() == said)
        alone += int(logits.argmax() == said)
        total += 1
    return round(right / max(total, 1), 4), total, round(alone / max(total, 1), 4)


def categories(data: Path) -> Iterator[dict[str, object]]:
    """Measure categories of sentences, learned from the train split."""
    for name, split in CATEGORIES:
        rows = read_rows(data / "absa" / f"{name}.jsonl.gz")
        rows["said"] = rows["aspects"].map(
            lambda aspects: tuple(sorted({a["category"] for a in aspects or [] if a["category"]}))
        )
        train, measured = rows[rows["split"] == "train"], rows[rows["split"] == split]
        train = train[~train["text"].isin(measured["text"])]
        learned = learn(train["text"].tolist(), train["said"].tolist())
        given = [{theme for theme, _ in tags} for tags in learned.tag(measured["text"].tolist())]
        both = sum(len(got & set(said)) for got, said in zip(given, measured["said"], strict=True))
        n_given, n_true = sum(map(len, given)), int(measured["said"].map(len).sum())
        yield {
            "set": name,
            "split": split,
            "sentences": len(measured),
            "categories": len(learned.themes),
            "precision": round(both / max(n_given, 1), 4),
            "recall": round(both / max(n_true, 1), 4),
            "f1": round(2 * both / max(n_given + n_true, 1), 4),
        }


def markdown(results: dict[str, list[dict[str, object]]], sentiment: str) -> str:
    """Give the tables for the card and ``docs/themes.md``."""
    lines = [
        "Measured with `python -m scripts.aspects.evaluate` through the stages of a run with the "
        f"`{sentiment}`",
        f"sentiment model, one core, {platform.machine()}, Python {platform.python_version()}.",
        "",
        "| set | split | guideline | sentences | terms | precision | recall | term F1 | polarity accuracy |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in results["terms"]:
        lines.append(
            f"| {row['set']} | {row['split']} | {row['guideline']} | {row['sentences']} | {row['gold']} | "
            f"{row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} | "
            f"{row['polarity_accuracy']:.3f} |"
        )
    seconds = sum(float(row["seconds"]) for row in results["terms"])
    speed = sum(int(row["segments"]) for row in results["terms"]) / max(seconds, 1e-9)
    lines += [
        "",
        f"Speed of the stage alone: about {round(speed, -2):,.0f} segments a second of processor time.",
        "",
        "Categories of a sentence, learned from the train split as `earful themes learn` does:",
        "",
        "| set | split | sentences | categories | precision | recall | micro-F1 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in results["categories"]:
        lines.append(
            f"| {row['set']} | {row['split']} | {row['sentences']} | {row['categories']} | "
            f"{row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} |"
        )
    return "\n".join(lines) + "\n"


assert {guideline for *_, guidelines in MEASURED for guideline in guidelines} <= set(GUIDELINES)

if __name__ == "__main__":
    main()
