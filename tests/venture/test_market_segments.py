"""Segments of customers, where it is known what was planted."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.venture.market import segments
from argosy.venture.market.segments import WHO, segmented
from argosy.venture.market.voices import Mined, Need, Voice

WANTS = np.array([[6, 5, 1, 1, 0.3, 0.3], [0.3, 0.3, 6, 5, 1, 1], [1, 1, 0.3, 0.3, 5, 6]], float)
START = datetime(2026, 1, 1)  # noqa: DTZ001 - all in one zone, which does not matter


def market(count: int, kinds: int, seed: int, *, most: int = 4) -> tuple[Mined, np.ndarray]:
    """A market of so many kinds of customers, the later the more of the last kind; and the kind of each."""
    rng = np.random.default_rng(seed)
    wants = WANTS[:kinds] if kinds > 1 else WANTS.mean(axis=0, keepdims=True)
    spoken = np.zeros((count, 6), np.bool_)
    of = np.zeros(count, np.int64)
    said = []
    for at in range(count):
        late = at / count
        chances = np.array([0.5 - 0.3 * late, 0.3, 0.2 + 0.3 * late][:kinds])
        of[at] = rng.choice(kinds, p=chances / chances.sum())
        keys = np.log(wants[of[at]]) + rng.gumbel(size=6)
        spoken[at, np.argsort(-keys)[: rng.integers(1, most + 1)]] = True
        size = "abc"[of[at]] if rng.random() < 0.8 else str(rng.choice(list("abc")))
        said.append(
            Voice(id=str(at), text="", time=START + timedelta(days=at), customer={"size": size, "moon": "xyz"[at % 3]})
        )
    needs = tuple(Need(name=str(need), words=(), shown=()) for need in range(6))
    felt, rated = np.full((count, 6), np.nan, np.float32), np.full(count, np.nan)
    return Mined(voices=tuple(said), needs=needs, spoken=spoken, felt=felt, rated=rated), of


def test_planted_segments_are_found_with_size_growth_and_traits() -> None:
    """Each by its needs; an attribute that tells nothing is not named."""
    mined, of = market(900, 3, 1)
    found = segmented(mined)
    assert len(found.segments) == 3
    assert sum(one.size.value for one in found.segments) == pytest.approx(1)
    guessed = found.of.argmax(axis=1)
    for at, one in enumerate(found.segments):
        kind = int(np.bincount(of[guessed == at]).argmax())
        assert set(one.telling[:2]) == {2 * kind, 2 * kind + 1}
        assert one.size.low - 0.03 <= np.mean(of == kind) <= one.size.high + 0.03
        assert one.traits[0].value == "abc"[kind]
        assert {trait.attribute for trait in one.traits} == {"size"}
        assert one.change is not None
        if kind == 2:
            assert one.change.low > 0
    assert found.stability >= 0.6


def test_customers_of_one_kind_are_not_cut_into_segments() -> None:
    """Nor those who all speak of one need, nor few of them."""
    for seed in range(4):
        found = segmented(market(400, 1, seed)[0])
        assert (found.segments, found.why) in [((), segments.ONE), ((), segments.UNSTABLE)]
        assert found.of.shape == (400, 0)
    assert segmented(market(400, 3, 1, most=1)[0]).why == segments.FEW
    assert segmented(market(30, 3, 1)[0]).why == segments.FEW


def test_a_customer_who_speaks_often_is_one() -> None:
    """What they speak of is put together, and their voices are of one segment."""
    mined, _ = market(900, 3, 2, most=1)
    told = [replace(one, customer={**one.customer, WHO: str(at // 3)}) for at, one in enumerate(mined.voices)]
    found = segmented(replace(mined, voices=tuple(told)))
    assert found.customers == 300


def test_without_times_and_attributes_neither_is_told() -> None:
    """The segments are found all the same."""
    mined, _ = market(900, 3, 1)
    found = segmented(replace(mined, voices=tuple(replace(one, time=None, customer={}) for one in mined.voices)))
    assert len(found.segments) == 3
    assert {(one.change, one.traits) for one in found.segments} == {(None, ())}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), max_size=30), st.integers(0, 3))
def test_whatever_is_said_shares_add_up(rows: list[list[bool]], seed: int) -> None:
    """To 1 where there are segments; otherwise it is said why there are none."""
    spoken = np.array(rows * 8, np.bool_).reshape(-1, 4)
    needs = tuple(Need(name=str(need), words=(), shown=()) for need in range(4))
    said = tuple(Voice(id=str(at), text="") for at in range(len(spoken)))
    felt, rated = np.full(spoken.shape, np.nan, np.float32), np.full(len(spoken), np.nan)
    found = segmented(Mined(voices=said, needs=needs, spoken=spoken, felt=felt, rated=rated), most=2, seed=seed)
    assert bool(found.segments) != bool(found.why)
    if found.segments:
        assert sum(one.size.value for one in found.segments) == pytest.approx(1)
        assert np.allclose(found.of.sum(axis=1), 1)
