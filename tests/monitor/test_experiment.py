"""Experiments: valid at every look, as large as told, and not decided by one tenant."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.experiment import Design
from argosy.evaluate.sequential import Arms, log_likelihoods
from argosy.monitor.experiment import (
    WINDOW,
    Seen,
    bounded,
    judge,
    request_evidence,
    size,
    tenant_evidence,
    tenants,
    windows,
)

DESIGN = Design(
    outcome="rating",
    by="request",
    share=0.5,
    alpha=0.05,
    power=0.8,
    effect=0.1,
    base=0.7,
    units=0,
    most=10**9,
    least=20,
    spread=0.1,
)
BY_TENANT = replace(DESIGN, by="tenant")
singles = st.tuples(st.sampled_from("abcd"), st.booleans(), st.booleans())


def _seen(said: Sequence[tuple[str, bool, bool]]) -> list[Seen]:
    """Single outcomes by tenant, whether of the second version, and whether good."""
    return [
        Seen(tenant=tenant, at=at, second=1, second_good=int(good))
        if second
        else Seen(tenant=tenant, at=at, first=1, first_good=int(good))
        for at, (tenant, second, good) in enumerate(said)
    ]


def _drawn(draw: np.random.Generator, count: int, first: float, second: float) -> list[Seen]:
    """Windows of outcomes with these shares of good ones."""
    arms = draw.binomial(WINDOW, 0.5, count)
    good = draw.binomial(WINDOW - arms, first), draw.binomial(arms, second)
    return [
        Seen(tenant="t", at=at, first=WINDOW - one, second=one, first_good=mine, second_good=theirs)
        for at, (one, mine, theirs) in enumerate(zip(*(part.tolist() for part in (arms, *good)), strict=True))
    ]


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_a_likelihood_is_a_law_at_every_ratio(first: int, second: int, data: st.DataObject) -> None:
    """Given a window's totals the chances of all its outcomes add up to one, so that mixtures are e-values."""
    hits = data.draw(st.integers(1, first + second - 1))
    odds = np.array([-3.0, -0.2, 0.0, 1.0, 4.0])
    told = [
        log_likelihoods(Arms(first=first, second=second, first_hits=hits - there, second_hits=there), odds)
        for there in range(max(0, hits - first), min(second, hits) + 1)
    ]
    assert np.allclose(np.exp(told).sum(axis=0), 1)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=12), st.floats(0, 1), st.floats(0.1, 0.9))
def test_the_next_tenant_is_worth_one_on_average(past: list[tuple[float, bool]], mean: float, share: float) -> None:
    """Whatever was seen, a bet on which version the next one has gains nothing if the versions are alike."""
    design = replace(BY_TENANT, share=share)
    means = np.array([one for one, _ in past] + [mean])
    logs = [
        tenant_evidence(design, np.array([second for _, second in past] + [given_]), means, np.zeros(1))
        for given_ in (True, False)
    ]
    before = float(logs[0][-2, 0]) if past else 0.0
    after = share * math.exp(logs[0][-1, 0]) + (1 - share) * math.exp(logs[1][-1, 0])
    assert math.isclose(after, math.exp(before), rel_tol=1e-9)


def test_alike_versions_rarely_win_however_often_one_looks() -> None:
    """Continuous looks at 150 streams of twice the told size: no more winners than accepted, and their luck."""
    draw = np.random.default_rng(5)
    looks = 2 * size(DESIGN).most // WINDOW
    wins = sum(judge(DESIGN, _drawn(draw, looks, 0.7, 0.7)).winner != "" for _ in range(150))
    units = 2 * size(BY_TENANT).most
    for _ in range(50):
        means = draw.binomial(20, draw.beta(6.3, 2.7, units)) / 20
        evidence = tenant_evidence(BY_TENANT, draw.random(units) < 0.5, means, np.zeros(1))
        wins += bool((evidence >= math.log(20)).any())
    assert wins <= 200 * 0.05 + 2 * math.sqrt(200 * 0.05 * 0.95)


