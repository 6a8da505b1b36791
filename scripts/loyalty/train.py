"""Train the row model (``models/likelihood``) on the public data.

    python -m scripts.loyalty.train --data ../shared/data --model fast --out models/likelihood

Reads the words with the sentiment model, learns the chances of the answers 1..10, measures itself on entities
it never saw, and writes the weights with their metrics. Rows whose source has stars but no 1-10 question take
part with the answers that customers who gave the same satisfaction gave in the one survey that asked both
(the "bridge"), and only with their words.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from earful.config import NpsScale
from earful.loyalty.features import FALLING, FEATURES, RISING, SIGNAL_GROUPS, TEXT_FEATURES
from earful.loyalty.likelihood import ANSWERS, Head, LikelihoodModel, classes
from earful.models.folder import Folder
from scripts.data import DEFAULT_DATA
from scripts.loyalty.data import LOYALTY, STARRED, load, score, signals

Floats = NDArray[np.float64]

#: Sources with answers on 1-10; Skytrax lounges are left out, as their ratings mix two scales.
ANSWERED = ("skytrax_airline", "skytrax_seat", "skytrax_airport", "druglib", "drugscom", "nps_botanic_fr")
HIDDEN = 8
STEPS = 300
#: Rows that the sentiment model has learned from look clearer to it than new ones: they count for less.
SEEN_WEIGHT = 0.4
BRIDGED_WEIGHT = 0.35
FRENCH_WEIGHT = 0.5
#: Sub-ratings that stand in for a signal count for less than the survey that asked the question itself.
STAND_IN_WEIGHT = 0.4
#: No source counts for more than this many rows.
ROWS_PER_SOURCE = 2500.0
MOST_ROWS = 4000
SEED = 7
#: So many rows of each source in other languages are read.
STARRED_ROWS = 2000
SCORED_ROWS = 6000


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--model", default="fast", help="sentiment model that reads the words")
    parser.add_argument("--out", type=Path, default=Path("models/likelihood"))
    parser.add_argument("--cache", type=Path, help="folder where scored datasets are kept between runs")
    parser.add_argument(
        "--train-entities-only",
        action="store_true",
        help="leave the dev entities of every source with entities out: for the validation, never to ship",
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    names = [name for name in LOYALTY if name != "steam_games"] + list(STARRED)
    frames = {}
    for name in names:
        rows = load(name, options.data, STARRED_ROWS if name in STARRED else SCORED_ROWS)
        frames[name] = score(rows, options.model, options.cache)
    frames = {name: _labelled(frame) for name, frame in frames.items()}
    if options.train_entities_only:
        frames = {name: _without_dev(frame) for name, frame in frames.items()}
    bridge = _bridge(frames["nps_botanic_fr"])
    fitted = _train(frames, bridge)
    metrics = {
        "sentiment_model": options.model,
        "held_out": _measure(fitted, frames, bridge),
        "signals_on_held_out_survey": _measure_signals(fitted, frames["nps_botanic_fr"]),
        "transfer": _transfer(frames, bridge),
    }
    options.out.mkdir(parents=True, exist_ok=True)
    Folder.write(options.out, fitted.to_config())
    text = json.dumps(metrics, indent=1, ensure_ascii=False)
    (options.out / "metrics.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    card = options.out / "README.md"
    if card.is_file():
        start, end = "<!-- measured -->\n", "<!-- /measured -->"
        before, _, rest = card.read_text(encoding="utf-8").partition(start)
        card.write_text(
            f"{before}{start}{_card_table(metrics)}{end}{rest.partition(end)[2]}", encoding="utf-8"
        )


def _card_table(metrics: dict[str, Any]) -> str:
    """Put the held-out measures and the offsets of left-out sources into the card's words."""
    lines = [
        "| source | rows | correlation | AUC detractor | AUC promoter | ECE detractor, promoter | bias |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, m in metrics["held_out"].items():
        lang = f" ({m['lang']})" if "lang" in m else ""
        start = f"| {name}{lang} | {m['rows']} |"
        end = f"{m['ece_detractor']:.3f}, {m['ece_promoter']:.3f} | {m['bias']:+.0f} |"
        if m.get("bridged_from_stars"):
            lines.append(f"{start} {m['corr_with_stars']:.2f} with stars | | | {end}")
        else:
            lines.append(
                f"{start} {m['corr']:.2f} | {m['auc_detractor']:.2f} | {m['auc_promoter']:.2f} | {end}"
            )
    transfer = metrics["transfer"]
    taus = [f"{m['tau']:.0f}" for m in transfer.values() if isinstance(m, dict) and m["tau"] is not None]
    lines += [
        "",
        f"Leaving a whole source out of the training puts its level off by {transfer['offset_sd']:.0f} "
        f"points (root mean square over {len(transfer) - 1} sources). Within such a source, products scatter "
        f"around the prediction by {', '.join(taus)} points where enough of them are large enough to tell.",
    ]
    return "\n".join(lines) + "\n"


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``answer`` (1..10 or NaN), ``stars`` (1..5 or NaN) and ``part`` (train, dev, test)."""
    name = frame["dataset"].iloc[0]
    out = frame.copy()
    on_ten = frame["rating"].where(frame["rating_max"] == 10)
    out["answer"] = frame["nps"].fillna(on_ten) if name in ANSWERED else np.nan
    out["answer"] = np.round(out["answer"]).where(out["answer"].between(1, 10))
    out["stars"] = np.ceil(frame["rating"].where(frame["rating_max"] == 5)).clip(1, 5)
    out["part"] = frame["split"]
    if not (out["part"] == "test").any():
        out["part"] = out["part"].replace("dev", "test")
    if name == "nps_botanic_fr":  # it comes with one split: a fifth is held out by the text
        digest = [zlib.crc32(text.encode()) % 5 for text in frame["text"]]
        out["part"] = np.where(np.array(digest) == 0, "test", "dev")
    return out[out["x_has_words"] > 0].reset_index(drop=True)


def _without_dev(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out dev rows where there are several entities, so that the row model has seen none of them."""
    return frame if frame["entity"].nunique() < 2 else frame[frame["part"] != "dev"].reset_index(drop=True)


def _bridge(survey: pd.DataFrame) -> Floats:
    """Chances of the answers 1..10 by stars 1..5, from the survey that asked satisfaction and NPS."""
    both = survey[survey["answer"].notna() & survey["csat_sub"].notna() & (survey["part"] != "test")]
    table = np.full((5, 10), 0.5)
    stars = np.ceil(both["csat_sub"].to_numpy() / 2).astype(int) - 1
    np.add.at(table, (stars, both["answer"].to_numpy(dtype=int) - 1), 1.0)
    return table / table.sum(axis=1, keepdims=True)


def _examples(
    frame: pd.DataFrame, bridge: Floats, random: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Give features, chances of the answers and weights: each row by its words, and with signals dropped."""
    rows = frame[frame["part"].isin(["train", "dev"]) & (frame["answer"].notna() | frame["stars"].notna())]
    if len(rows) > MOST_ROWS:
        rows = rows.sample(MOST_ROWS, random_state=SEED)
    words = rows[[f"x_{name}" for name in FEATURES]].to_numpy(copy=True)
    words[:, len(TEXT_FEATURES) :] = 0.0
    answered = rows["answer"].notna().to_numpy()
    target = np.zeros((len(rows), 10))
    target[answered, rows["answer"].to_numpy()[answered].astype(int) - 1] = 1.0
    stars = rows["stars"].to_numpy()
    target[~answered] = bridge[stars[~answered].astype(int) - 1]
    weight = np.where(rows["part"] == "train", SEEN_WEIGHT, 1.0) * np.where(answered, 1.0, BRIDGED_WEIGHT)
    weight *= min(1.0, ROWS_PER_SOURCE / weight.sum())
    known = signals(rows) if answered.any() else {}
    if not known:
        return words, target, weight
    # French words are read poorly: left at full weight they teach that words do not matter.
    blocks = [(words, weight * (FRENCH_WEIGHT if rows["lang"].iloc[0] == "fr" else 1.0))]
    for with_words in (True, False):
        x = words * (1.0 if with_words else 0.0)
        kept = np.zeros(len(rows), dtype=bool)
        for name, values in known.items():
            at = FEATURES.index(SIGNAL_GROUPS[name][0])
            keep = (random.random(len(rows)) < 0.5) & (values[:, 0] > 0)
            x[:, at : at + values.shape[1]] = values * keep[:, None]
            kept |= keep
        stand_in = 1.0 if frame["dataset"].iloc[0] == "nps_botanic_fr" else STAND_IN_WEIGHT
        blocks.append((x, weight * kept * answered * stand_in))
    features = np.concatenate([x for x, _ in blocks])
    weights = np.concatenate([w for _, w in blocks])
    keep = weights > 0
    return features[keep], np.tile(target, (len(blocks), 1))[keep], weights[keep]


def _train(frames: dict[str, pd.DataFrame], bridge: Floats, leave_out: Sequence[str] = ()) -> LikelihoodModel:
    random = np.random.default_rng(SEED)
    parts = [_examples(frame, bridge, random) for name, frame in frames.items() if name not in leave_out]
    x, target, weight = (np.concatenate([part[i] for part in parts]) for i in range(3))
    scored = (x[:, [FEATURES.index(f"has_{name}") for name in SIGNAL_GROUPS]] > 0).any(axis=1)
    heads = [_head(x[rows], target[rows], weight[rows]) for rows in (~scored, scored)]
    return LikelihoodModel(*heads)


def _head(x: Floats, target: Floats, weight: Floats) -> Head:
    mean = np.average(x, axis=0, weights=weight)
    spread = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=weight))
    scale = np.where(spread > 1e-6, spread, 1.0)
    torch.manual_seed(SEED)
    inputs = torch.tensor((x - mean) / scale)
    goal, share = torch.tensor(target), torch.tensor(weight / weight.sum())
    net = _Ordinal(x.shape[1])
    optimiser = torch.optim.Adam(net.parameters(), lr=0.03)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    promoter, detractor = (torch.tensor(cut) for cut in (ANSWERS >= 9, ANSWERS <= 6))
    for _ in range(STEPS):
        optimiser.zero_grad()
        chances = net(inputs).clamp(1e-7, 1)
        loss = -(share[:, None] * goal * chances.log()).sum()
        # The two cuts decide the index: they count once more.
        for cut in (promoter, detractor):
            chance, truth = chances[:, cut].sum(1).clamp(1e-6, 1 - 1e-6), goal[:, cut].sum(1)
            loss = loss - (share * (truth * chance.log() + (1 - truth) * (1 - chance).log())).sum()
        (loss + net.penalty()).backward()
        optimiser.step()
        schedule.step()
    parts = {name: np.round(value.detach().numpy(), 6) for name, value in net.parts().items()}
    return Head(mean=np.round(mean, 6), scale=np.round(scale, 6), **parts)


class _Ordinal(torch.nn.Module):
    """The row model while it learns: weights of one sign are learned as logarithms."""

    def __init__(self, features: int) -> None:
        super().__init__()
        sign = [1.0 if name in RISING else -1.0 if name in FALLING else 0.0 for name in FEATURES]
        self.sign = torch.tensor(sign, dtype=torch.float64)
        self.linear = torch.nn.Parameter(torch.full((features,), -2.0, dtype=torch.float64) * self.sign.abs())
        self.hidden = torch.nn.Parameter(torch.randn(features, HIDDEN, dtype=torch.float64) * 0.5 - 1.0)
        self.bias = torch.nn.Parameter(torch.randn(HIDDEN, dtype=torch.float64))
        self.output = torch.nn.Parameter(torch.full((HIDDEN,), -1.0, dtype=torch.float64))
        self.first = torch.nn.Parameter(torch.tensor(-2.0, dtype=torch.float64))
        self.steps = torch.nn.Parameter(torch.full((8,), -1.0, dtype=torch.float64))

    def _signed(self, raw: torch.Tensor) -> torch.Tensor:
        sign = self.sign if raw.dim() == 1 else self.sign[:, None]
        free = raw if raw.dim() == 1 else raw + 1.0
        return torch.where(sign == 0, free * 1.0, sign * torch.nn.functional.softplus(raw))

    def parts(self) -> dict[str, torch.Tensor]:
        rises = torch.nn.functional.softplus(self.steps)
        return {
            "linear": self._signed(self.linear),
            "hidden_weight": self._signed(self.hidden),
            "hidden_bias": self.bias,
            "output_weight": torch.nn.functional.softplus(self.output),
            "thresholds": torch.cat([self.first[None], self.first + torch.cumsum(rises, 0)]),
        }

    def penalty(self) -> torch.Tensor:
        parts = self.parts()
        return 1e-3 * sum((parts[name] ** 2).sum() for name in ("linear", "hidden_weight", "output_weight"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = self.parts()
        hidden = torch.tanh(x @ parts["hidden_weight"] + parts["hidden_bias"])
        level = x @ parts["linear"] + hidden @ parts["output_weight"]
        below = torch.sigmoid(parts["thresholds"] - level[:, None])
        one = torch.ones(len(x), 1, dtype=torch.float64)
        return torch.diff(torch.cat([0 * one, below, one], dim=1), dim=1)


def _words_only(rows: pd.DataFrame) -> Floats:
    x = rows[[f"x_{name}" for name in FEATURES]].to_numpy(copy=True)
    x[:, len(TEXT_FEATURES) :] = 0.0
    return x


def _measure(model: LikelihoodModel, frames: dict[str, pd.DataFrame], bridge: Floats) -> dict[str, Any]:
    """Held-out rows, words only: by dataset where answers exist, against the bridge where only stars do."""
    found: dict[str, Any] = {}
    everything = []
    for name, frame in frames.items():
        test = frame[(frame["part"] == "test") & frame["answer"].notna()]
        if len(test) >= 30:
            p = classes(model.predict(_words_only(test)), NpsScale())
            y = test["answer"].to_numpy()
            found[name] = _scores(p, y) | {
                "lang": frame["lang"].iloc[0],
                "entities": int(test["entity"].nunique()),
            }
            everything.append((p, y))
            continue
        test = frame[(frame["part"] == "test") & frame["stars"].notna()]
        if len(test) >= 30:
            p = classes(model.predict(_words_only(test)), NpsScale())
            expected = bridge[test["stars"].to_numpy(dtype=int) - 1]
            found[name] = {
                "lang": frame["lang"].iloc[0],
                "rows": len(test),
                "bridged_from_stars": True,
                "corr_with_stars": _round(np.corrcoef(p[:, 2] - p[:, 0], test["stars"])[0, 1]),
                "bias": _round(
                    100 * np.mean(p[:, 2] - p[:, 0] - expected[:, 8:].sum(1) + expected[:, :6].sum(1))
                ),
                "ece_detractor": _round(_ece(p[:, 0], expected[:, :6].sum(1))),
                "ece_promoter": _round(_ece(p[:, 2], expected[:, 8:].sum(1))),
            }
    p, y = np.concatenate([p for p, _ in everything]), np.concatenate([y for _, y in everything])
    found["all with answers"] = _scores(p, y)
    return found


def _measure_signals(model: LikelihoodModel, survey: pd.DataFrame) -> dict[str, Any]:
    """How much each subset of signals tells on the held-out part of the survey that asked them."""
    test = survey[(survey["part"] == "test") & survey["answer"].notna() & survey["csat_sub"].notna()]
    y, words, known = test["answer"].to_numpy(), _words_only(test), signals(test)
    found = {}
    for label, with_words, names in (
        ("words", True, ()),
        ("csat", False, ("csat",)),
        ("words and csat", True, ("csat",)),
        ("stars", False, ("rating",)),
        ("words and stars", True, ("rating",)),
    ):
        x = words * (1.0 if with_words else 0.0)
        for name in names:
            at = FEATURES.index(SIGNAL_GROUPS[name][0])
            x[:, at : at + known[name].shape[1]] = known[name]
        found[label] = _scores(classes(model.predict(x), NpsScale()), y)
    return found


def _transfer(frames: dict[str, pd.DataFrame], bridge: Floats) -> dict[str, Any]:
    """Leave each answered source out of the training and see how far off its whole and its entities are."""
    found: dict[str, Any] = {}
    for name in ANSWERED:
        rows = frames[name][frames[name]["answer"].notna() & (frames[name]["part"] != "train")]
        p = classes(_train(frames, bridge, leave_out=[name]).predict(_words_only(rows)), NpsScale())
        f, s = 100 * (p[:, 2] - p[:, 0]), _points(rows["answer"].to_numpy())
        by = pd.DataFrame({"f": f, "s": s, "entity": rows["entity"].to_numpy()}).groupby("entity")
        groups = by.agg(f=("f", "mean"), s=("s", "mean"), n=("s", "size"), v=("s", "var"))
        groups = groups[groups["n"] >= 8]
        gap = groups["f"] - groups["s"] - (f - s).mean()
        noise = (groups["v"] / groups["n"]).mean() if len(groups) else np.nan
        found[name] = {
            "rows": len(rows),
            "offset": _round((f - s).mean()),
            "entities": len(groups),
            "tau": _round(np.sqrt(max(gap.var() - noise, 0))) if len(groups) >= 5 else None,
        }
    offsets = np.array([value["offset"] for value in found.values()])
    found["offset_sd"] = _round(np.sqrt(np.mean(offsets**2)))
    return found


def _scores(p: Floats, y: Floats) -> dict[str, Any]:
    from sklearn.metrics import roc_auc_score

    f, s = p[:, 2] - p[:, 0], _points(y)
    return {
        "rows": len(y),
        "corr": _round(np.corrcoef(f, s)[0, 1]),
        "auc_detractor": _round(roc_auc_score(y <= 6, p[:, 0])),
        "auc_promoter": _round(roc_auc_score(y >= 9, p[:, 2])),
        "ece_detractor": _round(_ece(p[:, 0], (y <= 6).astype(float))),
        "ece_promoter": _round(_ece(p[:, 2], (y >= 9).astype(float))),
        "bias": _round(100 * f.mean() - s.mean()),
    }


def _points(answers: Floats) -> Floats:
    return np.where(answers >= 9, 100.0, np.where(answers <= 6, -100.0, 0.0))


def _ece(chance: Floats, truth: Floats, bins: int = 10) -> float:
    """Gap between chance and outcome, over ten equally filled bins of chance."""
    order = np.argsort(chance, kind="stable")
    parts = np.array_split(order, bins)
    return float(
        sum(len(part) * abs(chance[part].mean() - truth[part].mean()) for part in parts) / len(chance)
    )


def _round(value: float) -> float:
    return round(float(value), 4)


if __name__ == "__main__":
    main()
