"""Share of voice: shares, periods, and the test for trend."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market_planted import BRANDS, market

from argosy.venture.market.share_of_voice import NO_TIMES, ONE_BRAND, ONE_PERIOD, share_of_voice, trend
from argosy.venture.market.voices import Mined, Voice


def said(brands: list[tuple[str, datetime | None]]) -> Mined:
    """Voices about these brands at these times."""
    voices = tuple(Voice(id=str(at), text="x", brand=brand, time=time) for at, (brand, time) in enumerate(brands))
    empty = np.zeros((len(voices), 0))
    felt, rated = empty.astype(np.float32), np.zeros(len(voices))
    return Mined(voices=voices, needs=(), spoken=empty.astype(bool), felt=felt, rated=rated)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), min_size=2, max_size=8))
def test_the_trend_is_the_correlation_of_rows_with_time(counts: list[tuple[int, int]]) -> None:
    """Z^2 = n r^2, with r the correlation over single voices (Agresti, "Categorical Data Analysis", 5.3.5)."""
    hits = np.array([some for some, _ in counts], np.float64)
    totals = hits + np.array([others for _, others in counts], np.float64)
    slope, _, chance = trend(hits, totals)
    when = np.repeat(np.arange(len(counts)), totals.astype(int))
    who = np.concatenate([[1] * int(some) + [0] * int(all_ - some) for some, all_ in zip(hits, totals, strict=True)])
    if np.ptp(who) == 0:
        assert chance == 1
        return
    from scipy.stats import chi2

    r = np.corrcoef(when, who)[0, 1]
    assert chance == pytest.approx(float(chi2.sf(len(who) * r**2, 1)), abs=1e-9)
    assert slope == pytest.approx(np.polyfit(when, who, 1)[0], abs=1e-9)


def test_shares_add_up_and_a_brand_that_rises_is_found() -> None:
    """In each period too."""
    times = [datetime(2025, 1 + at // 100, 1 + at % 28, tzinfo=UTC) for at in range(600)]
    rng = np.random.default_rng(1)
    names = ["Up" if rng.random() < 0.1 + 0.1 * (at // 100) else str(rng.choice(["A", "B"])) for at in range(600)]
    found = share_of_voice(said(list(zip(names, times, strict=True))), ["A", "B", "Up"])
    assert sum(one.share.value for one in found.brands) == pytest.approx(1)
    for at in range(len(found.periods)):
        assert sum(each.value for one in found.brands if (each := one.by_period[at])) == pytest.approx(1)
    by_name = {one.brand: one.trend for one in found.brands}
    up = by_name["Up"]
    assert up is not None
    assert up.sure
    assert up.change.low <= 1.2 <= up.change.high  # a tenth a month
    assert found.months == 1


def test_without_a_trend_few_are_told() -> None:
    """Of 40 markets of three brands, hardly any has one."""
    sure = [
        any(one.trend.sure for one in share_of_voice(market(300, seed=seed), BRANDS).brands if one.trend)
        for seed in range(40)
    ]
    assert sum(sure) <= 6


def test_years_of_texts_are_cut_into_periods_that_hold_some() -> None:
    """At most twelve, each beginning where a month, a quarter or a year does."""
    rows = [("AB"[at % 2], datetime(2010 + at % 15, 1 + at % 12, 3, tzinfo=UTC)) for at in range(900)]
    found = share_of_voice(said(rows), ["A", "B"])
    assert 2 <= len(found.periods) <= 12
    assert all(day.day == 1 and (day.year * 12 + day.month - 1) % found.months == 0 for day in found.periods)


def test_what_cannot_be_told_is_said() -> None:
    """One brand, no times, one moment."""
    now = datetime(2026, 1, 5, tzinfo=UTC)
    assert share_of_voice(said([("A", now)] * 9), ["A"]).why == ONE_BRAND
    assert share_of_voice(said([("A", None), ("B", None)]), ["A", "B"]).why == NO_TIMES
    assert share_of_voice(said([("A", now), ("B", now)]), ["A", "B"]).why == ONE_PERIOD
    assert share_of_voice(said([]), []).brands == ()
    mined = market(50)
    nobody = replace(mined, voices=tuple(replace(one, brand=None) for one in mined.voices))
    assert share_of_voice(nobody, []).why == ONE_BRAND
