"""What training and serving take: against the figures that their authors print, and what has to hold of any."""

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import ProjectError
from argosy.venture.compute.choice import Machines, break_even, owned
from argosy.venture.compute.cost import MONTH_HOURS, served
from argosy.venture.compute.curve import Point, capacity
from argosy.venture.compute.energy import estimated, joules
from argosy.venture.compute.memory import cache_bytes, sequences, weight_bytes
from argosy.venture.compute.shapes import SHAPES, shape
from argosy.venture.compute.training import flops, hours, loss, optimal, state_bytes, twenty

NEVER = float("inf")


def point(offered: float, late: float) -> Point:
    """A rate at which half of the requests take a tenth of the latest ones."""
    return Point(offered=offered, answered=offered, seconds=10, ms=(late / 10,) * 50 + (late,) * 50)


def test_operations_of_gpt_3() -> None:
    """174.6 billion parameters and 300 billion tokens: 3.14e23 (Brown and others, 2020, table D.1)."""
    assert f"{flops(174_600_000_000, 300_000_000_000):.2e}" == "3.14e+23"
    assert flops(10**9, 10**9) == 6 * 10**18


@pytest.mark.parametrize(("parameters", "tokens", "printed"), [(70e9, 1.4e12, 1.9366), (280e9, 300e9, 1.9933)])
def test_losses_of_chinchilla_and_gopher(parameters: float, tokens: float, printed: float) -> None:
    """The fit of approach 3 at both models' sizes."""
    assert round(loss(parameters, tokens), 4) == printed
    with pytest.raises(ProjectError, match="learns nothing"):
        loss(0, tokens)


@given(st.floats(1e12, 1e26))
def test_no_other_size_has_a_lower_loss_for_the_same_operations(operations: float) -> None:
    """The closed form against sizes around it; it spends all operations."""
    best = optimal(operations)
    assert 6 * best.parameters * best.tokens == pytest.approx(operations)
    for factor in (0.5, 0.9, 1.1, 2):
        other = best.parameters * factor
        assert loss(other, operations / 6 / other) >= best.loss
    assert twenty(operations).tokens == pytest.approx(20 * twenty(operations).parameters)
    assert 6 * twenty(operations).parameters * twenty(operations).tokens == pytest.approx(operations)


def test_keys_and_values_of_llama() -> None:
    """Llama-2-7B, Llama-3-8B with 8 groups, and its 128k context; a token's bytes."""
    assert cache_bytes(32, 32, 128) == 524_288
    assert cache_bytes(32, 8, 128) == 131_072
    assert cache_bytes(32, 8, 128) * 128 * 1024 == 16 * 2**30


def test_what_fits_in_a_memory() -> None:
    """Weights first; what is left holds whole contexts."""
    assert weight_bytes(7, 4) == 4
    assert sequences(40, 8, 2, 8) == 2
    assert sequences(8, 8, 2, 8) == 0
    with pytest.raises(ProjectError, match="weights take 9"):
        sequences(8, 9, 2, 8)


def test_what_training_holds_in_memory() -> None:
    """16 bytes of each parameter that learns; adapters leave the others as they are."""
    assert state_bytes(1000, 1000, mixed=True) == state_bytes(1000, 1000, mixed=False) == 16_000
    assert state_bytes(1000, 10, mixed=True) == 990 * 2 + 160


def test_hours_hang_on_what_is_reached() -> None:
    """Half of the peak takes twice as long, two devices half."""
    assert hours(10**15, Decimal(10**14), Decimal("0.5")) == 20
    assert hours(10**15, Decimal(10**14), Decimal("0.5"), 2) == 10
    for peak, utilisation in ((0, 1), (1, 0)):
        with pytest.raises(ProjectError, match="never ends"):
            hours(1, Decimal(peak), Decimal(utilisation))


def test_the_capacity_lies_between_measured_rates() -> None:
    """By interpolation of the percentile; never beyond the last rate that was measured."""
    points = [point(10, 20), point(30, 60), point(20, 40)]
    found = capacity(points, 50)
    assert (found.rate, found.low, found.high, found.open) == (25, 20, 30, False)
    assert capacity(points, 1000).open
    assert capacity(points, 1000).rate == 30
    assert capacity([*points, point(40, NEVER)], 100).rate == 30
    with pytest.raises(ProjectError, match=r"10 requests a second 99 % take up to 20\.0 ms"):
        capacity(points, 19)
    with pytest.raises(ProjectError, match="no load curve"):
        capacity([], 19)


