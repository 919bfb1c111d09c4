"""Sobol indices and shares of variance against functions whose answers are known."""

import math
from collections.abc import Mapping

import numpy as np
import pytest

from argosy.core.errors import ProjectError
from argosy.venture.figures import Figure
from argosy.venture.graph.reckon import Samples
from argosy.venture.uncertainty.draws import quantiles
from argosy.venture.uncertainty.outcome import Outcome, npv_of
from argosy.venture.uncertainty.shares import Shares, shares
from argosy.venture.uncertainty.sobol import indices, sobol
from tests.venture.uncertain import adding, figure

pytest.importorskip("SALib")
CERTAIN = figure("worth.discount", "0", text="percent/year")


def ishigami(values: Mapping[str, Samples]) -> Samples:
    """Ishigami and Homma (1990), with a = 7 and b = 0.1, of three figures that are even from -π to π."""
    one, two, three = (values[name] for name in "abc")
    return np.asarray(np.sin(one) + 7 * np.sin(two) ** 2 + 0.1 * three**4 * np.sin(one))


def variance(one: Figure) -> float:
    """Of a PERT figure: (mean - low) · (high - mean) / 7."""
    low, high = (float(end) for end in one.spread or ())
    mean = (low + 4 * float(one.base) + high) / 6
    return (mean - low) * (high - mean) / 7


def of_sum(figures: Mapping[str, Figure]) -> Shares:
    """The shares of the variance of a sum."""
    return shares(
        adding(figures), figures, npv_of("net_income", CERTAIN), seed=1, hints={"price": "Ask ten customers."}
    )


def test_ishigami() -> None:
    """All six indices, from the integrals: V = a²/8 + bπ⁴/5 + b²π⁸/18 + 1/2."""
    a, b, pi = 7.0, 0.1, math.pi
    whole = a**2 / 8 + b * pi**4 / 5 + b**2 * pi**8 / 18 + 0.5
    first = ((1 + b * pi**4 / 5) ** 2 / 2 / whole, a**2 / 8 / whole, 0.0)
    both = 8 * b**2 * pi**8 / 225 / whole
    total = (first[0] + both, first[1], both)
    found = indices(ishigami, dict.fromkeys("abc", lambda part: -pi + 2 * pi * part), points=4096, seed=2)
    assert found.variance == pytest.approx(whole, rel=0.01)
    assert found.evaluations == 4096 * 5
    for one, alone, all_of_it in zip(found.by, first, total, strict=True):
        assert one.first.value == pytest.approx(alone, abs=0.02)
        assert one.total.value == pytest.approx(all_of_it, abs=0.02)
        assert one.total.low < one.total.value < one.total.high


def test_a_sum_has_the_shares_of_its_variances() -> None:
    """Exact by arithmetic: each figure's, and each origin's, variance over that of the sum; nothing together."""
    figures = {
        "price": figure("price", "50", ("10", "80")),
        "churn": figure("churn", "20", ("10", "40")),
        "rent": figure("rent", "10", ("5", "30"), kind="sourced"),
        "cost": figure("cost", "100", ("80", "120"), kind="measured"),
        "fixed": figure("fixed", "1", kind="sourced"),
    }
    each = {name: variance(one) for name, one in figures.items() if one.spread and name != "cost"}
    each["cost"] = (20 / 1.959964) ** 2
    whole = sum(each.values())
    found = of_sum(figures)
    assert found.variance == pytest.approx(whole, rel=0.01)
    assumed = (each["price"] + each["churn"]) / whole
    assert found.of("assumed").alone.value == pytest.approx(assumed, abs=0.01)
    assert found.of("assumed").total.value == pytest.approx(assumed, abs=0.01)
    assert found.of("measured").total.value == pytest.approx(each["cost"] / whole, abs=0.01)
    assert [found.of(kind).figures for kind in ("assumed", "measured", "sourced")] == [2, 1, 1]
    assert [one.name for one in found.unknown] == sorted(each, key=lambda name: -each[name])
    for one in found.unknown:
        assert one.gone == pytest.approx(each[one.name], abs=0.02 * whole)
        assert one.left == pytest.approx(math.sqrt(whole - one.gone), rel=0.02)
    assert {one.hint for one in found.unknown if one.name == "price"} == {"Ask ten customers."}


def test_without_assumptions_their_share_is_nothing() -> None:
    """Nothing that varies, only measurements, or a figure on which nothing depends: no division by 0."""
    nothing = of_sum({"fixed": figure("fixed", "1", kind="sourced")})
    assert (nothing.variance, nothing.of("assumed").total.value, nothing.unknown) == (0.0, 0.0, ())
    measured = of_sum({"cost": figure("cost", "100", ("80", "120"), kind="measured")})
    assert (measured.of("assumed").total.value, measured.of("measured").total.value) == (0.0, 1.0)
    known = {"idle": figure("idle", "1", ("0", "2"))}
    model = adding({"fixed": figure("fixed", "1")})
    assert shares(model, known, npv_of("net_income", CERTAIN), seed=1).of("assumed").total.value == 0.0


def test_one_assumption_is_all_of_it() -> None:
    """Exactly 1, whatever its unit and beside figures that are fixed."""
    found = of_sum({"price": figure("price", "50", ("10", "80")), "fixed": figure("fixed", "1", kind="sourced")})
    share = found.of("assumed").total
    assert (share.value, share.low, share.high) == (1.0, 1.0, 1.0)
    assert found.unknown[0].left == 0.0


def test_an_outcome_that_is_undefined_is_refused() -> None:
    """No index is made of some of the draws alone."""
    figures = {name: figure(name, "1", ("0", "2")) for name in "ab"}
    broken = Outcome(lines=("net_income",), of=lambda values, _: np.where(values["net_income"][0] > 2, np.nan, 1.0))
    with pytest.raises(ProjectError, match="undefined for"):
        sobol(adding(figures), figures, broken, points=64, seed=1)


def test_the_same_seed_gives_the_same_indices() -> None:
    """Intervals too; the discount rate is a figure as others are."""
    figures = {name: figure(name, "10", ("0", "20")) for name in "ab"}
    rate = figure("worth.discount", "12", ("0", "40"), text="percent/year")
    known = figures | {rate.name: rate}
    one, other = (sobol(adding(figures, 24), known, npv_of("net_income", rate), points=256, seed=4) for _ in range(2))
    assert one == other
    assert set(quantiles(known)) == {each.name for each in one.by}
    assert one.by[-1].total.value > 0.01
