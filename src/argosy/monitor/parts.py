"""How much each tenant has to do with a change: its part of the signal before and during it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from argosy.core.signals import Tally
from argosy.monitor.making import PARTS_OF_CONFIDENCE, PER_OCTAVE_OF_LENGTH
from argosy.monitor.series import Series

_WHOLE = {"errors": "requests", "refused": "requests", "hits": "texts", "abstained": "texts", "unknown": "pieces"}
_BINS = {"confidence": PARTS_OF_CONFIDENCE, "length": PER_OCTAVE_OF_LENGTH}


def by_tenant(
    before: Iterable[Tally], during: Iterable[Tally], changed: Series, lengths: tuple[int, int], *, shown: int = 3
) -> dict[str, float]:
    """The share of a change that is each tenant's, as slices such as ``tenant=ten_1``, the largest first.

    The model's tallies ``during`` the change are held against those ``before``, each of so many periods (``lengths``).
    The shares of all tenants add up to 1; who went against the change has one below 0. Empty for signals that no sum
    makes: latency, cost.
    """
    first, last = (_of(some, changed, length) for some, length in zip((before, during), lengths, strict=True))
    added = {tenant: last.get(tenant, 0.0) - first.get(tenant, 0.0) for tenant in {*first, *last}}
    whole = sum(added.values())
    if not whole:
        return {}
    ranked = sorted(added, key=lambda tenant: (-added[tenant] / whole, tenant))
    return {f"tenant={tenant}": added[tenant] / whole for tenant in ranked[:shown]}


def _of(tallies: Iterable[Tally], changed: Series, periods: int) -> dict[str, float]:
    """What each tenant adds to the signal."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for tally in tallies:
        counts[tally.tenant].update(tally.counts)
    ratios = {tenant: _ratio(one, changed) for tenant, one in counts.items()}
    below = periods if changed.signal == "traffic" else sum(whole for _, whole in ratios.values())
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
