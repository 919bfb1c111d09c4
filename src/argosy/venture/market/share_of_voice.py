"""Share of voice: of all voices, those that speak of a brand; by period, and whether it rises or falls.

The share of voice of a brand is the number of voices about it over the number about any brand. Its trend is tested by
the test for linear trend in proportions (Cochran, Biometrics 1954;10:417; Armitage, Biometrics 1955;11:375) over the
periods in their order, and all brands' tests together at 5 % (Holm 1979).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from argosy.evaluate.intervals import Interval, Z, wilson
from argosy.venture.market.resamples import Numbers
from argosy.venture.market.voices import Mined

_PERIODS, _HEARD = 12, 30  # periods at most, and voices for each on the average
_LENGTHS = (1, 3, 6, 12)  # months of a period
_SURE = 0.05
ONE_BRAND = "Fewer than two brands are spoken of: share of voice tells nothing."
NO_TIMES = "No text has a time: no trend of share of voice is told."
ONE_PERIOD = "The times lie too close, or the texts are too few, for a trend of share of voice."
_REASONS = (ONE_BRAND, NO_TIMES, ONE_PERIOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The change of a share of voice a year, and the chance of as large a one where there is none.

    ``sure`` is whether the trend stands among the tests of all brands at 5 %.
    """

    change: Interval
    chance: float
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A brand: its voices, its share of voice, that of each period (None: nobody spoke), and its trend if told."""

    brand: str
    voices: int
    share: Interval
    by_period: tuple[Interval | None, ...]
    trend: Trend | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOfVoice:
    """The brands, the most heard first; ``periods`` are the first days of the periods, ``why`` what is not told."""

    brands: tuple[Heard, ...]
    periods: tuple[date, ...]
    months: int
    why: str = ""


def share_of_voice(mined: Mined, brands: Sequence[str]) -> ShareOfVoice:
    """The shares of these brands among the voices that name one of them."""
    known = set(brands)
    voices = [one for one in mined.voices if one.brand in known]
    heard = {brand: sum(one.brand == brand for one in voices) for brand in brands}
    ranked = sorted((brand for brand in brands if heard[brand]), key=lambda brand: (-heard[brand], brand))
    if len(ranked) < 2:  # noqa: PLR2004 - a share is of several
        only = tuple(
            Heard(brand=one, voices=heard[one], share=wilson(heard[one], len(voices)), by_period=(), trend=None)
            for one in ranked
        )
        return ShareOfVoice(brands=only, periods=(), months=0, why=ONE_BRAND)
    dated = [(one.time, one.brand) for one in voices if one.time is not None]
    months, periods, counts = _periods(dated, ranked)
    totals = counts.sum(axis=0)
    trends = _trends(counts, totals, months) if len(periods) > 1 else {}
    return ShareOfVoice(
        brands=tuple(
            Heard(
                brand=brand,
                voices=heard[brand],
                share=wilson(heard[brand], len(voices)),
                by_period=tuple(
                    wilson(int(counts[at, when]), int(totals[when])) if totals[when] else None
                    for when in range(len(periods))
                ),
                trend=trends.get(at),
            )
            for at, brand in enumerate(ranked)
        ),
        periods=tuple(periods),
        months=months,
        why="" if trends else ONE_PERIOD if dated else NO_TIMES,
    )


def trend(hits: Numbers, totals: Numbers) -> tuple[float, float, float]:
    """The slope of a proportion a period, its standard error, and the two-sided chance of the test for linear trend.

    The slope is that of least squares weighted by ``totals``; the test takes the variance of no trend, the error the
    variance within periods.
    """
    from scipy.stats import norm

    at = np.arange(len(totals), dtype=np.float64)
    mean = float(totals @ at / totals.sum())
    spread = float(totals @ (at - mean) ** 2)
    share = float(hits.sum() / totals.sum())
    if not spread or not 0 < share < 1:
        return 0.0, 0.0, 1.0
    slope = float((at - mean) @ hits) / spread
    own = np.divide(hits, totals, out=np.zeros_like(hits), where=totals > 0)
    error = float(np.sqrt(((at - mean) ** 2 * totals * own * (1 - own)).sum())) / spread
    chance = 2 * float(norm.sf(abs(slope) / np.sqrt(share * (1 - share) / spread)))
    return slope, error, min(chance, 1.0)


def _trends(counts: Numbers, totals: Numbers, months: int) -> dict[int, Trend]:
    found = {at: trend(row, totals) for at, row in enumerate(counts)}
    sure, order = set(), sorted(found, key=lambda at: found[at][2])
    for place, at in enumerate(order):
        if found[at][2] > _SURE / (len(order) - place):
            break
        sure.add(at)
    year = 12 / months
    return {
        at: Trend(
            change=Interval(value=slope * year, low=(slope - Z * error) * year, high=(slope + Z * error) * year),
            chance=chance,
            sure=at in sure,
        )
        for at, (slope, error, chance) in found.items()
    }


def _periods(dated: Sequence[tuple[datetime, str | None]], brands: Sequence[str]) -> tuple[int, list[date], Numbers]:
    """The length of a period in months, their first days, and the voices of each brand in each [brands, periods]."""
    if not dated:
        return 0, [], np.zeros((len(brands), 0))
    numbers = np.array([when.year * 12 + when.month - 1 for when, _ in dated])
    first, last = int(numbers.min()), int(numbers.max())
    months = next(
        (one for one in _LENGTHS if (last // one - first // one + 1) <= min(_PERIODS, max(2, len(dated) // _HEARD))),
        -(-(last - first + 1) // _PERIODS // 12) * 12 or 12,
    )
    begin = first // months
    at = numbers // months - begin
    place = {brand: row for row, brand in enumerate(brands)}
    counts = np.zeros((len(brands), int(at.max()) + 1))
    np.add.at(counts, (np.array([place[str(brand)] for _, brand in dated]), at), 1)
    days = [date((begin + one) * months // 12, (begin + one) * months % 12 + 1, 1) for one in range(counts.shape[1])]
    return months, days, counts
