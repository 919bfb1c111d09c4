"""The number of threads is measured aside, and fewer are taken where more don't pay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import MachineError
from argosy.train.threads import Shape, candidates, choose, fastest


@given(st.integers(1, 300))
def test_candidates_go_from_one_to_all(cores: int) -> None:
    """Each more than the one before, none beyond what is there."""
    found = candidates(cores)
    assert found[0] == 1
    assert found[-1] == cores
    assert list(found) == sorted(set(found))


@given(st.dictionaries(st.integers(1, 64), st.floats(1e-3, 10), min_size=1))
def test_more_threads_must_pay(seconds: dict[int, float]) -> None:
    """What is chosen is not beaten clearly by fewer."""
    chosen = fastest(seconds)
    assert all(seconds[chosen] <= taken for count, taken in seconds.items() if count < chosen)


@pytest.mark.torch
def test_the_trial_runs_in_a_process_of_its_own() -> None:
    """It answers with a count that was tried, and one core needs no trial."""
    pytest.importorskip("torch")
    shape = Shape(tokens=8, width=8, inner=8, bf16=False)
    assert choose(shape, cores=2) in (1, 2)
    assert choose(shape, cores=1) == 1


@pytest.mark.torch
def test_a_trial_that_fails_says_why() -> None:
    """The last line of what the process said."""
    pytest.importorskip("torch")
    with pytest.raises(MachineError, match="negative dimension"):
        choose(Shape(tokens=-1, width=8, inner=8, bf16=False), cores=2)
