"""The documented columns of every table: one Arrow schema a table, one sentence a column.

``docs/tables.md`` is generated from here, and tables are checked against it when they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

__all__ = [
    "ASPECTS",
    "BEHAVIOUR",
    "COMPLAINTS",
    "CORRECTED",
    "DRIVERS",
    "EMBEDDINGS",
    "EMERGING",
    "INPUT",
    "LOYALTY",
    "MENTIONS",
    "OWN_CUTS",
    "REPAIRS",
    "REVIEWS",
    "SEGMENTS",
    "SIGNALS",
    "STAGES",
    "TABLES",
    "THEMES",
    "TRENDS",
    "Table",
    "conform",
    "cut_by",
    "described",
    "further_fields",
    "input_of",
    "with_fields",
]

#: Numeric questions a row may answer. Each stands in the column of that name, its scale beside it.
SIGNALS = ("rating", "nps", "csat", "ces")
#: Stages that a complaint may reach after it was received, in order, and how they read in a sentence.
STAGES = {
    "acknowledged": "acknowledged",
    "apologised": "apologised for",
    "resolved": "resolved",
    "followed_up": "followed up",
}

#: Columns of ours, besides product and touchpoint, that the rows may be cut by as they stand.
OWN_CUTS = ("channel", "source", "lang")

_UTC = pa.timestamp("us", tz="UTC")


def described(name: str, kind: pa.DataType, doc: str) -> pa.Field:
    """Give a column with a sentence that says what it holds."""
    return pa.field(name, kind, metadata={b"doc": doc.encode()})


_f = described


def _ends(name: str, of: str, how: str = "") -> tuple[pa.Field, pa.Field]:
    """Return the columns of an interval's ends; ``how`` it is made is said of the lower one."""
    low = described(f"{name}_low", pa.float64(), f"lower end of {of}{how}")
    return low, described(f"{name}_high", pa.float64(), f"upper end of {of}")


#: What a reader hands to the first stage.
INPUT = pa.schema(
    [
        _f(
            "row", pa.int64(), "0-based number of the row over all inputs, in input order, rejects counted in"
        ),
        _f("source", pa.string(), "name of the file or stream the row came from"),
        _f("review_id", pa.string(), "the row's own id, or a hash of its content that survives reruns"),
        _f("product", pa.string(), "what was reviewed"),
        _f("touchpoint", pa.string(), "where in the customer's journey, if a column says so"),
        _f("channel", pa.string(), "how the feedback arrived (survey, store, e-mail)"),
        _f("author_id", pa.string(), "who wrote it"),
        _f("created_at", _UTC, "when it was written, or else received, UTC"),
        _f("title", pa.string(), "headline, as received"),
        _f("text", pa.string(), "the words, as received; empty where the row has a score only"),
        _f(
            "fields",
            pa.list_(pa.int32()),
            "pairs of offsets into text of the names of its fields that are shown and not scored; null where "
            "the text is one column",
        ),
        _f("rating", pa.float64(), "star rating, on the scale rating_min..rating_max"),
        _f("rating_min", pa.float64(), "worst star rating of this row's scale"),
        _f("rating_max", pa.float64(), "best star rating of this row's scale"),
        _f("nps", pa.float64(), "answer to 'how likely are you to recommend', on nps_min..nps_max"),
        _f("nps_min", pa.float64(), "lowest answer of this row's NPS scale"),
        _f("nps_max", pa.float64(), "highest answer of this row's NPS scale"),
        _f("csat", pa.float64(), "satisfaction answer, on csat_min..csat_max"),
        _f("csat_min", pa.float64(), "lowest answer of this row's CSAT scale"),
        _f("csat_max", pa.float64(), "highest answer of this row's CSAT scale"),
        _f("ces", pa.float64(), "effort answer, on ces_min..ces_max; its direction is in the manifest"),
        _f("ces_min", pa.float64(), "lowest answer of this row's CES scale"),
        _f("ces_max", pa.float64(), "highest answer of this row's CES scale"),
        _f("recommended", pa.bool_(), "recommend flag (yes or no), where the source has one"),
        _f("weight", pa.float64(), "how many customers the row stands for, as given; null where none was"),
        _f(
            "complaint", pa.bool_(), "whether the row is a complaint; null where no column of stages is given"
        ),
        _f("received_at", _UTC, "when the complaint was received, UTC, or else written"),
        *(
            field
            for stage, what in STAGES.items()
            for field in (
                _f(stage, pa.bool_(), f"whether the complaint was {what}; null where no column says"),
                _f(f"{stage}_at", _UTC, f"when the complaint was {what}, UTC; null where no column says"),
            )
        ),
        _f("orders", pa.float64(), "orders or visits of the customer, as given"),
        _f("order_value", pa.float64(), "value of the customer's order, as given"),
        _f("annual_value", pa.float64(), "what the customer is worth a year, as given"),
        _f("retained", pa.bool_(), "whether the customer stayed or came back, where a column says"),
    ]
)

