"""Draws of a plan: quantiles with the error of few draws, months at which cash is gone, present value by rate."""

from decimal import Decimal

import numpy as np
import pytest

from argosy.core.errors import ProjectError
from argosy.venture.graph.reckon import exact
from argosy.venture.returns.value import monthly, npv
from argosy.venture.uncertainty.draws import draw
from argosy.venture.uncertainty.outcome import npv_of, reached
from argosy.venture.uncertainty.simulate import AT, distribution, simulate
from argosy.venture.uncertainty.tornado import tornado
from tests.venture.uncertain import adding, figure

DISCOUNT = figure("worth.discount", "12", ("8", "20"), text="percent/year")


def test_one_course_of_figures_is_the_plan_itself() -> None:
    """Nothing varies: the simulation tells what the exact plan tells, and is certain of it."""
    figures = {"a": figure("a", "-10")}
    model = adding(figures, 6)
    certain = figure("worth.discount", "12", text="percent/year")
    found = simulate(model, {}, npv_of("net_income", certain))
    wanted = npv(monthly(Decimal("0.12")), exact(model)["net_income"])  # type: ignore[arg-type]  # all are defined
    assert found.worth is not None
    assert found.worth.mean == pytest.approx(float(wanted))
    assert found.ending_cash.mean == found.lowest_cash.mean == -60
    assert found.runs_out.mean == 0
    assert found.breaks_even.mean is None
    assert found.breaks_even.never.value == 1
    assert [one.low for one in found.out_by] == [1.0] * 6


def test_the_month_in_which_cash_is_gone_is_that_of_each_draw() -> None:
    """100 at first and so much less each month: by hand, with a draw that never runs out."""
    draws = {"a": np.array([-60.0, -30.0, -26.0, 5.0])}
    figures = {"a": figure("a", "-30", ("-60", "5"))}
    model = adding(figures, 4)
    found = simulate(model, draws, None)
    assert found.worth is None
    assert found.runs_out.never.value == 0.25
    assert found.breaks_even.never.value == 0.75
    assert [one.value for one in found.out_by] == [0.75] * 4
    assert found.runs_out.mean is None
    assert found.ending_cash.mean == pytest.approx(4 * draws["a"].mean())


def test_present_value_follows_a_rate_that_varies() -> None:
    """Each draw by its own rate, as the exact arithmetic discounts it."""
    figures = {"a": figure("a", "100", ("50", "200"))}
    model = adding(figures, 12)
    draws = draw(figures | {DISCOUNT.name: DISCOUNT}, 20, seed=1)
    found = reached(model, draws, npv_of("net_income", DISCOUNT))
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
