"""Lists as the service makes and keeps them, judged: chances when shown and when judged are of one scheme."""

import numpy as np
import pytest

from argosy.core.recommend import Recommendation, Shown
from argosy.recommend.judging.logged import logged
from argosy.recommend.judging.offpolicy import estimate
from argosy.recommend.live.exploring import chances, explored

POOL, PLACES, EXPLORE = 8, 3, 0.4
RATES = np.linspace(0.05, 0.5, POOL)


def order(number: int, *, better: bool) -> list[int]:
    """What a ranker would show in a list: the better one knows the rates, the other one only half of the time."""
    drawn = np.random.default_rng((number, 1)).permutation(POOL)
    known = sorted(range(POOL), key=lambda item: -RATES[item])
    return (known if better or number % 2 else drawn.tolist())[:PLACES]


def made(count: int) -> tuple[list[Recommendation], set[tuple[str, str]]]:
    """Lists of the worse ranker, and what was clicked in them."""
    rng = np.random.default_rng(5)
    lists, clicked = [], set()
    for number in range(count):
        places = explored(order(number, better=False), range(POOL), EXPLORE, rng)
        items = tuple(
            Shown(item=str(item), score=0.0, why="exploring" if drawn else "profile", chance=chance)
            for item, chance, drawn in places
        )
        lists.append(Recommendation(id=str(number), user=f"u{number // 3}", at=number, items=items))
        clicked |= {(str(number), one.item) for one in items if rng.random() < RATES[int(one.item)]}
    return lists, clicked


def would(one: Recommendation, place: int, *, better: bool) -> dict[str, float]:
    """What a ranker that explores alike would put there."""
    before = [int(each.item) for each in one.items[:place]]
    told = chances(order(int(one.id), better=better), range(POOL), before, EXPLORE)
    return {str(item): chance for item, chance in told.items()}


def test_the_ranker_that_made_the_lists_would_make_them_again() -> None:
    """All weights are 1, at every place."""
    lists, clicked = made(300)
    told = logged(lists, clicked, lambda one, place: would(one, place, better=False), places=PLACES)
    assert np.allclose(told.new, told.old)
    same = estimate(told)
    assert same.ips is not None
    assert same.ips.value == pytest.approx(same.logged.value)


def test_the_better_ranker_is_found_better() -> None:
    """By the first place, within an interval that holds what it truly earns."""
    lists, clicked = made(6_000)
    told = estimate(
        logged(
            lists,
            clicked,
            lambda one, place: would(one, place, better=True),
            describe=lambda _one, _place, item: [float(int(item) == number) for number in range(POOL)],
        )
    )
    true = (1 - EXPLORE) * RATES[-1] + EXPLORE * RATES[:-1].mean()
    assert told.overlap.reach == pytest.approx(1, abs=0.1)
    for one in (told.ips, told.snips, told.doubly):
        assert one is not None
        assert one.low < true < one.high
    assert told.gain is not None
    assert told.gain.low > 0
