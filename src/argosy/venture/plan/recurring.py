"""What investors ask of recurring revenue, as lines: the MRR bridge, retention, CAC, LTV, burn, runway.

Recurring revenue is what customers of segments pay a month, by subscription or by use, at the end of the period.
Definitions with their sources stand on the page of formulas. Where a divisor is 0 (no customers, no churn, no burn) the
value is undefined, and stays empty.
"""

from collections.abc import Sequence

from argosy.venture.graph.expression import ONE, ZERO, Choose, Expression, Line, most, number, reaches, total
from argosy.venture.graph.model import Heading, Kind
from argosy.venture.plan.income import Stream
from argosy.venture.plan.timeline import MONTHS, NUMBER, Writing
from argosy.venture.units import SHARE, Dimension, dimension

_UNDEFINED = ONE / ZERO
_QUARTER = 3
_YEAR = 12


def recurring(writing: Writing, streams: Sequence[Stream]) -> None:
    """The MRR bridge and what follows from it and from the statements."""
    _bridge(writing, [one for one in streams if one.rate is not None])
    _retention(writing)
    _customers_worth(writing, [one for one in streams if one.rate is not None])
    _efficiency(writing)


def margins(writing: Writing, streams: Sequence[Stream]) -> None:
    """The contribution of each stream, and of all: revenue less what serving it costs, as a share."""
    for one in streams:
        _ratio(writing, f"{one.name}.margin", (one.revenue - one.cost) / one.revenue, "{name}: margin", one.title)
    costs = total([one.cost for one in streams])
    _ratio(writing, "contribution", (Line("revenue") - costs - Line("fees")) / Line("revenue"), "Contribution margin")
    _ratio(writing, "gross_margin", Line("gross_profit") / Line("revenue"), "Gross margin")


def _bridge(writing: Writing, streams: Sequence[Stream]) -> None:
    """MRR of before, and what new, growing, shrinking and leaving customers changed; ``mrr`` is reckoned by itself."""
    money = writing.money / dimension("month")
    steps: dict[str, list[Expression]] = {name: [] for name in ("opened", "new", "expansion", "contraction", "churned")}
    ends: list[Expression] = []
    for one in streams:
        count, left = f"{one.segment}.count", Line(f"{one.segment}.left")
        rate, before = Line(f"{one.name}.rate"), Line(f"{one.name}.rate", 1)
        kept = Line(count, 1) - left
        came = Line(f"{one.segment}.came")
        steps["opened"].append((Line(count) - kept - came) * rate)
        steps["new"].append(came * rate)
        steps["expansion"].append(kept * Line(f"{one.name}.more"))
        steps["contraction"].append(kept * Line(f"{one.name}.less"))
        steps["churned"].append(left * before)
        ends.append(Line(count) * rate)
    for name, title in _STEPS.items():
        writing.sheet.line(f"mrr_{name}", total(steps[name]), _heading(title, money, "flow"))
    writing.sheet.line("mrr", total(ends), _heading("MRR at the end", money, "stock"))


_STEPS = {
    "opened": "MRR: customers at the start",
    "new": "MRR: new customers",
    "expansion": "MRR: expansion",
    "contraction": "MRR: contraction",
    "churned": "MRR: churned",
}


def _retention(writing: Writing) -> None:
    """Gross and net revenue retention of a period, and of the last twelve as their product."""
    before = Line("mrr", 1)
    lost = Line("mrr_churned") + Line("mrr_contraction")
    _ratio(writing, "grr", (before - lost) / before, "GRR of the month")
    _ratio(writing, "nrr", (before - lost + Line("mrr_expansion")) / before, "NRR of the month")
    for name, title in (("grr", "GRR of twelve months"), ("nrr", "NRR of twelve months")):
        product: Expression = Line(name)
        for back in range(1, _YEAR):
            product = product * Line(name, back)
        _ratio(writing, f"{name}_year", _from(_YEAR + 1, product), title)


def _customers_worth(writing: Writing, streams: Sequence[Stream]) -> None:
    """CAC, ARPA, LTV, their quotient, and the months until CAC is earned back."""
    segments = sorted({one.segment for one in streams if one.segment is not None})
    count, came, left = (total([Line(f"{name}.{part}") for name in segments]) for part in ("count", "came", "left"))
    before = total([Line(f"{name}.count", 1) for name in segments])
    money, each = writing.money, writing.money / dimension("customer")
    cac = writing.sheet.line("cac", Line("sell") / came, _heading("CAC", each))
    arpa = writing.sheet.line("arpa", Line("mrr") / count, _heading("ARPA a month", each / dimension("month")))
    churn = writing.sheet.line(
        "churn", left / before / MONTHS, _heading("Customers lost a month", SHARE / dimension("month"))
    )
    earned = arpa * Line("gross_margin")
    ltv = writing.sheet.line("ltv", earned / churn, _heading("LTV", each))
    _ratio(writing, "ltv_to_cac", ltv / cac, "LTV : CAC")
    writing.sheet.line("cac_payback", cac / earned, _heading("CAC payback, months", dimension("month")))
    writing.sheet.line("arr", Line("mrr") * Line("year"), _heading("ARR", money, "stock"))


def _efficiency(writing: Writing) -> None:
    """Burn, burn multiple, magic number, rule of 40, runway by formula."""
    money = writing.money
    burn = writing.sheet.line("burn", ZERO - Line("free_cash_flow"), _heading("Net burn", money, "flow"))
    burnt = _last(burn.name, 0)
    added = Line("arr") - Line("arr", _QUARTER)
    _ratio(writing, "burn_multiple", _from(_QUARTER + 1, burnt / added), "Burn multiple, last three months")
    quarter, earlier = _last("revenue", 0), _last("revenue", _QUARTER)
    magic = (quarter - earlier) * number(4) / _last("sell", _QUARTER)
    _ratio(writing, "magic_number", _from(2 * _QUARTER, magic), "Magic number")
    year_ago = _last("revenue", _YEAR)
    rule = (quarter - year_ago) / year_ago + _last("ebitda", 0) / quarter
    _ratio(writing, "rule_of_40", _from(_YEAR + _QUARTER, rule), "Rule of 40: growth and EBITDA margin")
    monthly = burnt / _last("months", 0)
    runway = Choose(reaches(ZERO, burnt), _UNDEFINED, most(Line("cash"), ZERO) / monthly)
    writing.sheet.line("runway", _from(_QUARTER, runway), _heading("Runway, months, by formula", dimension("month")))


def _last(name: str, back: int) -> Expression:
    """Three periods of a line, the last of them so many before."""
    return total([Line(name, back + one) for one in range(_QUARTER)])


def _from(period: int, value: Expression) -> Expression:
    """``value`` from the period of this number on, undefined before."""
    return Choose(reaches(NUMBER, number(period)), value, _UNDEFINED)


def _ratio(writing: Writing, name: str, value: Expression, title: str, about: str = "") -> None:
    heading = Heading(title=title, section="metrics", dimension=SHARE, kind="ratio", about=about)
    writing.sheet.line(name, value, heading)


def _heading(title: str, of: Dimension, kind: Kind = "ratio") -> Heading:
    return Heading(title=title, section="metrics", dimension=of, kind=kind)
