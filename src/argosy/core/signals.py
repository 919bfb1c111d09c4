"""What a service counts of its own traffic, a slot of time after the other, and what people call it.

Numbers alone, never a text or a person.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

SLOT = 600_000_000
"""Microseconds of a slot; slots begin at whole multiples since the epoch."""
Counts = Mapping[str, int]
"""How often what was seen, by name: ``requests``, ``label:NAME``, ``latency:BIN`` … Counts of two tallies add up."""
SURGE = "negative"
"""The signal of an opinion monitor's alarms: stories an hour that are read as negative."""
Translate = Callable[[str], str]
_SHARES = frozenset({"errors", "refused", "hits", "unknown", "abstained", "label", "language", "embedding", "quality"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one worker counted in one slot, of one model's version and one tenant.

    ``id`` is new for each worker and slot: noting a tally again replaces it, so nothing counts twice. ``model``,
    ``version`` and ``tenant`` are empty in a worker's sign of life, which says how long it was up on its ``host``.
    ``start`` is the slot's, ``at`` when it was last written: microseconds since the epoch.
    """

    id: str
    model: str
    version: str
    tenant: str
    host: str
    start: int
    at: int
    counts: Counts


class SignalLog(Protocol):
    """Keeps tallies; several processes may use one."""

    def note(self, tallies: Sequence[Tally]) -> "Future[None]":
        """Keep these, each in the place of the one with its id."""
        ...

    def between(self, start: int, end: int) -> Iterator[Tally]:
        """Those of slots that begin from ``start`` on and before ``end``, in the order of their slots."""
        ...


def signal_name(signal: str, t: Translate) -> str:
    """A signal in words; the name itself of one that has none.

    >>> signal_name("latency_p95", str)
    'time of the slowest twentieth'
    """
    known = {
        "traffic": t("requests"),
        "errors": t("share of requests that failed"),
        "refused": t("share of requests that were refused"),
        "latency_p50": t("median response time"),
        "latency_p95": t("time of the slowest twentieth"),
        "cost": t("cost of 1,000 requests"),
        "texts_per_request": t("texts in a request"),
        "hits": t("share of answers from memory"),
        "length": t("length of the texts"),
        "language": t("share of a language"),
        "unknown": t("share of unknown word pieces"),
        "confidence": t("confidence of the answers"),
        "abstained": t("share of answers below the threshold"),
        "label": t("share of a label"),
        "embedding": t("what the texts are about"),
        "quality": t("share of right answers"),
        SURGE: t("negative stories an hour"),
    }
    return known.get(signal, signal)


def slice_name(part: str, t: Translate) -> str:
    r"""A slice in words, on a line, for a label may be a customer's words; empty for all traffic.

    >>> slice_name("language=zh", str), slice_name("label=a\r\nb", str), slice_name("", str)
    ('language zh', 'label a b', '')
    """
    kind, _, said = part.partition("=")
    value = " ".join("".join(one if one.isprintable() else " " for one in said).split())
    known = {
        "label": t("label {value}"),
        "language": t("language {value}"),
        "tenant": t("tenant {value}"),
        "topic": t("topic {value}"),
        "entity": t("about {value}"),
    }
    return known[kind].format(value=value) if kind in known else part


def signal_figure(signal: str, value: float) -> str:
    """A value of a signal with its unit; a dash for one that is not known (nan).

    >>> signal_figure("errors", 0.0123), signal_figure("latency_p95", 84.2), signal_figure("length", 5.0)
    ('1.23 %', '84.2 ms', '31')
    """
    if math.isnan(value):
        return "–"
    if signal in _SHARES:
        return f"{100 * value:.3g} %"
    if signal.startswith("latency"):
        return f"{value:.3g} ms"
    if signal == "length":
        return f"{2**value - 1:.0f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - no decimals where they say nothing
