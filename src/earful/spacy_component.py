"""The spaCy component ``earful_sentiment``: sentiment on docs and spans of any pipeline.

    nlp = spacy.blank("en")
    nlp.add_pipe("earful_sentiment", config={"model": "auto"})
    doc = nlp("Great camera. Awful battery.")
    doc._.sentiment, doc._.sentiment_score, doc._.sentiment_probabilities
    doc[0:3]._.sentiment

spaCy loads this module with every pipeline it makes, so it imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc, Span

from earful.errors import ModelError

if TYPE_CHECKING:
    from earful.sentiment import SentimentModel

__all__ = ["SentimentComponent", "make_sentiment_component"]

#: Key of ``doc.user_data`` that says which model reads the doc's spans; it survives serialisation.
_MODEL_KEY = "earful_sentiment_model"
_PREFIX = "sentiment"


class Reading(NamedTuple):
    """Sentiment of a text; all ``None`` where it has no words."""

    label: str | None
    score: float | None
    probabilities: dict[str, float] | None


@Language.factory(
    "earful_sentiment",
    assigns=["doc._.sentiment", "doc._.sentiment_score", "doc._.sentiment_probabilities"],
    default_config={"model": "auto"},
)
def make_sentiment_component(nlp: Language, name: str, model: str) -> SentimentComponent:
    """Make the component.

    Parameters
    ----------
    nlp, name
        Given by spaCy.
    model
        What ``earful analyze --model`` takes: ``auto``, ``fast``, ``accurate``, a folder or a hub id.

    Raises
    ------
    ModelError
        The model is not there or cannot be used.
    """
    _loaded(model)  # a wrong name should fail here, not at the first text
    _set_extensions()
    return SentimentComponent(name, model)


class SentimentComponent:
    """Puts the sentiment of each doc on ``doc._``; that of spans is read when it is asked for."""

    def __init__(self, name: str, model: str) -> None:
        self.name = name
        self.model = model

    def __call__(self, doc: Doc) -> Doc:
        """Read one doc."""
        return next(iter(self.pipe([doc])))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Read docs as they come; the answer for a doc does not depend on its batch."""
        docs_left = iter(stream)
        while docs := list(islice(docs_left, batch_size)):
            readings = _read([doc.text for doc in docs], [doc.lang_ for doc in docs], self.model)
            for doc, reading in zip(docs, readings, strict=True):
                doc.user_data[_MODEL_KEY] = self.model
                for attribute, value in zip(_ATTRIBUTES, reading, strict=True):
                    doc._.set(attribute, value)
                yield doc

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        """Save nothing: the model's name is in the pipeline's config, the model where the name says."""

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> SentimentComponent:
        """Load nothing, as :meth:`to_disk` saves nothing."""
        return self

    def to_bytes(self, *, exclude: Sequence[str] = ()) -> bytes:
        """Save nothing, as :meth:`to_disk`."""
        return b""

    def from_bytes(self, data: bytes, *, exclude: Sequence[str] = ()) -> SentimentComponent:
        """Load nothing, as :meth:`from_disk`."""
        return self


_ATTRIBUTES = (_PREFIX, f"{_PREFIX}_score", f"{_PREFIX}_probabilities")


def _set_extensions() -> None:
    for place, attribute in enumerate(_ATTRIBUTES):
        if not Doc.has_extension(attribute):
            Doc.set_extension(attribute, default=None)
        if not Span.has_extension(attribute):
            Span.set_extension(attribute, getter=_span_getter(place))


def _span_getter(place: int) -> Any:
    def get(span: Span) -> Any:
        model = span.doc.user_data.get(_MODEL_KEY)
        if model is None:
            raise ModelError(
                "this span's doc has not been read by earful_sentiment",
                fix='nlp.add_pipe("earful_sentiment")',
            )
        return _read([span.text], [span.doc.lang_], model)[0][place]

    return get


@lru_cache(maxsize=8)
def _loaded(model: str) -> SentimentModel:
    from earful import sentiment

    return sentiment.load_model(model)


def _read(texts: Sequence[str], langs: Sequence[str], model: str) -> list[Reading]:
    """Take texts through the stages of a run, so that a doc gets what ``earful score`` gives its text."""
    import pyarrow as pa

    from earful.engines.worker import process
    from earful.pipeline import Stage, plan
    from earful.polarity import LABELS
    from earful.schema import INPUT, conform
    from earful.sentiment import sentiment_stages
    from earful.text.language import UNDETERMINED, identify
    from earful.text.normalise import Normalise, clean, read_back
    from earful.text.segment import Segment

    codes = [
        lang if lang not in {"", "xx"} else identify(read_back(clean(text)[0]).text)[0] or UNDETERMINED
        for lang, text in zip(langs, texts, strict=True)
    ]
    rows = pa.table({"row": pa.array(range(len(texts)), pa.int64()), "text": pa.array(texts, pa.string())})
    given = conform(rows, INPUT).append_column("lang", pa.array(codes, pa.string()))
    there: list[Stage] = [Normalise(), Segment(), *sentiment_stages(_loaded(model))]
    read = process(given, plan(there, ["reviews.sentiment"], ["reviews.lang"])).reviews
    columns = [f"p_{label}" for label in LABELS]
    return [
        Reading(row["sentiment"], row["score"], {label: row[f"p_{label}"] for label in LABELS})
        if row["sentiment"]
        else Reading(None, None, None)
        for row in read.select([*columns, "sentiment", "score"]).to_pylist()
    ]
