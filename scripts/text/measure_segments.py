"""Measure sentence splitting on treebanks and the speed of the segment stage.

Sentences of a document are joined by one space and split again. A sentence counts as found when both its
ends are; F1 is over sentences, as in the CoNLL shared tasks. ``spacy sentencizer`` is spaCy's own rule.

    python -m scripts.text.measure_segments --split dev
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import spacy

from earful.pipeline import Batch, run_stages
from earful.text.language import Language
from earful.text.normalise import Normalise
from earful.text.segment import Segment
from earful.text.sentences import sentence_spans
from earful.text.tokens import vocabulary_zone
from scripts.data import DEFAULT_DATA

TREEBANKS = {
    "en": "UD_English-EWT",
    "ru": "UD_Russian-Taiga",
    "bg": "UD_Bulgarian-BTB",
    "lv": "UD_Latvian-LVTB",
}
Spans = list[tuple[int, int]]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument(
        "--errors", type=int, default=0, help="wrong and missed ends to show of each language"
    )
    parser.add_argument("--speed", action="store_true", help="time the stages on restaurant reviews as well")
    options = parser.parse_args()
    print(f"| treebank ({options.split}) | sentences | precision | recall | F1 | spacy sentencizer F1 |")
    print("|---|---|---|---|---|---|")
    for lang, folder in TREEBANKS.items():
        documents = list(read_documents(options.data / "treebanks" / folder, options.split))
        ours = score(documents, lambda text, lang=lang: sentence_spans(text, lang), options.errors)
        theirs = score(documents, sentencizer(lang), 0)
        n = sum(len(spans) for _, spans in documents)
        print(
            f"| {lang} {folder} | {n} | {' | '.join(f'{100 * value:.1f}' for value in (*ours, theirs[2]))} |"
        )
    if options.speed:
        measure_speed(options.data / "loyalty" / "zomato_restaurants.jsonl.gz")


def read_documents(folder: Path, split: str) -> Iterator[tuple[str, Spans]]:
    """Give each document's text and the spans of its sentences."""
    sentences: list[str] = []
    for path in sorted(folder.glob(f"*{split}.conllu.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("# newdoc") and sentences:
                    yield join(sentences)
                    sentences = []
                elif line.startswith("# text = "):
                    sentences.append(" ".join(line[9:].split()))
    if sentences:
        yield join(sentences)


def join(sentences: list[str]) -> tuple[str, Spans]:
    """Join sentences by a space."""
    spans: Spans = []
    position = 0
    for sentence in sentences:
        spans.append((position, position + len(sentence)))
        position += len(sentence) + 1
    return " ".join(sentences), spans


def sentencizer(lang: str) -> Callable[[str], Spans]:
    """Give spaCy's rule-based splitter."""
    nlp = spacy.blank(lang)
    nlp.add_pipe("sentencizer")
    nlp.max_length = 10_000_000

    def split(text: str) -> Spans:
        spans = ((sentence.start_char, sentence.text) for sentence in nlp(text).sents)
        return [(start, start + len(found.rstrip())) for start, found in spans]

    return split


def score(
    documents: list[tuple[str, Spans]], split: Callable[[str], Spans], errors: int
) -> tuple[float, float, float]:
    """Give precision, recall and F1 of whole sentences."""
    right = found_n = true_n = 0
    for text, true in documents:
        found = split(text)
        right += len(set(found) & set(true))
        found_n, true_n = found_n + len(found), true_n + len(true)
        found_ends, true_ends = {end for _, end in found}, {end for _, end in true}
        for end in sorted(found_ends ^ true_ends):
            if errors > 0:
                errors -= 1
                kind = "missed" if end in true_ends else "wrong "
                print(f"    {kind} {text[max(0, end - 50) : end]!r} | {text[end : end + 40]!r}")
    return right / found_n, right / true_n, 2 * right / (found_n + true_n)


def measure_speed(path: Path) -> None:
    """Print reviews per second of each stage on one core."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    batches = [
        Batch(
            pa.table(
                {"row": pa.array(range(at, at + len(part)), pa.int64()), "text": pa.array(part, pa.string())}
            )
        )
        for at in range(0, len(texts), 512)
        for part in [texts[at : at + 512]]
    ]
    seconds: dict[str, float] = {}
    segments = 0
    for batch in batches:
        with vocabulary_zone():
            for stage in (Normalise(), Language(), Segment()):
                began = time.process_time()
                batch = run_stages(batch, [stage])
                seconds[stage.name] = seconds.get(stage.name, 0) + time.process_time() - began
            segments += batch.segments.num_rows
    print(f"\n{len(texts)} reviews, {segments} segments")
    for name, value in seconds.items():
        print(f"{name}: {len(texts) / value:.0f} reviews/s")


if __name__ == "__main__":
    main()
