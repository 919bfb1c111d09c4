"""New texts are told from old ones at the stated level, whoever floods the service."""

import numpy as np
import pytest
from scipy.stats import kstest

from argosy.monitor.drift import Sample, drift, upper_tail

WIDE = 6


def sample(
    rng: np.random.Generator, texts: int, *, tenants: tuple[str, ...] = ("a", "b"), new: int = 0, away: float = 3.0
) -> Sample:
    """Texts at random whose last ``new`` lie together ``away`` from the others; a tenant's texts have a place."""
    whose = rng.choice(tenants, texts)
    vectors = rng.normal(size=(texts, WIDE)).astype(np.float32)
    vectors[:, 0] += np.array([1.5 * ord(name[0]) for name in whose], dtype=np.float32)
    vectors[texts - new :, 1:] *= 0.3
    vectors[texts - new :, 1] += away
    kinds = ["new" if place >= texts - new else "old" for place in range(texts)]
    return Sample(vectors=vectors, tenants=whose.tolist(), slices={"label": kinds, "language": ["en"] * texts})


def test_p_values_are_uniform_when_nothing_changed() -> None:
    """Of both tests, over 300 windows (seeds 0 to 299)."""
    found = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        one = drift(sample(rng, 60), sample(rng, 60), seed=seed, permutations=99)
        assert one is not None
        found.append((one.p_value, one.told_p_value))
    for p_values in np.array(found).T:
        assert kstest(p_values, "uniform").pvalue > 0.01
        assert 0.02 <= np.mean(p_values <= 0.05) <= 0.085


def test_a_new_topic_is_found_shown_and_named() -> None:
    """The alarm has its size in words, its examples and the slice that adds most."""
    rng = np.random.default_rng(1)
    found = drift(sample(rng, 200), sample(rng, 100, new=30), seed=1)
    assert found is not None
    assert found.p_value < 1e-3
    assert found.score > 3
    assert found.told_p_value < 0.01
    assert 0.5 < found.told_apart.low < found.told_apart.value < found.told_apart.high
    assert np.mean([place >= 70 for place in found.examples]) >= 0.8
    assert next(iter(found.slices)) == "language=en"  # a kind with one slice holds it all
    assert found.slices["label=new"] > 0.6
    assert found.slices["label=new"] + found.slices.get("label=old", 0) == pytest.approx(1)


def test_the_same_window_and_seed_give_the_same() -> None:
    """An alarm can be explained later."""
    old, new = sample(np.random.default_rng(1), 60), sample(np.random.default_rng(2), 60)
    assert drift(old, new, seed=5) == drift(old, new, seed=5)


def test_a_tenant_that_sends_more_than_usual_is_no_drift() -> None:
    """Its own texts are as ever: 40 windows in which it sends nine in ten instead of one in two."""
    p_values = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        old, new = sample(rng, 100), sample(rng, 200, tenants=("a",) * 9 + ("b",) * 2)
        found = drift(old, new, seed=seed, permutations=99)
        assert found is not None
        p_values.append(found.p_value)
    assert np.mean(np.array(p_values) <= 0.05) <= 0.15


def test_a_flood_from_a_new_tenant_counts_a_tenth_and_does_not_hide_the_others() -> None:
    """400 texts of one newcomer stand beside 100 of usual tenants, of which 30 are of a new topic."""
    rng = np.random.default_rng(3)
    old = sample(rng, 200)
    usual, flood = sample(rng, 100, new=30), sample(rng, 400, tenants=("c",))
    both = Sample(
        vectors=np.concatenate([flood.vectors, usual.vectors]), tenants=[*flood.tenants, *usual.tenants], slices={}
    )
    found = drift(old, both, seed=3)
    assert found is not None
    assert found.recent <= 112
    assert found.p_value < 0.01


def test_a_text_that_a_tenant_repeats_counts_once() -> None:
    """A client that retries without end is no new topic; too few texts make no test."""
    rng = np.random.default_rng(4)
    old, new = sample(rng, 60), sample(rng, 60)
    again = Sample(
        vectors=np.concatenate([new.vectors, np.repeat(new.vectors[:1], 500, axis=0)]),
        tenants=[*new.tenants, *[new.tenants[0]] * 500],
    )
    found, plain = drift(old, again, seed=1), drift(old, new, seed=1)
    assert found is not None
    assert plain is not None
    assert found.recent == 60
    assert found.p_value == plain.p_value
    assert drift(old, sample(rng, 10), seed=1) is None


def test_equal_texts_everywhere_are_no_drift() -> None:
    """A service whose texts have no vector at all, or all the same one."""
    same = Sample(vectors=np.ones((50, 3), dtype=np.float32), tenants=[f"t{place}" for place in range(50)])
    found = drift(same, same, seed=1)
    assert found is not None
    assert found.p_value > 0.5


def test_far_out_the_tail_goes_on_beyond_what_permutations_can_tell() -> None:
    """The limits for one false alarm a month lie below one in a thousand."""
    permuted = np.random.default_rng(0).gamma(4.0, size=999)
    assert upper_tail(float(np.median(permuted)), permuted) == pytest.approx(0.5, abs=0.01)
    tails = [upper_tail(height, permuted) for height in (8.0, 12.0, 16.0)]
    assert tails[0] > tails[1] > tails[2]
    assert tails[2] == pytest.approx(9e-5, rel=0.9)  # the gamma law's own


@pytest.mark.parametrize("texts", [60, 173])
def test_texts_that_have_nothing_in_common_are_told_apart_every_time(texts: int) -> None:
    """Rounding takes the share no further than 1, and the interval stays that of so many texts."""
    rng = np.random.default_rng(3)
    found = drift(sample(rng, 400), sample(rng, texts, new=texts, away=20.0), seed=3, permutations=99)
    assert found is not None
    assert (found.told_apart.value, found.told_apart.high) == (pytest.approx(1), 1)
    assert 0.9 < found.told_apart.low < 1
