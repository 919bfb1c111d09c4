"""What judging rankers is worth: what a new one would earn, told before it is released, and who wins once it is.

    python -m benchmarks.recommend.offpolicy [--quick]

Before: a shop is drawn whose truth is known (``benchmarks/recommend/simulated.py``). A ranker that knows tastes badly
shows lists and explores at some places; a better one is judged by them before it shows any. Each setting is drawn
anew 400 times, users too; intervals should hold what the new ranker truly earns 95 times of 100. Against it: the
clicks of those places that happen to stand as the new ranker would have put them (``same``), and the model of clicks
alone, which trusts what it learnt (``model``).

After: users are divided between two rankers, and it is looked after every user who wins. Users have tastes of their own
for clicking, and those of the second ranker may come more often. Against it: a z-test of the lists, as though each
were somebody else's, looked at after every 50 lists.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.recommend.simulated import Lists, Service, shown, truth
from numpy.typing import NDArray
from scipy.stats import norm

from argosy.core.experiment import Design
from argosy.evaluate.intervals import share
from argosy.monitor.experiment import tenant_evidence
from argosy.project.recommending.comparing import compare, design
from argosy.recommend.judging.arms import Arms, Judge, Shows
from argosy.recommend.judging.clicks import crossed, logistic
from argosy.recommend.judging.logged import Described, Logged
from argosy.recommend.judging.offpolicy import estimate

Doubles = NDArray[np.float64]
SEED = 11
KINDS = ("logged", "ips", "snips", "clipped", "doubly", "gain")
_TRUTH = 150_000  # users
_ARMS = Arms(salt="simulated", shares={"now": 0.5, "next": 0.5})
_BASE, _EFFECT, _SPREAD = 0.3, 0.05, 0.15
_LOOK = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A service, and how many users with how many lists each it has a log of.

    A ``blind`` model of clicks does not know the new ranker's score.
    """

    service: Service
    users: int
    each: float = 5.0
    blind: bool = False


SETTINGS: Mapping[str, Setting] = {
    "a fifth explored": Setting(service=Service(), users=2_000),
    "a blind model of clicks": Setting(service=Service(), users=2_000, blind=True),
    "a twentieth explored": Setting(service=Service(explore=0.05), users=8_000),
    "unlike users, 20 lists each": Setting(service=Service(apart=2.0), users=600, each=20.0),
    "rare clicks": Setting(service=Service(level=-4.5, apart=0.5), users=4_000),
    "two places": Setting(service=Service(items=8, pool=5, places=2, explore=0.3), users=3_000),
}


