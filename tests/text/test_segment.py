import threading

import pyarrow as pa
import pytest

from earful.pipeline import Batch, run_stages
from earful.text import tokens
from earful.text.answers import Answers
from earful.text.docs import Docs
from earful.text.language import Language
from earful.text.normalise import Normalise
from earful.text.segment import Segment
from earful.text.tokens import nlp_for, vocabulary_zone

TEXTS = [
    "<p>Great camera, awful battery.</p>Would not &amp; will not buy!",
    "Очень хороши\u0438\u0306 банк, но очереди. Рекомендую)))",
    "Много добър филм!!!Препоръчвам го",
    "Ļoti garšīgi, bet apkalpošana lēna bija. Nr. 1 pilsētā",
    "",
    None,
    "n/a",
    "5.Отлично",
    "😀👍🏽",
    "\x00\ufeff  \n ",
    "Great 😍 Nice.Place\n- one\n- two",
    "とても美味しい。また来ます！",
    "x" * 2500,
    "ok",
]
STAGES = [Normalise(), Language(), Answers(), Segment(), Docs()]


def batch_of(texts, first=0):
    return Batch(
        pa.table(
            {
                "row": pa.array(range(first, first + len(texts)), pa.int64()),
                "text": pa.array(texts, pa.string()),
                "title": pa.nulls(len(texts), pa.string()),
            }
        )
    )


def rows_of(texts, size):
    reviews, segments, sentences = [], [], []
    for at in range(0, len(texts), size):
        with vocabulary_zone():
            batch = run_stages(batch_of(texts[at : at + size], at), STAGES)
            sentences += [[sentence.text for sentence in doc.sents] for doc in batch.docs]
        reviews += batch.reviews.to_pylist()
        segments += batch.segments.to_pylist()
    return reviews, segments, sentences


@pytest.mark.parametrize("size", [1, 7])
def test_batches_of_any_size_give_the_same_rows(size):
    texts = TEXTS * 4
    assert rows_of(texts, size) == rows_of(texts, 512)


@pytest.mark.parametrize(
    "text", ["(" * 30_000, "é́" * 5_000, "So. " + "».«(" * 3_000 + " Fine.", "a/b-" * 4_000]
)
def test_a_long_stretch_without_a_space_is_tokenised_in_pieces(text):
    batch = run_stages(batch_of([text]), STAGES)
    assert batch.docs[0].text == batch.texts[0].text
    assert max(len(token) for token in batch.docs[0]) <= 300


def test_the_order_of_rows_changes_nothing():
    forward, _, _ = rows_of(TEXTS, 512)
    backward, _, _ = rows_of(TEXTS[::-1], 512)
    for one, other in zip(forward, backward[::-1], strict=True):
        assert {**one, "row": 0} == {**other, "row": 0}


def test_offsets_lead_into_the_text_as_received():
    batch = run_stages(batch_of(TEXTS), STAGES)
    raw = batch.column("text")
    found = {}
    for one in batch.segments.to_pylist():
        clean = batch.texts[one["row"]].text[one["clean_start"] : one["clean_end"]]
        found.setdefault(one["row"], []).append((raw[one["row"]][one["start"] : one["end"]], clean))
        assert one["segment"] == len(found[one["row"]]) - 1
    assert found[0] == [
        ("Great camera,", "Great camera,"),
        ("awful battery.", "awful battery."),
        ("Would not &amp; will not buy!", "Would not & will not buy!"),
    ]
    assert found[1][0] == ("Очень хороши\u0438\u0306 банк,", "Очень хороший банк,")
    assert [raw for raw, _ in found[2]] == ["Много добър филм!!!", "Препоръчвам го"]
    assert 4 not in found
    assert 5 not in found
    assert 9 not in found
    assert [len(raw) for raw, _ in found[12]] == [1000, 1000, 500]


def test_every_segment_lies_in_one_row_and_docs_are_there_for_all():
    batch = run_stages(batch_of(TEXTS), STAGES)
    assert [doc.text for doc in batch.docs] == [clean.text for clean in batch.texts]
    assert batch.segments.schema.names == ["row", "segment", "start", "end", "clean_start", "clean_end"]


def test_docs_have_our_sentences():
    batch = run_stages(batch_of(["Great!!!Loved it.Mr. Smith paid 5.50. ok Yes.Bad"]), STAGES)
    sentences = [sentence.text.strip() for sentence in batch.docs[0].sents]
    assert sentences == ["Great!!!", "Loved it.", "Mr. Smith paid 5.50.", "ok Yes.", "Bad"]


def test_an_empty_batch():
    batch = run_stages(batch_of([]), STAGES)
    assert len(batch.docs) == 0
    assert batch.segments.num_rows == 0


def test_pipelines_are_cached_and_exist_for_every_code():
    assert nlp_for("en") is nlp_for("en")
    assert nlp_for("und") is nlp_for("zz")
    assert nlp_for("no").lang == "nb"
    assert [nlp_for(lang).lang for lang in ("ru", "bg", "lv", "ja")] == ["ru", "bg", "lv", "xx"]


def test_each_thread_has_its_own_pipeline():
    found = []
    thread = threading.Thread(target=lambda: found.append(nlp_for("en")))
    thread.start()
    thread.join()
    assert found[0] is not nlp_for("en")


def test_a_vocabulary_does_not_grow_for_ever(monkeypatch):
    monkeypatch.setattr(tokens, "_KEPT_WORDS", 0)
    nlp = nlp_for("en")
    run_stages(batch_of(["the first words"]), STAGES)
    sizes = []
    for number in range(5):
        texts = ["The word number{0}x{1} is new and good".format(number, k) for k in range(50)]  # noqa: UP030, UP032
        with vocabulary_zone(), vocabulary_zone():
            docs = run_stages(batch_of(texts), STAGES).docs
            assert docs[49][2].text == f"number{number}x49"
        sizes.append(len(nlp.vocab.strings))
    assert len(set(sizes[1:])) == 1
    with vocabulary_zone():
        assert [token.text for token in nlp("The word is good")] == ["The", "word", "is", "good"]
