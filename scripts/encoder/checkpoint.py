"""Read a run's last checkpoint as a reader that is ready to read."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer

from scripts.encoder.network import Encoder
from scripts.encoder.reader import Reader, first_reader
from scripts.encoder.rows import WORK


def read_run(run: Path, work: Path = WORK, weights: str = "mean") -> tuple[Reader, Tokenizer, Encoder]:
    """Return a run's reader, the tokenizer, and the base model beside it.

    Parameters
    ----------
    weights
        ``"mean"``, the moving mean of the weights, or ``"own"``, the last ones.
    """
    found = torch.load(run / "checkpoint.pt", weights_only=True)
    reader, base = first_reader(work, len(found["own"]["themes.weight"]), found["layers"])
    with torch.no_grad():
        for name, parameter in reader.named_parameters():
            if name in found[weights]:
                parameter.copy_(found[weights][name])
    state = found["state"]
    print(f"{run.name}: {state['texts']} texts, {state['step']} steps", flush=True)
    return reader.eval(), Tokenizer.from_file(str(work / "tokenizer.json")), base
