"""Units of every built-in task at random: the truth, answers without a fault, and answers with many."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

LABELS = 3
_WORDS = ("the", "order", "came", "late", "很", "好", "不", "错", "again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Arrays [units, …] or lists, one item a unit."""

    truth: Any
    perfect: Any
    noisy: Any

    def pick(self, places: Sequence[int]) -> "Units":
        """The units at these places."""
        return Units(truth=_at(self.truth, places), perfect=_at(self.perfect, places), noisy=_at(self.noisy, places))


def _at(column: Any, places: Sequence[int]) -> Any:
    return column[np.asarray(places)] if isinstance(column, np.ndarray) else [column[place] for place in places]


def _classify(count: int, rng: np.random.Generator) -> Units:
    truth = rng.integers(0, LABELS, size=count)
    marks = np.eye(LABELS)[truth]
    return Units(truth=truth, perfect=marks, noisy=rng.random((count, LABELS)) + 0.6 * marks)


def _multi_label(count: int, rng: np.random.Generator) -> Units:
    truth = rng.random((count, LABELS)) < 0.4  # noqa: PLR2004 - some labels a row
    wrong = rng.random(truth.shape) < 0.2  # noqa: PLR2004 - and some faults
    return Units(truth=truth, perfect=truth.astype(float), noisy=(truth ^ wrong) * 0.8 + 0.1 * rng.random(truth.shape))


def _figures(count: int, rng: np.random.Generator) -> Units:
    truth = rng.normal(10, 3, size=count)
    return Units(truth=truth, perfect=truth.copy(), noisy=truth + rng.normal(0, 1, size=count))


def _tagging(count: int, rng: np.random.Generator) -> Units:
    shapes = (["B-PER", "I-PER", "O"], ["O", "B-LOC"], ["O", "O", "O"], ["B-LOC", "O", "B-PER"])
    truth = [list(shapes[place]) for place in rng.integers(0, len(shapes), size=count)]
    noisy = [["O"] * len(tags) if rng.random() < 0.3 else list(tags) for tags in truth]  # noqa: PLR2004 - faults
    return Units(truth=truth, perfect=[list(tags) for tags in truth], noisy=noisy)


def _retrieval(count: int, rng: np.random.Generator) -> Units:
    truth = [np.append(rng.integers(0, 3, size=6), 1).astype(float) for _ in range(count)]
    noisy = [grades + rng.normal(0, 1, size=len(grades)) for grades in truth]
    apart = np.arange(7) / 100  # no two scores are equal: a tie counts as a fault
    return Units(truth=truth, perfect=[grades + apart for grades in truth], noisy=noisy)


def _generation(count: int, rng: np.random.Generator) -> Units:
    truth = [" ".join(rng.choice(_WORDS, size=5)) for _ in range(count)]
    noisy = [text if rng.random() < 0.5 else " ".join(rng.choice(_WORDS, size=5)) for text in truth]  # noqa: PLR2004
    return Units(truth=truth, perfect=list(truth), noisy=noisy)


def _language_model(count: int, rng: np.random.Generator) -> Units:
    truth = [" ".join(rng.choice(_WORDS, size=6)) for _ in range(count)]
    sizes = np.array([len(text.encode()) for text in truth], dtype=np.float64)
    return Units(truth=truth, perfect=0.01 * sizes, noisy=sizes * (0.5 + rng.random(count)))


UNITS: Mapping[str, Callable[[int, np.random.Generator], Units]] = MappingProxyType(
    {
        "classify": _classify,
        "multi_label": _multi_label,
        "tagging": _tagging,
        "regress": _figures,
        "similarity": _figures,
        "retrieval": _retrieval,
        "generation": _generation,
        "language_model": _language_model,
    }
)
