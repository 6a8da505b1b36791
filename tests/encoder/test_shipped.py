"""The shipped readers, where they are there: what they must be, whatever their weights."""

import dataclasses

import numpy as np
import pytest

from earful.aspects.stage import terms_of
from earful.encoder import Review
from earful.models.home import models_home, shipped
from earful.sentiment import load_model

pytestmark = pytest.mark.skipif(
    {shipped().get(name) for name in ("fast", "accurate")} != {"reader"}, reason="other models are shipped"
)

PLAIN = {
    "en": ("Wonderful, I love it, thank you!", "Terrible. It broke at once and nobody helps."),
    "ru": ("Прекрасно, очень доволен, спасибо!", "Ужасно. Сломалось сразу, никто не помогает."),
    "bg": ("Прекрасно, много съм доволен, благодаря!", "Ужасно. Счупи се веднага и никой не помага."),
    "lv": ("Brīnišķīgi, esmu ļoti apmierināts, paldies!", "Briesmīgi. Uzreiz salūza, un neviens nepalīdz."),
}
SAME = ("The parcel came late.", "Посылка опоздала.", "Пратката закъсня.", "Sūtījums kavējās.")
OTHERS = ("The room was dirty.", "Бургер был холодным.", "Приложението се срива.", "Cena ir par augstu.")


@pytest.fixture(
    scope="module", params=[("fast", "cpu"), ("accurate", "cpu"), ("fast", "emulated")], ids=" ".join
)
def reader(request):
    return load_model(*request.param)


def reviews():
    texts = [text for pair in PLAIN.values() for text in pair]
    long = " ".join(texts * 12)
    return [
        *(Review(text, [(0, len(text) // 2), (len(text) // 2, len(text))], "en") for text in texts),
        Review(long, [(0, 40), (len(long) - 40, len(long))], title="All of it"),
        Review("👍"),
        Review("..."),
        Review(texts[1], fields=[(0, "Cons")], question="What could we improve?"),
    ]


def test_a_review_is_read_the_same_in_any_company(reader):
    told = reviews()
    whole = reader.read(told)
    order = np.random.default_rng(1).permutation(len(told)).tolist()
    for size in (1, 5):
        for begin in range(0, len(order), size):
            places = order[begin : begin + size]
            for at, one in zip(places, reader.read([told[at] for at in places]), strict=True):
                for field in dataclasses.fields(one):
                    assert np.array_equal(getattr(one, field.name), getattr(whole[at], field.name))


def test_what_nobody_could_mistake_is_read_right(reader):
    for lang, (praise, complaint) in PLAIN.items():
        read = reader.predict([praise, complaint], [lang, lang])
        assert read.argmax(axis=1).tolist() == [2, 0], lang


def test_a_complaint_is_one_and_praise_is_none(reader):
    for lang, texts in PLAIN.items():
        praise, complaint = reader.read([Review(text, [(0, len(text))], lang) for text in texts])
        assert praise.problems[0].argmax() == 3, lang
        # What is read as negative is never told as praise: that chance does not count for it.
        assert complaint.segments[0].argmax() == 0, lang
        assert complaint.problems[0, :3].argmax() == 0, lang
        assert complaint.answer @ np.arange(11) < praise.answer @ np.arange(11), lang


def test_like_meanings_lie_nearer_than_others_in_any_language(reader):
    same, others = reader.encoder.embed(SAME), reader.encoder.embed(OTHERS)
    apart = ~np.eye(len(SAME), dtype=bool)
    assert (same @ same.T)[apart].mean() > (same @ others.T).mean() + 0.05


def test_terms_are_found(reader):
    text = "The pizza was great but the waiter was rude."
    [reading] = reader.read([Review(text, [(0, len(text))], "en")])
    found = {text[term.start : term.end]: term.chances for term in terms_of(reading, text, 0, len(text))}
    assert {"pizza", "waiter"} <= set(found)
    assert found["pizza"][2] > found["waiter"][2]


def test_folders_are_small():
    sizes = {path: path.stat().st_size for path in models_home().rglob("*") if path.is_file()}
    assert max(sizes.values()) < 95_000_000
    assert sum(sizes.values()) < 120_000_000
