"""What training did is told in a line: its curves, and what was tried and kept or not."""

from typing import Any

import pytest

from argosy.report import learning

Record = dict[str, Any]


@pytest.fixture
def record() -> Record:
    """Two evaluations, and two ways that were tried."""
    figures = [{"value": 0.7, "low": 0.65, "high": 0.75}, {"value": 0.8, "low": 0.76, "high": 0.84}]
    helps = {"difference": 0.03, "low": 0.01, "high": 0.05, "p": 0.004, "helps": True}
    return {
        "choice": {"metric": "macro_f1"},
        "training": {
            "best_epoch": 2,
            "history": [{"loss": 0.5, "validation": figures[0]}, {"loss": 0.25, "validation": figures[1]}],
            "trained": 300,
            "parameters": 1_000,
            "groups": {"layers": (300, 600), "embeddings": (0, 400)},
            "kept": "adapted",
            "tried": {"adapted": helps, "augmented": {**helps, "low": -0.01, "helps": False}},
        },
    }


def test_the_curve_names_what_was_kept(record: Record) -> None:
    """Loss and validation figure from first to last, the kept figure with its interval."""
    line = learning.curve(record, str)
    assert line == "loss 0.500 → 0.250 █▁; validation macro F1 ▁█ .800 [.76, .84], kept from evaluation 2"


def test_the_count_of_what_learnt_stands_by_part(record: Record) -> None:
    """Frozen parts are not named among those that learnt."""
    assert learning.learnt(record, str) == "300 of 1,000 parameters learnt (layers 300)"


def test_what_was_tried_is_kept_or_left_out_by_its_test(record: Record) -> None:
    """The difference with its interval comes before the verdict."""
    kept, left = learning.tried(record, str)
    assert kept.startswith("adapted base: +3.0 [+1.0, +5.0], p = .0040")
    assert kept.endswith(", kept")
    assert left.endswith("not shown to help, left out")


def test_nothing_is_said_without_a_training(record: Record) -> None:
    """A project over columns has none."""
    bare = {"choice": record["choice"]}
    assert (learning.curve(bare, str), learning.learnt(bare, str), learning.tried(bare, str)) == ("", "", [])


def test_what_was_forgotten_is_said_plainly(record: Record) -> None:
    """Old and new rows, before and after, and what that shows."""
    figures = {
        "before": {"value": 0.86, "low": 0.84, "high": 0.88},
        "after": {"value": 0.79, "low": 0.77, "high": 0.81},
    }
    change = {"difference": -0.07, "low": -0.09, "high": -0.05, "p": 0.0006}
    task = {"figures": {"macro_f1": {**figures, "change": change}}}
    lost = {"value": 0.07, "low": 0.05, "high": 0.09}
    record["forgetting"] = {"metric": "macro_f1", "old": {"old": task}, "new": task, "forgetting": lost, "gain": change}
    old, _, verdict = learning.forgotten(record, str)
    assert old == (
        "old rows: macro F1 .860 [.84, .88] before, .790 [.77, .81] after learning on, −7.0 [−9.0, −5.0], p = .0006"
    )
    assert verdict == "something was forgotten; a gain on the new rows is not shown"
    record["forgetting"]["forgetting"] = {"value": 0.01, "low": -0.01, "high": 0.03}
    assert "not shown that anything was forgotten" in learning.forgotten(record, str)[-1]
