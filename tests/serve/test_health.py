"""What an operator is told of the service's health, from its figures."""

from argosy.serve.running.health import health
from argosy.serve.running.metrics import Metrics


def test_health_counts_what_customers_asked() -> None:
    """Pages and probes are left out; failures are the service's own, refusals the client's; quantiles lie between."""
    metrics = Metrics()
    for route, status, seconds in (
        ("/v1/classify", "200", 0.004),
        ("/v1/classify", "200", 0.004),
        ("/v1/classify", "429", 0.0001),
        ("/v1/embeddings", "503", 40.0),
        ("/admin", "200", 0.9),
        ("/healthz", "500", 0.9),
    ):
        metrics.requests.labels("POST", route, status).inc()
        metrics.seconds.labels(route).observe(seconds)
    metrics.refused.labels("rate_limited").inc(2)
    metrics.in_flight.inc(3)
    found = health(metrics)
    assert (found.requests, found.failed, found.refused, found.in_flight) == (4, 1, 1, 2)
    assert found.codes == (("rate_limited", 2),)
    assert found.p50 is not None
    assert 0.0025 < found.p50 < 0.005
    assert found.p99 == 30.0


def test_health_of_a_service_that_nobody_asked() -> None:
    """There is nothing to tell of its speed."""
    found = health(Metrics())
    assert (found.requests, found.p50, found.p99, found.codes) == (0, None, None, ())
