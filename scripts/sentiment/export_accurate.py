"""Turn the last checkpoint of ``train_accurate.py`` into the model folder that is shipped.

    python -m scripts.sentiment.export_accurate --work WORK --out models/accurate
        [--with FOLDER ... --share 0.6]

The embedding goes to 8 bits in parts of a row, the layers to an ONNX graph whose weights are 8 bits in
blocks, rounded with regard to what the layers are fed (``rounding.py``). They are put back into full
precision when the graph is loaded: on a CPU that is faster than rounding what each layer puts out, and more
exact. ``calibrate.py`` comes next.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from safetensors.numpy import load_file, save_file
from torch import nn

from earful.models.folder import Folder
from earful.sentiment.onnx import open_session, opened
from earful.sentiment.pooling import Pooling
from scripts.data import DEFAULT_DATA
from scripts.sentiment.gemma import base_config
from scripts.sentiment.mixture import load_mixture
from scripts.sentiment.rounding import BLOCK, round_matrix, steps
from scripts.sentiment.shipped import mean_states, shipped_states
from scripts.sentiment.train_accurate import LAYERS, WIDTH, Pieces, Reader, padded

HEADS, HEAD, GROUPS = 4, 256, 1
BLOCKED = 21  # the first version of ONNX that knows blocks
WINDOW = 128
PART = 64  # numbers of a row of the embedding that share a scale
EXAMPLES, EACH = 800, 5  # training texts to round by; each fifth is for measuring the rounding instead
TOGETHER = 40


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
    parser.add_argument(
        "--with", type=Path, nargs="+", default=[], dest="others", help="folders to mix the checkpoint with"
    )
    parser.add_argument("--share", type=float, default=0.6, help="the checkpoint's share of such a mean")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    reader, cut = trained(args.work, args.others, args.share), Pieces(args.work / "tokenizer.json")
    network, pieces = network_of(reader), cut(example_texts(args.data))
    check_against(network, reader, pieces[::50])
    shutil.copyfile(args.work / "tokenizer.json", args.out / "tokenizer.json")
    write_embedding(reader.embed.weight.detach().numpy(), args.out)
    inputs = [reader.embed(torch.tensor([ids])).detach() for ids in pieces]
    write_graph(network, args.out, input_moments(network, [x for i, x in enumerate(inputs) if i % EACH]))
    compare(network, inputs[::EACH], pieces[::EACH], args.out)
    config = {
        "kind": "onnx",
        "name": args.out.name,
        "window": WINDOW,
        "calibration": {},
        "pooling": Pooling().to_dict(),
    }
    Folder.write(args.out, config)


def trained(work: Path, others: list[Path], share: float) -> Reader:
    """Give the reader of the last checkpoint, or of its mean with other folders' weights."""
    states = torch.load(work / "checkpoint.pt", weights_only=True)["reader"]
    if others:
        shares = [share, *[(1 - share) / len(others)] * len(others)]
        states = mean_states([states, *[shipped_states(folder, LAYERS) for folder in others]], shares)
    reader = Reader(base_config(LAYERS, work), len(states["embed.weight"]))
    reader.load_state_dict(states)
    return reader.eval()


def network_of(reader: Reader) -> Network:
    """Give the reader's layers and head in plain operations."""
    config = reader.layers.config
    thetas = [float(config.rope_parameters[kind]["rope_theta"]) for kind in config.layer_types]
    return Network([*reader.layers.layers], thetas, reader.layers.norm, reader.head).eval()


def check_against(network: Network, reader: Reader, texts: list[list[int]]) -> None:
    """Refuse to go on where the plain layers and those of ``transformers`` differ."""
    with torch.inference_mode():
        expected = torch.cat([reader(*padded([ids], "cpu")) for ids in texts])
        found = torch.cat([network(reader.embed(torch.tensor([ids]))) for ids in texts])
    gap = float((found - expected).abs().max())
    print(f"largest gap of a logit to transformers: {gap:.1e}", flush=True)
    if gap > 1e-2:
        raise SystemExit("the exported layers are not the trained ones")


