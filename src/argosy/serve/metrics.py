"""What ``/metrics`` counts; a registry of its own for each app, so that two apps in one process don't mix."""

from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

# seconds; a small model answers in milliseconds, a request of 1,000 texts in seconds
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The figures of one app; workers of one service share a folder of ``figures``, and each tells those of all."""

    def __init__(self, figures: Path | None = None) -> None:
        self.figures = figures
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "argosy_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "argosy_request_seconds",
            "Time from the head of a request to the end of its answer.",
            ["route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.texts = Counter("argosy_texts", "Texts classified.", ["model"], registry=self.registry)
        self.tokens = Counter("argosy_tokens", "Tokens of the texts classified.", ["model"], registry=self.registry)
        self.refused = Counter(
            "argosy_refused", "Requests that got an error, by its code.", ["code"], registry=self.registry
        )
        self.in_flight = Gauge(
            "argosy_in_flight", "Requests being answered now.", registry=self.registry, multiprocess_mode="livesum"
        )

    def tell(self) -> bytes:
        """The figures in Prometheus's text format."""
        if self.figures is None:
            return generate_latest(self.registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody, path=str(self.figures))  # type: ignore[no-untyped-call]
        return generate_latest(everybody)
