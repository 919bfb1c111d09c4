"""Lines, shares and the decision about a canary."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.account import Account, Caller, Key
from argosy.core.errors import ProjectError
from argosy.serve.releases import versions as releases
from argosy.serve.releases.evidence import Evidence, Windows
from argosy.serve.releases.rollout import judge, quality
from argosy.serve.releases.versions import Line, Paired, Plan, goes_to_challenger

SECOND = 1_000_000


def caller(tenant: str) -> Caller:
    """Somebody of a tenant."""
    return Caller(
        key=Key(id="key_1", tenant=tenant, prefix="x"), account=Account(tenant=tenant, plan="p", currency="CNY")
    )


def canary(**plan: Any) -> Line:
    """Version 2 behind version 1, at the first share."""
    line = releases.begin(Line(model="mood", champion=1), 2, Plan(**plan), now=0)
    return releases.expose(line, now=0, reason="rows")


def test_a_line_goes_through_its_phases_and_a_revision_each() -> None:
    """Shadow, canary, the next share, and up; the champion before it is remembered."""
    line = releases.advance(canary(), now=3)
    up = releases.promote(line, now=4, reason="held")
    assert (up.champion, up.previous, up.phase, up.challenger, up.revision) == (2, 1, "steady", None, 4)
    back = releases.roll_back(up, now=5, reason="asked")
    assert (back.champion, back.previous) == (1, None)
    with pytest.raises(ProjectError, match="no version of mood before"):
        releases.roll_back(back, now=6, reason="asked")


def test_a_second_release_waits_for_the_first() -> None:
    """One release at a time."""
    with pytest.raises(ProjectError, match="canary already"):
        releases.begin(canary(), 3, Plan(), now=1)


@given(st.integers(0, 2), st.text(max_size=8), st.one_of(st.none(), st.builds(Paired, won=st.integers(0, 9))))
def test_a_line_survives_json(step: int, reason: str, paired: Paired | None) -> None:
    """What was stored is read back the same."""
    line = replace(canary(tenants=("ten_a",)), step=step, reason=reason, replay=paired, pins={"ten_b": 1})
    assert Line.from_json(json.loads(json.dumps(line.to_json()))) == line


def test_a_share_is_kept_and_whoever_was_in_stays_in() -> None:
    """About as many requests as the share says; a larger share only adds some."""
    line = canary(shares=(0.05, 0.25))
    wider = releases.advance(line, now=1)
    some = [str(number) for number in range(4000)]
    first = {nonce for nonce in some if goes_to_challenger(line, caller("t"), nonce)}
    second = {nonce for nonce in some if goes_to_challenger(wider, caller("t"), nonce)}
    assert first < second
    assert abs(len(first) - 200) < 60
    assert abs(len(second) - 1000) < 120


def test_by_tenant_all_requests_of_a_tenant_go_the_same_way() -> None:
    """Sticky: the request does not matter; a named tenant is always in."""
    line = canary(shares=(0.5,), by="tenant", tenants=("ten_chosen",))
    ways = [{goes_to_challenger(line, caller(f"ten_{one}"), str(n)) for n in range(20)} for one in range(40)]
    assert all(len(way) == 1 for way in ways)
    assert {True} in ways
    assert {False} in ways
    assert goes_to_challenger(line, caller("ten_chosen"), "x")


class Clock:
    """A clock that stands still."""

    now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def watched(slower: float, errors: float, *, share: float = 0.05, seconds: int = 60, seed: int = 1) -> Evidence:
    """A simulated worker at 100 requests a second, its challenger slower or failing."""
    draw, clock = random.Random(seed), Clock()
    windows = Windows(0.005, clock)
    for tick in range(100 * seconds):
        clock.now = tick / 100
        second = draw.random() < share
        seen = windows.begin(second=second)
        clock.now += 0.004 + draw.expovariate(500) + (slower if second else 0)
        windows.end(seen, failed=second and draw.random() < errors)
        if tick % 50 == 0:
            windows.close()
    return windows.evidence


@pytest.mark.parametrize(
    ("slower", "errors", "reason"), [(0.02, 0, "latency"), (0, 0.2, "errors"), (0, 0, None), (0.003, 0, None)]
)
def test_a_canary_that_hurts_is_rolled_back_and_another_is_not(
    slower: float, errors: float, reason: str | None
) -> None:
    """20 ms more or many errors: back; no difference, or less than the slack: it stays."""
    after = judge(canary(), watched(slower, errors), now=SECOND)
    assert (after.reason if after else None) == reason
    assert after is None or (after.phase, after.champion) == ("steady", 1)


def test_an_answer_that_never_comes_counts_as_slow() -> None:
    """A challenger that hangs is found out though no request of it ever ends."""
    draw, clock = random.Random(3), Clock()
    windows = Windows(0.005, clock)
    for tick in range(4000):
        clock.now = tick / 100
        second = draw.random() < 0.05
        seen = windows.begin(second=second)
        if not second:
            clock.now += 0.004
            windows.end(seen)
        windows.close()
    assert judge(canary(), windows.evidence, now=SECOND).reason == "latency"


def test_the_challenger_never_has_more_than_a_fifth_above_its_share() -> None:
    """Not even at the start, when luck could give it several of the first requests."""
    windows, went = Windows(0.005, Clock()), 0
    for came in range(1, 2000):
        second = windows.room(0.008)
        windows.begin(second=second)
        went += second
        assert went <= 0.0096 * came
    assert went == 19


def test_what_the_client_did_wrong_counts_nowhere() -> None:
    """Requests left out are neither errors nor answers."""
    clock = Clock()
    windows = Windows(0.005, clock)
    for second in (True, False) * 50:
        windows.end(windows.begin(second=second), left_out=True)
    clock.now = 10
    windows.close()
    assert (windows.evidence.first, windows.evidence.second) == (0, 0)


def test_a_step_is_held_for_its_time_and_its_answers() -> None:
    """Neither too early nor on too few answers; after the last share up it goes."""
    line, enough = canary(hold_seconds=60, least=100), Evidence(first=9000, second=100)
    assert judge(line, enough, now=59 * SECOND) is None
    assert judge(line, Evidence(first=9000, second=99), now=60 * SECOND) is None
    assert judge(line, enough, now=60 * SECOND).step == 1
    last = replace(line, step=2)
    assert judge(last, enough, now=60 * SECOND).champion == 2


def test_too_few_labels_by_the_deadline_promote_nothing() -> None:
    """The line says so once, and stays where it is."""
    line = replace(canary(labels=500, label_seconds=100, hold_seconds=1), step=2, labels=Paired(alike=499))
    assert judge(line, Evidence(second=1000), now=50 * SECOND) is None
    told = judge(line, Evidence(second=1000), now=100 * SECOND)
    assert (told.phase, told.reason) == ("canary", "too_few_labels")
    assert judge(told, Evidence(second=1000), now=200 * SECOND) is None
    assert judge(replace(told, labels=Paired(alike=500)), Evidence(second=1000), now=200 * SECOND).champion == 2


def test_labels_that_show_a_loss_roll_back() -> None:
    """Worse by more than the margin, shown by delayed labels."""
    line = replace(canary(), labels=Paired(won=10, lost=150, alike=840))
    assert judge(line, Evidence(), now=SECOND).reason == "quality"
    assert judge(replace(line, labels=Paired(won=40, lost=45, alike=900)), Evidence(), now=SECOND) is None


@pytest.mark.parametrize(
    ("replay", "mirrored", "agreed", "failed", "why"),
    [
        (Paired(won=150, lost=150, alike=4700), 0, 0, 0, "rows"),
        (Paired(won=150, lost=300, alike=4550), 0, 0, 0, "worse"),
        (Paired(won=5, lost=5, alike=190), 0, 0, 0, "too_few_rows"),
        (None, 2000, 1990, 0, "agreement"),
        (None, 2000, 1900, 0, "too_few_rows"),
        (Paired(won=150, lost=150, alike=4700), 1000, 900, 50, "fails"),
    ],
)
def test_what_lets_a_challenger_out_of_the_shadow(
    replay: Paired | None, mirrored: int, agreed: int, failed: int, why: str
) -> None:
    """Labelled rows or live agreement; too few of both, a loss or failures keep it in."""
    line = replace(releases.begin(Line(model="mood", champion=1), 2, Plan(), now=0), replay=replay)
    found = quality(line, Evidence(mirrored=mirrored, agreed=agreed, failed=failed))
    assert (found.why, found.passed) == (why, why in {"rows", "agreement"})
