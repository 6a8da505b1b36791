"""Where the shipped models lie, and which there are."""

from __future__ import annotations

import os
from pathlib import Path

from earful.errors import ModelError
from earful.models.folder import Folder

__all__ = ["models_home", "shipped", "shipped_folder"]

_HOME = "EARFUL_MODELS"


def models_home() -> Path:
    """Give the folder of the shipped models: ``$EARFUL_MODELS``, the repository's, or the package's own."""
    if os.environ.get(_HOME):
        return Path(os.environ[_HOME]).expanduser()
    package = Path(__file__).resolve().parents[1]
    repository = package.parents[1] / "models"
    return package / "_models" if (package / "_models").is_dir() or not repository.is_dir() else repository


def shipped() -> dict[str, str]:
    """Give the models in :func:`models_home`, in alphabetical order: name -> kind, as its settings say."""
    home = models_home()
    kinds = {path.name: Folder.kind_of(path) for path in sorted(home.iterdir())} if home.is_dir() else {}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def shipped_folder(name: str) -> Path:
    """Give the folder of a shipped model.

    Raises
    ------
    ModelError
        No such model is shipped.
    """
    if name not in shipped():
        raise ModelError(
            f"model {name!r} is not among the shipped models",
            where=str(models_home()),
            allowed=", ".join(shipped()) or "none are there",
        )
    return models_home() / name
