"""The records that flow between rooms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """The next piece of a text that is being generated: whole characters, and the tokens counted since the last piece.

    The last piece, and only that, has a ``finish``: ``stop`` (the model ended, or a stop string came) or ``length``
    (``max_tokens`` or the context is full); its ``prompt_tokens`` is what the prompt cost. ``more`` on it is what an
    assistant tells beside its text, as JSON.
    """

    text: str
    tokens: int
    finish: Literal["stop", "length"] | None = None
    prompt_tokens: int = 0
    more: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a text is generated: temperature 0 always takes the likeliest token; top_k 0, top_p 1 and penalty 1 are off.

    The same seed gives the same text on the same engine and machine; None draws a seed. A stop string ends the text
    and is no part of it.
    """

    max_tokens: int = 256
    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    repetition_penalty: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int | None = None
