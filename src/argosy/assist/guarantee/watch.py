"""Whether a promise still covers the traffic: what share of the questions has no answer here, and are they like before.

The share is estimated from the chances of recent questions, which are a mixture of the two kinds of validation rows
(the likeliest mixture of two histograms, its error with that of the histograms themselves). The threshold is taken for
the upper end of the share's interval, an alarm given only where its lower end is beyond every threshold: safe in what
is answered, sure in what is said. What no chance shows (answers that have become wrong), ratings and corrections do.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import beta, chi2, norm

from argosy.assist.guarantee.thresholds import Profile, Thresholds
from argosy.evaluate.intervals import LEVEL, Interval

Floats = NDArray[np.float64]
State = Literal["steady", "raised", "beyond", "unlike", "wrong", "unknown"]
"""Covered; covered by the threshold of a larger share; covered by none; other questions; wrong too often; not shown."""

FEWEST = 100  # questions that a share is estimated from
_SURE = 0.01  # of being wrong with an alarm
_SMOOTH = 0.5  # rows added to each bin
SENTENCES: dict[State, str] = {
    "steady": "The promised rate covers the questions that come in.",
    "raised": "More questions than before have no answer here: fewer are answered, so that the promised rate holds.",
    "beyond": "So many questions have no answer here that the promised rate is not shown any more. Add the knowledge "
    "that they ask for, or build again with their like.",
    "unlike": "The questions are unlike those of validation: the promised rate is not shown for them. Build again with "
    "recent dialogues.",
    "wrong": "Of the answers that were rated or corrected, more are wrong than was promised. Look at those that were "
    "corrected, and build again.",
    "unknown": "There are too few questions yet, or too few validation rows, to tell whether the promised rate holds.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What recent traffic shows: ``share`` of the questions without an answer here, ``wrong`` of those rated.

    ``reckoned`` is the share that the threshold is to be taken for from now on. ``p`` is the chance of questions so
    unlike those of validation, were they of the same kinds.
    """

    state: State
    reckoned: float
    questions: int
    rated: int
    share: Interval | None = None
    wrong: Interval | None = None
    p: float = 1.0

    @property
    def alarm(self) -> bool:
        """Whether somebody has to do something."""
        return self.state in {"beyond", "unlike", "wrong"}

    @property
    def sentence(self) -> str:
        """What it means."""
        return SENTENCES[self.state]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def watch(thresholds: Thresholds, chances: Sequence[float], helped: Sequence[bool] = ()) -> Watched:
    """What the chances of recent questions show, and whether answers ``helped``, as people rated or corrected them.

    People rate what annoys them, so the rated answers are more often wrong than others: an alarm about them calls for a
    look, and their share is no estimate of all.
    """
    count, wrongs = len(helped), sum(not good for good in helped)
    wrong = _exact(wrongs, count) if count else None
    found = share_of(thresholds.profile, chances) if len(chances) >= FEWEST else None
    if found is None:
        state: State = "wrong" if _too_often(wrongs, count, thresholds.max_wrong) else "unknown"
        return Watched(state=state, reckoned=thresholds.out_of_scope, questions=len(chances), rated=count, wrong=wrong)
    share, p = found
    steps = [step for step in thresholds.steps if step.threshold is not None]
    largest = max((step.share for step in steps), default=0.0)
    needed = max(thresholds.out_of_scope, share.high)
    reckoned = min((step.share for step in steps if step.share >= needed - 1e-9), default=largest)
    return Watched(
        state=_state(thresholds, share, largest, p, wrong=_too_often(wrongs, count, thresholds.max_wrong)),
        reckoned=reckoned if steps else thresholds.out_of_scope,
        questions=len(chances),
        rated=count,
        share=share,
        wrong=wrong,
        p=p,
    )


def share_of(profile: Profile, chances: Sequence[float]) -> tuple[Interval, float] | None:
    """The share of questions of the second kind with its 95 % interval, and how well the mixture fits (a p-value).

    None without rows of both kinds, or where their chances do not differ.
    """
    if not profile.edges or not len(chances):
        return None
    here, elsewhere = (_smoothed(counts) for counts in (profile.here, profile.elsewhere))
    places = np.searchsorted(profile.edges, np.asarray(chances, dtype=np.float64), side="right")
    traffic = np.bincount(places, minlength=len(here)).astype(np.float64)
    gap = elsewhere - here

    def slope(share: float) -> float:
        return float(np.sum(traffic * gap / (here + share * gap)))

    share = 0.0 if slope(0.0) <= 0 else 1.0 if slope(1.0) >= 0 else float(brentq(slope, 0.0, 1.0))
    error = _error(here, elsewhere, share, traffic.sum(), profile)
    half = norm.ppf((1 + LEVEL) / 2) * error
    interval = Interval(value=share, low=max(share - half, 0.0), high=min(share + half, 1.0))
    return interval, _fit(here, elsewhere, share, traffic, profile)


def _error(here: Floats, elsewhere: Floats, share: float, count: float, profile: Profile) -> float:
    """The standard error of the share: that of the traffic, and that of both histograms (delta method)."""
    mixed, gap = here + share * (elsewhere - here), elsewhere - here
    told = float(np.sum(gap**2 / mixed))
    if told <= 0:
        return 1.0
    from_elsewhere = _spread(here / mixed, elsewhere) / sum(profile.elsewhere)
    from_here = _spread(elsewhere / mixed, here) / sum(profile.here)
    return float(np.sqrt(1 / (told * count) + (from_elsewhere + from_here) / told**2))


def _spread(weights: Floats, shares: Floats) -> float:
    """The variance of a weight under shares."""
    return float(shares @ weights**2 - (shares @ weights) ** 2)


def _fit(here: Floats, elsewhere: Floats, share: float, traffic: Floats, profile: Profile) -> float:
    """The p-value of Pearson's statistic, each bin's variance with that of the histograms."""
    count = traffic.sum()
    mixed = here + share * (elsewhere - here)
    more = count * ((1 - share) ** 2 * here / sum(profile.here) + share**2 * elsewhere / sum(profile.elsewhere))
    statistic = float(np.sum((traffic - count * mixed) ** 2 / (count * (mixed + more))))
    return float(chi2.sf(statistic, max(len(mixed) - 2, 1)))


def _state(thresholds: Thresholds, share: Interval, largest: float, p: float, *, wrong: bool) -> State:
    if wrong:
        return "wrong"
    if thresholds.threshold(thresholds.out_of_scope) is None:
        return "unknown"
    if share.low > largest:
        return "beyond"
    if p < _SURE:
        return "unlike"
    return "raised" if share.high > thresholds.out_of_scope else "steady"


def _too_often(wrong: int, count: int, most: float) -> bool:
    """Whether that many are surely more than the share that was promised."""
    return wrong > 0 and float(beta.ppf(_SURE, wrong, count - wrong + 1)) > most


def _exact(wrong: int, count: int) -> Interval:
    tail = (1 - LEVEL) / 2
    low = float(beta.ppf(tail, wrong, count - wrong + 1)) if wrong else 0.0
    high = float(beta.ppf(1 - tail, wrong + 1, count - wrong)) if wrong < count else 1.0
    return Interval(value=wrong / count, low=low, high=high)


def _smoothed(counts: Sequence[int]) -> Floats:
    shares = np.asarray(counts, dtype=np.float64) + _SMOOTH
    return np.asarray(shares / shares.sum(), dtype=np.float64)
