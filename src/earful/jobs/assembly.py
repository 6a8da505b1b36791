"""What a run is made with: the models and the taxonomy that the settings name, and the stages."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from earful.errors import ConfigError
from earful.models.memory import give_back
from earful.pipeline import plan
from earful.registry import STAGES
from earful.schema import further_fields

if TYPE_CHECKING:
    import pandas as pd

    from earful.config import Config
    from earful.encoder.reading import ReviewReader, VectorMaker
    from earful.pipeline import Stage
    from earful.sentiment.model import SentimentModel
    from earful.themes.taxonomy import Taxonomy

__all__ = ["KEPT", "Assembly", "stages_of"]

#: What a run keeps of every review, besides themes, aspects, vectors and what other packages add.
KEPT = (
    "reviews.lang",
    "reviews.non_answer",
    "reviews.truncated",
    "reviews.aside",
    "reviews.sentiment",
    "reviews.nps_text",
)


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
    taxonomy
        The themes to look for; by default those that the settings name.
    device
        Where models run; by default where the settings say. A machine that has others work needs no GPU.
    """

    def __init__(self, config: Config, taxonomy: Taxonomy | None = None, device: str | None = None) -> None:
        self.config, self._device = config, device or config.sentiment.device
        if taxonomy is not None:
            self.taxonomy = taxonomy

    @cached_property
    def model(self) -> SentimentModel:
        """The sentiment model."""
        from earful.sentiment import load_model

        return load_model(self.config.sentiment.model, self._device)

    @cached_property
    def reads(self) -> bool:
        """Whether the sentiment model reads whole reviews, not segments one by one."""
        from earful.sentiment.model import reads_reviews

        return reads_reviews(self.config.sentiment.model)

    @cached_property
    def reader(self) -> ReviewReader:
        """What reads whole reviews: the sentiment model where it does, else the fastest that is shipped."""
        from earful.encoder.model import READER
        from earful.sentiment import load_model

        return cast("ReviewReader", self.model if self.reads else load_model(READER, self._device))

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The taxonomy."""
        from earful.themes.taxonomy import load_taxonomy

        return load_taxonomy(self.config.themes.taxonomy)

    @cached_property
    def by_meaning(self) -> bool:
        """Whether a theme of the taxonomy is to be found by meaning."""
        from earful.themes.semantic import needs_vectors

        return needs_vectors(self.taxonomy)

    @cached_property
    def encoder(self) -> VectorMaker:
        """What gives segments their vectors."""
        return self.reader.encoder

    @cached_property
    def aspects(self) -> ReviewReader:
        """What finds the words an opinion is about."""
        return self.reader

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
    def plugged(self) -> list[Any]:
        """The classes of the stages that the settings add, of other packages."""
        return [STAGES.get(name, ConfigError) for name in self.config.stages.add]

    def stages(self, wanted: Collection[str] | None = None, given: Collection[str] = ()) -> list[Stage]:
        """Plan and make the stages that give what is wanted; by default all that a run keeps.

        Parameters
        ----------
        wanted, given
            As :func:`earful.pipeline.plan` takes them.
        """
        if wanted is None:
            wanted = (*KEPT, *self._switched_on(), *(need for kind in self.plugged for need in kind.adds))
        # The classes are imported for the plan, and only what is planned loads a model.
        names = [name for name in STAGES.builtins if name not in self._left_out(wanted)]
        there = [*(STAGES.get(name) for name in names), *self.plugged]
        chosen = plan(there, wanted, given)
        if any("mentions" in kind.adds for kind in chosen) and self.by_meaning:
            chosen = plan(there, (*wanted, "embeddings", "segments.p_negative"), given)
        return [kind.of(self) if hasattr(kind, "of") else kind() for kind in chosen]

    def _switched_on(self) -> list[str]:
        """Name what the settings say a run is to keep besides."""
        themes, aspects = self.config.themes.find, self.config.aspects.find
        kept = {
            "mentions.polarity": themes,
            "aspects.theme": themes and aspects,
            "aspects": aspects,
            "embeddings": self.config.themes.embeddings,
        }
        return [name for name, on in kept.items() if on]

    def _left_out(self, wanted: Collection[str]) -> set[str]:
        """Name the stages whose work another one does: only a model that reads no reviews reads segments."""
        terms = self.config.aspects.find or "aspects.theme" in wanted
        return {
            "segment_polarity" if terms else "joining",
            "segment_sentiment" if self.reads else "sentiment",
        }

    @cached_property
    def fields(self) -> dict[str, list[pa.Field]]:
        """What a run keeps beside the documented columns, table by table: of the input, and of stages."""
        found = {"reviews": further_fields(self.config.loyalty.cuts)}
        for stage in self.run_stages:
            for table, fields in getattr(stage, "fields", {}).items():
                found.setdefault(table, []).extend(fields)
        return found

    @cached_property
    def run_stages(self) -> list[Stage]:
        """The stages of a run."""
        return self.stages()

    def release(self) -> None:
        """Let go of the models: what is asked of them later loads them again."""
        self.identity()  # Name and checksum are still to be told.
        for name in ("run_stages", "model", "reader", "encoder", "aspects"):
            self.__dict__.pop(name, None)
        give_back()

    def identity(self) -> dict[str, dict[str, Any]]:
        """Give name and checksum of what decides the answers besides the settings."""
        return self._identity

    @cached_property
    def _identity(self) -> dict[str, dict[str, Any]]:
        from earful.themes.known import load_known

        margins, _ = self.margins, self.orders  # Files that cannot be read stop a job before it starts.
        made_with: dict[str, Any] = {
            "model": self.model,
            "taxonomy": self.taxonomy,
            **({"aspects": self.aspects} if self.config.aspects.find else {}),
            "likelihood": self.row_model,
            "meaning": load_known(),
            **({"encoder": self.encoder} if self.config.themes.embeddings or self.by_meaning else {}),
            **({"margins": margins} if margins is not None else {}),
        }
        said = {role: {"name": part.name, "checksum": part.checksum} for role, part in made_with.items()}
        if "encoder" in said:
            said["encoder"]["size"] = self.encoder.size
        return said


def stages_of(config: Config) -> list[Stage]:
    """Make the stages of a run from its settings; a worker process is sent this."""
    return Assembly(config).run_stages
