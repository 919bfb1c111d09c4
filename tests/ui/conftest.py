"""Records of runs: three that were measured and made small, and others that never were, but could have been."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Record = dict[str, Any]

HERE = Path(__file__).parent
HOSTILE = "<script>alert('x')</script>\"&{{ 7*7 }}"
FIVE = ("refund", "delivery", "warranty", "opening hours", "a label whose name is so long that no column holds it")


def _load(name: str) -> Record:
    record: Record = json.loads((HERE / name).read_text(encoding="utf-8"))
    return record


@pytest.fixture
def measured() -> Record:
    """Chinese and English reviews: the linear model is served, though the frozen rung is better on the test rows."""
    return _load("results.json")


@pytest.fixture
def columns() -> Record:
    """A label from columns of numbers, with a Bayesian network among the candidates."""
    return _load("columns.json")


@pytest.fixture
def numbers() -> Record:
    """A number from columns of numbers."""
    return _load("numbers.json")


@pytest.fixture
def tuned(measured: Record) -> Record:
    """Two languages; the tuned model is better and its int8 export is served."""
    record = copy.deepcopy(measured)
    record["choice"] |= {
        "served": "transformer",
        "engine": "onnx-int8",
        "reason": "better",
        "difference": {"difference": 0.0377, "low": 0.0112, "high": 0.0651, "p": 0.0045},
    }
    for part in (record, *record["slices"].values()):
        del part["baselines"]["frozen"]
    for figures in _ladders(record):
        for name, figure in figures.items():
            figure["versus"] = _versus(figure["value"] - record["baselines"]["linear"][name]["value"])
    for part in (record, *record["slices"].values()):
        for figure in part["baselines"]["linear"].values():
            figure["versus"] = None
    record["forgetting"] = _forgetting()
    record["beside"] = {"unlabelled": 980, "old": 560, "old_test": 240, "dropped": {"measured_on": 12, "exact_twin": 3}}
    loss = {"before": _figure(9.21), "after": _figure(4.87), "change": _versus(-4.34)}
    record["adaptation"] = {"texts": 1_234, "drawn": True, "loss": loss}
    record["training"]["kept"] = "adapted"
    record["training"]["tried"]["adapted"] = {**_versus(0.031), "helps": True}
    record["versus_best_baseline"] |= record["metrics"]["macro_f1"]["versus"]
    record["seeds"] |= {"baseline": "linear", "difference": 0.0713, "low": 0.0402, "high": 0.1024, "p": 0.0004}
    record["candidates"].insert(0, _refused())
    return record


def _ladders(record: Record) -> Iterator[Record]:
    for part in (record, *record["slices"].values()):
        yield from (*part["baselines"].values(), part["model"], part["metrics"])


def _versus(gap: float) -> Record:
    return {"baseline": "linear", "difference": gap, "low": gap - 0.02, "high": gap + 0.02, "p": 0.0006}


def _refused() -> Record:
    return {
        "name": "onnx-int8-dynamic",
        "passed": False,
        "agreement": {"value": 0.9404, "low": 0.9, "high": 0.966},
        "texts_per_s": 1702.0,
        "size_mb": 33.8,
        "reasons": [
            {
                "message": "{agreement:.2%} of the labels are equal where {least:.0%} is asked for: {texts}",
                "where": "onnx-dynamic",
                "mend": "",
                "values": {"agreement": 0.94, "least": 0.99, "texts": "'so so'"},
            }
        ],
    }


@pytest.fixture
def baseline_wins(measured: Record) -> Record:
    """The linear model is not inferior; the language gives much of the label away."""
    record = copy.deepcopy(measured)
    record["choice"] |= {
        "reason": "not_inferior",
        "difference": {"difference": -0.0041, "low": -0.0152, "high": 0.0073, "p": 0.4213},
    }
    record["data"]["association"] |= {"cramers_v": 0.4127, "p": 1e-9, "by_language": 0.7218, "warn": True}
    return record


@pytest.fixture
def five_classes(tuned: Record) -> Record:
    """One language, five labels, one training, no compression point, nothing dropped or suspected or explained."""
    record = copy.deepcopy(tuned)
    record |= {"name": "tickets", "languages": ["en"], "candidates": [], "seeds": None, "bias": []}
    record["slices"] = {"en": record["slices"]["en"]}
    record["choice"] |= {"engine": "onnx-fp32"}
    record["data"] |= {
        "dropped": {},
        "kept": 6204,
        "labels": {name: 5000 - 1000 * index for index, name in enumerate(FIVE)},
        "languages": {"train": {"en": 3225}, "validation": {"en": 403}, "test": {"en": 1403}},
        "licence": None,
        "association": None,
        "profile": None,
        "redacted": {},
    }
    record["suspects"] |= {"rows": 0, "effects": {}, "examples": []}
    record["selective"] |= {"threshold": None, "supported": 0.31, "observed": None, "test": None}
    record["weak_spots"] |= {"slices": [], "worst": None}
    record["robustness"]["worst"] = "typo"
    record["explanations"] |= {"method": None, "texts": []}
    record["curve"] |= {"fit": "flat", "gains": []}
    record["base"] |= {"name": "./my model", "origin": [], "licence": "unknown", "trim": None}
    record["errors"] |= {"labels": [], "matrix": [], "recall": []}
    return record


@pytest.fixture
def compressed(tuned: Record) -> Record:
    """Smaller models were asked for: a student is picked, a static table refused, narrower layers not tried."""
    record = copy.deepcopy(tuned)
    below = {
        "message": "{figure:.4f} lies below {low:.4f} to {high:.4f}, the interval of the model before.",
        "where": "static",
        "mend": "",
        "values": {"figure": 0.801, "low": 0.82, "high": 0.88},
    }
    names = ("tuned onnx-fp32", "3 layers onnx-int8", "static onnx-fp32", "linear")
    record["frontier"] = {
        "asked": True,
        "target": {"p99_ms": None, "size_mb": 20.0, "max_quality_loss": 0.02, "minutes": 20.0},
        "cost": {"machine_per_hour": 0.3, "currency": "CNY", "load": 0.6},
        "points": [_point(name, at, [below] if at == 2 else []) for at, name in enumerate(names)],
        "not_tried": [{"name": "half the width", "reason": "budget"}],
        "pick": {
            "name": names[1],
            "reason": "cheapest",
            "shown": False,
            "nearest": None,
            "missed": [],
        },
    }
    return record


def _point(name: str, at: int, refused: list[Record]) -> Record:
    """The further down the list, the faster, the smaller and the worse."""
    speed, quality = 100.0 * 7**at, _figure(0.801 if refused else 0.85 - 0.01 * at)
    return {
        "name": name,
        "model": name,
        "steps": [name],
        "folder": name,
        "engine": "onnx-int8",
        "on_frontier": True,
        "quality": quality,
        "loss": {"difference": 0.01, "low": -0.01, "high": 0.03, "p": 0.3},
        "texts_per_s": speed,
        "p50_ms": 400 / speed,
        "p99_ms": 500 / speed,
        "size_mb": 9000 / speed,
        "cost": 0.3 / (speed * 3600 * 0.6) * 1000,
        "seconds": 61.0,
        "refused": refused,
    }


@pytest.fixture
def hostile(tuned: Record) -> Record:
    """Every text of a user's tries to be markup."""
    record = copy.deepcopy(tuned)
    record["data"]["labels"] = {HOSTILE: 12, "negative": 4}
    record["data"]["dropped"] = {HOSTILE: 3}
    record["data"]["licence"] = HOSTILE
    record["base"] |= {"name": HOSTILE, "licence": HOSTILE, "non_commercial": True}
    record["base"]["origin"][0]["what"] = HOSTILE
    record["parity"]["excepted"] = [HOSTILE]
    record["candidates"][0]["reasons"][0]["values"]["texts"] = HOSTILE
    record["machine"]["processor"] = HOSTILE
    record["suspects"]["examples"][0] |= {"text": HOSTILE, "given": HOSTILE}
    record["errors"]["labels"][0] = HOSTILE
    record["errors"]["confident"][0]["text"] = HOSTILE
    record["explanations"]["texts"][0] |= {
        "text": HOSTILE,
        "tokens": [{"start": 1, "end": 7, "piece": "", "score": 1.0}],
    }
    record["adversarial"]["examples"][0]["attacked"] = HOSTILE
    return record


@pytest.fixture
def chinese() -> Callable[[str], str]:
    """A translator that marks what passed through it and keeps the placeholders."""
    return lambda phrase: f"译{phrase}译"


def _figure(value: float) -> Record:
    return {"value": value, "low": value - 0.03, "high": value + 0.03}


def _forgetting() -> Record:
    """A model that learnt on: it lost something of the old rows and gained on the new ones."""
    task = {"task": "classify", "units": 240, "undefined": {}}
    old = {"macro_f1": {"before": _figure(0.86), "after": _figure(0.79), "change": _versus(-0.07)}}
    new = {"macro_f1": {"before": _figure(0.61), "after": _figure(0.88), "change": _versus(0.27)}}
    return {
        "metric": "macro_f1",
        "old": {"old": {**task, "figures": old}},
        "new": {**task, "figures": new},
        "forgetting": _figure(0.07),
        "backward_transfer": _figure(-0.07),
        "gain": _versus(0.27),
    }