def test_the_share_within_a_bound() -> None:
    """Between percentiles by interpolation; what was never answered is in no bound."""
    one = Point(offered=1, answered=1, seconds=1, ms=(*map(float, range(1, 100)), NEVER))
    assert one.within(50) == pytest.approx(0.5)
    assert one.within(1e9) == pytest.approx(0.99)
    assert one.within(0) == 0


@given(
    weights=st.lists(st.integers(0, 50), min_size=24, max_size=24).filter(any),
    requests=st.integers(0, 10**9),
    rate=st.floats(0.5, 1000),
    scales=st.booleans(),
)
def test_machines_are_enough_at_every_hour(weights: list[int], requests: int, rate: float, *, scales: bool) -> None:
    """No hour asks for more than they answer, with one less it would; idle hours are paid."""
    day = shape(weights)
    found = served(Decimal(requests), day, rate, Decimal("0.5"), scales=scales)
    needed = requests / 30.436875 * float(max(day.hours)) / 3600 / rate
    assert found.machines == max(1, math.ceil(needed)) or found.machines == pytest.approx(needed, abs=1.0001)
    assert found.cost == found.hours * Decimal("0.5")
    assert 0 <= found.busy <= 1 + 1e-9
    assert (found.thousand is None) == (requests == 0)
    assert found.thousand is None or found.thousand >= found.full * Decimal("0.999999")


def test_idle_hours_cost_by_hand() -> None:
    """730.485 hours at 1; 1,000,000 requests with 10 tokens each."""
    found = served(Decimal(1_000_000), SHAPES["steady"], 100, Decimal(1), Decimal(10))
    assert (found.machines, found.hours, found.cost) == (1, MONTH_HOURS, MONTH_HOURS)
    assert found.thousand == MONTH_HOURS / 1000
    assert found.million == MONTH_HOURS / 10
    assert found.full == Decimal(1000) / 360_000
    for requests, rate in ((-1, 1.0), (1, 0.0)):
        with pytest.raises(ProjectError, match="cannot be served"):
            served(Decimal(requests), SHAPES["steady"], rate, Decimal(1))


def test_shapes_of_a_day() -> None:
    """Their parts add up; bursts ask for five times the mean; others than 24 weights are refused."""
    assert {sum(one.hours) for one in SHAPES.values()} == {1}
    assert SHAPES["bursts"].peak == 5
    assert SHAPES["steady"].peak == 1
    for weights, burst in (([1] * 23, 1), ([0] * 24, 1), ([-1] + [1] * 23, 1), ([1] * 24, Fraction(1, 2))):
        with pytest.raises(ProjectError, match="24 weights"):
            shape(weights, burst)


@given(st.integers(1, 200), st.integers(1, 2000), st.integers(1, 30))
def test_machines_break_even_where_they_do(monthly: int, most: int, request: int) -> None:
    """By trying every whole number of requests: the first one that is cheaper, and the last one that is not."""
    machines, price = Machines(monthly=Fraction(monthly), most=Fraction(most)), Fraction(request)
    found = break_even(machines, price)
    tried = range(1, 12 * most + 1)
    cheaper = [one for one in tried if machines.cost(Fraction(one)) <= one * price]
    if found.first is None or found.good is None:
        assert monthly >= request * most
        return
    assert cheaper == [] or cheaper[0] == math.ceil(found.first)
    after = [one for one in tried if one >= found.good]
    assert all(machines.cost(Fraction(one)) <= one * price for one in after)


def test_costs_to_compare_are_above_nothing() -> None:
    """A free API is never beaten, and never asked."""
    with pytest.raises(ProjectError, match="above 0"):
        break_even(Machines(monthly=Fraction(1), most=Fraction(1)), Fraction(0))
    assert owned(Fraction(3600), 36, Fraction(100), Fraction(1, 2), Fraction(730)) == 100 + Fraction(73, 2)
    with pytest.raises(ProjectError, match="1 or more"):
        owned(Fraction(3600), 0, Fraction(100), Fraction(1, 2), Fraction(730))


def test_energy_is_estimated_or_measured(tmp_path: Path) -> None:
    """100 W over 10 hours at a PUE of 1.5; counters are read where there are any."""
    used = estimated(Decimal(100), Decimal(10), Decimal("1.5"), Decimal("0.5"))
    assert (used.kilowatt_hours, used.carbon, used.how) == (Decimal("1.5"), Decimal("0.75"), "estimated")
    place = tmp_path
    assert joules(place) is None
    for number, stands in enumerate(("1500000", "500000")):
        (place / f"intel-rapl:{number}").mkdir()
        (place / f"intel-rapl:{number}" / "energy_uj").write_text(stands, encoding="ascii")
    assert joules(place) == 2
