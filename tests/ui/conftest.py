"""Records of runs that never were, but could have been."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Record = dict[str, Any]

HOSTILE = "<script>alert('x')</script>\"&{{ 7*7 }}"
FIVE = ("refund", "delivery", "warranty", "opening hours", "a label whose name is so long that no column holds it")


@pytest.fixture
def tuned() -> Record:
    """Two languages; the tuned model is better and its int8 export is served."""
    record: Record = json.loads(Path(__file__).with_name("results.json").read_text(encoding="utf-8"))
    return record


@pytest.fixture
def baseline_wins(tuned: Record) -> Record:
    """The linear model is not inferior; the language gives much of the label away."""
    record = copy.deepcopy(tuned)
    record["choice"] |= {
        "served": "linear",
        "engine": "linear",
        "reason": "not_inferior",
        "difference": {"difference": -0.0041, "low": -0.0152, "high": 0.0073, "p": 0.4213},
    }
    record["versus_best_baseline"] |= {"difference": -0.0062, "low": -0.0171, "high": 0.0049, "p": 0.27}
    record["metrics"] = record["baselines"]["linear"]
    record["data"]["association"] |= {"cramers_v": 0.4127, "p": 1e-9, "by_language": 0.7218, "warn": True}
    return record


@pytest.fixture
def five_classes(tuned: Record) -> Record:
    """One language, five labels, no compression point, nothing dropped, an unknown licence."""
    record = copy.deepcopy(tuned)
    record |= {"name": "tickets", "languages": ["en"], "candidates": []}
    record["slices"] = {"en": record["slices"]["en"]}
    record["choice"] |= {"engine": "onnx-fp32"}
    record["data"] |= {
        "dropped": {},
        "kept": 6204,
        "labels": {name: 5000 - 1000 * index for index, name in enumerate(FIVE)},
        "languages": {"train": {"en": 3225}, "validation": {"en": 403}, "test": {"en": 1403}},
        "licence": None,
        "association": None,
    }
    record["base"] |= {"name": "./my model", "origin": [], "licence": "unknown", "trim": None}
    return record


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
    return record


@pytest.fixture
def chinese() -> Callable[[str], str]:
    """A translator that marks what passed through it and keeps the placeholders."""
    return lambda phrase: f"译{phrase}译"
