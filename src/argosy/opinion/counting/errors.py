"""What is known of a classifier's errors: how often it says each sentiment of texts whose true one people told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import DataError
from argosy.core.opinion import SENTIMENTS

Floats = NDArray[np.float64]
FEW = 20
"""Test rows of a sentiment in a language below which the rows of all languages stand in."""
POOLED = ""
"""The name of all languages together."""
_PLACE: Mapping[str, int] = {name: place for place, name in enumerate(SENTIMENTS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Counts of test rows by language, true sentiment and said one, both in the order of ``SENTIMENTS``.

    The rows must not have been learnt from, and must have been drawn at random within each sentiment: what is said of
    a negative text has to be what it is in the traffic (label shift). What people correct on the pages is no such
    draw, for they look where something is wrong.
    """

    counts: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str]]) -> Self:
        """Count test rows: language, true sentiment, said one; raises DataError for a sentiment that is none."""
        counts: dict[str, list[list[float]]] = {}
        for language, true, said in rows:
            table = counts.setdefault(language, [[0.0] * len(SENTIMENTS) for _ in SENTIMENTS])
            table[_place(true)][_place(said)] += 1
        return cls(counts=counts)

    def home(self, language: str) -> str:
        """The language whose rows speak for this one: itself where it has enough, else ``POOLED``."""
        return language if self.validated(language) else POOLED

    def validated(self, language: str) -> bool:
        """Whether the language has rows enough of each sentiment to speak for itself."""
        return language in self.counts and bool(np.all(np.sum(self.counts[language], axis=1) >= FEW))

    def matrix(self, home: str) -> Floats:
        """The counts [true, said] of a ``home``; zeros where nothing was measured."""
        tables = self.counts.values() if home == POOLED else [self.counts[home]]
        return np.sum([np.asarray(table, float) for table in tables], axis=0) if tables else np.zeros((3, 3))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "sentiments": list(SENTIMENTS),
            "counts": {language: [list(row) for row in table] for language, table in self.counts.items()},
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told; raises DataError for counts of other sentiments."""
        counts = dict(told.get("counts", {}))
        right = all(
            np.shape(table) == (len(SENTIMENTS), len(SENTIMENTS)) and np.min(table) >= 0 for table in counts.values()
        )
        if list(told.get("sentiments", ())) != list(SENTIMENTS) or not right:
            raise DataError(
                "The counted errors are not those of the sentiments {names}.",
                mend="Build the project again.",
                names=", ".join(SENTIMENTS),
            )
        return cls(counts=counts)


def _place(sentiment: str) -> int:
    if sentiment not in _PLACE:
        raise DataError(
            "{sentiment!r} is no sentiment.",
            mend="Sentiments are {names}.",
            sentiment=sentiment,
            names=", ".join(SENTIMENTS),
        )
    return _PLACE[sentiment]
