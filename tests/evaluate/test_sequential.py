"""Evidence that may be looked at all the time."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from argosy.evaluate.sequential import Arms, log_factors, log_mixed, log_paired, rows_needed

sizes = st.integers(0, 60)


@given(sizes, sizes, st.data())
def test_a_window_is_worth_one_on_average_if_the_arms_are_alike(first: int, second: int, data: st.DataObject) -> None:
    """Given the totals the factor of every odds has the mean 1 under Fisher's law, so that Ville's bound holds."""
    hits = data.draw(st.integers(0, first + second))
    mean = np.zeros(5)
    for there in range(max(0, hits - first), min(second, hits) + 1):
        chance = math.comb(second, there) * math.comb(first, hits - there) / math.comb(first + second, hits)
        arms = Arms(first=first, second=second, first_hits=hits - there, second_hits=there)
        mean += chance * np.exp(log_factors(arms))
    assert np.allclose(mean, 1)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.floats(-0.2, 0.2))
def test_a_pair_is_worth_at_most_one_on_average_at_the_edge(won: int, lost: int, alike: int, edge: float) -> None:
    """One row more never raises the expected wealth where the mean is what the null hypothesis allows."""
    now = log_paired(won, lost, alike, at_most=edge)
    spare = 0.5 * (1 - abs(edge))
    chances = (max(edge, 0) + spare / 2, max(-edge, 0) + spare / 2, 1 - abs(edge) - spare)
    after = [log_paired(won + (k == 0), lost + (k == 1), alike + (k == 2), at_most=edge) for k in range(3)]
    assert math.isclose(sum(c * math.exp(a - now) for c, a in zip(chances, after, strict=True)), 1, rel_tol=1e-9)


def test_a_harmless_canary_is_rarely_accused() -> None:
    """The evidence of 300 looks reaches 1 / .05 in at most .05 of the runs."""
    draw = np.random.default_rng(7)
    accused = 0
    for _ in range(100):
        logs = np.zeros(5)
        for _ in range(60):
            hits = draw.binomial(1, 0.05, size=(2, 100)).sum(axis=1) // np.array([1, 1])
            logs += log_factors(Arms(first=100, second=100, first_hits=int(hits[0]), second_hits=int(hits[1])))
            if log_mixed(logs) >= math.log(20):
                accused += 1
                break
    assert accused <= 10


def test_two_errors_of_a_rare_canary_are_enough() -> None:
    """At a share of .008 two errors where the champion has none pass the threshold of a step."""
    one = log_factors(Arms(first=298, second=2, first_hits=0, second_hits=1))
    assert log_mixed(2 * one) > math.log(600) > log_mixed(one)


def test_the_rows_stated_in_advance_show_what_they_should() -> None:
    """A model as good passes with 90 %, one 3 points worse does not, at the number of rows that was stated."""
    draw, wanted = np.random.default_rng(5), math.log(1000)
    for differing in (0.04, 0.1):
        rows = rows_needed(margin=0.03, disagreement=differing, alpha=0.001)
        half = differing / 2
        good = draw.multinomial(rows, [half, half, 1 - differing], size=300)
        bad = draw.multinomial(rows, [half - 0.015, half + 0.015, 1 - differing], size=300)
        assert sum(log_paired(*counts, at_most=-0.03) >= wanted for counts in good) >= 260
        assert sum(log_paired(*counts, at_most=-0.03) >= wanted for counts in bad) <= 2