def main(runs: int, users: int) -> None:
    """Before and after."""
    before = {name: judged(name, setting, runs, users) for name, setting in SETTINGS.items()}
    tell(
        "offpolicy",
        {
            "seed": SEED,
            "runs": runs,
            "before": before,
            "asked": {
                name: asked(setting, max(runs // 10, 5)) for name, setting in SETTINGS.items() if "explored" in name
            },
            "after": after(runs),
        },
        packages=("numpy", "scipy"),
    )


def columns(lists: Lists, rng: np.random.Generator, *, blind: bool = False) -> Logged:
    """As the log holds them; who clicks is drawn here."""
    known = lists.features[:, :, [0, 2]] if blind else lists.features
    places = lists.old.shape[1]
    good = (rng.random(lists.worth.shape) < lists.worth).astype(float)
    could = np.argwhere(lists.options > 0)
    described = Described(
        features=np.take_along_axis(known, lists.items[:, :, None], axis=1),
        at=could[:, 0] * places + could[:, 1],
        chance=lists.options[tuple(could.T)],
        could=known[could[:, 0], could[:, 2]],
    )
    return Logged(users=lists.users, old=lists.old, new=lists.new, good=good, described=described)


def judged(name: str, setting: Setting, runs: int, users: int) -> dict[str, Any]:
    """How often the intervals hold the truth, how wide they are, and how far off each figure is."""
    begun = time.perf_counter()
    old, new = truth(setting.service, users, setting.each, SEED)
    true = {"logged": old, "gain": new - old}
    held: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    wide: dict[str, list[float]] = {kind: [] for kind in KINDS}
    off: dict[str, list[float]] = {kind: [] for kind in (*KINDS, "same", "model")}
    refused, lists, effective, found = 0, 0, 0.0, 0
    for run in range(runs):
        rng = np.random.default_rng((SEED, run))
        log = columns(shown(setting.service, setting.users, setting.each, rng), rng, blind=setting.blind)
        told = estimate(log)
        lists, effective, refused = told.lists, told.overlap.effective, refused + bool(told.overlap.refused)
        for kind in KINDS:
            one = getattr(told, kind)
            if one is not None:
                held[kind].append(one.low <= true.get(kind, new) <= one.high)
                wide[kind].append(one.high - one.low)
                off[kind].append(one.value - true.get(kind, new))
        found += told.gain is not None and told.gain.low > 0
        for kind, value in peers(log).items():
            off[kind].append(value - new)
    note(f"{name}: {time.perf_counter() - begun:.0f} s, {refused} refused")
    return {
        "lists": lists,
        "users": setting.users,
        "effective": round(effective),
        "true": {"old": round(old, 4), "new": round(new, 4)},
        "refused": refused,
        "gains_found": round(found / runs, 3),
        "held": {kind: _held(some) for kind, some in held.items() if some},
        "wide": {kind: round(float(np.mean(some)), 4) for kind, some in wide.items() if some},
        "off": {kind: round(math.sqrt(float(np.mean(np.square(some)))), 4) for kind, some in off.items() if some},
        "bias": {kind: round(float(np.mean(some)), 4) for kind, some in off.items() if some},
    }


def peers(log: Logged) -> dict[str, float]:
    """Clicks where the log did what the new ranker would do, and what the model of clicks says."""
    assert log.described is not None  # noqa: S101 - they are simulated
    alike = np.cumprod(log.new > 1 / 2, axis=1) > 0
    same = [float(log.good[alike[:, at], at].mean()) for at in range(log.good.shape[1])]
    _, would = crossed(log.described, log.good, log.users, seed=0, fit=logistic)
    return {"same": sum(same), "model": float(would.sum(axis=1).mean())}


def asked(setting: Setting, runs: int) -> dict[str, Any]:
    """Of logs with a tenth of the lists: how often nothing is told, and how often it is once as many came as asked."""
    few = replace(setting, users=setting.users // 10)
    refused = answered = needed = 0
    for run in range(runs):
        rng = np.random.default_rng((SEED, 7, run))
        told = estimate(columns(shown(few.service, few.users, few.each, rng), rng))
        if told.overlap.refused:
            refused, needed = refused + 1, needed + told.overlap.needed
            users = few.users + math.ceil(1.1 * told.overlap.needed / few.each)
            more = estimate(columns(shown(few.service, users, few.each, rng), rng))
            answered += not more.overlap.refused
    return {
        "refused": round(refused / runs, 3),
        "needed": round(needed / max(refused, 1)),
        "answered": round(answered / max(refused, 1), 3),
    }


def after(runs: int) -> dict[str, Any]:
    """False winners up to twice the users that were told, among equals, and winners with the effect up to that."""
    planned = plan()
    limit, units = math.log(1 / planned.alpha), planned.units
    note(f"users: {units}")
    told: dict[str, dict[str, Any]] = {}
    cases = {
        "alike": (0.0, 1.0, 2),
        "alike, coming twice as often": (0.0, 2.0, 2),
        "better": (_EFFECT, 1.0, 1),
        "worse": (-_EFFECT, 1.0, 1),
    }
    for name, (effect, often, times) in cases.items():
        won = naive = 0
        for run in range(2 * runs):
            rng = np.random.default_rng((SEED, 9, run))
            second, lists, good = people(rng, times * units, effect, often)
            evidence = tenant_evidence(planned, second, good / lists, np.zeros(1))
            won += bool((evidence >= limit).any())
            naive += apart(second, lists, good)
        told[name] = {"won": round(won / (2 * runs), 4), "by_lists": round(naive / (2 * runs), 4)}
        note(f"{name}: {told[name]}")
    return {"users": units, "runs": 2 * runs, **told, "interval_held": standing_held(max(runs // 10, 5), units)}


def plan() -> Design:
    """For users as these are."""
    _, lists, _ = people(np.random.default_rng((SEED, 8)), 20_000, 0.0, 1.0)
    return design(_ARMS, base=_BASE, effect=_EFFECT, lists=round(1 / float((1 / lists).mean())), spread=_SPREAD)


def people(
    rng: np.random.Generator, users: int, effect: float, often: float
) -> tuple[NDArray[np.bool_], Doubles, Doubles]:
    """Whether each user has the second ranker, their lists, and the good ones of these; at most 20 of each count."""
    second = rng.random(users) < _ARMS.shares["next"]
    rest = (1 - _SPREAD) / _SPREAD
    own = rng.beta((_BASE + effect * second) * rest, (1 - _BASE - effect * second) * rest)
    lists = np.minimum(1 + rng.poisson(np.where(second, often, 1.0) * rng.gamma(1.0, 4.0, users)), 20)
    return second, lists.astype(float), rng.binomial(lists, own).astype(float)


def apart(second: NDArray[np.bool_], lists: Doubles, good: Doubles) -> bool:
    """Whether a z-test of lists ever says that the rankers differ."""
    counts = np.stack([lists * ~second, lists * second, good * ~second, good * second]).cumsum(axis=1)
    looks = np.unique(np.searchsorted(counts[:2].sum(axis=0), np.arange(_LOOK, counts[:2, -1].sum(), _LOOK)))
    first, other, mine, theirs = counts[:, looks]
    usable = (first > 0) & (other > 0)
    first, other, mine, theirs = (one[usable] for one in (first, other, mine, theirs))
    whole = (mine + theirs) / (first + other)
    error = np.sqrt(whole * (1 - whole) * (1 / first + 1 / other))
    return bool((np.abs(theirs / other - mine / first) > norm.ppf(0.975) * np.maximum(error, 1e-12)).any())


def standing_held(runs: int, users: int) -> dict[str, Any]:
    """How often the interval that holds at all times has the truth at the end, as the service tells it."""
    planned, held = plan(), []
    for run in range(runs):
        second, lists, good = people(np.random.default_rng((SEED, 10, run)), users, _EFFECT, 1.0)
        judges = [
            Judge(user=str(at), arm="next" if two else "now", at=at, lists=int(count), good=int(hits))
            for at, (two, count, hits) in enumerate(zip(second, lists, good, strict=True))
        ]
        told = compare(Shows(judges=judges, waiting=0), _ARMS, planned)["next"]
        held.append(told.low <= _EFFECT <= told.high)
    return _held(held)


def _held(held: list[bool]) -> dict[str, Any]:
    told = share(sum(held) / len(held), len(held))
    return {"value": round(told.value, 4), "low": round(told.low, 4), "high": round(told.high, 4), "of": len(held)}


if __name__ == "__main__":
    main(*((30, 20_000) if arguments(__doc__).quick else (400, _TRUTH)))
