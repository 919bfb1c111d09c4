"""Slices are cut as they are named, and only a weakness beyond chance is called the worst."""

import numpy as np
import pytest

from argosy.core.records import Example
from argosy.evaluate.doubts.slices import REST, measure
from argosy.evaluate.metrics import Integers


def rows(count: int, seed: int = 0) -> tuple[list[Example], Integers]:
    """Rows of two languages, two labels, eight groups and a year, and their truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, count)
    examples = [
        Example(
            id=str(number),
            text="好" * int(rng.integers(1, 100)),
            label=("bad", "good")[label],
            meta={
                "language": ("zh", "en")[number % 2],
                "group": f"g{min(int(rng.geometric(0.3)), 8)}",
                "time": f"2025-{1 + number * 12 // count:02}-15T08:00:00",
            },
        )
        for number, label in enumerate(truth.tolist())
    ]
    return examples, truth


def answer(truth: Integers, share: float, seed: int) -> Integers:
    """Right with this chance."""
    return np.where(np.random.default_rng(seed).random(len(truth)) < share, truth, 1 - truth)


def test_a_weak_slice_is_named() -> None:
    """English is half right where the rest is at .9."""
    examples, truth = rows(1_200)
    english = np.array([example.meta["language"] == "en" for example in examples])
    found = measure(examples, truth, np.where(english, answer(truth, 0.5, 1), answer(truth, 0.9, 2)))
    assert found.worst is not None
    assert "en" in found.worst.name
    assert found.worst.p < 1e-6
    (language,) = [one for one in found.slices if (one.kind, one.name) == ("language", "en")]
    assert language.rows == 600
    assert language.accuracy.value == pytest.approx(0.5, abs=0.06)


def test_chance_is_not_called_a_weakness() -> None:
    """In at most 5 % of 60 draws of an evenly good model, though some slice is always lowest."""
    examples, truth = rows(500)
    named = [measure(examples, truth, answer(truth, 0.8, seed)).worst for seed in range(60)]
    assert sum(worst is not None for worst in named) <= 3


def test_every_row_is_in_one_slice_of_a_kind() -> None:
    """Three lengths, two languages, two labels, five groups and the rest, four quarters."""
    examples, truth = rows(1_000)
    found = measure(examples, truth, truth, least=1)
    counts: dict[str, list[int]] = {}
    for one in found.slices:
        counts.setdefault(one.kind, []).append(one.rows)
    single = {kind: (len(sizes), sum(sizes)) for kind, sizes in counts.items() if "×" not in kind}
    assert single == {
        "length": (3, 1_000),
        "language": (2, 1_000),
        "label": (2, 1_000),
        "group": (6, 1_000),
        "time": (4, 1_000),
    }
    assert max(counts["length"]) - min(counts["length"]) < 60
    assert REST in {one.name for one in found.slices if one.kind == "group"}
    assert all(one.rows >= 100 for one in found.slices if "×" in one.kind)
    assert found.worst is None


def test_names_say_the_limits() -> None:
    """Lengths in characters, times in days."""
    examples = [
        Example(id=str(n), text="x" * (n + 1), label="a", meta={"time": f"2025-01-{n + 1:02}T00:00:00+08:00"})
        for n in range(9)
    ]
    truth = np.zeros(9, dtype=np.int64)
    names = {one.name for one in measure(examples, truth, truth, least=1).slices}
    assert {"1-3", "4-6", "7-9"} < names
    assert {"2024-12-31 … 2025-01-02", "2025-01-06 … 2025-01-08"} < names


def test_small_slices_are_left_out_and_counted() -> None:
    """Fewer rows than the least, one value of a kind, no meta at all and times that are none say nothing."""
    examples = [
        Example(id=str(n), text="好" * 5, label="a" if n else "b", meta={"time": "soon", "group": ""})
        for n in range(50)
    ]
    truth = np.zeros(50, dtype=np.int64)
    found = measure(examples, truth, truth)
    assert [(one.kind, one.name) for one in found.slices] == [("label", "a")]
    assert found.left_out == 1
    assert found.worst is None
