"""A method that helps is found, one that does nothing is not, and fewer than three seeds judge nothing."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from argosy.core.errors import ProjectError
from argosy.core.records import Example
from argosy.evaluate.ablation import Ablation, ablate, linear

ROWS = 300
VALIDATION = [Example(id=f"v{row}", text=str(row), label="ab"[row % 2]) for row in range(ROWS)]
BASE = [Example(id="base", text="0.80", label="a")]


def _fit(examples: Sequence[Example], seed: int) -> Callable[[Sequence[str]], list[str]]:
    """A stand-in whose accuracy is written on its last training row; which rows it gets right is chance."""
    right = np.random.default_rng((seed, len(examples))).random(ROWS) < float(examples[-1].text)
    return lambda texts: ["ab"[int(text) % 2 if right[int(text)] else 1 - int(text) % 2] for text in texts]


def _method(share: float, rows: int) -> Callable[[int], list[Example]]:
    return lambda seed: [*BASE, *[Example(id=f"{seed}", text=str(share), label="a")] * rows]


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_only_what_helps_is_called_so(metric: str) -> None:
    """A gain of fifteen points is seen, none and a loss are not."""
    found = ablate(
        _fit, {"good": _method(0.95, 1), "idle": _method(0.8, 2), "bad": _method(0.6, 3)}, BASE, VALIDATION, metric
    )
    good, idle, bad = found
    assert [one.method for one in found] == ["good", "idle", "bad"]
    assert [one.helps for one in found] == [True, False, False]
    assert bad.high < 0
    assert bad.p < 0.05
    assert idle.low < 0 < idle.high
    for one in found:
        assert len(one.differences) == 3
        assert one.difference == pytest.approx(np.mean(one.differences))
        assert one.low <= one.difference <= one.high
    assert good.rows == 2


def test_a_gain_of_one_seed_alone_is_no_gain() -> None:
    """The spread of the seeds widens the interval past 0."""
    lucky = lambda seed: _method(0.98 if seed == 1 else 0.8, seed)(seed)  # noqa: E731 - one seed's luck
    assert not ablate(_fit, {"lucky": lucky}, BASE, VALIDATION, "accuracy")[0].helps


def test_many_chances_are_paid_for() -> None:
    """A p-value is adjusted for the methods tried beside it."""

    def run(names: Sequence[str]) -> list[Ablation]:
        return ablate(_fit, {name: _method(0.86, 1) for name in names}, BASE, VALIDATION, "accuracy")

    alone, among = run(["one"])[0], run(["one", "two", "three", "four"])[0]
    assert alone.difference == among.difference
    assert among.p == pytest.approx(min(1.0, 4 * alone.p))


def test_null_methods_are_seldom_called_helpful() -> None:
    """Forty models that differ by chance alone: at most two are called better."""
    wrong = 0
    for draw in range(40):
        seeds = tuple(range(100 + 3 * draw, 103 + 3 * draw))
        wrong += ablate(_fit, {"null": _method(0.8, 1)}, BASE, VALIDATION, "accuracy", seeds=seeds)[0].helps
    assert wrong <= 2


def test_fewer_than_three_seeds_are_refused() -> None:
    """A method may not be called better on them."""
    with pytest.raises(ProjectError, match="3"):
        ablate(_fit, {"one": _method(0.9, 1)}, BASE, VALIDATION, "accuracy", seeds=(1, 1, 2))


def test_the_linear_fit_gives_labels_back() -> None:
    """In both languages, also those with a single kind of row missing."""
    rows = [
        Example(id=str(row), text=text, label=label)
        for row, (text, label) in enumerate([("很好", "好"), ("bad", "差")] * 5)
    ]
    assert linear(rows, 1)(["很好", "bad"]) == ["好", "差"]
