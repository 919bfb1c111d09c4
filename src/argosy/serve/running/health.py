"""How the service fares, from its own figures since it started: what an operator looks at first."""

import math
from collections import Counter
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from argosy.serve.running.metrics import Metrics

_OURS = "/v1/"  # routes that customers pay for; pages and probes tell nothing of them
_FAILED, _REFUSED = "5", "4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Requests of customers: all, those that failed by our doing, and those refused; ``p50``, ``p99`` in seconds.

    The two are estimates from a histogram, None without requests. ``codes`` are all refusals by code, the most first.
    """

    requests: int
    failed: int
    refused: int
    in_flight: int
    p50: float | None
    p99: float | None
    codes: tuple[tuple[str, int], ...]


def health(metrics: Metrics) -> Health:
    """The state of all workers together."""
    statuses: Counter[str] = Counter()
    buckets: Counter[float] = Counter()
    codes: Counter[str] = Counter()
    flying = 0.0
    for family in text_string_to_metric_families(metrics.tell().decode()):
        for sample in family.samples:
            ours = sample.labels.get("route", "").startswith(_OURS)
            if sample.name == "argosy_requests_total" and ours:
                statuses[sample.labels["status"][0]] += int(sample.value)
            elif sample.name == "argosy_request_seconds_bucket" and ours:
                buckets[float(sample.labels["le"])] += int(sample.value)
            elif sample.name == "argosy_refused_total":
                codes[sample.labels["code"]] += int(sample.value)
            elif sample.name == "argosy_in_flight":
                flying = sample.value
    return Health(
        requests=statuses.total(),
        failed=statuses[_FAILED],
        refused=statuses[_REFUSED],
        in_flight=max(0, int(flying) - 1),  # besides the look itself
        p50=quantile(buckets, 0.5),
        p99=quantile(buckets, 0.99),
        codes=tuple(codes.most_common()),
    )


def quantile(buckets: dict[float, int], share: float) -> float | None:
    """A quantile of a histogram (upper bound -> how many are at most that), straight between two bounds.

    What lies beyond the last finite bound is told as that bound.

    >>> quantile({1: 50, 2: 100, float("inf"): 100}, 0.75)
    1.5
    """
    bounds = sorted(buckets)
    wanted = share * buckets[bounds[-1]] if bounds else 0.0
    low, below = 0.0, 0
    for bound in bounds if wanted else ():
        if buckets[bound] >= wanted:
            within = (wanted - below) / (buckets[bound] - below)
            return low if math.isinf(bound) else low + (bound - low) * within
        low, below = bound, buckets[bound]
    return None
