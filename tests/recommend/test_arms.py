"""Who sees which ranker, what became of it, and who wins."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import ProjectError
from argosy.core.recommend import Event, Recommendation, Shown
from argosy.project.recommending.comparing import compare, design, winner
from argosy.recommend.judging.arms import Arms, Counting, Judge, Shows, outcomes

HOUR = 3_600_000_000
DAY = 24 * HOUR
COUNTING = Counting(acted=frozenset({"click"}), most=3, span=DAY, patience=HOUR)
ARMS = Arms(salt="autumn", shares={"now": 0.5, "next": 0.5})


def shown(user: str, at: int, arm: str = "now", number: int = 0) -> Recommendation:
    """A list with the items a and b."""
    items = tuple(Shown(item=item, score=0.0, why="profile") for item in ("a", "b"))
    return Recommendation(id=f"{user}-{at}-{number}", user=user, at=at, items=items, arm=arm)


def click(one: Recommendation, after: int = 1, **other: str) -> Event:
    """A click in a list."""
    said = {"user": one.user, "item": "a", "kind": "click", "shown": one.id, **other}
    return Event(at=one.at + after, **said)


def test_users_keep_their_arm_and_shares_are_kept() -> None:
    """An arm hangs on salt and user alone; a share that grows takes users from the next one."""
    users = [str(number) for number in range(20_000)]
    arms = Arms(salt="a", shares={"now": 0.8, "next": 0.2})
    first = [arms.of(user) for user in users]
    assert first == [Arms(salt="a", shares={"now": 0.8, "next": 0.2}).of(user) for user in users]
    assert Counter(first)["next"] / len(users) == pytest.approx(0.2, abs=0.01)
    grown = [Arms(salt="a", shares={"now": 0.6, "next": 0.4}).of(user) for user in users]
    assert all(after == "next" for before, after in zip(first, grown, strict=True) if before == "next")
    other = [Arms(salt="b", shares={"now": 0.8, "next": 0.2}).of(user) for user in users]
    both = sum(one == two == "next" for one, two in zip(first, other, strict=True)) / len(users)
    assert both == pytest.approx(0.04, abs=0.01)


@given(st.text(), st.text(), st.lists(st.floats(0.01, 1), min_size=1, max_size=6))
def test_everybody_has_an_arm(salt: str, user: str, parts: list[float]) -> None:
    """Whatever the shares."""
    shares = {str(number): part / sum(parts) for number, part in enumerate(parts)}
    assert Arms(salt=salt, shares=shares).of(user) in shares


@pytest.mark.parametrize("shares", [{}, {"a": 0.5}, {"a": 1.0, "b": 0.0}, {"a": 1.5, "b": -0.5}])
def test_shares_that_divide_nobody_are_refused(shares: dict[str, float]) -> None:
    """With the shares in the message."""
    with pytest.raises(ProjectError, match="shares"):
        Arms(salt="", shares=shares)


def test_a_user_counts_once_when_their_time_is_over() -> None:
    """With the first lists of their time, whether anybody clicked or not, and not before."""
    lists = [shown("u", at) for at in (0, HOUR, 2 * HOUR, 3 * HOUR)] + [shown("u", 2 * DAY), shown("v", HOUR)]
    events = [click(lists[1]), click(lists[3]), click(lists[4])]
    told = outcomes(lists, events, COUNTING, now=DAY + HOUR)
    assert told.judges == [Judge(user="u", arm="now", at=DAY + HOUR, lists=3, good=1)]
    assert told.waiting == 1
    later = outcomes(reversed(lists), reversed(events), COUNTING, now=9 * DAY)
    assert later.judges == [*told.judges, Judge(user="v", arm="now", at=DAY + 2 * HOUR, lists=1, good=0)]


def test_only_acts_that_belong_to_a_list_count() -> None:
    """By its user, on one of its items, of a kind that counts, in time, and naming it."""
    one = shown("u", DAY)
    wrong = [
        click(one, after=-1),
        click(one, after=HOUR + 1),
        click(one, item="c"),
        click(one, kind="view"),
        click(one, user="v"),
        click(one, shown=""),
        click(one, shown="another"),
    ]
    assert outcomes([one], wrong, COUNTING, now=9 * DAY).judges[0].good == 0
    assert outcomes([one], [*wrong, click(one), click(one)], COUNTING, now=9 * DAY).judges[0].good == 1


def test_machines_strangers_and_wanderers_do_not_decide() -> None:
    """They are counted apart; lists of no arm are not of the experiment."""
    lists = [
        shown("bot", 0),
        shown("", 0),
        shown("two", 0),
        shown("two", 1, arm="next"),
        shown("none", 0, arm=""),
        shown("u", 0),
    ]
    told = outcomes(lists, [click(one) for one in lists], COUNTING, now=9 * DAY, machines={"bot"})
    assert [one.user for one in told.judges] == ["u"]
    assert told.left_out == {"nobody": 1, "machine": 1, "several": 1}


def judges(rng: np.random.Generator, users: int, rates: dict[str, float], arms: Arms = ARMS) -> list[Judge]:
    """Users with lists and clicks."""
    found = []
    for number in range(users):
        arm, lists = arms.of(str(number)), int(1 + rng.poisson(2))
        good = int(rng.binomial(lists, rates[arm]))
        found.append(Judge(user=str(number), arm=arm, at=number, lists=lists, good=good))
    return found


def test_the_better_ranker_wins_and_stays_the_winner() -> None:
    """With as many users as were told; the same users and more do not undo it."""
    planned = design(ARMS, base=0.3, effect=0.1)
    some = judges(np.random.default_rng(3), 3 * planned.units, {"now": 0.3, "next": 0.42})
    told = compare(Shows(judges=some, waiting=0), ARMS, planned)["next"]
    assert told.winner == "second"
    assert 0 < told.low < 0.12 < told.high
    assert winner({"next": told}) == "next"
    half = compare(Shows(judges=some[: planned.units], waiting=0), ARMS, planned)["next"]
    assert told.evidence > half.evidence
    assert sum(told.units) == 3 * planned.units


def test_nobody_wins_among_equals_and_the_worse_one_loses() -> None:
    """No difference is found where there is none; a worse challenger loses to the first."""
    planned = design(ARMS, base=0.3, effect=0.1)
    alike = judges(np.random.default_rng(4), 2000, {"now": 0.3, "next": 0.3})
    told = compare(Shows(judges=alike, waiting=0), ARMS, planned)
    assert told["next"].winner == "" == winner(told)
    worse = judges(np.random.default_rng(4), 2000, {"now": 0.3, "next": 0.15})
    told = compare(Shows(judges=worse, waiting=0), ARMS, planned)
    assert told["next"].winner == "first"
    assert winner(told) == ""


def test_of_several_challengers_the_best_wins() -> None:
    """Each is held against the first alone, all of them together at the level."""
    arms = Arms(salt="x", shares={"now": 0.4, "one": 0.3, "two": 0.3})
    planned = design(arms, base=0.3, effect=0.1)
    assert planned.alpha == pytest.approx(0.025)
    some = judges(np.random.default_rng(5), 6000, {"now": 0.3, "one": 0.42, "two": 0.5}, arms)
    told = compare(Shows(judges=some, waiting=2, left_out={"machine": 3}), arms, planned)
    assert {name: one.winner for name, one in told.items()} == {"one": "second", "two": "second"}
    assert winner(told) == "two"
    assert told["one"].units[0] + told["one"].units[1] == sum(one.arm != "two" for one in some)
    assert (told["two"].waiting, told["two"].left_out) == (2, 3)
    assert compare(Shows(judges=[], waiting=0), arms, replace(planned))["one"].winner == ""
