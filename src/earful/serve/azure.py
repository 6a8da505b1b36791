"""The same readings in the shape of Azure's sentiment analysis and opinion mining, for callers that know it.

Both of its addresses are answered: ``/text/analytics/v3.1/sentiment`` and ``/language/:analyze-text`` with
the kind ``SentimentAnalysis``. Targets of opinion mining are the words that an opinion is about; the words
that say what is thought of them are not told apart here, so ``assessments`` and ``relations`` are empty.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from earful.serve.answers import LONGEST
from earful.serve.api import ACaller
from earful.serve.desk import Desk
from earful.serve.frame import TheDesk
from earful.serve.search import Row

__all__ = ["router"]

router = APIRouter(tags=["azure"])

_MOST = 25
_Units = Literal["TextElement_V8", "TextElements_v8", "UnicodeCodePoint", "Utf16CodeUnit"]
_Id = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Document(BaseModel):
    """A text with its id."""

    model_config = ConfigDict(extra="ignore")

    id: _Id
    text: Annotated[str, StringConstraints(max_length=LONGEST)]
    language: Annotated[str, StringConstraints(max_length=20)] | None = None


class Documents(BaseModel):
    """Texts of one request."""

    documents: list[Document] = Field(min_length=1, max_length=_MOST)


class _Parameters(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    opinion_mining: bool = Field(False, alias="opinionMining")
    string_index_type: _Units = Field("TextElements_v8", alias="stringIndexType")


class Job(BaseModel):
    """What ``:analyze-text`` is asked."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    kind: Literal["SentimentAnalysis"]
    input: Documents = Field(alias="analysisInput")
    parameters: _Parameters = Field(default_factory=lambda: _Parameters.model_validate({}))


@router.post("/text/analytics/v3.1/sentiment")
def sentiment(
    desk: TheDesk,
    caller: ACaller,
    asked: Documents,
    mining: Annotated[bool, Query(alias="opinionMining")] = False,
    units: Annotated[_Units, Query(alias="stringIndexType")] = "TextElement_V8",
) -> dict[str, Any]:
    """Score texts as Text Analytics 3.1 does."""
    return _results(desk, asked.documents, mining, units)


@router.post("/language/:analyze-text")
def analyze_text(
    desk: TheDesk,
    caller: ACaller,
    asked: Job,
    version: Annotated[str, Query(alias="api-version", max_length=40)] = "2023-04-01",
) -> dict[str, Any]:
    """Score texts as Azure AI Language does."""
    told = asked.parameters
    results = _results(desk, asked.input.documents, told.opinion_mining, told.string_index_type)
    return {"kind": "SentimentAnalysisResults", "results": results}


def _results(desk: Desk, documents: list[Document], mining: bool, units: _Units) -> dict[str, Any]:
    wanted = ["reviews.sentiment", "segments.score"] + ["aspects"] * mining
    ids = [one.id for one in documents]
    twice = {one for one in ids if ids.count(one) > 1}
    spoken = [one for one in documents if one.text.strip() and one.id not in twice]
    read = desk.reader.read([one.text for one in spoken], wanted) if spoken else None
    desk.metrics.read("azure", len(spoken))
    segments: dict[int, list[Row]] = {}
    aspects: dict[int, list[Row]] = {}
    for found, rows in ((segments, read.segments), (aspects, read.aspects)) if read else ():
        for row in rows:
            found.setdefault(row["row"], []).append(row)
    told = [
        _document(one, review, segments.get(at, []), aspects.get(at, []), mining, units)
        for at, (one, review) in enumerate(zip(spoken, read.reviews if read else (), strict=True))
    ]
    errors = [
        _error(one, "is given twice" if one.id in twice else "is empty")
        for one in documents
        if one not in spoken
    ]
    return {"documents": told, "errors": errors, "modelVersion": desk.reader.name()}


def _document(
    document: Document, review: Row, segments: list[Row], aspects: list[Row], mining: bool, units: _Units
) -> dict[str, Any]:
    text = document.text
    sentences = []
    for segment in segments:
        start, end = segment["start"], segment["end"]
        sentence = {
            "sentiment": _label(segment),
            "confidenceScores": _scores(segment),
            "offset": _length(text[:start], units),
            "length": _length(text[start:end], units),
            "text": text[start:end],
        }
        if mining:
            own = [one for one in aspects if one["segment"] == segment["segment"] and _is_judged(one)]
            sentence["targets"] = [_target(one, text, units) for one in own]
            sentence["assessments"] = []
        sentences.append(sentence)
    labels = {sentence["sentiment"] for sentence in sentences}
    mixed = {"positive", "negative"} <= labels
    return {
        "id": document.id,
        "sentiment": "mixed" if mixed else review["sentiment"] or "neutral",
        "confidenceScores": _scores(review),
        "sentences": sentences,
        "warnings": [],
    }


def _is_judged(aspect: Row) -> bool:
    """Say whether anything is thought of a term: the shape has no word for what is only named."""
    return aspect["polarity"] in ("positive", "negative")


def _target(aspect: Row, text: str, units: _Units) -> dict[str, Any]:
    score = aspect["score"] or 0.0
    start, end = aspect["start"], aspect["end"]
    return {
        "sentiment": aspect["polarity"],
        "confidenceScores": _shares({"positive": (1 + score) / 2, "negative": (1 - score) / 2}),
        "offset": _length(text[:start], units),
        "length": _length(text[start:end], units),
        "text": text[start:end],
        "relations": [],
    }


def _label(row: Row) -> str:
    return max(("positive", "neutral", "negative"), key=lambda name: row[f"p_{name}"] or 0.0)


def _scores(row: Row) -> dict[str, float]:
    if row["p_neutral"] is None:
        return {"positive": 0.0, "neutral": 1.0, "negative": 0.0}
    return _shares({name: row[f"p_{name}"] for name in ("positive", "neutral", "negative")})


def _shares(chances: dict[str, float]) -> dict[str, float]:
    """Round chances so that they still come to one: the largest takes what the others leave."""
    most = max(chances, key=lambda name: chances[name])
    rounded = {name: round(chance, 4) for name, chance in chances.items()}
    return rounded | {most: round(1 - sum(rounded.values()) + rounded[most], 4)}


def _length(text: str, units: _Units) -> int:
    """Count a text in the units that the caller counts in.

    Of text elements those marks that join the sign before them are not counted, which is what they come to
    in all but emoji of several parts.
    """
    if units == "UnicodeCodePoint":
        return len(text)
    if units == "Utf16CodeUnit":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    import unicodedata

    return sum(not unicodedata.combining(sign) and sign not in "\u200d\ufe0f" for sign in text)


def _error(document: Document, what: str) -> dict[str, Any]:
    inner = {"code": "InvalidDocument", "message": f"the document {what}"}
    return {
        "id": document.id,
        "error": {"code": "InvalidArgument", "message": inner["message"], "innererror": inner},
    }
