"""The shapes of the API's answers, and of what it is asked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = [
    "Alert",
    "Alerts",
    "JobAbout",
    "Problem",
    "Review",
    "Reviews",
    "Rows",
    "RunAbout",
    "Runs",
    "Scored",
    "ScoredText",
    "Tagged",
    "TaggedText",
    "Texts",
    "TextsToTag",
]

#: Texts of one request, and code points of each.
MOST_TEXTS, LONGEST = 200, 50_000

Text = Annotated[str, StringConstraints(max_length=LONGEST)]


class Problem(BaseModel):
    """What went wrong: every error has this shape."""

    status: int = Field(description="the HTTP status")
    error: str = Field(description="what is wrong, in one sentence")
    details: list[str] = Field(default=[], description="what would be accepted, and how to mend it")


class RunAbout(BaseModel):
    """A run: how it was made and its headline."""

    name: str = Field(description="what it goes by in addresses")
    created_at: str | None
    reviews: int
    rejected: int
    index: float | None = Field(description="the loyalty index, in [-100, 100]")
    index_low: float | None
    index_high: float | None
    anchor: str | None = Field(description="what the index is measured on")
    grade: str | None
    scale: str | None = Field(description="the definition stamped on the number")
    answers_needed: float | None = Field(description="about how many more answers the next grade needs")
    sources: list[str]
    languages: dict[str, int]
    model: dict[str, Any] | None
    taxonomy: dict[str, Any] | None


class Runs(BaseModel):
    """The runs that are served."""

    runs: list[RunAbout]


class Rows(BaseModel):
    """Rows of a table of a run, as documented in ``docs/tables.md``."""

    total: int = Field(description="rows that hold to the filters")
    limit: int
    offset: int
    rows: list[dict[str, Any]]


class Alert(BaseModel):
    """What changed beyond chance."""

    id: str = Field(description="the same for as long as it is about the same")
    kind: Literal["theme_rising", "level_changed"]
    what: str = Field(description="it in one sentence")
    grouping: str
    product: str | None
    touchpoint: str | None
    group: str | None = Field(description="of a further column that the run is cut by, else null")
    period: str | None = Field(description="first day of the period it is about")
    theme: str | None = None
    label: str | None = None
    polarity: str | None = None
    q_value: float | None = Field(description="false discovery rate, in [0, 1]")
    address: str = Field(description="the page that shows it")
    numbers: dict[str, float | None]


class Alerts(BaseModel):
    """The alerts of a run."""

    run: str
    alerts: list[Alert]


class Mention(BaseModel):
    """A theme found in a review, and where: half-open code points into ``text``."""

    theme: str
    start: int
    end: int
    polarity: str | None
    score: float | None
    confidence: float | None


class Review(BaseModel):
    """A review."""

    model_config = ConfigDict(extra="ignore")

    row: int
    review_id: str | None
    source: str | None
    product: str | None
    touchpoint: str | None
    channel: str | None
    lang: str | None
    created_at: str | None = Field(description="UTC")
    title: str | None
    text: str | None
    rating: float | None
    rating_max: float | None
    nps: float | None
    csat: float | None
    sentiment: str | None
    score: float | None = Field(description="of the words, in [-1, 1]")
    nps_text: float | None
    mismatch: str | None
    mismatch_q: float | None
    mentions: list[Mention]


class Reviews(BaseModel):
    """A page of reviews."""

    total: int = Field(description="reviews that hold to the filters")
    limit: int
    offset: int
    next: str | None = Field(description="address of the next page")
    reviews: list[Review]


class Texts(BaseModel):
    """Texts to score."""

    model_config = ConfigDict(extra="forbid")

    texts: list[Text] = Field(min_length=1, max_length=MOST_TEXTS)


class TextsToTag(Texts):
    """Texts to tag."""

    themes: Annotated[str, StringConstraints(max_length=200, pattern=r"^[a-z_]+(\+[a-z_]+)*$")] = Field(
        "cx", description="a built-in taxonomy, or several joined by +"
    )
    min_confidence: float = Field(0.0, ge=0, le=1)
    polarity: bool = Field(False, description="say of each theme what is thought of it; slower")


class ScoredText(BaseModel):
    """A text's sentiment; empty where it has no words."""

    lang: str | None
    lang_confidence: float | None
    p_negative: float | None
    p_neutral: float | None
    p_positive: float | None
    sentiment: Literal["negative", "neutral", "positive"] | None
    score: float | None = Field(description="p_positive - p_negative")
    non_answer: bool | None
    truncated: bool | None


class Scored(BaseModel):
    """Texts scored, in the order in which they were given."""

    model: str
    results: list[ScoredText]


class Tag(BaseModel):
    """A theme of a text."""

    theme: str
    confidence: float
    term: str | None = Field(description="the words that carry it, as received")
    polarity: str | None


class TaggedText(BaseModel):
    """A text's themes, and what is wanted."""

    lang: str | None
    themes: list[Tag]
    intents: list[str]
    urgency: list[str]


class Tagged(BaseModel):
    """Texts tagged, in the order in which they were given."""

    themes: str
    results: list[TaggedText]


class JobAbout(BaseModel):
    """A job: how far it is, and how it ended."""

    id: str
    kind: str = Field(description="analyze, apply or correct")
    run: str = Field(description="the folder that it writes")
    state: Literal["waiting", "running", "done", "failed", "stopped"]
    doing: str
    done: int = Field(description="rows read")
    total: int = Field(description="rows there are; 0 while that is not known")
    error: str
    served: str = Field(description="the name of the finished run")
    at: str
