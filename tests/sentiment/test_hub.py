"""Any Hugging Face classifier: tiny ones with random weights, built here."""

from __future__ import annotations

import json

import numpy as np
import pytest

from earful.errors import ModelError
from earful.sentiment import load_model
from earful.sentiment.hub import label_map

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "the", "phone", "is", "not", "very"]


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Give a function that writes a tiny BERT classifier with the labels wanted."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    def write(labels, window=16, seed=0):
        torch.manual_seed(seed)
        folder = tmp_path_factory.mktemp("hub")
        config = BertConfig(
            vocab_size=len(WORDS),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=window,
            id2label=dict(enumerate(labels)),
            label2id={label: i for i, label in enumerate(labels)},
            initializer_range=0.6,
        )
        BertForSequenceClassification(config).save_pretrained(folder)
        plain = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
        plain.pre_tokenizer = pre_tokenizers.Whitespace()
        plain.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
        PreTrainedTokenizerFast(
            tokenizer_object=plain,
            unk_token="[UNK]",
            pad_token="[PAD]",
            cls_token="[CLS]",
            sep_token="[SEP]",
            model_max_length=window,
        ).save_pretrained(folder)
        return folder

    return write


@pytest.fixture(scope="module")
def folder(build):
    return build(["negative", "neutral", "positive"])


def test_it_gives_what_transformers_gives(folder):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    network = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        expected = (
            network(**tokenizer("the phone is good", return_tensors="pt")).logits.softmax(-1)[0].numpy()
        )
    assert np.abs(load_model(folder).predict(["the phone is good"], ["en"])[0] - expected).max() < 1e-5


def test_label_order_is_followed(build, folder):
    turned = build(["positive", "neutral", "negative"])
    texts = ["the phone is good", "bad", "not very good"]
    first = load_model(folder).predict(texts, ["en"] * 3)
    second = load_model(turned).predict(texts, ["en"] * 3)
    assert np.allclose(first, second[:, ::-1], atol=2e-6)


def test_answers_do_not_depend_on_the_batch_bit_for_bit(folder):
    model = load_model(folder)
    texts = ["good", "the phone is not very good " * 20, "", "bad bad", "unknown words here"]
    whole = model.predict(texts, ["en"] * 5)
    alone = np.concatenate([model.predict([text], ["en"]) for text in reversed(texts)])[::-1]
    assert whole.tobytes() == np.ascontiguousarray(alone).tobytes()


def test_what_stands_past_the_window_counts(folder):
    model = load_model(folder)
    start = "the phone is good " * 10
    read = model.predict([start + "bad " * 40, start + "good " * 40], ["en"] * 2)
    assert np.abs(read[0] - read[1]).max() > 1e-3
    assert np.abs(read.sum(axis=1) - 1).max() < 3e-6


@pytest.mark.parametrize("text", ["a" * 3000, " " * 3000, "good" + "\u3000" * 100, "x y " * 500])
def test_hostile_texts_are_read_to_their_end(folder, text):
    assert np.isfinite(load_model(folder).predict([text], ["und"])).all()


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["negative", "neutral", "positive"], [0, 1, 2]),
        (["Positive", "NEGATIVE", "Neutral"], [2, 0, 1]),
        (["NEG", "NEU", "POS"], [0, 1, 2]),
        (["NEGATIVE", "POSITIVE"], [0, 2]),
        (["LABEL_0", "LABEL_1", "LABEL_2"], [0, 1, 2]),
        (["LABEL_0", "LABEL_1"], [0, 2]),
        (["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], [0, 0, 1, 2, 2]),
        (["5", "4", "3", "2", "1"], [2, 2, 1, 0, 0]),
    ],
)
def test_labels_that_can_be_told(labels, expected):
    assert label_map(dict(enumerate(labels))).argmax(axis=1).tolist() == expected


@pytest.mark.parametrize(
    "labels",
    [
        ["joy", "anger"],
        ["LABEL_0"],
        ["LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3"],
        ["positive", "neutral"],
        ["1 star", "2 stars"],
        ["negative", "neg", "positive"],
    ],
)
def test_labels_that_cannot_be_told_are_named(labels):
    with pytest.raises(ModelError, match=labels[0].lower()):
        label_map(dict(enumerate(labels)))


def test_a_model_with_other_labels_is_refused(build):
    with pytest.raises(ModelError, match="'joy'"):
        load_model(build(["joy", "anger"]))


def test_a_folder_without_safetensors_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(ModelError, match="no safetensors"):
        load_model(tmp_path)


def test_a_model_of_another_task_is_refused(folder, tmp_path):
    config = json.loads((folder / "config.json").read_text()) | {"architectures": ["BertForMaskedLM"]}
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="no sequence classifier"):
        load_model(tmp_path)


def test_remote_code_is_not_run(folder, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    witness = tmp_path / "ran"
    (tmp_path / "evil.py").write_text(f"open({str(witness)!r}, 'w')\n")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(tmp_path)
    assert not witness.exists()


def test_weights_name_the_model(build, folder):
    model = load_model(folder)
    assert model.checksum == load_model(folder).checksum
    assert model.checksum != load_model(build(["negative", "neutral", "positive"], seed=1)).checksum
    assert model.name == str(folder)
