"""Cut the base model's 250,002 pieces to those that the supported languages use.

    python -m scripts.encoder.vocabulary [--limit 120000]

It writes ``tokenizer.json`` and ``pieces.npy`` (the row of each kept piece in the base model's table) into
the work folder, and says for samples of each language how many texts fall into other pieces than before.

The tokenizer is a unigram model: it cuts a text so that the scores of the pieces sum to the most. Where all
pieces of the best cut are kept, with their scores, it stays the best one: every other cut was worse already.
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from scripts.encoder.base import BASE, TOKENIZER, member
from scripts.encoder.rows import DATA, HERE, REPOSITORY, SCRIPTS, WORK, read_rows

SPECIAL = 4  # <s>, <pad>, </s>, <unk> stand first
FOLDERS = ("sentiment", "loyalty", "themes", "absa", "dictionaries", "lexicons")
#: Rows whose pieces must all stay, and rows where a piece must be seen twice.
OWN = {"en", "ru", "bg", "lv"}
#: Scripts whose frequent pieces stay although no text of ours has them.
_KEPT_SCRIPT = re.compile(r"[▁\u0020-\u024f\u0300-\u036f\u0400-\u052f\u1e00-\u1eff\u2000-\u2bff]+")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--limit", type=int, default=120_000, help="at most so many pieces")
    args = parser.parse_args()
    settings = json.loads(member(BASE, TOKENIZER))
    full = Tokenizer.from_str(json.dumps(settings))
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    samples: dict[str, list[str]] = defaultdict(list)
    for lang, texts in _batches(args.data):
        for one in full.encode_batch_fast(texts, add_special_tokens=False):
            counts[lang].update(one.ids)
        samples[lang] += texts[:: max(1, len(texts) // 60)]
    kept = choose(settings["model"]["vocab"], counts, args.limit)
    cut = shorten(settings, kept)
    args.work.mkdir(parents=True, exist_ok=True)
    (args.work / "tokenizer.json").write_text(json.dumps(cut, ensure_ascii=False), encoding="utf-8")
    np.save(args.work / "pieces.npy", np.array(kept))
    own = set().union(*(set(counts[lang]) for lang in OWN))
    print(f"{len(kept)} pieces kept, {len(own)} of them for {sorted(OWN)}")
    compare(full, Tokenizer.from_str(json.dumps(cut)), kept, samples)


def choose(vocabulary: list[list[Any]], counts: dict[str, Counter[int]], limit: int) -> list[int]:
    """Return the numbers of the pieces to keep, in their order.

    First single characters, so that any text can be cut; then what our four languages use, then what the
    others use, the more frequent first; what room is left goes to the best pieces in Latin and Cyrillic.
    """
    kept = set(range(SPECIAL))
    kept |= {i for i, (piece, _) in enumerate(vocabulary) if len(piece.lstrip("▁")) <= 1 and i < 250_001}
    own: Counter[int] = Counter()
    other: Counter[int] = Counter()
    for lang, seen in counts.items():
        (own if lang in OWN else other).update(seen)
    kept |= set(own)
    for i, _ in other.most_common():
        if len(kept) >= limit:
            break
        kept.add(i)
    for i, (piece, _) in enumerate(vocabulary):  # the best scores stand first
        if len(kept) >= limit:
            break
        if _KEPT_SCRIPT.fullmatch(piece):
            kept.add(i)
    return sorted(kept)


def shorten(settings: dict[str, Any], kept: list[int]) -> dict[str, Any]:
    """Return a tokenizer's settings with the kept pieces alone, and without the frame of special ones."""
    model = settings["model"] | {"vocab": [settings["model"]["vocab"][i] for i in kept]}
    added = [token for token in settings["added_tokens"] if token["id"] < SPECIAL]
    return settings | {"model": model, "added_tokens": added, "post_processor": None}


def compare(full: Tokenizer, cut: Tokenizer, kept: list[int], samples: dict[str, list[str]]) -> None:
    """Print the share of texts that fall into other pieces than before, and of pieces that are unknown."""
    rows = np.array(kept)
    for lang, texts in sorted(samples.items(), key=lambda item: -len(item[1])):
        before = full.encode_batch_fast(texts, add_special_tokens=False)
        after = cut.encode_batch_fast(texts, add_special_tokens=False)
        changed = sum(a.ids != rows[b.ids].tolist() for a, b in zip(before, after, strict=True))
        unknown = [sum(one.ids.count(3) for one in side) for side in (before, after)]
        pieces = [sum(len(one.ids) for one in side) for side in (before, after)]
        print(
            f"{lang}: {changed} of {len(texts)} texts changed; pieces {pieces[0]} and {pieces[1]}; "
            f"unknown {unknown[0]} and {unknown[1]}"
        )


def texts_of(data: Path) -> Iterator[tuple[str, str]]:
    """Return (language, text) of every text there is."""
    for folder in FOLDERS:
        for path in sorted((data / folder).glob("*.gz")):
            named = re.findall(r"[_-]([a-z]{2})\b", path.name.split(".")[0])
            for row in read_rows(path):
                yield from _told(row, named[-1] if named else "en", folder == "dictionaries")
    for path in sorted((data / "treebanks").rglob("*.conllu")):
        lines = path.read_text(encoding="utf-8").splitlines()
        yield from ((path.name[:2], line[9:].strip()) for line in lines if line.startswith("# text = "))
    for path in [
        *sorted((SCRIPTS / "sentiment" / "written").glob("*.tsv")),
        *sorted((HERE / "written").glob("*.jsonl")),
    ]:
        for row in read_rows(path):
            yield row.get("lang", path.stem), str(row.get("text", ""))
    # What documentation and code of the package say is read too: words of business and of feedback.
    for path in sorted((REPOSITORY / "src").rglob("*.py")):
        yield "en", path.read_text(encoding="utf-8")


def _told(row: dict[str, Any], lang: str, dictionary: bool) -> Iterator[tuple[str, str]]:
    if dictionary:
        yield from ((code[:2], text) for code, text in row.items() if isinstance(text, str))
        return
    for name in ("text", "title", "pros", "cons", "word", "term"):
        if isinstance(row.get(name), str):
            yield row.get("lang") or lang, row[name]


def variants(text: str, lang: str) -> Iterator[str]:
    """Return a text as it stands, in small letters, and without diacritics where it has any."""
    yield text
    yield text.lower()
    if lang in {"lv", "bg", "ru", "en"}:
        bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        if bare != text and lang == "lv":
            yield bare


def _batches(data: Path, size: int = 20_000) -> Iterator[tuple[str, list[str]]]:
    waiting: dict[str, list[str]] = defaultdict(list)
    for lang, text in texts_of(data):
        waiting[lang] += variants(text, lang)
        if len(waiting[lang]) >= size:
            yield lang, waiting.pop(lang)
    yield from waiting.items()


if __name__ == "__main__":
    main()
