"""Addresses of what is read from elsewhere, and how they are shown: without what is nobody's business."""

from __future__ import annotations

import re

__all__ = ["is_url", "without_secrets"]

_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
#: A password before the host, to the last @ there is: it may hold one of its own.
_PASSWORD = re.compile(r"(://[^:/?#@\s]*):\S*@")
_PARAMETER = re.compile(
    r"([?&][^=&\s]*(?:pass|pwd|token|secret|key|credential|sig)[^=&\s]*=)[^&\s]*", re.IGNORECASE
)
_HIDDEN = "***"


def is_url(text: str) -> bool:
    """Say whether a text is an address (``s3://bucket/reviews.parquet``) and no path."""
    return _URL.match(text) is not None


def without_secrets(text: str) -> str:
    """Give a text with passwords, keys and signatures of the addresses in it masked."""
    if "://" not in text:
        return text
    return _PARAMETER.sub(rf"\g<1>{_HIDDEN}", _PASSWORD.sub(rf"\g<1>:{_HIDDEN}@", text))
