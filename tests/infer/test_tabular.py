"""Models over columns, as they are served: from files, without what fitted them."""

import json
from pathlib import Path

import numpy as np
import pytest

from argosy.core.errors import DataError, MissingError
from argosy.infer.engines.network import Network, Table
from argosy.infer.engines.tabular import Card, Scale, TabularModel, write_card


def network() -> Network:
    """Rain (0 or 1) is the target; wet depends on it, and slip on wet and rain."""
    return Network(
        target="rain",
        labels=("dry", "rain"),
        cuts={"wet": (0.5,), "slip": (0.5,), "moon": ()},
        tables=(
            Table(node="rain", parents=(), shares=np.array([0.7, 0.3])),
            Table(node="wet", parents=("rain",), shares=np.array([[0.9, 0.1], [0.2, 0.8]])),
            Table(
                node="slip",
                parents=("rain", "wet"),
                shares=np.array([[[0.99, 0.01], [0.8, 0.2]], [[0.9, 0.1], [0.6, 0.4]]]),
            ),
        ),
    )


def saved(folder: Path, **changes: object) -> Path:
    """The network's model as files."""
    scale = Scale(means=(0.0,) * 3, spreads=(1.0,) * 3)
    card = Card(rung="network", numeric=("wet", "slip", "moon"), labels=("dry", "rain"), scale=scale, network=network())
    write_card(card, folder / "network.json")
    kept = json.loads((folder / "network.json").read_text())
    (folder / "network.json").write_text(json.dumps({**kept, **changes}))
    return folder / "network.json"


@pytest.mark.parametrize("wet", [0, 1])
@pytest.mark.parametrize("slip", [0, 1])
def test_inference_is_exact(wet: int, slip: int) -> None:
    """The answer is the joint distribution's, summed by hand."""
    rain, on_rain, on_both = (table.shares for table in network().tables)
    joint = np.array([rain[state] * on_rain[state, wet] * on_both[state, wet, slip] for state in range(2)])
    found = network().probabilities(np.array([[wet, slip, 42.0]]))
    np.testing.assert_allclose(found[0], joint / joint.sum(), rtol=1e-12)


def test_a_network_survives_its_file(tmp_path: Path) -> None:
    """What is read answers as what was written, for as many rows as are asked."""
    model = TabularModel(saved(tmp_path))
    asked = np.random.default_rng(0).normal(0.5, 1, (200, 3))
    np.testing.assert_array_equal(model.answers(asked), network().probabilities(asked))
    assert [one.label for one in model.predict(np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]))] == ["rain", "dry"]
    assert model.answers(np.empty((0, 3))).shape == (0, 2)


def test_large_numbers_that_differ_little_keep_their_difference() -> None:
    """Seconds since 1970 are features in double precision: a spread of one second is not lost."""
    scale = Scale(means=(1.7e9,), spreads=(1.0,))
    np.testing.assert_allclose(scale.apply(np.array([[1.7e9 + 2]])), [[2.0]])
    np.testing.assert_allclose(scale.undo(scale.apply(np.array([[1.7e9 + 2]]))), [[1.7e9 + 2]])


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([[1.0, 2.0]], "takes 3 numbers a row (wet, slip, moon)"),
        ([1.0, 2.0, 3.0], "found an array of shape (3,)"),
        ([[1.0, 2.0, 3.0], [1.0, np.nan, 3.0]], "'slip' has no finite number in row 2"),
        ([[1.0, 1e9, 3.0]], "1e+09 in the column 'slip', row 1"),
        ([[np.inf, 2.0, 3.0]], "'wet' has no finite number in row 1"),
    ],
)
def test_what_cannot_be_answered_is_told(tmp_path: Path, numbers: list[object], words: str) -> None:
    """Missing columns and missing numbers are named, not guessed."""
    with pytest.raises(DataError) as caught:
        TabularModel(saved(tmp_path)).answers(np.array(numbers))
    assert words in str(caught.value)


def test_files_that_are_no_model_are_told(tmp_path: Path) -> None:
    """A missing card, a broken one, one without what it needs, and one without its graph."""
    with pytest.raises(MissingError, match="not there"):
        TabularModel(tmp_path / "none.json")
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(MissingError, match="no model over columns"):
        TabularModel(tmp_path / "broken.json")
    with pytest.raises(MissingError, match="graph is not there"):
        TabularModel(saved(tmp_path, network=None))