_POLARITY = [
    _f("p_negative", pa.float64(), "probability that the words are negative, in [0, 1]"),
    _f("p_neutral", pa.float64(), "probability that the words are neutral, in [0, 1]"),
    _f("p_positive", pa.float64(), "probability that the words are positive, in [0, 1]; the three sum to 1"),
]

_SCORE = _f(
    "score",
    pa.float64(),
    "p_positive - p_negative, in [-1, 1], kept on the side of the label: within 0.25 of 0 exactly where that "
    "is neutral (a segment's label is its likeliest class)",
)

#: One row per accepted input row.
REVIEWS = pa.schema(
    [
        *INPUT,
        _f("lang", pa.string(), "ISO 639-1 code of the text's language, und when unsure"),
        _f("lang_confidence", pa.float64(), "how sure the language is, in [0, 1]"),
        *_POLARITY,
        _f(
            "sentiment",
            pa.string(),
            "negative or positive where that is likelier than the other and 1.5 times as likely as neutral, "
            "else neutral; null where there are no words",
        ),
        _SCORE,
        _f("p_detractor", pa.float64(), "calibrated probability of a detractor, from words and scores"),
        _f("p_passive", pa.float64(), "calibrated probability of a passive"),
        _f("p_promoter", pa.float64(), "calibrated probability of a promoter; the three sum to 1"),
        _f("nps_text", pa.float64(), "100 (p_promoter - p_detractor), in [-100, 100]"),
        _f(
            "mismatch",
            pa.string(),
            "score_above_text or text_above_score where words and score part; else null",
        ),
        _f("mismatch_q", pa.float64(), "false discovery rate at which the row would be flagged, in [0, 1]"),
        _f("non_answer", pa.bool_(), "the words say nothing (n/a, don't know, -)"),
        _f(
            "duplicate_of", pa.int64(), "row of the first copy, where this row repeats another in every field"
        ),
        _f("truncated", pa.bool_(), "only the first part of the text was scored, as it passed the limit"),
        _f("pii", pa.int64(), "personal details found in the text; null while they are not looked for"),
        _f(
            "aside",
            pa.string(),
            "what is not scored, as it is not the writer's own word: quote, reply, signature, filler",
        ),
        _f(
            "near_duplicate_of",
            pa.int64(),
            "row of the first of the texts of the product that are nearly the same as this one; else null",
        ),
        _f(
            "burst",
            pa.bool_(),
            "one of three or more rows of an author, or of the same words, in a minute; null without a time",
        ),
        _f(
            "corrected",
            pa.string(),
            "what a person corrected of the review, parted by spaces (sentiment, theme, polarity, lang, nps, "
            "...); null where nothing was",
        ),
    ]
)

#: One row per sentence or clause.
SEGMENTS = pa.schema(
    [
        _f("row", pa.int64(), "row of the review"),
        _f("segment", pa.int32(), "number of the segment in the review, from 0"),
        _f("start", pa.int64(), "first code point of the segment in text"),
        _f("end", pa.int64(), "one past the last code point of the segment in text"),
        *_POLARITY,
        _SCORE,
        _f(
            "problem",
            pa.string(),
            "whether the segment states a problem: complaint, fact, question or praise; null without words, "
            "and where the model does not tell",
        ),
        _f(
            "corrected",
            pa.string(),
            "sentiment where it is what a person said of the segment or of its review; else null",
        ),
    ]
)

