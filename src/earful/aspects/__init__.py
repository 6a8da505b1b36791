"""Aspects: the words an opinion is about, and what is thought of them."""

from __future__ import annotations

from earful.aspects.files import load_aspects, save_aspects
from earful.aspects.model import GUIDELINES, AspectModel, Term

__all__ = ["GUIDELINES", "AspectModel", "Term", "load_aspects", "save_aspects"]
