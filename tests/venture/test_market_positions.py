"""Positions, their sensitivity to weights, and white spaces, where it is known what was planted."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market_planted import BRANDS, NEEDS, market
from scipy.optimize import linprog

from argosy.venture.market.positions import (
    NO_COST,
    NO_QUALITY,
    NO_RIVALS,
    NO_SENTIMENT,
    SOME_COST,
    SOME_QUALITY,
    Asked,
    Positions,
    Reckoned,
    positions,
)
from argosy.venture.market.segments import segmented
from argosy.venture.market.sensitivity import sensitivity
from argosy.venture.market.white_spaces import concentration, white_spaces

EQUAL = dict.fromkeys(("need", "gap", "quality", "cost", "competition"), 1.0)
ASKED = Asked(rivals=("Alpha", "Beta"), own="Own", quality={}, cost={}, weights=EQUAL)


def exactly(value: float) -> Reckoned:
    """A figure without a range."""
    return Reckoned(value=value, low=value, high=value)


def found(asked: Asked = ASKED) -> Positions:
    """The positions of the planted market."""
    mined = market()
    return positions(mined, segmented(mined), asked)


def test_the_planted_gap_that_the_own_brand_fills_comes_first() -> None:
    """Languages: exporters speak of them, rivals fail, the own brand does not."""
    one = found().candidates[0]
    assert NEEDS.index("languages") in one.needs
    assert all(0 <= each.low <= each.value <= each.high <= 1 for each in one.criteria.values())
    assert one.score.value == pytest.approx(sum(one.criteria[name].value / 4 for name in one.criteria))


def test_scores_are_the_weighted_sums_of_criteria_in_order() -> None:
    """With the weights that are left, which add up to 1; the best first."""
    every = found(replace(ASKED, cost={need: exactly(100) for need in NEEDS}))
    weights = np.array(list(every.weights.values()))
    assert weights.sum() == pytest.approx(1)
    scores = every.values @ weights
    assert scores.tolist() == pytest.approx([one.score.value for one in every.candidates])
    assert sorted(scores, reverse=True) == scores.tolist()
    assert every.first.sum() == pytest.approx(1)


def test_a_given_quality_goes_before_what_texts_say_and_a_cost_counts() -> None:
    """Measured at nothing, languages lose; priced dearly, they lose as well."""
    nothing = found(replace(ASKED, quality={"languages": exactly(0)}, weights=EQUAL | {"quality": 5}))
    assert nothing.candidates[0].needs != (NEEDS.index("languages"),)
    cost = {need: exactly(1) for need in NEEDS} | {"languages": exactly(1000)}
    dear = found(replace(ASKED, cost=cost, weights=EQUAL | {"cost": 9}))
    assert NEEDS.index("languages") not in dear.candidates[0].needs


def test_what_is_not_known_counts_as_nothing_and_is_said() -> None:
    """An unknown quality as 0, an unknown cost as the dearest; what nobody gives is left out with its weight."""
    alone = replace(ASKED, own=None)
    assert {NO_QUALITY, NO_COST} <= set(found(alone).notes)
    assert set(found(alone).weights) == {"need", "gap", "competition"}
    some = found(replace(alone, quality={"languages": exactly(0.9)}, cost={"price": exactly(5)}))
    assert {SOME_QUALITY, SOME_COST} <= set(some.notes)
    by_needs = {one.needs: one for one in some.candidates}
    assert by_needs[NEEDS.index("privacy"),].criteria["quality"].value == 0
    assert by_needs[NEEDS.index("privacy"),].criteria["cost"].value == 0.5  # as dear as price; pairs cost twice


def test_one_brand_and_no_feelings_still_have_positions() -> None:
    """Competition is out with one brand; gap as well where nothing is felt."""
    mined = market(400, brands=("Own",))
    only = positions(mined, segmented(mined), replace(ASKED, rivals=()))
    assert only.candidates
    assert NO_RIVALS in only.notes
    assert "competition" not in only.weights
    mute = market()
    mute = replace(mute, felt=np.full_like(mute.felt, np.nan))
    silent = positions(mute, segmented(mute), ASKED)
    assert NO_SENTIMENT in silent.notes
    assert set(silent.weights) == {"need"}


def test_without_segments_all_customers_are_one() -> None:
    """And without needs there is no position."""
    mined = market(30)
    assert {one.segment for one in positions(mined, segmented(mined), ASKED).candidates} == {None}
    empty = replace(mined, needs=(), spoken=mined.spoken[:, :0], felt=mined.felt[:, :0])
    assert positions(empty, segmented(empty), ASKED).candidates == ()


@given(
    st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=2, max_size=6),
    st.lists(st.floats(0.05, 1), min_size=4, max_size=4),
)
def test_the_least_change_is_that_of_the_linear_programme(rows: list[list[float]], given: list[float]) -> None:
    """For any criteria and weights: as much weight moves as the programme moves, and the two are level then."""
    weights = np.array(given) / sum(given)
    values = np.array(rows)
    values = values[np.argsort(-(values @ weights), kind="stable")]
    change = sensitivity(values, dict(zip("abcd", weights.tolist(), strict=True))).change
    least = [moved for other in values[1:] if (moved := _programme(values[0] - other, weights)) is not None]
    if not least:
        assert change is None
        return
    assert change is not None
    assert change.moved == pytest.approx(min(least), abs=1e-6)
    new = np.array(list(change.weights.values()))
    assert new.sum() == pytest.approx(1)
    assert (new >= -1e-9).all()
    assert values[0] @ new == pytest.approx(values[change.to] @ new, abs=1e-6)


def _programme(lead: np.ndarray, weights: np.ndarray) -> float | None:
    """Half the least sum of changes of weights up and down by which the lead is gone."""
    many = len(weights)
    solved = linprog(
        np.full(2 * many, 0.5),
        A_ub=[np.concatenate([lead, -lead])],
        b_ub=[-lead @ weights],
        A_eq=[[1] * many + [-1] * many],
        b_eq=[0],
        bounds=[(0, None)] * many + [(0, one) for one in weights],
    )
    return float(solved.fun) if solved.status == 0 else None


def test_how_often_each_is_first() -> None:
    """The better of two in everything always is; two that mirror each other are as often."""
    weights = {"a": 0.5, "b": 0.5}
    better = sensitivity(np.array([[0.9, 0.8], [0.5, 0.7]]), weights)
    assert better.first.tolist() == [1, 0]
    assert better.change is None
    mirrored = sensitivity(np.array([[0.9, 0.1], [0.1, 0.9]]), weights)
    assert mirrored.first[0] == pytest.approx(0.5, abs=0.02)
    assert mirrored.change is not None
    assert mirrored.change.moved == pytest.approx(0, abs=1e-9)


def test_the_planted_white_space_is_told() -> None:
    """No rival is good at languages; somebody is good at each of the others."""
    spaces = {one.need: one for one in white_spaces(market(), ("Alpha", "Beta"))}
    assert {need: one.open for need, one in spaces.items()} == {
        "languages": "sure",
        "price": "no",
        "setup": "no",
        "privacy": "no",
    }
    price = spaces["price"]
    assert price.best == "Alpha"
    assert price.satisfaction is not None
    assert price.satisfaction.low <= 9 * 0.9 + 0.5 <= price.satisfaction.high
    assert all(one.score is not None and one.score.low <= one.score.value <= one.score.high for one in spaces.values())


def test_concentration_is_one_of_one_and_the_part_of_equals() -> None:
    """Herfindahl and Hirschman's index: 1, 1 / 4, and 0.5^2 + 0.3^2 + 0.2^2."""
    praise = np.array([[[9.0, 1, 5], [0, 1, 3], [0, 1, 2], [0, 1, 0]]])
    assert concentration(praise)[0].tolist() == pytest.approx([1, 0.25, 0.38])


def test_nobody_heard_leaves_white_spaces_open_as_unknown() -> None:
    """No feelings, or no brands: no score."""
    mined = market(200)
    mute = replace(mined, felt=np.full_like(mined.felt, np.nan))
    for found in (white_spaces(mute, BRANDS), white_spaces(mined, ())):
        assert all(one.score is None and one.best is None and one.open == "no" for one in found)
