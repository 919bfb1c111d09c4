"""A temperature changes how sure the answers are, never which they are; a threshold marks the certain ones."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from argosy.core.errors import MissingError
from argosy.core.records import Prediction
from argosy.infer.answers import AS_TRAINED, Calibration, answers, softmax
from argosy.infer.folder import describe

LABELS = ("差", "so-so", "good")
LOGITS = arrays(np.float32, (4, 3), elements=st.floats(-1e4, 1e4, width=32))
WHOLE = {
    "format": 1,
    "name": "reviews",
    "labels": ["bad", "good"],
    "text_steps": [],
    "max_length": 64,
    "served": "int8",
    "engines": {"int8": {"file": "model.onnx"}, "torch": {}},
}


def write(folder: Path, **changes: object) -> Path:
    """A folder with the description and an empty graph."""
    (folder / "argosy.json").write_text(json.dumps(WHOLE | changes), encoding="utf-8")
    (folder / "model.onnx").touch()
    return folder


@given(LOGITS, st.floats(0.05, 20))
def test_labels_stand_and_probabilities_add_up_to_one(logits: np.ndarray, temperature: float) -> None:
    """Whatever the logits and the temperature."""
    found = answers(logits, LABELS, Calibration(temperature=temperature))
    assert [one.label for one in found] == [one.label for one in answers(logits, LABELS, AS_TRAINED)]
    assert [sum(one.probabilities.values()) for one in found] == pytest.approx([1] * 4)


def test_a_higher_temperature_is_less_sure() -> None:
    """The logits over the temperature, then the softmax."""
    logits = np.array([[0.0, 2.0]], dtype=np.float32)
    assert softmax(logits, 2)[0, 1] == pytest.approx(np.e / (1 + np.e))


def test_an_answer_at_the_threshold_is_certain() -> None:
    """At or above it, judged on the probability behind the temperature; without one nothing is said."""
    logits = np.log(np.array([[0.2, 0.7, 0.1], [0.3, 0.69, 0.01]]))
    found = answers(logits, LABELS, Calibration(threshold=softmax(logits)[0, 1]))
    assert [one.certain for one in found] == [True, False]
    assert [one.certain for one in answers(logits, LABELS, AS_TRAINED)] == [None, None]
    assert not answers(logits, LABELS, Calibration(temperature=5, threshold=0.69))[0].certain


def test_no_texts_give_no_answers() -> None:
    """As from an empty request."""
    assert answers(np.empty((0, 3), dtype=np.float32), LABELS, AS_TRAINED) == []


def test_a_folder_without_calibration_answers_as_trained(tmp_path: Path) -> None:
    """Folders of earlier builds have neither key."""
    assert dict(describe(write(tmp_path)).calibrations) == {"int8": AS_TRAINED, "torch": AS_TRAINED}


def test_each_engine_has_its_temperature_and_the_served_one_the_threshold(tmp_path: Path) -> None:
    """The folder's threshold was fitted for the served engine; another engine has its own or none."""
    engines = {
        "int8": {"file": "model.onnx", "temperature": 1.5},
        "torch": {"temperature": 2},
        "fp32": {"file": "model.onnx", "threshold": 0.9},
    }
    found = describe(write(tmp_path, engines=engines, selective={"error": 0.05, "threshold": 0.83, "rows": 400}))
    assert dict(found.calibrations) == {
        "int8": Calibration(temperature=1.5, threshold=0.83),
        "torch": Calibration(temperature=2.0),
        "fp32": Calibration(threshold=0.9),
    }


def test_a_rate_that_the_rows_did_not_support_gives_no_threshold(tmp_path: Path) -> None:
    """The threshold is null then, and no answer says whether it is certain."""
    found = describe(write(tmp_path, selective={"error": 0.01, "threshold": None}))
    assert found.calibrations["int8"].threshold is None


@pytest.mark.parametrize(
    "changes",
    [
        {"engines": {"int8": {"file": "model.onnx", "temperature": 0}}},
        {"engines": {"int8": {"file": "model.onnx", "temperature": "warm"}}},
        {"engines": {"int8": {"file": "model.onnx", "temperature": float("nan")}}},
        {"engines": {"int8": {"file": "model.onnx", "threshold": 1.2}}},
        {"selective": {"error": 0.05, "threshold": -1}},
        {"selective": {"error": 5, "threshold": 0.9}},
        {"selective": {"threshold": 0.9}},
        {"selective": [0.9]},
    ],
)
def test_what_no_fit_gives_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    """A temperature that is no positive number, and shares outside 0 to 1."""
    with pytest.raises(MissingError, match="no description"):
        describe(write(tmp_path, **changes))


def test_a_prediction_says_nothing_of_certainty_by_default() -> None:
    """Engines that know no threshold need not mention it."""
    assert Prediction(label="good", probabilities={"good": 1.0}).certain is None
