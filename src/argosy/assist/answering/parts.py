"""Answers to several questions of one message, as one reply."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from argosy.assist.answering.words import Words, label
from argosy.core.support import Citation, Reply

_GAP = "\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The answer to one question; see Reply."""

    decision: Literal["stored", "composed", "clarify", "unknown"]
    question: str
    text: str
    citations: tuple[Citation, ...] = ()
    entries: tuple[str, ...] = ()
    chance: float = 0.0
    reason: str = ""

    @property
    def answers(self) -> bool:
        """Whether it is an answer."""
        return self.decision in {"stored", "composed"}


def joined(parts: Sequence[Part], words: Words) -> Reply:
    """The parts one after the other, the same one once; what has no answer is named where others have one.

    A person is offered where something is unknown. The chance is the least of the answers given.
    """
    kept = list({(part.text, part.question if part.decision == "unknown" else ""): part for part in parts}.values())
    given = [part for part in kept if part.answers]
    first = kept[0] if not given else given[0]
    text, citations = "", []
    for part in kept:
        told = _told(part, words, alone=len(kept) == 1)
        text += (_GAP if text else "") + told
        at = len(text) - len(told)
        citations += [replace(one, begin=one.begin + at, stop=one.stop + at) for one in part.citations]
    if any(part.decision == "unknown" for part in kept):
        text += words.gap + words.offer if len(kept) == 1 else _GAP + words.offer
    return Reply(
        decision=_decision(kept, given),
        text=text,
        citations=tuple(citations),
        entries=tuple(dict.fromkeys(name for part in given or kept for name in part.entries)),
        chance=min((part.chance for part in given), default=first.chance),
        reason="partly" if given and len(given) < len(kept) else first.reason,
    )


def _told(part: Part, words: Words, *, alone: bool) -> str:
    if part.decision == "unknown" and not alone:
        return words.unknown_about.format(question=label(part.question))
    return part.text


def _decision(kept: Sequence[Part], given: Sequence[Part]) -> Literal["stored", "composed", "clarify", "unknown"]:
    if not given:
        return "clarify" if any(part.decision == "clarify" for part in kept) else "unknown"
    return "stored" if all(part.decision == "stored" for part in kept) else "composed"
