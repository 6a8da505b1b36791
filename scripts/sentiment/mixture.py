"""The training mixture: reads ``mixture.toml`` and gives one table of texts, labels and weights."""

from __future__ import annotations

import argparse
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scripts.data import DEFAULT_DATA, read_rows

MIXTURE = Path(__file__).with_name("mixture.toml")
LABELS = ("negative", "neutral", "positive")
REFUSED = {"NC", "GPL"}

_LATIN = str.maketrans(
    {
        **dict(zip("абвгдезийклмнопрстуфхцы", "abvgdeziyklmnoprstufhcy", strict=True)),
        **{
            "ж": "zh",
            "ч": "ch",
            "ш": "sh",
            "щ": "sht",
            "ъ": "a",
            "ь": "",
            "ю": "yu",
            "я": "ya",
            "э": "e",
            "ё": "e",
        },
    }
)


def load_mixture(data: Path = DEFAULT_DATA, mixture: Path = MIXTURE, *, late: bool = False) -> pd.DataFrame:
    """Read every source of the mixture, train splits only.

    Parameters
    ----------
    late
        With the sources that ``ngrams`` has not learned from.

    Returns
    -------
    pandas.DataFrame
        ``text``, ``title`` (whole reviews only), ``lang``, ``label``, ``weight``, ``source``, ``review``
        (bool) and ``held_out`` (bool); the rows are in a fixed order and no text stands twice with a label.
    """
    settings = tomllib.loads(mixture.read_text(encoding="utf-8"))
    parts = []
    for name, source in sources_of(mixture).items():
        if source.get("late") and not late:
            continue
        if source["licence"] in REFUSED:
            raise SystemExit(f"{name}: licence {source['licence']} may not be trained on")
        parts.append(_read(name, source, Path(data), int(settings["max_chars"])))
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame.text.str.strip().str.len() > 0]
    frame = frame.drop_duplicates(["text", "label"])
    frame = frame[~frame.text.map(_key).isin(measured_on(Path(data)))].reset_index(drop=True)
    keys = frame.text.map(_unit)
    frame["held_out"] = (
        (keys < float(settings["held_out"])) & (frame.weight >= 0.35) & (frame.source != "seed_sentences")
    )
    return _with_latin(frame, keys, float(settings["translit_share"]))


def measured_on(data: Path) -> set[str]:
    """Give every dev and test text of 30 characters or more: some stand in the train split of another set."""
    found: set[str] = set()
    for folder in ("sentiment", "absa", "themes", "loyalty"):
        for path in sorted((data / folder).glob("*.jsonl.gz")):
            if not path.name.startswith("mabsa-"):
                rows = read_rows(path)
                texts = rows.text[rows.split != "train"].dropna().astype(str)
                found.update(_key(text) for text in texts if len(text) >= 30)
    return found


def sources_of(mixture: Path = MIXTURE) -> dict[str, dict[str, Any]]:
    """Give the mixture's sources by name, as written."""
    settings = tomllib.loads(mixture.read_text(encoding="utf-8"))
    return {name: value for name, value in settings.items() if isinstance(value, dict)}


def balanced(frame: pd.DataFrame, strength: float) -> np.ndarray:
    """Weigh rows so that the classes of a language draw level: fully at strength 1, not at all at 0."""
    total = frame.groupby(["lang", "label"]).weight.transform("sum")
    level = frame.groupby("lang").weight.transform("sum") / 3
    factor = (level / total) ** strength
    return (frame.weight * factor.clip(0.2, 5.0)).to_numpy()


def aspect_label(aspects: Any) -> str | None:
    """Give the polarity that all aspect terms of a sentence share, or ``None``."""
    found = {aspect["polarity"] for aspect in aspects or []}
    return next(iter(found)) if len(found) == 1 and found <= set(LABELS) else None


def _read(name: str, source: dict[str, Any], data: Path, max_chars: int) -> pd.DataFrame:
    beside = MIXTURE.parent / source["path"]
    rows = read_rows(beside if beside.exists() else data / source["path"])
    if "split" in rows:
        rows = rows[rows.split == "train"].reset_index(drop=True)
    texts = _labelled(rows, source)
    if source.get("title"):
        texts = pd.concat([texts, _titles(rows)], ignore_index=True)
    texts = texts.dropna(subset=["text", "label"])
    texts["text"] = texts.text.astype(str).map(lambda text: _cut(text, source.get("max_chars", max_chars)))
    texts = _capped(texts, source)
    texts["lang"] = source.get("lang") or texts.get("lang")
    texts["review"] = texts.get("review", False)
    texts["title"] = texts.get("title", pd.Series("", index=texts.index)).fillna("")
    texts["weight"] = float(source.get("weight", 1.0))
    texts["source"] = name
    return texts[["text", "title", "lang", "label", "weight", "source", "review"]]


