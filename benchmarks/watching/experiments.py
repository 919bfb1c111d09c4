"""False winners, power and intervals of experiments that are looked at after every window and every tenant.

    python -m benchmarks.watching.experiments [--quick]

Each setting is drawn anew 1,000 times under the null hypothesis, up to twice the size that is told, and 1,000 times
with the effect upwards and downwards, up to that size. By request the share of good outcomes also follows the hour, or
one tenant unlike the others fills half of the windows; by tenant a tenant's own share is drawn from a beta law of the
stated correlation, and it has 20 outcomes. Against it: a z-test at the same level, looked at as often.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from numpy.typing import NDArray
from scipy.stats import norm

from argosy.core.experiment import Design
from argosy.monitor.experiment import WINDOW, Seen, bounded, judge, size, tenant_evidence

RUNS, QUICK = 1_000, 60
SEED = 8
_HORIZON = 2  # times the size that is told
_DAY = 40  # windows
_SEASON = 0.5  # of the logarithm of the odds
_BUSY = 0.5  # share of one tenant

Draw = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A design, whether the base follows the hour, and who fills the windows: one tenant half of them, or ``many``."""

    design: Design
    season: bool = False
    flood: bool = False
    many: int = 1


def settings() -> dict[str, Setting]:
    """By name."""
    plain = Design(
        outcome="rating",
        by="request",
        share=0.5,
        alpha=0.05,
        power=0.8,
        effect=0.05,
        base=0.8,
        units=0,
        most=10**9,
        least=20,
        spread=0.05,
    )
    return {
        "request 80 % ± 5": Setting(design=plain),
        "request 60 % ± 10, α 1 %, power 90 %": Setting(
            design=replace(plain, base=0.6, effect=0.1, alpha=0.01, power=0.9)
        ),
        "request 95 % ± 3, a fifth of the traffic": Setting(design=replace(plain, base=0.95, effect=0.03, share=0.2)),
        "request 80 % ± 5, by the hour": Setting(design=plain, season=True),
        "request 80 % ± 5, one tenant's flood": Setting(design=plain, flood=True),
        "request 80 % ± 5, 20 tenants, none of whom decides": Setting(design=plain, many=20),
        "tenant 80 % ± 5": Setting(design=replace(plain, by="tenant")),
        "tenant 70 % ± 10, correlation 0.1": Setting(
            design=replace(plain, by="tenant", base=0.7, effect=0.1, spread=0.1)
        ),
    }


def shifts(setting: Setting, count: int) -> NDArray[np.float64]:
    """How far the logarithm of the odds of a good outcome lies from the base, by the window."""
    shift = _SEASON * np.sin(2 * np.pi * np.arange(count) / _DAY) if setting.season else np.zeros(count)
    if setting.flood:  # its share of good outcomes is far from that of the others
        shift[: round(_BUSY * count)] -= 1.0
    return np.asarray(shift)


def requests(setting: Setting, other: float, units: int, draw: Draw) -> list[Seen]:
    """Outcomes by the window; ``other`` is the second version's share of good ones."""
    design, count = setting.design, units // WINDOW
    second = draw.binomial(WINDOW, design.share, count)
    shift = draw.permutation(shifts(setting, count)) if setting.flood else shifts(setting, count)
    good = [_moved(share, shift) for share in (design.base, other)]
    hits = (draw.binomial(WINDOW - second, good[0]), draw.binomial(second, good[1]))
    return [
        Seen(
            tenant=str(at % setting.many),
            at=at,
            first=WINDOW - one,
            second=one,
            first_good=mine,
            second_good=theirs,
        )
        for at, (one, mine, theirs) in enumerate(zip(*(part.tolist() for part in (second, *hits)), strict=True))
    ]


