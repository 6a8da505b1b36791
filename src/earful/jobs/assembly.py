"""What a run is made with: the models and the taxonomy that the settings name, and the stages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from earful.aspects import AspectModel
    from earful.config import Config
    from earful.encoder import Encoder
    from earful.pipeline import Stage
    from earful.sentiment.model import SentimentModel
    from earful.themes.taxonomy import Taxonomy

__all__ = ["Assembly"]


@dataclass(frozen=True, slots=True)
class Margins:
    """Known shares of customers: column -> value -> share, with the file's name and checksum."""

    shares: dict[str, dict[str, float]]
    name: str
    checksum: str


class Assembly:
    """The parts that a configuration names, loaded when first needed.

    Parameters
    ----------
    config
        Settings as resolved.
    """

    def __init__(self, config: Config) -> None:
        self.config = config

    @cached_property
    def model(self) -> SentimentModel:
        """The sentiment model."""
        from earful.sentiment import load_model

        return load_model(self.config.sentiment.model)

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The taxonomy."""
        from earful.themes.taxonomy import load_taxonomy

        return load_taxonomy(self.config.themes.taxonomy)

    @cached_property
    def encoder(self) -> Encoder | None:
        """What gives segments their vectors, where they are kept or a theme is to be found by meaning."""
        from earful.encoder import load_encoder
        from earful.themes.semantic import needs_vectors

        wanted = self.config.themes.embeddings or needs_vectors(self.taxonomy)
        return load_encoder() if wanted else None

    @cached_property
    def aspects(self) -> AspectModel:
        """The model that finds the words an opinion is about."""
        from earful.aspects import load_aspects

        return load_aspects()

    @cached_property
    def row_model(self) -> Any:
        """The model that turns words and scores into the loyalty classes."""
        from earful.loyalty.likelihood import load_likelihood

        return load_likelihood()

    @cached_property
    def margins(self) -> Margins | None:
        """Known shares of customers, where a file of them is named."""
        from earful.loyalty.weighting import check_margins, read_margins

        path = self.config.loyalty.margins
        if path is None:
            return None
        shares = read_margins(path)
        check_margins(shares, path)
        return Margins(shares, path, hashlib.sha256(Path(path).read_bytes()).hexdigest())

    @cached_property
    def orders(self) -> pd.DataFrame | None:
        """Orders of the customers, where a file of them is named."""
        from earful.loyalty.orders import read_orders

        path = self.config.behaviour.orders
        return None if path is None else read_orders(path)

    @cached_property
    def reading(self) -> list[Stage]:
        """The stages up to the sentiment."""
        from earful.sentiment.stage import Sentiment
        from earful.text.answers import Answers
        from earful.text.language import Language
        from earful.text.normalise import Normalise
        from earful.text.segment import Segment

        return [Normalise(), Language(), Answers(), Segment(), Sentiment(self.model)]

    @cached_property
    def stages(self) -> list[Stage]:
        """All stages of a run."""
        from earful.aspects.stage import Aspects
        from earful.loyalty.likelihood import Likelihood
        from earful.themes.embedding import Embedding
        from earful.themes.stage import Themes

        vectors: list[Stage] = [Embedding(self.encoder)] if self.encoder else []
        return [
            *self.reading,
            *vectors,
            Themes(self.taxonomy),
            Aspects(self.aspects),
            Likelihood(self.row_model, self.config.scales),
        ]

    def identity(self) -> dict[str, dict[str, str]]:
        """Give name and checksum of what decides the answers besides the settings."""
        margins, _ = self.margins, self.orders  # Files that cannot be read stop a job before it starts.
        made_with: dict[str, Any] = {
            "model": self.model,
            "taxonomy": self.taxonomy,
            "aspects": self.aspects,
            "likelihood": self.row_model,
            **({"encoder": self.encoder} if self.encoder else {}),
            **({"margins": margins} if margins is not None else {}),
        }
        return {role: {"name": part.name, "checksum": part.checksum} for role, part in made_with.items()}
