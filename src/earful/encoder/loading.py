"""Folders of readers: loaded, and written."""

from __future__ import annotations

from earful.config import CPU
from earful.encoder.calibration import Calibration
from earful.encoder.heads import Heads
from earful.encoder.layers import Layers, Network
from earful.encoder.reader import Reader
from earful.encoder.vocabulary import Vocabulary, load_vocabulary
from earful.errors import EarfulError, ModelError
from earful.models.cores import cores
from earful.models.folder import Folder
from earful.models.home import models_home

__all__ = ["HEADS", "KIND", "NETWORK", "PLACES", "VOCABULARY", "load_reader"]

#: What the settings of a reader's folder call it.
KIND = "reader"
NETWORK, HEADS, PLACES = "network.onnx", "heads.safetensors", "places"
#: The folder, beside a reader's own, that holds the pieces.
VOCABULARY = "encoder"


def load_reader(folder: Folder, threads: int | None = None, device: str = CPU) -> Reader:
    """Read a reader from a verified folder.

    Parameters
    ----------
    threads
        Threads to work with; by default ``OMP_NUM_THREADS``, else one a core. The answer is the same.
    device
        Where the layers run, as the setting ``sentiment.device`` calls it.

    Raises
    ------
    ModelError
        Its parts do not fit each other or the pieces that it was trained with, or cannot be read.
    """
    from safetensors.numpy import load

    config = folder.config
    vocabulary = _vocabulary(folder)
    try:
        arrays = load(folder.read(HEADS))
        calibrations = {
            head: Calibration.from_dict(values) for head, values in config.get("calibration", {}).items()
        }
        heads = Heads.of(arrays, calibrations)
        layers = _layers(folder.read(NETWORK), threads or cores(), device)
        places, window = arrays[PLACES], int(config["window"])
    except EarfulError:
        raise
    except Exception as error:  # each reader raises its own kinds for a file that is not what it should be
        first = (str(error).splitlines() or [""])[0][:200]
        raise ModelError(f"cannot be loaded ({first})", where=str(folder.path)) from None
    if not places.shape[1] == heads.width == vocabulary.width or len(places) < window:
        raise ModelError(
            f"heads of {heads.width} numbers and {places.shape[0]} places of {places.shape[1]} do not fit "
            f"pieces of {vocabulary.width} and windows of {window}",
            where=str(folder.path),
        )
    return Reader(config["name"], folder.checksum, vocabulary, layers, heads, places, window)


def _layers(graph: bytes, threads: int, device: str) -> Network:
    if device == CPU:
        return Layers(graph, threads)
    from earful.encoder.gpu import GpuLayers

    return GpuLayers(graph, device)


def _vocabulary(folder: Folder) -> Vocabulary:
    """Return the pieces that a reader was trained with: of the folder beside it, else the shipped ones."""
    beside = folder.path.parent / VOCABULARY
    where = beside if Folder.is_one(beside) else models_home() / VOCABULARY
    vocabulary = load_vocabulary(where)
    if vocabulary.checksum != folder.config["pieces"]:
        raise ModelError(
            "was trained with other pieces than those that are there",
            where=f"{folder.path} and {where}",
            allowed=f"checksum {folder.config['pieces'][:12]}…",
            fix="fetch both folders of one release",
        )
    return vocabulary
