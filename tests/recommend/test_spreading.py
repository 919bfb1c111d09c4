"""Work is the same wherever it is done."""

from functools import partial
from pathlib import Path

import pytest
from shoppers import world
from spreadable import failing, squared

from argosy.core.errors import DataError, MissingError
from argosy.recommend import spreading
from argosy.recommend.protocol.cutting import cut
from argosy.recommend.spreading import Spread
from argosy.recommend.tidy import catalogue_of
from argosy.recommend.tuning import tune

NOTHING = catalogue_of([])
HERE = [squared(2.0, seed) for seed in range(5)]


def test_parts_keep_their_order_in_processes() -> None:
    """The same numbers, bit by bit, as in this process; none for no parts, and one needs no other process."""
    work = partial(squared, 2.0)
    assert Spread().map(work, range(5)) == HERE
    assert Spread(where="processes", workers=2).map(work, range(5)) == HERE
    assert Spread(where="processes").map(work, []) == []
    assert Spread(where="processes").map(lambda part: part + 1, [1]) == [2]


@pytest.mark.parametrize("where", ["here", "processes"])
def test_what_fails_in_a_part_is_raised_here(where: spreading.Where) -> None:
    """As it was."""
    with pytest.raises(DataError, match="The part 1 is broken"):
        Spread(where=where, workers=2).map(failing, range(3))


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is done."""

    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(spreading, "import_module", missing)
    with pytest.raises(MissingError, match=r"argosy\[scale\]"):
        Spread(where="ray").map(failing, range(2))


@pytest.mark.slow
def test_ray_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow: a cluster of this machine starts and ends, twice."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))  # where its workers find the work
    ray = pytest.importorskip("ray")
    assert Spread(where="ray", workers=2).map(partial(squared, 2.0), range(5)) == HERE
    assert not ray.is_initialized()
    with pytest.raises(DataError, match="The part 1 is broken"):
        Spread(where="ray", workers=2).map(failing, range(3))


def test_a_grid_tried_in_processes_is_the_same() -> None:
    """Each group of settings that needs a fit of its own is a part."""
    parts = cut(world(), "time", 0.2)
    here = tune("neighbours", parts, NOTHING, None, repeat=False)
    assert here.value
    assert tune("neighbours", parts, NOTHING, None, repeat=False, spread=Spread(where="processes", workers=2)) == here


@pytest.mark.parametrize(
    ("name", "where", "address"),
    [
        ("here", "here", ""),
        ("processes", "processes", ""),
        ("ray", "ray", ""),
        ("ray://hall:10001", "ray", "ray://hall:10001"),
    ],
)
def test_a_place_has_a_name(name: str, where: spreading.Where, address: str) -> None:
    """As the project file has it."""
    assert Spread.named(name) == Spread(where=where, address=address)