#: One vector per segment, for seeking themes later; in the run folder unless the settings leave it out.
EMBEDDINGS = pa.schema(
    [
        _f("row", pa.int64(), "row of the review"),
        _f("segment", pa.int32(), "segment of the review"),
        _f("vector", pa.binary(), "signed bytes: the numbers of the encoder's vector times 512"),
    ]
)

#: One row per theme found in a segment.
MENTIONS = pa.schema(
    [
        _f("row", pa.int64(), "row of the review"),
        _f("segment", pa.int32(), "segment of the review"),
        _f("theme", pa.string(), "theme id, touchpoint.theme"),
        _f("start", pa.int64(), "first code point of the term in text"),
        _f("end", pa.int64(), "one past the last code point of the term in text"),
        _f("term", pa.string(), "the words that carry the theme, as received"),
        _f("polarity", pa.string(), "negative, neutral or positive"),
        _f(
            "score",
            pa.float64(),
            "score of the segment, in [-1, 1]; where the aspect terms of the segment disagree, of the term "
            "that the mention stands with, and so the polarity",
        ),
        _f("confidence", pa.float64(), "how sure the theme is, in (0, 1]"),
        _f("matcher", pa.string(), "phrase, model, discovered, or person where a person added the theme"),
        _f(
            "corrected",
            pa.string(),
            "what a person said of the mention: theme (it is there), polarity, or both parted by a space; "
            "else null",
        ),
    ]
)

#: One row per aspect term: the words that an opinion is about.
ASPECTS = pa.schema(
    [
        _f("row", pa.int64(), "row of the review"),
        _f("segment", pa.int32(), "segment of the review that the term stands in"),
        _f("start", pa.int64(), "first code point of the term in text"),
        _f("end", pa.int64(), "one past the last code point of the term in text"),
        _f("term", pa.string(), "the words that the opinion is about, as received"),
        _f("lemma", pa.string(), "the same in lower case and dictionary forms: what is counted together"),
        _f("polarity", pa.string(), "negative, neutral or positive: what is thought of the term"),
        _f("score", pa.float64(), "probability of positive less that of negative, as the score of segments"),
        _f("confidence", pa.float64(), "probability that exactly these words are a term, in (0, 1]"),
        _f("theme", pa.string(), "theme of the mention that stands with the term; null where there is none"),
    ]
)

#: One row per correction that a person made.
CORRECTED = pa.schema(
    [
        _f("row", pa.int64(), "row of the review; null where the correction fits none"),
        _f("review_id", pa.string(), "id of the review"),
        _f("segment", pa.int32(), "segment that it is about; null where it is about the review"),
        _f(
            "field",
            pa.string(),
            "what was corrected: sentiment, add_theme, remove_theme, polarity:THEME, product, touchpoint, "
            "channel, lang, rating, nps, csat, ces, recommended, or undo",
        ),
        _f("value", pa.string(), "the right value; empty for none"),
        _f("before", pa.string(), "what the model or the input had said; null where it had said nothing"),
        _f("who", pa.string(), "who corrected it"),
        _f("when", pa.string(), "when, UTC"),
        _f("applied", pa.bool_(), "whether it holds in this run's tables"),
        _f("note", pa.string(), "why it does not hold; null where it does"),
    ]
)

_GROUP = [
    _f(
        "grouping",
        pa.string(),
        "what the group is cut by: overall, product, touchpoint, product,touchpoint, period, or a column "
        "named by --by, which then stands beside product and touchpoint",
    ),
    _f("product", pa.string(), "the group's product; null where it is not cut by product"),
    _f("touchpoint", pa.string(), "the group's touchpoint; null where it is not cut by touchpoint"),
    _f(
        "period", pa.string(), "first day of the group's period, YYYY-MM-DD; null where it is not cut by time"
    ),
]

