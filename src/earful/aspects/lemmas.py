"""Where the stage looks for lemmas until it imports :mod:`earful.text.words` itself."""

from __future__ import annotations

from earful.text.words import term_lemma

__all__ = ["term_lemma"]
