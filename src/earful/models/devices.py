"""Where networks run: on the processor, or on a GPU."""

from __future__ import annotations

from importlib.util import find_spec

from earful.config import CPU, EMULATED
from earful.errors import ConfigError

__all__ = ["check_device", "torch_device"]


def check_device(device: str) -> None:
    """Refuse a device that is not there, or that something is missing for.

    Raises
    ------
    ConfigError
        ``onnx`` is not installed, torch is built for processors alone, or no such GPU is seen.
    """
    where = "sentiment.device"
    if device == CPU:
        return
    if find_spec("onnx") is None:
        raise ConfigError(
            "onnx is not installed, which reads a network for a GPU",
            where=where,
            fix="pip install 'earful[gpu]'",
        )
    if device == EMULATED:
        return
    import torch

    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    number = int(device.partition(":")[2] or 0)
    if number >= there:
        built = "" if torch.version.cuda else "; the torch that is installed is built for processors alone"
        raise ConfigError(
            f"{device!r} is not there: this machine shows {there} GPUs to torch{built}",
            where=where,
            fix="work where there is one, or analyze all of it on the processor: without --device",
        )


def torch_device(device: str) -> str:
    """Give what torch calls a device."""
    return CPU if device == EMULATED else device