#: One row per group: the loyalty index and the measured metrics.
LOYALTY = pa.schema(
    [
        *_GROUP,
        _f("n_reviews", pa.int64(), "reviews in the group"),
        _f("n_rated", pa.int64(), "of those, with an answer to the anchor"),
        _f("n_promoters", pa.int64(), "answers at or above the promoter cut, or yes"),
        _f("n_passives", pa.int64(), "answers between the cuts"),
        _f("n_detractors", pa.int64(), "answers below the passive cut, or no"),
        _f("nps", pa.float64(), "measured NPS, in [-100, 100]; null where NPS was not asked"),
        *_ends("nps", "the measured NPS's interval", " (adjusted Wald)"),
        _f(
            "index",
            pa.float64(),
            "loyalty index, in [-100, 100]: promoters less detractors by the anchor, were all rows answered; "
            "of words alone the differences mean something and the level does not",
        ),
        *_ends("index", "the index's claim interval"),
        *_ends("rank", "the index's ranking interval"),
        _f("text_gain", pa.float64(), "how many times more answers the text is worth (1 = nothing)"),
        _f("grade", pa.string(), "A to D: how much the index can carry"),
        _f("mean_score", pa.float64(), "mean score of the words, in [-1, 1]"),
        *_ends("mean_score", "the mean score's interval", " (Student's t)"),
        _f("mean_rating", pa.float64(), "mean star rating mapped onto 0..1 of its scale"),
        *_ends("mean_rating", "the mean rating's interval", " (Student's t)"),
        _f("csat", pa.float64(), "share of satisfied answers, in percent"),
        *_ends("csat", "the CSAT's interval", " (Wilson)"),
        _f("ces", pa.float64(), "ease, 0 (hardest) to 100 (easiest), mean of the answers"),
        *_ends("ces", "the CES's interval"),
        _f("recommend", pa.float64(), "share of recommend flags that say yes, in percent"),
        *_ends("recommend", "the recommend rate's interval", " (Wilson)"),
        _f("scale", pa.string(), "the definition stamped on the number"),
        _f(
            "n_effective",
            pa.float64(),
            "how many equally weighted reviews the group's are worth (Kish 1965)",
        ),
        _f(
            "tipping",
            pa.float64(),
            "points by which customers without an answer would have to differ from like ones with one, "
            "for the index to be loyalty.target; null where none is set or nobody answered",
        ),
        _f(
            "anchor",
            pa.string(),
            "what the index is measured on: nps, recommend, rating (stars), csat, or words where nothing was "
            "asked",
        ),
        _f(
            "measured",
            pa.float64(),
            "promoters less detractors among those who answered the anchor, in points",
        ),
        *_ends("measured", "its interval", " (adjusted Wald)"),
        _f(
            "nps_bridge",
            pa.float64(),
            "what an NPS question would be expected to give, by how words and scores go with NPS elsewhere; "
            "null where NPS was asked",
        ),
        _f(
            "nps_bridge_low", pa.float64(), "lower end of its interval, which holds the doubt about the level"
        ),
        _f("nps_bridge_high", pa.float64(), "upper end of its interval"),
        _f("claim", pa.float64(), "difference estimate behind the claim interval, for changes: not shrunken"),
        _f("claim_error", pa.float64(), "its standard error, for customers like these"),
        _f("claim_df", pa.float64(), "degrees of freedom of that error"),
        _f(
            "answers_needed",
            pa.float64(),
            "about how many more answers the next better grade needs; null for A and where nobody answered",
        ),
    ]
)

#: One row per theme, overall and by group.
THEMES = pa.schema(
    [
        *_GROUP,
        _f("theme", pa.string(), "theme id"),
        _f("label", pa.string(), "the theme's name in English"),
        _f(
            "n_mentions",
            pa.int64(),
            "segments that carry the theme; one that praises and blames it counts twice",
        ),
        _f("n_reviews", pa.int64(), "reviews of the group that carry the theme"),
        _f("share", pa.float64(), "n_reviews over the group's reviews with words, in percent"),
        *_ends("share", "the share's interval", " (Wilson)"),
        _f("n_negative", pa.int64(), "negative mentions: the complaint volume"),
        _f("n_neutral", pa.int64(), "neutral mentions"),
        _f("n_positive", pa.int64(), "positive mentions"),
        _f("net_sentiment", pa.float64(), "100 (n_positive - n_negative) / n_mentions, in [-100, 100]"),
        *_ends("net", "the net sentiment's interval", " (adjusted Wald)"),
    ]
)

