"""The shipped encoder: the same vector in any company, and near vectors for like meanings."""

import shutil

import numpy as np
import pytest

from earful.encoder import load_encoder
from earful.encoder.network import HIDDEN, SIZE, Layer
from earful.errors import ModelError
from earful.models.folder import Folder
from earful.models.home import models_home

TEXTS = [
    "The parcel came two weeks late.",
    "Посылка опоздала на две недели.",
    "Пратката закъсня с две седмици.",
    "Sūtījums kavējās divas nedēļas.",
    "Great",
    "",
    "   \t\n",
    "👍👍 best app ever!!! 😀",
    "no " * 3000,
    "\udc80 broken \x00 bytes",
    "我的包裹迟到了",
    "Great",
    "ﬁne ½ ₂",
    *(f"order number {number} was cancelled without a word" for number in range(60)),
]


@pytest.fixture(scope="module")
def encoder():
    return load_encoder()


def test_a_text_has_the_same_vectors_whatever_stands_beside_it(encoder):
    together = encoder.hidden(TEXTS)
    alone = np.concatenate([encoder.hidden([text]) for text in TEXTS])
    assert np.array_equal(together, alone)
    order = np.random.default_rng(0).permutation(len(TEXTS))
    assert np.array_equal(encoder.hidden([TEXTS[at] for at in order]), together[order])


def test_threads_change_nothing(encoder):
    many = TEXTS * 4
    two = load_encoder(models_home() / "encoder", threads=2)
    assert np.array_equal(two.embed(many), encoder.embed(many))


def test_vectors_have_length_one_and_blank_texts_have_none(encoder):
    lengths = np.linalg.norm(encoder.embed(TEXTS), axis=1)
    blank = np.array([not text.strip() for text in TEXTS])
    assert np.allclose(lengths[~blank], 1, atol=1e-5)
    assert not lengths[blank].any()
    assert encoder.embed([]).shape == (0, SIZE)


def test_hidden_layers_end_in_the_vector(encoder):
    hidden = encoder.hidden(TEXTS[:4])
    assert hidden.shape == (4, HIDDEN)
    assert np.array_equal(hidden[:, -SIZE:], encoder.embed(TEXTS[:4]))


def test_likeness_of_meaning_crosses_languages(encoder):
    late = encoder.embed(["Delivery is very late", "Доставка очень опаздывает", "Die Lieferung ist zu spät"])
    other = encoder.embed(["The waiter was rude", "Официант нахамил", "Der Kellner war unfreundlich"])
    assert (late @ late.T).min() > (late @ other.T).max() + 0.2
    assert (other @ other.T).min() > (late @ other.T).max() + 0.2


def test_pieces_are_those_of_the_original_model(encoder):
    expected = {
        "Hello, the parcel came late!": ["▁Hello", ",", "▁the", "▁parcel", "▁came", "▁late", "!"],
        "  два   слова ": ["▁два", "▁слова"],
        "Посылка опоздала на  2 дня :)": [
            *("▁По", "сылк", "а", "▁оп", "оз", "дала", "▁на", "▁2", "▁дня", "▁", ":)"),
        ],
        "ﬁne ½ ₂": ["▁fine", "▁1⁄2", "▁2"],
    }
    assert {text: encoder.cutter.names(text) for text in expected} == expected


def test_a_long_text_is_read_to_a_limit(encoder):
    long, longer = encoder.embed(["word " * 3_000, "word " * 100_000])
    assert np.array_equal(long, longer)
    assert not np.array_equal(long, encoder.embed(["word " * 1_000])[0])


def test_products_are_exact_whatever_their_order():
    rng = np.random.default_rng(1)
    layer = Layer.of(rng.integers(-127, 128, (1280, 40)).astype(np.int8), np.ones(40, dtype=np.float32))
    # The worst inputs there can be: all at the limit, with the signs of one column's weights.
    worst = (np.sign(layer.weights.T) * layer.levels).astype(np.float32)
    exact = worst.astype(np.int64) @ layer.weights.astype(np.int64)
    assert np.array_equal((worst @ layer.weights).astype(np.int64), exact)
    assert np.abs(exact).max() < 2**24


def test_a_damaged_or_foreign_folder_is_refused(tmp_path):
    with pytest.raises(ModelError, match="no such model folder"):
        load_encoder(tmp_path / "nothing")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    Folder.write(foreign, {"kind": "ngram", "name": "foreign"})
    with pytest.raises(ModelError, match="is not an encoder"):
        load_encoder(foreign)
    damaged = tmp_path / "damaged"
    shutil.copytree(models_home() / "encoder", damaged)
    with (damaged / "tokenizer.json").open("r+b") as stream:
        stream.write(b"X")
    with pytest.raises(ModelError, match="damaged"):
        load_encoder(damaged)
    config = dict(Folder.open(models_home() / "encoder").config)
    Folder.write(damaged, config)
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_encoder(damaged)


def test_the_checksum_names_the_shipped_weights(encoder):
    assert encoder.checksum == Folder.open(models_home() / "encoder").checksum
