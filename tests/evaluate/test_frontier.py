"""Which point the wishes pick, and which points no other surpasses."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.evaluate.frontier import Point, Wish, afford, cost, frontier, misses, pick
from argosy.evaluate.intervals import Interval
from argosy.evaluate.paired import Difference


def _point(
    name: str,
    quality: float = 0.8,
    *,
    loss: float = 0.0,
    speed: float = 100.0,
    p99: float = 10.0,
    size: float = 50.0,
    refused: bool = False,
) -> Point:
    return Point(
        name=name,
        quality=Interval(value=quality, low=quality - 0.02, high=quality + 0.02),
        loss=Difference(difference=loss, low=loss - 0.005, high=loss + 0.005, p=0.5),
        texts_per_s=speed,
        p50_ms=p99 / 2,
        p99_ms=p99,
        size_mb=size,
        refused=refused,
    )


def _never(one: str, other: str) -> bool:
    del one, other
    return False


FIGURES = st.floats(0.01, 1000)
POINTS = st.lists(
    st.builds(
        lambda quality, speed, p99, size, refused: _point(
            "", quality, loss=0.9 - quality, speed=speed, p99=p99, size=size, refused=refused
        ),
        st.floats(0, 0.9),
        FIGURES,
        FIGURES,
        FIGURES,
        st.booleans(),
    ),
    max_size=8,
).map(
    lambda drawn: [
        _point("before", 0.9, speed=50, p99=500, size=500),
        *(
            _point(
                str(number),
                point.quality.value,
                loss=point.loss.difference,
                speed=point.texts_per_s,
                p99=point.p99_ms,
                size=point.size_mb,
                refused=point.refused,
            )
            for number, point in enumerate(drawn)
        ),
    ]
)
LIMIT = st.none() | FIGURES
WISHES = st.builds(Wish, p99_ms=LIMIT, size_mb=LIMIT, max_quality_loss=st.none() | st.floats(0, 0.9))


def test_with_an_allowed_loss_the_cheapest_that_meets_all_is_picked() -> None:
    """Faster ones that are too large, too slow for one text, too bad or refused are passed over."""
    points = [
        _point("before", speed=100),
        _point("too large", speed=900, size=60.0),
        _point("too slow alone", speed=900, p99=30.0),
        _point("too bad", speed=900, loss=0.02),
        _point("refused", speed=900, refused=True),
        _point("fits", speed=500, loss=0.004),
    ]
    found = pick(points, Wish(p99_ms=20.0, size_mb=55.0, max_quality_loss=0.01), _never)
    assert (found.name, found.reason, found.shown) == ("fits", "cheapest", True)


def test_a_loss_that_the_rows_do_not_exclude_is_not_called_shown() -> None:
    """Four chances in five decide, the interval is told; what answers alike loses nothing."""
    alike = replace(_point("alike"), loss=Difference(difference=0.0, low=-0.005, high=0.005, p=1.0))
    assert pick([alike], Wish(max_quality_loss=0.0), _never).name == "alike"
    wide = replace(_point("wide"), loss=Difference(difference=0.004, low=-0.016, high=0.024, p=0.7))
    assert pick([wide], Wish(max_quality_loss=0.01), _never).name is None
    found = pick([wide], Wish(max_quality_loss=0.015), _never)
    assert (found.name, found.shown) == ("wide", False)


def test_without_an_allowed_loss_the_best_wins_but_for_ties() -> None:
    """A cheaper one that the rows do not tell from the best takes its place; one that they tell apart does not."""
    points = [_point("best", 0.9, speed=100), _point("tied", 0.895, speed=300), _point("worse", 0.7, speed=900)]
    assert pick(points, Wish(p99_ms=20), _never).name == "best"
    found = pick(points, Wish(p99_ms=20), lambda one, other: {one, other} == {"tied", "best"})
    assert (found.name, found.reason, found.shown) == ("tied", "as_good", None)


def test_an_unreachable_wish_names_the_nearest_point_and_what_it_misses() -> None:
    """The smallest of the largest relative overshoots."""
    points = [_point("small", p99=30.0, size=11.0), _point("quick", p99=21.0, size=40.0)]
    found = pick(points, Wish(p99_ms=20.0, size_mb=10.0), _never)
    assert (found.name, found.reason, found.nearest) == (None, "unreachable", "small")
    assert [(miss.wish, miss.limit, miss.found) for miss in found.missed] == [
        ("p99_ms", 20.0, 30.0),
        ("size_mb", 10.0, 11.0),
    ]


@given(POINTS, WISHES)
def test_what_is_picked_meets_every_wish_and_nothing_is_picked_only_where_none_does(
    points: list[Point], wish: Wish
) -> None:
    """Whatever the figures; a refused point is never picked nor named as the nearest."""
    found = pick(points, wish, _never)
    named = next(point for point in points if point.name == (found.name or found.nearest))
    assert not named.refused
    assert (found.name is None) == all(misses(point, wish) for point in points if not point.refused)
    assert misses(named, wish) == found.missed


@given(POINTS)
def test_the_frontier_holds_the_best_of_everything(points: list[Point]) -> None:
    """And every point that is not on it is surpassed by one that is."""
    on = frontier(points)
    open_ = [point for point in points if not point.refused]
    assert max(open_, key=lambda point: point.quality.value).quality.value in {
        point.quality.value for point in open_ if point.name in on
    }
    for point in open_:
        if point.name not in on:
            assert any(
                other.quality.value >= point.quality.value
                and other.texts_per_s >= point.texts_per_s
                and other.p99_ms <= point.p99_ms
                and other.size_mb <= point.size_mb
                for other in open_
                if other.name in on
            )


@given(st.dictionaries(st.text(min_size=1), st.floats(0, 100)), st.floats(0, 300))
def test_what_is_afforded_fits_and_nothing_that_fits_is_left(estimates: dict[str, float], seconds: float) -> None:
    """In order of promise."""
    chosen = afford(estimates, seconds)
    spent = sum(estimates[name] for name in chosen)
    assert spent <= seconds + 1e-6
    assert all(estimates[name] > seconds - spent - 1e-6 for name in estimates.keys() - set(chosen))


def test_the_cost_counts_the_hours_in_which_the_machine_waits() -> None:
    """Half the load, twice the cost."""
    assert cost(200, 0.3, 0.3) == pytest.approx(2 * cost(200, 0.3, 0.6))
