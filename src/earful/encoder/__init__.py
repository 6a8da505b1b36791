"""The encoder: texts as vectors, near each other where they say alike, in whatever language."""

from earful.encoder.model import Encoder, load_encoder

__all__ = ["Encoder", "load_encoder"]
