"""Hours without texts: calm, or something is broken."""

import numpy as np

from argosy.monitor.surges.silence import silent

_WEEK = 168


def _busy(hours: int, pace: float = 3.0) -> np.ndarray:
    return np.random.default_rng(1).poisson(pace, hours).astype(float)


def test_an_hour_without_an_answer_is_missing_unless_its_texts_came_later() -> None:
    """An hour without an answer is missing unless its texts came later."""
    published, polls = _busy(3 * _WEEK), np.full(3 * _WEEK, 12.0)
    published[200:210], polls[200:220] = 0, 0
    published[210:220] = 2
    missing = silent(published, polls)
    assert missing[200:210].all()
    assert not missing[210:220].any()


def test_a_busy_source_that_says_nothing_for_half_a_day_is_broken() -> None:
    """A busy source that says nothing for half a day is broken."""
    published, polls = _busy(3 * _WEEK), np.full(3 * _WEEK, 12.0)
    published[400:412] = 0
    missing = silent(published, polls)
    assert missing[400:412].all()
    assert missing.sum() == 12


def test_a_source_of_three_texts_a_week_is_calm() -> None:
    """A source of three texts a week is calm."""
    published = np.zeros(4 * _WEEK)
    published[::56] = 1
    assert not silent(published, np.ones(4 * _WEEK)).any()


def test_nights_are_calm() -> None:
    """Nights are calm."""
    published = np.where(np.arange(4 * _WEEK) % 24 >= 8, 5.0, 0.0)
    published[0] = 1
    assert not silent(published, np.ones(4 * _WEEK)).any()


def test_a_run_longer_than_is_said_is_missing_and_a_shorter_one_is_not() -> None:
    """A run longer than is said is missing and a shorter one is not."""
    published = _busy(2 * _WEEK)
    published[100:106], published[200:208] = 0, 0
    missing = silent(published, np.ones(2 * _WEEK), longest=7)
    assert not missing[100:106].any()
    assert missing[200:208].all()


def test_what_never_spoke_and_what_comes_before_the_first_text_is_missing() -> None:
    """What never spoke and what comes before the first text is missing."""
    assert silent(np.zeros(50), np.ones(50)).all()
    published = np.zeros(100)
    published[60:] = 1
    assert silent(published, np.ones(100)).tolist() == [True] * 60 + [False] * 40
    assert not len(silent(np.zeros(0), np.zeros(0)))
