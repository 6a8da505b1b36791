"""Turn the last checkpoint of ``train_accurate.py`` into the model folder that is shipped.

    python scripts/export_accurate.py --work WORK --out models/accurate

The vocabulary is cut to the pieces that the project's texts use (byte fallback elsewhere), the embedding goes
to 8 bits with a scale per piece, the layers to an ONNX graph whose weights are 8 bits in blocks. They are put
back into full precision when the graph is loaded: on a CPU that is faster than rounding what each layer puts
out, and more exact. ``calibrate.py`` comes next.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from safetensors.numpy import save_file
from torch import nn

from earful.sentiment.files import Folder
from earful.sentiment.onnx import open_session
from earful.sentiment.pooling import Pooling
from earful.sentiment.windows import plain
from gemma import encode, load_base
from mixture import DEFAULT_DATA, load_mixture, read_rows
from train_accurate import FROZEN, LAYERS, WIDTH, top_of

HEADS, HEAD, GROUPS = 4, 256, 1
BLOCK = 64
BLOCKED = 21  # the first version of ONNX that knows blocks
WINDOW = 128


class Layer(nn.Module):
    """One Gemma 3 layer in plain tensor operations, for export."""

    def __init__(self, source: nn.Module, theta: float) -> None:
        super().__init__()
        self.source, self.theta = source, theta

    def forward(self, x: torch.Tensor, blocked: torch.Tensor) -> torch.Tensor:
        """Take hidden states of shape (1, tokens, width) one layer up."""
        layer = self.source
        x = x + _norm(self._attend(_norm(x, layer.input_layernorm), blocked), layer.post_attention_layernorm)
        y = _norm(x, layer.pre_feedforward_layernorm)
        mlp = layer.mlp
        y = mlp.down_proj(nn.functional.gelu(mlp.gate_proj(y), approximate="tanh") * mlp.up_proj(y))
        return x + _norm(y, layer.post_feedforward_layernorm)

    def _attend(self, x: torch.Tensor, blocked: torch.Tensor) -> torch.Tensor:
        attention = self.source.self_attn
        tokens = x.shape[1]
        q = _norm(attention.q_proj(x).view(1, tokens, HEADS, HEAD).transpose(1, 2), attention.q_norm)
        k = _norm(attention.k_proj(x).view(1, tokens, GROUPS, HEAD).transpose(1, 2), attention.k_norm)
        v = attention.v_proj(x).view(1, tokens, GROUPS, HEAD).transpose(1, 2)
        cos, sin = self._angles(tokens)
        q, k = q * cos + _turned(q) * sin, k * cos + _turned(k) * sin
        weights = (q @ k.transpose(-1, -2)) * HEAD**-0.5 + blocked
        mixed = torch.softmax(weights, dim=-1) @ v
        return attention.o_proj(mixed.transpose(1, 2).reshape(1, tokens, HEADS * HEAD))

    def _angles(self, tokens: int) -> tuple[torch.Tensor, torch.Tensor]:
        turns = self.theta ** (-torch.arange(0, HEAD, 2, dtype=torch.float32) / HEAD)
        angles = torch.arange(tokens, dtype=torch.float32)[:, None] * turns[None]
        angles = torch.cat([angles, angles], dim=-1)[None, None]
        return angles.cos(), angles.sin()


class Network(nn.Module):
    """All layers and the head: one text's embeddings in, three logits out."""

    def __init__(
        self, layers: list[nn.Module], thetas: list[float], norm: nn.Module, head: nn.Linear
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(layer, theta) for layer, theta in zip(layers, thetas, strict=True))
        self.norm, self.head = norm, head

    def forward(self, embedded: torch.Tensor) -> torch.Tensor:
        """Give logits of shape (1, 3) for embeddings of shape (1, tokens, width)."""
        place = torch.arange(embedded.shape[1])
        blocked = (place[None, :] > place[:, None]).float() * -1e9
        x = embedded
        for layer in self.layers:
            x = layer(x, blocked[None, None])
        x = _norm(x, self.norm)
        return self.head(torch.cat([x[:, -1], x[:, 1:].mean(dim=1)], dim=1))


