"""Any Hugging Face sequence classifier as a sentiment model: from a folder, or from the hub by its id.

Code that comes with a model is never run, and weights are read from safetensors only. A folder never reaches
the network; a hub id is fetched once and cached by ``huggingface_hub``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earful.config import CPU
from earful.encoder.calibration import Floats, softmax
from earful.errors import ModelError
from earful.models.devices import check_device, torch_device
from earful.sentiment.pooling import Pooling

__all__ = ["HubModel", "label_map", "load_hub"]

_WANTED = ["*.json", "*.txt", "*.model", "*.safetensors"]
_WIDEST = 512  # tokens a window may have, whatever a model says it can take
_NAMES = {
    "negative": {"negative", "neg", "bad"},
    "neutral": {"neutral", "neu", "mixed"},
    "positive": {"positive", "pos", "good"},
}
_ORDER = ("negative", "neutral", "positive")
_STARS = re.compile(r"([1-5])\s*(?:stars?|звезд\w*|\*)?")
_NUMBERED = re.compile(r"label_(\d+)")


def label_map(id2label: Mapping[int, str]) -> NDArray[np.float64]:
    """Tell how a classifier's labels map onto negative, neutral, positive.

    Known are the words (negative, neg, ..), stars (1 to 5: 1 and 2 negative, 3 neutral, 4 and 5 positive),
    and LABEL_0.. of two, three or five labels, which run from negative to positive by convention.

    Returns
    -------
    numpy.ndarray
        Shape (number of labels, 3), one 1 a row: probabilities times this are ours.

    Raises
    ------
    ModelError
        The labels cannot be told; the message names them.
    """
    names = [str(id2label[i]).strip().lower() for i in sorted(id2label)]
    classes = _by_word(names) or _by_stars(names) or _by_number(names)
    if classes is None or not {0, 2} <= set(classes):
        raise ModelError(
            f"labels {', '.join(map(repr, names))} cannot be told as negative, neutral or positive",
            allowed="negative/neutral/positive, neg/neu/pos, 1 to 5 stars, LABEL_0.. of 2, 3 or 5 labels",
            fix="set id2label in the model's config.json",
        )
    return np.eye(3)[classes]


def _by_word(names: Sequence[str]) -> list[int] | None:
    found = [next((i for i, label in enumerate(_ORDER) if name in _NAMES[label]), -1) for name in names]
    return found if -1 not in found and len(set(found)) == len(names) else None


def _by_stars(names: Sequence[str]) -> list[int] | None:
    stars = [_STARS.fullmatch(name) for name in names]
    values = [int(star[1]) for star in stars if star]
    if sorted(values) != [1, 2, 3, 4, 5] or len(values) != len(names):
        return None
    return [0 if value < 3 else 1 if value == 3 else 2 for value in values]


def _by_number(names: Sequence[str]) -> list[int] | None:
    numbered = [_NUMBERED.fullmatch(name) for name in names]
    if not all(numbered) or len(names) not in {2, 3, 5}:
        return None
    scale = {2: [0, 2], 3: [0, 1, 2], 5: [0, 0, 1, 2, 2]}[len(names)]
    return [scale[int(number[1])] for number in numbered if number and int(number[1]) < len(names)]


@dataclass(slots=True)
class HubModel:
    """A Hugging Face classifier. One text goes through at a time, so no text's answer depends on another's.

    A text longer than the model's window is read in windows, whose answers are averaged by length.
    """

    name: str
    checksum: str
    network: Any
    tokenizer: Any
    labels: NDArray[np.float64]
    window: int
    pooling: Pooling = field(default_factory=Pooling)
    device: str = CPU

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> Floats:
        """Give p_negative, p_neutral, p_positive of each text, shape (n, 3), rounded to 6 decimals."""
        return np.round(np.array([self._one(text) for text in texts]).reshape(-1, 3), 6)

    def _one(self, text: str) -> Floats:
        pieces = self._windows(text)
        lengths = np.array([float(len(piece)) for piece in pieces])
        read = np.stack([self._forward(piece) for piece in pieces])
        mean: Floats = (read * lengths[:, None]).sum(axis=0) / lengths.sum()
        return mean

    def _forward(self, ids: list[int]) -> Floats:
        import torch

        with torch.inference_mode():
            batch = torch.tensor([ids], device=torch_device(self.device))
            output = self.network(input_ids=batch, attention_mask=torch.ones_like(batch))
        logits = output.logits[0].double().cpu().numpy()[None]
        mapped: Floats = softmax(logits)[0] @ self.labels
        return mapped

    def _windows(self, text: str) -> list[list[int]]:
        """Cut a text into pieces that fit the window, at white space near the middle, and give their ids."""
        done: list[list[int]] = []
        waiting = [text]
        while waiting:
            piece = waiting.pop()
            # A piece of many more characters than any window holds is halved before it costs a tokenisation.
            ids = self._ids(piece) if len(piece) <= self.window * 50 else None
            if ids is not None and (len(ids) <= self.window or len(piece) < 2):
                done.append(ids[: self.window])
                continue
            cut = _middle(piece)
            waiting.extend([piece[cut:], piece[:cut]])
        return done

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, truncation=False, verbose=False)["input_ids"]
        return ids or [self.tokenizer.unk_token_id or 0]


def _middle(text: str) -> int:
    half = len(text) // 2
    before = text.rfind(" ", 1, half)
    return before + 1 if before > len(text) // 4 else half


def load_hub(name: str | Path, device: str = CPU) -> HubModel:
    """Load a classifier from a folder (a ``Path``) or from the hub (``owner/model``).

    Raises
    ------
    ModelError
        It is not there, holds no safetensors, is no sequence classifier, or its labels cannot be told.
    ConfigError
        There is no such device.
    """
    check_device(device)
    folder = name if isinstance(name, Path) else _fetch(name)
    if not any(folder.glob("*.safetensors")):
        raise ModelError(
            "no safetensors in the model folder",
            where=str(folder),
            allowed="one of our model folders, or a Hugging Face classifier saved as safetensors",
        )
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        _check_is_classifier(config, folder)
        labels = label_map(config.id2label)
        network = AutoModelForSequenceClassification.from_pretrained(
            folder, config=config, local_files_only=True, trust_remote_code=False, use_safetensors=True
        )
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except ModelError as error:
        raise ModelError(error.what, where=str(name), allowed=error.allowed, fix=error.fix) from None
    except Exception as error:  # whatever a foreign folder makes the loader raise is one error of the model
        raise ModelError(f"cannot be loaded ({_first_line(error)})", where=str(name)) from None
    network.eval().to(torch_device(device))
    return HubModel(
        name=str(name),
        checksum=_checksum(folder),
        network=network,
        tokenizer=tokenizer,
        labels=labels,
        window=_window(config, tokenizer),
        device=device,
    )


def _check_is_classifier(config: Any, folder: Path) -> None:
    architectures = config.architectures or []
    if not any("SequenceClassification" in architecture for architecture in architectures):
        raise ModelError(
            f"is no sequence classifier but {', '.join(architectures) or 'of unknown make'}",
            where=str(folder),
        )


def _fetch(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=_WANTED))
    except Exception as error:  # every way of failing to reach or find a hub model is one error for the user
        raise ModelError(
            f"cannot be fetched from the hub ({_first_line(error)})",
            where=name,
            fix="check the id and the network, or give a folder",
        ) from None


def _window(config: Any, tokenizer: Any) -> int:
    limits = [_WIDEST, tokenizer.model_max_length or _WIDEST]
    positions = getattr(config, "max_position_embeddings", None)
    if positions:
        # RoBERTa and its kin count positions from past the padding token.
        offset = (config.pad_token_id or 0) + 1 if "roberta" in str(config.model_type) else 0
        limits.append(positions - offset)
    return int(min(limits))


def _checksum(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(
        path for path in folder.iterdir() if path.is_file() and path.suffix in {".json", ".safetensors"}
    ):
        digest.update(path.name.encode())
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
