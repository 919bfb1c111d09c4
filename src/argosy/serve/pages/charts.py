"""What is used and how releases fare, as charts."""

from collections.abc import Sequence

from argosy.core.tenant import Day
from argosy.serve.billing.money import MICRO, show
from argosy.serve.pages.shown import translate
from argosy.web.charts import axis, plot
from argosy.web.charts.chart import Caption, Chart


def usage(days: Sequence[Day], currency: str, language: str) -> list[Chart]:
    """What each day of the month came to: events and money; nothing where nothing was charged."""
    if not any(day.events or day.amount for day in days):
        return []
    t = translate(language)
    events, amount = sum(day.events for day in days), sum(day.amount for day in days)
    told = t("{events} charged events since the first of the month, by the day.").format(events=f"{events:,}")
    paid = t("{amount} charged since the first of the month, before fees, credits and tax.").format(
        amount=show(amount, currency, language)
    )
    return [
        _bars(Caption(name="events", title=t("Charged events by day"), told=told), t("day"), t("events"), days, 0),
        _bars(Caption(name="money", title=t("Charged by day"), told=paid), t("day"), currency, days, 1),
    ]


def _bars(caption: Caption, x_name: str, y_name: str, days: Sequence[Day], money: int) -> Chart:
    values = [(day.day[-2:], day.amount / MICRO if money else float(day.events)) for day in days]
    y = axis.even(y_name, [0.0, *(value for _, value in values)], lambda value: f"{value:,.6g}")
    return plot.bars(caption, x_name, y, values)