def _norm(x: torch.Tensor, norm: nn.Module) -> torch.Tensor:
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * (1.0 + norm.weight)


def _turned(x: torch.Tensor) -> torch.Tensor:
    half = x.shape[-1] // 2
    return torch.cat([-x[..., half:], x[..., :half]], dim=-1)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models/accurate"))
    parser.add_argument("--pieces", type=int, default=55000, help="at most so many pieces of the vocabulary")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    base, tokenizer = load_base(LAYERS, args.work)
    network = network_of(base, args.work)
    check_against(network, base, args.work)
    example = calibration_texts(args.data)
    inputs = [base.embed_tokens(torch.tensor([ids])) for ids in encode(tokenizer, example, 64)]
    kept = cut_vocabulary(json.loads(tokenizer.backend_tokenizer.to_str()), args.data, args.out, args.pieces)
    write_embedding(base.embed_tokens.weight.detach().numpy()[kept] * WIDTH**0.5, args.out)
    write_graph(network, args.out)
    compare(network, inputs, args.out)
    config = {
        "kind": "onnx",
        "name": args.out.name,
        "window": WINDOW,
        "calibration": {},
        "pooling": Pooling().to_dict(),
    }
    Folder.write(args.out, config)


def network_of(base: nn.Module, work: Path) -> Network:
    """Join the frozen layers and the trained ones."""
    top = top_of(base)
    checkpoint = work / "checkpoint.pt"
    if checkpoint.exists():
        top.load_state_dict(torch.load(checkpoint, weights_only=True)["top"])
    layers = [*base.layers[:FROZEN], *top.layers.layers]
    kinds = base.config.layer_types[:LAYERS]
    parameters = base.config.rope_parameters
    thetas = [float(parameters[kind]["rope_theta"]) for kind in kinds]
    return Network(layers, thetas, top.layers.norm, top.head).eval()


def check_against(network: Network, base: nn.Module, work: Path) -> None:
    """Refuse to go on where the plain layers and those of ``transformers`` differ."""
    ids = torch.tensor([[2, 651, 6037, 576, 6081, 603, 1]])
    with torch.inference_mode():
        embedded = base.embed_tokens(ids)
        x = embedded
        blocked = torch.triu(torch.full((7, 7), -1e9), diagonal=1)[None, None]
        for layer in network.layers[:FROZEN]:
            x = layer(x, blocked)
        expected = base(input_ids=ids, output_hidden_states=True).hidden_states[FROZEN]
    gap = float((x - expected).abs().max() / expected.abs().max())
    print(f"largest relative gap to transformers after {FROZEN} layers: {gap:.1e}", flush=True)
    if gap > 1e-3:
        raise SystemExit("the exported layers are not the trained ones")


def cut_vocabulary(settings: dict, data: Path, out: Path, limit: int) -> list[int]:
    """Write a tokenizer with the pieces that the texts use; give their rows in the full vocabulary.

    A piece is kept with every piece that its own merging passes through. What is merged with fewer merges is
    merged alike wherever every merge that is needed is kept, so texts made of kept pieces come out exactly as
    with the full vocabulary; anything else falls into smaller pieces, down to characters and bytes.
    """
    from tokenizers import Tokenizer

    full = Tokenizer.from_str(json.dumps(settings))
    counts: Counter[int] = Counter()
    for text in all_texts(data):
        counts.update(full.encode(text, add_special_tokens=False).ids)
    vocabulary: dict[str, int] = settings["model"]["vocab"]
    name_of = {i: piece for piece, i in vocabulary.items()}
    merges = [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in settings["model"]["merges"]]
    made_by: dict[str, list[tuple[str, str]]] = {}
    for left, right in merges:
        made_by.setdefault(left + right, []).append((left, right))
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
    (out / "tokenizer.json").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    covered = sum(n for i, n in counts.items() if name_of[i] in kept) / max(sum(counts.values()), 1)
    print(f"{len(pieces)} pieces kept, {covered:.2%} of the pieces of all texts", flush=True)
    return [vocabulary[piece] for piece in pieces]


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