@pytest.mark.parametrize("better", [0.1, -0.1])
def test_the_told_size_finds_the_effect(better: float) -> None:
    """With the stated power, either way, and the interval lies on the right side of nothing."""
    draw = np.random.default_rng(6)
    looks = size(DESIGN).most // WINDOW
    found = [judge(DESIGN, _drawn(draw, looks, 0.7, 0.7 + better)) for _ in range(60)]
    wanted = "second" if better > 0 else "first"
    assert sum(one.winner == wanted for one in found) >= 60 * 0.8 - 2 * math.sqrt(60 * 0.8 * 0.2)
    assert all((one.low > 0 or one.high < 0) == bool(one.winner) for one in found)
    assert sum(one.low <= better <= one.high for one in found) >= 54


def test_the_told_size_grows_as_it_must() -> None:
    """A smaller effect, a rarer mistake or a smaller share takes more; a base where nothing lies so far is refused."""
    usual = size(DESIGN).most
    harder = (replace(DESIGN, effect=0.05), replace(DESIGN, alpha=0.01), replace(DESIGN, share=0.1))
    assert all(size(one).most > usual for one in harder)
    assert size(DESIGN).half < usual
    assert size(replace(BY_TENANT, spread=0.4)).most > size(BY_TENANT).most
    with pytest.raises(ValueError, match=r"0\.7"):
        size(replace(DESIGN, effect=0.8))


@given(st.lists(singles, max_size=160), st.integers(0, 160))
def test_what_was_seen_is_seen_again_the_same(said: list[tuple[str, bool, bool]], cut: int) -> None:
    """More outcomes only add windows: the evidence up to then is what it was, and a winner stays."""
    design = replace(DESIGN, most=60)
    before, after = (windows(design, _seen(part)) for part in (said[:cut], said))
    assert after[0][: len(before[0])] == before[0]
    path = request_evidence(design, after[0])
    assert np.array_equal(path[: len(before[0])], request_evidence(design, before[0]))
    assert judge(design, _seen(said[:cut])).winner in {"", judge(design, _seen(said)).winner}


def test_one_tenants_flood_does_not_decide() -> None:
    """By request it counts up to its most, by tenant once; without a bound it would have won."""
    calm = [(name, bool(place % 2), bool(place // 2 % 2)) for place in range(40) for name in "bcdefgh"]
    flood = [("a", bool(place % 2), bool(place % 2)) for place in range(4_000)]
    seen = _seen(flood + calm)
    assert judge(DESIGN, seen).winner == "second"
    found = judge(replace(DESIGN, units=280, most=70), seen)
    assert (found.winner, found.alone, found.left_out) == ("", "a", 4_000 - 70)
    agreed = [(name, second, second) for name, second, _ in calm]
    assert judge(replace(DESIGN, units=280, most=70), _seen(flood + agreed)).winner == "second"
    by_tenant = _seen([(tenant, tenant in "ab", good) for tenant, _, good in flood + calm])
    second, means, waiting = tenants(BY_TENANT, by_tenant)
    assert (len(means), int(second.sum()), waiting) == (8, 2, 0)
    assert judge(BY_TENANT, by_tenant).winner == ""


def test_nothing_is_said_of_nothing() -> None:
    """Without outcomes, or with one version's alone, every difference is possible and nobody has won."""
    for design in (DESIGN, BY_TENANT):
        for seen in ([], _seen([("a", False, True)] * 100)):
            found = judge(design, seen)
            assert (found.winner, found.difference) == ("", None)
            assert math.isclose(found.high - found.low, 2) or design.by == "tenant"


def test_what_one_tenant_may_have_comes_on_top() -> None:
    """Twice an even share, a tenth at least, so that enough is left without it; of too few tenants one may decide."""
    told = [bounded(900, None, count) for count in (0, 3, 4, 20, 500)]
    assert told == [(900, 900), (900, 900), (2_250, 900), (1_050, 100), (1_050, 100)]
    assert [bounded(900, most, 8) for most in (50, 5_000)] == [(975, 50), (900, 5_000)]
