"""Write the shipped encoder out as ``transformers`` reads it: for tuning it further, or reading it elsewhere.

    python -m scripts.sentiment.to_transformers --work WORK --out FOLDER [--model models/accurate]

``AutoModel`` and ``AutoTokenizer`` open the folder with stock classes, in full precision (0.4 GB).
``head.safetensors`` holds the head: logits are ``weight @ [last, mean] + bias``, over the last state and the
mean of all states but the first. Texts go in as ``earful.sentiment.windows.plain`` gives them; calibration
and what stands beside the network stay with the shipped folder. Needs what ``train_accurate.py`` needs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing
from transformers import AutoModel, AutoTokenizer, Gemma3TextConfig, Gemma3TextModel, PreTrainedTokenizerFast

from earful.models.folder import Folder
from earful.sentiment.model import load_part
from earful.sentiment.windows import plain
from scripts.sentiment.gemma import base_config
from scripts.sentiment.shipped import shipped_states
from scripts.sentiment.train_accurate import LAYERS, WIDTH

SHOWN = (
    "Great camera, awful battery",
    "Доставка задержалась на неделю",
    "Филмът си заслужава",
    "Ļoti slikti",
)
BORDERS = ("<bos>", "<eos>", "<pad>")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder of the base model's settings")
    parser.add_argument("--model", type=Path, default=Path("models/accurate"))
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    cutter = Tokenizer.from_file(str(args.model / "tokenizer.json"))
    borders = {name: cutter.token_to_id(name) for name in BORDERS}
    write_tokenizer(cutter, borders, args.out)
    write_network(args.model, base_config(LAYERS, args.work), borders, args.out)
    apart = gap(args.model, args.out)
    print(f"largest gap of a logit to the shipped folder: {apart:.1e}")
    if apart > 1e-3:
        raise SystemExit(f"{args.out} does not read as {args.model} does")


def write_tokenizer(cutter: Tokenizer, borders: dict[str, int], out: Path) -> None:
    """Write the tokenizer, with BOS and EOS around every text."""
    bos, eos, pad = BORDERS
    named = [(name, borders[name]) for name in (bos, eos)]
    cutter.post_processor = TemplateProcessing(single=f"{bos} $A {eos}", special_tokens=named)
    PreTrainedTokenizerFast(
        tokenizer_object=cutter, bos_token=bos, eos_token=eos, pad_token=pad
    ).save_pretrained(out)


def write_network(model: Path, config: Gemma3TextConfig, borders: dict[str, int], out: Path) -> None:
    """Write the embedding, the layers and the head."""
    states = shipped_states(model, LAYERS)
    rows = states.pop("embed.weight")
    head = {name: states.pop(f"head.{name}") for name in ("weight", "bias")}
    config.vocab_size = len(rows)
    config.bos_token_id, config.eos_token_id, config.pad_token_id = (borders[name] for name in BORDERS)
    network = Gemma3TextModel(config)
    layers = {name.removeprefix("layers."): values for name, values in states.items()}
    # Gemma multiplies the rows of its embedding by the root of their width; the shipped rows have it in them.
    network.load_state_dict(layers | {"embed_tokens.weight": rows / WIDTH**0.5})
    network.save_pretrained(out)
    save_file(head, out / "head.safetensors")


def gap(model: Path, out: Path) -> float:
    """Give the largest difference of a logit between the two folders."""
    network, cut = AutoModel.from_pretrained(out).eval(), AutoTokenizer.from_pretrained(out)
    head, shipped = load_file(out / "head.safetensors"), load_part(Folder.open(model))
    found = []
    with torch.inference_mode():
        for text in SHOWN:
            states = network(**cut(plain(text), return_tensors="pt")).last_hidden_state[0]
            found.append(head["weight"] @ torch.cat([states[-1], states[1:].mean(dim=0)]) + head["bias"])
    return float((torch.stack(found) - torch.from_numpy(shipped.logits(SHOWN))).abs().max())


if __name__ == "__main__":
    main()
