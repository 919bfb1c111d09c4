"""Draws of a plan: quantiles with the error of few draws, months at which cash is gone, present value by rate."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from uncertain import adding, figure

from argosy.core.errors import ProjectError
from argosy.venture.graph.expression import ONE, Choose, Line
from argosy.venture.graph.model import Heading, Sheet
from argosy.venture.graph.periods import periods
from argosy.venture.returns.value import monthly, npv
from argosy.venture.uncertainty.draws import draw
from argosy.venture.uncertainty.outcome import npv_of, reached
from argosy.venture.uncertainty.simulate import AT, distribution, simulate
from argosy.venture.uncertainty.tornado import tornado
from argosy.venture.units import SHARE, dimension

DISCOUNT = figure("worth.discount", "12", ("8", "20"), text="percent/year")


def test_one_course_of_figures_is_the_plan_itself() -> None:
    """Nothing varies: the simulation tells what the exact plan tells, and is certain of it."""
    certain = figure("worth.discount", "12", text="percent/year")
    found = simulate(adding({"a": figure("a", "-10")}, 6), {}, npv_of("net_income", certain))
    assert found.worth is not None
    assert found.worth.mean == pytest.approx(float(npv(monthly(Decimal("0.12")), [Decimal(-10)] * 6)))
    assert found.ending_cash.mean == found.lowest_cash.mean == -60
    assert found.runs_out.mean == 0
    assert found.breaks_even.mean is None
    assert found.breaks_even.never.value == 1
    assert [one.low for one in found.out_by] == [1.0] * 6


def test_the_month_in_which_cash_is_gone_is_that_of_each_draw() -> None:
    """A month's income goes to cash: those that lose are out from the first month on, the others never."""
    draws = {"income": np.array([-60.0, -40.0, -27.0, 5.0])}
    found = simulate(adding({"income": figure("income", "0", ("-60", "5"))}, 5), draws, None)
    assert found.worth is None
    assert [one.value for one in found.out_by] == [0.75] * 5
    assert found.runs_out.never.value == 0.25
    assert found.breaks_even.never.value == 0.75
    assert found.ending_cash.mean == pytest.approx(5 * draws["income"].mean())
    assert found.lowest_cash.quantiles[0].value == -300
    assert found.cash[1].middle == -67


def test_months_are_counted_from_a_purse() -> None:
    """100 at first, 30, 50 or 0 less a month: gone in the fourth period, the third, never; losses end or do not."""
    sheet = Sheet(periods=periods(date(2027, 1, 1), 6))
    heading = Heading(title="x", section="cash", dimension=dimension("CNY"), kind="stock")
    months = Line("months", 1) + ONE
    sheet.line("months", months, Heading(title="x", section="cash", dimension=SHARE, kind="stock"))
    burn = sheet.given(figure("burn", "30", ("0", "50")))
    gain = sheet.given(figure("gain", "0", ("0", "20")))
    sheet.line("net_income", gain * Line("months") - burn, heading)
    begun = Choose(Line("months", 1), Line("cash", 1), sheet.given(figure("purse", "100")))
    sheet.line("cash", begun + Line("net_income"), heading)
    draws = {"burn": np.array([30.0, 50.0, 0.0, 50.0]), "gain": np.array([0.0, 0.0, 0.0, 20.0])}
    found = simulate(sheet.model(), draws, None)
    assert [one.value for one in found.out_by] == [0, 0, 0.25, 0.5, 0.5, 0.5]
    assert [one.value for one in found.runs_out.quantiles[:5]] == [2, 2, 2, 2, 3]
    assert found.breaks_even.never.value == 0.5
    assert [one.value for one in found.breaks_even.quantiles[3:5]] == [0, 2]


def test_present_value_follows_a_rate_that_varies() -> None:
    """Each draw by its own rate, as the exact arithmetic discounts it."""
    figures = {"a": figure("a", "100", ("50", "200"))}
    draws = draw(figures | {DISCOUNT.name: DISCOUNT}, 20, seed=1)
    found = reached(adding(figures, 12), draws, npv_of("net_income", DISCOUNT))
    for place in (0, 7, 19):
        rate = monthly(Decimal(float(draws[DISCOUNT.name][place])) * 12)
        flow = Decimal(float(draws["a"][place]))
        assert found[place] == pytest.approx(float(npv(rate, [flow] * 12)))
    with pytest.raises(ProjectError, match="discounts nothing"):
        npv_of("net_income", figure("worth.discount", "-100", text="percent/year"))


def test_quantiles_have_intervals_that_hold() -> None:
    """Of 300 simulations of 400 draws, about 95 % of the medians' intervals have the true median."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(300):
        middle = distribution(rng.standard_normal(400)).quantiles[AT.index(0.5)]
        assert middle.low is not None
        assert middle.high is not None
        held += middle.low <= 0 <= middle.high
    assert held / 300 == pytest.approx(0.95, abs=0.035)


def test_never_and_undefined_are_told_apart() -> None:
    """Infinity is never, NaN is left out and counted; nothing but NaN is an error."""
    found = distribution(np.array([1.0, 2.0, np.inf, np.nan]))
    assert (found.draws, found.undefined, found.mean) == (4, 1, None)
    assert found.never.value == pytest.approx(1 / 3)
    assert found.quantiles[0].value == 1
    assert found.quantiles[-1].value is None
    with pytest.raises(ProjectError, match="undefined in all 2 draws"):
        distribution(np.array([np.nan, np.nan]))


def test_a_tornado_goes_to_both_ends_the_widest_first() -> None:
    """A sum moves by each figure's own range; one without a range has no bar."""
    figures = {
        "small": figure("small", "5", ("4", "6")),
        "large": figure("large", "10", ("0", "11")),
        "fixed": figure("fixed", "3", kind="sourced"),
    }
    certain = figure("worth.discount", "0", text="percent/year")
    bars = tornado(adding(figures), figures, npv_of("net_income", certain))
    assert [(bar.name, bar.at_low, bar.at_high, bar.swing) for bar in bars] == [
        ("large", -10, 1, 11),
        ("small", -1, 1, 2),
    ]
    assert tornado(adding({"a": figure("a", "1")}), {}, npv_of("net_income", certain)) == []
