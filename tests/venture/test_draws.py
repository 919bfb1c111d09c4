"""What figures may be: PERT's mean and bounds, intervals of measurements, correlations as asked for."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy.stats import spearmanr

from argosy.config.venture.uncertainty import Scenario, Simulation
from argosy.core.errors import ProjectError
from argosy.venture.graph.reckon import exact
from argosy.venture.uncertainty.draws import draw, pert, quantiles
from argosy.venture.uncertainty.scenarios import in_scenario
from tests.venture.uncertain import adding, figure

MIDDLES = (np.arange(20_000) + 0.5) / 20_000


@given(st.floats(-50, 50), st.floats(0, 1), st.floats(0.1, 100))
def test_pert_has_its_mean_and_stays_within(low: float, place: float, width: float) -> None:
    """The mean is (low + 4 likely + high) / 6, at a likeliest value anywhere from end to end."""
    likely, high = low + place * width, low + width
    values = pert(low, likely, high)(MIDDLES)
    assert low <= values.min()
    assert values.max() <= high + 1e-9
    assert values.mean() == pytest.approx((low + 4 * likely + high) / 6, abs=width * 1e-3)


def test_a_measurement_keeps_its_interval_and_its_sign() -> None:
    """95 % lie within; a share stays a share, what counts stays above 0, a change may have both signs."""
    known = quantiles(
        {
            "cost": figure("cost", "5", ("4", "6"), kind="measured"),
            "share": figure("share", "97", ("92", "100"), kind="measured", text="percent"),
            "change": figure("change", "0", ("-1", "2"), kind="measured"),
            "fixed": figure("fixed", "3", kind="sourced"),
            "certain": figure("certain", "3", ("3", "3")),
        }
    )
    assert set(known) == {"cost", "share", "change"}
    assert np.allclose(known["cost"](np.array([0.025, 0.5, 0.975])), [4, 5, 6], atol=1e-6)
    ends = known["share"](np.array([0.0, 1.0]))
    assert 0 <= ends[0] < ends[1] <= 1
    assert known["change"](np.array([0.001]))[0] < -1


def test_the_rank_correlations_are_those_asked_for() -> None:
    """Spearman's, whatever the figures' distributions; others stay apart."""
    figures = {
        name: figure(name, likely, ("0", "10")) for name, likely in (("a", "1"), ("b", "9"), ("c", "5"), ("d", "0"))
    }
    drawn = draw(figures, 40_000, seed=3, correlations=[("a", "b", -0.3), ("b", "c", 0.8)])
    found = spearmanr(np.stack([drawn[name] for name in "abcd"], axis=1)).statistic
    assert found[0, 1] == pytest.approx(-0.3, abs=0.02)
    assert found[1, 2] == pytest.approx(0.8, abs=0.02)
    assert np.abs(found[3, :3]).max() < 0.02
    whole = draw(figures, 1000, seed=3, correlations=[("a", "b", 1.0)])
    assert spearmanr(whole["a"], whole["b"]).statistic == pytest.approx(1)


def test_the_same_seed_draws_the_same_beside_other_figures() -> None:
    """A figure more changes no other, so that two plans are compared draw by draw."""
    one = {"a": figure("a", "1", ("0", "2"))}
    alone, beside = (draw(those, 50, seed=7)["a"] for those in (one, one | {"b": figure("b", "1", ("0", "3"))}))
    assert np.array_equal(alone, beside)
    assert not np.array_equal(alone, draw(one, 50, seed=8)["a"])


def test_correlations_that_cannot_be_name_the_pair() -> None:
    """A matrix that is not positive semidefinite, a pair twice, figures that are not there or do not vary."""
    figures = {name: figure(name, "1", ("0", "2")) for name in "abc"} | {"fixed": figure("fixed", "1")}

    def drawn(*pairs: tuple[str, str, float]) -> None:
        draw(figures, 10, seed=1, correlations=pairs)

    with pytest.raises(ProjectError, match=r"'a' and 'c' cannot be -0.9[\s\S]*reaches 0.\d+ at most"):
        drawn(("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9))
    with pytest.raises(ProjectError, match="given twice"):
        drawn(("a", "b", 0.5), ("b", "a", 0.5))
    with pytest.raises(ProjectError, match="no figure 'x'"):
        drawn(("a", "x", 0.5))
    with pytest.raises(ProjectError, match="'fixed' has no range"):
        drawn(("a", "fixed", 0.5))
    with pytest.raises(ProjectError, match="expected two figures"):
        drawn(("a", "a", 0.5))


def test_a_range_out_of_order_is_told() -> None:
    """An assumption's value lies within its range; a range goes from low to high."""
    for value, ends in (("5", ("0", "2")), ("1", ("2", "0"))):
        with pytest.raises(ProjectError, match="range of 'a'"):
            quantiles({"a": figure("a", value, ends)})


def test_scenarios_set_figures_in_their_own_unit() -> None:
    """A value, an end of the range, a multiple; the figure is certain then."""
    figures = {
        "a": figure("a", "1", ("0", "2")),
        "b": figure("b", "10", ("5", "20")),
        "c": figure("c", "3"),
        "d": figure("d", "4"),
    }
    told = TypeAdapter(Scenario).validate_python({"a": "low", "b": "high", "c": "x1.5", "d": 7.25})
    changed = in_scenario(adding(figures), "good", told)
    assert exact(changed)["net_income"] == (Decimal("31.75"),)
    assert quantiles(changed.figures) == {}
    for settings, words in (({"x": "low"}, "no figure 'x'"), ({"c": "low"}, "no range"), ({"c": "much"}, "no setting")):
        with pytest.raises(ProjectError, match=words):
            in_scenario(adding(figures), "bad", settings)


def test_the_tables_of_the_file() -> None:
    """Dotted names may stand without quotes; other settings and correlations are refused."""
    assert TypeAdapter(Scenario).validate_python({"pro": {"churn": "high", "new": "x0.7"}, "rent": 3}) == {
        "pro.churn": "high",
        "pro.new": "x0.7",
        "rent": Decimal(3),
    }
    assert Simulation.model_validate({"correlations": [["a", "b", -0.3]]}).correlations == [("a", "b", -0.3)]
    with pytest.raises(ValidationError):
        TypeAdapter(Scenario).validate_python({"a": "much"})
    with pytest.raises(ValidationError):
        Simulation.model_validate({"correlations": [["a", "b", 1.5]]})
