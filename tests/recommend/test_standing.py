"""Fading counts are the same from a table or heard one by one, in any order, and can be taken back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranked_events import DAY, catalogue, events

from argosy.recommend.ranking.rules import Mark, Rules
from argosy.recommend.ranking.standing import Standing

ITEMS = 5
ALL = np.arange(ITEMS, dtype=np.int32)
rows = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, ITEMS - 1),
        st.integers(0, 3_000 * DAY),
        st.sampled_from(["look", "buy"]),
    ),
    max_size=30,
)


def told(standing: Standing, now: int) -> np.ndarray:
    """All that a standing says of each item."""
    return np.column_stack([standing.met(ALL), standing.wanted(ALL), standing.middle(ALL, now), standing.events()])


@given(rows, st.randoms())
def test_hearing_one_by_one_in_any_order_is_counting_at_once(rows: list, random: object) -> None:
    """Hearing one by one in any order is counting at once."""
    at_once = Standing.of(events(rows, size=ITEMS, people=4), catalogue(ITEMS))
    heard = Standing.of(events([], size=ITEMS, people=4), catalogue(ITEMS))
    random.shuffle(rows)  # type: ignore[attr-defined] - hypothesis' own kind of random
    for _, item, at, kind in rows:
        heard.hear(item, at, success=kind == "buy")
    np.testing.assert_allclose(told(heard, 3_000 * DAY), told(at_once, 3_000 * DAY), rtol=1e-4, atol=1e-4)


@given(rows, rows)
def test_what_is_taken_back_leaves_nothing(kept: list, forgotten: list) -> None:
    """What is taken back leaves nothing."""
    without = Standing.of(events(kept, size=ITEMS, people=4), catalogue(ITEMS))
    standing = Standing.of(events(kept + forgotten, size=ITEMS, people=4), catalogue(ITEMS))
    for _, item, at, kind in forgotten:
        standing.hear(item, at, success=kind == "buy", times=-1)
    np.testing.assert_array_equal(np.isnan(told(standing, 0)), np.isnan(told(without, 0)))
    np.testing.assert_allclose(standing.events(), without.events(), atol=1e-4)
    np.testing.assert_allclose(standing.wanted(ALL), without.wanted(ALL), atol=1e-4)


def test_an_event_counts_half_after_its_half_life() -> None:
    """An event counts half after its half life."""
    standing = Standing.of(events([(0, 0, 0, "buy"), (0, 1, 7 * DAY, "buy")], size=2), catalogue(2))
    day, week, month, ever = standing.met(np.array([0, 1], np.int32))[:, :4].T
    assert week[1] / week[0] == pytest.approx(2)
    assert day[1] / day[0] == pytest.approx(2**7)
    assert month[1] / month[0] == pytest.approx(2 ** (7 / 30), rel=1e-5)
    assert ever[1] == ever[0]


def test_it_grows_one_by_one_and_keeps_what_it_knows() -> None:
    """It grows one by one and keeps what it knows."""
    standing = Standing.of(events([(0, 0, 0, "buy")], size=1), catalogue(1, prices=[3.0]))
    for place in range(1, 40):
        standing.place(place, price=float(place), added=place * DAY, tags=(place % 3,))
        standing.hear(place, place * DAY, success=False)
    assert len(standing) == 40
    assert standing.prices[:3].tolist() == [3.0, 1.0, 2.0]
    assert standing.events().tolist() == [1.0] * 40
    assert standing.age(np.array([0, 5], np.int32), 6 * DAY).tolist()[1] == 1.0


def test_an_item_that_is_added_later_has_no_age() -> None:
    """An item that is added later has no age."""
    standing = Standing(0)
    standing.place(0, added=5 * DAY)
    assert np.isnan(standing.age(np.array([0], np.int32), 4 * DAY)[0])


def test_rules_mark_items_and_a_new_text_marks_anew() -> None:
    """Rules mark items and a new text marks anew."""
    rules = Rules(exclude=frozenset({"tag:t1"}), boost={"i0": 2.0, "tag:t0": 3.0}, caps={"tag:t0": 1, "*": 2})
    standing = Standing.of(events([], size=3), catalogue(3, tags=[(0,), (1,), ()]), rules)
    assert standing.gone.tolist() == [False, True, False]
    assert standing.lift[:3] == pytest.approx([np.log(6), 0, 0])
    assert standing.caps[:3].tolist() == [1, 0, 0]
    standing.place(1, tags=(2,), mark=Mark())
    assert not standing.gone[1]
    standing.remove(1)
    assert standing.gone[1]


def test_what_is_popular_stays_a_number_for_years() -> None:
    """Fading sums grow with time, far beyond what a float32 holds, until they are moved."""
    standing = Standing(2)
    for year in range(4):
        standing.hear(0, year * 365 * DAY, success=True)
    standing.hear(1, 4 * 365 * DAY, success=True)
    for span in range(4):
        assert np.isfinite(standing.popular(span)).all()
    assert standing.popular(1)[1] > standing.popular(1)[0]
