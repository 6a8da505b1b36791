"""The accurate model: an encoder as an ONNX graph, its weights stored in 8 bits, run text by text on the CPU.

A text goes through alone, on one thread: so its answer cannot depend on its neighbours or on the machine's
load. Several texts run at once, each on a thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earful.encoder.calibration import Calibration, Floats
from earful.errors import ModelError
from earful.models.cores import cores
from earful.models.folder import Folder
from earful.sentiment.pooling import Pooling
from earful.sentiment.windows import averaged, plain, windows

__all__ = ["OnnxModel", "load_onnx", "open_session", "opened"]

_NETWORK, _EMBEDDING, _TOKENIZER = "network.onnx", "embedding.safetensors", "tokenizer.json"
_PIECE = 20_000  # characters that are tokenised at once: bounds the memory of a huge text


@dataclass(slots=True)
class OnnxModel:
    """An encoder with a head.

    Attributes
    ----------
    rows, scale
        The embedding: int8 of shape (pieces, width), and what each row is to be multiplied by, shape (pieces,
        k): each of ``k`` equal parts of the row has its own factor.
    window
        Tokens that the network reads at once; a longer text is read in windows, whose logits are averaged by
        length.
    """

    name: str
    checksum: str
    session: Any
    tokenizer: Any
    rows: NDArray[np.int8]
    scale: NDArray[np.floating[Any]]
    window: int
    calibration: Calibration = field(default_factory=Calibration)
    pooling: Pooling = field(default_factory=Pooling)

    def logits(self, texts: Sequence[str], langs: Sequence[str] = ()) -> Floats:
        """Give uncalibrated logits, shape (n, 3), each row from its own text alone; languages say nothing."""
        distinct = list(dict.fromkeys(texts))  # feedback repeats itself; a text is read once a call
        workers = max(1, min(len(distinct), cores()))
        with ThreadPoolExecutor(workers) as pool:
            read = dict(zip(distinct, pool.map(self._one, distinct), strict=True))
        return np.array([read[text] for text in texts]).reshape(-1, 3)

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> Floats:
        """Give p_negative, p_neutral, p_positive of each text, shape (n, 3), rounded to 6 decimals."""
        return np.round(self.calibration.probabilities(self.logits(texts), langs), 6)

    def _one(self, text: str) -> Floats:
        ids = self._ids(text)
        pieces = [ids[window] for window in windows(len(ids), self.window - 2)]
        return averaged([self._forward(piece) for piece in pieces], [len(piece) + 2 for piece in pieces])

    def _ids(self, text: str) -> list[int]:
        whole = plain(text).encode("utf-8", "replace").decode("utf-8")
        parts = [whole[at : at + _PIECE] for at in range(0, len(whole), _PIECE)]
        return [i for part in parts for i in self.tokenizer.encode(part, add_special_tokens=False).ids]

    def _forward(self, ids: Sequence[int]) -> Floats:
        bordered = [self.tokenizer.token_to_id("<bos>"), *ids, self.tokenizer.token_to_id("<eos>")]
        embedded = opened(self.rows[bordered], self.scale[bordered])
        logits: Floats = self.session.run(None, {"embedded": embedded[None]})[0][0].astype(np.float64)
        return logits


def opened(rows: NDArray[np.int8], scale: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Give rows of whole numbers, shape (n, width), times the factors of their parts, shape (n, k)."""
    parts = rows.reshape(*scale.shape, -1).astype(np.float32) * scale[..., None].astype(np.float32)
    return parts.reshape(rows.shape)


def load_onnx(folder: Folder) -> OnnxModel:
    """Read an encoder from a verified folder.

    Raises
    ------
    ModelError
        Its parts do not fit each other, or cannot be read.
    """
    from safetensors.numpy import load
    from tokenizers import Tokenizer

    try:
        tensors = load(folder.read(_EMBEDDING))
        tokenizer = Tokenizer.from_str(folder.read(_TOKENIZER).decode("utf-8"))
        session = open_session(folder.read(_NETWORK))
    except ModelError:
        raise
    except Exception as error:  # each reader raises its own kinds for a file that is not what it should be
        first = (str(error).splitlines() or [""])[0][:200]
        raise ModelError(f"cannot be loaded ({first})", where=str(folder.path)) from None
    if len(tensors["rows"]) != tokenizer.get_vocab_size():
        raise ModelError(
            f"{len(tensors['rows'])} embeddings for {tokenizer.get_vocab_size()} pieces",
            where=str(folder.path / _EMBEDDING),
        )
    config = folder.config
    return OnnxModel(
        name=config["name"],
        checksum=folder.checksum,
        session=session,
        tokenizer=tokenizer,
        rows=tensors["rows"],
        scale=tensors["scale"],
        window=int(config["window"]),
        calibration=Calibration.from_dict(config["calibration"]),
        pooling=Pooling.from_dict(config["pooling"]),
    )


def open_session(graph: bytes) -> Any:
    """Open a graph for the CPU: one thread, and weights of 8 bits put back into full precision once.

    What the layers put out is never rounded to 8 bits: a few of Gemma's channels are hundreds of times larger
    than the rest.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