def _labelled(rows: pd.DataFrame, source: dict[str, Any]) -> pd.DataFrame:
    how = source["label"]
    lang = rows["lang"] if "lang" in rows else source["lang"]
    if how == "fields":
        parts = [
            pd.DataFrame({"text": rows[field], "label": label, "lang": lang})
            for field, label in source["fields"].items()
        ]
        texts = pd.concat(parts, ignore_index=True).dropna()
        return texts[texts.text.map(_says_something)]
    if how == "lexicon":
        word, polarity = source.get("columns", ["word", "score"])
        return pd.DataFrame({"text": rows[word], "label": rows[polarity].map(_polarity), "lang": lang}).loc[
            lambda texts: [_in_script(text, source["lang"]) for text in texts.text]
        ]
    if how in LABELS:
        text = rows[source.get("column", "text" if "text" in rows else "word")]
        return pd.DataFrame({"text": text, "label": how, "lang": lang})
    out = pd.DataFrame({"text": rows["text"], "lang": lang, "review": bool(source.get("review", False))})
    out["title"] = rows.get("title", "")
    if how == "label":
        out["label"] = rows["label"].where(rows["label"].isin(LABELS))
    elif how == "recommended":
        out["label"] = rows["recommended"].map({True: "positive", False: "negative"})
    elif how == "aspects":
        out["label"] = rows["aspects"].map(aspect_label)
    elif how == "theme":
        out["label"] = rows["theme"].map(source["themes"])
    else:
        raise SystemExit(f"unknown way to label: {how!r}")
    return out


def _titles(rows: pd.DataFrame) -> pd.DataFrame:
    share = rows["rating"] / rows["rating_max"]
    verdict = pd.Series(None, index=rows.index, dtype=object)
    verdict[share <= 0.2] = "negative"
    verdict[share >= 0.9] = "positive"
    return pd.DataFrame(
        {"text": rows["title"], "label": verdict, "lang": rows["lang"], "review": False}
    ).dropna()


def _capped(texts: pd.DataFrame, source: dict[str, Any]) -> pd.DataFrame:
    texts = texts.assign(_key=texts.text.map(_unit)).sort_values(["_key", "text"], kind="stable")
    if "cap_per_label" in source:
        texts = texts.groupby("label", sort=True).head(int(source["cap_per_label"]))
    if "cap" in source:
        texts = texts.head(int(source["cap"]))
    return texts.drop(columns="_key").reset_index(drop=True)


def _with_latin(frame: pd.DataFrame, keys: pd.Series, share: float) -> pd.DataFrame:
    chosen = frame[frame.lang.isin(["bg", "ru"]) & ~frame.held_out & ((keys * 7919) % 1 < share)].copy()
    chosen["text"] = chosen.text.str.lower().str.translate(_LATIN)
    chosen["weight"] *= 0.5
    chosen["review"] = False
    return pd.concat([frame, chosen], ignore_index=True)


def _polarity(value: str) -> str | None:
    if value in LABELS:
        return value
    try:
        number = float(value)
    except ValueError:
        return None
    return "negative" if number <= -2 else "positive" if number >= 2 else None


def _in_script(word: str, lang: str) -> bool:
    cyrillic = bool(re.search("[а-яё]", word.lower()))
    if lang in {"ru", "bg"}:
        return cyrillic
    return not cyrillic and (lang != "lv" or bool(re.search("[āčēģīķļņšūž]|[aeišsu]$", word.lower())))


def _says_something(text: str) -> bool:
    return len(re.findall(r"\w\w+", text)) >= 2 and not re.match(
        r"(?i)\W*(нет|не знаю|none|nothing|n/?a|#name)\b", text
    )


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit // 3] + " … " + text[-(2 * limit) // 3 :]


def _key(text: str) -> str:
    return " ".join(text.lower().split())


def _unit(text: str) -> float:
    """Place a text in [0, 1) by its hash: the same on every machine and in every run."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return float(np.frombuffer(digest, dtype=">u8")[0] / 2**64)


def main() -> None:
    """Print how many texts each language and label has."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    table = load_mixture(parser.parse_args().data)
    print(table.groupby(["lang", "label"]).weight.agg(["size", "sum"]).round(0).to_string())
    print(len(table), "texts,", int(table.held_out.sum()), "held out")


if __name__ == "__main__":
    main()
