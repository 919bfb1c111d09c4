"""Numbers as people read them, the same in the terminal, the report and the model card."""

import math
from collections.abc import Callable, Mapping
from typing import Any

SHARES = frozenset(
    {
        *("accuracy", "macro_f1", "micro_f1", "roc_auc", "pr_auc"),
        *("subset_accuracy", "token_accuracy", "entity_f1", "entity_precision", "entity_recall"),
        *("exact_match", "token_f1", "ndcg@10", "mrr", "map", "hit@1", "hit@5", "hit@10", "recall@10"),
    }
)
"""The metrics whose differences are told in points."""
BOUNDED = SHARES | {"r2", "spearman", "pearson"}
"""The metrics between -1 and 1."""
_NARROW = 0.02  # an interval narrower than this needs a third digit at its ends
_MINUTE = 60


def figure_at(record: Mapping[str, Any], place: str) -> dict[str, float]:
    """The figure at a place such as ``metrics.accuracy``, with its interval where it has one; empty where none stands.

    >>> figure_at({"data": {"splits": {"test": 88}}}, "data.splits.test")
    {'value': 88}
    >>> figure_at({"metrics": {"mae": {"value": 3.5, "low": 3.0, "high": 4.1, "versus": None}}}, "metrics.mae")
    {'value': 3.5, 'low': 3.0, 'high': 4.1}
    >>> figure_at({}, "metrics.mae")
    {}
    """
    found = found_at(record, place)
    if isinstance(found, Mapping):
        return {end: found[end] for end in ("value", "low", "high") if end in found}
    return {} if found is None else {"value": found}


def found_at(record: Mapping[str, Any], place: str) -> Any:
    """Whatever stands at a place; None where nothing does."""
    found: Any = record
    for key in place.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def figure_words(name: str, measured: Mapping[str, float]) -> str:
    """A figure that ``figure_at`` found, with its interval where it has one; whole numbers are told whole."""
    if "low" in measured:
        return figure(name, measured)
    value = measured["value"]
    return count(value) if isinstance(value, int) else rounded(value, 3)


def share(value: float, digits: int = 3) -> str:
    """A figure between -1 and 1 without its leading zero.

    >>> share(0.8612), share(1), share(-0.032)
    ('.861', '1.000', '−.032')
    """
    text = f"{abs(value):.{digits}f}"
    return ("−" if value < 0 and float(text) else "") + text.removeprefix("0")


def interval(figure: Mapping[str, float]) -> str:
    """A figure with its interval.

    >>> interval({"value": 0.861, "low": 0.8402, "high": 0.8817})
    '.861 [.84, .88]'
    >>> interval({"value": 0.976, "low": 0.97, "high": 0.981})
    '.976 [.970, .981]'
    """
    digits = 3 if figure["high"] - figure["low"] < _NARROW else 2
    return f"{share(figure['value'])} [{share(figure['low'], digits)}, {share(figure['high'], digits)}]"


