"""Tallies of traffic: whatever the clocks do and whenever they are written, totals are what was seen."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from argosy.core.signals import SLOT, Tally
from argosy.serve.watching.tallying import JUMP, LIFE, Moment, Of, Tallies

A, B = Of("m", "1", "ten_a"), Of("m", "2", "ten_b")
SECOND = 1_000_000


def moment(wall: int, steady: int | None = None) -> Moment:
    """A moment; the steady clock goes with the wall's unless it is told."""
    return Moment(wall, wall if steady is None else steady)


def totals(tallies: list[Tally]) -> Counter[tuple[int, str, str, str]]:
    """Requests by slot and whose they are."""
    found: Counter[tuple[int, str, str, str]] = Counter()
    for one in tallies:
        found[one.start, one.model, one.version, one.tenant] += one.counts.get("requests", 0)
    return +found


class Service(RuleBasedStateMachine):
    """Workers that count, write and crash while their clock is set at will; a store that keeps tallies by id."""

    @initialize()
    def begin(self) -> None:
        """One worker, and nothing written."""
        self.store: dict[str, Tally] = {}
        self.seen: Counter[tuple[int, str, str, str]] = Counter()
        self.unwritten: Counter[tuple[int, str, str, str]] = Counter()
        self.flights: list[list[Tally]] = []
        self.workers = 0
        self.wall = self.steady = 5 * SLOT
        self.start_worker()

    def start_worker(self) -> None:
        """Another worker in the place of the last."""
        self.workers += 1
        self.tallies = Tallies(f"wrk_{self.workers}", "host")
        self.flights = []

    @rule(of=st.sampled_from([A, B]), amount=st.integers(1, 3))
    def count(self, of: Of, amount: int) -> None:
        """Requests come."""
        start = self.tallies.slot(Moment(self.wall, self.steady))
        self.tallies.counts(start, of)["requests"] += amount
        self.seen[start, *of] += amount
        self.unwritten[start, *of] += amount

    @rule(by=st.integers(0, 2 * SLOT))
    def wait(self, by: int) -> None:
        """Time goes by."""
        self.wall += by
        self.steady += by

    @rule(to=st.integers(0, 9))
    def set_clock(self, to: int) -> None:
        """Somebody sets the clock, forth or back."""
        self.wall = to * SLOT + 1

    @rule()
    def begin_to_write(self) -> None:
        """What is due is on its way."""
        self.flights.append(self.tallies.due(self.wall))

    @rule(arrives=st.booleans(), heard=st.booleans(), times=st.integers(1, 2))
    def end_of_a_flight(self, arrives: bool, heard: bool, times: int) -> None:  # noqa: FBT001 - drawn
        """The newest is written, once or twice, or not; the worker may not hear of what was written."""
        if not self.flights:
            return
        flight, self.flights = self.flights[-1], []
        for _ in range(times if arrives else 0):
            self.store |= {one.id: one for one in flight}
        if arrives and heard:
            self.tallies.written(flight)

    @rule()
    def crash(self) -> None:
        """The worker ends; what it had not written is lost, and that alone."""
        self.seen = totals(list(self.store.values()))
        self.start_worker()

    @invariant()
    def nothing_is_lost_or_counted_twice(self) -> None:
        """What is written and what is still due add up to what was seen."""
        if hasattr(self, "store"):
            due = {one.id: one for one in self.tallies.due(self.wall)}
            assert totals(list((self.store | due).values())) == +self.seen


TestService = Service.TestCase


def test_a_slot_that_is_met_again_begins_a_tally_of_its_own() -> None:
    """After its tally was written and let go, a slot has another id; before that it has the same."""
    tallies = Tallies("w", "h")
    tallies.counts(SLOT, A)["requests"] += 1
    (first,) = tallies.due(SLOT)
    tallies.counts(SLOT, A)["requests"] += 1
    tallies.written([first])
    (again,) = tallies.due(3 * SLOT)
    assert (again.id, again.counts) == (first.id, {"requests": 2})
    tallies.written([again])
    assert tallies.due(3 * SLOT) == []
    tallies.counts(SLOT, A)["requests"] += 1
    (other,) = tallies.due(SLOT)
    assert other.id != first.id
    assert other.counts == {"requests": 1}


@pytest.mark.parametrize("by", [2 * SLOT, -2 * SLOT])
def test_a_clock_that_jumps_is_told_on_both_sides(by: int) -> None:
    """The slot that the clock left and the one that it came to each count the jump, in the sign of life."""
    tallies, wall = Tallies("w", "h"), 10 * SLOT
    tallies.slot(moment(wall))
    tallies.slot(Moment(wall + SECOND + by, wall + SECOND))
    told = {one.start: one.counts for one in tallies.due(wall) if Of(one.model, one.version, one.tenant) == LIFE}
    assert told == {wall: {"jumps": 1}, wall + by: {"jumps": 1}}


@given(st.lists(st.tuples(st.integers(0, 3 * SLOT), st.integers(-JUMP, JUMP)), max_size=20))
def test_a_clock_that_drifts_does_not_jump(steps: list[tuple[int, int]]) -> None:
    """Up to a minute between two looks is no jump, however long the looks are apart and however much it adds up to."""
    tallies, wall, steady = Tallies("w", "h"), 10 * SLOT, 0
    for by, drift in steps:
        tallies.slot(Moment(wall, steady))
        wall, steady = wall + by + drift, steady + by
    assert tallies.due(wall) == []


def test_signs_of_life_add_up_to_whole_seconds() -> None:
    """Parts of a second are kept for the next one; the time in which a process was stopped is not its own."""
    tallies = Tallies("w", "h")
    for tick in range(41):
        tallies.live(moment(SLOT + tick * SECOND * 3 // 2))
    tallies.live(moment(SLOT + 60 * SECOND + SLOT // 2))
    (life,) = tallies.due(SLOT)
    assert life.counts == {"up": 60 + 10}


def test_memory_is_bounded() -> None:
    """When too many tallies wait, no more begin, and how often that was is told; those that are open go on."""
    tallies = Tallies("w", "h", most=2)
    for slot in range(4):
        tallies.counts(slot * SLOT, A)["requests"] += 1
    tallies.counts(0, A)["requests"] += 1
    due = tallies.due(9 * SLOT)
    assert tallies.dropped == 2
    assert [one.counts["requests"] for one in due] == [2, 1]
    tallies.written(due)
    tallies.due(9 * SLOT)
    tallies.counts(9 * SLOT, B)["requests"] += 1
    assert tallies.dropped == 2
