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
        self.live = 0  # requests from outside that are being answered
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
        self.settle_seconds = Histogram(
            "argosy_settle_seconds",
            "Time from the end of the work until its charge is durable.",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.batch_lines = Counter(
            "argosy_batch_lines", "Lines of batches worked, by their outcome.", ["outcome"], registry=self.registry
        )
        self.feedback = Counter("argosy_feedback", "Words of feedback taken.", registry=self.registry)
        self.reserved = self._gauge("argosy_reserved", "Reservations that are not settled yet.")
        self.batches = self._gauge("argosy_batches_running", "Batches being worked now.")
        self.queue_texts = self._gauge("argosy_queue_texts", "Texts (or requests for one) taken and not answered yet.")
        self.ledger_queue = self._gauge("argosy_ledger_queue", "Reservations and charges that wait for the ledger.")
        self.in_flight = self._gauge("argosy_in_flight", "Requests being answered now.")

    def tell(self) -> bytes:
        """The figures in Prometheus's text format."""
        if self.figures is None:
            return generate_latest(self.registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody, path=str(self.figures))  # type: ignore[no-untyped-call]
        return generate_latest(everybody)

    def _gauge(self, name: str, words: str) -> Gauge:
        return Gauge(name, words, registry=self.registry, multiprocess_mode="livesum")
