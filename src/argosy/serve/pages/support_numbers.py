"""The page of what an assistant achieved: each share with its definition and interval, and what a question costs."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from argosy.serve.gate.supported import Supported
from argosy.serve.pages.shown import translate
from argosy.serve.pages.support import span
from argosy.web.charts import axis, plot
from argosy.web.charts.chart import Caption, Chart
from argosy.web.charts.plot import Point, Series

Told = Mapping[str, Any]
DAYS = (7, 30, 90)
_FEWEST, _DIGITS = 2, 3  # points of a line; digits of a price


def numbers(supported: Supported, days: int, language: str) -> Told:
    """The numbers of the last ``days``, with the chart of risk over coverage where the model's record has one."""
    days = days if days in DAYS else DAYS[1]
    told, t = supported.numbers(days), translate(language)
    promise = told.get("guarantee") or {}
    return {
        "numbers": told,
        "days": days,
        "choices": DAYS,
        "shares": _shares(told, t),
        "chart": _chart(promise.get("curve") or (), promise.get("max_wrong"), t),
        "percent": percent,
        "price": lambda amount: "–" if amount is None else f"{_plain(amount)} {told['cost']['currency']}",
        "waits": lambda seconds: span(int(seconds), language),
        "alarm": t(promise["sentence"]) if promise.get("sentence") else "",
    }


def percent(value: float | None) -> str:
    """A share in points of a hundred, with a tenth."""
    return "–" if value is None else f"{value:.1%}"


def _shares(told: Told, t: Callable[[str], str]) -> list[Told]:
    """The shares, the most flattering first: each with what it says, and what it does not."""
    resolution, wrong = told["resolution"], told["wrong"]
    found = (
        (t("deflection"), told["deflection"], t("Conversations in which no person wrote; who waits in vain counts.")),
        (t("containment"), told["containment"], t("The assistant had them alone, nobody was called; who left counts.")),
        (
            t("resolution"),
            resolution,
            t("Of those about which a person said so, or else the customer's rating."),
        ),
        (t("resolution, alone"), resolution["alone"], t("The same among contained conversations.")),
        (t("hand-overs"), told["hand_overs"], t("Conversations in which a person was called for.")),
        (t("consistency"), told["consistency"], t("Questions asked again in the same words that got the same answer.")),
        (t("good ratings"), told["ratings"], t("Of the answers that customers rated.")),
        (t("wrong, of all"), wrong["of_answers"], t("Too few: nobody looks at every answer.")),
        (t("wrong, of judged"), wrong["of_judged"], t("Too many: people speak up about what is wrong.")),
    )
    return [{"name": name, "share": share, "means": means} for name, share, means in found]


def _chart(curve: Sequence[Told], accepted: float | None, t: Callable[[str], str]) -> Chart | None:
    """The share of wrong answers over the share of questions that are answered, surest first."""
    points = [
        Point(x=one["coverage"], y=one["error"]["value"], low=one["error"]["low"], high=one["error"]["high"])
        for one in curve
    ]
    if len(points) < _FEWEST:
        return None
    heights = [end for one in points for end in (one.y, one.low, one.high) if end is not None]
    series = [Series(points=tuple(points), forms=("band", "line"))]
    if accepted is not None:
        heights.append(accepted)
        line = (Point(x=0, y=accepted), Point(x=1, y=accepted))
        series.append(Series(points=line, name=t("accepted"), kind="guide", forms=("line",)))
    caption = Caption(
        name="risk-coverage",
        title=t("Wrong answers over what is answered"),
        told=t("On questions that it never learnt from, the surest first; the band is the 95 % interval."),
        series=t("answered"),
    )
    across = axis.Axis(name=t("answered"), low=0, high=1, ticks=(0, 0.25, 0.5, 0.75, 1), words=lambda one: f"{one:.0%}")
    up = axis.even(t("wrong"), [0, *heights], lambda one: f"{100 * one:g}%")
    return plot.plot(caption, across, up, series)


def _plain(amount: float) -> str:
    """An amount without an exponent, with three digits that say something.

    >>> _plain(0.00000782), _plain(4.0), _plain(1234.5)
    ('0.00000782', '4.00', '1,234.50')
    """
    if 0 < abs(amount) < 1:
        return f"{amount:.{_DIGITS - 1 - math.floor(math.log10(abs(amount)))}f}"
    return f"{amount:,.2f}"
