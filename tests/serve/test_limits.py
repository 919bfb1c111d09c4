"""Limits a minute hold for every minute, whenever it begins."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.account import Limits
from argosy.serve.errors import RequestError
from argosy.serve.gate.limits import MINUTE, SECOND, SLICE, Limiter, Window

STEPS = st.lists(
    st.tuples(st.integers(0, 40 * SECOND) | st.integers(0, 3 * SLICE), st.integers(1, 12), st.integers(0, 12)),
    max_size=60,
)


class Clock:
    """A clock that is set by hand, in nanoseconds."""

    def __init__(self) -> None:
        self.now = 5 * SECOND

    def __call__(self) -> int:
        """The time."""
        return self.now


@given(steps=STEPS, limit=st.integers(1, 30))
def test_no_minute_passes_the_limit(steps: list[tuple[int, int, int]], limit: int) -> None:
    """Whatever comes when, the amounts let in, corrected to what was used, fit into the limit in every minute."""
    clock = Clock()
    limiter = Limiter(clock)
    limits, let_in = Limits(tokens_per_minute=limit), []
    for pause, most, used in steps:
        clock.now += pause
        try:
            taken = limiter.take("t", limits, most)
        except RequestError:
            continue
        limiter.end(taken, min(used, most))
        let_in.append((clock.now, min(used, most)))
    for begin, _ in let_in:
        assert sum(amount for at, amount in let_in if begin <= at < begin + MINUTE) <= limit


@given(steps=STEPS, limit=st.integers(1, 30))
def test_the_time_to_wait_is_right(steps: list[tuple[int, int, int]], limit: int) -> None:
    """Who waits as long as told is let in, and a nanosecond earlier there is no room; too much is never let in."""
    window, now = Window(), 0
    for pause, amount, _ in steps:
        now += pause
        wait = window.wait(now, amount, limit)
        if wait == math.inf:
            assert amount > limit
            continue
        if wait:
            assert 0 < wait <= MINUTE
            now += int(wait) - 1
            assert window.wait(now, amount, limit) == 1
            now += 1
            assert window.wait(now, amount, limit) == 0
        window.add(now, amount)


@given(steps=STEPS)
def test_a_window_empties(steps: list[tuple[int, int, int]]) -> None:
    """When all was let in a minute ago nothing counts, and before that something does, unless it was taken back."""
    window, now = Window(), 0
    for pause, amount, _ in steps:
        now += pause
        window.add(now, amount)
        left = window.empty_in(now)
        assert left == MINUTE
        assert window.used(now) >= amount
    assert window.used(now + MINUTE) == 0
    assert window.empty_in(now + MINUTE) == 0


def test_requests_count_and_refused_ones_do_not() -> None:
    """The third of two requests a minute is refused and told when; what is undone counts for nothing."""
    clock = Clock()
    limiter, limits = Limiter(clock), Limits(requests_per_minute=2)
    limiter.end(limiter.take("t", limits, 0))
    limiter.undo(limiter.take("t", limits, 0))
    clock.now += 20 * SECOND
    limiter.end(limiter.take("t", limits, 0))
    with pytest.raises(RequestError) as caught:
        limiter.take("t", limits, 0)
    assert caught.value.headers() == {"retry-after": "40"}
    limiter.take("other", limits, 0)
    clock.now += 40 * SECOND
    limiter.take("t", limits, 0)


def test_a_request_that_never_fits_is_not_to_come_again() -> None:
    """More tokens than a minute may have are refused for good."""
    limiter = Limiter(Clock())
    with pytest.raises(RequestError) as caught:
        limiter.take("t", Limits(tokens_per_minute=10), 11)
    assert caught.value.headers() == {"x-should-retry": "false"}


def test_requests_at_once_are_counted_until_they_end() -> None:
    """With one at once, the next one comes in when the first has ended."""
    limiter, limits = Limiter(Clock()), Limits(concurrent=1)
    first = limiter.take("t", limits, 5)
    with pytest.raises(RequestError) as caught:
        limiter.take("t", limits, 5)
    assert (caught.value.code, caught.value.headers()["retry-after"]) == ("too_many_concurrent", "1")
    limiter.end(first)
    limiter.take("t", limits, 5)


def test_what_is_left_is_told_as_openai_does() -> None:
    """Limit, what remains, and the time until all of it remains, for each limit that there is."""
    clock = Clock()
    limiter = Limiter(clock)
    limits = Limits(requests_per_minute=3, tokens_per_minute=100)
    limiter.end(limiter.take("t", limits, 60), 20)
    clock.now += SECOND // 2
    assert limiter.head("t", limits) == {
        "x-ratelimit-limit-requests": "3",
        "x-ratelimit-remaining-requests": "2",
        "x-ratelimit-reset-requests": "59.5s",
        "x-ratelimit-limit-tokens": "100",
        "x-ratelimit-remaining-tokens": "80",
        "x-ratelimit-reset-tokens": "59.5s",
    }
    assert limiter.head("t", Limits()) == {}


def test_a_long_minute_is_kept_in_bounds() -> None:
    """However many requests a minute has, no more than one entry is kept for 10 ms of it."""
    window = Window()
    for at in range(0, MINUTE, SLICE // 7):
        window.add(at, 1)
    assert len(window._slices) <= MINUTE // SLICE  # memory is what is promised
