"""What a server has at hand while it answers: its runs, its door, its reader, its jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from earful.serve.access import LOOPBACK, Access
from earful.serve.audit import Audit
from earful.serve.house import House
from earful.serve.jobs import Jobs
from earful.serve.metrics import Metrics
from earful.serve.oidc import Provider
from earful.serve.policy import Limits
from earful.serve.reader import Reader
from earful.serve.webhooks import Hooks, Webhooks

__all__ = ["Desk"]


@dataclass
class Desk:
    """One server's things.

    Attributes
    ----------
    house
        The runs that are served.
    access
        Who may look and who may change things.
    host
        What the server is bound to.
    limits
        How much one caller may ask for.
    model
        The sentiment model that texts are scored with.
    provider
        Says who somebody with an account of elsewhere is.
    hooks
        Where alerts are sent.
    public
        The address that people reach the server at, where it is another than its own.
    lang
        In which language pages speak to readers who chose none; empty to go by their browsers.
    """

    house: House
    access: Access = field(default_factory=Access)
    host: str = LOOPBACK[0]
    limits: Limits = field(default_factory=Limits)
    model: str | None = None
    provider: Provider | None = None
    hooks: Hooks | None = None
    public: str = ""
    lang: str = ""

    def __post_init__(self) -> None:
        self.metrics = Metrics()
        self.reader = Reader(self.model)
        home = self.house.home
        self.audit = Audit(home / "audit.jsonl" if home else None)
        self.jobs = Jobs(self.house)
        self.webhooks = Webhooks(self.house, self.hooks, self.audit) if self.hooks else None
        self.metrics.watch("earful_runs", "Runs that are served.", lambda: len(self.house.names()))
        self.metrics.watch("earful_jobs_running", "Jobs that are running.", lambda: self.jobs.running)

    @property
    def home(self) -> Path | None:
        """Where runs made in the browser are written; ``None`` where none can be made."""
        return self.house.home

    def close(self) -> None:
        """Stop what runs."""
        if self.webhooks is not None:
            self.webhooks.close()
        self.jobs.close()
        self.reader.close()