def write_embedding(rows: np.ndarray, out: Path) -> None:
    """Write int8 rows, each in parts of :data:`PART` numbers with a scale."""
    parts = rows.reshape(len(rows), -1, PART)
    scale = steps(np.abs(parts).max(axis=2))
    whole = np.rint(parts / scale[..., None].astype(np.float32)).astype(np.int8)
    save_file({"rows": whole.reshape(rows.shape), "scale": scale}, out / "embedding.safetensors")


def input_moments(network: Network, inputs: list[torch.Tensor]) -> list[np.ndarray]:
    """Give the second moments of what each matrix of the layers is fed, in the order they come in."""
    matrices = [one for one in network.layers.modules() if isinstance(one, nn.Linear)]
    fed: dict[nn.Module, list[torch.Tensor]] = {}
    moments: dict[nn.Module, torch.Tensor] = {}
    hooks = [
        matrix.register_forward_pre_hook(lambda matrix, x: fed.setdefault(matrix, []).append(x[0][0]))
        for matrix in matrices
    ]
    with torch.inference_mode():
        for at in range(0, len(inputs), TOGETHER):
            for x in inputs[at : at + TOGETHER]:
                network(x)
            for matrix, parts in fed.items():
                rows = torch.cat(parts)
                moments[matrix] = moments.get(matrix, 0.0) + rows.T @ rows
            fed.clear()
    for hook in hooks:
        hook.remove()
    return [found.numpy() for found in moments.values()]


def write_graph(network: Network, out: Path, moments: list[np.ndarray]) -> None:
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
    in_blocks(model, moments)
    onnx.save(model, path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.0f} MB", flush=True)


def in_blocks(model: onnx.ModelProto, moments: list[np.ndarray]) -> None:
    """Write every matrix as whole numbers with a scale for each :data:`rounding.BLOCK` of a column."""
    graph = model.graph
    held = {one.name: one for one in graph.initializer}
    names = [node.input[1] for node in graph.node if node.op_type == "MatMul" and node.input[1] in held]
    nodes = []
    for name, fed in zip(names, moments, strict=True):
        whole, scale = round_matrix(numpy_helper.to_array(held[name]), fed)
        graph.initializer.remove(held[name])
        stored = {f"{name}.whole": whole, f"{name}.half": scale}
        graph.initializer.extend(numpy_helper.from_array(array, key) for key, array in stored.items())
        factors = [f"{name}.whole", f"{name}.scale"]
        nodes.append(helper.make_node("DequantizeLinear", factors, [name], axis=0, block_size=BLOCK))
        nodes.append(helper.make_node("Cast", [f"{name}.half"], factors[1:], to=onnx.TensorProto.FLOAT))
    for node in nodes:
        graph.node.insert(0, node)
    next(one for one in model.opset_import if not one.domain).version = BLOCKED


def example_texts(data: Path, count: int = EXAMPLES) -> list[str]:
    """Give training texts that are spread over the mixture."""
    texts = load_mixture(data, late=True).text
    return texts.iloc[np.linspace(0, len(texts) - 1, count).astype(int)].tolist()


def compare(network: Network, inputs: list[torch.Tensor], pieces: list[list[int]], out: Path) -> None:
    """Print how far the probabilities of the folder, embedding and graph, are from full precision."""
    session = open_session((out / "network.onnx").read_bytes())
    embedding = load_file(out / "embedding.safetensors")
    with torch.inference_mode():
        exact = torch.cat([network(x) for x in inputs]).softmax(dim=1).numpy()
    embedded = [opened(embedding["rows"][ids], embedding["scale"][ids])[None] for ids in pieces]
    read = np.concatenate([session.run(None, {"embedded": rows})[0] for rows in embedded])
    gap = np.abs(torch.from_numpy(read).softmax(dim=1).numpy() - exact).max(axis=1)
    print(
        f"8 bits move a probability by {gap.mean():.4f} on average, {np.percentile(gap, 95):.4f} for 95 % of "
        f"{len(inputs)} texts, {gap.max():.4f} at most",
        flush=True,
    )


if __name__ == "__main__":
    main()
