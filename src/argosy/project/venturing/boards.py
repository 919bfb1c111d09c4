"""The KPI board as JSON has it, and the lines that it asks to write into ``venture.toml``."""

from dataclasses import asdict
from decimal import Context, Decimal
from typing import Any

from argosy.evaluate.intervals import Interval
from argosy.project.venturing.actuals import RUN, Board
from argosy.venture.actual.beside import Held
from argosy.venture.actual.chance import Share
from argosy.venture.actual.margins import Margin
from argosy.venture.actual.monthly import Month
from argosy.venture.figures import Figure
from argosy.venture.units import unit

_ROUND = Context(prec=3)


def told(found: Board) -> dict[str, Any]:
    """All of it as JSON has it: money as texts, shares with their intervals."""
    return {
        "name": found.name,
        "currency": found.live.currency,
        "day": found.live.today.isoformat(),
        "not_over": found.live.months[-1],
        "tenants": len(found.live.members),
        "activation": _share(found.activation),
        "trial_to_paid": _share(found.trials),
        "churn": _share(found.churn),
        "retention": _share(found.kept),
        "months": [_month(one) for one in found.months],
        "cohorts": [
            {"month": one.month, "customers": list(one.customers), "charged": [_text(each) for each in one.charged]}
            for one in found.cohorts
        ],
        "margin": {
            "months": list(found.spent),
            "all": None if found.whole is None else _margin(found.whole, ""),
            "plans": [_margin(one, one.name) for one in found.plans],
            "customers": [_margin(one, found.title(one.name)) for one in found.members],
        },
        "against_plan": [
            {
                "line": one.name,
                "about": one.about,
                "months": [
                    {
                        "month": point.month,
                        "over": point.over,
                        "plan": _text(point.plan),
                        "actual": _text(point.actual),
                        "low": point.low,
                        "high": point.high,
                        "differs": point.over and point.differs,
                    }
                    for point in one.points
                ],
            }
            for one in found.lines
        ],
        "measured": [asdict(one) for one in found.measured],
        "figures": [_held(found, one) for one in found.held],
        "apart": list(found.apart),
        "kept": str(found.kept_in),
    }


def _month(one: Month) -> dict[str, Any]:
    bridge = one.bridge
    return {
        "month": one.month,
        "over": one.over,
        "created": one.created,
        "activated": _share(one.activated),
        "trial_to_paid": _share(one.paid),
        "active": one.active,
        "retention": _share(one.kept),
        "requests": one.requests,
        "customers": one.customers,
        "new": one.new,
        "returned": one.returned,
        "churn": _share(one.churn),
        "charged": _text(one.charged),
        "bridge": {
            name: _text(getattr(bridge, name)) for name in ("new", "returned", "expansion", "contraction", "churned")
        },
        "grr": _interval(bridge.grr),
        "nrr": _interval(bridge.nrr),
    }


def _margin(one: Margin, name: str) -> dict[str, Any]:
    ends = one.ends
    return {
        "name": name,
        "customers": one.customers,
        "requests": one.requests,
        "charged": _text(one.charged),
        "cost": None if one.cost is None else _text(one.cost),
        "fees": _text(one.fees),
        "margin": None if one.left is None else _text(one.left),
        "range": None if ends is None else [_text(end) for end in ends],
        "share": None if one.share is None else float(one.share),
        "cost_from": [
            {"figure": each.name, "origin": each.origin.kind, "where": each.origin.where} for each in one.behind
        ],
    }


def _held(found: Board, one: Held) -> dict[str, Any]:
    table, line = line_instead(found, one)
    return {
        "figure": one.figure.name,
        "plan": _text(one.figure.value),
        "unit": one.figure.unit.text,
        "contradicted": one.contradicted,
        "beyond": one.beyond,
        "table": table,
        "line": line,
    }


def _share(one: Share) -> dict[str, Any]:
    return {"hits": one.hits, "rows": one.rows, "waiting": one.waiting, "share": _interval(one.interval)}


def _interval(one: Interval | None) -> list[float] | None:
    return None if one is None else [one.value, one.low, one.high]


def line_instead(found: Board, one: Held) -> tuple[str, str]:
    """The table of ``venture.toml`` in which a figure stands, and the line to write there instead."""
    figure, measured = one.figure, one.measured
    ends = (measured.low or 0.0, measured.value, measured.high or 0.0)
    low, value, high = (_plain(_turned(each, measured.unit, figure)) for each in ends)
    owner, _, key = figure.name.rpartition(".")
    table = f"[[{found.tables[owner]}]] {owner}" if owner else "[figures]"
    return table, (
        f'{key} = {{ value = {value}, unit = "{figure.unit.text}", interval = [{low}, {high}], '
        f'measured = "{RUN}:{measured.key}" }}'
    )


def _turned(value: float, text: str, figure: Figure) -> Decimal:
    """A value in another unit of the same kind."""
    return unit(text).base(Decimal(repr(value))) * figure.unit.factor.denominator / figure.unit.factor.numerator


def _text(value: Decimal) -> str:
    """A decimal as a plain text of at most six places."""
    return f"{value.quantize(Decimal('0.000001')).normalize():f}"


def _plain(value: Decimal) -> str:
    return f"{_ROUND.plus(value).normalize():f}"
