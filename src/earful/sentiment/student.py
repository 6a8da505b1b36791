"""The student: the sentence encoder's layers, tuned to polarity; the same to the bit in any company.

The table of pieces and the tokenizer are the encoder's own (``models/encoder``); the folder holds what was
tuned. As in the encoder, every matrix product is one of whole numbers that cannot round.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from earful.encoder.calibration import Calibration, Floats
from earful.encoder.network import Trunk, layer_of, summed
from earful.encoder.packing import LONGEST_TEXT, Ints, Pieces, in_batches, work_on
from earful.errors import ModelError
from earful.models.cores import cores
from earful.models.folder import Folder
from earful.sentiment.pooling import Pooling
from earful.sentiment.windows import averaged, plain, windows

__all__ = ["StudentModel", "StudentNetwork", "load_student"]

_NETWORK = "network.npz"
_WINDOW = 256  # pieces that are read at once; a longer text is read in windows
_STEEPEST = np.float32(30.0)


class StudentNetwork:
    """From piece numbers to logits.

    Parameters
    ----------
    arrays
        What ``scripts/sentiment/export_student.py`` wrote, and the encoder's table of pieces.
    ranges
        As :class:`~earful.encoder.network.Trunk` takes them.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], ranges: Sequence[float]) -> None:
        self.trunk = Trunk(arrays, ranges)
        names = ("pool", "d0", "d1", "p1", "d2", "attend", "gather", "head")
        self._layers = {name: layer_of(arrays, name) for name in names}
        self._biases = {name: arrays[f"{name}.bias"] for name in ("pool", "gather", "head")}

    def logits(self, texts: Sequence[Ints]) -> Floats:
        """Give uncalibrated logits of texts, shape (n, 3); each text is at least one piece number."""
        features, starts = self.trunk.features(texts)
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        root = np.sqrt(lengths).astype(np.float32)[:, None]
        layers, biases = self._layers, self._biases
        mean = layers["pool"].of_rows(summed(features, starts, lengths) / root)
        mean += root * biases["pool"]
        y1 = layers["p1"].of_rows(mean) + layers["d1"].of_rows(np.maximum(layers["d0"].of_rows(mean), 0))
        y1 = np.maximum(y1, 0)
        y2 = np.maximum(layers["d2"].of_rows(y1), 0)
        shares: NDArray[np.float32] = layers["attend"].of_rows(features)
        np.exp(np.clip(shares, -_STEEPEST, _STEEPEST), out=shares)
        shares /= np.repeat(summed(shares, starts, lengths), lengths, axis=0)
        gathered = layers["gather"].of_rows(summed(features * shares, starts, lengths)) + biases["gather"]
        joined = np.concatenate([mean, y1, y2, np.maximum(gathered, 0)], axis=1)
        logits: Floats = (layers["head"].of_rows(joined) + biases["head"]).astype(np.float64)
        return logits


@dataclass(slots=True)
class StudentModel:
    """A student that reads texts of any length."""

    name: str
    checksum: str
    network: StudentNetwork
    cutter: Pieces
    calibration: Calibration = field(default_factory=Calibration)
    pooling: Pooling = field(default_factory=Pooling)

    def logits(self, texts: Sequence[str], langs: Sequence[str] = ()) -> Floats:
        """Give uncalibrated logits, shape (n, 3), each row from its own text alone; languages say nothing."""
        distinct = list(dict.fromkeys(texts))
        owners: list[int] = []
        found: list[Floats] = []
        lengths: list[int] = []

        def numbered() -> Iterator[tuple[int, Ints]]:
            for owner, numbers in self._windows(distinct):
                owners.append(owner)
                lengths.append(len(numbers))
                found.append(np.zeros(3))
                yield len(found) - 1, numbers

        def fill(places: Sequence[int], numbers: Sequence[Ints]) -> None:
            for place, row in zip(places, self.network.logits(numbers), strict=True):
                found[place] = row

        work_on(in_batches(numbered()), fill, cores())
        firsts = np.searchsorted(owners, np.arange(len(distinct) + 1))
        read = {
            text: averaged(found[first:last], lengths[first:last])
            for text, first, last in zip(distinct, firsts[:-1], firsts[1:], strict=True)
        }
        return np.array([read[text] for text in texts]).reshape(-1, 3)

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> Floats:
        """Give p_negative, p_neutral, p_positive of each text, shape (n, 3), rounded to 6 decimals."""
        return np.round(self.calibration.probabilities(self.logits(texts), langs), 6)

    def _windows(self, texts: Sequence[str]) -> Iterator[tuple[int, Ints]]:
        """Give the windows of each text with the text's place, in order."""
        parts = [
            (owner, whole[at : at + LONGEST_TEXT])
            for owner, whole in enumerate(map(plain, texts))
            for at in range(0, max(len(whole), 1), LONGEST_TEXT)
        ]
        cut = self.cutter.numbers([part for _, part in parts])
        for (owner, _), numbers in zip(parts, cut, strict=True):
            begin, inner, end = numbers[:1], numbers[1:-1], numbers[-1:]
            for window in windows(len(inner), _WINDOW - 2):
                yield owner, np.concatenate([begin, inner[window], end])


def load_student(folder: Folder) -> StudentModel:
    """Read a student from a verified folder.

    Raises
    ------
    ModelError
        Its parts do not fit each other or the shipped encoder, or cannot be read.
    """
    from earful.encoder import load_encoder

    config = folder.config
    encoder = load_encoder()
    if encoder.checksum != config["encoder"]:
        raise ModelError(
            "was tuned from another encoder than the one that is shipped",
            where=str(folder.path),
            allowed=f"checksum {config['encoder'][:12]}…",
            fix="fetch both models of one release",
        )
    try:
        with np.load(io.BytesIO(folder.read(_NETWORK)), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        network = StudentNetwork(arrays | encoder.network.table, config["ranges"])
    except (BadZipFile, KeyError, IndexError, ValueError) as error:
        raise ModelError(f"cannot be loaded ({str(error)[:200]})", where=str(folder.path)) from None
    return StudentModel(
        name=config["name"],
        checksum=folder.checksum,
        network=network,
        cutter=encoder.cutter,
        calibration=Calibration.from_dict(config["calibration"]),
        pooling=Pooling.from_dict(config["pooling"]),
    )