#: One row per group: how many of its complaints carry a theme.
COVERAGE = pa.schema(
    [
        _f("grouping", pa.string(), "overall, theme, product, language, or a column named by --by"),
        _f(
            "value",
            pa.string(),
            "the theme's id, the product, the language or the column's value; null overall, and where a row "
            "has none",
        ),
        _f("n_complaints", pa.int64(), "negative segments of the group; for a theme, of the whole run"),
        _f(
            "n_with_theme",
            pa.int64(),
            "of those, the ones that carry a theme; for a theme, that carry this one",
        ),
        _f("share", pa.float64(), "n_with_theme over n_complaints, in percent"),
        _f("share_low", pa.float64(), "lower end of the share's interval (Wilson)"),
        _f("share_high", pa.float64(), "upper end of the share's interval"),
    ]
)

#: One row per theme and polarity: its effect on the index.
DRIVERS = pa.schema(
    [
        *_GROUP,
        _f("theme", pa.string(), "theme id"),
        _f("polarity", pa.string(), "negative, positive or any: which mentions count"),
        _f("n", pa.int64(), "reviews that carry the theme with that polarity"),
        _f("share", pa.float64(), "n over the group's reviews with words, in percent"),
        _f("impact", pa.float64(), "index of all less index without those reviews, in points"),
        *_ends("impact", "the impact's interval"),
        _f("q_value", pa.float64(), "false discovery rate of the impact (Benjamini-Hochberg), in [0, 1]"),
        _f("importance", pa.float64(), "share of what the themes explain together; adds up to 1"),
        _f(
            "adjusted",
            pa.float64(),
            "index less the index if nobody mentioned it; other themes, product, language, length held equal",
        ),
        *_ends("adjusted", "the adjusted effect's interval", " (HC1)"),
        _f("adjusted_q", pa.float64(), "false discovery rate of the adjusted effect, in [0, 1]"),
        _f(
            "penalty",
            pa.float64(),
            "points by which a negative mention moves a review's value; the same for each row of a theme",
        ),
        *_ends("penalty", "the penalty's interval", " (HC1)"),
        _f("reward", pa.float64(), "points by which a positive mention moves a review's value"),
        *_ends("reward", "the reward's interval", " (HC1)"),
        _f("asymmetry", pa.float64(), "(reward - |penalty|) / (reward + |penalty|), in [-1, 1]"),
        *_ends("asymmetry", "the asymmetry's interval"),
        _f(
            "kind",
            pa.string(),
            "basic (interval below -0.2), performance (asymmetry within 0.2 of 0), delighter (interval above "
            "0.2) or undetermined; null below 20 mentions each way",
        ),
    ]
)

#: One row per product and theme that is complained of: what its repair would be worth.
REPAIRS = pa.schema(
    [
        *_GROUP[:2],
        _f("theme", pa.string(), "theme id"),
        _f("n", pa.int64(), "reviews of the group that mention the theme negatively"),
        _f("n_reviews", pa.int64(), "reviews of the group with words"),
        _f("share", pa.float64(), "n over n_reviews, in percent"),
        _f(
            "penalty",
            pa.float64(),
            "points by which a negative mention moves a review's value there: that of all products, moved "
            "towards the product's own by as much as its reviews can carry",
        ),
        *_ends("penalty", "the penalty's interval"),
        _f("own", pa.float64(), "weight of the product's own penalty, in [0, 1]; 0 overall"),
        _f(
            "worth", pa.float64(), "points that the index would gain without those mentions: share of penalty"
        ),
        *_ends("worth", "the worth's interval"),
        _f("q_value", pa.float64(), "false discovery rate of no penalty (Benjamini-Hochberg), in [0, 1]"),
    ]
)

