"""How much each tenant has to do with a change: its part of the signal before and during it."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from argosy.monitor.making import PARTS_OF_CONFIDENCE, PER_OCTAVE_OF_LENGTH, Traffic
from argosy.monitor.series import Series

_WHOLE = {"errors": "requests", "refused": "requests", "hits": "texts", "abstained": "texts", "unknown": "pieces"}
_BINS = {"confidence": PARTS_OF_CONFIDENCE, "length": PER_OCTAVE_OF_LENGTH}
_TIMES = 7  # as many periods before a change as in it, times this


def by_tenant(
    traffic: Traffic, model: str, changed: Series, since: int, through: int, *, shown: int = 3
) -> dict[str, float]:
    """The share of a change that is each tenant's, as slices such as ``tenant=ten_1``, the largest first.

    The periods ``since`` to ``through`` are held against those watched before. The shares of all tenants add up to 1;
    who went against the change has one below 0. Empty for signals that no sum makes: latency, cost.
    """
    watched = [at for at in range(through + 1) if not traffic.missing[at]]
    during = [at for at in watched if at >= since]
    before = [at for at in watched if at < since][-_TIMES * len(during) :]
    parts = [_of(traffic, model, changed, set(some)) for some in (before, during)]
    added = {tenant: parts[1].get(tenant, 0.0) - parts[0].get(tenant, 0.0) for tenant in {*parts[0], *parts[1]}}
    whole = sum(added.values())
    if not whole:
        return {}
    ranked = sorted(added, key=lambda tenant: (-added[tenant] / whole, tenant))
    return {f"tenant={tenant}": added[tenant] / whole for tenant in ranked[:shown]}


def _of(traffic: Traffic, model: str, changed: Series, periods: set[int]) -> dict[str, float]:
    """What each tenant adds to the signal over these periods."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for (at, tenant, _), counted in traffic.models.get(model, {}).items():
        if at in periods:
            counts[tenant].update(counted)
    ratios = {tenant: _ratio(one, changed) for tenant, one in counts.items()}
    below = len(periods) if changed.signal == "traffic" else sum(whole for _, whole in ratios.values())
    return {tenant: above / below for tenant, (above, _) in ratios.items()} if below else {}


def _ratio(counts: Mapping[str, int], changed: Series) -> tuple[float, float]:
    """What is counted above and below the line of a signal."""
    signal = changed.signal
    if signal == "traffic":
        return counts.get("requests", 0), 0
    if signal in _WHOLE:
        return counts.get(signal, 0), counts.get(_WHOLE[signal], 0)
    kinds = {name.partition(":")[2]: value for name, value in counts.items() if name.startswith(f"{signal}:")}
    if signal in _BINS:
        return sum((int(name) + 0.5) / _BINS[signal] * value for name, value in kinds.items()), sum(kinds.values())
    return kinds.get(changed.slice.partition("=")[2], 0), sum(kinds.values())
