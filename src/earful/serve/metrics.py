"""Requests and jobs counted, in the form that Prometheus reads."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["Metrics"]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Metrics:
    """Counts of one server; each has its own, so that two in one process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "earful_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "earful_request_seconds",
            "Seconds from a request to its answer.",
            ("route",),
            buckets=(0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15),
            registry=self._registry,
        )
        self._texts = Counter(
            "earful_texts", "Texts scored or tagged for callers.", ("what",), registry=self._registry
        )

    def counted(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; what no route knows is counted together, as its names could be without end."""
        self._requests.labels(method if method in _METHODS else "other", route or "none", str(status)).inc()
        self._seconds.labels(route or "none").observe(seconds)

    def read(self, what: str, n: int) -> None:
        """Count texts that were read for a caller."""
        self._texts.labels(what).inc(n)

    def watch(self, name: str, what: str, count: Callable[[], float]) -> None:
        """Give a number that is looked up when it is asked for."""
        Gauge(name, what, registry=self._registry).set_function(count)

    def text(self) -> bytes:
        """Write all of them."""
        return generate_latest(self._registry)