#: One row per group and period: the index over time.
TRENDS = pa.schema(
    [
        *_GROUP[:3],
        _f("period", pa.string(), "first day of the period, YYYY-MM-DD"),
        _f("n_reviews", pa.int64(), "reviews of the group in the period"),
        _f("n_rated", pa.int64(), "of those, with an NPS answer"),
        _f("index", pa.float64(), "estimated loyalty index of the period, in [-100, 100]"),
        *_ends("index", "the index's claim interval"),
        _f("claim", pa.float64(), "difference estimate of the period, for changes: not shrunken"),
        _f("claim_error", pa.float64(), "its standard error, less what all periods share"),
        _f("level", pa.float64(), "calm line through the periods of five reviews or more (Kalman smoother)"),
        *_ends("level", "the line's interval", "; less what all periods share"),
        _f(
            "change",
            pa.float64(),
            "mean from here on less mean before, in points, where a change of level was looked for",
        ),
        *_ends("change", "the change's interval", ", its place taken as known"),
        _f("change_p", pa.float64(), "how often periods in random order show as clear a change, in (0, 1]"),
        _f("change_q", pa.float64(), "false discovery rate of the change among the groups of its cut"),
        _f(
            "change_point",
            pa.bool_(),
            "whether the level changed with this period (change_q up to 0.05); null where the group has too "
            "few periods to tell",
        ),
    ]
)

#: One row per theme that may be on the rise.
EMERGING = pa.schema(
    [
        *_GROUP[:3],
        _f("period", pa.string(), "first day of the period that is looked at, YYYY-MM-DD"),
        _f("theme", pa.string(), "theme id"),
        _f("polarity", pa.string(), "negative or positive: which mentions count"),
        _f("n", pa.int64(), "reviews of the period that carry the theme with that polarity"),
        _f("n_reviews", pa.int64(), "reviews with words in the period"),
        _f("expected", pa.float64(), "n to expect, going by the eight periods before"),
        _f("ratio", pa.float64(), "times as frequent as before, drawn towards 1 where mentions are few"),
        _f("ratio_low", pa.float64(), "what the ratio exceeds with a chance of 95 %"),
        _f("q_value", pa.float64(), "false discovery rate of 'no more frequent', in [0, 1]"),
        _f(
            "rising",
            pa.bool_(),
            "whether the theme is on the rise: ratio_low of 2 or more, n of 5 or more, q_value up to 0.05",
        ),
    ]
)

#: One row per group and stage of the complaint loop.
COMPLAINTS = pa.schema(
    [
        *_GROUP[:3],
        _f("stage", pa.string(), "received, acknowledged, apologised, resolved or followed_up"),
        _f("n", pa.int64(), "complaints; at a stage, those of which it is known whether they reached it"),
        _f("n_reached", pa.int64(), "of those, the ones that reached the stage"),
        _f("reached", pa.float64(), "n_reached over n, in percent"),
        *_ends("reached", "that share's interval", " (Wilson)"),
        _f("n_timed", pa.int64(), "complaints whose way to the stage can be timed, open ones counted in"),
        _f("n_open", pa.int64(), "of those, the ones that have not reached it yet"),
        _f(
            "in_time",
            pa.float64(),
            "share that reaches the stage within complaints.target_days, in percent; open complaints count "
            "for as long as they have waited (Kaplan-Meier)",
        ),
        *_ends("in_time", "the share's interval", " (log-log)"),
        _f("median_days", pa.float64(), "days until half have reached the stage; null where fewer have"),
        _f("target_share", pa.float64(), "share promised, in percent; null at stages without a promise"),
        _f("target_days", pa.float64(), "days in which it is promised"),
        _f(
            "verdict",
            pa.string(),
            "met (the whole interval at or above the promise), missed (below it) or undetermined",
        ),
        _f("repeat", pa.float64(), "share of complaints by who had complained shortly before, in percent"),
        *_ends("repeat", "that share's interval", " (Wilson)"),
        _f("churn", pa.float64(), "customers who complained and left, in percent, observed or as set"),
        *_ends("churn", "the churn's interval", " (Wilson); null where it was set"),
        _f("value_at_risk", pa.float64(), "yearly value of the customers who complained, times the churn"),
        _f("value_at_risk_low", pa.float64(), "value at risk at the lower end of the churn"),
        _f("value_at_risk_high", pa.float64(), "value at risk at the upper end of the churn"),
    ]
)

