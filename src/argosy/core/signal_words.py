"""What people call a signal and a slice of the traffic, and how they write a figure of it."""

import math
from collections.abc import Callable

SURGE = "negative"
"""The signal of an opinion monitor's alarms: stories an hour that are read as negative."""
Translate = Callable[[str], str]
_SHARES = frozenset({"errors", "refused", "hits", "unknown", "abstained", "label", "language", "embedding", "quality"})


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
