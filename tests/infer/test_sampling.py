"""A token is drawn with exactly the probabilities that the settings state."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from argosy.core.errors import MissingError, Problems, ProjectError
from argosy.core.records import Settings
from argosy.infer.sampling import check, kept, penalize, sampler

LOGITS = np.log(np.array([0.4, 0.3, 0.15, 0.1, 0.05], dtype=np.float32))
OPEN = Settings(temperature=1.0, top_k=0, top_p=1.0)


def test_temperature_0_takes_the_likeliest_token() -> None:
    """Whatever the other settings and the seed."""
    for seed in range(5):
        choose = sampler(Settings(temperature=0, top_k=2, top_p=0.1, seed=seed))
        assert choose(LOGITS, []) == 0


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [0.4, 0.3, 0.15, 0.1, 0.05]),
        ({"top_k": 2}, [4 / 7, 3 / 7, 0, 0, 0]),
        ({"top_p": 0.7}, [4 / 7, 3 / 7, 0, 0, 0]),
        ({"top_p": 0.71}, [40 / 85, 30 / 85, 15 / 85, 0, 0]),
        ({"top_k": 2, "top_p": 0.5}, [1, 0, 0, 0, 0]),
        ({"temperature": 0.5}, [0.16 / 0.285, 0.09 / 0.285, 0.0225 / 0.285, 0.01 / 0.285, 0.0025 / 0.285]),
    ],
)
def test_tokens_are_drawn_as_stated(settings: dict[str, float], expected: list[float]) -> None:
    """4,000 draws with seed 11 fit the stated distribution (chi-square, p above 0.001), and nothing else is drawn."""
    wished = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, **settings}
    choose = sampler(Settings(seed=11, **wished))  # type: ignore[arg-type]
    counts = np.bincount([choose(LOGITS, []) for _ in range(4_000)], minlength=5)
    possible = np.array(expected) > 0
    assert counts[~possible].sum() == 0
    if possible.sum() > 1:
        assert chisquare(counts[possible], np.array(expected)[possible] * 4_000).pvalue > 0.001


def test_a_seed_gives_the_same_tokens_and_another_gives_others() -> None:
    """Each request has a random state of its own: what another draws in between changes nothing."""
    first, other, again = sampler(Settings(seed=5)), sampler(Settings(seed=6)), sampler(Settings(seed=5))
    drawn = [(first(LOGITS, []), other(LOGITS, [])) for _ in range(30)]
    assert [again(LOGITS, []) for _ in range(30)] == [mine for mine, _ in drawn]
    assert [mine for mine, _ in drawn] != [others for _, others in drawn]


@given(
    logits=st.lists(st.floats(-30, 30), min_size=1, max_size=40),
    top_k=st.integers(0, 50),
    top_p=st.floats(0.01, 1),
    temperature=st.floats(0.05, 5),
)
def test_what_is_kept_is_the_likeliest_and_reaches_top_p(
    logits: list[float], top_k: int, top_p: float, temperature: float
) -> None:
    """No more than top_k tokens; without the last of them the mass stays below top_p; they add up to 1."""
    settings = Settings(top_k=top_k, top_p=top_p, temperature=temperature)
    tokens, shares = kept(np.array(logits), settings)
    assert len(tokens) <= (top_k or len(logits))
    assert shares.sum() == pytest.approx(1)
    assert (np.diff(shares) <= 1e-12).all()
    outside = np.delete(np.array(logits), tokens)
    least = min(logits[token] for token in tokens)
    assert not outside.size or outside.max() <= least + 1e-9  # closer logits have equal shares
    whole, mass = kept(np.array(logits), Settings(top_k=top_k, top_p=1.0, temperature=temperature))
    assert mass[: len(tokens)].sum() >= top_p - 1e-9
    assert mass[: len(tokens) - 1].sum() < top_p + 1e-9
    assert list(whole[: len(tokens)]) == list(tokens)


def test_the_penalty_divides_what_is_likely_and_multiplies_what_is_not() -> None:
    """Tokens that came before, each once however often; the given logits stay as they are."""
    logits = np.array([2.0, -2.0, 1.0, 0.0])
    np.testing.assert_allclose(penalize(logits, [0, 1, 1, 3], 2.0), [1.0, -4.0, 1.0, 0.0])
    np.testing.assert_array_equal(logits, [2.0, -2.0, 1.0, 0.0])
    assert penalize(logits, [0], 1.0) is logits


def test_a_penalty_changes_the_greedy_choice() -> None:
    """The second best follows when the best came before."""
    logits = np.array([2.0, 1.5], dtype=np.float32)
    assert sampler(Settings(temperature=0, repetition_penalty=1.5))(logits, [0]) == 1


def test_logits_that_are_no_numbers_are_told() -> None:
    """A broken checkpoint is an error, not a token."""
    with pytest.raises(MissingError, match="NaN"):
        sampler(OPEN)(np.array([0.0, np.nan], dtype=np.float32), [])


def test_every_setting_out_of_range_is_told_at_once() -> None:
    """Each with its value and what it may be."""
    wrong = Settings(max_tokens=0, temperature=-1, top_k=-1, top_p=0, repetition_penalty=0, stop=("a", ""), seed=2**31)
    with pytest.raises(Problems) as told:
        check(wrong)
    said = str(told.value)
    assert len(told.value.problems) == 7
    for name in ("max_tokens is 0", "temperature is -1", "top_k is -1", "top_p is 0", "repetition_penalty", "seed"):
        assert name in said


@pytest.mark.parametrize("settings", [Settings(temperature=float("nan")), Settings(top_p=float("nan"))])
def test_nan_is_out_of_every_range(settings: Settings) -> None:
    """It compares with nothing, so it must be refused by name."""
    with pytest.raises(ProjectError):
        check(settings)