#: One row per group and measure of what customers do, and of how well a score foretells it.
BEHAVIOUR = pa.schema(
    [
        *_GROUP[:3],
        _f(
            "measure",
            pa.string(),
            "repeat, frequency, order_value, retention, churn, response or auc",
        ),
        _f("score", pa.string(), "of auc: what foretells (index, nps, rating, csat, words); else null"),
        _f("unit", pa.string(), "percent, orders, amount or auc"),
        _f("n", pa.int64(), "customers that the measure rests on; of response, those asked"),
        _f("value", pa.float64(), "the measure; an auc of 0.5 is a coin, 1 perfect, below 0.5 the wrong way"),
        _f("low", pa.float64(), "lower end of its interval (Wilson, t, bootstrap)"),
        _f("high", pa.float64(), "upper end of its interval"),
        _f("origin", pa.string(), "columns, orders (the file of orders) or settings: where it comes from"),
    ]
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a run folder.

    Attributes
    ----------
    schema
        Its documented columns.
    what
        What a row of it is, for people.
    parts
        Written part by part while rows are read; else counted from the whole run.
    csv
        Written as CSV too.
    optional
        There only where the input, or a setting, gives something for it.
    """

    schema: pa.Schema
    what: str
    parts: bool = False
    csv: bool = True
    optional: bool = False


#: Every table of a run folder by its name, in the order of the documentation. Files, views, properties of a
#: run and pages of the documentation follow from here.
TABLES = {
    "reviews": Table(REVIEWS, "one row per accepted input row", parts=True, csv=False),
    "segments": Table(SEGMENTS, "one row per sentence or clause", parts=True, csv=False),
    "mentions": Table(MENTIONS, "one row per theme found in a segment", parts=True, csv=False),
    "embeddings": Table(
        EMBEDDINGS, "one vector per segment; none where the settings left them out",
        parts=True, csv=False, optional=True,
    ),
    "aspects": Table(ASPECTS, "one row per aspect term: the words that an opinion is about", parts=True),
    "corrections": Table(
        CORRECTED, "one row per correction that a person made, with what it took the place of",
        csv=False, optional=True,
    ),
    "loyalty": Table(LOYALTY, "one row per group: the index and the measured metrics"),
    "themes": Table(THEMES, "one row per theme, overall and by group"),
    "coverage": Table(
        COVERAGE, "one row per theme, product and language: how many complaints carry a theme", optional=True
    ),
    "drivers": Table(DRIVERS, "one row per theme and polarity: its effect on the index"),
    "repairs": Table(
        REPAIRS, "one row per product and theme complained of: what its repair is worth", optional=True
    ),
    "trends": Table(TRENDS, "one row per group and period: the index over time, where its level changed"),
    "emerging": Table(EMERGING, "one row per theme that may be on the rise"),
    "complaints": Table(
        COMPLAINTS, "one row per group and stage of the complaint loop; none where no column tells of stages",
        optional=True,
    ),
    "behaviour": Table(
        BEHAVIOUR, "one row per group and measure of what customers do; none where nothing tells of it",
        optional=True,
    ),
}  # fmt: skip


def with_fields(schema: pa.Schema, fields: Sequence[pa.Field]) -> pa.Schema:
    """Give a schema with fields put in the place of those of the same name, or at its end."""
    new = {field.name: field for field in fields}
    kept = [new.pop(field.name, field) for field in schema]
    return pa.schema([*kept, *new.values()])


def further_fields(cuts: Iterable[str]) -> list[pa.Field]:
    """Give the columns of the input that the rows are cut by and that none of ours holds."""
    return [described(name, pa.string(), "as received") for name in cuts if name not in OWN_CUTS]


def input_of(cuts: Iterable[str]) -> pa.Schema:
    """Give the columns of input rows that are cut by further columns."""
    return with_fields(INPUT, further_fields(cuts))


def cut_by(schema: pa.Schema, names: Iterable[str]) -> pa.Schema:
    """Give the schema of a table of groups with the columns that the rows are cut by besides."""
    new = [described(name, pa.string(), f"the group's {name}; null where not given") for name in names]
    at = schema.get_field_index("touchpoint") + 1
    return pa.schema([*list(schema)[:at], *new, *list(schema)[at:]])


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Put a table into a schema's columns, order and types; columns it lacks become null.

    Columns that the schema does not name are dropped. Raises ``pyarrow.ArrowInvalid`` where a column
    cannot be cast without loss.
    """
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
