"""What is used and how releases fare, as charts."""

from collections.abc import Sequence

from argosy.core.tenant import Day
from argosy.serve.billing.money import MICRO, show
from argosy.serve.pages.shown import translate
from argosy.web.charts import axis, plot
from argosy.web.charts.chart import Caption, Chart

_FEW = 5.0  # events that the axis holds at least, so that its steps are whole


def usage(days: Sequence[Day], currency: str, language: str) -> list[Chart]:
    """What each day of the month came to: events and money; nothing where nothing was charged."""
    if not any(day.events or day.amount for day in days):
        return []
    t = translate(language)
    events, amount = sum(day.events for day in days), sum(day.amount for day in days)
    told = t("Charged events since the first of the month: {events}.").format(events=f"{events:,}")
    paid = t("Charged since the first of the month, before fees, credits and tax: {amount}.").format(
        amount=show(amount, currency, language)
    )
    counted = [(day.day[-2:], float(day.events)) for day in days]
    charged = [(day.day[-2:], day.amount / MICRO) for day in days]
    return [
        plot.bars(
            Caption(name="events", title=t("Charged events by day"), told=told),
            t("day"),
            axis.even(t("events"), [0.0, _FEW, *(value for _, value in counted)], _plain),
            counted,
        ),
        plot.bars(
            Caption(name="money", title=t("Charged by day"), told=paid),
            t("day"),
            axis.even(currency, [0.0, *(value for _, value in charged)], _plain),
            charged,
        ),
    ]


def _plain(value: float) -> str:
    return f"{value:,.6g}"
