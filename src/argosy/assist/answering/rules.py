"""When the assistant answers, asks back, or hands over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from argosy.assist.guarantee.judge import Judge
from argosy.assist.guarantee.thresholds import Thresholds


def _nothing_shown() -> Thresholds:
    return Thresholds(max_wrong=0.05, confidence=0.95, out_of_scope=0.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an assistant keeps to.

    ``share`` is the share of questions without an answer here that is reckoned with. Where the validation rows cannot
    show the promised rate, an answer needs the chance ``1 - max_wrong`` by itself, and ``proven`` says no. From a
    chance of ``near`` on the assistant asks back; two candidates whose chances differ by less than ``apart`` are both
    named. An answer has at most ``longest`` sentences of a source, and ``questions`` of one message are answered.
    """

    thresholds: Thresholds = field(default_factory=_nothing_shown)
    judge: Judge = field(default_factory=Judge)
    share: float = 0.2
    approved_only: bool = False
    language: Literal["en", "zh"] | None = None
    near: float = 0.35
    apart: float = 0.15
    longest: int = 3
    questions: int = 4

    @property
    def threshold(self) -> float:
        """The chance from which an answer is given."""
        shown = self.thresholds.threshold(self.share)
        return 1 - self.thresholds.max_wrong if shown is None else shown

    @property
    def proven(self) -> bool:
        """Whether the validation rows show the promised rate."""
        return self.thresholds.threshold(self.share) is not None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return {**plain, "thresholds": self.thresholds.to_json(), "judge": self.judge.to_json()}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told."""
        thresholds, judge = Thresholds.from_json(told["thresholds"]), Judge.from_json(told["judge"])
        return cls(**{**told, "thresholds": thresholds, "judge": judge})


_PLAIN = ("share", "approved_only", "language", "near", "apart", "longest", "questions")
