"""What may answer a question, out of retrieval and the intents, each with one chance."""

from collections.abc import Sequence
from dataclasses import dataclass

from argosy.assist.guarantee.judge import Judge, Signs
from argosy.assist.retrieval.words import fold
from argosy.core.knowledge import CORRECTED, Entry, Found, Retrieval
from argosy.core.support import Understood


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry that may answer: ``signs`` are what its ``chance`` comes from."""

    found: Found
    signs: Signs
    chance: float

    @property
    def entry(self) -> Entry:
        """What would be answered with."""
        return self.found.entry

    @property
    def name(self) -> str:
        """What a customer is asked whether it is meant: the question it was found by, or the place in a document."""
        return self.found.key or next(iter(self.entry.keys), self.entry.where or self.entry.title)


def candidates(
    judge: Judge, retrieval: Retrieval, understood: Understood, place: int | None, question: str, most: int
) -> Sequence[Candidate]:
    """The likeliest entries for the question at ``place`` of what was understood (None: another one), best first.

    The entry of the likeliest intent is one of them, even where retrieval did not find it. What a person wrote for this
    very question is certain.
    """
    found = list(retrieval.find(question, most))
    intent = known = None
    if place is not None:
        intent = understood.intents[place] if place < len(understood.intents) else None
        known = understood.known[place] if place < len(understood.known) else None
    if intent is not None and all(one.entry.id != intent[0] for one in found):
        entry = retrieval.entry(intent[0])
        if entry is not None:
            least = min((one.score for one in found), default=0.0)
            found.append(Found(entry=entry, score=least, key=""))
    signs = [Signs(score=one.score, intent=_of(intent, one), known=known) for one in found]
    made = [
        Candidate(found=one, signs=sign, chance=1.0 if _written(one) else judge.chance(sign))
        for one, sign in zip(found, signs, strict=True)
    ]
    return sorted(made, key=lambda one: -one.chance)


def letters(text: str) -> str:
    """The letters and digits of a text, in one spelling.

    >>> letters("How do I pay?") == letters("ｈｏｗ ｄｏ ｉ ｐａｙ")
    True
    """
    return "".join(filter(str.isalnum, fold(text)))


def _written(one: Found) -> bool:
    return bool(one.entry.approved and one.entry.document.startswith(CORRECTED) and one.parts.get("exact"))


def _of(intent: tuple[str, float] | None, one: Found) -> float | None:
    """The chance of an entry's own intent: half of what is left, at most, where another one is likelier."""
    if intent is None:
        return None
    return intent[1] if one.entry.id == intent[0] else (1 - intent[1]) / 2
