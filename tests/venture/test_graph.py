"""The plan's graph: one tree in decimals, samples and formulas; dimensions held; circles told; periods of any year."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from argosy.core.errors import ProjectError
from argosy.venture.figures import Figure, Origin
from argosy.venture.graph.expression import ONE, Choose, Line, formula, least, most, number, reaches
from argosy.venture.graph.model import Heading, Sheet
from argosy.venture.graph.periods import periods
from argosy.venture.graph.reckon import exact, sampled
from argosy.venture.units import SHARE, dimension, unit

MONEY = dimension("CNY")


def figure(name: str, value: str, text: str) -> Figure:
    """A figure that a source tells."""
    return Figure(
        name=name, value=Decimal(value), unit=unit(text), origin=Origin(kind="sourced", where="a", day=date(2026, 1, 1))
    )


def sheet(count: int = 3) -> Sheet:
    """An empty plan of so many months."""
    return Sheet(periods=periods(date(2027, 1, 1), count))


def heading() -> Heading:
    """Of a line of money."""
    return Heading(title="x", section="cash", dimension=MONEY, kind="stock")


def test_one_tree_is_reckoned_exactly_and_in_samples() -> None:
    """A balance that grows: by hand, in decimals, in draws of its rate."""
    plan = sheet()
    rate = plan.given(figure("rate", "10", "percent"))
    start = plan.given(figure("start", "100", "CNY"))
    now = Line("cash", 1)
    plan.line("cash", Choose(now, now * (ONE + rate), start), heading())
    model = plan.model()
    assert exact(model)["cash"] == (Decimal(100), Decimal(110), Decimal(121))
    drawn = sampled(model, {"rate": np.array([0.1, 0.2])}, ["cash"])["cash"]
    assert np.allclose(drawn, [[100, 100], [110, 120], [121, 144]])


def test_what_divides_by_nothing_is_undefined_everywhere() -> None:
    """In decimals None, in samples NaN, in a sheet an empty text."""
    plan = sheet(1)
    nothing = plan.given(figure("nothing", "0", "CNY"))
    ratio = plan.line("ratio", nothing / nothing, Heading(title="x", section="cash", dimension=SHARE, kind="ratio"))
    plan.line("more", ratio + ONE, Heading(title="x", section="cash", dimension=SHARE, kind="ratio"))
    model = plan.model()
    assert exact(model)["more"] == (None,)
    assert np.isnan(sampled(model, {}, ["more"])["more"]).all()


def test_a_formula_names_the_cells() -> None:
    """The same tree as a spreadsheet writes it."""
    tree = least(Line("a"), Line("b", 1)) + most(number("2.5"), Line("a")) * reaches(Line("a"), ONE)
    told = formula(tree, lambda name: name, lambda name, back: f"{name}{9 - back}")
    assert told == "(MIN(a9,b8)+(MAX(2.5,a9)*IF(a9>=1,1,0)))"


def test_dimensions_that_differ_are_refused() -> None:
    """Yuan and dollars are not added, customers are not money."""
    plan = sheet()
    plan.line("sum", plan.given(figure("a", "1", "CNY")) + plan.given(figure("b", "1", "USD")), heading())
    with pytest.raises(ProjectError, match="CNY and USD"):
        plan.model()
    other = sheet()
    other.line("people", other.given(figure("a", "1", "customer")), heading())
    with pytest.raises(ProjectError, match="expected CNY"):
        other.model()


def test_a_circle_is_told() -> None:
    """Two lines of one period that are made of each other."""
    plan = sheet()
    plan.line("a", Line("b"), heading())
    plan.line("b", Line("a"), heading())
    with pytest.raises(ProjectError, match="made of each other"):
        exact(plan.model())


def test_leap_years_and_years_of_53_weeks() -> None:
    """February of 2028 has 29 days; the year 2026 of 4-4-5 has 53 weeks, in its last period."""
    assert [one.days for one in periods(date(2028, 1, 1), 3)] == [31, 29, 31]
    weeks = periods(date(2026, 1, 5), 24, "4-4-5")
    years = {year: sum(one.days for one in weeks if one.year == year) for year in (2026, 2027)}
    assert set(years.values()) <= {364, 371}
    assert all(one.end == other.start for one, other in pairwise(weeks))
    longest = periods(date(2020, 1, 1), 12 * 12, "4-4-5")
    assert {one.days for one in longest} == {28, 35, 42}
