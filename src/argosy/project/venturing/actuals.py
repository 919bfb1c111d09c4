"""The KPI board: the ledger of the project that sells, beside the plan of ``venture.toml``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from pathlib import Path

from argosy.config import file as project_file
from argosy.config.venture.actual import Actual
from argosy.config.venture.file import load
from argosy.project.selling.shop import Shop
from argosy.project.venturing.ledgers import facts
from argosy.project.venturing.matching import figures_of, leads_of, planned_lines, rates_of, sold_plans, tables_of
from argosy.project.venturing.runs import Measure, keep
from argosy.project.venturing.studying import Studied, study
from argosy.store.ledger.books import wall_clock
from argosy.venture.actual import margins
from argosy.venture.actual.beside import Held, Line, Measured, Sold, held, lines, measures
from argosy.venture.actual.chance import Share
from argosy.venture.actual.cohorts import Cohort, cohorts
from argosy.venture.actual.facts import ZERO, Live
from argosy.venture.actual.margins import Margin, by_member, by_plan
from argosy.venture.actual.monthly import Month, Rules, activated, converted, first_paid, monthly, pooled
from argosy.venture.graph.reckon import DIGITS

RUN = "ledger"
_LEDGER = {"request": "requests", "row": "rows", "token": "tokens"}  # a dimension's name -> the ledger's unit
_ROUND = Context(prec=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The ledger's key figures, and the plan's beside them.

    ``churn`` and ``kept`` are of the last ``window`` months, ``activation`` and ``trials`` of all tenants; margins are
    of ``spent`` (the last months that are over, or the one that runs). ``apart`` are sold plans that no line of the
    plan stands for, ``tables`` the kinds of table in which names stand, ``months_fit`` whether periods are months.
    """

    name: str
    live: Live
    actual: Actual
    months: tuple[Month, ...]
    churn: Share
    kept: Share
    activation: Share
    trials: Share
    cohorts: tuple[Cohort, ...]
    spent: tuple[str, ...]
    plans: tuple[Margin, ...]
    members: tuple[Margin, ...]
    whole: Margin | None
    lines: tuple[Line, ...]
    measured: tuple[Measured, ...]
    held: tuple[Held, ...]
    tables: Mapping[str, str]
    apart: tuple[str, ...]
    months_fit: bool
    kept_in: Path

    def title(self, member: str) -> str:
        """How a customer is called on the board."""
        names = {one.id: one.title for one in self.live.members} if self.actual.names else {}
        return names.get(member) or member


def board(folder: Path, clock: Callable[[], int] = wall_clock) -> Board:
    """The board of now; what was measured is kept as the run ``ledger``, before the plan that may read it is studied.

    Raises what ``study`` raises, and ProjectError where [actual] names a project, a plan or a line that is not there.
    """
    venture = load(folder)
    actual, currency = venture.actual, venture.venture.currency
    place = folder.parent if folder.suffix == ".toml" else folder
    shop_folder = place / actual.project
    shop = Shop(project=project_file.load(shop_folder), folder=shop_folder)
    sold = sold_plans(venture, frozenset(shop.project.plans))
    rates = {code: one.figure(code).base for code, one in venture.currencies.items()}
    live = facts(shop, actual, currency, rates, clock)
    rules = Rules(activated=actual.activated, within=actual.within, pays_within=actual.pays_within)
    leads = leads_of(venture)
    measured = measures(live, sold, rules, actual.window, leads)
    kept_in = keep(folder, RUN, live.today, {one.key: _measure(one) for one in measured})
    studied = study(folder)
    with localcontext(prec=DIGITS):
        return _board(studied, live, rules, sold, measured, leads, kept_in)


def _board(
    studied: Studied,
    live: Live,
    rules: Rules,
    sold: tuple[Sold, ...],
    measured: tuple[Measured, ...],
    leads: str | None,
    kept_in: Path,
) -> Board:
    actual = studied.venture.actual
    months = monthly(live, rules)
    churn, kept = pooled(months, actual.window)
    spent = live.over[-actual.window :] or live.months
    costs = rates_of(studied, sold, live, actual)
    fee = sum((one.share.base for one in studied.parts.fees), ZERO)
    named = frozenset[str]().union(*(one.plans for one in sold))
    return Board(
        name=studied.venture.venture.name,
        live=live,
        actual=actual,
        months=months,
        churn=churn,
        kept=kept,
        activation=activated(list(live.members), live.today, rules),
        trials=converted(list(live.members), first_paid(live), live.today, rules),
        cohorts=cohorts(live),
        spent=spent,
        plans=by_plan(live, spent, costs, fee),
        members=by_member(live, spent, costs, fee),
        whole=margins.whole(live, spent, costs, fee),
        lines=lines(live, sold, planned_lines(studied, sold), leads),
        measured=measured,
        held=held(figures_of(studied), measured),
        tables=tables_of(studied.venture),
        apart=tuple(sorted({one.plan for one in live.uses if one.plan not in named and (one.charged or one.requests)})),
        months_fit=studied.venture.venture.calendar == "months",
        kept_in=kept_in,
    )


def _measure(one: Measured) -> Measure:
    ends = (None, None) if one.low is None or one.high is None else (_decimal(one.low), _decimal(one.high))
    return Measure(value=_decimal(one.value), unit=one.unit, low=ends[0], high=ends[1])


def _decimal(value: float) -> Decimal:
    """Six digits, which is more than any of these figures tells."""
    return _ROUND.create_decimal(repr(value))
