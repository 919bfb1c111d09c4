"""What is mined from dialogues: pairs, stored answers, contradictions, and what is out of date."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

FILE = "knowledge/mined.json"
"""Where a model keeps what is known of its stored answers, without the pairs."""
Difference = Literal["number", "amount", "date", "negation", "different"]
"""In which two answers to one question differ: figures with a unit, money, days, yes and no, or altogether."""
Reason = Literal["superseded", "past_date", "not_given"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A customer's question and the answer that a person gave: ``index`` is the turn that the answer begins at.

    ``question`` can be read alone: where it follows on from another, ``refers`` is the other one, which it begins with.
    ``accepted`` None: the customer said neither thanks nor that it is wrong. ``answer_id`` is the stored answer that
    this one belongs to; ``at`` in microseconds since the epoch.
    """

    question: str
    answer: str
    dialogue: str
    index: int
    agent: str = ""
    at: int | None = None
    accepted: bool | None = None
    refers: str = ""
    answer_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An answer that was given, in its most usual words of late: ``keys`` are the questions that it answered.

    ``text`` names in braces what differed from case to case (``slots``). ``given`` times, by ``agents``, between
    ``first`` and ``last`` (microseconds since the epoch).
    """

    id: str
    text: str
    keys: tuple[str, ...]
    slots: tuple[str, ...]
    given: int
    agents: tuple[str, ...]
    language: str
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two answers to one question that cannot both be right; the newer one is kept unless somebody decides otherwise.

    ``question`` is one that was answered by both, or the nearest to that. Where both were given all along, each in
    words of its own, they may belong to different questions: the other one is no more than listed, and not expired.
    """

    question: str
    kept: str
    kept_text: str
    kept_at: int | None
    dropped: str
    dropped_text: str
    dropped_at: int | None
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """A stored answer that holds no more: ``told`` is the id that came after it, or the day (ISO 8601) that is over."""

    id: str
    text: str
    reason: Reason
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mined:
    """All of it; ``left_out`` counts questions and turns that nothing was learnt from, by reason."""

    pairs: tuple[Pair, ...]
    answers: tuple[Stored, ...]
    conflicts: tuple[Conflict, ...]
    expired: tuple[Expired, ...]
    left_out: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told."""
        return cls(
            pairs=tuple(Pair(**one) for one in told["pairs"]),
            answers=tuple(stored_from_json(one) for one in told["answers"]),
            conflicts=tuple(Conflict(**one) for one in told["conflicts"]),
            expired=tuple(Expired(**one) for one in told["expired"]),
            left_out=dict(told["left_out"]),
        )


def stored_from_json(told: Mapping[str, Any]) -> Stored:
    """A stored answer of plain values."""
    tuples: dict[str, Sequence[str]] = {name: tuple(told[name]) for name in ("keys", "slots", "agents")}
    return Stored(**{**told, **tuples})
