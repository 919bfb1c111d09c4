"""White spaces: needs that matter and that no brand serves well; and how far one brand owns the praise of a need.

The score of a need is importance x (10 - satisfaction with the brand that serves it best) / 10, from 0 to 10. The best
of several noisy figures looks better than it is, so that the score errs on the careful side. Competition is told by the
Herfindahl-Hirschman index of the brands' shares of what is praised of a need (Hirschman 1945, Herfindahl 1950): 1 where
all praise is one brand's, 1 / brands where it is spread evenly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from argosy.evaluate.intervals import Interval
from argosy.venture.market.opportunity import sentiments
from argosy.venture.market.resamples import Numbers, around, resampled
from argosy.venture.market.voices import Mined

_HEARD = 8  # voices of a brand about a need, below which it is not taken for the best
_HALF = 5.0  # of 10: as much praise as complaint; half as often spoken of as the first need
_TOP = 10.0
NO_FEELING = "What is felt is not told, so neither white spaces nor competition are."
_REASONS = (NO_FEELING,)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhiteSpace:
    """A need by how little even the best brand serves it; ``best`` is None where too few speak of it with any brand.

    ``open`` is ``sure`` where the importance is 5 at least and even the best brand's 95 % interval ends below 5,
    ``likely`` where its satisfaction lies below 5, and ``no`` else. ``concentration`` is the
    Herfindahl-Hirschman index of praise (None: of fewer than two brands).
    """

    need: str
    importance: Interval
    best: str | None
    satisfaction: Interval | None
    score: Interval | None
    open: Literal["sure", "likely", "no"]
    concentration: Interval | None


def white_spaces(mined: Mined, brands: Sequence[str], *, seed: int = 7) -> list[WhiteSpace]:
    """The needs, those with the largest score first; ``brands`` are those who may serve them, mostly the rivals."""
    if not mined.needs or not len(mined.voices):
        return []
    weights = resampled(len(mined.voices), seed)
    shares = weights @ mined.spoken.astype(np.float64)
    importance = _TOP * shares / np.maximum(shares.max(axis=1, keepdims=True), 1e-9)
    praise, voices = praised(mined, brands, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        met = np.where(voices[0] >= _HEARD, _TOP * praise / voices, np.nan)
    told = {(one.need, one.brand): one.felt for one in sentiments(mined, brands)}
    focus = concentration(praise) if len(brands) > 1 else np.full(importance.shape, np.nan)
    found = []
    for at, need in enumerate(mined.needs):
        heard = [row for row in range(len(brands)) if not np.isnan(met[0, row, at])]
        best = brands[max(heard, key=lambda row: float(met[0, row, at]))] if heard else None
        felt = told.get((need.name, best)) if best is not None else None
        met_by = None if felt is None else Interval(**{end: _TOP * (getattr(felt, end) + 1) / 2 for end in _ENDS})
        top = np.fmax.reduce(met[:, heard, at], axis=1) if heard else np.full(len(weights), np.nan)
        found.append(
            WhiteSpace(
                need=need.name,
                importance=around(importance[:, at]) or Interval(value=0, low=0, high=_TOP),
                best=best,
                satisfaction=met_by,
                score=around(importance[:, at] * (_TOP - top) / _TOP),
                open=_open(float(importance[0, at]), met_by),
                concentration=around(focus[:, at]),
            )
        )
    return sorted(found, key=lambda one: (one.score is None, -(one.score.value if one.score else one.importance.value)))


_ENDS = ("value", "low", "high")


def praised(mined: Mined, brands: Sequence[str], weights: Numbers) -> tuple[Numbers, Numbers]:
    """What is praised of each need with each brand [draws, brands, needs], and the voices who say what they feel.

    A voice praises from 0 (all negative) to 1 (all positive), so that praise over voices is a satisfaction of 0 to 1.
    """
    told = ~np.isnan(mined.felt)
    share = np.where(told, (mined.felt.astype(np.float64) + 1) / 2, 0)
    praise, voices = np.zeros((2, len(weights), len(brands), len(mined.needs)))
    for at, brand in enumerate(brands):
        of = np.array([one.brand == brand for one in mined.voices], np.bool_)
        praise[:, at], voices[:, at] = weights[:, of] @ share[of], weights[:, of] @ told[of]
    return praise, voices


def concentration(praise: Numbers) -> Numbers:
    """The Herfindahl-Hirschman index of each need [draws, needs], NaN where nothing is praised."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = praise / praise.sum(axis=1, keepdims=True)
    return np.asarray((shares**2).sum(axis=1))


def _open(importance: float, met: Interval | None) -> Literal["sure", "likely", "no"]:
    if met is None or importance < _HALF or met.value >= _HALF:
        return "no"
    return "sure" if met.high < _HALF else "likely"
