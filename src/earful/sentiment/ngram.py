"""The n-gram model: hashed character and word n-grams, one linear layer.

A text is split into words, numbers, emoji and marks. Each word brings itself, its character n-grams, the pair
it makes with the next word, and, for a few words after a negation, itself negated. Every feature is hashed
(CRC-32, the same on every machine) to a row of a weight table. What a word brings on its own does not depend
on its neighbours, so it is summed once and remembered: that is what makes it fast.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earful.encoder.calibration import Calibration, Floats
from earful.errors import ModelError
from earful.models.folder import Folder
from earful.sentiment.pooling import Pooling

__all__ = ["Features", "NgramModel", "load_ngram", "save_ngram"]

_WEIGHTS = "weights.safetensors"
_REMEMBERED = 200_000  # words; bounds the memory that remembering may take
_LONGEST_WORD = 40  # characters of a word that are looked at: what is longer is no word

_TOKEN = re.compile(r"https?://\S{1,2000}|@\w{1,100}|[^\W_]+(?:['’\-][^\W_]+){0,4}|[^\w\s]|_")
_REPEATED = re.compile(r"(.)\1{2,}")
_NEGATORS = frozenset(
    """
    not no never without nothing nobody neither nor cannot hardly barely isn't wasn't aren't weren't don't
    doesn't didn't won't wouldn't can't couldn't shouldn't haven't hasn't hadn't ain't dont doesnt didnt wont
    cant isnt не нет ни без никогда ничего никто нельзя няма без нито никога нищо никой нямаше нямат недейте
    nav bez nekad nekas neviens nebija nevar nē ne nie bez brak nigdy kein keine keinen nicht ohne nie pas
    sans jamais rien sin nunca nada não nem sem niet geen zonder değil yok non senza mai nema nisam nije není
    """.split()  # noqa: SIM905 (a list of a hundred quoted words is not easier to read)
)
_CLAUSE_END = frozenset('.,;:!?…()"«»—–|') | frozenset(
    ("but", "но", "а", "однако", "ama", "bet", "tomēr", "aber", "mais", "pero")
)
_END = " \t\n\r.…"
_NEGATED = 3  # words that a negation reaches


@dataclass(frozen=True, slots=True)
class Features:
    """What is counted in a text, and where each count stands in the weight table.

    Attributes
    ----------
    bits
        The table has 2**bits rows.
    shortest, longest
        Lengths of the character n-grams, word borders counted in.
    power
        A text of n tokens is scaled by n**-power.
    """

    bits: int = 20
    shortest: int = 2
    longest: int = 5
    power: float = 0.5

    def tokens(self, text: str) -> list[str]:
        """Split a text into lower-case words, numbers (as 0), marks, emoji; dots at the end say nothing."""
        lowered = unicodedata.normalize("NFC", text).lower().replace("ё", "е").rstrip(_END)
        found = _TOKEN.findall(_REPEATED.sub(r"\1\1", lowered))
        return [_folded(token) for token in found]

    def row(self, kind: str, text: str) -> int:
        """Give the table row of one feature."""
        return zlib.crc32(f"{kind}\x1f{text}".encode("utf-8", "surrogatepass")) & ((1 << self.bits) - 1)

    def word(self, word: str) -> tuple[NDArray[np.int64], Floats]:
        """Give the rows and values of what a word brings on its own: itself and its character n-grams."""
        rows = [self.row("w", word)]
        values = [1.0]
        grams = self._grams(word)
        rows.extend(self.row("c", gram) for gram in grams)
        values.extend([max(len(grams), 1) ** -0.5] * len(grams))
        return np.array(rows, dtype=np.int64), np.array(values)

    def context(self, tokens: Sequence[str]) -> NDArray[np.int64]:
        """Give the rows of word pairs and of negated words; each has the value 1."""
        rows = [self.row("b", f"{left} {right}") for left, right in pairwise(tokens)]
        reach = 0
        for token in tokens:
            if token in _NEGATORS:
                reach = _NEGATED
            elif token in _CLAUSE_END:
                reach = 0
            elif reach:
                rows.append(self.row("n", token))
                reach -= 1
        return np.array(rows, dtype=np.int64)

    def _grams(self, word: str) -> list[str]:
        if not word[0].isalpha() or word in {"http", "@user"}:
            return []
        folded = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
        bordered = f"<{folded}>"
        return [
            bordered[start : start + length]
            for length in range(self.shortest, self.longest + 1)
            for start in range(len(bordered) - length + 1)
        ]


def _folded(token: str) -> str:
    if token.startswith("http"):
        return "http"
    if token.startswith("@") and len(token) > 1:
        return "@user"
    token = token[:_LONGEST_WORD].replace("’", "'")
    return re.sub(r"\d+", "0", token)


@dataclass(slots=True)
class NgramModel:
    """A trained n-gram model.

    Attributes
    ----------
    weights
        Shape (2**bits, 2): how much a feature speaks for negative and for positive, against neutral.
    bias
        Logits of an empty text, shape (3,).
    """

    name: str
    checksum: str
    features: Features
    weights: NDArray[np.float32]
    bias: Floats
    calibration: Calibration = field(default_factory=Calibration)
    pooling: Pooling = field(default_factory=Pooling)
    _remembered: dict[str, tuple[float, float]] = field(default_factory=dict, repr=False)

    def logits(self, texts: Sequence[str], langs: Sequence[str] = ()) -> Floats:
        """Give uncalibrated logits, shape (n, 3), each row from its own text alone; languages say nothing."""
        out = np.empty((len(texts), 3))
        for place, text in enumerate(texts):
            negative, positive = self._sum(text)
            out[place] = (self.bias[0] + negative, self.bias[1], self.bias[2] + positive)
        return out

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> Floats:
        """Give p_negative, p_neutral, p_positive of each text, shape (n, 3), rounded to 6 decimals."""
        return np.round(self.calibration.probabilities(self.logits(texts), langs), 6)

    def _sum(self, text: str) -> tuple[float, float]:
        tokens = self.features.tokens(text)
        if not tokens:
            return 0.0, 0.0
        negative = positive = 0.0
        for token in tokens:
            pair = self._remembered.get(token) or self._word(token)
            negative += pair[0]
            positive += pair[1]
        context = self.features.context(tokens)
        if len(context):
            negative += float(self.weights[context, 0].sum(dtype=np.float64))
            positive += float(self.weights[context, 1].sum(dtype=np.float64))
        scale = float(len(tokens)) ** -self.features.power
        return negative * scale, positive * scale

    def _word(self, word: str) -> tuple[float, float]:
        rows, values = self.features.word(word)
        brought = (values[:, None] * self.weights[rows]).sum(axis=0)
        pair = (float(brought[0]), float(brought[1]))
        if len(self._remembered) < _REMEMBERED:
            self._remembered[word] = pair
        return pair


def load_ngram(folder: Folder) -> NgramModel:
    """Read an n-gram model from a verified folder.

    Raises
    ------
    ModelError
        The weights do not fit the settings beside them.
    """
    from safetensors.numpy import load

    config = folder.config
    features = Features(**config["features"])
    tensors = load(folder.read(_WEIGHTS))
    weights, bias = tensors["weights"].astype(np.float32), tensors["bias"].astype(np.float64)
    if weights.shape != (1 << features.bits, 2) or bias.shape != (3,):
        raise ModelError(
            f"weights of shape {weights.shape} do not fit {features.bits} bits",
            where=str(folder.path / _WEIGHTS),
            allowed=f"({1 << features.bits}, 2)",
        )
    return NgramModel(
        name=config["name"],
        checksum=folder.checksum,
        features=features,
        weights=weights,
        bias=bias,
        calibration=Calibration.from_dict(config["calibration"]),
        pooling=Pooling.from_dict(config["pooling"]),
    )


def save_ngram(model: NgramModel, path: Path) -> None:
    """Write a model folder: settings, weights (half precision) and their checksums."""
    from safetensors.numpy import save_file

    path.mkdir(parents=True, exist_ok=True)
    save_file({"weights": model.weights.astype(np.float16), "bias": model.bias}, path / _WEIGHTS)
    config: dict[str, Any] = {
        "kind": "ngram",
        "name": model.name,
        "features": asdict(model.features),
        "calibration": model.calibration.to_dict(),
        "pooling": model.pooling.to_dict(),
    }
    Folder.write(path, config)
