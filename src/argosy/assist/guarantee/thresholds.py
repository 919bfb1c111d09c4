"""Thresholds that keep the share of wrong answers below what was promised, whatever comes from outside the scope.

Two kinds of validation rows are needed: questions that have an answer here, each with the chance of its candidate and
whether that was right, and questions that have none, each with the chance of its candidate, which is wrong anyhow.
Where a share ``s`` of the traffic has no answer here, of the answers given above a threshold are wrong::

    ((1 - s) w + s b) / ((1 - s) a + s b)

with ``a`` the share of the first kind that is answered, ``w`` that which is answered wrongly, and ``b`` the share of
the second kind that is answered. This grows with ``s`` (as long as answers within the scope are the surer ones), so a
threshold for a share serves every smaller one.

What is promised: of the next ``window`` answers at most ``max_wrong`` are wrong, with the stated confidence over the
validation rows and those answers together. Each of a, w and b has its exact one-sided confidence distribution (beta;
Clopper and Pearson 1934), which are melded (Fay, Proschan and Brittain 2015) and carried through to the number of wrong
answers in the window. Thresholds are tested in fixed order, from several starts that share the allowed chance of a
mistake, each going on to more answers until its first failure (learn then test; Angelopoulos et al. 2021).

It holds while questions of either kind are like those of validation; only their shares may move. ``watch`` looks at it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import takewhile
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom, qmc

Floats = NDArray[np.float64]

WINDOW = 1_000
_SHARES = (0.0, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
_STARTS = (0.3, 0.6)  # shares of the first kind that are answered where a walk begins
_STEP = 0.02
_DRAWS = 1_024
_BINS = 10  # of the chances of each kind, for whoever estimates the share
_FINEST = 60  # rates that are tried for the lowest that the rows could show


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The threshold up to a share of questions out of scope; None where the rows cannot show the rate.

    ``coverage`` is the share of questions within the scope that are answered, ``supported`` the lowest rate that the
    rows could show at all.
    """

    share: float
    threshold: float | None
    coverage: float
    supported: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How chances are spread: the numbers of validation rows of each kind between ``edges``."""

    edges: tuple[float, ...] = ()
    here: tuple[int, ...] = ()
    elsewhere: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """A threshold for each share of questions out of scope; those above ``out_of_scope`` are a reserve."""

    max_wrong: float
    confidence: float
    out_of_scope: float
    window: int = WINDOW
    steps: tuple[Step, ...] = ()
    here: int = 0
    elsewhere: int = 0
    profile: Profile = Profile()

    def at(self, share: float) -> Step | None:
        """The step that covers a share; None where none does."""
        return next((step for step in self.steps if step.share >= share - 1e-9), None)

    def threshold(self, share: float) -> float | None:
        """The threshold at a share; None where nothing can be promised there."""
        step = self.at(share)
        return None if step is None else step.threshold

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told."""
        profile = Profile(**{name: tuple(values) for name, values in told["profile"].items()})
        return cls(**{**told, "steps": tuple(Step(**step) for step in told["steps"]), "profile": profile})


def fit(
    here: Sequence[tuple[float, bool]],
    elsewhere: Sequence[float],
    *,
    max_wrong: float,
    confidence: float = 0.95,
    out_of_scope: float = 0.2,
    window: int = WINDOW,
) -> Thresholds:
    """The thresholds for rows (chance, right) of questions with an answer here, and for chances of those without."""
    rows = _Rows.of(here, elsewhere)
    shares = sorted({*_SHARES, out_of_scope})
    walks = [walk for walk in map(rows.walk, _STARTS) if len(walk)]
    level = (1 - confidence) / len(_STARTS)
    melded = cache(rows.melded)
    steps = []
    for share in shares:

        @cache
        def fails(lowest: float, share: float = share) -> float:
            return melded(lowest).fails(share, max_wrong, window)

        best = min((found for walk in walks if (found := _reach(walk, fails, level)) is not None), default=None)
        supported = min((_supported(melded(walk[0]), share, window, level) for walk in walks), default=1.0)
        coverage = 0.0 if best is None else rows.covered(best)
        steps.append(Step(share=share, threshold=best, coverage=coverage, supported=supported))
    return Thresholds(
        max_wrong=max_wrong,
        confidence=confidence,
        out_of_scope=out_of_scope,
        window=window,
        steps=tuple(steps),
        here=len(here),
        elsewhere=len(elsewhere),
        profile=profile_of([chance for chance, _ in here], elsewhere),
    )


