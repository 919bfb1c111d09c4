"""What a test of a recommender counts: ties, the last success, an empty record, and which items were shown."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.recommend.interactions import Floats, History, Interactions
from argosy.recommend.protocol.audit import audit
from argosy.recommend.protocol.cutting import Case, cut
from argosy.recommend.protocol.ranking import Scores, evaluate


def _case(wanted: Sequence[int], user: int = 0) -> Case:
    return Case(user=user, history=History.none(0), wanted=np.array(wanted, np.int32), had=np.empty(0, np.int32))


def _fixed(row: Sequence[float]) -> Scores:
    def scores(histories: Sequence[History]) -> Floats:
        return np.tile(np.array(row, np.float32), (len(histories), 1))

    return scores


def _events(users: Sequence[int], items: Sequence[int], times: Sequence[int], kind: Sequence[int]) -> Interactions:
    return Interactions(
        users=np.array(users, np.int32),
        items=np.array(items, np.int32),
        times=np.array(times, np.int64),
        kind=np.array(kind, np.int8),
        kinds=("view", "buy"),
        weights={"buy": 1.0},
        wanted=frozenset({"buy"}),
        people=("a", "b"),
        size=5,
    )


@given(
    row=st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=1, max_size=6),
    better=st.integers(0, 10),
    wishes=st.integers(1, 63),
)
def test_figures_are_those_expected_over_all_orders_of_equal_items(row: list[float], better: int, wishes: int) -> None:
    """Figures are those expected over all orders of equal items."""
    wanted = [place for place in range(len(row)) if wishes >> place & 1] or [0]
    found = evaluate(_fixed([*row, *[9.0] * better]), [_case(wanted)], len(row) + better).figures
    told: dict[str, list[float]] = {name: [] for name in found}
    ideal = sum(1 / np.log2(place + 2) for place in range(min(len(wanted), 10)))
    for order in permutations(range(len(row))):
        stood = sorted(order, key=lambda item: -row[item])
        places = sorted(better + stood.index(item) for item in wanted)
        inside = [place for place in places if place < 10]
        told["ndcg@10"].append(sum(1 / np.log2(place + 2) for place in inside) / ideal)
        told["hit@10"].append(float(bool(inside)))
        told["recall@10"].append(len(inside) / len(wanted))
        told["mrr"].append(1 / (places[0] + 1))
    for name, values in told.items():
        assert found[name][0] == pytest.approx(np.mean(values)), name


def test_the_last_cut_keeps_what_happened_at_its_moment_out_of_the_history() -> None:
    """The last cut keeps what happened at its moment out of the history."""
    parts = cut(_events([0, 0, 0], [1, 2, 3], [10, 20, 20], [1, 0, 1]), "last", 0.2)
    assert [case.history.items.tolist() for case in parts.cases] == [[1]]
    assert parts.cases[0].wanted.tolist() == [3]
    assert parts.train.items.tolist() == [1]


def test_nobody_is_asked_for_a_last_success_without_one_strictly_before() -> None:
    """Nobody is asked for a last success without one strictly before."""
    parts = cut(_events([0, 0], [1, 2], [10, 10], [1, 1]), "last", 0.2)
    assert not parts.cases
    assert len(parts.train) == 2


def test_no_events_make_an_empty_matrix() -> None:
    """No events make an empty matrix."""
    nothing = _events([], [], [], [])
    empty = Interactions(
        users=nothing.users,
        items=nothing.items,
        times=nothing.times,
        kind=np.array([]),
        kinds=(),
        weights={},
        wanted=frozenset(),
        people=(),
        size=3,
    )
    assert empty.matrix().shape == (0, 3)
    assert empty.success.tolist() == empty.strength.tolist() == []


def test_of_equal_items_other_ones_are_shown_to_each_and_the_same_again() -> None:
    """Of equal items other ones are shown to each and the same again."""
    cases = [_case([0], user) for user in range(200)]
    first, again = (evaluate(_fixed([1.0] * 60), cases, 60).shown for _ in range(2))
    assert first.all()
    assert first.tolist() == again.tolist()
    assert evaluate(_fixed([1.0] * 60), cases[:1], 60).shown.sum() == 10


def test_the_audit_sees_what_items_tell_early() -> None:
    """The share of the random split that lies before what was learnt of the same item is the one counted by hand."""
    rng = np.random.default_rng(3)
    times = np.arange(200).tolist()
    happened = _events(
        rng.integers(0, 2, 200).tolist(), rng.integers(0, 5, 200).tolist(), times, rng.integers(0, 2, 200).tolist()
    )
    held = np.random.default_rng(7).random(200) < 0.2
    found = audit(cut(happened, "time", 0.2), {}, happened, lambda learnt: {}, 0.2, seed=7)
    rows = np.flatnonzero(held & happened.success)
    learnt = np.flatnonzero(~held)
    early = [any(later > row and happened.items[later] == happened.items[row] for later in learnt) for row in rows]
    assert found.before_item == pytest.approx(np.mean(early))
    assert set(found.sampled) == set(found.full) == set()
