"""The verdict on a language model, said plainly whichever way it went."""

from collections.abc import Mapping
from typing import Any

import pytest

from argosy.core.errors import MissingError
from argosy.report.text_findings import copies, pace, sample, variety
from argosy.report.verdict import verdict

WON = {"difference": -0.4, "low": -0.5, "high": -0.3, "p": 0.0004}
LOST = {"difference": 0.4, "low": 0.3, "high": 0.5, "p": 0.0004}
OPEN = {"difference": -0.1, "low": -0.3, "high": 0.1, "p": 0.3}


def record(against: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """What a verdict reads of the record."""
    expected = {"epochs": 2.5, "most_epochs": 8, "seconds": 600.0, "steps": 1_000, "tokens": 2_048_000}
    return {
        "kind": "text",
        "against": dict(against),
        "detectable": {"bits_per_byte": 0.021},
        "data": {"splits": {"train": 400, "validation": 50, "test": 50}},
        "training": {"expected": expected, "seconds": 640.0},
        "choice": {"metric": "bits_per_byte", "served": "language_model"},
        **more,
    }


def test_a_model_that_wins_is_said_to() -> None:
    """Both baselines are named, each with its difference; nothing is advised."""
    said = verdict(record({"xz": WON, "kneser_ney": WON}), str)
    assert said.headline == "The model beats xz and 5-gram Kneser-Ney: unseen text surprises it less."
    assert len(said.details) == 2
    assert "−0.400 [−0.500, −0.300] bits per byte, p = .0004" in said.details[0]
    assert said.power.startswith("50 test documents can show a difference of 0.021 bits per byte")
    assert said.doubt == ""


def test_a_model_that_loses_to_one_is_said_to() -> None:
    """One baseline that wins decides, and the cheapest remedy follows."""
    said = verdict(record({"xz": WON, "kneser_ney": LOST}), str)
    assert said.headline.startswith("The model does not beat 5-gram Kneser-Ney")
    assert said.details[-1].startswith("Train longer first ([train] minutes): it has read the training text 2.5 times")


def test_a_difference_that_may_be_chance_is_no_win() -> None:
    """An interval that holds 0 shows nothing."""
    said = verdict(record({"xz": WON, "kneser_ney": OPEN}), str)
    assert said.headline.startswith("The model is not shown to beat 5-gram Kneser-Ney")


def test_time_does_not_help_a_text_that_was_read_often() -> None:
    """Then more text is what helps; a tuned model has no such budget."""
    often = {"expected": {"epochs": 8.0, "most_epochs": 8}, "seconds": 1.0}
    assert "more of it would help" in verdict(record({"xz": LOST}, training=often), str).details[-1]
    assert "[train] epochs" in verdict(record({"xz": LOST}, training={"expected": None}), str).details[-1]


def test_copies_beyond_what_unseen_text_shares_are_a_doubt() -> None:
    """A model that writes out its training text is told as one."""
    share = {"value": 0.4, "low": 0.3, "high": 0.5}
    rare = {"value": 0.01, "low": 0.0, "high": 0.03}
    found = {"copied": share, "expected": rare, "suspicious": True, "longest": "a" * 90, "longest_expected": "b" * 20}
    told = record({"xz": WON}, samples={"copies": found, "distinct": {}, "shown": []})
    assert verdict(told, str).doubt.startswith("It writes out its training text")
    assert copies(told, str).startswith("40.0 % [30.0, 50.0] of what it writes")
    assert copies(told, str).endswith("90 characters (unseen text: 20)")
    assert verdict(record({"xz": WON}, samples={"copies": {**found, "suspicious": False}}), str).doubt == ""


@pytest.mark.parametrize("line", [pace, variety, copies, sample])
def test_nothing_is_said_of_what_another_project_has_not(line: Any) -> None:
    """A record of another kind has none of these lines."""
    assert line({"choice": {"metric": "macro_f1"}}, str) == ""


def test_the_time_is_told_beside_what_was_foretold() -> None:
    """Expected and actual, in words."""
    said = pace(record({"xz": WON}), str)
    assert said.startswith("expected 10 min 0 s, took 10 min 40 s: 1,000 steps, 2,048,000 tokens, the texts 2.5 times")


def test_every_sentence_can_be_said_in_another_language() -> None:
    """Each part of the verdict goes through the translation."""
    asked: list[str] = []

    def t(template: str) -> str:
        asked.append(template)
        return template

    verdict(record({"xz": OPEN, "kneser_ney": OPEN}), t)
    assert {"{first} and {last}", "5-gram Kneser-Ney"} <= set(asked)
    assert sum(template.startswith(("Against", "The model", "Train", "{documents}")) for template in asked) == 4


def test_what_serves_is_said_with_what_it_costs() -> None:
    """Smaller weights with their size, speed and loss; where torch serves, why."""
    engines = {
        "torch": {"size_mb": 45.2, "tokens_per_s": 240.0},
        "gguf-q4_0": {"size_mb": 7.1, "tokens_per_s": 1_310.4},
    }
    loss = {"difference": 0.0041, "low": 0.0032, "high": 0.005, "p": 0.0004}
    small = {"engine": "gguf-q4_0", "limit": 0.018, "skipped": None, "loss": loss}
    said = verdict(record({"xz": WON}, engines=engines, serving=small), str).details[-1]
    assert said.startswith("It is served by gguf-q4_0: 7.1 MB in place of 45, 1,310 tokens/s in place of 240;")
    assert "costs +0.00410 [+0.00320, +0.00500] bits per byte" in said
    none = {"engine": "torch", "limit": 0.018, "skipped": None}
    assert "within 0.018 bits per byte" in verdict(record({"xz": WON}, serving=none), str).details[-1]
    absent = MissingError("Smaller weights need {missing}.", missing="gguf").to_json()
    told = verdict(record({"xz": WON}, serving={**none, "skipped": absent}), str).details[-1]
    assert told == "It is served in torch: Smaller weights need gguf."
