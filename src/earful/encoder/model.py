"""Loading the encoder, and texts in, vectors out."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from zipfile import BadZipFile

import numpy as np

from earful.encoder.loading import KIND as READER_KIND
from earful.encoder.loading import load_reader
from earful.encoder.network import HIDDEN, SIZE, Floats, Network
from earful.encoder.packing import Ints, Pieces, in_batches, work_on
from earful.encoder.vocabulary import KIND
from earful.errors import ModelError
from earful.models.cores import cores
from earful.models.folder import Folder
from earful.models.home import models_home, shipped

__all__ = ["READER", "Encoder", "encoder_called", "load_encoder"]

#: The shipped reader whose vectors are compared where a run's own does not read whole reviews.
READER = "fast"

_NAME = "encoder"
_WEIGHTS, _TOKENIZER = "weights.npz", "tokenizer.json"
_LONGEST = 2_048  # pieces of a text that are read
_REMEMBERED = (
    8_192  # texts whose layers are kept: sentiment and themes read the same segments one after another
)


class Encoder:
    """Turns texts into vectors. A text's vector is the same to the bit whatever stands beside it.

    Parameters
    ----------
    network, tokenizer
        The parts.
    checksum
        SHA-256 that names the weights.
    threads
        Threads to work with; by default ``OMP_NUM_THREADS``, else one a core. The answer is the same.
    """

    def __init__(self, network: Network, tokenizer: Any, checksum: str, threads: int | None = None) -> None:
        self.checksum = checksum
        self.name = _NAME
        self.size = SIZE
        self.network = network
        self.cutter = Pieces(tokenizer, network.n_pieces)
        self._threads = threads or cores()
        self._known: dict[str, Floats] = {}

    def embed(self, texts: Sequence[str]) -> Floats:
        """Give the vectors of texts, shape (n, 512), of length 1; zeros for a blank text.

        The first 2,048 pieces (at most 20,000 characters) of a text are read.
        """
        return np.ascontiguousarray(self.hidden(texts)[:, HIDDEN - SIZE :])

    def hidden(self, texts: Sequence[str]) -> Floats:
        """Give the inner layers of texts side by side, shape (n, 1856).

        The pooled mean of the pieces (512), the first and second layer of the tail (320 and 512), and what
        :meth:`embed` gives (512). Zeros for a blank text.
        """
        out = np.zeros((len(texts), HIDDEN), dtype=np.float32)
        known = self._known
        new = list(dict.fromkeys(text for text in texts if text not in known))
        fresh = self._hidden(new)
        row_of = {text: row for row, text in enumerate(new)}
        for place, text in enumerate(texts):
            row = row_of.get(text)
            out[place] = known[text] if row is None else fresh[row]
        self._remember(new, fresh)
        return out

    def _hidden(self, texts: Sequence[str]) -> Floats:
        out = np.zeros((len(texts), HIDDEN), dtype=np.float32)

        def fill(places: Sequence[int], pieces: Sequence[Ints]) -> None:
            out[list(places)] = self.network.hidden(pieces)

        work_on(self._batches(texts), fill, self._threads)
        return out

    def _remember(self, texts: Sequence[str], rows: Floats) -> None:
        """Keep the last texts' layers: another stage is likely to ask for the same ones."""
        if len(texts) + len(self._known) > _REMEMBERED:
            self._known = {}
        if len(texts) <= _REMEMBERED:
            self._known = {**self._known, **{text: rows[at].copy() for at, text in enumerate(texts)}}

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[Ints]]]:
        """Give the texts that have pieces in batches: their places and their piece numbers."""
        numbered = enumerate(self.cutter.numbers(texts, _LONGEST))
        return in_batches((place, numbers) for place, numbers in numbered if len(numbers) > 2)


@lru_cache(maxsize=2)
def load_encoder(folder: str | Path | None = None, threads: int | None = None) -> Encoder:
    """Load what gives texts their vectors; what is loaded already is given again.

    Where readers are shipped, it is the fast one, whose vectors every run of ``auto`` has.

    Parameters
    ----------
    folder
        By default the one that is shipped.
    threads
        As :class:`Encoder` takes them.

    Raises
    ------
    ModelError
        The folder is not there, is damaged, or holds another kind of model.
    """
    from tokenizers import Tokenizer

    path = models_home() / _NAME if folder is None else Path(folder)
    if folder is None and Folder.kind_of(path) == KIND:
        return cast("Encoder", load_reader(Folder.open(models_home() / READER), threads))
    if not path.is_dir():
        raise ModelError("no such model folder", where=str(path), fix="install the package again")
    opened = Folder.open(path)
    if opened.config.get("kind") != _NAME:
        raise ModelError("is not an encoder", where=str(path), allowed=f"a folder of kind {_NAME}")
    try:
        with np.load(io.BytesIO(opened.read(_WEIGHTS)), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        network = Network(arrays, opened.config["ranges"])
        tokenizer = Tokenizer.from_str(opened.read(_TOKENIZER).decode("utf-8"))
    except ModelError:
        raise
    except (BadZipFile, KeyError, IndexError, ValueError) as error:
        raise ModelError(f"cannot be loaded ({str(error)[:200]})", where=str(path)) from None
    except Exception as error:  # the tokenizers package has no class of its own for what it cannot read
        raise ModelError(f"cannot be loaded ({str(error)[:200]})", where=str(path / _TOKENIZER)) from None
    if tokenizer.get_vocab_size() != network.n_pieces - 2:
        what = f"{network.n_pieces} rows for {tokenizer.get_vocab_size()} pieces"
        raise ModelError(what, where=str(path / _WEIGHTS))
    return Encoder(network, tokenizer, opened.checksum, threads)


def encoder_called(name: str | None) -> Encoder:
    """Load what made a run's vectors by its name in the manifest; without one, the shipped encoder."""
    if name is not None and shipped().get(name) == READER_KIND:
        return cast("Encoder", load_reader(Folder.open(models_home() / name)))
    return load_encoder()
