"""The temperature and the threshold of a model's folder reach every answer, by Python and over HTTP alike."""

import json
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from argosy.evaluate.rivals.baselines import export_linear, fit_linear
from argosy.infer.load import LogitClassifier, load
from argosy.serve.app import create_app
from argosy.serve.settings import Settings

LABELS = ("bad", "good")
TEXTS = ["good and cheap", "很好，很便宜", "bad and dear", "很差，很贵", "good but dear", "很好，很贵"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of one engine, as built before there was a temperature."""
    pytest.importorskip("skl2onnx")
    place = tmp_path_factory.mktemp("model")
    export_linear(fit_linear(TEXTS[:4] * 8, np.array([1, 1, 0, 0] * 8), LABELS, seed=0), place / "linear.onnx")
    return place


def opened(folder: Path, engine: dict[str, object], **more: object) -> LogitClassifier:
    """The folder's engine with these entries."""
    description = {
        "format": 1,
        "name": "reviews",
        "labels": LABELS,
        "text_steps": ["space"],
        "max_length": 64,
        "served": "linear",
        "engines": {"linear": {"file": "linear.onnx"} | engine},
    }
    (folder / "argosy.json").write_text(json.dumps(description | more), encoding="utf-8")
    return load(folder, threads=1)


def test_the_temperature_moves_probabilities_and_nothing_else(folder: Path) -> None:
    """Logits and labels stay, each log-probability ratio is divided by the temperature."""
    plain, warm = opened(folder, {}), opened(folder, {"temperature": 2.5})
    assert np.array_equal(plain.logits(TEXTS), warm.logits(TEXTS))
    for before, after in zip(plain.classify(TEXTS), warm.classify(TEXTS), strict=True):
        assert before.label == after.label
        assert before.certain is after.certain is None
        ratio = [np.log(one.probabilities["good"] / one.probabilities["bad"]) for one in (before, after)]
        assert ratio[1] == pytest.approx(ratio[0] / 2.5, abs=1e-6)


def test_http_answers_as_the_engine_certain_or_not(folder: Path) -> None:
    """Probabilities behind the temperature, and whether each reaches the threshold."""
    tops = sorted(max(one.probabilities.values()) for one in opened(folder, {"temperature": 1.7}).classify(TEXTS))
    lowest = (tops[2] + tops[3]) / 2
    engine = opened(folder, {"temperature": 1.7}, selective={"error": 0.05, "threshold": lowest})
    assert engine.calibration.threshold == lowest
    with TestClient(create_app({"reviews": engine}, Settings())) as client:
        data = client.post("/v1/classify", json={"input": TEXTS}).json()["data"]
    expected = engine.classify(TEXTS)
    assert [entry["probabilities"] for entry in data] == [one.probabilities for one in expected]
    assert [entry["certain"] for entry in data] == [one.certain for one in expected]
    assert sum(entry["certain"] for entry in data) == 3
