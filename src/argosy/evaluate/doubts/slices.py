"""Where the model is weak: accuracy by length, language, label, group and time, and in large combinations of two."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from argosy.core.records import Example
from argosy.evaluate.intervals import LEVEL, Interval, wilson
from argosy.evaluate.metrics import Integers

LEAST = 30  # rows of a slice
LEAST_OF_TWO = 100  # rows of a combination
GROUPS = 5  # named; the rest is one slice
REST = "rest"
_PARTS = 3  # of the lengths
_QUARTERS = 4  # of the time

Masks = Mapping[str, NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Rows of one kind (``length``, ``language``, ``label``, ``group``, ``time``, or two joined by ``×``).

    ``p`` says whether they are answered worse than the other rows (Fisher's exact test, one-sided), times the number
    of slices looked at (Bonferroni).
    """

    kind: str
    name: str
    rows: int
    accuracy: Interval
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """Every slice of enough rows, worst first; ``left_out`` counts those with too few.

    ``worst`` is the one with the lowest accuracy among those that are worse than the other rows beyond chance, p below
    .05 after counting how many slices were looked at; None when chance explains the lowest, too.
    """

    accuracy: Interval
    least: int
    slices: tuple[Slice, ...]
    left_out: int
    worst: Slice | None

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


def measure(examples: Sequence[Example], truth: Integers, predicted: Integers, *, least: int = LEAST) -> Slices:
    """The slices of at least one test row; ``meta`` may hold ``language``, ``group`` and ``time`` (ISO 8601)."""
    right = truth == predicted
    kinds = {kind: masks for kind, masks in _kinds(examples).items() if len(masks) > 1}
    found = [(kind, name, mask) for kind, masks in kinds.items() for name, mask in masks.items()]
    pairs = [(kind, name, mask) for kind, name, mask in _of_two(kinds) if mask.sum() >= max(LEAST_OF_TWO, least)]
    kept = [(kind, name, mask) for kind, name, mask in found if mask.sum() >= least]
    looked = len(kept) + len(pairs)
    slices = sorted(
        (
            Slice(
                kind=kind,
                name=name,
                rows=int(mask.sum()),
                accuracy=wilson(int(right[mask].sum()), int(mask.sum())),
                p=min(1.0, looked * _worse(right, mask)),
            )
            for kind, name, mask in kept + pairs
        ),
        key=lambda one: one.accuracy.value,
    )
    return Slices(
        accuracy=wilson(int(right.sum()), len(right)),
        least=least,
        slices=tuple(slices),
        left_out=len(found) - len(kept),
        worst=next((one for one in slices if one.p < 1 - LEVEL), None),
    )


def _worse(right: NDArray[np.bool_], mask: NDArray[np.bool_]) -> float:
    """The chance that equally good rows look this much worse than the others."""
    inside, outside = right[mask], right[~mask]
    table = [[inside.sum(), (~inside).sum()], [outside.sum(), (~outside).sum()]]
    return float(fisher_exact(table, alternative="less").pvalue)


def _kinds(examples: Sequence[Example]) -> dict[str, Masks]:
    """The rows of each slice by kind; a kind that no row knows of has none."""
    return {
        "length": _by_length([len(example.text) for example in examples]),
        "language": _by_name([_known(example.meta.get("language")) for example in examples]),
        "label": _by_name([example.label for example in examples]),
        "group": _by_group([_known(example.meta.get("group")) for example in examples]),
        "time": _by_time([_moment(example.meta.get("time")) for example in examples]),
    }


def _known(value: object) -> str | None:
    return None if value in (None, "") else str(value)


def _by_name(values: Sequence[str | None]) -> Masks:
    names = np.array(values, dtype=object)
    return {name: names == name for name in sorted({value for value in values if value is not None})}


def _by_length(lengths: Sequence[int]) -> Masks:
    """Three parts of about equally many rows, named by the characters of their texts, such as ``12-30``."""
    counts = np.array(lengths)
    masks: dict[str, NDArray[np.bool_]] = {}
    last = min(lengths) - 1
    for end in np.unique(np.quantile(counts, np.arange(1, _PARTS + 1) / _PARTS, method="lower")).tolist():
        masks[f"{last + 1}-{end}"] = (counts > last) & (counts <= end)
        last = end
    return masks


def _by_group(values: Sequence[str | None]) -> Masks:
    """The largest groups, and the rest of them as one."""
    counted = Counter(value for value in values if value is not None).most_common()
    named = {name for name, _ in counted[:GROUPS]}
    masks = dict(_by_name([value if value in named else None for value in values]))
    if len(counted) > GROUPS:
        masks[REST] = np.array([value is not None and value not in named for value in values])
    return masks


def _by_time(moments: Sequence[datetime | None]) -> Masks:
    """Four equal spans between the first moment and the last, named by the days they begin and end."""
    known = [moment for moment in moments if moment is not None]
    if not known or min(known) == max(known):
        return {}
    first, span = min(known), (max(known) - min(known)) / _QUARTERS
    quarter = np.array([-1 if one is None else min(int((one - first) / span), _QUARTERS - 1) for one in moments])
    return {
        f"{(first + part * span).date()} … {(first + (part + 1) * span).date()}": quarter == part
        for part in range(_QUARTERS)
        if (quarter == part).any()
    }


def _moment(value: object) -> datetime | None:
    """The moment in UTC; None for what is no ISO 8601 (the reader has told of it before)."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _of_two(kinds: Mapping[str, Masks]) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    for (kind, masks), (other, others) in combinations(kinds.items(), 2):
        for name, mask in masks.items():
            for second, beside in others.items():
                yield f"{kind} × {other}", f"{name} × {second}", mask & beside
