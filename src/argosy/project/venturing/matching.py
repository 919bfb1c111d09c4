"""What is sold matched with the lines of the plan: whose customers, whose money, at what cost."""

from decimal import Decimal

from argosy.config.venture.actual import Actual
from argosy.config.venture.file import Venture
from argosy.config.venture.plan import Api, DataService, Subscription
from argosy.core.errors import ProjectError
from argosy.project.venturing.studying import Studied
from argosy.venture.actual.beside import Sold
from argosy.venture.actual.facts import ZERO, Live
from argosy.venture.actual.margins import Rate
from argosy.venture.figures import Figure

_LEDGER = {"request": "requests", "row": "rows", "token": "tokens"}  # a dimension's name -> the ledger's unit
_WHERE = "venture.toml, [actual] plans"


def sold_plans(venture: Venture, known: frozenset[str]) -> tuple[Sold, ...]:
    """The streams of [actual] plans; raises ProjectError for names that are not there, or that stand twice."""
    streams: dict[str, Subscription | Api | DataService] = {one.name: one for one in venture.subscription}
    streams |= {one.name: one for one in venture.api}
    streams |= {one.name: one for one in venture.data}
    titles = {one.name: one.title or one.name for one in venture.segment}
    found = []
    taken: dict[str, str] = {}
    for name, plans in venture.actual.plans.items():
        stream = streams.get(name)
        if stream is None:
            raise ProjectError(
                "The plan sells nothing that is called {name!r}.",
                where=_WHERE,
                mend="Name a subscription, API or data service: {known}.",
                name=name,
                known=", ".join(streams) or "-",
            )
        for plan in plans:
            if plan not in known:
                raise ProjectError(
                    "The project that sells has no plan {name!r}.",
                    where=_WHERE,
                    mend="Its plans are: {known}.",
                    name=plan,
                    known=", ".join(sorted(known)) or "-",
                )
            if plan in taken:
                raise ProjectError(
                    "The sold plan {plan!r} stands for both {first!r} and {second!r}: its money cannot be divided.",
                    where=_WHERE,
                    mend="Let one line of the plan stand for it.",
                    plan=plan,
                    first=taken[plan],
                    second=name,
                )
            taken[plan] = name
        used = "rows" if stream in venture.data else "requests"
        found.append(
            Sold(
                name=name,
                title=stream.title or name,
                segment=stream.segment,
                segment_title=titles.get(stream.segment, stream.segment),
                plans=frozenset(plans),
                unit=used,
            )
        )
    return tuple(found)


def leads_of(venture: Venture) -> str | None:
    """The segment whose trials the plan counts, where there is one alone: the ledger's trials are its."""
    named = [one.name for one in venture.segment if one.leads is not None and one.converts is not None]
    return named[0] if len(named) == 1 else None


def rates_of(studied: Studied, sold: tuple[Sold, ...], live: Live, actual: Actual) -> dict[str, list[Rate]]:
    """What serving costs by sold plan; that of plans which stand for no line as [actual] cost says."""
    parts = studied.parts
    figures = {one.name: (one.cost, one.service) for one in parts.subscriptions}
    figures |= {one.name: (one.cost, None) for one in parts.metered}
    found: dict[str, list[Rate]] = {}
    for one in sold:
        if figures[one.name][0] is not None:
            costs = [_rate(studied, figure) for figure in figures[one.name] if figure is not None]
            found |= dict.fromkeys(one.plans, costs)
    if actual.cost is not None:
        other = [_rate(studied, actual.cost.figure("actual.cost"))]
        found |= {use.plan: other for use in live.uses if use.plan not in found}
    return found


def _rate(studied: Studied, figure: Figure) -> Rate:
    """A figure of money a unit, or a customer and month, in the plan's currency."""
    powers = dict(figure.unit.dimension.powers)
    paid = next((name for name in powers if name.isupper()), studied.parts.currency)
    times = Decimal(1) if paid == studied.parts.currency else studied.parts.rates[paid].base
    unit_name = next((_LEDGER[name] for name in powers if name in _LEDGER), "months")
    low, high = figure.spread or (figure.base, figure.base)
    return Rate(unit=unit_name, value=figure.base * times, low=low * times, high=high * times, figure=figure)


def planned_lines(studied: Studied, sold: tuple[Sold, ...]) -> dict[str, dict[str, Decimal]]:
    """The plan's lines by month; none of a plan whose periods are no months."""
    if studied.venture.venture.calendar != "months":
        return {}
    labels = [one.label for one in studied.model.periods]
    uses = {one.name: one.uses for one in studied.parts.subscriptions}
    found: dict[str, list[Decimal]] = {}

    def of(name: str) -> list[Decimal]:
        return [one or ZERO for one in studied.values[name]]

    for segment in studied.parts.segments:
        wanted = [f"{segment.name}.{line}" for line in ("came", "left", "count", "leads_now")]
        found |= {name: of(name) for name in wanted if name in studied.values}
    for one in sold:
        found[f"{one.name}.revenue"] = of(f"{one.name}.revenue")
        each = uses.get(one.name)
        use = of(f"{one.name}.use") if one.name not in uses else [each.base if each else ZERO] * len(labels)
        if one.name not in uses or each is not None:
            pairs = zip(of(f"{one.segment}.count"), use, strict=True)
            found[f"{one.name}.requests"] = [count * one_use for count, one_use in pairs]
    if sold:
        rates = [
            [count * rate for count, rate in zip(of(f"{one.segment}.count"), of(f"{one.name}.rate"), strict=True)]
            for one in sold
        ]
        found["mrr"] = [sum(column, ZERO) for column in zip(*rates, strict=True)]
    return {name: dict(zip(labels, values, strict=True)) for name, values in found.items()}


def figures_of(studied: Studied) -> dict[str, Figure]:
    """The plan's figures that a ledger can measure, by what the measurement is called.

    What a customer uses is left out where the plan lets it grow: no month is the first one for all customers.
    """
    parts = studied.parts
    known: dict[str, Figure | None] = {}
    for segment in parts.segments:
        known |= {f"{segment.name}.churn": segment.churn, f"{segment.name}.converts": segment.converts}
    known |= {f"{one.name}.uses": one.uses for one in parts.subscriptions}
    known |= {f"{one.name}.uses": one.uses for one in parts.metered if one.grows is None or not one.grows.base}
    return {name: figure for name, figure in known.items() if figure is not None}


def tables_of(venture: Venture) -> dict[str, str]:
    """In which kind of table each segment and stream stands."""
    return {
        **{one.name: "segment" for one in venture.segment},
        **{one.name: "subscription" for one in venture.subscription},
        **{one.name: "api" for one in venture.api},
        **{one.name: "data" for one in venture.data},
    }
