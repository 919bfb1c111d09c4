"""A plan studied: reckoned, discounted, judged, and told as JSON."""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

from argosy.config.venture.file import Venture, load
from argosy.project.venturing.funding import money
from argosy.project.venturing.planning import model, whole
from argosy.project.venturing.runs import reading
from argosy.venture.figures import Figure
from argosy.venture.graph.model import Model
from argosy.venture.graph.reckon import DIGITS, Exact, exact
from argosy.venture.plan.parts import Parts, Worth
from argosy.venture.plan.team import Skill, skills
from argosy.venture.plan.verdict import (
    FLOWS,
    YEARLY,
    Cash,
    Floor,
    Reached,
    break_even,
    floors,
    lowest_cash,
    milestones,
    years,
)
from argosy.venture.returns.payback import payback, roi
from argosy.venture.returns.rates import Irr, irr, mirr
from argosy.venture.returns.value import monthly, npv


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What the free cash flow is worth: rates are yearly, ``payback`` and ``discounted_payback`` in periods.

    ``mirr`` is None without gains or losses, ``roi`` where nothing is put in, and a payback that is not in the plan.
    """

    discount: Decimal
    npv: Decimal
    irr: Irr
    mirr: Decimal | None
    roi: Decimal | None
    payback: int | None
    discounted_payback: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Studied:
    """A plan with what it comes to; ``returns`` is None where no discount rate is given."""

    venture: Venture
    parts: Parts
    model: Model
    values: Exact
    returns: Return | None
    cash: Cash
    break_even: int | None
    milestones: tuple[Reached, ...]
    floors: tuple[Floor, ...]


def study(folder: Path) -> Studied:
    """The plan in a folder's ``venture.toml``; raises what ``config.venture.file.load`` and the plan raise."""
    venture = load(folder, reading(folder))
    made = whole(venture, money(venture))
    planned = model(venture, made)
    values = exact(planned)
    with localcontext(prec=DIGITS):
        margin = None if made.worth is None else made.worth.margin
        return Studied(
            venture=venture,
            parts=made,
            model=planned,
            values=values,
            returns=None if made.worth is None else _returns(made.worth, values),
            cash=lowest_cash(values),
            break_even=break_even(values),
            milestones=tuple(milestones(made, planned, values)),
            floors=() if margin is None else tuple(floors(made, values, margin.base)),
        )


def _returns(worth: Worth, values: Exact) -> Return:
    """Monthly flows, discounted from the end of their period; the rates of a month are told as those of a year."""
    flows = [value or Decimal(0) for value in values[FLOWS]]
    discount = _yearly(worth.discount)
    reinvest = discount if worth.reinvest is None else _yearly(worth.reinvest)
    gained = mirr(flows, monthly(discount), monthly(reinvest))
    found = irr(flows)
    return Return(
        discount=discount,
        npv=npv(monthly(discount), flows),
        irr=Irr(rates=tuple(_compound(rate) for rate in found.rates), changes=found.changes),
        mirr=None if gained is None else _compound(gained),
        roi=roi(flows),
        payback=payback(flows),
        discounted_payback=payback(flows, monthly(discount)),
    )


def _yearly(figure: Figure) -> Decimal:
    """A rate a year: its base is a month's share of it."""
    return figure.base * 12


def _compound(rate: Decimal) -> Decimal:
    return (1 + rate) ** 12 - 1


def told(studied: Studied) -> dict[str, Any]:
    """All of it as JSON has it: money as texts, undefined values as null."""
    made, values = studied.model, studied.values
    returns = studied.returns
    return {
        "name": studied.venture.venture.name,
        "currency": studied.parts.currency,
        "periods": [one.label for one in made.periods],
        "lines": {
            row.name: {
                "title": row.title,
                "about": row.about,
                "section": row.section,
                "unit": str(row.dimension),
                "kind": row.kind,
                "values": [_text(value) for value in values[row.name]],
            }
            for row in made.rows
        },
        "figures": [_figure(one) for one in made.figures.values()],
        "returns": None
        if returns is None
        else {
            "discount": _text(returns.discount),
            "npv": _text(returns.npv),
            "irr": [_text(rate) for rate in returns.irr.rates],
            "mirr": _text(returns.mirr),
            "roi": _text(returns.roi),
            "payback": returns.payback,
            "discounted_payback": returns.discounted_payback,
        },
        "lowest_cash": {"value": _text(studied.cash.lowest), "period": made.periods[studied.cash.when].label},
        "out_of_cash": None if studied.cash.out is None else made.periods[studied.cash.out].label,
        "break_even": None if studied.break_even is None else made.periods[studied.break_even].label,
        "milestones": [_milestone(one) for one in studied.milestones],
        "skills": [_skill(one, made) for one in skills(studied.parts, made, values)],
        "floors": [
            {
                "name": one.name,
                "price": _text(one.price),
                "unit": one.unit,
                "serving": _text(one.serving),
                "all": _text(one.all),
            }
            for one in studied.floors
        ],
        "years": {name: {str(y): _text(v) for y, v in years(made, values, name).items()} for name in YEARLY},
    }


def _figure(one: Figure) -> dict[str, Any]:
    return {
        "name": one.name,
        "value": _text(one.value),
        "unit": one.unit.text,
        "low": _text(one.low),
        "high": _text(one.high),
        "origin": one.origin.kind,
        "where": one.origin.where,
        "day": None if one.origin.day is None else one.origin.day.isoformat(),
    }


def _milestone(one: Reached) -> dict[str, Any]:
    return {
        "name": one.milestone.name,
        "on": one.milestone.on.isoformat(),
        "owner": one.milestone.owner,
        "cash": _text(one.cash),
        "spent": _text(one.spent),
        "people": _text(one.people),
        "runway": _text(one.runway),
        "missing": list(one.missing),
        "late": list(one.late),
        "unpaid": one.unpaid,
        "ownerless": one.ownerless,
    }


def _skill(one: Skill, model: Model) -> dict[str, Any]:
    return {
        "name": one.name,
        "needed_for": None if one.needed is None else one.needed.name,
        "needed_by": None if one.by is None else model.periods[one.by].label,
        "there_from": None if one.there is None else model.periods[one.there].label,
        "roles": list(one.roles),
        "people": one.people,
        "missing": one.missing,
        "alone": one.alone,
    }


def _text(value: Decimal | None) -> str | None:
    """A decimal as a plain text of at most six places."""
    return None if value is None else f"{value.quantize(Decimal('0.000001')).normalize():f}"
