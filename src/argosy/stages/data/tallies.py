"""What a step let through and what it did not, counted: small, whatever the number of rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from argosy.core.records import Dropped, Example
from argosy.data.labels.checks import Tally, tally


@dataclass(slots=True, kw_only=True)
class Tallies:
    """``kept`` rows, dropped ones by reason, labels with their first places, redacted values by kind."""

    kept: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    labels: dict[str, Tally] = field(default_factory=dict)
    redacted: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(
        cls, kept: Sequence[Example], dropped: Sequence[Dropped], redacted: Mapping[str, int] | None = None
    ) -> "Tallies":
        """The tallies of some rows."""
        return cls(
            kept=len(kept),
            reasons=Counter(row.reason for row in dropped),
            labels=tally(kept),
            redacted=Counter(redacted or {}),
        )

    def add(self, told: Mapping[str, Any]) -> None:
        """Count in what ``to_json`` told of later rows."""
        self.kept += told["kept"]
        self.reasons.update(told["reasons"])
        self.redacted.update(told["redacted"])
        for label, (count, place) in told["labels"].items():
            known = self.labels.get(label)
            self.labels[label] = Tally(
                count=count + (known.count if known else 0), place=known.place if known else place
            )

    def to_json(self) -> dict[str, Any]:
        """Everything, for ``add``."""
        labels = {label: (one.count, one.place) for label, one in self.labels.items()}
        return {
            "kept": self.kept,
            "reasons": dict(self.reasons),
            "labels": labels,
            "redacted": dict(self.redacted),
        }

    def facts(self) -> dict[str, Any]:
        """The counts, for a stage's facts."""
        return {
            "kept": self.kept,
            "dropped": dict(self.reasons.most_common()),
            "labels": {label: one.count for label, one in self.labels.items()},
            "redacted": dict(self.redacted.most_common()),
        }