def tenants(design: Design, other: float, units: int, draw: Draw) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Whether each tenant has the second version, and its mean."""
    second = draw.random(units) < design.share
    share, rest = np.where(second, other, design.base), (1 - design.spread) / design.spread
    own = draw.beta(share * rest, (1 - share) * rest)
    return second, draw.binomial(design.least, own) / design.least


def won(setting: Setting, other: float, units: int, draw: Draw) -> bool:
    """Whether there is ever a winner."""
    design = setting.design
    if design.by == "request":
        return judge(design, requests(setting, other, units, draw)).winner != ""
    second, means = tenants(design, other, units, draw)
    evidence = tenant_evidence(design, second, means, np.zeros(1))
    return bool((evidence >= math.log(1 / design.alpha)).any())


def naive(setting: Setting, units: int, draw: Draw) -> bool:
    """Whether a z-test of two shares, looked at after every window, ever says that they differ."""
    seen = requests(setting, setting.design.base, units, draw)
    counts = np.array([(one.first, one.second, one.first_good, one.second_good) for one in seen]).cumsum(axis=0)
    first, second, mine, theirs = counts.T.astype(np.float64)
    whole = (mine + theirs) / (first + second)
    error = np.sqrt(whole * (1 - whole) * (1 / first + 1 / second))
    apart = np.abs(theirs / second - mine / first)
    return bool((apart > norm.ppf(1 - setting.design.alpha / 2) * error).any())


def covered(setting: Setting, other: float, units: int, draw: Draw) -> bool:
    """Whether the interval that holds at all times has the truth at the end."""
    design = setting.design
    if design.by == "request":
        standing = judge(design, requests(setting, other, units, draw))
    else:
        second, means = tenants(design, other, units, draw)
        good = np.rint(means * design.least).astype(int).tolist()
        seen = [
            Seen(tenant=str(at), at=at, second=design.least, second_good=one)
            if given
            else Seen(tenant=str(at), at=at, first=design.least, first_good=one)
            for at, (given, one) in enumerate(zip(second.tolist(), good, strict=True))
        ]
        standing = judge(design, seen)
    shift = shifts(setting, units // WINDOW)
    truth = float((_moved(other, shift) - _moved(design.base, shift)).mean())
    return standing.low <= truth <= standing.high


def measured(setting: Setting, runs: int, draw: Draw) -> dict[str, Any]:
    """Everything of a setting."""
    design = setting.design
    needed = size(design)
    if setting.many > 1:
        units, most = bounded(needed.most, None, setting.many)
        needed, setting = replace(needed, most=units), replace(setting, design=replace(design, units=units, most=most))
    sides = [design.base + sign * design.effect for sign in (1, -1)]
    sides = [side for side in sides if 0 < side < 1]
    null = share_of([won(setting, design.base, _HORIZON * needed.most, draw) for _ in range(runs)])
    power = [share_of([won(setting, side, needed.most, draw) for _ in range(runs)]) for side in sides]
    few = runs if design.by == "request" else max(runs // 5, 1)
    return {
        "alpha": design.alpha,
        "told_power": design.power,
        "units": needed.most,
        "half": needed.half,
        "false_winners": null,
        "false_ratio": round(null / design.alpha, 3),
        "power": min(power),
        "power_above": round(min(power) - design.power, 4),
        "coverage": share_of([covered(setting, sides[0], needed.most, draw) for _ in range(few)]),
        "naive": share_of([naive(setting, _HORIZON * needed.most, draw) for _ in range(runs)])
        if design.by == "request"
        else None,
    }


def share_of(said: Sequence[bool]) -> float:
    """The share of true ones."""
    return round(sum(said) / len(said), 4)


def main() -> None:
    """All settings, with one seed."""
    runs = QUICK if arguments(__doc__).quick else RUNS
    draw, found = np.random.default_rng(SEED), {}
    for name, setting in settings().items():
        found[name] = measured(setting, runs, draw)
        note(f"{name}: {found[name]}")
    naively = [one["naive"] for one in found.values() if one["naive"] is not None]
    tell("experiments", {"settings": found, "runs": runs, "naive": max(naively)}, packages=("numpy", "scipy"))


def _moved(share: float, shift: NDArray[np.float64]) -> NDArray[np.float64]:
    """A share of good outcomes, its odds moved."""
    return np.asarray(1 / (1 + np.exp(-(math.log(share / (1 - share)) + shift))))


if __name__ == "__main__":
    main()
