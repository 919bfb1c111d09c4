"""Where the test begins: at one moment for everybody, or before each user's last success."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.core.recommend import Cut
from argosy.recommend.interactions import History, Interactions, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One user of a test: the ``history`` before it, what was ``wanted`` after it, and what the user ``had``."""

    user: int
    history: History
    wanted: Ints
    had: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is learnt from, and who is asked; ``moment`` is that of the cut, None where each user has another."""

    train: Interactions
    cases: tuple[Case, ...]
    moment: int | None


def cut(events: Interactions, how: Cut, share: float, *, repeat: bool = False) -> Parts:
    """The events cut so that the last ``share`` is the test; with ``last``, each user's last success is.

    Successes with items that the user had before are not wanted, unless they may be ``repeat``-ed. Events of one moment
    stay on one side: what happened together with a last success is neither learnt from nor history.
    """
    return _by_time(events, share, repeat=repeat) if how == "time" else _last(events, repeat=repeat)


def _by_time(events: Interactions, share: float, *, repeat: bool) -> Parts:
    if not len(events):
        return Parts(train=events, cases=(), moment=None)
    moment = int(events.times[min(int(len(events) * (1 - share)), len(events) - 1)])
    train, after = events.before(moment), events.where((events.times >= moment) & events.success)
    pasts = _rows(train)
    cases = []
    for user, rows in sorted(_rows(after).items()):
        past = pasts.get(user, np.empty(0, np.int64))
        case = case_of(user, train, past, np.unique(after.items[rows]), moment, repeat=repeat)
        if len(case.wanted):
            cases.append(case)
    return Parts(train=train, cases=tuple(cases), moment=moment)


def _last(events: Interactions, *, repeat: bool) -> Parts:
    kept = np.ones(len(events), bool)
    cases = []
    for user, rows in sorted(_rows(events).items()):
        won = rows[events.success[rows]]
        if not len(won):
            continue
        place = int(won[-1])
        past = rows[events.times[rows] < events.times[place]]
        if not events.success[past].any():
            continue
        kept[rows[len(past) :]] = False
        wanted = events.items[place : place + 1]
        case = case_of(user, events, past, wanted, int(events.times[place]), repeat=repeat)
        if len(case.wanted):
            cases.append(case)
    return Parts(train=events.where(kept), cases=tuple(cases), moment=None)


def case_of(
    user: int, events: Interactions, past: NDArray[np.int64], wanted: Ints, moment: int, *, repeat: bool
) -> Case:
    """The case of a user whose rows ``past`` are known at a moment."""
    history = History(
        items=events.items[past],
        times=events.times[past],
        strength=events.strength[past],
        success=events.success[past],
        now=moment,
    )
    had = np.unique(history.items)
    return Case(user=user, history=history, wanted=wanted if repeat else np.setdiff1d(wanted, had), had=had)


def _rows(events: Interactions) -> dict[int, NDArray[np.int64]]:
    """The rows of each user, in the order of time."""
    order = np.argsort(events.users, kind="stable")
    users, starts = np.unique(events.users[order], return_index=True)
    return dict(zip(users.tolist(), np.split(order, starts[1:]), strict=True))