def all_texts(data: Path) -> list[str]:
    """Give the texts of the mixture and of the bilingual dictionaries, as the model reads them."""
    texts = load_mixture(data, late=True).text.tolist()
    for path in sorted((data / "dictionaries").glob("*.tsv.gz")):
        if not path.name.startswith("muse_"):
            texts += [cell for row in read_rows(path).to_numpy().tolist() for cell in row]
    return [plain(text) for text in texts]


def write_embedding(rows: np.ndarray, out: Path) -> None:
    """Write int8 rows with a scale each."""
    scale = np.maximum(np.abs(rows).max(axis=1, keepdims=True) / 127, 1e-12)
    quantised = np.round(rows / scale).astype(np.int8)
    save_file({"rows": quantised, "scale": scale.astype(np.float32)}, out / "embedding.safetensors")


def write_graph(network: Network, out: Path) -> None:
    """Export the layers and the head, then put their weights into blocks of 8 bits."""
    path = out / "network.onnx"
    torch.onnx.export(
        network,
        (torch.randn(1, 9, WIDTH),),
        path,
        input_names=["embedded"],
        output_names=["logits"],
        dynamic_axes={"embedded": {1: "tokens"}},
        opset_version=18,
        dynamo=False,
    )
    model = onnx.load(path)
    in_blocks(model)
    onnx.save(model, path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.0f} MB", flush=True)


def in_blocks(model: onnx.ModelProto) -> None:
    """Write every matrix as whole numbers with a scale for each :data:`BLOCK` of a column."""
    graph = model.graph
    held = {one.name: one for one in graph.initializer}
    names = [node.input[1] for node in graph.node if node.op_type == "MatMul" and node.input[1] in held]
    opened = []
    for name in names:
        matrix = numpy_helper.to_array(held[name])
        blocks = matrix.reshape(-1, BLOCK, matrix.shape[1])
        scale = np.maximum(np.abs(blocks).max(axis=1) / 127, 1e-12)
        whole = np.rint(blocks / scale[:, None]).astype(np.int8).reshape(matrix.shape)
        graph.initializer.remove(held[name])
        stored = {f"{name}.whole": whole, f"{name}.scale": scale.astype(np.float32)}
        graph.initializer.extend(numpy_helper.from_array(array, key) for key, array in stored.items())
        opened.append(helper.make_node("DequantizeLinear", [*stored], [name], axis=0, block_size=BLOCK))
    for node in opened:
        graph.node.insert(0, node)
    next(one for one in model.opset_import if not one.domain).version = BLOCKED


def calibration_texts(data: Path, count: int = 160) -> list[str]:
    """Give training texts that are spread over the mixture."""
    texts = load_mixture(data, late=True).text
    return [plain(text) for text in texts.iloc[np.linspace(0, len(texts) - 1, count).astype(int)]]


def compare(network: Network, inputs: list[torch.Tensor], out: Path) -> None:
    """Print how far the 8-bit graph's probabilities are from full precision."""
    session = open_session((out / "network.onnx").read_bytes())
    with torch.inference_mode():
        exact = torch.cat([network(x) for x in inputs]).softmax(dim=1).numpy()
    read = np.concatenate([session.run(None, {"embedded": x.detach().numpy()})[0] for x in inputs])
    gap = np.abs(torch.from_numpy(read).softmax(dim=1).numpy() - exact).max(axis=1)
    print(
        f"8 bits move a probability by {gap.mean():.4f} on average, {np.percentile(gap, 95):.4f} for 95 % of "
        f"{len(inputs)} texts, {gap.max():.4f} at most",
        flush=True,
    )


if __name__ == "__main__":
    main()
