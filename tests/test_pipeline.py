"""The runner of stages checks what the stages declare."""

from dataclasses import replace

import pyarrow as pa
import pytest

from earful.pipeline import Batch, plan, run_stages
from earful.registry import STAGES


class Shout:
    name = "shout"
    requires = ("reviews.text",)
    adds = ("reviews.loud",)

    def __call__(self, batch):
        return batch.with_reviews(loud=pa.array([text.upper() for text in batch.column("text")]))


class Forgetful(Shout):
    name = "forgetful"
    adds = ("reviews.loud", "segments")


class Dropping(Shout):
    name = "dropping"

    def __call__(self, batch):
        return replace(super().__call__(batch), reviews=super().__call__(batch).reviews.slice(1))


def batch(**columns):
    return Batch(pa.table(columns))


def test_a_stage_adds_its_columns():
    assert run_stages(batch(text=["a", "b"]), [Shout()]).column("loud") == ["A", "B"]


def test_columns_are_replaced_and_not_doubled():
    done = run_stages(batch(text=["a"], loud=["?"]), [Shout()])
    assert done.reviews.column_names == ["text", "loud"]
    assert done.column("loud") == ["A"]


@pytest.mark.parametrize(
    ("stage", "columns", "says"),
    [
        (Shout(), {"words": ["a"]}, "'shout' requires reviews.text"),
        (Forgetful(), {"text": ["a"]}, "'forgetful' promised to add segments"),
        (Dropping(), {"text": ["a", "b"]}, "'dropping' got 2 rows and gave back 1"),
    ],
)
def test_a_broken_promise_is_named(stage, columns, says):
    with pytest.raises(ValueError, match=says):
        run_stages(batch(**columns), [stage])


def test_a_plan_holds_what_is_wanted_and_what_that_needs_and_no_more():
    stages = [STAGES.get(name) for name in STAGES.builtins]
    assert names(plan(stages, ["reviews.sentiment"])) == [
        *("normalise", "language", "segment", "reading", "sentiment"),
    ]
    assert names(plan(stages, ["mentions"])) == ["normalise", "language", "segment", "tokens", "themes"]
    assert names(plan(stages, ["mentions"], given=["docs", "places", "reviews.lang"]))[:1] == ["normalise"]
    assert names(plan(stages, ["reviews.text"])) == []


def test_what_a_stage_uses_goes_first_where_it_is_planned():
    stages = [STAGES.get(name) for name in STAGES.builtins]
    both = names(plan(stages[::-1], ["mentions", "embeddings"]))
    assert both.index("embedding") < both.index("themes")


def test_a_plan_that_cannot_be_made():
    with pytest.raises(ValueError, match=r"no stage adds reviews\.mood"):
        plan([Shout()], ["reviews.mood"])
    hen, egg = Shout(), Shout()
    hen.name, hen.requires, hen.adds = "hen", ("reviews.egg",), ("reviews.hen",)
    egg.name, egg.requires, egg.adds = "egg", ("reviews.hen",), ("reviews.egg",)
    with pytest.raises(ValueError, match="stages need each other: hen, egg"):
        plan([hen, egg], ["reviews.hen"])


def names(stages):
    return [stage.name for stage in stages]
