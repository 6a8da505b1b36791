"""Sentiment models: what every model can do, and how a name becomes a model."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from earful.config import CPU
from earful.encoder.calibration import Floats
from earful.errors import ModelError
from earful.models.folder import Folder
from earful.models.home import models_home, shipped
from earful.registry import MODELS

if TYPE_CHECKING:
    from earful.encoder.reader import Reader
    from earful.sentiment.pooling import Pooling

__all__ = [
    "SegmentModel",
    "SentimentModel",
    "load_model",
    "model_folder",
    "reads_reviews",
    "shipped_models",
]

_AUTO, _FAST, _ACCURATE = "auto", "fast", "accurate"
_KINDS, _READER = MODELS.builtins, "reader"


class SentimentModel(Protocol):
    """Reads the polarity of texts. A text's answer never depends on the other texts of the call."""

    @property
    def name(self) -> str:
        """What the model is called in a manifest."""
        ...

    @property
    def checksum(self) -> str:
        """SHA-256 that names the weights."""
        ...

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> Floats:
        """Give p_negative, p_neutral, p_positive of each text, shape (n, 3), each row summing to 1.

        Parameters
        ----------
        texts
            Segments or titles, cleaned.
        langs
            ISO 639-1 code of each, ``und`` where unsure; it chooses the calibration, nothing else.
        """
        ...


class SegmentModel(SentimentModel, Protocol):
    """Reads segments one by one, and a review from them."""

    @property
    def pooling(self) -> Pooling:
        """How a whole review follows from its segments."""
        ...


def load_model(name: str | Path = _AUTO, device: str = CPU) -> SentimentModel:
    """Load a sentiment model.

    Parameters
    ----------
    name
        ``auto``, ``fast`` or ``accurate`` (shipped models; ``auto`` is ``fast``, with ``accurate`` for what
        ``fast`` is unsure of where both are shipped), a folder (one of ours or a Hugging Face sequence
        classifier), or a Hugging Face hub id, ``owner/model``. Only a hub id may reach the network.
    device
        Where it runs: ``cpu``, ``cuda`` or ``cuda:N``.

    Raises
    ------
    ModelError
        The model is not there, is damaged, or has labels that cannot be told.
    """
    text = str(name)
    folder = Path(text).expanduser()
    if (
        isinstance(name, Path)
        or text.startswith((".", "~", os.sep))
        or (os.path.isdir(folder) and not _is_plain(text))
    ):
        return _load_folder(folder, device)
    if text == _AUTO and {_FAST, _ACCURATE} <= set(shipped_models()):
        return _load_cascade(device)
    if _is_plain(text):
        return _load_folder(model_folder(text), device)
    if text.count("/") == 1 and all(text.split("/")):
        from earful.sentiment.hub import load_hub

        return load_hub(text, device)
    raise ModelError(
        f"model {text!r} is neither a shipped model, nor a folder, nor a hub id", allowed=_allowed()
    )


def reads_reviews(name: str | Path = _AUTO) -> bool:
    """Say, without loading it, whether a model reads whole reviews, as :class:`ReviewReader` does."""
    if name == _AUTO:
        there = {shipped().get(part) for part in (_FAST, _ACCURATE)} - {None}
        return there == {_READER}
    if isinstance(name, str) and _is_plain(name):
        return shipped().get(name) == _READER
    return Folder.kind_of(Path(name).expanduser()) == _READER


def shipped_models() -> tuple[str, ...]:
    """Name the sentiment models in :func:`~earful.models.home.models_home`, in alphabetical order."""
    return tuple(name for name, kind in shipped().items() if kind in _KINDS)


def model_folder(name: str) -> Path:
    """Give the folder of a shipped model; that of ``auto`` is ``fast``'s, which reads every text first.

    Raises
    ------
    ModelError
        No such model is shipped.
    """
    wanted = _FAST if name == _AUTO else name
    if wanted not in shipped_models():
        raise ModelError(
            f"model {name!r} is not among the shipped models",
            where=str(models_home()),
            allowed=_allowed(),
            fix="a folder is written with a slash: ./NAME",
        )
    return models_home() / wanted


def _load_folder(path: Path, device: str) -> SentimentModel:
    if not path.is_dir():
        raise ModelError("no such model folder", where=str(path), allowed=_allowed())
    if not Folder.is_one(path):
        from earful.sentiment.hub import load_hub

        return load_hub(path, device)
    return _load_reader(Folder.open(path), device)


def _load_reader(folder: Folder, device: str) -> Reader:
    kind = folder.config.get("kind")
    if kind not in _KINDS:
        where, allowed = str(folder.path), ", ".join(_KINDS)
        raise ModelError(f"kind of model {kind!r} is not known", where=where, allowed=allowed)
    reader: Reader = MODELS.get(kind)(folder, device=device)
    return reader


def _load_cascade(device: str) -> SentimentModel:
    """Put ``accurate`` behind ``fast``, with the threshold that ``accurate``'s folder names."""
    from earful.encoder.cascade import UNSURE_BELOW, ReaderCascade

    fast, accurate = (Folder.open(model_folder(name)) for name in (_FAST, _ACCURATE))
    threshold = float(accurate.config.get("unsure_below", UNSURE_BELOW))
    return ReaderCascade(_AUTO, _load_reader(fast, device), _load_reader(accurate, device), threshold)


def _is_plain(text: str) -> bool:
    return bool(text) and not any(mark in text for mark in ("/", os.sep, "."))


def _allowed() -> str:
    return ", ".join(dict.fromkeys([_AUTO, *shipped_models()])) + ", a folder, a hub id (owner/model)"
