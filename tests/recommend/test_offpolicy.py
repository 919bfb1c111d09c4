"""What is told of a new ranker from lists that another one showed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.core.recommend import Recommendation, Shown
from argosy.recommend.judging.clicks import Clicks
from argosy.recommend.judging.logged import Described, Logged, logged
from argosy.recommend.judging.offpolicy import Estimates, estimate

POOL, EXPLORE = 4, 0.4
RATES = np.array([0.1, 0.2, 0.3, 0.6])


def log(lists: int, best_old: int = 0, best_new: int = 3, *, explore: float = EXPLORE, each: int = 4) -> Logged:
    """One place, four items: each ranker shows its best, or any with the chance of exploring."""
    rng = np.random.default_rng(7)
    chances = [np.full(POOL, explore / POOL) for _ in range(2)]
    chances[0][best_old] += 1 - explore
    chances[1][best_new] += 1 - explore
    items = rng.choice(POOL, lists, p=chances[0])
    good = (rng.random(lists) < RATES[items]).astype(float)
    return Logged(
        users=np.arange(lists) // each,
        old=chances[0][items][:, None],
        new=chances[1][items][:, None],
        good=good[:, None],
        described=Described(
            features=np.eye(POOL)[items][:, None],
            at=np.repeat(np.arange(lists), POOL),
            chance=np.tile(chances[1], lists),
            could=np.tile(np.eye(POOL), (lists, 1)),
        ),
    )


def truth(best: int, explore: float = EXPLORE) -> float:
    """What a ranker earns with a list."""
    return float((1 - explore) * RATES[best] + explore * RATES.mean())


def test_new_ranker_is_worth_what_it_earns() -> None:
    """Every estimate holds the truth, and none takes it for what the old one earns."""
    told = estimate(log(4000))
    for one in (told.ips, told.snips, told.clipped, told.doubly):
        assert one is not None
        assert one.low < truth(3) < one.high
        assert one.low > truth(0) + 0.1
    assert told.logged.low < truth(0) < told.logged.high
    assert told.gain is not None
    assert told.gain.low < truth(3) - truth(0) < told.gain.high
    assert told.overlap.reach == pytest.approx(1, abs=0.15)
    assert told.overlap.effective < 4000


def test_ranker_that_does_the_same_is_worth_what_the_log_says() -> None:
    """All weights are 1."""
    told = estimate(log(400, best_new=0))
    assert told.ips is not None and told.snips is not None and told.gain is not None  # noqa: PT018 - what follows needs it
    assert told.ips.value == told.snips.value == told.logged.value
    assert told.overlap.reach == 1
    assert told.overlap.effective == pytest.approx(400)
    assert told.gain.low <= 0 <= told.gain.high


def test_nothing_is_told_where_nothing_was_explored() -> None:
    """A log without chance says nothing of another ranker."""
    one = log(400, explore=0.0)
    told = estimate(one)
    assert told.overlap.refused == "nothing_explored"
    assert told.ips is None
    assert told.gain is None
    assert told.logged.value == one.good.mean()


def test_needed_lists_are_enough_and_not_far_too_many() -> None:
    """Who keeps as many lists as were asked for is told something."""
    few = estimate(log(100))
    assert few.overlap.refused == "too_few"
    assert few.doubly is None
    enough = estimate(log(100 + 2 * few.overlap.needed))
    assert not enough.overlap.refused
    assert few.overlap.needed < 3000


def test_items_that_the_log_never_shows_are_out_of_reach() -> None:
    """More lists would not help there."""
    one = log(4000)
    kept = one.old[:, 0] != one.new[:, 0]
    unseen = (one.new[:, 0] > EXPLORE) & kept  # the new ranker's best never stood there
    told = estimate(
        Logged(users=one.users[~unseen], old=one.old[~unseen], new=one.new[~unseen], good=one.good[~unseen])
    )
    assert told.overlap.refused == "out_of_reach"
    assert told.overlap.needed == 0


def test_lists_of_one_user_count_together() -> None:
    """Five copies of each list tell no more than one."""
    one = log(2000, each=1)
    old, new, good = (np.tile(column, (5, 1)) for column in (one.old, one.new, one.good))
    single, copied = estimate(one), estimate(Logged(users=np.tile(one.users, 5), old=old, new=new, good=good))
    assert single.snips is not None and copied.snips is not None  # noqa: PT018 - what follows needs it
    assert copied.snips.value == pytest.approx(single.snips.value)
    assert copied.snips.high - copied.snips.low > 0.9 * (single.snips.high - single.snips.low)


def test_clipping_says_what_it_may_hide() -> None:
    """Clipped, the figure is too small, and its interval goes on to the truth."""
    told = estimate(log(30_000, explore=0.02))
    assert told.clipped is not None and told.ips is not None  # noqa: PT018 - what follows needs it
    assert told.clipped.low <= truth(3, 0.02) <= told.clipped.high
    assert told.clipped.value <= told.ips.value


def test_a_wrong_model_of_clicks_does_no_harm() -> None:
    """The interval holds the truth all the same; it is wider."""

    def blind(features: np.ndarray, good: np.ndarray) -> Clicks:
        wide = features.shape[1]
        return Clicks(centre=np.zeros(wide), scale=np.ones(wide), slopes=np.full(wide + 1, -0.7))

    told, good = estimate(log(4000), fit=blind), estimate(log(4000))
    assert told.doubly is not None and good.doubly is not None  # noqa: PT018 - what follows needs it
    assert told.doubly.low < truth(3) < told.doubly.high
    assert good.doubly.high - good.doubly.low < told.doubly.high - told.doubly.low


def shown(number: int, *items: tuple[str, float], user: str = "u") -> Recommendation:
    """A list."""
    places = tuple(Shown(item=item, score=0.0, why="profile", chance=chance) for item, chance in items)
    return Recommendation(id=f"l{number}", user=user, at=number, items=places)


def test_columns_say_what_the_lists_said() -> None:
    """Chances, clicks, owners, and features by place; a short list is filled up."""
    lists = [shown(1, ("a", 0.9), ("b", 0.5)), shown(2, ("b", 0.1)), shown(3, ("a", 0.9), user="")]
    told = logged(
        lists,
        {("l1", "b"), ("l2", "b")},
        lambda one, place: {"b": 0.75, "a": 0.25} if place == 0 else {"c": 1.0},
        places=2,
        describe=lambda _, place, item: [float(item == "a"), float(place)],
    )
    assert told.old.tolist() == [[0.9, 0.5], [0.1, 1.0], [0.9, 1.0]]
    assert told.new.tolist() == [[0.25, 0.0], [0.75, 1.0], [0.25, 1.0]]
    assert told.good.tolist() == [[0, 1], [1, 0], [0, 0]]
    assert told.users[0] == told.users[1] != told.users[2]
    assert told.described is not None
    assert told.described.features[:, 0].tolist() == [[1, 0], [0, 0], [1, 0]]
    assert told.described.at.tolist() == [0, 0, 1, 2, 2, 4, 4]


@pytest.mark.parametrize("chance", [0.0, -0.1, 1.5, float("nan")])
def test_chance_that_cannot_be_is_refused(chance: float) -> None:
    """The list is named."""
    with pytest.raises(DataError, match="l1"):
        logged([shown(1, ("a", chance))], set(), lambda _, __: {"a": 1.0})


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.floats(0.01, 1.0),
            st.floats(0.0, 1.0),
            st.booleans(),
        ),
        min_size=1,
        max_size=80,
    )
)
def test_whatever_the_log_intervals_are_in_order(rows: list[tuple[int, float, float, bool]]) -> None:
    """No log breaks it."""
    users, old, new, good = (np.array(column, float) for column in zip(*rows, strict=True))
    told: Estimates = estimate(
        Logged(users=users.astype(np.int64), old=old[:, None], new=new[:, None], good=good[:, None])
    )
    assert told.overlap.needed >= 0
    assert 0 <= told.overlap.effective <= len(rows) + 1e-9
    for one in (told.logged, told.ips, told.snips, told.clipped, told.gain):
        if one is not None:
            assert one.low <= one.value <= one.high
