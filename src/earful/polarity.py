"""Polarity: what words are, and which of the three is likeliest."""

from __future__ import annotations

__all__ = ["LABELS", "polarity"]

#: The classes, in the order of every array of probabilities.
LABELS = ("negative", "neutral", "positive")


def polarity(p_negative: float | None, p_neutral: float | None, p_positive: float | None) -> str:
    """Name the likeliest of the three; ``neutral`` where two are level or nothing is known."""
    if p_negative is None or p_neutral is None or p_positive is None:
        return "neutral"
    if p_negative > p_neutral and p_negative > p_positive:
        return "negative"
    return "positive" if p_positive > p_neutral and p_positive > p_negative else "neutral"
