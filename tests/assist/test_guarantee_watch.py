"""Whether a promise still covers the traffic is told from what comes in."""

import numpy as np
import pytest
from made_chances import MAX_WRONG, elsewhere, here

from argosy.assist.guarantee.thresholds import Thresholds, fit, profile_of
from argosy.assist.guarantee.watch import FEWEST, SENTENCES, share_of, watch


@pytest.fixture(scope="module")
def thresholds() -> Thresholds:
    """For up to a fifth of questions out of scope."""
    rng = np.random.default_rng(1)
    return fit(here(rng, 1_500), elsewhere(rng, 1_000), max_wrong=MAX_WRONG, out_of_scope=0.2)


def traffic(share: float, count: int, seed: int) -> list[float]:
    """The chances of questions of which a share has no answer here."""
    rng = np.random.default_rng(seed)
    away = int(rng.binomial(count, share))
    return [*elsewhere(rng, away), *(chance for chance, _ in here(rng, count - away))]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.6])
def test_the_share_is_estimated_with_an_interval_that_holds(share: float) -> None:
    """In nine of ten traffics and more."""
    held = 0
    for seed in range(40):
        rng = np.random.default_rng(1_000 + seed)
        profile = profile_of([chance for chance, _ in here(rng, 400)], elsewhere(rng, 300))
        estimate = share_of(profile, traffic(share, 500, seed))
        assert estimate is not None
        held += estimate[0].low <= share <= estimate[0].high
    assert held >= 35


def test_a_larger_share_takes_its_threshold_and_says_so(thresholds: Thresholds) -> None:
    """The promise then holds at that share; where no threshold does, an alarm is given."""
    calm = watch(thresholds, traffic(0.05, 2_000, 1))
    assert (calm.state, calm.reckoned, calm.alarm) == ("steady", 0.2, False)
    risen = watch(thresholds, traffic(0.25, 2_000, 2))
    assert (risen.state, risen.alarm) == ("raised", False)
    assert risen.share is not None
    assert risen.reckoned >= risen.share.high
    before, after = thresholds.threshold(0.2), thresholds.threshold(risen.reckoned)
    assert before is not None
    assert after is not None
    assert after > before
    flood = watch(thresholds, traffic(0.9, 2_000, 3))
    assert (flood.state, flood.alarm) == ("beyond", True)
    assert flood.sentence == SENTENCES["beyond"]


def test_the_raised_threshold_keeps_the_rate(thresholds: Thresholds) -> None:
    """Where the first one would not."""
    rng = np.random.default_rng(8)
    reckoned = watch(thresholds, traffic(0.35, 3_000, 4)).reckoned
    rows = [*((chance, False) for chance in elsewhere(rng, 35_000)), *here(rng, 65_000)]
    chances, wrong = np.array([chance for chance, _ in rows]), np.array([not right for _, right in rows])
    first, second = (thresholds.threshold(share) for share in (0.03, reckoned))
    assert first is not None
    assert second is not None
    assert wrong[chances >= second].mean() <= MAX_WRONG < wrong[chances >= first].mean()


def test_questions_of_another_kind_are_told(thresholds: Thresholds) -> None:
    """No mixture of both kinds looks like these; questions of the two kinds seldom do by chance."""
    rng = np.random.default_rng(9)
    middle = [float(chance) for chance in rng.uniform(0.78, 0.82, 500)]
    assert watch(thresholds, middle).state == "unlike"
    told = [watch(thresholds, traffic(0.1, 500, seed)).state for seed in range(60)]
    assert told.count("unlike") <= 3


def test_ratings_tell_what_no_chance_shows(thresholds: Thresholds) -> None:
    """Surely more wrong than promised, or nothing: two of ten are no proof."""
    steady = traffic(0.05, 500, 5)
    alarmed = watch(thresholds, steady, [False] * 20 + [True] * 60)
    assert (alarmed.state, alarmed.alarm) == ("wrong", True)
    assert alarmed.wrong is not None
    assert alarmed.wrong.low > MAX_WRONG
    assert watch(thresholds, steady, [False] * 2 + [True] * 38).state == "steady"
    assert watch(thresholds, [], [False] * 30).state == "wrong"


def test_few_questions_or_rows_tell_nothing(thresholds: Thresholds) -> None:
    """The threshold stays that of the promise."""
    for one in (
        watch(thresholds, traffic(0.5, FEWEST - 1, 6)),
        watch(Thresholds(max_wrong=0.05, confidence=0.95, out_of_scope=0.2), traffic(0.5, 500, 6)),
    ):
        assert (one.state, one.reckoned, one.share) == ("unknown", 0.2, None)
    assert watch(thresholds, []).to_json()["questions"] == 0