def figure(metric: str, measured: Mapping[str, float]) -> str:
    """A metric with its interval: a share of 1, or a quantity in the target's own unit.

    >>> figure("accuracy", {"value": 0.861, "low": 0.84, "high": 0.88})
    '.861 [.84, .88]'
    >>> figure("mae", {"value": 39.32, "low": 32.663, "high": 46.45})
    '39.3 [32.7, 46.5]'
    """
    if metric in BOUNDED:
        return interval(measured)
    value, low, high = (rounded(measured[end], 3) for end in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def signed(metric: str, difference: float) -> str:
    """A difference of a metric with its sign: in points where the metric is a share.

    >>> signed("accuracy", 0.032), signed("r2", -0.0305), signed("mae", 2.2309), signed("mae", 0)
    ('+3.2', '−.030', '+2.23', '0')
    """
    if metric in SHARES:
        return points(difference)
    size = share(abs(difference)) if metric in BOUNDED else rounded(abs(difference), 3)
    return ("" if not difference else "+" if difference > 0 else "−") + size


def change(metric: str, difference: Mapping[str, float]) -> str:
    """A difference with its interval.

    >>> change("accuracy", {"difference": 0.032, "low": -0.014, "high": 0.078})
    '+3.2 [−1.4, +7.8]'
    """
    gap, low, high = (signed(metric, difference[end]) for end in ("difference", "low", "high"))
    return f"{gap} [{low}, {high}]"


def points(difference: float) -> str:
    """A difference of two shares in percentage points, signed.

    >>> points(0.0321), points(-0.004), points(0)
    ('+3.2', '−0.4', '0.0')
    """
    text = f"{abs(difference) * 100:.1f}"
    return ("" if not float(text) else "+" if difference > 0 else "−") + text


def percent(value: float) -> str:
    """A share in percent, rounded down, so that only the whole is called 100 %.

    >>> percent(0.99967), percent(1.0), percent(0.5), percent(0.0004)
    ('99.9 %', '100 %', '50.0 %', '0.04 %')
    """
    if value >= 1:
        return "100 %"
    digits = _digits(value)
    return f"{math.floor(value * 100 * 10**digits + 1e-9) / 10**digits:.{digits}f} %"


def percents(measured: Mapping[str, float]) -> str:
    """A share with its interval in percent; the ends are rounded outwards, and only the whole is called 100 %.

    >>> percents({"value": 0.9967, "low": 0.98123, "high": 0.99941})
    '99.7 % [98.1, 100]'
    """
    value = measured["value"]
    low, high = math.floor(measured["low"] * 1000 + 1e-9) / 10, math.ceil(measured["high"] * 1000 - 1e-9) / 10
    told = f"{min(value * 100, 99.9):.{_digits(value)}f}" if value < 1 else "100"
    return f"{told} % [{_end(low)}, {_end(high)}]"


def _digits(value: float) -> int:
    return 1 if value >= 0.01 or not value else 2  # noqa: PLR2004 - below one in a hundred, one digit more


def _end(value: float) -> str:
    return f"{value:g}" if value in (0, 100) else f"{value:.1f}"


def p_value(p: float) -> str:
    """The p-value with its sign of comparison.

    >>> p_value(0.0006), p_value(0.034), p_value(0.4213), p_value(1e-7)
    ('p = .0006', 'p = .034', 'p = .42', 'p < .0001')
    """
    if p < 0.0001:  # noqa: PLR2004 - the smallest that is worth its digits
        return "p < .0001"
    digits = min(max(2, 2 - math.ceil(math.log10(p))), 4)
    return f"p = {share(round(p, digits), digits)}"


def count(number: float) -> str:
    """A whole number with thousands separators.

    >>> count(5204)
    '5,204'
    """
    return f"{number:,.0f}"


def rounded(value: float, digits: int = 2) -> str:
    """A measured quantity to so many significant digits.

    >>> rounded(6.234), rounded(0.4321), rounded(128.4), rounded(1452.3, 3), rounded(9.97)
    ('6.2', '0.43', '130', '1,450', '10')
    """
    if not value:
        return "0"
    exact = float(f"{value:.{digits - 1}e}")
    decimals = digits - 1 - math.floor(math.log10(abs(exact)))
    return f"{exact:,.{max(decimals, 0)}f}"


def brief(value: float) -> str:
    """A size or a time to two digits, or three where it has them.

    >>> brief(134.6), brief(34.13), brief(2.91)
    ('135', '34', '2.9')
    """
    return rounded(value, 3 if value >= 100 else 2)  # noqa: PLR2004 - from three digits on, all of them


def duration(seconds: float, translate: Callable[[str], str] = str) -> str:
    """Seconds in the reader's words.

    >>> duration(0.213), duration(41.2), duration(192.4)
    ('0.21 s', '41 s', '3 min 12 s')
    """
    minutes, rest = divmod(round(seconds), _MINUTE)
    if minutes:
        return translate("{minutes} min {seconds} s").format(minutes=count(minutes), seconds=rest)
    return translate("{seconds} s").format(seconds=rounded(seconds))
