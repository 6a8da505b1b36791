"""What is fitted and measured on the aspect model itself: the blend of the polarity, term F1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.optimize import minimize

from earful.aspects.chain import spans
from earful.aspects.model import AspectModel
from earful.sentiment import load_model
from earful.text.segment import segment_spans
from scripts.aspects.data import Sentence

#: Dev splits that the blend is fitted on; none of them is in a table of results.
BLENDED = (
    "semeval2016rest_en",
    "semeval2016rest_es",
    "semeval2016rest_fr",
    "semeval2016rest_nl",
    "semeval2016rest_tr",
    "mamsatsa_en",
    "oats-amazon_ff_en",
    "oats-coursera_en",
    "oats-hotels_en",
    "csrest_cs",
    "tsamd_en",
)


def fit_blend(model: AspectModel, sentences: Sequence[Sentence]) -> tuple[float, ...]:
    """Fit how the network's logits and the clause's log-probabilities join, by log-loss; sets weigh alike."""
    logits, clauses, labels, weights = [], [], [], []
    for source in BLENDED:
        own = [s for s in sentences if s.source == source and s.split == "dev"]
        read = list(gold_polarity(model, own))
        logits += [row for row, _, _ in read]
        clauses += [np.log(np.maximum(clause, 1e-4)) for _, clause, _ in read]
        labels += [said for _, _, said in read]
        weights += [1 / len(read)] * len(read)
    z, c, y, w = (np.array(part) for part in (logits, clauses, labels, weights))

    def loss(parameters: np.ndarray) -> float:
        mixed = parameters[0] * z + parameters[1] * c + np.append(parameters[2:], -parameters[2:].sum())
        top = mixed.max(axis=1)
        missed = np.log(np.exp(mixed - top[:, None]).sum(axis=1)) + top - mixed[np.arange(len(y)), y]
        return float((w * missed).sum() / w.sum())

    fitted = minimize(loss, np.array([1.0, 0.3, 0.0, 0.0]), method="Nelder-Mead", options={"maxiter": 2000}).x
    print(
        f"blend: log-loss {loss(np.array([1.0, 0, 0, 0])):.4f} alone, {loss(fitted):.4f} blended,",
        f"{len(y)} terms",
    )
    return tuple(round(float(value), 4) for value in (*fitted, -fitted[2:].sum()))


def gold_polarity(
    model: AspectModel, sentences: Sequence[Sentence], sentiment: str = "ngrams"
) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
    """Give, of each marked term with a polarity: the network's logits, its clause's probabilities, label."""
    reader = load_model(sentiment)
    for sentence in sentences:
        terms = [(first, last, said) for first, last, said in sentence.terms if said >= 0]
        if not terms:
            continue
        cut = segment_spans(sentence.text, sentence.lang)
        said_of = reader.predict([sentence.text[a:b] for a, b in cut], [sentence.lang] * len(cut))
        logits = model.polarity_logits(
            model.hidden(sentence.words, sentence.lang), [(first, last) for first, last, _ in terms]
        )
        for (first, _, said), row in zip(terms, logits, strict=True):
            start = sentence.spans[first][0]
            clause = max(place for place, (left, _) in enumerate(cut) if left <= start or place == 0)
            yield row, said_of[clause], said


def term_f1(model: AspectModel, sentences: Sequence[Sentence], guideline: str) -> tuple[float, float]:
    """Give the F1 of exact terms in whole sentences, and the accuracy of the network on the marked terms."""
    found = true = both = right = total = 0
    for sentence in sentences:
        hidden = model.hidden(sentence.words, sentence.lang, guideline)
        scores = (hidden @ model.network.tags[0] + model.network.tags[1]).tolist()
        got, gold = set(spans(model.chain.best(scores))), {(first, last) for first, last, _ in sentence.terms}
        found, true, both = found + len(got), true + len(gold), both + len(got & gold)
        told = [term for term in sentence.terms if term[2] >= 0]
        if told:
            best = model.polarity_logits(hidden, [term[:2] for term in told]).argmax(axis=1)
            right += int((best == np.array([term[2] for term in told])).sum())
            total += len(told)
    return 2 * both / max(found + true, 1), right / max(total, 1)
