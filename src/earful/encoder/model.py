"""What gives texts their vectors, where no run has a reader of its own."""

from __future__ import annotations

from earful.encoder.loading import KIND, load_reader
from earful.encoder.reading import VectorMaker
from earful.errors import ModelError
from earful.models.folder import Folder
from earful.models.home import models_home, shipped, shipped_folder

__all__ = ["READER", "encoder_called", "load_encoder"]

#: The shipped reader whose vectors are compared where a run's own does not read whole reviews.
READER = "fast"


def load_encoder(name: str = READER) -> VectorMaker:
    """Load what gives texts their vectors: by default the fast reader, whose vectors runs of ``auto`` have.

    Raises
    ------
    ModelError
        There is no such reader, its folder is damaged, or its parts do not fit.
    """
    readers = [known for known, kind in shipped().items() if kind == KIND]
    if name not in readers:
        raise ModelError(
            f"model {name!r} is not among the shipped models that give texts their vectors",
            where=str(models_home()),
            allowed=", ".join(readers) or "none are there",
        )
    return load_reader(Folder.open(shipped_folder(name)))


def encoder_called(name: str | None) -> VectorMaker:
    """Load what made a run's vectors by its name in the manifest; without one, the shipped encoder."""
    return load_encoder(name if name is not None and shipped().get(name) == KIND else READER)
