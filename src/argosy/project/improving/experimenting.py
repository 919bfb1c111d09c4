"""Experiments of a project, composed: their size from its own traffic, their outcomes, and how they begin and end."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean, pvariance
from typing import Any

from argosy.core.errors import BusyError, DataError, MissingError, ProjectError
from argosy.core.experiment import By, Design, Experiment, Outcome, Standing, State, Status
from argosy.core.signals import SLOT
from argosy.monitor.experiment import Needed, Seen, bounded, judge, size
from argosy.project.watching.books import Books
from argosy.serve.releases.controls import Controls
from argosy.serve.releases.versions import Line, Plan
from argosy.store.database import Database
from argosy.store.ledger.books import wall_clock
from argosy.store.tenants.accounts import SqlAccounts
from argosy.store.watching.experiments import SqlExperiments, Word

_DAY = 86_400 * 1_000_000  # microseconds
_PAST = 30  # days that tell the base and the pace
_FEWEST = 50  # outcomes that tell a base
_SETTLED = SLOT // 2  # after which a slot's counts are whole
_SPREAD = 0.05  # of outcomes within a tenant, where the past tells nothing
_LEAST_SPREAD = 0.01
REASON = "experiment"
"""Why a release was promoted or rolled back that an experiment decided."""
Clock = Callable[[], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be found out; None is taken from the past of the champion."""

    outcome: Outcome = "rating"
    by: By = "request"
    share: float = 0.5
    alpha: float = 0.05
    power: float = 0.8
    effect: float = 0.05
    base: float | None = None
    spread: float | None = None
    least: int = 20
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What the past tells: outcomes, the share of good ones, the tenants they are of, and outcomes per day."""

    outcomes: int = 0
    good: float | None = None
    tenants: int = 0
    per_day: float = 0.0
    spread: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """An experiment before it begins: how many units it needs, and the ``days`` they take at the pace of the past.

    ``days`` is None where they would never come.
    """

    design: Design
    needed: Needed
    pace: Pace
    days: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory:
    """The experiments of a project that sells; ``clock`` gives microseconds since the epoch."""

    books: Books
    database: Database
    clock: Clock = wall_clock

    @property
    def kept(self) -> SqlExperiments:
        """Where they are kept."""
        return SqlExperiments(self.database)

    @property
    def controls(self) -> Controls:
        """What divides the traffic."""
        return self.books.releases.controls

    def size(self, model: str | None, wish: Wish) -> Sized:
        """How many units an experiment needs, told in advance; raises DataError where the past tells no base."""
        name = self.controls.line(model).model
        pace = self._pace(name, wish)
        base = wish.base if wish.base is not None else pace.good
        if base is None:
            raise DataError(
                "The share of good outcomes is not known: {found} outcomes in {days} days, {least} are needed.",
                mend="Tell it: --base 0.8",
                found=pace.outcomes,
                days=_PAST,
                least=_FEWEST,
            )
        spread = wish.spread if wish.spread is not None else pace.spread or _SPREAD
        given = {name: getattr(wish, name) for name in ("outcome", "by", "share", "alpha", "power", "effect", "least")}
        design = Design(**given, base=base, spread=spread, units=0, most=1)
        try:
            needed = size(design)
        except ValueError as error:
            raise DataError(
                "No share of good outcomes lies {effect} from {base}.",
                where="--effect",
                mend="Ask for a smaller effect.",
                effect=wish.effect,
                base=round(base, 4),
            ) from error
        units, most = needed.most, 1
        if wish.by == "request":
            units, most = bounded(needed.most, wish.most, pace.tenants)
        design = replace(design, units=units, most=most)
        return Sized(design=design, needed=needed, pace=pace, days=_days(design, pace, units))

    def begin(self, model: str | None, number: int, design: Design, actor: str, *, unproven: bool) -> Experiment:
        """Divide the traffic between the champion and a version in the shadow; raises BusyError while one runs."""
        line = self.controls.line(model)
        for one in self.kept.all(line.model):
            if one.ended is None and self.status(one).state == "rolled_back":
                self.end(one, None, actor)
        if any(one.ended is None for one in self.kept.all(line.model)):
            raise _runs(line.model)
        plan = Plan(shares=(design.share,), by=design.by, promote=False)
        after = self.controls.divide(line.model, number, plan, actor, unproven=unproven)
        one = Experiment(
            id=f"exp_{secrets.token_hex(8)}",
            model=line.model,
            rollout=after.rollout,
            first=after.champion,
            second=number,
            design=design,
            by=actor,
            begun=self.clock(),
        )
        self.kept.begin(one).result()
        return one

    def running(self, model: str | None) -> Experiment:
        """The one that runs; raises MissingError where none does."""
        name = self.controls.line(model).model
        for one in self.kept.all(name):
            if one.ended is None:
                return one
        raise MissingError(
            "No experiment with {model} runs.", mend="Begin one: argosy experiment begin VERSION", model=name
        )

    def status(self, one: Experiment) -> Status:
        """How one stands, or stood when it ended."""
        if one.ended is not None:
            return _ended(one)
        line = self.books.releases.shelf.lines()[one.model]
        stopped = None if _divides(line, one) else self._stopped(one)
        until = self.clock() if stopped is None else int(stopped["at"])
        standing = judge(one.design, self._seen(one, until))
        state: State = "running" if stopped is None else "rolled_back"
        if stopped is None and standing.winner:
            state = "decided"
        elif stopped is None and sum(standing.units) >= one.design.units:
            state = "reached"
        elapsed = max(until - one.begun, 1) / _DAY
        left = one.design.units - sum(standing.units)
        pace = sum(standing.units) / elapsed
        return Status(
            experiment=one,
            standing=standing,
            state=state,
            reason=str(stopped["reason"]) if stopped else "",
            days=max(left, 0) / pace if pace and state == "running" else None,
        )

    def statuses(self) -> Sequence[Status]:
        """All, the newest first."""
        return [self.status(one) for one in self.kept.all()]

    def end(self, one: Experiment, winner: int | None, actor: str) -> Status:
        """Close one: the ``winner`` answers everybody from now on.

        Without a name it is the one that the outcomes decided for, else the champion. Raises ProjectError for a
        challenger that was rolled back meanwhile.
        """
        status = self.status(one)
        decided = one.second if status.standing.winner == "second" else one.first
        best = decided if winner is None else winner
        if best not in (one.first, one.second):
            raise ProjectError(
                "The experiment is between {first} and {second}, not {found}.",
                where="--winner",
                first=one.first,
                second=one.second,
                found=best,
            )
        if status.state == "rolled_back":
            if winner == one.second:
                raise ProjectError(
                    "Version {number} was rolled back ({reason}).",
                    mend="Mend it, and release it as a new version.",
                    number=winner,
                    reason=status.reason,
                )
            best = one.first
        elif best == one.second:
            self.controls.promote(one.model, None, actor, reason=REASON)
        else:
            self.controls.roll_back(one.model, actor, reason=REASON)
        result = {"state": status.state, "reason": status.reason, "winner": best, "standing": asdict(status.standing)}
        self.kept.end(one.id, result, self.clock()).result()
        return _ended(next(kept for kept in self.kept.all(one.model) if kept.id == one.id))

    def _stopped(self, one: Experiment) -> Mapping[str, Any]:
        """The move that ended its release."""
        history = self.books.releases.shelf.history(one.model)
        left = (
            entry for entry in history if entry["at"] >= one.begun and entry.get("rollout", one.rollout) != one.rollout
        )
        return next(left, {"at": self.clock(), "reason": ""})

    def _seen(self, one: Experiment, until: int) -> list[Seen]:
        """What came of those whom chance divided: who is pinned to a version is left out."""
        arms = {str(one.first): False, str(one.second): True}
        pinned = self._pinned(one.model)
        seen = self._outcomes(one.model, one.design.outcome, arms.get, one.begun, until)
        return [outcomes for outcomes in seen if outcomes.tenant not in pinned]

    def _pinned(self, model: str) -> set[str]:
        line = self.books.releases.shelf.lines()[model]
        return {*line.pins, *(one.id for one in SqlAccounts(self.database).tenants() if model in one.pins)}

    def _outcomes(
        self, model: str, outcome: Outcome, arm: Callable[[str], bool | None], since: int, until: int
    ) -> list[Seen]:
        """The outcomes of a time; ``arm`` says of a version whether it is the second one, None: neither."""
        if outcome == "errors":
            return list(self._answered(model, arm, since, until))
        words = self.kept.words(model, since, until)
        told = _rated(words) if outcome == "rating" else self._labelled(model, list(words), since, until)
        return [
            Seen(tenant=word.tenant, at=word.at, second=1, second_good=int(good))
            if second
            else Seen(tenant=word.tenant, at=word.at, first=1, first_good=int(good))
            for word, good in told
            if (second := arm(word.version)) is not None
        ]

    def _answered(self, model: str, arm: Callable[[str], bool | None], since: int, until: int) -> Iterator[Seen]:
        """Each tenant's requests by the slot, those of slots that began since and are over."""
        counted: dict[tuple[int, str], list[int]] = {}
        for tally in self.books.signals.between(-(-since // SLOT) * SLOT, until - SLOT - _SETTLED):
            second = arm(tally.version) if tally.model == model else None
            if second is not None:
                counts = counted.setdefault((tally.start, tally.tenant), [0, 0, 0, 0])
                requests, errors = (int(tally.counts.get(name, 0)) for name in ("requests", "errors"))
                counts[second] += requests
                counts[2 + second] += requests - errors
        for (at, tenant), (first, second_, good, second_good) in sorted(counted.items()):
            yield Seen(tenant=tenant, at=at, first=first, second=second_, first_good=good, second_good=second_good)

    def _labelled(self, model: str, words: Sequence[Word], since: int, until: int) -> Iterator[tuple[Word, bool]]:
        """Whether the first labelled text of each request was answered with its label, where the answer is kept."""
        labels = {(word.tenant, word.event): word for word in reversed(words) if word.label is not None}
        answers: dict[tuple[str, str, int], str | None] = {}
        for start in range(since - SLOT, until, _DAY):  # a day at a time, so that what is opened stays the same
            said = self.books.said(model, start, min(start + _DAY, until), surely=labels.keys())
            answers |= {one.place: one.label for one in said}
        for word in words:
            answer = answers.get((word.tenant, word.event, word.index))
            if answer is not None and labels.get((word.tenant, word.event)) is word:
                yield word, answer == word.label

    def _pace(self, model: str, wish: Wish) -> Pace:
        now = self.clock()
        seen = self._outcomes(model, wish.outcome, lambda _: False, now - _PAST * _DAY, now)
        units, good = sum(one.first for one in seen), sum(one.first_good for one in seen)
        if not units:
            return Pace()
        days = max(1.0, (now - min(one.at for one in seen)) / _DAY)
        enough = units >= _FEWEST and 0 < good < units
        share = good / units if enough else None
        return Pace(
            outcomes=units,
            good=share,
            tenants=len({one.tenant for one in seen}),
            per_day=units / days,
            spread=_spread(seen, share, wish.least) if share is not None else None,
        )


def _rated(words: Iterator[Word]) -> Iterator[tuple[Word, bool]]:
    """The first rating of each request: what came after it changes nothing, so that no outcome is ever taken back."""
    known: set[tuple[str, str]] = set()
    for word in words:
        if word.rating is not None and (word.tenant, word.event) not in known:
            known.add((word.tenant, word.event))
            yield word, word.rating > 0


def _spread(seen: Sequence[Seen], base: float, least: int) -> float | None:
    """The correlation of outcomes within a tenant, from the tenants' means; None of fewer than five tenants."""
    sums: dict[str, list[int]] = {}
    for one in seen:
        so_far = sums.setdefault(one.tenant, [0, 0])
        so_far[0], so_far[1] = so_far[0] + one.first, so_far[1] + one.first_good
    whole = [(units, good / units) for units, good in sums.values() if units >= least]
    if len(whole) < _FEWEST // 10:
        return None
    one_by_one = fmean(1 / units for units, _ in whole)  # of the variance of a mean, what single outcomes give
    found = pvariance([mean for _, mean in whole]) / (base * (1 - base))
    return min(0.9, max(_LEAST_SPREAD, (found - one_by_one) / (1 - one_by_one)))


def _days(design: Design, pace: Pace, units: int) -> float | None:
    """How long the units take to come at the pace of the past."""
    if not pace.per_day:
        return None
    if design.by == "request":
        return units / pace.per_day
    if pace.tenants < units:
        return None
    return design.least * pace.tenants / pace.per_day


def _divides(line: Line, one: Experiment) -> bool:
    return line.rollout == one.rollout and line.phase == "canary"


def _ended(one: Experiment) -> Status:
    result = dict(one.result or {})
    told = result["standing"]
    standing = Standing(**{**told, "units": tuple(told["units"]), "shares": tuple(told["shares"])})
    return Status(experiment=one, standing=standing, state="ended", reason=str(result["reason"]))


def _runs(model: str) -> BusyError:
    return BusyError(
        "An experiment with {model} runs already.", mend="End it first: argosy experiment end", model=model
    )
