"""The words and numbers of the KPI board, on the screen and on its page."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from argosy.evaluate.intervals import Interval
from argosy.project.venturing.actuals import Board
from argosy.project.venturing.boards import line_instead
from argosy.venture.actual.beside import Beside, Held, Line
from argosy.venture.actual.chance import Share
from argosy.venture.actual.cohorts import Cohort
from argosy.venture.actual.margins import Margin
from argosy.venture.actual.monthly import Month
from argosy.venture.figures import Figure

Translate = Callable[[str], str]
Fact = tuple[str, str, str]
"""What it is called, its value, and a note."""
NONE = "–"
_LATE = ("overdue",)


def facts(found: Board, t: Translate) -> Iterator[Fact]:
    """The key figures of the last month that is over, or of the one that runs."""
    last = next((one for one in reversed(found.months) if one.over), found.months[-1])
    actual, bridge = found.actual, last.bridge
    yield (
        t("active tenants"),
        whole(last.active),
        t("answered at least one request in {month}; of those active the month before {kept} were again").format(
            month=last.month, kept=share(last.kept)
        ),
    )
    yield (
        t("customers"),
        whole(last.customers),
        t("charged more than nothing in {month}; {new} new, {returned} came back, {left} left").format(
            month=last.month, new=last.new, returned=last.returned, left=last.churn.hits
        ),
    )
    yield (
        t("activation"),
        share(found.activation),
        t("of {rows} tenants were answered {count} requests within {days} days; {waiting} still have time").format(
            rows=found.activation.rows, count=actual.activated, days=actual.within, waiting=found.activation.waiting
        ),
    )
    yield (
        t("trial to paid"),
        share(found.trials),
        t("of {rows} trials were charged within {days} days; {waiting} still have time").format(
            rows=found.trials.rows, days=actual.pays_within, waiting=found.trials.waiting
        ),
    )
    yield (
        t("churn a month"),
        share(found.churn),
        t("of {rows} customers, a month each, over {months} months").format(
            rows=found.churn.rows, months=min(actual.window, len(found.live.over))
        ),
    )
    yield (
        t("retention a month"),
        share(found.kept),
        t("of {rows} active tenants, a month each").format(rows=found.kept.rows),
    )
    yield (
        t("MRR"),
        money(last.charged),
        t("{month}: new {new}, back {returned}, more {more}, less {less}, left {left}").format(
            month=last.month,
            new=signed(bridge.new),
            returned=signed(bridge.returned),
            more=signed(bridge.expansion),
            less=signed(-bridge.contraction),
            left=signed(-bridge.churned),
        ),
    )
    yield t("GRR"), percent(bridge.grr), t("of the money of the month before stayed, without what grew")
    yield t("NRR"), percent(bridge.nrr), t("of the money of the month before stayed, with what grew")
    yield t("invoices"), *_papers(found, t)


def _papers(found: Board, t: Translate) -> tuple[str, str]:
    papers = found.live.papers
    billed = sum((one.net for one in papers if not one.credit), Decimal(0))
    back = sum((one.net for one in papers if one.credit), Decimal(0))
    paid = sum((one.net for one in papers if not one.credit and one.state == "paid"), Decimal(0))
    late = sum((one.net for one in papers if not one.credit and one.state in _LATE), Decimal(0))
    away = sum(one.suspended is not None for one in found.live.members)
    return (
        money(billed),
        t("without tax; {paid} of it paid, {late} overdue, {back} credited; {away} tenants suspended").format(
            paid=money(paid), late=money(late), back=money(-back), away=away
        ),
    )


def month_heads(t: Translate) -> tuple[str, ...]:
    """What stands above ``month_row``."""
    return (
        t("month"),
        t("created"),
        t("activated"),
        t("active tenants"),
        t("retained"),
        t("requests"),
        t("customers"),
        t("new"),
        t("back"),
        t("churn"),
        t("charged"),
    )


def month_row(one: Month) -> tuple[str, ...]:
    """A month; one that is not over has a star."""
    return (
        one.month if one.over else f"{one.month} *",
        whole(one.created),
        share(one.activated),
        whole(one.active),
        share(one.kept) if one.over else NONE,
        whole(one.requests),
        whole(one.customers),
        whole(one.new),
        whole(one.returned),
        share(one.churn) if one.over else NONE,
        money(one.charged),
    )


def line_title(one: Line, t: Translate) -> str:
    """How a line of the plan is called."""
    titles = {
        "leads": t("{name}: trials begun"),
        "came": t("{name}: customers who came"),
        "left": t("{name}: customers who left"),
        "count": t("{name}: customers"),
        "requests": t("{name}: use"),
        "revenue": t("{name}: revenue"),
        "mrr": t("MRR of what is sold"),
    }
    return titles[one.kind].format(name=one.about)


def line_unit(one: Line, currency: str, t: Translate) -> str:
    """What its values count."""
    if one.kind in ("revenue", "mrr"):
        return currency
    return t("trials") if one.kind == "leads" else t("used") if one.kind == "requests" else t("customers")


def beside_heads(t: Translate) -> tuple[str, ...]:
    """What stands above ``beside_row``."""
    return t("line"), t("planned"), t("actual"), t("difference"), ""


def beside_row(one: Line, point: Beside, t: Translate) -> tuple[str, ...]:
    """A line in a month: the difference with the interval of the actual."""
    low = signed(Decimal(repr(point.low)) - point.plan)
    high = "…" if point.high is None else signed(Decimal(repr(point.high)) - point.plan)
    said = "" if not point.differs else t("above the plan") if point.difference > 0 else t("below the plan")
    difference = f"{signed(point.difference)} [{low}, {high}]"
    return line_title(one, t), number(point.plan), number(point.actual), difference, said


def last_over(one: Line) -> Beside | None:
    """The last month that is over and that both know."""
    return next((point for point in reversed(one.points) if point.over), None)


def held_words(found: Board, one: Held, t: Translate) -> tuple[str, str]:
    """What a measured figure says of the plan's, and the line to write instead, where it contradicts it."""
    figure = one.figure
    table, line = line_instead(found, one)
    measured = line.partition("value = ")[2].partition(",")[0]
    ends = line.partition("interval = ")[2].partition("]")[0] + "]"
    said = t("{name}: the plan says {plan}, the ledger {measured} {ends} {unit} (n = {rows})").format(
        name=figure.name,
        plan=f"{figure.value.normalize():f}",
        measured=measured,
        ends=ends,
        unit=figure.unit.text,
        rows=one.measured.rows,
    )
    if not one.contradicted:
        return said, ""
    beyond = t("; all of its range lies outside") if one.beyond else ""
    return said + beyond, f"{table}:  {line}"


