"""Measure the themes on public labelled sets: phrases of cx, learned themes, discovery.

    python scripts/evaluate_themes.py --data ../shared/data [--split dev] [--quick]

Prints Markdown tables. Phrases are measured on the complaint reasons of us_airline_tweets, each standing for
the themes of cx named in ``REASONS``; learned themes on us_airline_tweets, gplay_review_types, banking77 and
cfpb_complaints with 8 and with all training rows a label; discovery on the last two. ``dev`` is for choosing,
``test`` for reporting; a set without that split gives up every fifth training row, by hash of the text.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score, f1_score, normalized_mutual_info_score

from earful.themes.discovery import discover
from earful.themes.learn import learn
from earful.themes.tag import tag

#: The themes of cx that each complaint reason of us_airline_tweets stands for.
REASONS = {
    "Customer Service Issue": (
        "support.reachability",
        "support.speed",
        "support.attitude",
        "support.competence",
        "support.resolution",
        "messages.information",
    ),
    "Late Flight": ("delivery.speed",),
    "Lost Luggage": ("delivery.lost",),
    "Damaged Luggage": ("delivery.damage",),
    "Bad Flight": (
        "store.comfort",
        "store.cleanliness",
        "product.taste",
        "product.features",
        "product.defect",
    ),
    "Flight Booking Problems": (
        "checkout.ordering",
        "checkout.payment",
        "website_app.crash",
        "website_app.usability",
        "website_app.speed",
        "website_app.login",
    ),
    "Flight Attendant Complaints": ("store.staff",),
    "longlines": ("store.queue",),
}
#: cx has one theme for what never came, a bag or a flight: the words tell which.
CANCELLED = "Cancelled Flight"
SETS = ("us_airline_tweets", "gplay_review_types", "banking77", "cfpb_complaints")
FEW = 8


def read(data: Path, name: str, split: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the labelled training rows and those to measure on."""
    rows = pd.read_json(data / "themes" / f"{name}.jsonl.gz", lines=True)
    rows = rows[rows["theme"].notna() & (rows["theme"] != "Can't Tell")]
    train, measured = rows[rows["split"] == "train"], rows[rows["split"] == split]
    if measured.empty:
        held = train["text"].map(lambda text: hashlib.sha256(text.encode()).digest()[0] % 5 == 0)
        train, measured = train[~held], train[held]
    measured = measured[measured["theme"].isin(train["theme"])]
    return train.reset_index(drop=True), measured.reset_index(drop=True)


def airline_by_phrases(rows: pd.DataFrame) -> Iterator[tuple[str, int, int, int]]:
    """Give for each reason: rows rightly found, wrongly found, missed."""
    reason_of = {theme: reason for reason, themes in REASONS.items() for theme in themes}
    found = []
    for row in tag(rows["text"].tolist()).itertuples():
        reasons = set()
        for theme, term in zip(row.themes, row.terms, strict=True):
            cancelled = theme == "delivery.lost" and "cancel" in term.lower()
            reasons.add(CANCELLED if cancelled else reason_of.get(theme))
        found.append(reasons - {None})
    for reason in sorted({*REASONS, CANCELLED}):
        given = np.array([reason in reasons for reasons in found])
        true = (rows["theme"] == reason).to_numpy()
        yield reason, int((given & true).sum()), int((given & ~true).sum()), int((~given & true).sum())


def print_phrases(data: Path, split: str) -> None:
    """Print the table of the phrases on us_airline_tweets."""
    _, rows = read(data, "us_airline_tweets", split)
    counts = list(airline_by_phrases(rows))
    counts.append(("all (micro)", *(sum(row[at] for row in counts) for at in (1, 2, 3))))
    print(f"\nPhrases of cx, us_airline_tweets, {split}, {len(rows)} rows\n")
    print("| reason | precision | recall | F1 |\n|---|---|---|---|")
    for reason, right, wrong, missed in counts:
        precision, recall = right / max(right + wrong, 1), right / max(right + missed, 1)
        print(
            f"| {reason} | {precision:.2f} | {recall:.2f} | {2 * right / (2 * right + wrong + missed):.2f} |"
        )


def print_learned(data: Path, split: str, names: tuple[str, ...]) -> None:
    """Print the table of learned themes."""
    print(f"\nLearned themes, {split}\n")
    print(
        "| set | labels | rows taught | rows measured | micro-F1 | macro-F1 | given | precision | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in names:
        train, rows = read(data, name, split)
        for taught in (train.groupby("theme").head(FEW), train):
            start = time.process_time()
            model = learn(taught["text"].tolist(), taught["theme"].tolist())
            seconds = time.process_time() - start
            texts = rows["text"].tolist()
            best = [model.themes[at] for at in model.predict(texts).argmax(axis=1)]
            given = [
                (theme, true)
                for row, true in zip(model.tag(texts), rows["theme"], strict=True)
                for theme, _ in row
            ]
            micro, macro = (f1_score(rows["theme"], best, average=kind) for kind in ("micro", "macro"))
            right = sum(theme == true for theme, true in given) / max(len(given), 1)
            print(
                f"| {name} | {len(model.themes)} | {len(taught)} | {len(rows)} | {micro:.3f} | {macro:.3f} "
                f"| {len(given) / len(rows):.2f} a row | {right:.2f} | {seconds:.0f} |",
                flush=True,
            )


def print_discovery(data: Path) -> None:
    """Print how well discovery finds the labels of two sets again, beside TF-IDF and k-means."""
    print("\nDiscovery, labelled training rows\n")
    print("| set | labels | rows | method | groups | ARI | NMI | left over | seconds |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in ("banking77", "cfpb_complaints"):
        rows = pd.read_json(data / "themes" / f"{name}.jsonl.gz", lines=True)
        rows = rows[rows["theme"].notna() & (rows["split"] == "train")]
        texts, labels = rows["text"].tolist(), rows["theme"]
        most = labels.nunique()
        start = time.process_time()
        found = discover(texts, rows["lang"].tolist(), most=most)
        seconds = time.process_time() - start
        start = time.process_time()
        vectors = TfidfVectorizer(stop_words="english").fit_transform(texts)
        plain = KMeans(most, n_init=1, random_state=0).fit_predict(vectors)
        for method, groups, left, spent in (
            ("earful", found.group_of, found.left_over, seconds),
            ("TF-IDF + k-means", plain, 0.0, time.process_time() - start),
        ):
            ari, nmi = adjusted_rand_score(labels, groups), normalized_mutual_info_score(labels, groups)
            n_groups = len(set(groups) - {-1})
            print(
                f"| {name} | {most} | {len(rows)} | {method} | {n_groups} | {ari:.3f} | {nmi:.3f} "
                f"| {100 * left:.0f} % | {spent:.0f} |",
                flush=True,
            )


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--split", choices=["dev", "test"], default="dev")
    parser.add_argument("--quick", action="store_true", help="leave out the sets with many labels")
    options = parser.parse_args()
    print_phrases(options.data, options.split)
    print_discovery(options.data)
    print_learned(options.data, options.split, SETS[:2] if options.quick else SETS)


if __name__ == "__main__":
    main()