def profile_of(here: Sequence[float], elsewhere: Sequence[float]) -> Profile:
    """How the chances of both kinds are spread over bins that hold equally many of all; empty without either."""
    if not len(here) or not len(elsewhere):
        return Profile()
    edges = np.unique(np.quantile(np.concatenate([here, elsewhere]), np.linspace(0, 1, _BINS + 1)[1:-1]))
    counts = (
        np.bincount(np.searchsorted(edges, part, side="right"), minlength=len(edges) + 1) for part in (here, elsewhere)
    )
    first, second = (tuple(found.tolist()) for found in counts)
    return Profile(edges=tuple(edges.tolist()), here=first, elsewhere=second)


@dataclass(frozen=True, slots=True)
class _Melded:
    """Draws from the upper confidence distributions of ``a``, ``w`` over ``a``, and ``b``, each [draws]."""

    answered: Floats
    wrong: Floats
    foreign: Floats

    def rate(self, share: float) -> Floats:
        """The share of wrong answers [draws]."""
        home, away = (1 - share) * self.answered, share * self.foreign
        total = home + away
        return np.where(total > 0, (home * self.wrong + away) / np.where(total > 0, total, 1.0), 1.0)

    def fails(self, share: float, max_wrong: float, window: int) -> float:
        """The chance that more than ``max_wrong`` of the next ``window`` answers are wrong."""
        return float(binom.sf(int(max_wrong * window + 1e-9), window, self.rate(share)).mean())


@dataclass(frozen=True, slots=True)
class _Rows:
    """Chances of both kinds, surest first, and which of the first kind were wrong."""

    sure: Floats
    wrong: NDArray[np.bool_]
    foreign: Floats

    @classmethod
    def of(cls, here: Sequence[tuple[float, bool]], elsewhere: Sequence[float]) -> "_Rows":
        chances = np.array([chance for chance, _ in here], dtype=np.float64)
        order = np.argsort(-chances, kind="stable")
        wrong = np.array([not right for _, right in here], dtype=np.bool_)
        return cls(chances[order], wrong[order], np.sort(np.asarray(elsewhere, dtype=np.float64)))

    def walk(self, start: float) -> list[float]:
        """Thresholds from the start on, each letting more questions through."""
        if not len(self.sure):
            return []
        shares = np.minimum(np.arange(start, 1 + _STEP / 2, _STEP), 1)
        places = np.unique(np.ceil(shares * len(self.sure) - 1e-9).astype(np.int64))
        return list(dict.fromkeys(_between(self.sure, place) for place in places.tolist()))

    def covered(self, lowest: float) -> float:
        return float(np.mean(self.sure >= lowest))

    def melded(self, lowest: float) -> _Melded:
        """The distributions at a threshold: for each the side on which more is wrong."""
        count = len(self.sure)
        answered = int(np.sum(self.sure >= lowest))
        wrong = int(np.sum(self.wrong[:answered]))
        away, all_away = int(np.sum(self.foreign >= lowest)), len(self.foreign)
        spread = qmc.LatinHypercube(3, rng=np.random.default_rng(0)).random(_DRAWS)
        return _Melded(
            answered=_drawn(answered, count - answered + 1, spread[:, 0]),
            wrong=_drawn(wrong + 1, answered - wrong, spread[:, 1]),
            foreign=_drawn(away + 1, all_away - away, spread[:, 2]),
        )


def _drawn(more: int, less: int, spread: Floats) -> Floats:
    """Quantiles of a beta distribution; all of one end where it has no width."""
    if more <= 0 or less <= 0:
        return np.full(len(spread), 0.0 if more <= 0 else 1.0)
    return np.asarray(beta.ppf(spread, more, less), dtype=np.float64)


def _between(sure: Floats, count: int) -> float:
    """A threshold that lets ``count`` rows through and their equals, halfway to the next one."""
    last = sure[count - 1]
    whole = int(np.searchsorted(-sure, -last, side="right"))
    below = sure[whole] if whole < len(sure) else 0.0
    return float((last + below) / 2)


def _reach(walk: Sequence[float], fails: Callable[[float], float], level: float) -> float | None:
    """The last threshold of a walk before its first failure."""
    passed = list(takewhile(lambda lowest: fails(lowest) <= level, walk))
    return passed[-1] if passed else None


def _supported(melded: _Melded, share: float, window: int, level: float) -> float:
    """The lowest rate that would pass."""
    counts = binom.isf(level, window, np.quantile(melded.rate(share), np.linspace(0.5, 1, _FINEST)))
    for count in np.unique(counts):
        if melded.fails(share, float(count) / window, window) <= level:
            return float(count) / window
    return 1.0
