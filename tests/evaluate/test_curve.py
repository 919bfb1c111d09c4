"""The learning curve foretells gains where a power law holds, and says so where it does not."""

import json
import random

import numpy as np
import pytest

from argosy.core.errors import DataError
from argosy.evaluate.curve import FLAT, GOOD, Curve, Rows, _Law, _law, learning_curve
from argosy.evaluate.rivals.baselines import fit_linear, fit_with

LABELS = ("bad", "good")
WORDS = {label: [f"{label[0]}{number}词" for number in range(400)] for label in LABELS}


def drawn(rows: int, seed: int, *, told: bool = True) -> Rows:
    """Texts of rare words that mostly tell the label, so that more rows help; or of words that tell nothing."""
    draw = random.Random(seed)
    truth = [draw.randrange(2) for _ in range(rows)]
    texts = []
    for label in truth:
        sources = (
            [label if draw.random() < 0.65 else 1 - label for _ in range(5)] if told else draw.choices([0, 1], k=5)
        )
        texts.append(" ".join(draw.choice(WORDS[LABELS[source]])[::-1] for source in sources))
    return [text.replace("b", "x").replace("g", "x") if not told else text for text in texts], np.array(truth)


def curve(rows: int = 600, metric: str = "accuracy", *, told: bool = True) -> Curve:
    """The curve of such rows."""
    train = drawn(rows, 0, told=told)
    model = fit_linear(*train, LABELS, seed=0)
    return learning_curve(train, drawn(300, 1, told=told), LABELS, model, metric=metric, seed=0)


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_every_point_has_an_interval_and_sizes_rise_to_all_rows(metric: str) -> None:
    """Three draws a size, but all rows are all rows."""
    found = curve(metric=metric)
    assert [point.rows for point in found.points] == sorted({point.rows for point in found.points})
    assert len(found.points) == 6
    assert found.points[-1].rows == 600
    assert len(set(found.points[-1].draws)) == 1
    for point in found.points:
        assert point.figure.low < point.figure.value < point.figure.high
    assert found.points[0].figure.value < found.points[-1].figure.value
    told = json.loads(json.dumps(found.to_json()))
    assert set(told["points"][0]) == {"rows", "value", "low", "high", "versus", "draws"}


def test_nothing_is_foretold_where_nothing_is_learnt() -> None:
    """The words tell nothing of the label."""
    found = curve(told=False)
    assert found.fit == FLAT
    assert found.gains == ()


def test_the_same_seed_gives_the_same_curve() -> None:
    """To the last bit."""
    assert curve(200) == curve(200)


def test_the_largest_size_is_the_model_itself() -> None:
    """A fit with the settings of another one on the same rows gives nearly the same probabilities."""
    train = drawn(300, 0)
    model = fit_linear(*train, LABELS, seed=0)
    again = fit_with(*train, LABELS, like=model)
    assert again.logits(train[0]) == pytest.approx(model.logits(train[0]), abs=0.05)


def test_a_power_law_is_found_again() -> None:
    """Floor, slope and exponent of a curve without noise, and what it foretells at four times the rows."""
    sizes = np.array([1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1])
    known = _Law(np.array([0.1]), np.array([0.05]), np.array([0.5]))
    found = _law(sizes, known.at(sizes))
    assert found.at(np.array([4.0])) == pytest.approx(known.at(np.array([4.0])), abs=2e-3)


def test_a_rising_curve_foretells_a_gain_between_its_ends() -> None:
    """More for four times the rows than for twice."""
    found = curve(1_600)
    assert found.fit == GOOD
    twice, fourfold = found.gains
    assert (twice.rows, fourfold.rows) == (3_200, 6_400)
    assert 0 < twice.gain.value < fourfold.gain.value
    assert twice.gain.low <= twice.gain.value <= twice.gain.high


def test_few_rows_give_few_points_and_no_promise() -> None:
    """Four rows of two labels."""
    found = curve(4)
    assert found.points[-1].rows == 4
    assert found.gains == ()


def test_a_label_without_a_row_is_refused() -> None:
    """As when the model itself is fitted."""
    train = drawn(20, 0)
    with pytest.raises(DataError, match="'c'"):
        learning_curve(train, train, (*LABELS, "c"), fit_linear(*train, LABELS, seed=0), metric="accuracy", seed=0)
