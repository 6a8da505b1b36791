"""Run folders written by hand: every table of the schema, a manifest and the rejects."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from earful.schema import TABLES as DECLARED
from earful.schema import cut_by, further_fields, with_fields

TABLES = {name: table.schema for name, table in DECLARED.items() if name != "embeddings"}

MANIFEST = {
    "earful": "0.1.0",
    "created_at": "2026-11-21T22:04:05+00:00",
    "finished_at": "2026-11-21T22:04:55+00:00",
    "seconds": 50.25,
    "command": "earful analyze reviews.csv -o run",
    "inputs": [
        {
            "source": "reviews.csv",
            "format": "csv",
            "encoding": "utf-8",
            "delimiter": ",",
            "rows": 7,
            "mapping": {"text": "text", "rating": "stars"},
            "mapped_by": {"text": "name", "rating": "name"},
            "scales": {"rating": {"min": 1, "max": 5, "how": "recognised"}},
            "notes": ["column 'x' was ignored"],
        }
    ],
    "config": {"loyalty": {"by": ["product", "touchpoint"], "level": 0.95, "min_reviews": 30}},
    "model": {"name": "earful-test", "checksum": "sha256:0123"},
    "taxonomy": {"name": "cx", "checksum": "sha256:4567"},
    "likelihood": {"name": "rows", "checksum": "sha256:89ab"},
    "languages": {"en": 4},
    "warnings": ["CES direction is not set"],
    "versions": {"numpy": "2.0.0"},
}


class RunBuilder:
    """A run folder under construction; ``write`` puts it on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables: dict[str, list[dict]] = {name: [] for name in TABLES}
        self.rejects: list[dict] = []
        self.manifest: dict = json.loads(json.dumps(MANIFEST))
        self.cuts: list[str] = []

    def cut_by(self, *names: str) -> None:
        """Cut the run by columns of the input's own, whose values reviews and groups may then have."""
        self.cuts += names
        self.manifest["config"]["loyalty"]["by"] += names

    def review(self, text: str = "", **columns) -> int:
        row = len(self.tables["reviews"])
        score = columns.pop("score", 0.0 if text else None)
        words = {}
        if score is not None:
            positive, negative = max(score, 0.0), max(-score, 0.0)
            mood = "positive" if score > 0.2 else "negative" if score < -0.2 else "neutral"
            words = {"p_negative": negative, "p_neutral": 1 - positive - negative, "p_positive": positive}
            words |= {
                "score": score,
                "sentiment": mood,
                "lang": columns.pop("lang", "en"),
                "lang_confidence": 1.0,
            }
        self.tables["reviews"].append(
            {
                "row": row,
                "source": "reviews.csv",
                "review_id": f"r{row}",
                "text": text,
                "non_answer": False,
                "truncated": False,
                **words,
                **columns,
            }
        )
        return row

    def mention(self, row: int, theme: str, term: str, polarity: str, score: float = -0.9, **columns) -> None:
        start = self.tables["reviews"][row]["text"].index(term)
        self.tables["mentions"].append(
            {
                "row": row,
                "segment": 0,
                "theme": theme,
                "start": start,
                "end": start + len(term),
                "term": term,
                "polarity": polarity,
                "score": score,
                "confidence": 0.9,
                "matcher": "phrase",
                **columns,
            }
        )

    def group(
        self, grouping: str, index: float | None = 10.0, half: float = 8.0, n: int = 100, **columns
    ) -> None:
        known = index is not None
        self.tables["loyalty"].append(
            {
                "grouping": grouping,
                "n_reviews": n,
                "n_rated": 0,
                "index": index,
                "index_low": index - half if known else None,
                "index_high": index + half if known else None,
                "rank_low": index - 0.8 * half if known else None,
                "rank_high": index + 0.8 * half if known else None,
                "grade": "B",
                "scale": "NPS 0-10, promoters 9-10, detractors 0-6",
                **columns,
            }
        )

    def theme(self, theme: str, negative: int, positive: int, label: str | None = None, **columns) -> None:
        n = negative + positive
        net = 100 * (positive - negative) / max(n, 1)
        self.tables["themes"].append(
            {
                "grouping": "overall",
                "theme": theme,
                "label": label,
                "n_mentions": n,
                "n_reviews": n,
                "share": 10.0,
                "share_low": 8.0,
                "share_high": 12.5,
                "n_negative": negative,
                "n_neutral": 0,
                "n_positive": positive,
                "net_sentiment": net,
                "net_low": max(net - 15, -100),
                "net_high": min(net + 15, 100),
                **columns,
            }
        )

    def driver(self, theme: str, polarity: str, impact: float, n: int = 50, **columns) -> None:
        self.tables["drivers"].append(
            {
                "grouping": "overall",
                "theme": theme,
                "polarity": polarity,
                "n": n,
                "share": 12.0,
                "impact": impact,
                "impact_low": impact - 1.0,
                "impact_high": impact + 1.0,
                "q_value": 0.004,
                "importance": 0.25,
                **columns,
            }
        )

    def trend(self, period: str, index: float, change: float | None = None, **columns) -> None:
        self.tables["trends"].append(
            {
                "grouping": "overall",
                "period": period,
                "n_reviews": 40,
                "n_rated": 0,
                "index": index,
                "index_low": index - 6,
                "index_high": index + 6,
                "level": index + 1,
                "level_low": index - 3,
                "level_high": index + 5,
                "change": change,
                "change_low": None if change is None else change - 5,
                "change_high": None if change is None else change + 5,
                "change_p": None if change is None else 0.002,
                "change_q": None if change is None else 0.004,
                "change_point": change is not None,
                **columns,
            }
        )

    def rising(self, theme: str, n: int = 25, **columns) -> None:
        self.tables["emerging"].append(
            {
                "grouping": "overall",
                "period": "2026-08-01",
                "theme": theme,
                "polarity": "negative",
                "n": n,
                "n_reviews": 50,
                "expected": 2.0,
                "ratio": 6.6,
                "ratio_low": 4.7,
                "q_value": 0.0001,
                "rising": True,
                **columns,
            }
        )

    def reject(self, reason: str, record: object = "", line: int | None = 1) -> None:
        self.rejects.append(
            {
                "row": len(self.rejects),
                "source": "reviews.csv",
                "line": line,
                "reason": reason,
                "record": record,
            }
        )

    def write(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, plain in TABLES.items():
            schema = plain
            if self.cuts and name == "reviews":
                schema = with_fields(plain, further_fields(self.cuts))
            elif self.cuts and "grouping" in plain.names:
                schema = cut_by(plain, self.cuts)
            unknown = {key for row in self.tables[name] for key in row} - set(schema.names)
            assert not unknown, f"{name} has no such columns: {unknown}"
            pq.write_table(pa.Table.from_pylist(self.tables[name], schema), self.folder / f"{name}.parquet")
        lines = "".join(json.dumps(reject, ensure_ascii=False) + "\n" for reject in self.rejects)
        (self.folder / "rejects.jsonl").write_text(lines, encoding="utf-8")
        accepted = len(self.tables["reviews"])
        self.manifest["rows"] = {
            "read": accepted + len(self.rejects),
            "accepted": accepted,
            "rejected": len(self.rejects),
            **self.manifest.get("rows", {}),
        }
        (self.folder / "manifest.json").write_text(json.dumps(self.manifest), encoding="utf-8")
        return self.folder


VOID = {"meta", "link", "br", "img", "input", "hr", "line", "rect", "circle", "path"}


@dataclass
class Page(HTMLParser):
    """A page taken apart: its tags with attributes, its text, and whether every tag is closed."""

    source: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""

    def __post_init__(self):
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self.feed(self.source)
        self.close()
        assert not self._open, f"left open: {self._open}"

    def __hash__(self):
        return id(self)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open[-1:] == [tag], f"</{tag}> closes {self._open[-3:]}"
        self._open.pop()

    def handle_data(self, data):
        if not self._open or self._open[-1] not in ("style", "script"):
            self.text += data

    @property
    def ids(self):
        return Counter(attrs["id"] for _, attrs in self.tags if "id" in attrs)

    def words(self):
        """All text with runs of white space made one space."""
        return " ".join(self.text.split())


@pytest.fixture
def parse():
    """Take a page apart, given its path."""
    return lambda path: Page(path.read_text(encoding="utf-8"))


@pytest.fixture
def builder(tmp_path):
    """An empty run folder under construction."""
    return RunBuilder(tmp_path / "run")


@pytest.fixture
def full(builder):
    """A small run with something in every section of the report."""
    day = datetime(2026, 5, 4, tzinfo=UTC)
    late = builder.review(
        "Nice lamp, but the delivery took three weeks.",
        score=-0.8, product="Lamp", touchpoint="delivery", rating=2.0, rating_min=1.0, rating_max=5.0,
        created_at=day,
    )  # fmt: skip
    builder.review(
        "Доставка опоздала на неделю, никто не извинился.",
        score=-0.9,
        product="Desk",
        lang="ru",
        created_at=day,
    )
    glad = builder.review(
        "Delivery next morning, I could not believe it!",
        score=0.9, product="Lamp", nps=10.0, nps_min=0.0, nps_max=10.0,
    )  # fmt: skip
    builder.review(
        "The worst desk of my life.", score=-0.95, product="Desk", mismatch="score_above_text",
        mismatch_q=0.01, rating=5.0, rating_min=1.0, rating_max=5.0,
    )  # fmt: skip
    builder.review("", product="Desk", nps=3.0, nps_min=0.0, nps_max=10.0)
    builder.mention(late, "delivery.speed", "delivery took three weeks", "negative")
    builder.mention(1, "delivery.speed", "опоздала", "negative", -0.95)
    builder.mention(glad, "delivery.speed", "Delivery next morning", "positive", 0.9)
    builder.group(
        "overall", -12.0, 7.0, n=5, n_rated=2, nps=0.0, nps_low=-60.0, nps_high=60.0, csat=70.0,
        csat_low=60.0, csat_high=78.0, mean_rating=0.5, text_gain=1.8,
    )  # fmt: skip
    builder.group("product", 20.0, 6.0, product="Lamp", n=60)
    builder.group("product", -30.0, 6.0, product="Desk", n=55)
    builder.group("product", 0.0, 50.0, product="Rug", n=4, grade="D")
    builder.group("touchpoint", -5.0, 6.0, touchpoint="delivery", n=70)
    builder.group("touchpoint", 5.0, 6.0, touchpoint="support", n=40)
    builder.group("product,touchpoint", 25.0, 9.0, product="Lamp", touchpoint="delivery", n=40)
    builder.group("product,touchpoint", -35.0, 30.0, product="Desk", touchpoint="delivery", n=9, grade="D")
    for month, index in (("2026-03-01", 10.0), ("2026-04-01", 5.0), ("2026-05-01", -20.0)):
        builder.group("period", index, 6.0, period=month, n=40)
    builder.theme("delivery.speed", 30, 10, "Delivery speed")
    builder.theme("product.quality", 5, 25, "Quality")
    builder.driver("delivery.speed", "negative", -4.2)
    builder.driver("product.quality", "positive", 3.1)
    builder.driver("price.value", "any", 9.9, n=7)
    builder.reject("rating 11 is outside 1..5", {"text": "Great", "stars": "11"}, 31)
    builder.reject("rating 12 is outside 1..5", {"text": "Greater", "stars": "12"}, 32)
    builder.reject("no words and no score", {}, 40)
    return builder
