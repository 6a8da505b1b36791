"""The encoder: a review read once, as a whole, and what its heads say of it; vectors of texts."""

from earful.encoder.cascade import ReaderCascade
from earful.encoder.form import Review
from earful.encoder.heads import ANSWERS, PROBLEMS, TAGS
from earful.encoder.model import encoder_called, load_encoder
from earful.encoder.reader import Reader
from earful.encoder.reading import Reading, ReviewReader, VectorMaker

__all__ = [
    "ANSWERS",
    "PROBLEMS",
    "TAGS",
    "Reader",
    "ReaderCascade",
    "Reading",
    "Review",
    "ReviewReader",
    "VectorMaker",
    "encoder_called",
    "load_encoder",
]
