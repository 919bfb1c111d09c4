"""The records that flow between rooms."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One row of the user's: ``meta`` holds what else is known of it (file, row, raw text, language)."""

    id: str
    text: str
    label: str | None = None
    meta: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """An example that a step did not let through, and why (a stable name such as ``exact_twin``)."""

    example: Example
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A label with the probability of every label (they add up to 1).

    ``certain`` says whether the answer reaches the model's threshold; None when the model has none.
    """

    label: str
    probabilities: Mapping[str, float]
    certain: bool | None = None
