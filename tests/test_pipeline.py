"""The runner of stages checks what the stages declare."""

from dataclasses import replace

import pyarrow as pa
import pytest

from earful.pipeline import Batch, run_stages


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