def origin(figures: Sequence[Figure], t: Translate) -> str:
    """Where costs come from."""
    words = {"measured": t("measured"), "sourced": t("sourced"), "assumed": t("assumed")}
    return ", ".join(f"{one.name} ({words[one.origin.kind]}: {one.origin.where})" for one in figures) or NONE


def margin_heads(name: str, t: Translate) -> tuple[str, ...]:
    """What stands above ``margin_row``."""
    return name, t("requests"), t("charged"), t("cost"), t("fees"), t("margin"), t("of revenue")


def margin_row(one: Margin, name: str) -> tuple[str, ...]:
    """A plan's or a customer's margin with the range that its cost leaves."""
    ends = one.ends
    spread = "" if ends is None or ends[0] == ends[1] else f" [{money(ends[0])}, {money(ends[1])}]"
    return (
        name,
        whole(one.requests),
        money(one.charged),
        NONE if one.cost is None else money(one.cost),
        money(one.fees),
        NONE if one.left is None else f"{money(one.left)}{spread}",
        NONE if one.share is None else f"{100 * one.share:.1f} %",
    )


def cohort_row(one: Cohort, ages: int) -> tuple[str, ...]:
    """A cohort's size and the share that pays at each age from 1 on."""
    shares = [one.share(age) for age in range(1, min(ages, len(one.customers)))]
    return (one.month, whole(one.size), *(share(each) for each in shares), *[""] * (ages - 1 - len(shares)))


def share(one: Share) -> str:
    """A share with its interval in percent."""
    return percent(one.interval)


def percent(one: Interval | None) -> str:
    """An interval in percent; of none, a dash."""
    return NONE if one is None else f"{100 * one.value:.0f} % [{100 * one.low:.0f}, {100 * one.high:.0f}]"


def money(value: Decimal) -> str:
    """Money to the cent, whole from 1,000 on."""
    small = abs(value) < 1000  # noqa: PLR2004 - cents say nothing beside more
    return f"{value:,.2f}" if small and value != value.to_integral_value() else f"{value:,.0f}"


def number(value: Decimal) -> str:
    """A number of the plan: to a tenth where it is small."""
    rounded = value.quantize(Decimal(1) if abs(value) >= 100 else Decimal("0.1"))  # noqa: PLR2004 - tenths say nothing
    return f"{rounded:,.0f}" if rounded == rounded.to_integral_value() else f"{rounded:,}"


def signed(value: Decimal) -> str:
    """With its sign."""
    told = number(value)
    return f"+{told}" if value > 0 and told != "0" else told.replace("-0", "0") if told == "-0" else told


def whole(value: int) -> str:
    """A count."""
    return f"{value:,}"
