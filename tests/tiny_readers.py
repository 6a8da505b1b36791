"""Tiny readers with random weights: every part that shipped ones have, in a few kilobytes."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from earful.encoder.heads import HEADS
from earful.encoder.loading import HEADS as HEADS_FILE
from earful.encoder.loading import KIND, NETWORK, PLACES, VOCABULARY
from earful.encoder.vocabulary import KIND as PIECES_KIND
from earful.encoder.vocabulary import ROWS, STEPS, TOKENIZER
from earful.models.folder import Folder

#: As many as ``encoder/tiny.onnx`` was made for: two layers of 32 numbers, made by ``scripts.encoder.graph``
#: of random weights, with inputs that are multiplied apart, as shipped ones have.
WIDTH, PLACES_THERE, WINDOW = 32, 24, 20
UNSURE = 0.75  # about half of what is read with random weights is less sure
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁the", "▁good", "▁bad", ":", "?", ".", "|", "▁query", "▁ph"]
PIECES += [chr(ord("a") + i) for i in range(26)]
OUTPUTS = {"review": 3, "answer": 11, "segment": 3, "problem": 4, "tag": 3, "tone": 3, "theme": WIDTH}


def write_models(home, *names, tags=0.0):
    """Write pieces and readers of random weights; ``tags`` makes terms likelier."""
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers

    rng = np.random.default_rng(3)
    pieces = home / VOCABULARY
    pieces.mkdir(parents=True)
    scored = [(piece, -len(PIECES) / (1 + len(piece))) for piece in PIECES]
    words = Tokenizer(models.Unigram(scored, unk_id=3))
    words.pre_tokenizer = pre_tokenizers.Metaspace()
    words.save(str(pieces / TOKENIZER))
    np.save(pieces / ROWS, rng.integers(-127, 128, (len(PIECES), WIDTH)).astype(np.int8))
    np.save(pieces / STEPS, rng.uniform(0.005, 0.02, len(PIECES)).astype(np.float32))
    Folder.write(pieces, {"kind": PIECES_KIND, "name": VOCABULARY})
    for name in names:
        folder = home / name
        folder.mkdir()
        shutil.copy(Path(__file__).parent / "encoder" / "tiny.onnx", folder / NETWORK)
        arrays = {PLACES: rng.standard_normal((PLACES_THERE, WIDTH)).astype(np.float32) / 4}
        for head in HEADS:
            inputs = 2 * WIDTH if head in ("review", "answer", "segment", "problem") else WIDTH
            arrays[f"{head}.weight"] = rng.standard_normal((OUTPUTS[head], inputs)).astype(np.float32) / 3
            arrays[f"{head}.bias"] = np.zeros(OUTPUTS[head], np.float32)
        arrays["tag.bias"][1:] += np.float32(tags)
        save_file(arrays, folder / HEADS_FILE)
        settings = {"pieces": Folder.open(pieces).checksum, "window": WINDOW, "unsure_below": UNSURE}
        Folder.write(folder, {"kind": KIND, "name": name, **settings})
    return home


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory):
    return write_models(tmp_path_factory.mktemp("tiny") / "models", "fast", "accurate", tags=1.0)
